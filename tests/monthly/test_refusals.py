"""Refusals about months in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

import pytest

from models import clock
from models.monthly.month_answer import MonthAnswer, Proof
from models.monthly.monthly_request import MOST_CHANGES, MonthlyCall
from tests import make
from tests.refusals import Pairs

pair = Pairs()


@pair("Een nul-melding is daarom niet mogelijk.")
def zero_beside_a_case(earns):
    by = make.user()
    make.case(by=by, month="2026-10" if earns else "2026-09")
    make.zero(by, "2026-10")


@pair("Deze maand is nog niet voorbij. Een nul-melding kan pas daarna.")
def running_month(earns):
    month = clock.add_months(clock.month_of(clock.today()), 0 if earns else -1)
    if not earns:
        MonthAnswer.zero_by_telephone(make.hospital(), month, make.coordinator(), "Anna")
    MonthAnswer.zero_in_portal(month, make.user())


@pair("Deze maand is meer dan twee jaar geleden.")
def old_month(earns):
    MonthAnswer.zero_in_portal(clock.add_months(clock.month_of(clock.today()), -25 if earns else -24), make.user())


@pair("Een casus wordt op de pagina van de melding ingetrokken.")
def withdraw_a_case(earns):
    by, month = make.user(), clock.add_months(clock.month_of(clock.today()), -1)
    if earns:
        make.case(by=by, month=month)
    else:
        make.zero(by, month)
    MonthAnswer.standing(by.hospital_id, month).withdraw(by)


@pair("Alleen een melder van het eigen ziekenhuis of de coördinator kan dit doen.")
def zero_of_another_hospital(earns):
    by = make.user()
    make.zero(by).withdraw(make.user(hospital=None if earns else by.hospital))


@pair("Dit ziekenhuis heeft over deze maand al geantwoord.")
def answered(earns):
    call = _called()
    if earns:
        make.zero(call.user, call.month)
    MonthlyCall.remind(call.hospital, call.month, make.coordinator())


@pair("Er is geen melder met een link die nog werkt.")
def expired(earns):
    call = _called()
    if earns:
        MonthlyCall.update(expires_at=clock.now()).execute()
    MonthlyCall.remind(call.hospital, call.month, make.coordinator())


@pair("Het antwoord over deze maand is al vaak gewijzigd.")
def changed_often(earns):
    call = _called()
    for _ in range(MOST_CHANGES + earns):
        make.zero(call.user, call.month).withdraw(call.user)
    call.answer_zero(Proof.KNOP)


def _called():
    by, month = make.user(), clock.previous_month(clock.today())
    MonthlyCall.open_all(month)
    return MonthlyCall.get(MonthlyCall.user == by)


@pair("Vul in wie u hebt gesproken.")
def call_with_nobody(earns):
    month = clock.previous_month(clock.today())
    MonthAnswer.zero_by_telephone(make.hospital(), month, make.coordinator(), " " if earns else "Anna")


@pair("Deze link is verlopen. Log in om uw antwoord te wijzigen.")
def undone_too_late(earns):
    call = _called()
    call.answer_zero(Proof.KNOP)
    if earns:
        call.expires_at = clock.now()
    call.withdraw_zero()


@pair("Deze link werkt niet meer.")
def of_a_melder_who_left(earns):
    call = _called()
    if earns:
        call.user.hospital = make.hospital()
        call.user.save()
    call.answer_zero(Proof.KNOP)


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
