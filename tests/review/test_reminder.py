"""Reminders after 4, 8 and 12 weeks."""

from datetime import datetime, timedelta

import pytest

from models import clock
from models.access import Role
from models.cases.case import Case
from models.cases.status import Status
from models.mail.outbox import Mail, MailStatus
from models.mail.smtp import FolderPost
from models.review.reminder import Reminder
from tests import make

WAITING = (Status.CONCEPT, Status.ONVOLLEDIG)
SINCE = datetime(2026, 9, 7, 9)  # a Monday, eleven o'clock in the Netherlands


def day(count, since=SINCE):
    """The local date `count` days after `since`."""
    return clock.local_date(since) + timedelta(days=count)


def remind(count, since=SINCE):
    """The morning run on that day; returns how many mails it queued."""
    return Reminder.send_due(day(count, since), clock.start_of(day(count, since), 7))


def reminded(user=None):
    mails = Mail.select().where(Mail.name == "reminder")
    return [mail.to for mail in (mails.where(Mail.user == user) if user else mails).order_by(Mail.id)]


def listed(mail):
    """The numbers of the cases that a mail names; None when there is nothing left to tell."""
    message = mail.render()
    return message and [word for word in message.get_body(["plain"]).get_content().split() if word.startswith("N-")]


# ---- when ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", WAITING)
def test_a_case_that_waits_is_reminded_of_after_four_eight_and_twelve_weeks_and_no_more(status):
    case = make.case(status=status, at=SINCE)

    sent = {count: remind(count) for count in range(0, 200)}

    assert {count for count, mails in sent.items() if mails} == {28, 56, 84}
    assert reminded(case.reporter) == [case.reporter.email] * 3
    assert [row.weeks for row in Reminder.select().order_by(Reminder.id)] == [4, 8, 12]


@pytest.mark.parametrize("status", [Status.INGEDIEND, Status.GOEDGEKEURD, Status.INGETROKKEN])
def test_a_case_that_does_not_wait_for_the_hospital_is_left_alone(status):
    make.case(status=status, at=SINCE)

    assert not any(remind(count) for count in (28, 56, 84, 100))


def test_running_twice_on_a_day_reminds_once():
    make.case(at=SINCE)

    assert [remind(28), remind(28), remind(29)] == [1, 0, 0]


def test_the_count_starts_again_at_each_return():
    case, coordinator = make.case(status=Status.INGEDIEND, at=SINCE), make.coordinator()
    case.mark_incomplete(coordinator, "Ontbreekt.", now=SINCE)
    assert remind(28) == 1

    case.submit(case.reporter, now=SINCE + timedelta(days=35))
    assert remind(56) == 0
    returned = SINCE + timedelta(days=42)
    case.mark_incomplete(coordinator, "Nog iets.", now=returned)

    assert [count for count in range(43, 42 + 60) if remind(count)] == [42 + 28, 42 + 56]


def test_uploading_alone_does_not_stop_the_reminders():
    case = make.case(at=SINCE)
    make.document(case, at=SINCE + timedelta(days=20))

    assert remind(28) == 1


def test_only_the_latest_term_is_sent_after_an_outage():
    make.case(at=SINCE)

    assert [count for count in range(60, 120) if remind(count)] == [60, 84]
    assert [row.weeks for row in Reminder.select().order_by(Reminder.id)] == [8, 12]


@pytest.mark.parametrize(
    "since",
    [
        datetime(2026, 3, 1, 8),  # summer time begins on the day of the reminder
        datetime(2026, 3, 28, 22, 30),  # half past eleven at night, before the night that is an hour short
        datetime(2026, 9, 26, 21, 59),  # a minute before midnight; the 28 days end in the night that is an hour long
        datetime(2026, 10, 24, 22, 30),  # half past midnight of that night
        datetime(2026, 12, 31, 22, 59),  # a minute before the new year
        datetime(2028, 1, 31, 23),  # midnight, in a leap year
    ],
)
def test_weeks_are_counted_in_days_of_the_calendar(since):
    make.case(at=since)

    assert [count for count in (27, 28, 55, 56, 83, 84) if remind(count, since)] == [28, 56, 84]


# ---- who ----------------------------------------------------------------------------------------------------------


