"""A meeting of a committee; its cases must be assessed some days before, as the settings or its coordinator say."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from peewee import CharField, DateField, DateTimeField, IntegerField, IntegrityError

from models import access, clock
from models.access import PROCESS_LABELS, Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, Record, Refused, db, new_key
from models.committee.rules.committee_settings import DUE_DAYS, MOST_DUE_DAYS, CommitteeSettings
from models.dutch import long_date

# Whose treatment ends in lessons for the hospital: hamerstukken, a letter, receipts of use, and how far assessors agree.
# The committee of LZA1 gives a verdict, and has none of these: its cases are too few and too sensitive.
IN_LESSONS = frozenset({Process.NETHOSS})
TAKES_CASES = timedelta(days=7)  # how long after its day a meeting that is not closed takes cases


class Meeting(Record):
    """One meeting of the committee of one process."""

    key = CharField(max_length=22, unique=True, default=new_key)
    process = CharField(max_length=10, choices=list(PROCESS_LABELS.items()))
    day = DateField()
    due_days = IntegerField(default=DUE_DAYS)
    closed_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("process", "day"), True),)

    def __str__(self):
        return long_date(self.day)

    @classmethod
    def owned_by(cls, hospital: Hospital, processes: Collection[str]) -> Any:
        return NOBODY

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Any:
        return cls.process.in_(processes)

    @classmethod
    def studied_by(cls, user: User, processes: Collection[str]) -> Any:
        return cls.process.in_(processes)

    @property
    def term(self) -> date:
        """The last day on which an assessment is in time."""
        return self.day - timedelta(days=self.due_days)

    @classmethod
    def plan(
        cls, by: User, process: str, day: date | None, now: datetime | None = None, due_days: int | None = None
    ) -> "Meeting":
        """Put a meeting in the calendar. Raises Refused for a day that has been, or that has a meeting.

        `due_days`: how many days before it the assessments must be in; None: as the settings say.
        """
        access.demand(by, "review", process)
        due_days = CommitteeSettings.of(process).due_days if due_days is None else due_days
        if day is None or day < clock.today(now):
            raise Refused("Kies de dag van de vergadering; die ligt niet in het verleden.")
        if not 1 <= due_days <= MOST_DUE_DAYS:
            raise Refused(f"Laat de beoordelingen 1 tot en met {MOST_DUE_DAYS} dagen voor de vergadering binnen zijn.")
        try:
            with db.atomic():
                made = cls.create(process=process, day=day, due_days=due_days)
                detail = f"beoordelingen {due_days} dagen ervoor"
                AuditEvent.log("meeting.plan", by=by, process=process, subject=f"Vergadering {day}", detail=detail, at=now)
        except IntegrityError:
            raise Refused("Op die dag is er al een vergadering van deze commissie.") from None
        return made

    @classmethod
    def coming(cls, process: str, now: datetime | None = None) -> list["Meeting"]:
        """The meetings that take cases, the first ahead; one of last week still does, as long as it is not closed."""
        open_ones = cls.select().where(cls.process == process, cls.closed_at.is_null())
        return list(open_ones.where(cls.day >= clock.today(now) - TAKES_CASES).order_by(cls.day))


def demand_lessons(process: str) -> None:
    """Raise Refused for a committee that gives a verdict instead."""
    if process not in IN_LESSONS:
        raise Refused("Bij LZA1 gaat dit anders: vragen en het oordeel van de commissie plaatst u bij de melding.")
