"""What the night destroys: in bounded blocks, each in one transaction with its line in the trail and its count in the report.

Bytes go after the transaction that says so. What a kill in between leaves on the disk goes with the next run.
"""

import itertools
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from peewee import SQL, CharField, DateField, IntegerField, Node
from peewee import Case as Choice

from models import clock
from models.audit.audit_anchor import AuditAnchor
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, db
from models.cases.case import Case
from models.committee.package.dossier_package import DossierPackage
from models.files import storage
from models.files.document import Document
from models.files.privacy.privacy_decision import PrivacyDecision
from models.files.resumable.resumable_upload import ResumableUpload
from models.lnr.intake.upload_batch import UploadPart
from models.lnr.registry.message import MessageContent
from models.long_work.shutdown import until_asked
from models.lza1.committee_steps import CommitteeStep
from models.mail.mail_status import MailStatus
from models.mail.outbox import Mail
from models.retention import stay_erasure
from models.retention.case_erasure import erase
from models.retention.due import DUE, Due
from models.retention.retention_kind import KINDS, RetentionKind
from models.retention.retention_term import RetentionTerm
from models.retention.stay_hold import held_stay
from models.search import word_index
from models.staff.ending import forget_secrets

EACH = 50  # cases, files or accounts of a kind in one run: each is a transaction
BULK = 2000  # rows of a kind in one run that go together
MANY = 1000  # up to here the foretelling counts
EXAMPLES = 5
# Of which the row stays without these texts; of other kinds in bulk the row goes.
EMPTIED: dict[RetentionKind, dict[str, Any]] = {
    RetentionKind.UPLOAD_LINK: {"address": "", "note": ""},
    RetentionKind.LNR_DRAFT: {"content": None},
    RetentionKind.MONTH_NOTE: {"note": ""},
    RetentionKind.HELD_CHANGE: {"address": "", "reason": ""},
    RetentionKind.ERASURE_REASON: {"reason": ""},
    RetentionKind.LNR_ERASURE_REASON: {"reason": ""},
    RetentionKind.STAY_HOLD: {"reason": ""},
}
LEFT_SINCE = timedelta(days=3)  # bytes of what was destroyed since then are looked for on the disk


class Destruction(Record):
    """How many of one kind were destroyed on one night (the local day on which it ended)."""

    night = DateField()
    kind = CharField(max_length=20)
    count = IntegerField()

    class Meta:
        indexes = ((("night", "kind"), True),)

    @property
    def label(self) -> str:
        return KINDS[RetentionKind(self.kind)].label

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def add(cls, kind: RetentionKind, count: int, now: datetime) -> None:
        """Count these for this night, in the caller's transaction."""
        night = clock.local(now).date()
        if not cls.update(count=cls.count + count).where(cls.night == night, cls.kind == kind).execute():
            cls.create(night=night, kind=kind, count=count)

    @classmethod
    def latest(cls, most: int = 60) -> list["Destruction"]:
        """What the latest nights destroyed, the last night first."""
        return list(cls.select().order_by(cls.night.desc(), cls.kind).limit(most))


@dataclass(frozen=True)
class Foretold:
    """What the coming night destroys of one kind: a count that ends at MANY, and some by their number, without content."""

    kind: RetentionKind
    count: int
    examples: list[str]

    @property
    def label(self) -> str:
        return KINDS[self.kind].label

    @property
    def said(self) -> str:
        return f"meer dan {MANY}" if self.count > MANY else str(self.count)


def foretell(now: datetime | None = None) -> list[Foretold]:
    """What the coming night destroys: what has its term by then, as far as the terms and holds stay as they are."""
    night = clock.start_of(clock.today(now or clock.now()) + timedelta(days=1)) + timedelta(hours=4)
    told = []
    for kind, due in DUE.items():
        rows = due.rows(RetentionTerm.before(kind, night))
        found = rows.limit(EXAMPLES)
        count = db.execute_sql(*_counted(rows.select(SQL("1")).order_by().limit(MANY + 1))).fetchone()[0] if found else 0
        told.append(Foretold(kind, count, [due.number(row) for row in found]))
    return told


def _counted(rows):
    sql, arguments = rows.sql()
    return f"SELECT COUNT(*) FROM ({sql}) AS found", arguments


def destroy_due(tables: Collection[type[Record]], now: datetime | None = None) -> dict[RetentionKind, int]:
    """Destroy a bounded part of what has had its term; {kind: how many}. Called again, it goes on where it was."""
    now = now or clock.now()
    sweep(now)
    found = {kind: _destroy(kind, due, tables, now) for kind, due in DUE.items()}
    return {kind: count for kind, count in found.items() if count}


def _destroy(kind: RetentionKind, due: Due, tables: Collection[type[Record]], now: datetime) -> int:
    before = RetentionTerm.before(kind, now)
    whole = {"closed_case": partial(_erase, tables=tables), "approved_case": partial(_erase, tables=tables)}
    one: Callable[..., Any] | None = (whole | ONE_BY_ONE).get(kind)
    if one is None:
        return _in_bulk(kind, due, before, now)
    count = 0
    for number in until_asked([row.id for row in due.rows(before).limit(EACH)]):
        with db.atomic():
            gone = one(kind, number, due, before, now)
            if gone is not None:
                Destruction.add(kind, 1, now)
        for blob in gone or ():
            storage.delete(blob)
        count += gone is not None
    return count


def _still(due, number, before):
    """The row, held until the transaction is over, if it is still due: it may be held, reopened or put back meanwhile."""
    query = due.rows(before).where(due.model.id == number)
    return (query.for_update() if db.for_update else query).first()


