"""Assigning cases to coordinators, and deputies for who is away."""

from datetime import timedelta

import peewee
import pytest

from models import clock
from models.access import Process, Role
from models.accounts.deputies.absence import Absence
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.status import Status
from models.mail.outbox import Mail
from models.review import work_list
from models.review.assignment import CaseAssignment, JudgeBy, Whose, people_of
from tests import make
from tests.web.pages import form_of, send

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


def test_only_the_absences_of_the_chain_are_asked_for(monkeypatch):
    away, deputy, second, *others = [make.coordinator() for _ in range(7)]
    for one, other in ((away, deputy), (deputy, second), (others[0], others[1]), (others[2], others[3])):
        Absence.create(person=one, deputy=other, first_day=TODAY, last_day=TODAY, by=one, at=NOW)
    sent, send = [], peewee.Database.execute_sql
    with monkeypatch.context() as patched:
        patched.setattr(peewee.Database, "execute_sql", lambda *asked: sent.append(asked) or send(*asked))
        assert Absence.deputies(away, TODAY) == [deputy, second]
        assert Absence.deputies(second, TODAY) == []
        assert {one.person for one in Absence.covered_by(second, TODAY)} == {away, deputy}
    assert sum(len(send(*asked).fetchall()) for asked in sent) == 4


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


def test_a_melder_is_stood_in_for_by_a_melder_of_the_hospital_who_gets_the_mails_about_those_cases_too():
    away = make.user()
    deputy, enterer = make.user(hospital=away.hospital), make.user(role=Role.INVOERDER, hospital=away.hospital)
    stranger = make.user()
    for person in (stranger, enterer):
        with pytest.raises(Refused, match="vervanger"):
            Absence.plan(away, away.id, person.id, TODAY, TODAY)
    with pytest.raises(Refused, match="Kies wie"):
        Absence.plan(away, stranger.id, deputy.id, TODAY, TODAY)
    with pytest.raises(Refused):
        Absence.plan(enterer, away.id, deputy.id, TODAY, TODAY)
    last = TODAY + timedelta(days=5)
    made = Absence.plan(deputy, away.id, deputy.id, TODAY, last)

    case = make.case(Status.INGEDIEND, by=away)
    assert case.people(last) == [away, deputy] and case.people(last + clock.DAY) == [away]
    case.mark_incomplete(make.coordinator(), "De brief ontbreekt.")
    assert {mail.to for mail in Mail.select().where(Mail.name == "case_incomplete")} == {away.email, deputy.email}
    with pytest.raises(Refused, match="ander werk"):
        made.end(stranger)
    with pytest.raises(Refused, match="ander werk"):
        made.end(make.coordinator())
    made.end(away)
    assert case.people(TODAY) == [away]


def test_a_melder_does_it_on_a_screen_of_the_own_hospital(client, login):
    away, other = make.user(name="Anna Weg"), make.user(name="Vera Vreemd")
    deputy = make.user(hospital=away.hospital, name="Bert Blijft")
    Absence.plan(other, other.id, make.user(hospital=other.hospital).id, TODAY, TODAY)
    login(client, deputy)
    assert all("/collegas/afwezigheid/" in client.get(page).text for page in ("/collegas/", "/account"))
    new = client.get("/collegas/afwezigheid/new/")
    assert "Anna Weg" in new.text and "Vera Vreemd" not in new.text
    chosen = {"away": str(away.id), "stands_in": str(deputy.id), "first_day": f"{TODAY}", "last_day": f"{TODAY}"}
    send(client, "/collegas/afwezigheid/new/", form_of(new), **chosen)
    page = client.get("/collegas/afwezigheid/").text
    assert "Anna Weg" in page and "nu afwezig" in page and "Vera Vreemd" not in page
