"""Whatever is sent: an answer is kept, or refused with a sentence."""

import pytest
from hypothesis import HealthCheck, configuration, given, settings
from hypothesis import strategies as st

from models.base import Refused
from models.forms.expression import ExpressionError, parse
from models.forms.kind_notation import kind_from
from models.questionnaires.definition import definition_csv
from tests import conftest, filling
from tests.filling import block, question

NOTATIONS = (
    "keuze: a; b", "meer: geen!; a; b", "ja/nee", "getal (1-5)", "getal (0-9, 2 decimalen)", "weken + dagen",
    "datum; of: nooit", "tijd", "datum + tijd", "tekst (20)", "lang (50)",
    "lijst: t = tijd | n = getal (0-9) | x = tekst (5)", "lijst: p = rij: a; b | n = getal (0-9)", "auto: A4 + 1",
)  # fmt: skip
LIKELY = st.sampled_from(
    [
        "a",
        "b",
        "ja",
        "nee",
        "geen",
        "onbekend",
        "nooit",
        "Onbekend ",
        "3",
        "3,5",
        "32+4",
        "2026-03-05",
        "5-3-2026",
        "14:20",
        "2026-03-05T14:20",
        "x" * 30,
        "",
        " ",
        "\x00",
        "\ud800",
        "=1+1",
        "٣",
        0,
        3,
        -1,
        1e308,
        10**4000,
        True,
        None,
        b"x",
        {"anders": "onbekend"},
        {"anders": []},
        {"weken": 3, "dagen": 9},
        {"t": "9:00"},
        [{"t": "9:00", "n": 3}],
        [{"p": "a", "n": 1}] * 2,
        [{"p": {}, "n": 1}],
    ]
)
FORMULAS = ["A1", "(", ")", '"a"', "en", "of", "niet", "=", "<", "1", "dagen", ",", "bevat"]
WORDS = ["keuze", "meer", "getal", ":", ";", "(", "1-5", ")", "lijst", "=", "|", "rij", "!"]
ANYTHING = st.recursive(
    LIKELY | st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("tnxp") | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)
configuration.set_hypothesis_home_dir(conftest.DATA / "hypothesis")
CALM = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def form():
    rows = [
        question(f"A{number}", text, "" if text.startswith("auto") else "O", checks="weiger als A4 > 3 | Te veel.")
        for number, text in enumerate(NOTATIONS, 1)
    ]
    return filling.form(filling.questionnaire(*rows, question("B1", "tekst"), blocks=[block("A"), block("B", "", "A4")]))


@settings(CALM, max_examples=150)
@given(st.sampled_from([*(f"A{number}" for number in range(1, 16)), "B1"]) | ANYTHING, ANYTHING, LIKELY, LIKELY)
def test_saving_raises_nothing_but_a_refusal_and_what_is_kept_reads_back(form, code, value, revision, repeat):
    for more in ({}, {"seen_revision": revision, "repeat": repeat}):
        try:
            saved = form.put(code, value, form.case.reporter, **more)
        except Refused as refusal:
            assert str(refusal)
        else:
            item = form.structure.items[code]
            assert item.answer.computed or item.read(saved.kept) == saved.kept
            assert isinstance(item.shown(saved.kept), str)
    assert form.still_open == len(form.filled().open)


@settings(CALM, max_examples=300)
@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["A1", "(", ")", '"a"', "en", "of", "niet", "=", "<", "1", "dagen", ",", "bevat"])).map(" ".join)
)
def test_a_formula_is_understood_or_refused(source):
    try:
        parse(source)
    except ExpressionError as reason:
        assert str(reason).endswith(".")


@settings(CALM, max_examples=300)
@given(st.text(max_size=40) | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_a_notation_is_understood_or_refused(text):
    try:
        kind_from(text)
    except ExpressionError as reason:
        assert str(reason).endswith(".")


@settings(CALM, max_examples=200)
@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: (",".join(definition_csv.COLUMNS) + "\n" + text).encode("utf-8", "replace"))
)
def test_a_file_is_read_or_refused(content):
    try:
        definition_csv.load(content)
    except Refused as refusal:
        assert str(refusal)
