"""Refusals about the review of the log in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

import pytest

from models import clock
from models.access import Role
from models.audit.monthly_review import NOTE_MAX, AuditReview
from tests import make
from tests.refusals import Pairs

pair = Pairs()


@pair("is nog niet voorbij. Teken de maand af als die voorbij is.")
def running_month(earns):
    _sign(month=clock.add_months(clock.month_of(clock.today()), 0 if earns else -1))


@pair("Schrijf in een paar woorden op wat u hebt bekeken en wat u vond.")
def signed_without_a_word(earns):
    _sign(note=" " if earns else "Niets bijzonders.")


@pair(f"Uw bevinding is langer dan {NOTE_MAX} tekens. Maak die korter.")
def signed_at_length(earns):
    _sign(note="x" * (NOTE_MAX + earns))


@pair("Bea heeft oktober 2026 al afgetekend.")
def signed_twice(earns):
    for _ in range(1 + earns):
        _sign(month="2026-10" if earns else "2026-09")


def _sign(month=None, note="Gezien."):
    by = make.user(role=Role.BEHEERDER, name="Bea")
    AuditReview.sign(month or clock.previous_month(clock.today()), by, note)


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
