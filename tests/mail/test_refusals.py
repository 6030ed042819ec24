"""Refusals about mail in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

import pytest

from models.mail.mail_preference import MailPreference, Way
from tests import make
from tests.refusals import Pairs

pair = Pairs()


@pair("Voor deze mail kunt u dat niet kiezen. Ververs de pagina en kies opnieuw.")
def what_must_come_left_out(earns):
    MailPreference.choose(make.user(), {"case_incomplete" if earns else "case_approved": Way.NEVER})


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
