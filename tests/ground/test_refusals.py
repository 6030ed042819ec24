"""Refusals of rights and of typed text in pairs: who or what earns the sentence, and the nearest neighbour, which passes."""

import pytest

from models import access, typed_text
from models.access import ABILITY_SENTENCES, Process, Role
from tests import make
from tests.refusals import Pairs

pair = Pairs()

# ability: who may not, who is nearest and may, where
NEAREST = {
    "create": (Role.INVOERDER, Role.MELDER, Process.NETHOSS),
    "complete": (Role.LZA1_MELDER, Role.INVOERDER, Process.NETHOSS),
    "answer": (Role.INVOERDER, Role.MELDER, None),
    "review": (Role.LZA1_COORDINATOR, Role.COORDINATOR, Process.NETHOSS),
    "study": (Role.COORDINATOR, Role.COMMISSIELID, Process.NETHOSS),
    "curate": (Role.MELDER, Role.BEHEERDER, Process.LZA1),
    "manage": (Role.COORDINATOR, Role.BEHEERDER, None),
    "vouch": (Role.INVOERDER, Role.MELDER, None),
    "disclose": (Role.INVOERDER, Role.LZA1_MELDER, None),
    "deliver": (Role.LNR_BEHEER, Role.LNR_CONTACT, None),
    "oversee": (Role.LNR_CONTACT, Role.LNR_BEHEER, None),
    "consult": (Role.MELDER, Role.LNR_CONTACT, None),
}


def nearest(ability):
    nobody, somebody, process = NEAREST[ability]
    return lambda earns: access.demand(make.user(role=nobody if earns else somebody), ability, process)


pair.update({ABILITY_SENTENCES[ability]: nearest(ability) for ability in NEAREST})


@pair("Dit antwoord wordt niet begrepen. Vul het opnieuw in.")
def no_text(earns):
    typed_text.tidy(["a"] if earns else "a", 10)


@pair("Dit antwoord is te lang: hoogstens 10 tekens.")
def far_too_long(earns):
    typed_text.tidy("a" * (1001 if earns else 10), 10)


@pair("Dit antwoord is te lang: 11 tekens, hoogstens 10.")
def one_too_long(earns):
    typed_text.tidy(" " + "a" * (10 + earns), 10)


@pair("Dit antwoord bevat tekens die niet opgeslagen kunnen worden.")
def letters_that_nobody_types(earns):
    typed_text.tidy("a\x00" if earns else "a\u200b", 10)


@pair("Gebruik een e-mailadres zonder accenten")
def address_with_an_accent(earns):
    typed_text.mailable("renée@example.com" if earns else "renee@example.com")


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
