"""Kinds of answers, taken apart for a form and put together again."""

import pytest

from models.forms.kind_notation import KIND_LABELS, apart, kind_from, together
from tests import filling


@pytest.mark.parametrize("first", [filling.crf, filling.lza1])
def test_every_kind_of_the_first_questionnaires_goes_through_the_form_unchanged(first):
    for row in first().in_force().questions:
        assert together(*apart(row.answer)) == row.answer


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("keuze", "thuis\r\n\n elders ", ""), "keuze: thuis; elders"),
        (("meer", "geen!\nkoorts", "weet ik niet"), "meer: geen!; koorts; of: weet ik niet"),
        (("getal", " 2-15, 1 decimaal ", ""), "getal (2-15, 1 decimaal)"),
        (("getal", "", ""), "getal"),
        (("datum", "wat er nog stond", "niet ontslagen"), "datum; of: niet ontslagen"),
        (("lijst", "tijd = tijd\npols = getal (0-300)", ""), "lijst: tijd = tijd | pols = getal (0-300)"),
        (("auto", "dagen(B5,\nB2)", ""), "auto: dagen(B5, B2)"),
    ],
)
def test_what_a_form_says_becomes_the_notation(parts, text):
    assert together(*parts) == text


def test_every_kind_has_its_words_and_what_cannot_be_taken_apart_stays_as_it_is():
    assert [apart(text)[0] for text in SAMPLES if kind_from(text)] == list(KIND_LABELS)
    assert apart("Kleur!") == ("", "Kleur!", "")


SAMPLES = (
    "keuze: a; b", "meer: a; b", "ja/nee", "getal", "weken + dagen", "datum", "tijd", "datum + tijd", "tekst", "lang (8000)",
    "lijst: a = tijd", "auto: 1 + 1",
)  # fmt: skip
