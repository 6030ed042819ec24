"""The questionnaire for maternal death, and the form for LZA1: their content and their paths."""

from collections import Counter

import pytest

from models.base import Refused
from models.questionnaires.form import Form
from tests import filling

NO_BIRTH = {"B3": "zwanger", "B7": "18+0", "E1": 1, "E2": 0}
# cause -> (its own questions, the answers that make the path long)
CAUSES = {
    "bloeding": ({"N1", "N2", "N3", "N4", "L3"}, {}),
    "hart": ({"N14", "N15", "N15a"}, {"N15": "bekend met plan"}),
    "suïcide/psychisch": ({"N16", "N16a", "N17", "N18", "N18a", "N19", "N19a"}, {"N18": "ja"}),
    "trombo-embolie": ({"N8", "N9", "N10"}, {}),
    "hypertensieve ziekte": ({"N5", "N6", "N7"}, {}),
    "infectie": ({"N11", "N12", "N13"}, {}),
}
LONG = {
    **filling.DIED, "F2": 3, "E1": 4, "E2": 3, "D1": "ja", "D5": "ja", "F7": "ja", "G1": ["infectie"],
    "H4": "sectio tijdens baring", "H6": ["spinaal"], "J2": "ja", "J3": "LMWH", "K9": "ja", "L1": "ja", "L2": ["laparotomie"],
    "L2b": "ja", "L4": "ja", "L8": "ja", "M1": "ja", "M2": "ja", "O4": "volledig", "O7": "ja, positief", "P2": "ja",
}  # fmt: skip


@pytest.fixture
def form():
    return filling.form(filling.crf())


def shown(form):
    return {line.item.code for line in form.filled(now=filling.NOW).lines}


def test_it_has_the_119_questions_and_extra_lines_under_them(form):
    mine = Counter(code[0] for code in form.structure.items if code[-1].isdigit())

    assert mine == dict(A=3, B=8, C=11, D=5, E=5, F=11, G=2, H=8, I=4, J=4, K=13, L=8, M=3, N=19, O=8, P=7)
    assert sum(mine.values()) == 119
    assert all(code in form.structure.items or code[:-1] in form.structure.items for code in form.structure.items)


def test_every_question_says_by_itself_what_it_asks(form):
    """In the list of what is open, in the document and in the code book it stands without the question before it."""
    labels = [item.label for item in form.structure.items.values()]
    bare = {"Toelichting", "Reden", "Welke", "Hoeveel dagen", "Door wie", "In behandeling", "Hoogste score", "Eerste ritme"}

    assert len(set(labels)) == len(labels) and not bare & set(labels)


def test_every_required_question_takes_onbekend(form):
    for item in form.structure.items.values():
        if item.required:
            assert "onbekend" in (*item.others, *item.options), item.code


@pytest.mark.parametrize("cause", CAUSES)
def test_the_shortest_path_of_a_cause_ends_complete(form, cause):
    filling.complete(form, {**filling.DIED, **NO_BIRTH, "K1": cause})

    assert Form.get_by_id(form.id).complete
    assert not shown(form) & {"B4", "B5", "B6", "H1", "H4", "I1", "J1", "D2", "E3", "L4a", "L6"}
    others = set().union(*(codes for other, (codes, _) in CAUSES.items() if other != cause))
    assert not (shown(form) & others) - CAUSES[cause][0]
    assert 60 < form.filled(now=filling.NOW).asked < 95


@pytest.mark.parametrize("cause", list(CAUSES)[:4])
def test_the_longest_path_of_a_cause_ends_complete(form, cause):
    codes, answers = CAUSES[cause]
    filling.complete(form, {**LONG, **answers, "K1": cause}, optional=True)

    assert Form.get_by_id(form.id).complete
    assert shown(form) >= codes | {"B6", "D2", "E3", "H5a", "I1", "J2a", "L5", "L4c", "M1a", "M3", "O7a", "P3"}
    assert sum(line.item.code == "I1" for line in form.filled(now=filling.NOW).lines) == 3


def test_everything_may_be_unknown(form):
    filling.finished(form, {code: "onbekend" for code in form.structure.items})

    assert Form.get_by_id(form.id).complete


@pytest.mark.parametrize("cause", list(CAUSES)[:2])
def test_a_questionnaire_is_not_complete_before_the_questions_of_its_cause(form, cause):
    form = filling.finished(form, {**filling.DIED, "K1": cause})
    required = next(code for code in sorted(CAUSES[cause][0]) if form.structure.items[code].required)
    filling.save(form, required, None)

    assert [one.line.item.code for one in form.filled(now=filling.NOW).open] == [required]
    assert form.still_open == 1


