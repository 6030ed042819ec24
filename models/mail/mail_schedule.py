"""Mailing schedule: when the monthly request leaves, who stays silent is reminded, and after how many weeks a waiting case
is.

Kept in the database, one row for each change, so that every worker knows the latest at once and the list is its own history.
"""

from collections.abc import Collection, Iterable
from contextvars import ContextVar
from datetime import date, datetime
from itertools import pairwise

from peewee import SQL, Check, DateTimeField, ForeignKeyField, IntegerField, IntegrityError, Node

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, Refused, db
from models.database.private_copy import forgotten
from models.dutch import MONTHS, listed

DAYS, HOURS, MOST_WEEKS = range(1, 29), range(6, 21), 52  # what may be chosen; 28: the last day that every month has
SEND_DAY, SEND_HOUR, WEEKS = 1, 7, (4, 8, 12)  # as delivered; the hour is local
REMIND_DAY, BIRTHS_MONTH = 15, 1  # as delivered
# What a request has read, so that a page with a month in every cell asks once; None outside a request, where each asks anew.
known: ContextVar["list[MailSchedule] | None"] = ContextVar("known", default=None)
MOVED = "Iemand heeft de planning intussen gewijzigd. Bekijk die opnieuw."


class MailSchedule(Record):
    """The schedule from `changed_at` until the next row. The latest counts; without any, what was delivered."""

    number = IntegerField(unique=True)  # one more than that of the row it replaces: of two who change at once, one does
    send_day = IntegerField(default=SEND_DAY, constraints=[Check("send_day BETWEEN 1 AND 28")])
    send_hour = IntegerField(default=SEND_HOUR, constraints=[Check("send_hour BETWEEN 6 AND 20")])
    first_weeks = IntegerField(default=WEEKS[0], constraints=[Check("first_weeks >= 1")])
    second_weeks = IntegerField(default=WEEKS[1], constraints=[Check("second_weeks > first_weeks")])
    third_weeks = IntegerField(default=WEEKS[2], constraints=[Check("third_weeks > second_weeks AND third_weeks <= 52")])
    remind_day = IntegerField(  # empty: nobody is reminded by the clock
        null=True, default=REMIND_DAY, constraints=[SQL("DEFAULT 15"), Check("remind_day BETWEEN 1 AND 28")]
    )
    births_month = IntegerField(  # of the year before; empty: they are not asked for
        null=True, default=BIRTHS_MONTH, constraints=[SQL("DEFAULT 1"), Check("births_month BETWEEN 1 AND 12")]
    )
    changed_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    changed_at = DateTimeField(null=True)

    def __str__(self):
        reminds = f"op dag {self.remind_day}" if self.remind_day else "niet"
        return (
            f"dag {self.send_day}, {self.send_hour}.00 uur; stille ziekenhuizen herinneren: {reminds};"
            f" geboorten vragen: {f'in {self.births_asked}' if self.births_month else 'niet'};"
            f" meldingen herinneren na {listed(self.weeks)} weken"
        )

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return EVERYBODY

    @classmethod
    def current(cls) -> "MailSchedule":
        """What counts now."""
        return cls.history()[-1]

    @classmethod
    def history(cls) -> list["MailSchedule"]:
        """Every schedule, the oldest first; the first is what was delivered."""
        kept = None if forgotten.get() else known.get()  # what is tried out stays out of it
        if kept:
            return kept
        rows = [cls(number=0), *cls.select().order_by(cls.number)]
        if kept is not None:
            known.set(rows)
        return rows

    @classmethod
    def at(cls, moment: datetime) -> "MailSchedule":
        """What counted at that moment."""
        delivered, *changes = cls.history()
        return [delivered, *(row for row in changes if row.changed_at and row.changed_at <= moment)][-1]

    @classmethod
    def days_of(cls, months: Iterable[str]) -> dict[str, datetime]:
        """{month: the start of the day on which is asked about it}, by the schedule of then; one query."""
        rows = cls.history()
        return {month: clock.start_of(clock.today(_asked(rows, month))) for month in months}

    @property
    def weeks(self) -> tuple[int, int, int]:
        """After how many weeks a waiting case is reminded, ascending."""
        return self.first_weeks, self.second_weeks, self.third_weeks

    @property
    def fields(self) -> dict[str, int | None]:
        """What can be chosen, by the names that `amend` takes."""
        names = ("send_day", "send_hour", "remind_day", "births_month", "first_weeks", "second_weeks", "third_weeks")
        return {name: getattr(self, name) for name in names}

    @property
    def said(self) -> str:
        """When the request leaves, in the middle of a sentence."""
        return f"op dag {self.send_day} van de maand, om {self.send_hour}.00 uur"

    def reminder_due(self, asked: date) -> datetime | None:
        """From when hospitals that do not answer a request of the day `asked` are reminded; None: never."""
        if self.remind_day is None:
            return None
        month = clock.month_of(asked) if asked.day < self.remind_day else clock.add_months(clock.month_of(asked), 1)
        return clock.start_of(clock.first_of(month).replace(day=self.remind_day), self.send_hour)

    @property
    def births_asked(self) -> str:
        """The month in which births are asked for, in words; empty: never."""
        return MONTHS[self.births_month - 1] if self.births_month else ""

    def births_due(self, year: int) -> datetime | None:
        """From when the births of `year` are asked for, in the year after it; None: never."""
        if self.births_month is None:
            return None
        return clock.start_of(date(year + 1, self.births_month, self.send_day), self.send_hour)

    @property
    def is_delivered(self) -> bool:
        return self.fields == MailSchedule().fields

    def request_due(self, month: str) -> datetime:
        """The moment at which the hospitals are asked about `month`: in the month after it."""
        first: date = clock.first_of(clock.add_months(month, 1))
        return clock.start_of(first.replace(day=self.send_day), self.send_hour)

    def month_due(self, now: datetime) -> str:
        """The latest month about which the request was due by `now`."""
        last = clock.previous_month(clock.today(now))
        return last if self.request_due(last) <= now else clock.add_months(last, -1)

    def asks_from(self, month: str) -> datetime:
        """From when the clock asks about `month`: once due, or from the change that moved it to a day that was over."""
        due = self.request_due(month)
        if self.changed_at is None or due >= self.changed_at:
            return due
        was = MailSchedule.get_or_none(MailSchedule.number == self.number - 1) or MailSchedule(number=0)
        return self.changed_at if was.request_due(month) > self.changed_at else due

    def next_request(self, now: datetime | None = None) -> date:
        """The day on which the hospitals are asked next: today, until it was done."""
        return clock.today(self.request_due(clock.add_months(self.month_due(now or clock.now()), 1)))

    @classmethod
    def amend(cls, by: User, seen: int, now: datetime | None = None, **chosen: int | None) -> "MailSchedule":
        """Replace the schedule whose number is `seen`. Raises Refused outside the bounds, and when another was first."""
        access.demand(by, "curate")
        was, now = cls.current(), now or clock.now()
        if was.number != seen:
            raise Refused(MOVED)
        made = cls(number=seen + 1, changed_by=by, changed_at=now, **was.fields | chosen)
        for problem in made.problems().values():
            raise Refused(problem)
        if made.fields == was.fields:
            return was
        try:
            with db.atomic():
                made.save()
                AuditEvent.log("mail.schedule", by=by, subject="Planning van mails", detail=f"{was} > {made}", at=now)
        except IntegrityError:
            raise Refused(MOVED) from None
        if known.get():
            known.set([])
        return made

    def problems(self) -> dict[str, str]:
        """{field: what is wrong with it}; empty when this can be the schedule."""
        wrong = {}
        if self.send_day not in DAYS:
            wrong["send_day"] = "Kies een dag van 1 tot en met 28: die heeft elke maand."
        if self.send_hour not in HOURS:
            wrong["send_hour"] = "Kies een uur van 6 tot en met 20."
        if self.remind_day is not None and self.remind_day not in DAYS:
            wrong["remind_day"] = "Kies een dag van 1 tot en met 28, of laat dit leeg: dan wordt niemand vanzelf herinnerd."
        elif self.remind_day == self.send_day:
            wrong["remind_day"] = "Op deze dag gaat de uitvraag zelf uit. Kies een andere dag, of laat dit leeg."
        if self.births_month is not None and self.births_month not in range(1, 13):
            wrong["births_month"] = "Kies een maand van 1 tot en met 12, of laat dit leeg: dan wordt er niet om gevraagd."
        for name in ("first_weeks", "second_weeks", "third_weeks"):
            if getattr(self, name) not in range(1, MOST_WEEKS + 1):
                wrong[name] = f"Kies 1 tot en met {MOST_WEEKS} weken."
        if not wrong and self.second_weeks <= self.first_weeks:
            wrong["second_weeks"] = "De tweede herinnering komt na de eerste. Kies meer weken."
        if not wrong and self.third_weeks <= self.second_weeks:
            wrong["third_weeks"] = "De derde herinnering komt na de tweede. Kies meer weken."
        return wrong


def _asked(rows, month):
    """When is asked about a month, by these schedules, the oldest first: the first whose moment was before the next came."""
    for row, after in pairwise([*rows, None]):
        due = row.request_due(month)
        asked = max(due, row.changed_at or due)
        if after is None or asked < after.changed_at:
            break
    return asked
