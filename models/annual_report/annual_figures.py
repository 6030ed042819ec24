"""The figures of one year of NethOSS, counted from the rows: cases, times, documents, reminders, response.

A case belongs to the year of the month that it counts for. Times are whole local days; what is not over yet is counted apart
and never left out in silence.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Any

from models import clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.audit.audit_action import UNDONE
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.cases.status import DOUBLED, WITH_HOSPITAL, Status
from models.cases.theme import Theme
from models.files.dossier import Dossier
from models.lnr.benchmark.limits import quantile
from models.mail.mail_schedule import MailSchedule
from models.monthly import response
from models.monthly.month_answer import MonthAnswer, MonthAnswerKind
from models.review.reminder import Reminder

BLOCK = 300  # cases of which the events or files are read at once
ON_TIME = timedelta(days=14)  # after the day on which is asked, an answer is on time
VERDICTS = ("case.mark_incomplete", "case.approve", "case.dismiss")
MOVES = ("case.submit", *VERDICTS)


def blocks(rows: Iterable[Any], size: int = BLOCK) -> Iterator[list[Any]]:
    """`rows` in lists of at most `size`."""
    rows = iter(rows)
    while block := list(islice(rows, size)):
        yield block


@dataclass(frozen=True)
class Turnaround:
    """Days that something took: how many are over, their median and 90th percentile; how many are not, and the longest."""

    done: int
    median: float | None
    ninetieth: float | None
    waiting: int = 0
    longest: int | None = None

    @classmethod
    def of(cls, days: Sequence[int], waiting: Sequence[int] = ()) -> "Turnaround":
        return cls(
            done=len(days),
            median=round(quantile(days, 0.5), 1) if days else None,
            ninetieth=round(quantile(days, 0.9), 1) if days else None,
            waiting=len(waiting),
            longest=max(waiting, default=None),
        )


@dataclass
class ThemeCount:
    """The cases of one theme in one year."""

    theme: Theme
    reported: int = 0
    busy: int = 0  # concept, onvolledig or ingediend
    approved: int = 0
    withdrawn: int = 0
    doubled: int = 0
    outside: int = 0


@dataclass(frozen=True)
class HospitalResponse:
    """What one hospital answered about the months of one year."""

    hospital: Hospital
    asked: int
    answered: int
    on_time: int
    provisional: int
    cases: int


@dataclass
class SlotCount:
    """One requested document over the submitted cases of its theme."""

    theme: Theme
    label: str
    asked: int = 0
    at_first: int = 0
    present: int = 0
    later: int = 0
    unavailable: int = 0


@dataclass
class YearFigures:
    """One year, of all hospitals or of one. `now`: up to when it is told; later answers and verdicts are not in it."""

    year: int
    now: datetime = field(default_factory=clock.now)
    hospital: Hospital | None = None

    @property
    def months(self) -> list[str]:
        """The months of the year about which was asked by now."""
        last = clock.previous_month(clock.today(self.now))
        return [month for month in clock.months_until(f"{self.year}-12", 12) if month <= last]

    @cached_property
    def themes(self) -> list[Theme]:
        return list(Theme.select().where(Theme.process == Process.NETHOSS).order_by(Theme.position, Theme.id))

    @cached_property
    def cases(self) -> list[Case]:
        """The cases of the year, without their patient numbers."""
        shown = [field for field in Case._meta.sorted_fields if field is not Case.patient_number]
        within = Case.month.between(f"{self.year}-01", f"{self.year}-12") & Case.theme.in_(self.themes)
        within &= (Case.hospital == self.hospital) if self.hospital else EVERYBODY
        within &= ~CasePart.there(Case.id)  # a case of two hospitals counts once
        return list(Case.select(*shown).where(within, Case.created_at <= self.now).order_by(Case.id))

    @cached_property
    def moves(self) -> dict[int, list[tuple[str, datetime]]]:
        """{case id: its submissions and verdicts as (action, moment), the first ahead}."""
        found = defaultdict(list)
        for block in blocks(self.cases):
            ids = [case.id for case in block]
            lines = AuditEvent.select(AuditEvent.case_id, AuditEvent.action, AuditEvent.at)
            for case_id, action, at in (
                lines.where(AuditEvent.case_id.in_(ids), AuditEvent.action.in_([*MOVES, UNDONE]), AuditEvent.at <= self.now)
                .order_by(AuditEvent.id)
                .tuples()
            ):
                if action == UNDONE:
                    found[case_id].pop()  # the verdict before it
                else:
                    found[case_id].append((action, at))
        return found

    def by_theme(self) -> list[ThemeCount]:
        """What was reported and what became of it, per theme in the order of the themes; themes without a case too."""
        found = {theme.id: ThemeCount(theme) for theme in self.themes}
        for case in self.cases:
            one = found[case.theme_id]
            one.reported += 1
            if case.status == Status.GOEDGEKEURD:
                one.approved += 1
            elif case.status != Status.INGETROKKEN:
                one.busy += 1
            elif not case.dismissed:
                one.withdrawn += 1
            elif (case.dismissed_as or case.closed_why) in DOUBLED:
                one.doubled += 1
            else:
                one.outside += 1
        return list(found.values())

    # ---- response --------------------------------------------------------------------------------------------------------

    @cached_property
    def answers(self) -> list[MonthAnswer]:
        standing = MonthAnswer.month.in_(self.months) & MonthAnswer.ended_at.is_null() & (MonthAnswer.at <= self.now)
        standing &= (MonthAnswer.hospital == self.hospital) if self.hospital else EVERYBODY
        return list(MonthAnswer.select().where(standing)) if self.months else []

    def responses(self) -> list[HospitalResponse]:
        """The hospitals that were asked about a month of the year, by name."""
        asked, counts = defaultdict(set), Counter(case.hospital_id for case in self.cases if case.status != Status.INGETROKKEN)
        only = [self.hospital.id] if self.hospital else None
        for hospital, month, _ in response.asked_months(only, self.months) if self.months else []:
            asked[hospital].add(month)
        answered = defaultdict(list)
        for answer in self.answers:
            if answer.month in asked[answer.hospital_id]:
                answered[answer.hospital_id].append(answer)
        return [
            HospitalResponse(
                hospital=hospital,
                asked=len(asked[hospital.id]),
                answered=sum(one.confirmed for one in answered[hospital.id]),
                on_time=sum(one.confirmed and self._on_time(one) for one in answered[hospital.id]),
                provisional=sum(not one.confirmed for one in answered[hospital.id]),
                cases=counts[hospital.id],
            )
            for hospital in Hospital.select()
            .where(Hospital.id.in_([id for id, months in asked.items() if months]))
            .order_by(Hospital.name)
        ]

    @cached_property
    def asked_on(self) -> dict[str, datetime]:
        """{month of the year: the day on which is asked about it}, by the schedule of then."""
        return MailSchedule.days_of(self.months)

    def _on_time(self, answer):
        return clock.local_date(answer.at) < clock.local_date(self.asked_on[answer.month]) + ON_TIME

    # ---- times -----------------------------------------------------------------------------------------------------------

    def times(self) -> dict[str, Turnaround]:
        """{what: Turnaround}: question to answer, report to first submission, submission to verdict, report to approval."""
        answers = [
            clock.whole_days(self.asked_on[one.month], one.at)
            for one in self.answers
            if one.confirmed and one.kind == MonthAnswerKind.NUL
        ]
        first, verdict, approval = ([], []), ([], []), ([], [])
        for case in self.cases:
            moves = self.moves[case.id]
            submitted = next((at for action, at in moves if action == "case.submit"), None)
            closed = case.status == Status.INGETROKKEN
            if submitted:
                first[0].append(clock.whole_days(case.created_at, submitted))
            elif not closed:
                first[1].append(clock.whole_days(case.created_at, self.now))
            for days, over in _verdicts(moves, self.now):
                verdict[0 if over else 1].append(days)
            if case.status == Status.GOEDGEKEURD:
                approval[0].append(clock.whole_days(case.created_at, case.approved_at))
            elif not closed:
                approval[1].append(clock.whole_days(case.created_at, self.now))
        return {
            "Van uitvraag tot nul-melding": Turnaround.of(answers),
            "Van aanmaken tot eerste keer indienen": Turnaround.of(*first),
            "Van indienen tot oordeel van de coördinator": Turnaround.of(*verdict),
            "Van aanmaken tot goedkeuring": Turnaround.of(*approval),
        }

    def rounds(self) -> dict[str, int]:
        """{'1', '2', '3 of meer': approved cases}: how often they were submitted."""
        submitted = [
            sum(action == "case.submit" for action, _ in self.moves[case.id])
            for case in self.cases
            if case.status == Status.GOEDGEKEURD
        ]
        return {
            "1": sum(count <= 1 for count in submitted),
            "2": submitted.count(2),
            "3 of meer": sum(count >= 3 for count in submitted),
        }

    # ---- documents and reminders -----------------------------------------------------------------------------------------

    def slots(self) -> list[SlotCount]:
        """Each requested document of the cases that were submitted and not closed, per theme in its order."""
        themes = {theme.id: theme for theme in self.themes}
        submitted = [case for case in self.cases if case.submitted_at and case.status != Status.INGETROKKEN]
        found: dict[tuple[int, int, int], SlotCount] = {}
        for block in blocks(submitted):
            dossiers = Dossier.of_all(block)
            for case in block:
                first = next((at for action, at in self.moves[case.id] if action == "case.submit"), case.submitted_at)
                for line in dossiers[case.id].lines:
                    theme, place = themes[case.theme_id], (case.theme_id, line.asked.position, line.asked.id)
                    one = found.setdefault(place, SlotCount(theme, line.asked.label))
                    one.asked += 1
                    one.at_first += any(document.counts and document.added_at <= first for document in line.documents)
                    one.present += line.state == "aanwezig"
                    one.later += line.state == "volgt later"
                    one.unavailable += line.state == "niet beschikbaar"
        order = {theme.id: number for number, theme in enumerate(self.themes)}
        return [found[key] for key in sorted(found, key=lambda key: (order[key[0]], key[1], key[2]))]

    def reminders(self) -> list[tuple[int, int, int]]:
        """(weeks, stays that were reminded then, of those whose hospital came before a next reminder) for 4, 8 and 12 weeks."""
        latest: dict[tuple[int, int], int] = {}
        sent: Counter[int] = Counter()
        for block in blocks(self.cases):
            rows = Reminder.select(Reminder.case, Reminder.round, Reminder.weeks).where(Reminder.case.in_(block))
            for case, round, weeks in rows.distinct().tuples():
                sent[weeks] += 1
                latest[case, round] = max(latest.get((case, round), 0), weeks)
        now = {case.id: case for case in self.cases}
        came = Counter(
            weeks for (case, round), weeks in latest.items() if now[case].round > round or now[case].status not in WITH_HOSPITAL
        )
        return [(weeks, sent[weeks], came[weeks]) for weeks in sorted(sent)]


def _verdicts(moves, now):
    """(days, whether it is over) of each submission until its verdict."""
    since = None
    for action, at in moves:
        if action == "case.submit":
            since = since or at
        elif since:
            yield clock.whole_days(since, at), True
            since = None
    if since:
        yield clock.whole_days(since, now), False
