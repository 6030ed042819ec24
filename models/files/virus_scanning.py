"""Files on their way past the malware scanner. What is due stands in the rows, so that a killed worker loses nothing.

A file is claimed by moving `scan_due` into the future; whoever died holding it merely makes it come later. A scanner
that is down, hangs or talks nonsense never means clean, and holds nobody up but the opening of the file.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from peewee import SQL, Expression, fn

from models import clock
from models.access import Process, Role
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import db
from models.cases.case import Case
from models.files import storage
from models.files.clamav import CONNECT, TOTAL, Clean, CouldNotScan, Infected, Reason, scan
from models.files.document import Document
from models.files.file_state import BLOCKED, SCANNABLE, FileState
from models.long_work.shutdown import until_asked
from models.mail.outbox import Mail
from settings import settings

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=CONNECT + TOTAL + 60)
SOON, LATER = timedelta(minutes=1), timedelta(minutes=15)
# Days after which a clean file is scanned again: the scanner knows more by then.
AGAIN = (1, 7, 30)
MOST = 200  # files of one round
# As the index has it: only so a database finds the oldest by it, and does not walk over all that do not wait.
TO_SCAN = SQL("state = 'wacht' AND removed_at IS NULL")
Document.add_index(Document.index(Document.added_at, where=TO_SCAN, name="document_to_scan"))
NO_ANSWER = (Reason.DOWN, Reason.HANGING)  # the scanner's fault, so the next file would fare no better
COORDINATORS = {Process.NETHOSS: Role.COORDINATOR, Process.LZA1: Role.LZA1_COORDINATOR}
TRY_ANOTHER = "{}. Verwijder het en voeg het in een andere vorm toe, het liefst als PDF."

_alone = threading.Lock()


def scan_waiting(now: datetime | None = None) -> int:
    """Have the scanner look at every file that is due; returns how many it judged. Without a scanner this does nothing.

    At most one round runs at a time: a scanner that hangs may not take all of the worker's threads.
    """
    if not settings.clamd_url or not _alone.acquire(blocking=False):
        return 0
    try:
        _enlist(now or clock.now())
        return _round(now)
    finally:
        _alone.release()


def _round(now):
    judged = 0
    for number, due in until_asked(_due(now or clock.now())):
        outcome = scan_one(number, due, now)
        judged += isinstance(outcome, Clean | Infected)
        if isinstance(outcome, CouldNotScan) and outcome.reason in NO_ANSWER:
            break
    return judged


def _enlist(now):
    """Files from before there was a scanner wait for it too."""
    unseen = (Document.state == FileState.NIET_GESCAND) & Document.purged_at.is_null()
    Document.update(state=FileState.WACHT, scan_due=now).where(unseen).execute()


def _due(now):
    due = Document.state.in_(SCANNABLE) & (Document.scan_due <= now) & Document.removed_at.is_null()
    # What was just added comes before what is looked at once more, and what failed before after both.
    order = (Document.state == FileState.SCHOON, Document.scan_due, Document.id)
    return list(Document.select(Document.id, Document.scan_due).where(due).order_by(*order).limit(MOST).tuples())


def scan_one(number: int, due: date, now: datetime | None = None) -> Any:
    """Ask about the file with this number, unless somebody else took it since `due`; returns the outcome, or None."""
    lease = (now or clock.now()) + LEASE
    mine = (Document.id == number) & (Document.scan_due == due) & Document.state.in_(SCANNABLE)
    if not Document.update(scan_due=lease).where(mine).execute():
        return None
    document = Document.get_by_id(number)
    try:
        outcome = scan(storage.read(document.blob, document.sha256), settings.clamd_url)
    except storage.Damaged:
        document.lost(None)
        Document.update(scan_due=lease + clock.DAY).where(Document.id == number).execute()
        return None
    settle(document, lease, outcome, now or clock.now())
    return outcome


def settle(document: Document, lease: datetime | timedelta, outcome: Any, now: datetime) -> None:
    """Keep what the scanner said about `document`, as it was when claimed until `lease`.

    'Clean' about a file that was removed, put back or claimed anew in the meantime is discarded; 'infected' never is.
    """
    if isinstance(outcome, Clean):
        same = (Document.id == document.id) & (Document.scan_due == lease) & (Document.blob == document.blob)
        still = same & Document.removed_at.is_null() & Document.state.in_(SCANNABLE)
        Document.update(state=FileState.SCHOON, scan_due=_again(document, now)).where(still).execute()
    elif isinstance(outcome, Infected):
        block(document, FileState.BESMET, outcome.name, now)
    elif outcome.retry:
        wait = SOON if outcome.reason == Reason.DOWN else LATER
        Document.update(scan_due=now + wait).where(Document.id == document.id, Document.scan_due == lease).execute()
    elif document.state == FileState.WACHT:
        block(document, FileState.NIET_TE_SCANNEN, TRY_ANOTHER.format(outcome.reason.capitalize()), now)
    else:
        # It was clean under other limits of the scanner; what it cannot look into now proves nothing against it.
        Document.update(scan_due=None).where(Document.id == document.id, Document.scan_due == lease).execute()


def _again(document, now):
    later = (document.added_at + timedelta(days=days) for days in AGAIN)
    return next((moment for moment in later if moment > now), None)


def block(document: Document, state: FileState, said: str, now: datetime) -> None:
    """Nobody opens the file from now on; who added it and the coordinator are told. Repeating it tells nobody again."""
    with db.atomic():
        worse = Document.state.not_in([state, FileState.BESMET])
        gone = Document.update(state=state, state_said=said[:200], scan_due=None).where(Document.id == document.id, worse)
        if not gone.execute():
            return
        case = Case.get_by_id(document.case_id)
        log.warning("a file of case %s was blocked: %s", case.number, state)
        action = "document.infected" if state == FileState.BESMET else "document.blocked"
        AuditEvent.log(action, case=case, detail=f"{document.key} {said}", at=now)
        for person in _concerned(case, document):
            about = {"infected": state == FileState.BESMET, "file": document.id}
            Mail.queue("file_blocked", person, once=f"{state}:{document.id}:{person.id}", case=case, now=now, **about)


def _concerned(case, document):
    """Who added the file, while they can still come in, and the coordinators once the case was shared with them."""
    adder = User.get_by_id(document.added_by_id)
    told = {adder.id: adder} if adder.active and not document.generated else {}
    if case.submitted_at:
        told |= {person.id: person for person in User.with_role(COORDINATORS[case.process])}
    return told.values()


def counted(cases: Sequence[Case]) -> Any:
    """Give each of these cases `files`, and return them: its uploads, but those that nobody can ever open."""
    shut = _shut(Document.case.in_([case.id for case in cases])).group_by(Document.case)
    found = dict(shut.select(Document.case, fn.COUNT(Document.id)).tuples())
    for case in cases:
        case.files = case.uploads - found.get(case.id, 0)
    return cases


def files() -> Expression:
    """The same number, as an expression over cases."""
    return Case.uploads - _shut(Document.case == Case.id)


def _shut(mine):
    # Not by the index of the states, which SQLite prefers from eight cases on: it leads to every blocked file of the country.
    blocked = fn.COALESCE(Document.state, "").in_(list(BLOCKED))
    return Document.select(fn.COUNT(Document.id)).where(mine & Document.removed_at.is_null() & ~Document.generated & blocked)


def overdue(now: datetime | None = None) -> Iterator[str]:
    """Sentences for `verify`: files that have waited for the worker for more than a day."""
    late = (now or clock.now()) - clock.DAY
    kept = Document.removed_at.is_null() & (Document.added_at < late)
    waiting = Document.select().where(kept, Document.state == FileState.WACHT).count() if settings.clamd_url else 0
    unseen = Document.select().where(kept, Document.look_due.is_null(False)).count()
    if waiting:
        yield f"bestanden: {waiting} wachten al langer dan een dag op de virusscanner"
    if unseen:
        yield f"bestanden: {unseen} zijn na een dag nog niet nagekeken op herkenbare gegevens"
