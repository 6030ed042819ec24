"""The gate at the act: handing a case in and approving it ask about files that are not checked or not decided about yet.

'Checked' is both: looked into for what may tell who somebody is, and by the malware scanner. Whatever the answer, the file
stays closed to the committee until it was checked and decided about (`inspection.demand_decided`, `Document.demand_open`).
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from peewee import Expression, fn

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.status import Status
from models.dutch import plural
from models.files.document import Document
from models.files.dossier import Dossier
from models.files.privacy.privacy_decision import PrivacyDecision
from models.mail.outbox import Mail

DECIDE_FIRST = "Beslis eerst over wat er in de bestanden is gevonden. Daarna kunt u de melding indienen."


class AskedAnyway(Refused):
    """Nothing was done yet: `str` says what is not sure. The same act with `anyway` does it, and the trail keeps that."""


def unchecked(files: Iterable[Document]) -> list[Document]:
    """Those of `files` about which the portal will still say something."""
    return [file for file in files if file.in_the_works and file.counts and not file.generated]


def undecided(traces: dict[int, list[PrivacyDecision]]) -> list[Document]:
    """The files in which something was found that the hospital did not decide about, from `PrivacyDecision.of_case`."""
    found = (trace for one in traces.values() for trace in one if trace.is_open and trace.document.counts)
    return list(dict.fromkeys(trace.document for trace in found))


def hide_names(files: Iterable[Document]) -> None:
    """Keep the name, which a person typed, of those of `files` that a committee may not open yet from its pages too."""
    files = list(files)
    open_traces = PrivacyDecision.select(PrivacyDecision.document).where(PrivacyDecision.open())
    undecided = {one.document_id for one in open_traces.where(PrivacyDecision.document.in_(files))} if files else set()
    for file in files:
        file.name_held = file.id in undecided or (file.look_due is not None and not file.generated)


def holds_back() -> Expression:
    """That a case that was handed in has a file that is undecided or not looked into, as an expression over cases."""
    files = Document.select().where((Document.case == Case.id) & Document.usable() & ~Document.generated)
    traces = PrivacyDecision.select().where(PrivacyDecision.document == Document.id, PrivacyDecision.open())
    shut = files.where(Document.look_due.is_null(False) | fn.EXISTS(traces))
    return Case.submitted_at.is_null(False) & fn.EXISTS(shut)


def hand_in(case: Case, by: User, anyway: bool = False, now: datetime | None = None) -> None:
    """`Case.submit`, behind the gate. Raises AskedAnyway while a file is not checked, and Refused while one is undecided."""
    access.demand(by, "complete", case.process)
    with db.atomic():
        Case.held(case.id)  # no file comes in between the question and the act
        if undecided(PrivacyDecision.of_case(case)):
            raise Refused(DECIDE_FIRST)
        files = unchecked(Document.present(case))
        if files and not anyway:
            raise AskedAnyway(f"{_many(files)} nog niet nagekeken.")
        case.submit(by, now)
        _note("document.unchecked", case, by, files, now)


# Of a room above: how many questions of a case lapse at its approval, and what lets them.
approval_followers: list[tuple[Callable[[Case], int], Callable[[Case, User, datetime], None]]] = []


def approve(case: Case, by: User, anyway: bool = False, now: datetime | None = None) -> None:
    """`Case.approve`, behind the gate. Raises AskedAnyway while something is not there to read, or a question is open.

    What the coordinators still asked is settled then: the hospital can answer it no more.
    """
    access.demand(by, "review", case.process)
    now = now or clock.now()
    with db.atomic():
        Case.held(case.id)
        missing = Dossier.of(case).missing
        files = list(dict.fromkeys([*undecided(PrivacyDecision.of_case(case)), *unchecked(Document.present(case))]))
        if not anyway:
            _ask_about(case.open_parts(), missing, files, sum(lapsing(case) for lapsing, _ in approval_followers))
        case.approve(by, now)
        for _, lapse in approval_followers:
            lapse(case, by, now)
        if missing:
            labels = ", ".join(line.asked.label for line in missing)
            AuditEvent.log("case.gaps", by=by, case=case, detail=labels[:500], at=now)
        _note("document.undecided", case, by, files, now)


def _ask_about(parts, missing, files, questions):
    if parts:
        raise AskedAnyway(f"Van deze casus is deel {parts[0].number} van {parts[0].hospital.name} nog niet goedgekeurd.")
    if files:
        raise AskedAnyway(
            f"{_many(files)} nog niet nagekeken, of het ziekenhuis heeft nog niet beslist over wat daarin is gevonden."
        )
    if missing:
        raise AskedAnyway("Nog niet alle gevraagde documenten zijn er.")
    if questions:
        raise AskedAnyway(f"{plural(questions, 'open vraag vervalt', 'open vragen vervallen')} bij goedkeuren.")


def found_late(document: Document, now: datetime) -> None:
    """Mail whose case it is that something was found after it was handed in, at most once a day; in the look's transaction."""
    case = Case.get_by_id(document.case_id)
    if case.status in (Status.INGEDIEND, Status.GOEDGEKEURD) and any(trace.is_open for trace in document.traces):
        for person in case.people():
            once = f"file_undecided:{case.id}:{person.id}:{clock.today(now)}"
            Mail.queue("file_undecided", person, once=once, case=case, now=now)


def _many(files):
    return f"{plural(len(files), 'bestand is', 'bestanden zijn')}"


def _note(action, case, by, files, now):
    for file in files:
        AuditEvent.log(action, by=by, case=case, detail=file.key, at=now or clock.now())
