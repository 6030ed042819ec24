"""Looking into files: refusing dangerous ones at the door, finding what tells who somebody is, and taking that out.

All of it is done by a limited process (`files/sandbox/`). When that cannot start, the file is taken in and looked into later.
"""

import io
import logging
import threading
from datetime import date, datetime, timedelta

from peewee import SQL

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.files import storage
from models.files.document import Document
from models.files.file_state import FileState
from models.files.privacy import gate, metadata_removal, privacy_findings
from models.files.privacy.privacy_decision import PrivacyDecision
from models.files.sandbox.start import LARGEST, SECONDS, NotStarted
from models.files.storage import Stored
from models.files.upload_limits import MAX_SIZE
from models.files.virus_scanning import block
from models.long_work.shutdown import until_asked

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=2 * SECONDS + 120)
LATER = timedelta(minutes=15)
MOST = 200  # files of one round
SMALL = 10_000_000  # bytes of a file that is looked at while its sender waits
PLACES = 2  # uploads that are looked into at once; each may take a gigabyte
# As the index has it, for the question about the oldest (like TO_SCAN).
TO_LOOK_AT = SQL("look_due IS NOT NULL AND removed_at IS NULL")
Document.add_index(Document.index(Document.added_at, where=TO_LOOK_AT, name="document_to_look_at"))
UNSEEN = (
    "Dit bestand is nog niet nagekeken op gegevens waaraan iemand te herkennen is. Probeer het over een paar minuten opnieuw."
)
UNDECIDED = (
    "In dit bestand staat mogelijk iets waaraan iemand te herkennen is, en het ziekenhuis heeft daarover nog niet beslist. "
    "Vraag de coördinator om het ziekenhuis te bellen: dat kan nu beslissen, zonder de melding te heropenen."
)
BUSY = "Dit lukt nu niet. Probeer het over een paar minuten opnieuw."

_places = threading.BoundedSemaphore(PLACES)
_alone = threading.Lock()


def inspect(stored: Stored, media_type: str, name: str) -> None:
    """Raise Refused when what was just received is dangerous or cannot be read; 0.2 to 0.5 seconds for an ordinary file.

    What comes while others are looked into is accepted: the worker looks at it within minutes. Pictures and clips above
    LARGEST are looked into by nobody; whatever can hold a program is never that large (`Document.attach`).
    """
    if stored.size > LARGEST or not _places.acquire(timeout=1):
        return
    try:
        if reason := _danger(stored.key, stored.sha256, media_type, name):
            raise Refused(reason)
    except NotStarted:
        log.warning("a file could not be looked into at its arrival; the worker will")
    finally:
        _places.release()


def _danger(blob, sha256, media_type, name):
    """Why this file must not be opened, in Dutch; None when nothing speaks against it."""
    return next(iter(privacy_findings.hazards(storage.read(blob, sha256), media_type, name)), None)


def look_waiting(now: datetime | None = None) -> int:
    """Look at every new file, what came last first: its sender is still there. Returns how many; one round at a time."""
    if not _alone.acquire(blocking=False):
        return 0
    try:
        return sum(look_one(number, due, now) for number, due in until_asked(_due(now)))
    finally:
        _alone.release()


def _due(now):
    tried = set()
    # Asked anew for each: a file that comes while a long round goes on is the next one.
    while len(tried) < MOST and (found := _next_due(now or clock.now(), tried)):
        tried.add(found[0])
        yield found


def _next_due(now, tried):
    due = (Document.look_due <= now) & Document.removed_at.is_null() & ~Document.generated & Document.id.not_in(tried)
    return Document.select(Document.id, Document.look_due).where(due).order_by(Document.look_due.desc()).tuples().first()


def look_at_arrival(document: Document, now: datetime | None = None) -> bool:
    """Look at a small file, and at the name of a large one, while its sender waits: about a second, or the worker does it.

    What is dangerous `inspect` has refused before. Returns whether something is left for the worker, the scanner included.
    """
    if document.look_due is not None:
        if document.size > SMALL or not _places.acquire(blocking=False):
            _look_at_name(document, now)
        else:
            try:
                look_one(document.id, document.look_due, now, safe=True)
            finally:
                _places.release()
    return Document.get_by_id(document.id).in_the_works


