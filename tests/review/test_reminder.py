"""Reminders after 4, 8 and 12 weeks."""

from datetime import datetime, timedelta

import pytest

from models import clock
from models.access import Role
from models.cases.case import Case
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import Status
from models.cases.theme import RequestedDocument
from models.dutch import long_date
from models.mail.outbox import Mail, MailStatus
from models.mail.sending_hold import SendingHold
from models.mail.smtp import FolderPost
from models.operations.rehearsal.mail_preview import rehearse
from models.questionnaires.query import DataQuery
from models.review import work_list
from models.review.reminder import Reminder, ReminderWait, waiting_until
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


def test_whose_mail_was_held_back_is_reminded_after_it_though_a_colleague_was():
    melder = make.user()
    clerk = make.user(role=Role.INVOERDER, hospital=melder.hospital)
    make.document(make.case(by=melder, at=SINCE), by=clerk, at=SINCE)
    SendingHold.hold(make.coordinator(), melder.id, "reminder", day(28), "op vakantie", now=clock.start_of(day(20), 9))

    assert (remind(28), set(reminded())) == (1, {clerk.email})
    assert (remind(29), reminded(melder)) == (1, [melder.email])
    assert remind(30) == 0


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


# ---- what was promised for later ----------------------------------------------------------------------------------


def promised_case(*days, status=Status.CONCEPT, unpromised=0):
    """A case whose documents follow `days` after SINCE, and some of which nothing was said."""
    labels = [f"verslag {number}" for number in range(len(days) + unpromised)]
    case = make.case(status=status, theme=make.theme(asked=labels), at=SINCE)
    for asked, count in zip(case.theme.asked.order_by(RequestedDocument.position), days, strict=False):
        RequestedDocumentAnswer.give(case, asked, case.reporter, expected_on=day(count), now=SINCE)
    return case


def said(mail, today):
    """The text of a mail that leaves that morning; None when there is nothing left to tell."""
    message = mail.render(clock.start_of(today, 7))
    return message and " ".join(message.get_body(["plain"]).get_content().split())


@pytest.mark.parametrize(
    ("days", "unpromised", "wanted"),
    [
        ((40,), 0, {41: 4, 56: 8, 84: 12}),
        ((40, 70), 0, {41: 4, 56: 8, 84: 12}),  # from the first of them on
        ((28,), 0, {29: 4, 56: 8, 84: 12}),  # it can still come on the day itself
        ((27,), 0, {28: 4, 56: 8, 84: 12}),
        ((60,), 0, {61: 8, 84: 12}),  # only the latest term
        ((100,), 0, {101: 12}),
        ((100,), 1, {28: 4, 56: 8, 84: 12}),  # something else is open
    ],
)
def test_what_was_promised_for_later_is_not_asked_before_its_day(days, unpromised, wanted):
    promised_case(*days, unpromised=unpromised)

    sent = [count for count in range(0, 130) if remind(count)]

    assert dict(zip(sent, [row.weeks for row in Reminder.select().order_by(Reminder.id)], strict=True)) == wanted


def test_an_open_question_a_file_that_came_and_a_promise_taken_back_end_the_waiting():
    asked, came, taken_back, waits = (promised_case(100, status=Status.ONVOLLEDIG) for _ in range(4))
    document = make.document(asked, at=SINCE)
    DataQuery.create(
        case=asked, document=document, about="een bestand", text="Welke dag?", asked_by=asked.reporter, asked_at=SINCE
    )
    make.document(came, asked=came.theme.asked.get(), at=SINCE)
    assert waiting_until([taken_back, waits], day(28)) == dict.fromkeys([taken_back.id, waits.id], day(100))
    RequestedDocumentAnswer.give(taken_back, taken_back.theme.asked.get(), taken_back.reporter)

    assert remind(28) == 3
    assert {row.case for row in Reminder.select()} == {asked, came, taken_back}


def test_what_was_promised_before_the_case_came_back_holds_nothing():
    case = promised_case(100, status=Status.ONVOLLEDIG)
    Case.update(status_since=SINCE + timedelta(days=1)).where(Case.id == case.id).execute()
    assert remind(30) == 1


def test_the_mail_says_what_was_promised_and_asks_nothing_before_its_day():
    case = promised_case(20, 25, 50, unpromised=1)
    remind(28)
    mail = Mail.get(Mail.name == "reminder")

    text = said(mail, day(28))
    late, later = (long_date(day(count)) for count in (20, 50))
    assert f"2 documenten zouden volgen op {late} en {long_date(day(25))}, maar zijn er nog niet." in text
    assert f"1 document volgt later, op {later}. Dat hoeft nu nog niet." in text
    assert "verslag" not in text.replace("Wacht u nog op een verslag", "")  # which one stands on the page, in no mail

    for asked in case.theme.asked:
        RequestedDocumentAnswer.give(case, asked, case.reporter, expected_on=day(50), now=SINCE)
    assert said(mail, day(28)) is None
    assert f"4 documenten zouden volgen op {later}" in said(mail, day(51))


def test_all_reminders_are_sent_only_when_the_last_one_was():
    coordinator, case = make.coordinator(), promised_case(100)
    pile = work_list.PILES["uitgeput"]
    listed = {
        count: bool(work_list.page_of(pile, coordinator, today=day(count))[0]) for count in range(80, 104) if remind(count) + 1
    }

    assert [count for count, there in listed.items() if there] == [101, 102, 103]
    assert [row.weeks for row in Reminder.select().where(Reminder.case == case)] == [12]


def test_the_rehearsal_waits_for_a_promise_as_the_clock_does():
    case = promised_case(35)
    foreseen = [count for count in range(26, 40) if "reminder" in {mail.kind for mail in rehearse(day(count), day(26))}]
    assert not ReminderWait.select().exists()

    assert foreseen == [count for count in range(26, 40) if remind(count)] == [36]
    assert {row.case for row in Reminder.select()} == {case}


def test_who_comes_to_a_case_after_its_term_is_not_reminded_of_what_is_behind():
    melder = make.user()
    case = make.case(by=melder, at=SINCE)
    assert (remind(28), reminded(melder)) == (1, [melder.email])

    clerk = make.user(role=Role.INVOERDER, hospital=melder.hospital)
    make.document(case, by=clerk, at=SINCE)
    SendingHold.hold(make.coordinator(), clerk.id, "reminder", day(30), "op vakantie", now=clock.start_of(day(29), 9))
    assert [remind(number) for number in (29, 31)] == [0, 0]
    assert (remind(56), set(reminded())) == (2, {melder.email, clerk.email})
