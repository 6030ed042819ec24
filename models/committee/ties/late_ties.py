"""A tie that is found after somebody was named: access ends at once, and the place is open for another person."""

from datetime import datetime

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Refused, db
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.cases.case_reader import CaseReader
from models.committee import conflict
from models.committee.assessment import Assessment
from models.committee.meeting import Meeting
from models.committee.member import CommitteeMember
from models.committee.treatment import OPEN, InvolvedHospital, Treatment


def involve(treatment: Treatment, by: User, hospital: Hospital, now: datetime | None = None) -> None:
    """Write down that a case is about another hospital too; who works there stops assessing or reading it at once."""
    access.demand(by, "review", treatment.case.process)
    now = now or clock.now()
    with db.atomic():
        if hospital in treatment.hospitals():
            return
        _keep(treatment, hospital, by, now)
        _end_ties(treatment, by, now)


def _keep(treatment, hospital, by, now):
    InvolvedHospital.create(treatment=treatment, hospital=hospital)
    AuditEvent.log("treatment.involve", by=by, case=treatment.case, detail=hospital.code, at=now)


def hospital_joined(whole: Case, part: Case, by: User, now: datetime) -> None:
    """Another hospital has a part of the case now; who works there stops assessing or reading it at once."""
    if Treatment.of(part):
        raise Refused(f"Melding {part.number} staat zelf al op een agenda van de commissie.")
    if treatment := Treatment.of(whole):
        _end_ties(treatment, by, now)


def transfer_told(case: Case, left: Hospital | None, by: User, now: datetime) -> None:
    """Its hospital said where the woman was too; who works there stops assessing or reading the case at once.

    `left`: what it said before. Once the committee has the case that stays a tie: a hospital does not lift one by itself.
    """
    if treatment := Treatment.of(CasePart.whole_of(case)):
        if left and left not in treatment.hospitals():
            _keep(treatment, left, by, now)
        _end_ties(treatment, by, now)


def workplace_changed(member: CommitteeMember, by: User | None) -> None:
    """A member works or worked somewhere that was not known before."""
    now = clock.now()
    read = CaseReader.select(CaseReader.case).where(CaseReader.user == member.user, CaseReader.ended_at.is_null())
    named = Assessment.select(Assessment.treatment).where(Assessment.assessor == member.user, Assessment.ended_at.is_null())
    mine = Treatment.case.in_(read) | Treatment.id.in_(named)
    for treatment in Treatment.select().where(mine, Treatment.state.in_(OPEN)):
        _end_ties(treatment, by, now)


def settings_changed(process: str, by: User) -> None:
    """What counts as a tie for a committee may be more than before."""
    _all_anew(Treatment.meeting.in_(Meeting.select(Meeting.id).where(Meeting.process == process)), by)


def region_changed(hospital: Hospital, by: User | None) -> None:
    """A hospital lies in another region: whose cases it has, and who works there, may have a tie by that now."""
    _all_anew(EVERYBODY, by)


def _all_anew(which, by):
    now = clock.now()
    for treatment in Treatment.select().where(Treatment.state.in_(OPEN), which):
        _end_ties(treatment, by, now)


def _end_ties(treatment, by, now):
    there = Assessment.of(treatment)
    reasons = treatment.reasons_against([one.assessor for one in there], now)
    for one in there:
        if conflict.conflicting(reasons[one.assessor_id]):
            one.end_by_tie(by, now)
    for reader in CaseReader.people(treatment.case):  # a chair reads it without assessing it
        if treatment.is_tied(reader):
            CaseReader.end(treatment.case, reader, now)
            AuditEvent.log("assessor.conflict", by=by, case=treatment.case, detail=conflict.ENDINGS_BY_TIE[1], at=now)
