"""The language of conditions and calculations."""

from dataclasses import dataclass
from datetime import date, datetime

import pytest

from models.forms.expression import DATE, MOMENT, NUMBER, SET, TABLE, TEXT, TRUTH, ExpressionError, evaluate, holds, parse
from models.forms.type_check import check, order

ANSWERS = {
    "B2": date(2026, 3, 31),
    "B3": "0-42 dagen na einde",
    "B5": date(2026, 3, 1),
    "C6": 170.0,
    "C7": 68.0,
    "E1": 3.0,
    "E2": None,
    "G1": frozenset({"eclampsie", "HELLP"}),
    "K2": datetime(2026, 3, 31, 14, 20),
    "K10": [1, 2],
}


@dataclass
class Question:
    kind: str
    options: tuple = ()


QUESTIONS = {
    "B2": Question(DATE), "B3": Question(TEXT, ("zwanger", "0-42 dagen na einde")), "B5": Question(DATE),
    "C6": Question(NUMBER), "C7": Question(NUMBER), "E1": Question(NUMBER), "E2": Question(NUMBER),
    "G1": Question(SET, ("eclampsie", "HELLP", "geen")), "K2": Question(MOMENT), "K10": Question(TABLE),
}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("7 - 2 - 1", 4),
        ("1,5 * 2", 3),
        ('B3 = "zwanger"', False),
        ('B3 ≠ "zwanger"', True),
        ("dagen(B5, B2)", 30),
        ("dagen(B5, B2) <= 42 en B5 <= B2", True),
        ("K2 <= B2", True),
        ("afgerond(C7 / ((C6 / 100) * (C6 / 100)), 1)", 23.5),
        ("afgerond(24,25, 1)", 24.3),
        ("afgerond(24,15, 1)", 24.2),
        ("afgerond(2,5, 0)", 3),
        ("afgerond(0 - 2,5, 0)", -3),
        ('G1 bevat "HELLP"', True),
        ('niet G1 bevat "geen"', True),
        ("b3 = “0-42 dagen na einde”", True),
        ("Niet (g1 Bevat „geen”) EN Dagen(b5, B2) > 1", True),
        ("aantal(G1) + aantal(K10)", 4),
        ("E1 > 2 of E2 > 0", True),
        ("E1 > 5 of E2 > 0", None),
        ("E1 > 5 en E2 > 0", False),
        ("E2 > 0", None),
        ("niet E2 > 0", None),
        ("E2 ingevuld", False),
        ("E1 ingevuld", True),
        ("E1 / 0", None),
        ("B2 <= vandaag()", True),
        ("dag(K2) = B2", True),
    ],
)
def test_an_expression_has_this_value(source, value):
    assert evaluate(parse(source), ANSWERS, today=date(2026, 4, 1)) == value


def test_a_condition_about_something_unknown_does_not_hold():
    assert not holds(parse("E2 > 0"), ANSWERS)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("", "leeg"),
        ("B3 =", "ontbreekt een waarde"),
        ("B3 = zwanger", "'zwanger' bestaat niet"),
        ("(B3", r"ontbreekt een '\)'"),
        ("B3 B5", "niet meer begrepen"),
        ("__import__('os')", "niet begrepen"),
        ("dagen(B5)", "wil 2 waarden"),
        ("(" * 40 + "1" + ")" * 40, "te veel haakjes"),
        ("1 + " * 300 + "1", "1000 tekens"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(source, sentence):
    with pytest.raises(ExpressionError, match=sentence):
        parse(source)


@pytest.mark.parametrize(
    ("source", "expected", "sentence"),
    [
        ("Z9 > 1", TRUTH, "Z9 bestaat niet"),
        ("B2 > 3", TRUTH, "kunnen niet met '>' vergeleken worden"),
        ('B3 > "a"', TRUTH, "'>' kan niet bij tekst"),
        ('B3 = "zwagner"', TRUTH, "kent het antwoord 'zwagner' niet"),
        ('G1 bevat "griep"', TRUTH, "kent het antwoord 'griep' niet"),
        ('B3 bevat "zwanger"', TRUTH, "meerkeuzevraag"),
        ("C6 + 1", TRUTH, "geeft getal, maar hier hoort waar of niet waar"),
        ("C6 = 1", NUMBER, "maar hier hoort getal"),
        ("dagen(C6, B2)", NUMBER, "Waarde 1 van 'dagen'"),
        ("C6 en C7", TRUTH, "Rond 'en'"),
        ("B2 + 1", DATE, r"Rond '\+'"),
    ],
)
def test_what_makes_no_sense_for_these_questions_is_refused_with_a_sentence(source, expected, sentence):
    with pytest.raises(ExpressionError, match=sentence):
        check(parse(source), QUESTIONS, expected)


@pytest.mark.parametrize("source", ["B5 <= B2", "K2 <= B2", 'G1 bevat "geen" of E1 > 1', "E2 ingevuld", "niet (E1 > 1)"])
def test_what_makes_sense_is_accepted(source):
    check(parse(source), QUESTIONS, TRUTH)


def test_an_expression_names_the_questions_it_looks_at():
    assert parse('dagen(B5, B2) > 1 en B3 = "zwanger"').codes() == {"B2", "B3", "B5"}


def test_questions_are_ordered_after_what_they_need():
    ordered = order({"C8": {"C6", "C7"}, "D1": {"C8"}})

    assert ordered.index("C6") < ordered.index("C8") < ordered.index("D1")


def test_a_circle_is_named():
    with pytest.raises(ExpressionError, match="A1 > B1 > A1"):
        order({"A1": {"B1"}, "B1": {"A1"}})
