"""Refusals of typed answers in pairs: what earns the sentence, and its nearest neighbour, which is kept."""

import pytest

from models.forms.form_structure import Item
from models.forms.kind_notation import kind_from
from models.forms.table_answers import MOST_ROWS
from tests.refusals import Pairs

pair = Pairs()

LIST = "lijst: middel = tekst (20) | dosis = getal (1-5)"
FIXED = "lijst: middel = rij: oxytocine; carbetocine | dosis = getal (1-5)"
ONE, OTHER = {"middel": "oxytocine", "dosis": "1"}, {"middel": "carbetocine", "dosis": "1"}
# sentence: kind of answer, what earns it, its neighbour
TYPED = {
    "Bedoelt u 1200 of 1,2? Schrijf een groot getal zonder punt of komma.": ("getal (0-5000)", "1,200", "1200"),
    "en zet een komma voor de decimalen.": ("getal (0-5000, 1 decimaal)", "1.200", "1,2"),
    "Dit antwoord staat niet in de lijst. Kies een van de antwoorden.": ("keuze: thuis; elders", "hier", "elders"),
    "Een van deze antwoorden staat niet in de lijst. Kies uit de lijst.": ("meer: koorts; pijn", ["hoest"], ["pijn"]),
    "Vul een getal in, bijvoorbeeld 12.": ("getal (0-99)", "twaalf", "12"),
    "Vul een getal in, bijvoorbeeld 12 of 12,5.": ("getal (0-99, 1 decimaal)", "twaalf", "12,5"),
    "Vul een getal in, bijvoorbeeld 1.": ("getal (1-5)", "één", "1"),
    "Vul hoogstens 1 cijfer achter de komma in.": ("getal (0-99, 1 decimaal)", "1,25", "1,20"),
    "Vul een heel getal in.": ("getal (0-99)", "1,5", "1,0"),
    "Vul een getal in van 1 tot en met 5.": ("getal (1-5)", "6", "5"),
    "Vul hele weken (22 tot en met 30) en dagen (0 tot en met 6) in, bijvoorbeeld 22+4.": (
        "weken + dagen (22-30)",
        "31+0",
        "22+4",
    ),
    "Vul een datum in, bijvoorbeeld 5-3-2026.": ("datum", "5 maart", "5-3-2026"),
    "Deze datum bestaat niet.": ("datum", "29-2-2026", "29-2-2028"),
    "Controleer het jaar van deze datum.": ("datum", "5-3-1626", "5-3-1926"),
    "Vul een tijd in, bijvoorbeeld 14:20.": ("datum + tijd", "5-3-2026 24:20", "5-3-2026 14:20"),
    "Vul ook de tijd in, bijvoorbeeld 14:20. Een schatting is goed.": ("datum + tijd", "5-3-2026", "5-3-2026 14:20"),
    "Deze lijst wordt niet begrepen. Vul deze opnieuw in.": (LIST, "x", [{"middel": "x"}]),
    f"Een lijst heeft hoogstens {MOST_ROWS} regels.": (
        LIST,
        [{"middel": "x"}] * (MOST_ROWS + 1),
        [{"middel": "x"}] * MOST_ROWS,
    ),
    "Deze lijst heeft een kolom die niet bestaat.": (LIST, [{"arts": "x"}], [{"middel": "x"}]),
    "Regel 1 van deze lijst bestaat niet.": (FIXED, [{"middel": "x", "dosis": "1"}], [ONE]),
    "Een regel van deze lijst komt dubbel voor.": (FIXED, [ONE, ONE], [ONE, OTHER]),
}


def typed(kind, wrong, right):
    return lambda earns: kind_from(kind)[0].read(wrong if earns else right)


pair.update({sentence: typed(*about) for sentence, about in TYPED.items()})


@pair("Vul ook de datum in.")
def time_without_a_day(earns):
    kind_from("datum + tijd")[0].joined({"dag": ["" if earns else "5-3-2026"], "tijd": ["14:20"]})


@pair("Dit antwoord kan niet bij deze vraag.")
def other_answer_of_another_question(earns):
    _asked("datum; of: niet ontslagen").read({"anders": "onbekend" if earns else "niet ontslagen"})


@pair("'onbekend' kan niet samen met een ander antwoord.")
def unknown_beside_an_answer(earns):
    _asked("meer: koorts; pijn; of: onbekend").sent({"": ["onbekend", *(["pijn"] if earns else [])]})


@pair("U vulde iets in en koos ook 'onbekend'. Haal een van beide weg.")
def text_beside_a_ticked_unknown(earns):
    _asked("getal (1-5); of: onbekend").sent({"": ["2" if earns else " "], "anders": ["onbekend"]})


def _asked(kind):
    answer, others = kind_from(kind)
    return Item("A1", "A", "Vraag?", "", "", True, answer, others)


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