def _look_at_name(document, now):
    found = privacy_findings.in_name(document.name, User.full_names(), clock.today(now), document.case.key)
    with db.atomic():
        # Not when the worker was quicker: it has looked at the name too.
        if Document.select().where(Document.id == document.id, Document.look_due.is_null(False)).exists():
            PrivacyDecision.keep(document, found)


def look_one(number: int, due: date, now: datetime | None = None, safe: bool = False) -> bool:
    """Look at the file with this number unless somebody else took it since `due`; True when it was looked at.

    `safe`: it was just found not to be dangerous.
    """
    now = now or clock.now()
    lease = now + LEASE
    claim = Document.update(look_due=lease).where(Document.id == number, Document.look_due == due)
    if not claim.execute():
        return False
    document = Document.get_by_id(number)
    try:
        found = _found(document, now, safe)
    except NotStarted:
        Document.update(look_due=now + LATER).where(Document.id == number, Document.look_due == lease).execute()
        return False
    except storage.Damaged:
        document.lost(None)
        found = []
    with db.atomic():
        if done := Document.update(look_due=None).where(Document.id == number, Document.look_due == lease).execute():
            PrivacyDecision.keep(document, found)
            gate.found_late(document, now)
    return bool(done)


def _found(document, now, safe):
    """The Findings of a file; one that is dangerous after all is blocked instead."""
    judged = safe or document.size > LARGEST
    if not judged and (reason := _danger(document.blob, document.sha256, document.media_type, document.name)):
        block(document, FileState.NIET_TE_SCANNEN, reason, now)
        return []
    content = storage.read(document.blob, document.sha256)
    known, today, salt = User.full_names(), clock.today(now), document.case.key
    return privacy_findings.findings(content, document.media_type, document.name, known, today, salt)


def demand_decided(document: Document, by: User, now: datetime | None = None) -> None:
    """Raise Refused when `by`, who only reads for a committee, would see what the hospital has not decided about.

    A file that was not looked at yet is looked at here: whoever submits or approves at once does not get around it.
    """
    if only_studies(by, document.case.process):
        demand_safe(document, now)


def only_studies(user: User, process: str) -> bool:
    """Whether `user` reads cases of this process for its committee, and not as their coordinator."""
    return access.may(user, "study", process) and not access.may(user, "review", process)


def demand_safe(document: Document, now: datetime | None = None) -> None:
    """Raise Refused while the file waits for the portal to look into it, or for its hospital to decide about what was found."""
    if not document.generated and document.look_due is not None:
        look_one(document.id, document.look_due, now)
        document = Document.get_by_id(document.id)
        document.demand_open()
        if document.look_due is not None:
            raise Refused(UNSEEN)
    if any(trace.is_open for trace in document.traces):
        raise Refused(UNDECIDED)


def strip(document: Document, by: User, now: datetime | None = None) -> Document:
    """Put the same file without data about people beside its content in place of `document`; returns the new row.

    The old one can be put back for as long as any removed file, and stripped again. Twice gives the same row. Raises
    Refused when the file cannot be stripped, or its case is no longer with the hospital.
    """
    case = Case.get_by_id(document.case_id)
    case.open_for(by, case.may_remove, "Bij een melding met de status {} kunt u geen bestanden meer wijzigen.")
    upload_key = f"zonder-{document.key}"
    before = list(Document.select().where(Document.case == case, Document.upload_key.startswith(upload_key)))
    if made := next((one for one in before if not one.removed_at), None):
        return made
    upload_key += f"-{len(before)}" if before else ""
    document.demand_here()
    try:
        content = metadata_removal.strip(storage.read(document.blob, document.sha256), document.media_type)
    except NotStarted as problem:
        raise Refused(BUSY) from problem
    except storage.Damaged as problem:
        document.lost(by)
        raise Refused("Dit bestand is bij ons beschadigd geraakt. Voeg het opnieuw toe.") from problem
    stored = storage.save(io.BytesIO(content), MAX_SIZE, len(content), mark=True)
    return _replace(document, stored, by, upload_key, now or clock.now())


def _replace(document, stored, by, upload_key, now):
    try:
        with db.atomic():
            successor = document.succeed(stored, by, upload_key, now)
            PrivacyDecision.carry(document, successor)
            AuditEvent.log("document.strip", by=by, case=document.case, detail=f"{document.key} > {successor.key}", at=now)
    except BaseException:
        storage.delete(stored.key)
        raise
    storage.settled(stored.key)
    return successor
