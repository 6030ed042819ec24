"""The term of LZA1: six months after the termination, with one mail a month before its end. Late is told, never refused."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import DateField, ForeignKeyField, ModelSelect, NodeList, fn

from models import clock
from models.access import Process
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import PartOf, Record, db
from models.cases.case import Case
from models.cases.status import Status
from models.dutch import long_date, plural
from models.mail.outbox import Mail

MONTHS = 6
WARNING = 1  # months before the end


class Deadline(PartOf, Record):
    """The last day on which a case is reported in time.

    It follows from an answer, but answers are sealed and no clock can look for them. So the day stands here, in clear, and
    is written in the transaction that keeps the answer. Without that answer there is no row.
    """

    case = ForeignKeyField(Case, unique=True, backref="terms", on_delete="RESTRICT")
    last_day = DateField(index=True)

    class Meta:
        table_name = "term"

    @classmethod
    def follow(cls, case: Case, filled: Any) -> None:
        """Let the term follow the answers `filled`, in the caller's transaction, which holds the form."""
        if case.process != Process.LZA1:
            return
        ended = _ended(filled)
        if ended is None:
            cls.delete().where(cls.case == case).execute()
        elif not cls.update(last_day=months_from(ended, MONTHS)).where(cls.case == case).execute():
            cls.create(case=case, last_day=months_from(ended, MONTHS))

    @classmethod
    def standings(cls, cases: Sequence[Case], today: Any = None) -> "dict[int, DeadlineState]":
        """{case id: Standing} for those of `cases` that are of LZA1, in one query, or none when there are none."""
        ids = [case.id for case in cases if case.process == Process.LZA1]
        rows = cls.along(Case.select(Case.id, Case.process).where(Case.id.in_(ids))) if ids else ()
        return {row.id: DeadlineState.of(row, today) for row in rows}  # type: ignore[misc]

    @classmethod
    def along(cls, cases: ModelSelect) -> ModelSelect:
        """The query `cases` with what `DeadlineState.of` needs of each at hand."""
        last = cls.select(cls.last_day).where(cls.case == Case.id)
        submitted = AuditEvent.select(fn.MIN(AuditEvent.at)).where(
            AuditEvent.case_id == Case.id, AuditEvent.action == "case.submit", Case.process == Process.LZA1
        )
        return cases.select_extend(
            NodeList((last,)).converter(cls.last_day.python_value).alias("term_ends"),
            NodeList((submitted,)).converter(AuditEvent.at.python_value).alias("reported_at"),
        )

    @classmethod
    def remind_due(cls, today: date, now: datetime | None = None) -> int:
        """Queue the mail for every concept whose term ends within a month; once for each last day. Returns how many."""
        near = cls.last_day.between(today, today + timedelta(days=31))
        # In two steps: in one, SQLite would rather read every case there is.
        terms = {term.case_id: term for term in cls.select().where(near)}
        for case in Case.select(Case, User).join(User, on=Case.reporter).where(Case.id.in_(list(terms))):
            terms[case.id].case = case
        return sum(term._remind(now or clock.now()) for term in terms.values() if term.is_waited_for(today))

    def is_waited_for(self, today: date) -> bool:
        """Whether `today` is in the last month of the term, and its case was never submitted."""
        case = self.case
        waits = case.status == Status.CONCEPT and case.submitted_at is None
        return waits and months_from(self.last_day, -WARNING) <= today <= self.last_day

    def _remind(self, now):
        with db.atomic():
            mails = [
                Mail.queue("lza1_term", person, f"term:{self.case_id}:{self.last_day}:{person.id}", self.case, now=now)
                for person in self.case.people()
            ]
        return sum(mail is not None for mail in mails)


@dataclass(frozen=True)
class DeadlineState:
    """How a case stands to its term: its last day, the day of its first submission, and today; None for what is not known."""

    last_day: date | None
    reported_on: date | None
    today: date

    @classmethod
    def of(cls, case: Case, today: date | None = None) -> "DeadlineState | None":
        """Of a case that was read by `Deadline.along`; None for a case that has no term."""
        if case.process != Process.LZA1:
            return None
        return cls(case.term_ends, case.reported_at and clock.local_date(case.reported_at), today or clock.today())

    @property
    def late(self) -> int:
        """How many days too late: at the first submission, or up to today. The last day itself is in time."""
        counted = self.reported_on or self.today
        return max(0, (counted - self.last_day).days) if self.last_day else 0

    @property
    def kind(self) -> str:
        """How it looks, in the kinds of ui.badge."""
        if self.late:
            return "error"
        if self.reported_on or not self.last_day:
            return "success" if self.last_day else "neutral"
        return "warning" if months_from(self.last_day, -WARNING) <= self.today else "info"

    @property
    def brief(self) -> str:
        """The sentence for the header and the list; empty when nothing is known and nothing can be done any more."""
        if self.last_day is None:
            return "" if self.reported_on else "Vul de datum van de afbreking in"
        if self.reported_on:
            return f"Te laat gemeld: {plural(self.late, 'dag', 'dagen')}" if self.late else "Op tijd gemeld"
        return f"Te melden uiterlijk op {long_date(self.last_day)}" + (": die dag is voorbij" if self.late else "")


def months_from(day: date, count: int) -> date:
    """The same day `count` calendar months later; the last of a month without that day (31 August: 28 February)."""
    month = clock.first_of(clock.add_months(clock.month_of(day), count))
    return month.replace(day=min(day.day, monthrange(month.year, month.month)[1]))


def _ended(filled):
    """The day of the termination: the one from which the questionnaire counts (its time line, which coordinators edit)."""
    anchor = next(iter(filled.structure.anchors), None)
    day = filled.values.get(anchor.code) if anchor else None
    return day.date() if isinstance(day, datetime) else day


def _term(mail):
    """Only while it is still so. Never the date: with the hospital it would tell when a woman was treated."""
    term = Deadline.select(Deadline, Case).join(Case).where(Deadline.case == mail.case_id).first()
    if not term or not term.is_waited_for(clock.today(mail.leaves_at)) or not term.case.is_open_to(mail.user):
        return None
    return term.case.mail_facts


CONTEXTS = {"lza1_term": _term}