def test_the_days_and_the_body_mass_are_calculated(form):
    for code in ("B2", "B3", "B4", "B5", "C6", "C7"):
        filling.save(form, code, filling.DIED[code])
    values = form.filled(now=filling.NOW).values

    assert (values["B6"], values["C8"]) == (12, 25.3)


@pytest.mark.parametrize(
    ("before", "code", "value", "sentence"),
    [
        ({}, "B2", "2026-11-21", "in de toekomst"),
        ({"B2": "2026-03-13", "B3": "0-42 dagen na einde"}, "B5", "2026-03-14", "niet na het overlijden"),
        ({"B2": "2026-03-13", "B3": "0-42 dagen na einde"}, "B5", "2026-01-29", "meer dan 42 dagen"),
        ({"B2": "2026-03-13", "B3": "43 dagen tot 1 jaar na einde"}, "B5", "2026-03-01", "binnen 43 dagen"),
        ({"E1": 2}, "E2", 2, "kleiner zijn dan de graviditeit"),
        ({"E1": 3, "E2": 2}, "E1", 2, "kleiner zijn dan de graviditeit"),
        ({"B2": "2026-03-13", "B3": "0-42 dagen na einde", "B5": "2026-03-01"}, "J1", "2026-02-28", "niet voor het einde"),
        ({"B2": "2026-03-13"}, "K2", "2026-03-14T00:10", "niet na het overlijden"),
        ({}, "B1", 61, "van 12 tot en met 60"),
        ({}, "C10", ["geen", "alcohol"], "niet samen"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_leaves_the_answers_as_they_were(form, before, code, value, sentence):
    for known, answer in before.items():
        filling.save(form, known, answer)
    with pytest.raises(Refused, match=sentence):
        filling.save(form, code, value)
    assert {code: given.kept for (code, _), given in form.given().items()} == before


def test_on_the_day_of_death_itself_everything_may_still_happen(form):
    for code, value in {"B2": "2026-03-13", "B3": "0-42 dagen na einde", "B5": "2026-03-13", "K2": "2026-03-13T23:59"}.items():
        filling.save(form, code, value)


def test_more_than_a_year_falls_outside_the_definition_and_wants_a_reason(form):
    for code, value in {"B2": "2026-03-13", "B3": "43 dagen tot 1 jaar na einde"}.items():
        filling.save(form, code, value)
    saved = filling.save(form, "B5", "2025-03-11")

    assert saved.asks[0][0] == "B5" and "buiten de definitie" in saved.asks[0][1]
    assert "toelichting" in {one.why for one in form.filled(now=filling.NOW).open}
    filling.save(form, "B5", "2025-03-11", reason="De klachten begonnen in het kraambed.")
    assert "toelichting" not in {one.why for one in form.filled(now=filling.NOW).open}


def test_a_perimortem_section_in_a_pregnant_woman_opens_delivery_and_child(form):
    for code, value in {"B3": "zwanger", "B7": "31+0", "L4": "ja", "L6": "ja"}.items():
        filling.save(form, code, value)

    assert shown(form) >= {"H4", "H6", "I1"}
    assert not shown(form) & {"H1", "H2", "H3", "H7", "H8", "J1"}
    filling.save(form, "B7", "19+6")
    assert not shown(form) & {"L6", "H4", "I1"}


def test_a_woman_who_was_not_discharged_was_not_admitted_again(form):
    for code in ("B2", "B3", "B5"):
        filling.save(form, code, filling.DIED[code])
    filling.save(form, "J1", "niet ontslagen")
    assert "J2" not in shown(form)
    filling.save(form, "J1", "2026-03-04")
    assert "J2" in shown(form)


def test_products_are_asked_at_a_bleeding_or_a_transfusion(form):
    filling.save(form, "K1", "hart")
    assert "L3" not in shown(form) and "L2b" in shown(form)
    filling.save(form, "L2b", "ja")
    assert "L3" in shown(form)
    filling.save(form, "K1", "bloeding")
    assert "L3" in shown(form) and "L2b" not in shown(form)


def test_the_lza1_form_ends_complete_and_asks_why_a_case_does_not_fit():
    form = filling.form(filling.lza1())
    filling.complete(form, {**dict.fromkeys(("A1", "A2", "A3", "D2", "D3", "E1", "E2"), "ja"), "C1": "2026-03-05"})
    assert Form.get_by_id(form.id).complete

    saved = filling.save(form, "A3", "nee")
    assert "categorie 2" in saved.asks[0][1] and not Form.get_by_id(form.id).complete