def test_a_person_gets_one_mail_a_day_with_all_cases():
    melder = make.user()
    numbers = [make.case(by=melder, at=SINCE).number, make.case(by=melder, status=Status.ONVOLLEDIG, at=SINCE).number]

    assert remind(28) == 1
    assert sorted(listed(Mail.get(Mail.name == "reminder"))) == sorted(numbers)


def test_a_case_that_came_due_after_todays_mail_waits_for_tomorrow():
    melder = make.user()
    make.case(by=melder, at=SINCE)
    assert remind(28) == 1
    late = make.case(by=melder, at=SINCE)

    assert remind(28) == 0
    assert remind(29) == 1
    assert listed(Mail.select().where(Mail.name == "reminder").order_by(Mail.id.desc()).get()) == [late.number]


def test_everybody_who_worked_on_the_case_is_reminded():
    hospital = make.hospital()
    melder, clerk = make.user(hospital=hospital), make.user(role=Role.INVOERDER, hospital=hospital)
    make.user(hospital=hospital), make.user(role=Role.INVOERDER, hospital=hospital)  # did nothing here
    make.document(make.case(by=melder, at=SINCE), by=clerk, at=SINCE)

    assert remind(28) == 2
    assert set(reminded()) == {melder.email, clerk.email}


def test_all_melders_are_reminded_when_the_melder_has_left():
    hospital = make.hospital()
    gone, first, second = (make.user(hospital=hospital) for _ in range(3))
    make.user(role=Role.INVOERDER, hospital=hospital), make.user()  # another role, another hospital
    make.case(by=gone, at=SINCE)
    gone.deactivate()

    assert remind(28) == 2
    assert set(reminded()) == {first.email, second.email}


def test_a_clerk_who_left_is_not_reminded():
    melder = make.user()
    clerk = make.user(role=Role.INVOERDER, hospital=melder.hospital)
    make.document(make.case(by=melder, at=SINCE), by=clerk, at=SINCE)
    clerk.deactivate()

    remind(28)
    assert reminded() == [melder.email]


# ---- what is true when it leaves ----------------------------------------------------------------------------------


def test_a_case_that_was_submitted_meanwhile_is_not_in_the_mail(tmp_path):
    melder = make.user()
    done, open_still = make.case(by=melder, at=SINCE), make.case(by=melder, at=SINCE)
    remind(28)
    make.document(done)
    Case.get_by_id(done.id).submit(melder)

    assert listed(Mail.get(Mail.name == "reminder")) == [open_still.number]


def test_a_reminder_of_nothing_is_not_sent(tmp_path):
    case = make.case(at=SINCE)
    remind(28)
    make.document(case)
    Case.get_by_id(case.id).submit(case.reporter)

    assert Mail.send_waiting(post=FolderPost(tmp_path)) == 0
    assert Mail.get(Mail.name == "reminder").status == MailStatus.VERVALLEN


def test_a_case_that_came_back_meanwhile_begins_a_new_count_and_is_not_in_the_old_mail():
    case = make.case(status=Status.ONVOLLEDIG, at=SINCE)
    remind(28)
    case.submit(case.reporter)
    case.mark_incomplete(make.coordinator(), "Nog iets.")

    assert Mail.get(Mail.name == "reminder").render() is None


def test_a_reminder_says_number_status_since_when_and_where():
    case = make.case(status=Status.ONVOLLEDIG, at=SINCE)
    remind(28)

    text = Mail.get(Mail.name == "reminder").render().get_body(["plain"]).get_content()

    assert f"Melding {case.number}" in text and "Onvolledig sinds 7 september 2026" in text
    assert f"http://localhost/melding/{case.key}/" in text


def test_each_status_and_the_last_term_have_their_own_words():
    make.case(at=SINCE)
    make.case(status=Status.ONVOLLEDIG, at=SINCE)
    remind(28)
    queued = Mail.select().where(Mail.name == "reminder").order_by(Mail.id)
    concept, returned = (mail.render().get_body(["plain"]).get_content() for mail in queued)

    assert "dien de melding in" in concept and "Meest recente opmerking" not in concept
    assert "Meest recente opmerking" in returned and "opnieuw in" in returned
    assert "na 4, 8 en 12 weken" in concept and "laatste" not in concept
    remind(84)
    last = Mail.select().where(Mail.name == "reminder").order_by(Mail.id.desc()).first().render()
    assert all("Dit is de laatste herinnering" in last.get_body([kind]).get_content() for kind in ("plain", "html"))
