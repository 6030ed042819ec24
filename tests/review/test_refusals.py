"""Refusals about calls in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

from datetime import timedelta

import pytest

from models import clock
from models.review.call_log import NOT_REACHED, LoggedCall
from tests import make
from tests.refusals import Pairs

pair = Pairs()


@pair("Kies hoe het gesprek ging.")
def call_without_an_outcome(earns):
    _log(outcome="" if earns else NOT_REACHED)


@pair("Vul in met wie u sprak.")
def call_with_nobody(earns):
    _log(outcome="gesproken" if earns else NOT_REACHED, spoken_to="")


@pair("Dit is geen dag om terug te bellen.")
def day_that_is_none(earns):
    _log(call_back=True, call_back_on=None if earns else clock.today())


@pair("Kies om terug te bellen een dag vanaf vandaag, hoogstens een jaar vooruit.")
def day_that_has_been(earns):
    _log(call_back=True, call_back_on=clock.today() - timedelta(days=earns))


@pair("Dit formulier is al gebruikt.")
def form_of_another_call(earns):
    _log(key="twee" if earns else "drie")
    _log(key="twee" if earns else "vier")


def _log(outcome="gesproken", spoken_to="Anna", key=None, **more):
    key = key or make.hospital().code
    LoggedCall.log(make.hospital(), make.coordinator(), key, outcome, spoken_to, **more)


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
