"""The term of assessors: reminders once each for who still has something to do, and what the coordinator does after it."""

from datetime import timedelta

import pytest

from models import clock
from models.access import Process
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.committee.assessment import Assessment
from models.committee.following.assessor_terms import extend, late, remind_due, withdraw
from models.committee.meeting import Meeting
from models.committee.meeting_agenda import TO_SCHEDULE, close_meeting
from models.committee.rules.committee_settings import MOST_DUE_DAYS, CommitteeSettings
from models.committee.treatment import Treatment, TreatmentState
from models.mail.mail_templates import CONTEXTS
from models.mail.outbox import Mail
from tests import make
from tests.committee.test_treatment import fresh, reads

pytestmark = pytest.mark.db_dialect


@pytest.fixture
def treatment():
    """A case of the meeting in 40 days, whose two assessors were named today."""
    return make.treatment(make.case(Status.GOEDGEKEURD), [make.member(), make.member()], days=40)


def reminders():
    return Mail.select().where(Mail.name == "committee_reminder")


def told(mail):
    return CONTEXTS["committee_reminder"](mail)


def test_each_is_reminded_once_for_each_term_whatever_the_clock_does(treatment):
    term, counts = treatment.meeting.term, []
    for day in range(-10, 8):
        today = term + timedelta(days=day)
        counts += [remind_due(today), remind_due(today)]
    sent = {term - timedelta(days=ahead) for ahead in (7, 3, 0)}
    assert counts == [2 * (term + timedelta(days=day) in sent and not again) for day in range(-10, 8) for again in (0, 1)]


def test_a_committee_says_itself_how_many_days_before_and_nobody_hears_anew_what_was_said(treatment):
    term, coordinator = treatment.meeting.term, make.coordinator()
    CommitteeSettings.amend(coordinator, Process.NETHOSS, 0, first_reminder=9, second_reminder=2)
    CommitteeSettings.amend(make.coordinator(Process.LZA1), Process.LZA1, 0, first_reminder=20, second_reminder=10)
    sent = [day for day in range(-25, 1) if remind_due(term + timedelta(days=day))]
    assert sent == [-9, -2, 0]

    other = make.treatment(make.case(Status.GOEDGEKEURD), [make.member(), make.member()], days=90).meeting.term
    assert remind_due(other - timedelta(days=9)) == 2
    CommitteeSettings.amend(coordinator, Process.NETHOSS, 1, first_reminder=12)
    assert not any(remind_due(other - timedelta(days=day)) for day in (9, 8)) and remind_due(other - timedelta(days=2)) == 2


def test_after_an_outage_only_the_latest_term_counts(treatment):
    assert remind_due(treatment.meeting.term) == 2 and remind_due(treatment.meeting.term + timedelta(days=1)) == 0


def test_an_earlier_meeting_takes_the_terms_that_lie_after_its_own_with_it(treatment):
    coordinator, (first, second) = make.coordinator(), Assessment.of(treatment)
    second.declare(second.assessor)
    Assessment.update(handed_in_at=clock.now()).where(Assessment.id == second.id).execute()
    moves = ((20, 13), (3, 0), (70, 0))  # days until the meeting, and the term of who has to hand in: never a day that was
    for days, left in moves:
        Treatment.schedule(treatment.case, make.meeting(days=days), coordinator)
        assert Assessment.get_by_id(first.id).term == clock.today() + timedelta(days=left)
    assert Assessment.get_by_id(second.id).term == second.term, "handed in"
    changes = AuditEvent.select().where(AuditEvent.action == "assessor.extend").order_by(AuditEvent.id)
    terms = [first.term, *(clock.today() + timedelta(days=left) for left in (13, 0))]
    assert [(one.detail, one.actor_id) for one in changes] == [
        (f"{terms[at]} > {terms[at + 1]}", coordinator.id) for at in (0, 1)
    ]


def test_many_cases_are_one_mail(treatment):
    people = [one.assessor for one in Assessment.of(treatment)]
    other = make.treatment(make.case(Status.GOEDGEKEURD), people, days=40)
    assert remind_due(treatment.meeting.term - timedelta(days=7)) == 2
    facts = told(reminders().first())
    assert [one["number"] for one in facts["lines"]] == sorted([treatment.case.number, other.case.number])


