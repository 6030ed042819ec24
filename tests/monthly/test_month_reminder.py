"""The clock reminds hospitals where nobody answered, once, on the day of the schedule."""

from datetime import date, timedelta

import pytest

from models import clock
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail, MailStatus
from models.mail.sending_hold import SendingHold
from models.monthly.month_answer import MonthAnswer, Proof
from models.monthly.monthly_request import MonthlyCall
from models.operations.rehearsal import due_mail
from models.operations.rehearsal.mail_preview import rehearse
from tests import make

pytestmark = pytest.mark.db_dialect
MONTH = "2026-10"
ASKED = clock.start_of(date(2026, 11, 1), 8)
DAY = date(2026, 11, 15)
HOUR = clock.start_of(DAY, 7)


@pytest.fixture
def coordinator():
    return make.coordinator()


def silent(*melders, at=ASKED):
    """Ask these about MONTH; what was asked has left."""
    MonthlyCall.open_all(MONTH, at)
    Mail.update(status=MailStatus.VERZONDEN, sent_at=at).execute()
    return melders


def reminded():
    """{address: number of reminders}."""
    found = {}
    for mail in Mail.select().where(Mail.name == "monthly_reminder"):
        found[mail.to] = found.get(mail.to, 0) + 1
    return found


def test_who_does_not_answer_is_reminded_once_on_the_day_and_not_before():
    hospital = make.hospital()
    one, colleague, answered, provisional = silent(
        make.user(hospital=hospital), make.user(hospital=hospital), make.user(), make.user()
    )
    MonthAnswer.zero(answered.hospital_id, MONTH, Proof.PORTAAL, by=answered, now=ASKED + clock.DAY)
    MonthAnswer.zero(provisional.hospital_id, MONTH, Proof.KNOP, by=provisional, doubt="scanner", now=ASKED + clock.DAY)
    for now in (HOUR - clock.MINUTE, HOUR, HOUR + clock.MINUTE, HOUR + clock.DAY, HOUR + 9 * clock.DAY):
        due_mail.remind(now)
        expected = {} if now < HOUR else {one.email: 1, colleague.email: 1, provisional.email: 1}
        assert reminded() == expected, now
    words = {
        mail.to: mail.render().get_body(["plain"]).get_content()
        for mail in Mail.select().where(Mail.name == "monthly_reminder")
    }
    assert "nog geen antwoord van" in words[one.email] and "telt nog niet mee" not in words[one.email]
    assert "telt nog niet mee" in words[provisional.email] and "nog geen antwoord van" not in words[provisional.email]
    lines = list(AuditEvent.select().where(AuditEvent.action == "month.remind"))
    assert {line.hospital_id for line in lines} == {hospital.id, provisional.hospital_id} and len(lines) == 2
    assert {line.actor for line in lines} == {None}


def test_what_a_day_out_of_order_missed_is_made_up_for_two_weeks():
    (melder,) = silent(make.user())
    due_mail.remind(HOUR + 14 * clock.DAY)
    assert reminded() == {}, "a month later nobody knows what it is about"
    due_mail.remind(HOUR + 13 * clock.DAY)
    assert reminded() == {melder.email: 1}


def test_who_was_asked_late_is_not_reminded_at_once():
    (melder,) = silent(make.user(), at=clock.start_of(date(2026, 11, 14), 12))
    due_mail.remind(HOUR + clock.DAY)
    assert reminded() == {}
    due_mail.remind(HOUR + 2 * clock.DAY)
    assert reminded() == {melder.email: 1}


def test_where_a_person_reminded_or_the_hospital_is_paused_the_clock_does_not(coordinator):
    by_hand, paused, other = silent(make.user(), make.user(), make.user())
    MonthlyCall.remind(by_hand.hospital, MONTH, coordinator, now=ASKED + 5 * clock.DAY)
    SendingHold.pause(paused.hospital, coordinator, DAY + timedelta(days=1), "fusie", now=ASKED)
    for days in (0, 1):
        due_mail.remind(HOUR + days * clock.DAY)
        assert reminded() == {by_hand.email: 1, other.email: 1}
    due_mail.remind(HOUR + 2 * clock.DAY)
    assert reminded() == {by_hand.email: 1, other.email: 1, paused.email: 1}, "what waited for a pause goes after it"


def test_the_coordinator_chooses_the_day_or_none(coordinator):
    silent(make.user())
    MailSchedule.amend(coordinator, 0, ASKED, remind_day=None)
    due_mail.remind(HOUR)
    assert reminded() == {}
    with pytest.raises(Refused, match="uitvraag zelf"):
        MailSchedule.amend(coordinator, 1, ASKED, remind_day=1)
    MailSchedule.amend(coordinator, 1, ASKED, remind_day=20, send_hour=9)
    due_mail.remind(clock.start_of(date(2026, 11, 20), 9) - clock.MINUTE)
    assert reminded() == {}
    due_mail.remind(clock.start_of(date(2026, 11, 20), 9))
    assert len(reminded()) == 1
    assert "stille ziekenhuizen herinneren: op dag 20" in str(MailSchedule.current())


def test_a_request_late_in_the_month_is_reminded_in_the_next(coordinator):
    MailSchedule.amend(coordinator, 0, ASKED, send_day=20)
    silent(make.user(), at=clock.start_of(date(2026, 11, 20), 8))
    due_mail.remind(clock.start_of(date(2026, 11, 28), 8))
    assert reminded() == {}
    due_mail.remind(clock.start_of(date(2026, 12, 15), 8))
    assert len(reminded()) == 1


def test_it_stands_in_the_rehearsal_of_its_day(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: ASKED + clock.MINUTE)
    (melder,) = silent(make.user())
    foretold = {day: [letter.kind for letter in rehearse(DAY + timedelta(days=day))] for day in (-1, 0, 1)}
    assert foretold == {-1: [], 0: ["monthly_reminder"], 1: []}
    (letter,) = rehearse(DAY)
    assert (letter.to, letter.why) == (melder.email, f"melder van {melder.hospital}, over oktober 2026")
