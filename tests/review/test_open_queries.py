"""Reminders of questions that stay open at a case that was handed in."""

from datetime import timedelta

import pytest

from models import clock
from models.cases.case import Case
from models.cases.status import Status
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail
from models.mail.sending_hold import SendingHold
from models.operations.rehearsal import due_mail
from models.operations.rehearsal.mail_preview import rehearse
from models.questionnaires.query import DataQuery
from tests import make

pytestmark = pytest.mark.db_dialect


@pytest.fixture
def coordinator():
    return make.coordinator()


@pytest.fixture(params=[Status.INGEDIEND, Status.GOEDGEKEURD])
def query(request, coordinator):
    """A question asked today at a case that was handed in, or of the committee at one that was approved."""
    case = make.case(request.param)
    if request.param == Status.GOEDGEKEURD:
        return DataQuery.ask_for_committee(case, coordinator, "Wat gebeurde er?")
    return DataQuery.ask(case, coordinator, "Klopt dit?", document=case.documents.first())


def morning(days):
    """Run the clock as it does on the morning so many days from now; returns how many such reminders there are by then."""
    due_mail.remind(clock.start_of(clock.today() + timedelta(days=days), 8))
    return reminders().count()


def reminders():
    return Mail.select().where(Mail.name == "question_reminder").order_by(Mail.id)


def test_an_open_question_is_reminded_of_after_each_term_and_once(query):
    counts = [morning(days) for days in (27, 28, 28, 29, 55, 56, 57, 84, 90, 200)]
    assert counts == [0, 1, 1, 1, 1, 2, 2, 3, 3, 3]
    mails = list(reminders())
    assert {one.user for one in mails} == {query.case.reporter} and [one.facts["weeks"] for one in mails] == [4, 8, 12]
    said = [one.render().get_body(["plain"]).get_content() for one in mails]
    assert all(query.case.number in text and "1 vraag" in text for text in said)
    assert ["laatste herinnering" in text for text in said] == [False, False, True]


def test_the_terms_are_those_of_the_schedule(query, coordinator):
    MailSchedule.amend(coordinator, MailSchedule.current().number, first_weeks=2, second_weeks=3, third_weeks=4)
    assert [morning(days) for days in (13, 14, 21, 28)] == [0, 1, 2, 3]


def test_who_answers_is_left_alone_and_a_mail_that_waits_falls_away(query, coordinator):
    other = make.document(query.case) if query.document_id else None
    ask = DataQuery.ask if other else DataQuery.ask_for_committee
    second = ask(query.case, coordinator, "En dit?", **({"document": other} if other else {}))
    assert morning(28) == 1
    second.answer(query.case.reporter, "Ja.", now=clock.start_of(clock.today() + timedelta(days=28), 9))
    assert reminders().get().render() is None, "the hospital is answering"
    assert morning(40) == 1 and morning(56) == 2, "counted from the reply"
    query.settle(coordinator)
    assert reminders()[1].render() is None and morning(100) == 2


def test_a_case_that_went_back_has_its_own_reminder(coordinator):
    case = make.case(Status.INGEDIEND)
    DataQuery.ask(case, coordinator, "Klopt dit?", document=case.documents.first())
    Case.get_by_id(case.id).mark_incomplete(coordinator, "Een stuk ontbreekt.")
    assert morning(30) == 0


def test_a_pause_and_a_hold_keep_it_back_and_the_rehearsal_shows_it(query, coordinator):
    day, person = clock.today() + timedelta(days=28), query.case.reporter
    (told,) = [one for one in rehearse(day) if one.kind == "question_reminder"]
    assert (told.user_id, told.can_wait) == (person.id, True)
    assert told.why == f"open vragen bij melding {query.case.number}, 4 weken zonder antwoord"
    assert reminders().count() == 0, "a rehearsal keeps nothing"
    SendingHold.hold(coordinator, person.id, "question_reminder", day, "met verlof")
    assert morning(28) == 0 and morning(29) == 1
    SendingHold.pause(query.case.hospital, coordinator, clock.today() + timedelta(days=60), "fusie")
    assert morning(56) == 1