@pytest.mark.parametrize("ends", ["hand_in", "give_back", "reopen", "close", "deactivate"])
def test_who_has_nothing_to_do_any_more_is_not_reminded(treatment, ends):
    remind_due(treatment.meeting.term)
    one, _ = Assessment.of(treatment)
    mail = reminders().where(Mail.user == one.assessor).get()
    assert told(mail)
    if ends == "hand_in":
        Assessment.update(declared_at=clock.now(), handed_in_at=clock.now()).where(Assessment.id == one.id).execute()
    elif ends == "give_back":
        one.give_back(one.assessor, "geen tijd")
    elif ends == "reopen":
        Case.get_by_id(treatment.case_id).reopen(make.coordinator(), "Er kwam een stuk bij.")
    elif ends == "close":
        close_meeting(treatment.meeting, make.coordinator(), TO_SCHEDULE)
    else:
        withdraw(fresh(treatment), make.coordinator(), one.assessor_id)
    assert told(Mail.get_by_id(mail.id)) is None


def test_who_is_named_after_a_reminder_fell_due_hears_of_the_next_one_only():
    treatment = make.treatment(make.case(Status.GOEDGEKEURD), [make.member(), make.member()], days=10)
    term = treatment.meeting.term  # in three days: the first two reminders are of the past, or of today
    assert [remind_due(term - timedelta(days=ahead)) for ahead in (3, 2, 1, 0)] == [0, 0, 0, 2]


def test_the_meeting_says_how_long_before_it_the_assessments_are_in():
    coordinator, day = make.coordinator(), clock.today() + timedelta(days=60)
    assert Meeting.plan(coordinator, Process.NETHOSS, day, due_days=14).term == day - timedelta(days=14)
    for wrong in (0, MOST_DUE_DAYS + 1):
        with pytest.raises(Refused, match="dagen voor de vergadering"):
            Meeting.plan(coordinator, Process.NETHOSS, day + timedelta(days=1), due_days=wrong)


def test_the_coordinator_sees_who_is_late_and_gives_another_day(treatment):
    coordinator, one = make.coordinator(), Assessment.of(treatment)[0]
    day_after = clock.now() + timedelta(days=34)
    assert late(coordinator) == [] and len(late(coordinator, day_after)) == 2
    assert late(make.coordinator(Process.LZA1), day_after) == []
    for day in (None, clock.today() - timedelta(days=1), treatment.meeting.day + timedelta(days=1)):
        with pytest.raises(Refused, match="Kies een dag"):
            extend(treatment, coordinator, one.assessor_id, day)
    extend(treatment, coordinator, one.assessor_id, treatment.meeting.day)
    assert [row.id for row in late(coordinator, day_after)] == [Assessment.of(treatment)[1].id]
    assert remind_due(treatment.meeting.day - timedelta(days=3)) == 2  # the new term has its own reminders


def test_a_case_that_is_taken_back_is_closed_to_that_person_and_waits_for_another(treatment):
    coordinator, (one, other) = make.coordinator(), Assessment.of(treatment)
    withdraw(treatment, coordinator, one.assessor_id)
    assert [reads(row.assessor, treatment.case) for row in (one, other)] == [False, True]
    with pytest.raises(Refused, match="niets meer"):
        withdraw(fresh(treatment), coordinator, one.assessor_id)
    assert Treatment.get_by_id(treatment.id).state == TreatmentState.BIJ_BEOORDELAARS
    # Without a tie, the same person may come back.
    (again,) = Assessment.appoint(fresh(treatment), coordinator, [one.assessor_id])
    again.declare(one.assessor)
    assert reads(one.assessor, treatment.case)


def test_nobody_else_moves_a_term_or_takes_a_case_back(treatment):
    one = Assessment.of(treatment)[0]
    for by in (one.assessor, make.user(), make.coordinator(Process.LZA1)):
        with pytest.raises(Refused):
            extend(treatment, by, one.assessor_id, treatment.meeting.day)
        with pytest.raises(Refused):
            withdraw(treatment, by, one.assessor_id)
