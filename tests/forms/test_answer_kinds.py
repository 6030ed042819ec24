"""Kinds of answers: how they are written, read, kept and shown."""

import pytest

from models.base import Refused
from models.forms.expression import ExpressionError
from models.forms.form_structure import Item
from models.forms.kind_notation import kind_from
from models.questionnaires.privacy_warnings import veiled, warnings
from models.questionnaires.swansea import swansea
from tests import filling


def test_an_option_that_reads_as_another_answer_but_for_case_can_be_chosen():
    answer, _ = kind_from("keuze: Thuis; Onbekend")
    item = Item("A1", "A", "Waar?", "", "", True, answer, ("onbekend",))

    assert item.read("Onbekend") == "Onbekend" and item.value("Onbekend") == "Onbekend"
    assert item.read("onbekend") == item.read(" ONBEKEND ") == {"anders": "onbekend"}


@pytest.mark.parametrize(
    ("notation", "raw", "kept", "shown"),
    [
        ("keuze: thuis; elders", " thuis ", "thuis", "thuis"),
        ("keuze: voor; < 24 u na; ≥ 24 u na", "≥ 24 u na", "≥ 24 u na", "≥ 24 u na"),
        ("meer: geen!; a; b", ["b", "a", "b"], ["a", "b"], "a; b"),
        ("meer: geen!; a; b", "geen", ["geen"], "geen"),
        ("meer: geen!; a; b", [], None, None),
        ("ja/nee", "nee", "nee", "nee"),
        ("getal (12-60)", "034", 34, "34"),
        ("getal (1-15, 1 decimaal)", "6,20", 6.2, "6,2"),
        ("getal (1-15, 1 decimaal)", 6.2, 6.2, "6,2"),
        ("getal (0-9)", 0, 0, "0"),
        ("getal (0-99999)", "1.000", 1000, "1000"),
        ("getal (0-99999)", "12.000", 12000, "12000"),
        ("getal (0-9999999)", "1.250.000", 1_250_000, "1250000"),
        ("getal (0-99999, 1 decimaal)", "1.000,5", 1000.5, "1000,5"),
        ("getal (0-9, 3 decimalen)", "1,234", 1.234, "1,234"),
        ("getal (0-9, 3 decimalen)", 1.234, 1.234, "1,234"),
        ("getal (0-9, 3 decimalen)", "0.500", 0.5, "0,5"),
        ("weken + dagen", "32+4", "32+4", "32 weken + 4 dagen"),
        ("weken + dagen", "32 + 1", "32+1", "32 weken + 1 dag"),
        ("weken + dagen", {"weken": "32", "dagen": ""}, "32+0", "32 weken + 0 dagen"),
        ("datum", "2026-03-05", "2026-03-05", "5-3-2026"),
        ("datum", "5-3-2026", "2026-03-05", "5-3-2026"),
        ("datum", "29-2-2028", "2028-02-29", "29-2-2028"),
        ("tijd", "9:05", "09:05", "09:05"),
        ("datum + tijd", "2026-03-05T09:05", "2026-03-05T09:05", "5-3-2026, 09:05"),
        ("datum + tijd", "5-3-2026 9:05", "2026-03-05T09:05", "5-3-2026, 09:05"),
        ("tekst (20)", " regel een\r\nregel twee ", "regel een\nregel twee", "regel een\nregel twee"),
        ("tekst (20)", "cre\u0300me \u202etxt", "crème txt", "crème txt"),
        ("lijst: t = tijd | p = getal", [{"t": "9:05", "p": "80"}, {}], [{"t": "09:05", "p": 80}], "t: 09:05; p: 80"),
        ("lijst: p = rij: a; b | n = getal", [{"p": "b", "n": 1}, {"p": "a", "n": 2}], [{"p": "a", "n": 2}, {"p": "b", "n": 1}],
         "p: a; n: 2\np: b; n: 1"),
        ("lijst: p = rij: a; b | n = getal (0-9)", [{"p": "a", "n": ""}], None, None),
    ],
)  # fmt: skip
def test_an_answer_is_read_kept_and_shown_like_this(notation, raw, kept, shown):
    kind, _ = kind_from(notation)

    assert kind.read(raw) == kept
    if kept is not None:
        assert kind.shown(kept) == shown and kind.read(kept) == kept


