"""The right of access (AVG art. 15): what the portal keeps about one person, until when, and who looked.

By the hospital's own number of a patient, within that hospital; by citizen service number (BSN) for the LNR, of which only
keyed pseudonyms are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import SQL, fn

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.audit.audit_log import READS, LogLine
from models.base import Refused
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.status import Status
from models.cases.theme import Theme
from models.dutch import plural, size
from models.files.document import Document
from models.lnr.entry.draft import DRAFT, StayDraft
from models.lnr.registry.message import Message, MessageContent
from models.lnr.registry.pseudonym import of_patient, of_person, pseudonyms
from models.lnr.registry.stay import STATE_LABELS, Stay, StayState
from models.questionnaires.definition.questionnaire import Questionnaire, Version
from models.questionnaires.form import Answer, Form
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
    """What was found, in rows.

    `kept`: (what, details, since, until) of each case or stay; `content`: (of what, what, details, since) of what belongs to
    them; `readers`: (when, who, what, of what) of each look.
    """

    kept: Sequence[tuple[str, str, datetime, str]]
    content: Sequence[tuple[str, str, str, datetime]]
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
        content = [*_content_of_cases(by, cases), *_content_of_stays(stays)]
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
        return cls(kept, content, [(line.when, line.who, line.what, line.subject) for line in told])


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
        # A mother without a citizen service number is known by the hospital's own number of her.
        named |= Stay.with_own_number(by.hospital_id, number)
        named |= Stay.mother.in_(pseudonyms(*of_patient("moeder", by.hospital_id, number)))
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


def _content_of_cases(by, cases):
    """Files by name, questionnaires with how many answers, and how many messages, as far as `by` sees them."""
    named = {case.id: f"Melding {case.number}" for case in cases}
    mine = list(named)
    files = access.visible(Document, by).where(Document.case.in_(mine), Document.purged_at.is_null())
    for file in files.order_by(Document.case, Document.id):
        removed = ", verwijderd" if file.removed_at else ""
        yield named[file.case_id], f"Bestand {file.name}", f"{size(file.size)}{removed}", file.added_at
    answers = (Answer.form == Form.id) & Answer.value.is_null(False)
    forms = access.visible(Form, by).select(Form.case, Questionnaire.name, fn.COUNT(Answer.id), fn.MIN(Answer.changed_at))
    forms = forms.join(Version).join(Questionnaire).join_from(Form, Answer, on=answers).where(Form.case.in_(mine))
    for case, name, count, since in forms.group_by(Form.id, Form.case, Questionnaire.name).order_by(Form.id).tuples():
        yield named[case], f"Vragenlijst {name}", plural(count, "antwoord", "antwoorden"), since
    said = access.visible(Remark, by).select(Remark.case, fn.COUNT(Remark.id), fn.MIN(Remark.created_at))
    said = said.where(Remark.case.in_(mine), Remark.shared()).group_by(Remark.case).order_by(Remark.case)
    for case, count, since in said.tuples():
        yield named[case], "Berichten met Perined", plural(count, "bericht", "berichten"), since


def _content_of_stays(stays):
    named = {stay.id: f"Opname {stay.number}" for stay in stays}
    told = Message.select(Message.stay, fn.COUNT(Message.id), fn.MIN(Message.received_at)).join(MessageContent)
    told = told.where(Message.stay.in_(list(named))).group_by(Message.stay).order_by(Message.stay)
    for stay, count, since in told.tuples():
        yield named[stay], "LNR-berichten zoals ze kwamen", plural(count, "bericht", "berichten"), since
    drafts = StayDraft.select(StayDraft.stay, StayDraft.changed_at).where(StayDraft.stay.in_(list(named)), SQL(DRAFT))
    for stay, since in drafts.order_by(StayDraft.id).tuples():
        yield named[stay], "Half ingevuld LNR-formulier", "nog niet aangeleverd", since


def _told_of_stays(stays, now):
    held, days = StayHold.on_any(stays), RetentionTerm.days_of(RetentionKind.LNR_STAY, now)
    for stay in stays:
        until = f"{clock.local(stay.last_at + timedelta(days=days)):%d-%m-%Y}"
        if stay.state == StayState.INGETROKKEN:
            until = "alles over het kind is vernietigd"
        yield f"Opname {stay.number}", STATE_LABELS[StayState(stay.state)], stay.first_at, HELD if stay.id in held else until
