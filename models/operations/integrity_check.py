"""Is what is kept still whole? Each check yields Dutch sentences, one for each thing that is wrong."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from peewee import DatabaseError, fn

from models import MODELS, clock, encrypted_fields
from models.audit import audit_anchor, checkpoint
from models.audit.audit_anchor import AuditAnchor
from models.audit.audit_event import AuditEvent
from models.base import db, on_postgresql
from models.cases.case import Case
from models.cases.case_number import Series
from models.cases.remark import Remark
from models.cases.status import Status
from models.committee.package import dossier_package
from models.committee.package.dossier_package import DossierPackage
from models.files import document, storage, virus_scanning
from models.files.document import Document
from models.files.resumable.sealed_part import SealedPart
from models.files.stores.folder import HALF, MARK
from models.lnr.benchmark import recompute
from models.lnr.registry import stored_messages_check
from models.lnr.registry.message import MessageContent
from models.long_work import how_far
from models.lza1 import committee_steps
from models.lza1.committee_steps import CommitteeStep
from models.mail.outbox import Mail, MailStatus
from models.monthly.month_answer import MonthAnswer, MonthAnswerKind

# Bytes come before their row, so young bytes without one may be an upload that is still running.
OLD_ENOUGH = timedelta(days=1)


def problems(deep: bool = False) -> Iterator[Any]:
    """Everything that is wrong. `deep` also opens what is sealed, and reads every file and every page of the database."""
    yield from trail()
    yield from foreign_keys()
    yield from documents()
    yield from virus_scanning.overdue()
    yield from cases()
    yield from months()
    yield from outbox()
    yield from stored_messages_check.problems(deep)
    yield from recompute.differences(None if deep else stored_messages_check.SAMPLE)
    if deep:
        yield from pages()
        yield from contents()
        yield from sealed_values()


def trail() -> Iterator[Any]:
    """Lines of the trail that were changed, removed or cut off."""
    yield from audit_anchor.broken()
    yield from checkpoint.broken()


def foreign_keys() -> Iterator[str]:
    """Rows that point to a row that is not there, and on PostgreSQL constraints that were switched off."""
    if on_postgresql():
        loose = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('f', 'c') AND NOT convalidated"
        for table, name in db.execute_sql(loose).fetchall():
            yield f"database: de voorwaarde {name} van tabel {table} wordt niet bewaakt"
        return
    for table, row, parent, _ in db.execute_sql("PRAGMA foreign_key_check").fetchall():
        yield f"database: rij {row} van tabel {table} verwijst naar een rij van {parent} die er niet is"


def pages() -> Iterator[str]:
    """What SQLite finds wrong in its own file, such as an index that no longer fits its table. PostgreSQL has its checksums."""
    if on_postgresql():
        return
    try:
        found = [line for (line,) in db.execute_sql("PRAGMA integrity_check").fetchall()]
    except (DatabaseError, sqlite3.DatabaseError) as broken:  # the second where it breaks off while one reads on
        found = [str(broken)]
    yield from (f"database: het bestand is beschadigd ({line})" for line in found if line != "ok")


def documents(now: datetime | None = None) -> Iterator[str]:
    """Rows without bytes, bytes without a row, and the count of files that each case keeps."""
    listed = {name for name, _ in storage.keys()}  # at once, for a bucket is asked per thousand; some 100 bytes each
    alive = Document.select(Document.id, Document.blob).where(Document.purged_at.is_null())
    for number, blob in alive.tuples().iterator():
        if _gone(blob, listed):
            yield f"bestanden: de inhoud van bestand {number} is er niet meer"
    letters = CommitteeStep.letters()
    for number, blob, _ in letters:
        if _gone(blob, listed):
            yield f"bestanden: de inhoud van oordeel {number} van de commissie is er niet meer"
    packages = DossierPackage.kept()
    for number, blob, _ in packages:
        if _gone(blob, listed):
            yield f"bestanden: de inhoud van dossier {number} is er niet meer"
    before = _timestamp((now or clock.now()) - OLD_ENOUGH)
    for names in _batched((name for name, changed in storage.keys() if changed < before), 500):
        known = {blob for (blob,) in Document.select(Document.blob).where(Document.blob.in_(names)).tuples()}
        for name in set(names) - known - SealedPart.known(names) - {blob for _, blob, _ in (*letters, *packages)}:
            yield f"bestanden: {name} in de opslag hoort bij geen enkele melding"
    uploaded = Document.removed_at.is_null() & ~Document.generated
    present = Document.select(fn.COUNT(Document.id)).where(Document.case == Case.id, uploaded)
    counted = Case.select(Case.number, Case.uploads, present).tuples()
    for number, uploads, count in counted.where(Case.uploads != present).iterator():
        yield f"bestanden: melding {number} telt {uploads} bestanden, het zijn er {count}"


def _gone(blob, listed):
    """Whether there are no bytes under this key; one that came after the listing is asked for."""
    return blob not in listed and not storage.exists(blob)


def contents() -> Iterator[str]:
    """Files and letters whose bytes are not what was saved."""
    files = Document.select(Document.id, Document.blob, Document.sha256).where(Document.purged_at.is_null()).tuples()
    of_tables = (
        (document.DAMAGED, files.iterator()),
        (committee_steps.DAMAGED, CommitteeStep.letters()),
        (dossier_package.DAMAGED, DossierPackage.kept()),
    )
    for sentence, rows in of_tables:
        for number, blob, sha256 in how_far.told("Bestanden gelezen", rows):
            try:
                for _ in storage.read(blob, sha256):
                    pass
            except storage.Damaged:
                yield sentence.format(number)


def sealed_values() -> Iterator[str]:
    """What no longer opens. The contents of messages of the LNR not among them: whole.py opens those."""
    for model in MODELS:
        for field in encrypted_fields.columns(model) if model is not MessageContent else ():
            table, column = model._meta.table_name, field.column_name
            # As they are kept: peewee would open them on the way.
            kept = db.execute_sql(f'SELECT id, "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL')
            yield from (
                f"verzegeld: {column} van rij {number} van tabel {table} gaat niet open"
                for number, value in kept
                if not _opens(field, value)
            )


def _opens(field, value):
    try:
        field.python_value(value)
    except encrypted_fields.CannotDecrypt:
        return False
    return True


def cases() -> Iterator[str]:
    """What must hold for every case, whichever way it went."""
    told = Remark.select(Remark.case).where(~Remark.internal)
    for case in Case.select(Case.number).where(Case.status == Status.ONVOLLEDIG, Case.id.not_in(told)):
        yield f"meldingen: {case} is onvolledig zonder bericht aan het ziekenhuis"
    opened = AuditEvent.select(AuditEvent.case_id).where(AuditEvent.action == "case.open")
    begin = AuditAnchor.select(fn.MAX(AuditAnchor.said_at)).scalar()
    told = (Case.created_at > begin) if begin else (Case.id > 0)
    for case in Case.select(Case.number).where(told, Case.id.not_in(opened)):
        yield f"meldingen: het logboek weet niet wie {case} heeft gemaakt"
    for series in Series.select():
        highest = Case.select(fn.MAX(Case.number)).where(Case.process == series.process).scalar()
        if highest and int(highest.split("-")[1]) > series.last:
            yield f"meldingen: de nummering van {series.process} loopt achter op {highest}"


def months() -> Iterator[str]:
    """A case answers its month, and 'casus' as an answer means that there is one."""
    about = (Case.hospital == MonthAnswer.hospital) & (Case.month == MonthAnswer.month)
    stands = MonthAnswer.ended_at.is_null() & (MonthAnswer.kind == MonthAnswerKind.CASUS)
    for answer in MonthAnswer.select(MonthAnswer.hospital, MonthAnswer.month).where(
        stands, ~fn.EXISTS(Case.select(Case.id).where(about))
    ):
        yield f"maanden: {answer.hospital} meldde een casus over {answer.month}, maar die is er niet"
    answered = MonthAnswer.select(MonthAnswer.id).where(stands, about)
    counts = Case.month.is_null(False) & (Case.status != Status.INGETROKKEN)
    for case in Case.select(Case.number, Case.month, Case.hospital).where(counts, ~fn.EXISTS(answered)):
        yield f"maanden: {case} is een casus over {case.month}, maar telt niet als antwoord van {case.hospital}"


def outbox() -> Iterator[str]:
    """Mails that no round will ever take up, and people who are still waiting for a decision about a mail."""
    stuck = Mail.select(Mail.name, Mail.to).where(Mail.status == MailStatus.BEZIG, Mail.claimed_at < clock.now() - OLD_ENOUGH)
    for mail in stuck:
        yield f"mail: {mail.name} aan {mail.to} staat al meer dan een dag op 'wordt verzonden'"
    sent = Mail.select(Mail.name, Mail.to).where(Mail.status == MailStatus.VERZONDEN, Mail.sent_at.is_null())
    for mail in sent:
        yield f"mail: {mail.name} aan {mail.to} heet verzonden, maar zonder moment"


def clear_leftovers(now: datetime | None = None) -> int:
    """Delete what a crash left and nobody can need; returns how many files.

    That is half files, bytes of destroyed files, and bytes that were never told of by a row. Other bytes without a row
    stay: after restoring an older database they may be the only copy.
    """
    before = _timestamp((now or clock.now()) - OLD_ENOUGH)
    gone = {blob for (blob,) in Document.select(Document.blob).where(Document.purged_at.is_null(False)).tuples()}
    letters = {blob for _, blob, _ in (*CommitteeStep.letters(), *DossierPackage.kept())}
    for keys in _batched(storage.marked(), 500):
        known = {blob for (blob,) in Document.select(Document.blob).where(Document.blob.in_(keys)).tuples()}
        gone |= set(keys) - known - SealedPart.known(keys) - letters
    names = (name for name, changed in storage.keys() if changed < before)
    leftovers = [name for name in names if name.endswith((HALF, MARK)) or name in gone]
    for name in leftovers:
        storage.delete(name)
    return len(leftovers)


def _timestamp(moment):
    return moment.replace(tzinfo=clock.UTC).timestamp()


def _batched(items, size):
    """The items in tuples of at most `size`."""
    items = iter(items)
    while batch := tuple(islice(items, size)):
        yield batch
