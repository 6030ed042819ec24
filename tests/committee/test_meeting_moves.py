"""A case moves to another meeting, and a meeting that ends leaves no case hanging: on the screen and by the verb."""

import re

import pytest

from models import access, clock
from models.access import Process
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.committee.assessment import Assessment
from models.committee.meeting import Meeting
from models.committee.meeting_agenda import TO_SCHEDULE, MeetingAgenda, close_meeting, move_all
from models.committee.treatment import Treatment, TreatmentState
from tests import make

pytestmark = pytest.mark.db_dialect


def again(row):
    return type(row).get_by_id(row.id)


def to_schedule(by):
    return [case.id for case in Treatment.waiting(by, Process.NETHOSS)]


@pytest.fixture
def coordinator():
    return make.coordinator()


def test_closing_asks_what_becomes_of_what_was_not_discussed(coordinator):
    left, talked = make.treatment(), make.treatment()
    Treatment.update(state=TreatmentState.BESPROKEN).where(Treatment.id == talked.id).execute()
    for wrong in ("", "weg", left.meeting.key):
        with pytest.raises(Refused, match="1 casus is nog niet besproken"):
            close_meeting(left.meeting, coordinator, wrong)
    assert again(left.meeting).closed_at is None

    following = make.meeting(days=70)
    close_meeting(left.meeting, coordinator, following.key)
    close_meeting(left.meeting, coordinator)
    assert again(left.meeting).closed_at and again(left).meeting == following
    assert again(talked).meeting == left.meeting
    assert AuditEvent.select().where(AuditEvent.action == "meeting.close").count() == 1


def test_what_goes_back_waits_for_another_meeting_with_what_its_assessors_did(coordinator):
    treatment = make.treatment(assessors=[make.member(), make.member()])
    assert to_schedule(coordinator) == []
    close_meeting(treatment.meeting, coordinator, TO_SCHEDULE)
    assert to_schedule(coordinator) == [treatment.case_id]
    assert AuditEvent.select().where(AuditEvent.action == "treatment.unschedule").get().case_id == treatment.case_id

    later = make.meeting(days=70)
    Treatment.schedule(treatment.case, later, coordinator)
    assert to_schedule(coordinator) == [] and again(treatment).meeting == later
    assert len(Assessment.of(again(treatment))) == 2


def test_a_later_meeting_brings_a_new_term_unless_another_was_agreed(coordinator):
    treatment, later = make.treatment(assessors=[make.member(), make.member(), make.member()]), make.meeting(days=70)
    first, agreed, passed = Assessment.of(treatment)
    keeps, gone = treatment.meeting.term - clock.DAY, clock.today() - clock.DAY
    Assessment.update(term=keeps).where(Assessment.id == agreed.id).execute()
    Assessment.update(term=gone).where(Assessment.id == passed.id).execute()
    close_meeting(treatment.meeting, coordinator, later.key)
    assert [again(one).term for one in (first, agreed, passed)] == [later.term, keeps, later.term]


def test_a_meeting_that_closes_meanwhile_takes_no_case(coordinator, monkeypatch):
    case, meeting, held = make.case(Status.GOEDGEKEURD), make.meeting(), Case.held

    def waited(number):
        close_meeting(meeting, coordinator)
        return held(number)

    monkeypatch.setattr(Case, "held", waited)
    with pytest.raises(Refused, match="afgerond"):
        Treatment.schedule(case, meeting, coordinator)
    assert Treatment.of(case) is None


def test_an_older_page_does_not_move_what_somebody_else_moved(app, client, login, coordinator, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    treatment, mine, theirs = make.treatment(), make.meeting(days=60), make.meeting(days=70)
    login(client, coordinator)
    address = f"/behandeling/{treatment.case.key}/"
    (seen,) = set(re.findall(r'name="ronde" value="(\d+)"', client.get(address).text))
    again(treatment).move_to(theirs, make.coordinator())
    sent = {"vergadering": mine.key, "ronde": seen}
    assert "Bekijk de pagina opnieuw" in client.post(f"{address}vergadering", data=sent, follow_redirects=True).text
    assert again(treatment).meeting == theirs
    for round_ in (again(treatment).round,) * 2:  # a double click
        shown = client.post(f"{address}vergadering", data=sent | {"ronde": round_}, follow_redirects=True).text
        assert "staat op de agenda van een andere vergadering" in shown and again(treatment).meeting == mine


def test_a_case_that_stands_still_goes_along_too(coordinator):
    treatment, later = make.treatment(), make.meeting(days=70)
    treatment.case.reopen(coordinator, "Er kwam een stuk bij.")
    close_meeting(treatment.meeting, coordinator, later.key)
    assert again(treatment).meeting == later


def test_only_the_chosen_cases_of_this_meeting_move(coordinator):
    moved, stays, elsewhere = make.treatment(), make.treatment(), make.treatment(days=50)
    target = make.meeting(days=70)
    assert move_all(moved.meeting, coordinator, [moved.key, elsewhere.key], target) == "1 casus"
    assert [again(one).meeting_id for one in (moved, stays, elsewhere)] == [target.id, stays.meeting_id, elsewhere.meeting_id]
    with pytest.raises(Refused, match="andere commissie"):
        move_all(stays.meeting, coordinator, [stays.key], make.meeting(Process.LZA1, days=70))
    for by in (make.member(), make.coordinator(Process.LZA1)):
        with pytest.raises(Refused):
            again(stays).move_to(target, by)
        with pytest.raises(Refused):
            close_meeting(stays.meeting, by, TO_SCHEDULE)


def test_the_screens_move_a_case_and_ask_before_a_meeting_ends(app, client, login, coordinator, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    treatment, later = make.treatment(make.case(Status.GOEDGEKEURD)), make.meeting(days=70)
    login(client, coordinator)
    agenda, home = f"/vergadering/{treatment.meeting.key}", f"/behandeling/{treatment.case.key}/"
    assert "Naar een andere vergadering" in client.get(home).text
    client.post(f"{home}vergadering", data={"vergadering": later.key, "ronde": treatment.round})
    assert again(treatment).meeting == later
    assert "Nog geen casussen op de agenda" in client.get(f"{agenda}/").text
    client.post(f"/vergadering/{later.key}/verplaatsen", data={"casus": treatment.key, "naar": treatment.meeting.key})
    assert again(treatment).meeting == treatment.meeting

    refused = client.post(f"{agenda}/afronden", follow_redirects=True).text
    assert "Kies wat daarmee gebeurt." in refused and f"Naar de vergadering van {later}" in refused
    told = client.post(f"{agenda}/afronden", data={"overig": "terug"}, follow_redirects=True).text
    assert "De vergadering is afgerond" in told
    assert "niet besproken, te agenderen" in client.get(f"{agenda}/").text
    assert "afgerond zonder de casus te bespreken" in client.get(home).text
    assert treatment.case.number in client.get(f"/vergadering/{later.key}/").text  # it can be put on the next
    assert "Naar een andere vergadering" not in client.get(f"/behandeling/{_talked(treatment).case.key}/").text


def _talked(treatment):
    Treatment.update(state=TreatmentState.BESPROKEN).where(Treatment.id == treatment.id).execute()
    return treatment


def test_no_meeting_that_is_over_is_offered(coordinator):
    treatment, over = make.treatment(), make.meeting(days=50)
    close_meeting(over, coordinator)
    past = Meeting.create(process=Process.NETHOSS, day=clock.today() - 30 * clock.DAY)
    assert not {over, past} & set(MeetingAgenda.of(treatment.meeting, coordinator).others)
    assert access.visible(Treatment, coordinator).count() == 1
