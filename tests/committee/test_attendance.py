"""Who is at a meeting is written down; below the quorum a case is not settled, and who has a tie to it does not count."""

import pytest

from models import clock
from models.access import Process, Role
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case_reader import CaseReader
from models.committee import consensus
from models.committee.member import CommitteeMember
from models.committee.rules.attendance import Attendance, in_room, members_of
from models.committee.rules.committee_settings import CommitteeSettings
from models.committee.treatment import TreatmentState
from tests import make
from tests.committee.test_committee_settings import amend
from tests.committee.test_refusals import _consensus, _in
from tests.committee.test_treatment import fresh
from tests.web.pages import send

pytestmark = pytest.mark.db_dialect


def test_below_the_quorum_nothing_is_settled_and_a_tie_does_not_count(app, login):
    treatment, by = _in(), make.coordinator()
    meeting, (one, other), tied = (
        treatment.meeting,
        [make.member(), make.member()],
        make.member(hospital=treatment.case.hospital),
    )
    unknown = make.user(role=Role.COMMISSIELID)  # where this member works, nobody wrote down
    amend(by, quorum=2)
    _consensus(treatment, by)
    note = lambda *people: Attendance.note(meeting, by, [str(person.id) for person in people])  # noqa: E731
    for people in ((), (one,), (one, tied, unknown)):
        note(*people)
        with pytest.raises(Refused, match="het quorum is 2"):
            consensus.fix_consensus(fresh(treatment), by)
    assert in_room(treatment) == (1, 1, 1) and fresh(treatment).state == TreatmentState.BINNEN
    note(one, other, tied)
    note(one, other, tied)
    assert in_room(treatment) == (2, 1, 0)
    consensus.fix_consensus(fresh(treatment), by)
    assert fresh(treatment).state == TreatmentState.BESPROKEN
    assert AuditEvent.get(AuditEvent.action == "treatment.consensus").detail == "2 aanwezig, 1 met een band"
    assert AuditEvent.select().where(AuditEvent.action == "meeting.present").count() == 4, "twice the same is one line"


def test_who_sits_on_the_committee_no_longer_does_not_count_and_each_hears_what_that_person_can_do():
    treatment, by = _in(), make.coordinator()
    meeting, people = treatment.meeting, [make.member() for _ in range(4)]
    tied, unknown = make.member(hospital=treatment.case.hospital), make.user(role=Role.COMMISSIELID)
    Attendance.note(meeting, by, [str(one.id) for one in (*people, tied, unknown)])
    assert in_room(treatment) == (4, 1, 1)
    User.update(active=False).where(User.id == people[0].id).execute()
    User.update(committee=Process.LZA1).where(User.id == people[1].id).execute()
    CommitteeMember.update(term_until=meeting.day - clock.DAY).where(CommitteeMember.user == people[2]).execute()
    assert in_room(treatment) == (1, 1, 1)
    assert {one.id for one in members_of(meeting)}.isdisjoint({one.id for one in people[:3]})
    with pytest.raises(Refused, match="Niet iedereen die u koos"):
        Attendance.note(meeting, by, [str(people[2].id)])

    amend(by, quorum=2)
    _consensus(treatment, by)
    CommitteeMember.update(chair=True).where(CommitteeMember.user == people[3]).execute()
    CaseReader.let(treatment.case, people[3], "voorzitter van de commissie", clock.now())
    said = {}
    for one in (by, people[3]):
        with pytest.raises(Refused) as reason:
            consensus.fix_consensus(fresh(treatment), one)
        said[one.id] = str(reason.value)
        assert "1 aanwezige heeft een band" in said[one.id]
        assert "Van 1 is de werkplek niet vastgelegd: vraag de beheerder" in said[one.id]
    assert "Leg bij de agenda vast" in said[by.id]
    assert "Vraag de coördinator" in said[people[3].id] and "agenda" not in said[people[3].id]
    amend(by, quorum=1)
    consensus.fix_consensus(fresh(treatment), by)
    line = AuditEvent.get(AuditEvent.action == "treatment.consensus")
    assert line.detail == "1 aanwezig, 1 met een band, van 1 de werkplek onbekend"


def test_a_formality_needs_the_quorum_too_and_without_one_nothing_is_asked(monkeypatch):
    treatment, by = _in(), make.coordinator()
    monkeypatch.setattr(consensus, "formalities", lambda meeting, user: [treatment])
    amend(by, quorum=1)
    with pytest.raises(Refused, match="quorum"):
        consensus.settle_formalities(treatment.meeting, by, [treatment.key])
    assert CommitteeSettings.restore(by, Process.NETHOSS, 1).quorum is None
    assert consensus.settle_formalities(treatment.meeting, by, [treatment.key]) == 1


def test_the_coordinator_notes_who_is_there_on_the_agenda_and_nobody_else_does(app, login):
    treatment, by, member = make.treatment(), make.coordinator(), make.member()
    amend(by, quorum=3)
    browser, place = login(app.test_client(), by), f"/vergadering/{treatment.meeting.key}/"
    shown = browser.get(place).text
    assert "nog niet vastgelegd wie er is" in shown and "ten minste 3 leden zonder band" in shown
    send(browser, f"{place}aanwezig", aanwezig=str(member.id))
    assert f'id="aanwezig-{member.id}" checked' in browser.get(place).text and "Aanwezig: 1 lid." in browser.get(place).text
    send(browser, f"{place}aanwezig")
    assert Attendance.present_at(treatment.meeting) == []
    send(browser, f"{place}aanwezig", aanwezig=str(make.user().id))
    assert Attendance.present_at(treatment.meeting) == []
    for stranger in (member, make.coordinator(Process.LZA1), make.user()):
        with pytest.raises(Refused):
            Attendance.note(treatment.meeting, stranger, [])
