"""The right of access (AVG art. 15): what the portal keeps about one person, until when, and who looked.

By the hospital's own number of a patient, within that hospital; by citizen service number (BSN) for the LNR, of which only
keyed pseudonyms are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import SQL

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.audit.audit_log import READS, LogLine
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.cases.theme import Theme
from models.lnr.registry.pseudonym import of_person, pseudonyms
from models.lnr.registry.stay import STATE_LABELS, Stay, StayState
from models.retention.legal_hold import LegalHold
from models.retention.retention_kind import RetentionKind
from models.retention.retention_term import RetentionTerm
from models.retention.stay_hold import StayHold

HELD = "zolang de bewaarplicht geldt"
LONGEST = 60
MOST = 200  # cases or stays of one person
ENDINGS = {Status.INGETROKKEN: RetentionKind.CLOSED_CASE, Status.GOEDGEKEURD: RetentionKind.APPROVED_CASE}
# The index on the trail knows only these, in exactly these words (migration 0027).
READINGS = SQL("kind = 'R' AND case_id IS NULL")

AuditEvent.add_index(AuditEvent.index(AuditEvent.subject, where=READINGS, name="event_reading"))


@dataclass(frozen=True)
class SubjectReport:
    """`kept`: (what, details, since, until) of each case or stay; `readers`: (when, who, what, of what) of each look."""

    kept: Sequence[tuple[str, str, datetime, str]]
    readers: Sequence[tuple[str, str, str, str]]

    @classmethod
    def make(cls, by: User, number: str, now: datetime | None = None) -> "SubjectReport":
        """What is kept under this number, as far as `by` may see. The trail names what was found, not the number."""
        access.demand(by, "disclose")
        number = " ".join(number.split())
        if not number:
            raise Refused("Vul het patiëntnummer of het BSN in.")
        if len(number) > LONGEST:
            raise Refused(
                f"Dit is langer dan een patiëntnummer kan zijn: hoogstens {LONGEST} tekens. Vul alleen het nummer in."
            )
        cases, stays = _cases(by, number), _stays(by, number)
        kept = [*_told_of_cases(cases), *_told_of_stays(stays, now or clock.now())]
        of_cases = AuditEvent.case_id.in_([case.id for case in cases]), AuditEvent.action.in_(READS)
        of_stays = READINGS, AuditEvent.subject.in_([stay.number for stay in stays])
        lines = [*_looks(*of_cases), *_looks(*of_stays)]
        for case in cases:
            AuditEvent.log("subject.report", by=by, case=case, at=now)
        for stay in stays:
            AuditEvent.log("subject.report", by=by, subject=stay.number, hospital=stay.hospital_id, at=now)
        if not kept:
            AuditEvent.log("subject.report", by=by, hospital=by.hospital_id, detail="niets gevonden", at=now)
        told = [LogLine.of(line, by.hospital) for line in sorted(lines, key=lambda line: line.at)]
        return cls(kept, [(line.when, line.who, line.what, line.subject) for line in told])


def _cases(by, number):
    if by.hospital_id is None:
        return []
    mine = access.visible(Case, by).where(Case.with_patient_number(by.hospital_id, number))
    return list(mine.order_by(Case.id).limit(MOST))


def _stays(by, number):
    if not access.may(by, "consult"):
        return []
    named = Stay.child.in_(pseudonyms(*of_person("kind", number))) | Stay.mother.in_(pseudonyms(*of_person("moeder", number)))
    if by.hospital_id:
        named |= Stay.with_own_number(by.hospital_id, number)
    return list(access.visible(Stay, by).where(named).order_by(Stay.id).limit(MOST))


def _looks(*which):
    looked = AuditEvent.select(AuditEvent, User, Hospital).left_outer_join(User, on=AuditEvent.actor)
    return looked.left_outer_join(Hospital, on=User.hospital).where(*which)


def _told_of_cases(cases):
    themes, held = dict(Theme.select(Theme.id, Theme.name).tuples()), LegalHold.on_any(cases)
    days = {kind: RetentionTerm.get(RetentionTerm.kind == kind).days for kind in set(ENDINGS.values())}
    for case in cases:
        until = HELD if case.id in held and not case.erased_at else _until(case, days)
        yield f"Melding {case.number}", f"{themes[case.theme_id]}, {case.status_label}", case.created_at, until


def _until(case, days):
    if case.erased_at:
        return "de inhoud is vernietigd"
    if (kind := ENDINGS.get(case.status)) is None:
        return "zolang de melding loopt"
    return f"{clock.local(case.status_since + timedelta(days=days[kind])):%d-%m-%Y}"


def _told_of_stays(stays, now):
    held, days = StayHold.on_any(stays), RetentionTerm.days_of(RetentionKind.LNR_STAY, now)
    for stay in stays:
        until = f"{clock.local(stay.last_at + timedelta(days=days)):%d-%m-%Y}"
        if stay.state == StayState.INGETROKKEN:
            until = "alles over het kind is vernietigd"
        yield f"Opname {stay.number}", STATE_LABELS[StayState(stay.state)], stay.first_at, HELD if stay.id in held else until