def _erase(kind, number, due, before, now, tables):
    Case.held(number)
    case = _still(due, number, before)
    return erase(case, KINDS[kind].label, now, tables) if case else None


def _forget_number(kind, number, due, before, now):
    Case.held(number)
    if (case := _still(due, number, before)) is None:
        return None
    Case.update(patient_number=None, patient_hash=None).where(Case.id == case.id).execute()
    AuditEvent.log("case.forget_number", case=case, at=now)
    return []


def _destroy_file(kind, number, due, before, now):
    Case.held(Document.get_by_id(number).case_id)
    if (file := _still(due, number, before)) is None:
        return None
    Document.update(purged_at=now, name="", look_due=None, scan_due=None).where(Document.id == file.id).execute()
    word_index.forget(Document, file.id)
    # What was found in it.
    PrivacyDecision.update(places=[], why="").where(PrivacyDecision.document == file).execute()
    AuditEvent.log("document.destroy", case=file.case, detail=file.key, at=now)
    return [file.blob]


def _end_upload(kind, number, due, before, now):
    if (row := _still(due, number, before)) is None:
        return None
    row.expire(now)
    return []  # `sweep` takes the parts


def _destroy_package(kind, number, due, before, now):
    row = _still(due, number, before)
    return row.destroy(now) if row else None


def _destroy_stay(kind, number, due, before, now):
    held_stay(number)  # first: the question of `_still` sees no hold that was placed while it waited itself
    if (stay := _still(due, number, before)) is None:
        return None
    stay_erasure.erase(stay, now)
    AuditEvent.log("lnr.destroy", hospital=stay.hospital_id, subject=stay.number, at=now)
    return []


def _forget_secrets(kind, number, due, before, now):
    if (user := _still(due, number, before)) is None:
        return None
    forget_secrets(user)
    AuditEvent.log("user.forget", account=user, at=now)
    return []


def _in_bulk(kind, due, before, now):
    with db.atomic():
        # An upload has thousands of parts.
        most = EACH if kind == RetentionKind.LNR_UPLOAD else BULK
        numbers = [row.id for row in due.rows(before).select(due.model.id).limit(most)]
        still = due.model.id.in_(numbers) & due.clause(before)
        count = _gone(kind, due.model, still, numbers, now) if numbers else 0
        if count:
            AuditEvent.log("retention.destroy", subject=KINDS[kind].label, detail=f"{count} vernietigd", at=now)
            Destruction.add(kind, count, now)
    return count


def _gone(kind, model, still, numbers, now):
    if kind == RetentionKind.MAIL_TEXT:
        # Without address nobody can decide any more about one that failed.
        status = Choice(None, [(Mail.status == MailStatus.VERZONDEN, MailStatus.VERZONDEN)], MailStatus.VERVALLEN)
        return model.update(subject="", text="", about="", to="", error="", status=status).where(still).execute()
    if kind in EMPTIED:
        return model.update(EMPTIED[kind]).where(still).execute()
    if kind == RetentionKind.LNR_REFUSED:
        return MessageContent.delete().where(MessageContent.message.in_(model.select(model.id).where(still))).execute()
    if kind == RetentionKind.TRAIL:
        return _cut_trail(set(numbers), now)
    if kind == RetentionKind.LNR_UPLOAD:
        UploadPart.delete().where(UploadPart.batch.in_(numbers)).execute()
    return model.delete().where(still).execute()


def _cut_trail(due, now):
    """Cut off what is due of the trail as far as it is one piece: a wrong clock may have put a young line between."""
    oldest = AuditEvent.select(AuditEvent.id, AuditEvent.hash, AuditEvent.at).order_by(AuditEvent.id).limit(len(due))
    begin = list(itertools.takewhile(lambda line: line.id in due, oldest))
    return AuditAnchor.cut(begin[-1], len(begin), now) if begin else 0


def sweep(now: datetime) -> int:
    """Delete the bytes of what was destroyed lately and that are still on the disk; returns how many."""
    ResumableUpload.sweep(now)
    lately = AuditEvent.at > now - LEFT_SINCE
    keys = AuditEvent.select(AuditEvent.detail).where(AuditEvent.action == "document.destroy", lately)
    cases = AuditEvent.select(AuditEvent.case_id).where(AuditEvent.action == "case.erase", lately)
    gone = Document.purged_at.is_null(False)
    by_key, by_case = Document.key.in_(keys), Document.case.in_(cases)
    files = [Document.select(Document.blob).where(gone, clause) for clause in (by_key, by_case)]
    letters = CommitteeStep.select(CommitteeStep.blob).where(CommitteeStep.size == 0, CommitteeStep.case.in_(cases))
    gone_keys = [row.blob for query in (*files, letters) for row in query] + DossierPackage.gone(now - LEFT_SINCE)
    left = [blob for blob in gone_keys if storage.exists(blob)]
    for blob in left:
        storage.delete(blob)
    return len(left)


ONE_BY_ONE = {
    RetentionKind.PATIENT_NUMBER: _forget_number,
    RetentionKind.REMOVED_FILE: _destroy_file,
    RetentionKind.REPLACED_PDF: _destroy_file,
    RetentionKind.UNFINISHED_UPLOAD: _end_upload,
    RetentionKind.DOSSIER_PACKAGE: _destroy_package,
    RetentionKind.ENDED_ACCOUNT: _forget_secrets,
    RetentionKind.LNR_STAY: _destroy_stay,
}


def latest_night() -> date | None:
    """On which day the night last destroyed something."""
    return Destruction.select(Destruction.night).order_by(Destruction.night.desc()).limit(1).scalar()
