"""The coordinator's work list: which cases wait for whom, and which one is next."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import merge
from itertools import islice
from typing import Any

from peewee import SQL, ModelSelect, Select, fn

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_action import UNDONE
from models.audit.audit_event import AuditEvent
from models.base import db
from models.cases.case import Case
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import WITH_HOSPITAL, Status
from models.cases.theme import Theme
from models.files import virus_scanning
from models.files.dossier import Dossier
from models.files.privacy import gate
from models.mail.mail_schedule import MailSchedule
from models.questionnaires.query import DataQuery
from models.review.assignment import CaseAssignment, Whose
from models.review.reminder import Reminder, ReminderWait
from models.review.verdict_undo import judged

PAGE = 50  # cases
PAGES = 20  # further back is a search, not a work list
MANY = PAGE * PAGES  # counted no further: beyond it the number changes nothing of what to do


@dataclass(frozen=True)
class Pile:
    """One tab of the work list. `exhausted`: whose last term is over; that of one that waits for a promised day is not.

    `newest_first`: work comes oldest first, what is done comes latest first.
    """

    key: str
    label: str
    statuses: tuple
    newest_first: bool = False
    exhausted: bool = False

    @property
    def is_work(self) -> bool:
        """Whether somebody still has to do something about its cases."""
        return not self.newest_first


PILES = {
    pile.key: pile
    for pile in (
        Pile("te-beoordelen", "Te beoordelen", (Status.INGEDIEND,)),
        Pile("bij-het-ziekenhuis", "Bij het ziekenhuis", WITH_HOSPITAL),
        Pile("uitgeput", "Laatste termijn voorbij", WITH_HOSPITAL, exhausted=True),
        Pile("goedgekeurd", "Goedgekeurd", (Status.GOEDGEKEURD,), newest_first=True),
        Pile("afgesloten", "Afgesloten", (Status.INGETROKKEN,), newest_first=True),
    )
}
TO_REVIEW = PILES["te-beoordelen"]
# What the last of these acts makes of a case that is to be judged now.
MARKS = {"case.mark_incomplete": "Opnieuw ingediend", "case.ask": "Antwoord op de vraag", "case.reopen": "Heropend"}
# A verdict was undone since the last of MARKS; or it was reopened, perhaps as a concept that was never judged.
DOUBTFUL = (UNDONE, "case.reopen")


@dataclass(frozen=True)
class Chosen:
    """What the list is narrowed to. `people`: the account ids whose cases are meant by `Whose.MINE`."""

    theme: Theme | None = None
    hospital: Hospital | None = None
    whose: Whose | None = None
    people: tuple[int, ...] = ()


EVERYTHING = Chosen()


def page_of(
    pile: Pile, by: User, page: int = 0, chosen: Chosen = EVERYTHING, today: date | None = None
) -> tuple[list[Case], bool]:
    """One page of a pile for the coordinator `by`, and whether more follow: ([Case], bool).

    Each with its theme, hospital and reporter, `replied`: whether a reply of the hospital waits to be settled,
    `held_back`: whether the committee may not see a file yet, `files`: how many there are to open, `mark`: 'Opnieuw ingediend'
    or what else it was judged before, `assigned_to`: the name of the coordinator who sees to it, and `forecast`: when a case
    that is with the hospital is expected to be complete, as far as it promised so.
    """
    page = min(max(page, 0), PAGES - 1)
    order = (Case.status_since, Case.id)
    slices = [
        query.select(Case.status_since, Case.id)
        .order_by(*(column.desc() if pile.newest_first else column for column in order))
        .limit(PAGE * (page + 1) + 1)
        .tuples()
        for query in _slices(pile, by, chosen, today)
    ]
    # Each slice is read in the order of an index and merged here: one query over several statuses would sort all of them.
    wanted = list(islice(merge(*slices, reverse=pile.newest_first), PAGE * page, PAGE * (page + 1) + 1))
    ids = [case_id for _, case_id in wanted[:PAGE]]
    promised = RequestedDocumentAnswer.select(fn.MAX(RequestedDocumentAnswer.expected_on))
    found = in_full(Case.select().where(Case.id.in_(ids))).select_extend(
        DataQuery.replied().alias("replied"),
        gate.holds_back().alias("held_back"),
        virus_scanning.files().alias("files"),
        _last_mark().alias("mark"),
        CaseAssignment.name().alias("assigned_to"),
        promised.where(RequestedDocumentAnswer.case == Case.id).alias("promised"),
        Reminder.told(MailSchedule.current().third_weeks).alias("reminded"),
    )
    rows = {case.id: case for case in found}
    waiting = [case for case in rows.values() if case.promised and case.with_hospital]
    dossiers = Dossier.of_all(waiting) if waiting else {}
    standing = _standing_marks([case for case in rows.values() if case.mark in DOUBTFUL])
    for case in rows.values():
        case.mark = standing[case.id] if case.id in standing else MARKS.get(case.mark)
        case.forecast = dossiers[case.id].forecast if case.id in dossiers else None
    return [rows[case_id] for case_id in ids], len(wanted) > PAGE and page + 1 < PAGES


def counts(by: User, today: date | None = None) -> dict[str, int]:
    """{pile key: number of cases}, each counted up to MANY + 1, in one query."""
    queries, keys = [], []
    for pile in PILES.values():
        for query in _slices(pile, by, EVERYTHING, today):
            few = query.select(Case.id).limit(MANY + 1)
            queries.append(Select([few.alias("few")], [fn.COUNT(SQL("*"))]))
            keys.append(pile.key)
    found = defaultdict(int)
    if queries:
        for key, count in zip(keys, Select(None, queries).bind(db).tuples().execute()[0], strict=True):
            found[key] += count
    return {key: min(found[key], MANY + 1) for key in PILES}


def next_case(by: User, after: Any = None) -> Case | None:
    """The oldest case to review, or the first one behind the case `after`, round to the start; None when there is no other."""
    ahead = []
    for query in _slices(TO_REVIEW, by, EVERYTHING, None):
        query = query.order_by(Case.status_since, Case.id)
        if after is not None:
            query = query.where(Case.id != after.id)
            later = (Case.status_since > after.status_since) | (
                (Case.status_since == after.status_since) & (Case.id > after.id)
            )
            behind = query.where(later).first() if after.status == Status.INGEDIEND else None
            ahead.append((0, behind.status_since, behind) if behind else None)
        first = query.first()
        ahead.append((1, first.status_since, first) if first else None)
    return min(filter(None, ahead), default=(None,), key=lambda found: found[:2])[-1]


def choices(by: User) -> tuple[list[Theme], list[Any]]:
    """What the list can be narrowed to: (themes of the coordinator's processes, hospitals that take part)."""
    mine = Theme.process.in_(access.processes(by, "review"))
    themes = Theme.select().where(mine).order_by(Theme.process.desc(), Theme.position)
    # Plain tuples: a thousand records would cost more than the rest of the page.
    return list(themes), list(Hospital.reporting().select(Hospital.id, Hospital.name).namedtuples())


def _standing_marks(cases):
    """{case id: its mark} of those whose last act says too little (DOUBTFUL), in one query."""
    trail = {case.id: [] for case in cases}
    lines = AuditEvent.select().where(AuditEvent.case_id.in_(list(trail))).order_by(AuditEvent.id)
    for event in lines if trail else ():
        trail[event.case_id].append(event)
    words = {case: [MARKS[event.action] for event in judged(events) if event.action in MARKS] for case, events in trail.items()}
    return {case: said[-1] if said else None for case, said in words.items()}


def _last_mark():
    """The last act of `MARKS` on a row of `Case`, or that a verdict was undone, as a sub-query of one value."""
    acts = AuditEvent.select(AuditEvent.action).where(AuditEvent.case_id == Case.id, AuditEvent.action.in_([*MARKS, UNDONE]))
    return acts.order_by(AuditEvent.id.desc()).limit(1)


def in_full(query: ModelSelect) -> ModelSelect:
    """A query of cases with theme, hospital and reporter at hand, in one go, and without the patient number (C12)."""
    reporter = User.alias()
    shown = [field for field in Case._meta.sorted_fields if field is not Case.patient_number]
    return (
        query.select(*shown, Theme, Hospital, reporter)
        .join_from(Case, Theme)
        .join_from(Case, Hospital, on=(Case.hospital == Hospital.id))
        .join_from(Case, reporter, on=(Case.reporter == reporter.id), attr="reporter")
    )


def _last_term(today):
    """Since when a case waits whose last term is over."""
    return clock.start_of(today - timedelta(days=7 * MailSchedule.current().third_weeks - 1))


def _slices(pile, by, chosen, today):
    """The pile as queries of one process and one status each, so that an index gives every one of them in order."""
    today = today or clock.today()
    border = _last_term(today) if pile.exhausted else None
    for process in sorted(access.processes(by, "review")):
        if chosen.theme and chosen.theme.process != process:
            continue
        for status in pile.statuses:
            # Not `visible` as well: said twice, SQLite chooses the index of the process over that of a hospital.
            query = Case.select().where(Case.of_process({process}), Case.status == status)
            if border:
                query = query.where(Case.status_since < border, ~ReminderWait.stands(today))
            if chosen.theme:
                query = query.where(Case.theme == chosen.theme)
            if chosen.hospital:
                query = query.where(Case.hospital == chosen.hospital.id)
            if chosen.whose:
                query = query.where(CaseAssignment.whose(chosen.whose, chosen.people))
            yield query
