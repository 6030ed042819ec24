"""Refusals about mail in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

import pytest

from models import clock
from models.base import Refused
from models.mail.mail_preference import MailPreference, Way
from models.mail.mail_schedule import MailSchedule
from models.mail.sending_hold import SendingHold
from models.mail.wording import wording_proof
from models.mail.wording.mail_wording import MailWording, can_change, delivered
from models.monthly.monthly_request import MonthlyCall
from models.operations.rehearsal.mail_preview import MailDay
from tests import make
from tests.refusals import Pairs

pair = Pairs()


@pair("Voor deze mail kunt u dat niet kiezen. Ververs de pagina en kies opnieuw.")
def what_must_come_left_out(earns):
    MailPreference.choose(make.user(), {"case_incomplete" if earns else "case_approved": Way.NEVER})


@pair("Iemand heeft de planning intussen gewijzigd. Bekijk die opnieuw.")
def a_schedule_that_another_changed(earns):
    MailSchedule.amend(make.coordinator(), 1 if earns else 0, send_hour=9)


def _hold(**other):
    known = {
        "person": make.user().id,
        "name": "reminder",
        "until": clock.today(),
        "reason": "Belt morgen.",
    } | other
    return SendingHold.hold(make.coordinator(), known["person"], known["name"], known["until"], known["reason"])


@pair("Deze persoon krijgt zulke mails niet.")
def a_mail_held_to_who_gets_none(earns):
    _hold(**{"person": make.coordinator().id} if earns else {})


@pair("Deze soort mail kunt u niet tegenhouden.")
def a_mail_held_that_cannot_wait(earns):
    _hold(name="invitation" if earns else "monthly_request")


@pair("Kies een dag vanaf vandaag, hoogstens een jaar vooruit.")
def a_hold_until_yesterday(earns):
    _hold(until=clock.today() - clock.DAY * earns)


@pair("Vul in waarom. Uw collega's lezen dit ook.")
def a_hold_without_a_reason(earns):
    _hold(reason=" " if earns else "De secretaris belt morgen.")


@pair("Dit wordt niet meer tegengehouden.")
def a_hold_lifted_twice(earns):
    hold = _hold()
    if earns:
        hold.lift(make.coordinator())
    hold.lift(make.coordinator())


@pair("is niet gepauzeerd.")
def a_pause_that_is_none(earns):
    hospital = make.hospital()
    if not earns:
        SendingHold.pause(hospital, make.coordinator(), clock.today(), "Verhuizing.")
    SendingHold.resume(hospital, make.coordinator())


def _amend(name="case_closed", seen=0):
    words = delivered(name if name in can_change() else "case_closed")
    return MailWording.amend(make.coordinator(), name, seen, words.subject, f"{words.text}\n\nMet dank.")


@pair("De tekst van deze mail ligt vast.")
def words_of_a_mail_that_has_none(earns):
    _amend("account" if earns else "case_closed")


@pair("Iemand heeft deze zin intussen gewijzigd. Bekijk de zin opnieuw.")
def phrase_that_moved(earns):
    MailWording.amend(make.coordinator(), "closed_double", int(earns), "", "Deze casus is al gemeld.")


@pair("Iemand heeft deze tekst intussen gewijzigd. Bekijk de mail opnieuw.")
def words_that_another_changed(earns):
    _amend(seen=1 if earns else 0)


@pair("U hebt net al een proefmail gevraagd. Over een minuut kan het opnieuw.")
def a_second_try_out_in_a_minute(earns):
    by, words, now = make.coordinator(), delivered("case_closed"), clock.now()
    for moment in (now, now if earns else now + clock.MINUTE):
        wording_proof.send(by, "case_closed", words.subject, words.text, moment)


@pair("Hef de pauze eerst op.")
def a_reminder_to_a_paused_hospital(earns):
    by, month = make.user(), clock.previous_month(clock.today())
    MonthlyCall.open_all(month)
    if earns:
        SendingHold.pause(by.hospital, make.coordinator(), clock.today(), "Verhuizing.")
    MonthlyCall.remind(by.hospital, month, make.coordinator())


@pair("Kies een dag vanaf vandaag, hoogstens twee maanden vooruit.")
def a_rehearsal_of_yesterday(earns):
    MailDay.of(clock.today() - clock.DAY * earns, make.coordinator())


def test_a_phrase_has_no_link():
    with pytest.raises(Refused, match="Zet geen link in deze zin"):
        MailWording.amend(make.coordinator(), "closed_double", 0, "", "Kijk op www.example.nl")
    MailWording.amend(make.coordinator(), "closed_double", 0, "", "Kijk elders")


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