@pytest.mark.parametrize(
    ("notation", "raw"),
    [
        ("keuze: a; b", "c"), ("keuze: a; b", ["a"]), ("meer: geen!; a", ["geen", "a"]), ("meer: a; b", ["c"]),
        ("meer: a; b", {"a": 1}), ("ja/nee", True), ("getal (1-5)", "6"), ("getal (1-5)", "1,5"), ("getal (1-5)", "٣"),
        ("getal", "1e5"),
        ("getal", float("nan")), ("getal", float("inf")), ("getal", 10**400), ("getal", True), ("getal", "-1"),
        ("weken + dagen", "32+7"), ("weken + dagen", "46"),
        ("weken + dagen (24-45)", "23+6"), ("weken + dagen", {"weken": 10**5000}), ("datum", "30-2-2026"),
        ("datum", "gisteren"), ("datum", "20260305"), ("datum", "1-1-0001"), ("tijd", "24:00"), ("tijd", "9"),
        ("datum + tijd", "2026-03-05"), ("tekst (5)", "zes zes"), ("tekst", 5), ("tekst", "a\x07"), ("tekst", b"a"),
        ("lijst: a = tijd", "x"), ("lijst: a = tijd", [{"b": "9:00"}]), ("lijst: a = tijd", [{"a": "9:99"}]),
        ("lijst: a = tijd", [["a"]]), ("lijst: a = tijd", [{"a": "9:00"}] * 61),
        ("lijst: p = rij: a; b | n = getal", [{"p": "c", "n": 1}]),
        ("lijst: p = rij: a; b | n = getal", [{"p": "a", "n": 1}, {"p": "a", "n": 2}]),
        ("lijst: p = rij: a; b | n = getal", [{"p": ["a"], "n": 1}]), ("auto: 1 + 1", 2),
    ],
)  # fmt: skip
def test_what_is_no_such_answer_is_refused_with_a_sentence(notation, raw):
    with pytest.raises(Refused) as refusal:
        kind_from(notation)[0].read(raw)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    ("notation", "raw", "sentence"),
    [
        ("getal (0-99999, 1 decimaal)", "1.000", "Bedoelt u 1000 of 1?"),
        ("getal (0-99999, 3 decimalen)", "1.234", "Bedoelt u 1234 of 1,234?"),
        ("getal (0-99999)", "12,000", "Bedoelt u 12000 of 12?"),
        ("getal (0-9, 1 decimaal)", "1,25", "hoogstens 1 cijfer achter"),
    ],
)
def test_a_number_that_may_be_a_thousand_times_as_much_is_asked_back(notation, raw, sentence):
    with pytest.raises(Refused) as refusal:
        kind_from(notation)[0].read(raw)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    ("notation", "sentence"),
    [
        ("kleur", "geen soort antwoord"), ("keuze", "ten minste twee"), ("keuze: a", "ten minste twee"),
        ("keuze: a; a", "twee keer"),
        ("getal (5)", "grenzen"), ("getal (5-1)", "kleiner"), ("tekst (x)", "aantal tekens"), ("lijst", "ten minste één kolom"),
        ("lijst: a", "naam = soort"), ("lijst: a = tijd | a = tijd", "twee keer"),
        ("lijst: a = lijst: b = tijd", "kan geen lijst"),
        ("auto", "geen soort antwoord"), ("datum: a; b", "geen soort antwoord"), ("JA/NEE", "geen soort antwoord"),
    ],
)  # fmt: skip
def test_a_slip_in_the_notation_is_told_in_a_sentence(notation, sentence):
    with pytest.raises(ExpressionError, match=sentence):
        kind_from(notation)


def test_an_answer_may_be_something_else_than_its_kind():
    _, others = kind_from("datum; of: niet ontslagen, overgeplaatst")
    assert others == ("niet ontslagen", "overgeplaatst")


@pytest.mark.parametrize("typed", ["nog op IC", "Nog op ic", {"anders": "nog op IC"}])
def test_another_answer_may_have_capitals(typed):
    made = filling.questionnaire(filling.question("A1", "datum; of: nog op IC")).in_force()
    assert made.structure.items["A1"].read(typed) == {"anders": "nog op IC"}


def test_dates_in_a_text_become_days_and_numbers_go():
    text = "Op 12-03-2026 en 5 maart 2026; BSN 111222333, Hb 6,2, 12/4, 30-2-2026."
    told = veiled(text, lambda day: f"{day:%d.%m}")
    assert told == "Op [12.03] en [05.03]; BSN [weggelaten], Hb 6,2, 12/4, 30-2-2026."


@pytest.mark.parametrize(
    "typed",
    [
        "12-03-2026", "12\u201103\u20112026", "12 – 3 – 2026", "12  maart  2026", "12\nmaart 2026", "12e maart 2026",
        "12de mrt. 2026", "12-3-'26", "12 maart ’26", "2026-03-12T14:20", "2026/03/12", "12\u00a0maart\u00a02026",
        "1\u200b2-03-2026", "12-mrt-2026",
    ],
)  # fmt: skip
def test_a_date_is_found_however_it_is_written(typed):
    (warning,) = warnings([f"gezien op {typed} thuis"])
    assert "volledige datum" in warning
    assert veiled(f"gezien op {typed} thuis", str).replace("T14:20", "") == "gezien op [2026-03-12] thuis"


@pytest.mark.parametrize(
    "typed", ["06-12345678", "+31 6 1234 5678", "bel 06\u201112345678", "a.jansen@ziekenhuis.nl", "3511 AB", "BSN: 11122233 3"]
)
def test_what_is_warned_about_does_not_reach_the_document(typed):
    assert warnings([typed])
    told = veiled(typed, str)
    assert "[weggelaten]" in told and warnings([told]) == []


@pytest.mark.parametrize(
    "typed", ["12 mei 20 mg gegeven", "RR 140/90, 12/4", "G2P1, 39+2, 2x 500 mg", "Hb 6.2-7.1-5.9", "1.000-1.500-2.000 ml"]
)
def test_measurements_stay(typed):
    assert warnings([typed]) == [] and veiled(typed, str) == typed


def test_the_swansea_helper_counts_and_warns_and_never_decides():
    helper = swansea()
    codes = [code for code, _ in helper.criteria]

    assert len(codes) == 14 and "laboratorium" in helper.caution
    assert helper.counted([]).startswith("0 van 14") and "minder dan de grens" in helper.counted(codes[:5])
    assert "past bij" in helper.counted([*codes[:6], codes[0], "onzin"]) and helper.counted(codes[:6]).startswith("6 van 14")
