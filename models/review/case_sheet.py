"""What a coordinator needs to judge a case: everything that is there, what is new, and the words for what is not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Node

from models import access, clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_action import VERDICTS
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.cases.doubles.duplicate_clue import DuplicateClue
from models.cases.remark import Remark
from models.cases.status import Status
from models.files.document import Document
from models.files.dossier import Dossier, missed_in
from models.files.file_history import replaced_since
from models.files.privacy import gate
from models.mail.wording.mail_wording import phrases
from models.review.verdict_undo import judged
from models.review.work_list import MARKS, in_full

LEAVING = ("document.remove", "document.replace")
LINKS = ("case.invite", "case.join", "case.supplement")
MONTHS_BACK = 24

# What a message about missing documents begins and ends with; the script of the page composes with the same words.
MISSING_OPENING, OUR_QUESTIONS, MISSING_CLOSING = COMPOSED = "missing_opening", "missing_questions", "missing_closing"


@dataclass
class CaseSheet:
    """One case as its coordinator sees it. What was never submitted has no files here: the hospital has not shared them yet."""

    case: Case
    dossier: Dossier
    removed: list
    replaced: dict[int, list]  # by a file: those that it replaced since the verdict before, while they can be read
    events: list
    remarks: list
    alike: list
    part_of: CasePart | None  # None for a whole
    missed: dict  # as `missed_in` has it
    withdrawn: list  # parts that were taken back or closed, for the coordinator
    parts: list[tuple[Case, Dossier]]  # of other hospitals, and supplements; the files of those that were handed in

    @property
    def messages(self) -> list:
        return [remark for remark in self.remarks if not remark.is_note]

    @property
    def notes(self) -> list:
        return [remark for remark in self.remarks if remark.is_note]

    @property
    def files(self) -> list[Document]:
        """Every file in the order of the page: by asked document, then the rest."""
        return [document for line in self.dossier.lines for document in line.documents] + self.dossier.loose

    @property
    def mark(self) -> str | None:
        """'Opnieuw ingediend' or 'Heropend' for a case that was judged before and waits again."""
        words = [MARKS[event.action] for event in judged(self.events) if event.action in MARKS]
        return words[-1] if words and self.case.status == Status.INGEDIEND else None

    @property
    def was_assigned(self) -> bool:
        """Whether there may be a coordinator who sees to it: the trail, which is read already, tells."""
        return any(event.action == "case.assign" for event in self.events)

    @property
    def new_since(self) -> Any:
        """The moment of the verdict before, or of the first submission: what came later was never looked at."""
        verdicts = [event.at for event in judged(self.events) if event.action in VERDICTS]
        first = [event.at for event in self.events if event.action == "case.submit"][:1]
        return max(verdicts or first, default=None)

    def is_new(self, document: Document) -> Any:
        return self.new_since is not None and document.added_at > self.new_since

    @property
    def new_files(self) -> list:
        return [document for document in self.files if self.is_new(document)]

    @classmethod
    def of(cls, case: Case, by: User) -> "CaseSheet":
        """The sheet of `case` for the coordinator `by`."""
        shared = case.submitted_at is not None
        events = list(AuditEvent.of_case(case))
        of_more = linked(case, events)
        dossier = Dossier.of(case) if shared else Dossier([], [])
        went = shared and any(event.action in LEAVING for event in events)
        removed = _removed(case) if went else []
        remarks = Remark.select(Remark, User).join(User).where(Remark.case == case).order_by(Remark.id.desc())
        ever, coordinating = case.parts_ever() if of_more else [], access.may(by, "review", case.process)
        parts = _parts(ever, coordinating)
        if not coordinating:
            gate.hide_names([*dossier.files, *(file for _, one in parts for file in one.files)])
        return cls(
            case=case,
            dossier=dossier,
            removed=removed,
            replaced=_replaced(dossier, removed, events),
            events=events,
            remarks=list(remarks) if coordinating else [],
            alike=alike(case, by),
            part_of=CasePart.among([case]).get(case.id) if of_more else None,
            missed=missed_in(case, dossier, events),
            withdrawn=[part for part in ever if coordinating and part.status == Status.INGETROKKEN],
            parts=parts,
        )


def linked(case: Case, events: list[AuditEvent]) -> bool:
    """Whether there may be parts to ask for, by what is read already: the trail of a case tells, and the number of a part."""
    return case.number.count("-") > 1 or any(event.action in LINKS for event in events)


def _parts(ever, coordinating):
    """Of the other parts there ever were: those that stand for the coordinator, those that were approved for the committee."""
    parts = [part for part in ever if part.status == Status.GOEDGEKEURD or (coordinating and part.status != Status.INGETROKKEN)]
    shared = [part for part in parts if part.submitted_at]
    dossiers = Dossier.of_all(shared) if shared else {}
    return [(part, dossiers.get(part.id, Dossier([], []))) for part in parts]


def invitable(case: Case, sheet: CaseSheet) -> list[Any]:
    """The hospitals that may be asked for a part of this case, by name: (id, name), plain because they are many."""
    if case.process != Process.NETHOSS or sheet.part_of or case.status == Status.INGETROKKEN or case.erased_at:
        return []
    there = [case.hospital_id, *(part.hospital_id for part, _ in sheet.parts)]
    return list(Hospital.reporting().where(Hospital.id.not_in(there)).select(Hospital.id, Hospital.name).namedtuples())


def _replaced(dossier, removed, events):
    last = max((event.at for event in judged(events) if event.action in VERDICTS), default=None)
    return replaced_since(dossier.files, [file for file in removed if file.purged_at is None], last) if removed else {}


def _removed(case):
    return list(case.documents.where(Document.removed_at.is_null(False), ~Document.superseded).order_by(Document.id))


def alike(case: Case, by: User) -> list[Case]:
    """Cases of other hospitals that may be the same woman, by the clues that both hospitals gave; for their coordinator."""
    if not access.may(by, "review", case.process):
        return []
    ids = DuplicateClue.meets(case)
    return list(in_full(Case.select().where(Case.id.in_(ids))).order_by(Case.id)) if ids else []


def ask_for(labels: list[Any]) -> str:
    """The message that asks for these documents; empty without any."""
    if not labels:
        return ""
    said = phrases(MISSING_OPENING, MISSING_CLOSING)
    return "\n".join([said[MISSING_OPENING], *(f"- {label}" for label in labels), "", said[MISSING_CLOSING]])


def compose(text: str, labels: Any) -> str:
    """What the coordinator typed, behind a request for those of `labels` that it does not name yet."""
    unnamed = [label for label in labels if label not in text]
    return "\n\n".join(filter(None, [ask_for(unnamed), text.strip()]))


def months_for(case: Case, now: datetime | None = None) -> list[str]:
    """The months a case may count for: the last MONTHS_BACK and the running one, newest first; none for LZA1."""
    if case.process != Process.NETHOSS or case.status == Status.INGETROKKEN:
        return []
    months = clock.months_until(clock.month_of(clock.today(now)), MONTHS_BACK + 1)[::-1]
    return months if case.month in months or case.month is None else [*months, case.month]


def was_done(case: Case, verb: str, by: User, round: int) -> Any:
    """Whether `by` already did exactly this from the page with `round`: the second half of a double click."""
    if str(case.round - 1) != str(round):
        return False
    moves = (
        AuditEvent.select()
        .where(AuditEvent.case_id == case.id, AuditEvent.action == f"case.{verb}")
        .order_by(AuditEvent.id.desc())
    )
    last = moves.first()
    return last is not None and last.actor_id == by.id and last.at == case.status_since


def studied_by(by: User) -> Node:
    """Which of the cases that `by` may see are read as a member of the committee; their parts are read with them."""
    return Case.approved_in(access.processes(by, "study"), found=True) & ~CasePart.there(Case.id)


def is_studied(case: Case, by: User) -> Any:
    """Whether `by` reads this case as a member of its committee."""
    approved = access.may(by, "study", case.process) and case.status == Status.GOEDGEKEURD
    return approved and CasePart.of(case) is None
