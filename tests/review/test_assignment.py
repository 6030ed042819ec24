"""Assigning cases to coordinators, and deputies for who is away."""

from datetime import timedelta

import pytest

from models import clock
from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.status import Status
from models.mail.outbox import Mail
from models.review import work_list
from models.review.absence import Absence
from models.review.assignment import CaseAssignment, JudgeBy, Whose, people_of
from tests import make

NOW = clock.now()
TODAY = clock.today(NOW)


@pytest.fixture(autouse=True)
def one_day(monkeypatch):
    """All of it is on one day, also when midnight passes."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


def mine(by, day=TODAY):
    chosen = work_list.Chosen(whose=Whose.MINE, people=tuple(people_of(by, day)[0]))
    return work_list.page_of(work_list.TO_REVIEW, by, chosen=chosen)[0]


def test_what_is_assigned_is_mine_and_told_to_who_gets_it_from_somebody_else():
    cases, (one, other) = [make.case(Status.INGEDIEND) for _ in range(3)], [make.coordinator() for _ in range(2)]
    keys = [case.key for case in cases]

    assert CaseAssignment.assign(one, keys[:2], other.id) == 2
    assert CaseAssignment.assign(one, keys[:2], other.id) == 0
    assert mine(other) == cases[:2] and mine(one) == []
    assert [mail.to for mail in Mail.select().where(Mail.name == "case_assigned")] == [other.email]
    nobodys = work_list.page_of(work_list.TO_REVIEW, one, chosen=work_list.Chosen(whose=Whose.NOBODYS))[0]
    assert nobodys == cases[2:]
    assert CaseAssignment.assign(other, keys[:1], None) == 1 and mine(other) == cases[1:2]
    assert AuditEvent.select().where(AuditEvent.action == "case.assign").count() == 3
    with pytest.raises(Refused, match="coördinator die"):
        CaseAssignment.assign(one, keys, make.coordinator(Process.LZA1).id)
    with pytest.raises(Refused, match="meldingen"):
        CaseAssignment.assign(make.coordinator(Process.LZA1), keys, None)


def test_a_deputy_gets_the_work_and_the_mail_while_it_lasts_and_also_that_of_a_deputy_who_is_away():
    case, (away, deputy, third) = make.case(Status.INGEDIEND), [make.coordinator() for _ in range(3)]
    last = TODAY + timedelta(days=5)
    Absence.plan(deputy, away.id, deputy.id, TODAY, last)
    CaseAssignment.assign(third, [case.key], away.id)

    assert {mail.to for mail in Mail.select().where(Mail.name == "case_assigned")} == {away.email, deputy.email}
    assert [mine(deputy, day) for day in (TODAY, last, last + timedelta(days=1))] == [[case], [case], []]
    assert mine(third) == []
    Absence.plan(deputy, deputy.id, third.id, TODAY, TODAY)
    assert mine(third) == [case]
    with pytest.raises(Refused, match="zelf afwezig"):
        Absence.plan(third, third.id, deputy.id, TODAY, TODAY)
    with pytest.raises(Refused, match="staat al"):
        Absence.plan(third, away.id, third.id, last, last)
    Absence.get(Absence.person == away).end(deputy)
    assert mine(deputy) == [] and mine(third) == []
    assert AuditEvent.select().where(AuditEvent.action.startswith("absence.")).count() == 3


def test_a_melder_names_no_deputy_and_assigns_nothing():
    melder, coordinator = make.user(Role.MELDER), make.coordinator()
    with pytest.raises(Refused):
        Absence.plan(melder, coordinator.id, melder.id, TODAY, TODAY)
    with pytest.raises(Refused, match="vervanger"):
        Absence.plan(coordinator, coordinator.id, melder.id, TODAY, TODAY)
    with pytest.raises(Refused):
        CaseAssignment.assign(melder, [make.case(Status.INGEDIEND).key], coordinator.id)


@pytest.mark.parametrize(("days", "press"), [(0, ""), (10, ""), (11, "soon"), (14, "soon"), (15, "late")])
def test_a_term_is_told_in_a_word_and_not_by_colour_alone(days, press):
    due = JudgeBy.of(make.case(Status.INGEDIEND, at=clock.start_of(TODAY - timedelta(days=days), 12)), TODAY)
    assert due.press == press and bool(due.said) == bool(press)
