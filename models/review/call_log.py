"""Call log: what hospitals told the coordinator by telephone, and on which day to call back.

A line is never changed; a call back ends when somebody says that it is settled, or logs the call that settled it.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from peewee import SQL, CharField, DateField, DateTimeField, ForeignKeyField, IntegrityError, ModelSelect, fn

from models import access, clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, NOBODY, Record, Refused, db
from models.dutch import long_date
from models.encrypted_fields import SealedField
from models.mail.calendar.calendar_file import CalendarDay
from models.monthly.month_answer import MonthAnswer
from models.typed_text import one_line, tidy
from settings import settings

OUTCOMES = {
    "gesproken": "Gesproken",
    "komt nog": "Gesproken, antwoord komt nog",
    "niet bereikt": "Niet bereikt",
}
NOT_REACHED = "niet bereikt"
LONGEST, LONGEST_NAME = 2000, 150
FURTHEST = 366  # days ahead


class LoggedCall(Record):
    """One call with a hospital: who was spoken to, what was said, and when to call back. Only the coordinator reads it."""

    key = CharField(max_length=43, unique=True)  # made by the page, so that a double click is one call
    hospital = ForeignKeyField(Hospital, backref="calls", on_delete="RESTRICT")
    month = CharField(max_length=7, null=True)  # 'YYYY-MM', when it was about the request of that month
    outcome = CharField(max_length=20, choices=list(OUTCOMES.items()))
    # Names and what people say: sealed, as every other text that somebody types about a case.
    spoken_to = SealedField(default="")
    text = SealedField(default="")
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()
    call_back_on = DateField(null=True)
    taken_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")  # who calls back, when that is not `by`
    settled_at = DateTimeField(null=True)
    settled_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")

    class Meta:
        indexes = ((("hospital", "at"), False),)

    def __str__(self):
        return f"Gesprek van {long_date(clock.local_date(self.at))}"

    @classmethod
    def owned_by(cls, hospital: Hospital, processes: Collection[str]) -> Any:
        return NOBODY

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Any:
        return EVERYBODY if Process.NETHOSS in processes else NOBODY

    @property
    def open(self) -> bool:
        """Whether there is still to call back."""
        return self.call_back_on is not None and self.settled_at is None

    def due(self, today: date | None = None) -> bool:
        """Whether the day to call back has come."""
        return self.open and self.call_back_on <= (today or clock.today())

    @property
    def calendar_day(self) -> CalendarDay:
        """The day to call back, for somebody's calendar; which hospital it is stands behind the link only."""
        return CalendarDay(
            f"call:{self.key}", self.call_back_on, "Terugbellen (mijnPerined)", f"{settings.portal_url}/ziekenhuizen/"
        )

    @classmethod
    def log(
        cls,
        hospital: Hospital,
        by: User,
        key: str,
        outcome: str,
        spoken_to: str = "",
        text: str = "",
        call_back: bool = False,
        call_back_on: date | None = None,
        month: str | None = None,
        settles: Collection[str] = (),
        now: datetime | None = None,
    ) -> "LoggedCall":
        """Keep a call with `hospital`, and end the open call backs named in `settles` (their keys) with it.

        `call_back` says that a day was typed. Raises Refused for a day that is none, or lies behind or too far ahead,
        and when nothing was told. The same `key` twice is the same call.
        """
        access.demand(by, "follow")
        now = now or clock.now()
        spoken_to, text = one_line(spoken_to, LONGEST_NAME, "De naam"), tidy(text, LONGEST, "De tekst")
        if outcome not in OUTCOMES:
            raise Refused("Kies hoe het gesprek ging.")
        if outcome != NOT_REACHED and not spoken_to:
            raise Refused("Vul in met wie u sprak.")
        if call_back and call_back_on is None:
            raise Refused("Dit is geen dag om terug te bellen. Kies er een in de kalender, of schrijf bijvoorbeeld 2026-12-31.")
        if call_back_on and not 0 <= (call_back_on - clock.today(now)).days <= FURTHEST:
            raise Refused("Kies om terug te bellen een dag vanaf vandaag, hoogstens een jaar vooruit.")
        try:
            with db.atomic():
                told = dict(outcome=outcome, spoken_to=spoken_to, text=text, month=month, call_back_on=call_back_on)
                made = cls.create(key=key, hospital=hospital, by=by, at=now, **told)
                AuditEvent.log("call.log", by=by, hospital=hospital, subject=f"{hospital}: {OUTCOMES[outcome]}", at=now)
                for earlier in cls.to_call_back().where(cls.hospital == hospital, cls.key.in_(list(settles))):
                    earlier.settle(by, now)
        except IntegrityError:
            if earlier := cls.get_or_none(cls.key == key, cls.hospital == hospital, cls.by == by):
                return earlier
            raise Refused("Dit formulier is al gebruikt. Open de pagina opnieuw en leg het gesprek daar vast.") from None
        return made

    def settle(self, by: User, now: datetime | None = None) -> None:
        """There is no more to call back about. Who is second changes nothing."""
        access.demand(by, "follow")
        with db.atomic():
            mine = (LoggedCall.id == self.id) & LoggedCall.settled_at.is_null() & LoggedCall.call_back_on.is_null(False)
            if LoggedCall.update(settled_at=now or clock.now(), settled_by=by).where(mine).execute():
                AuditEvent.log("call.settle", by=by, hospital=self.hospital_id, subject=str(self), at=now)

    def take(self, by: User, now: datetime | None = None) -> None:
        """Call back oneself, in the place of who was to. Taking what one has changes nothing."""
        access.demand(by, "follow")
        with db.atomic():
            mine = (LoggedCall.id == self.id) & LoggedCall.settled_at.is_null() & LoggedCall.call_back_on.is_null(False)
            others = fn.COALESCE(LoggedCall.taken_by, LoggedCall.by) != by.id
            if LoggedCall.update(taken_by=by).where(mine, others).execute():
                AuditEvent.log("call.take", by=by, hospital=self.hospital_id, subject=str(self), at=now)

    @classmethod
    def to_call_back(cls, hospital: Hospital | None = None) -> ModelSelect:
        """The calls that still ask for a call back, of one hospital or of all, the first day ahead, as a query."""
        waiting = cls.settled_at.is_null() & cls.call_back_on.is_null(False)
        if hospital:
            waiting &= cls.hospital == hospital
        return cls.select().where(waiting).order_by(cls.call_back_on, cls.id)

    @classmethod
    def to_do(
        cls, user: User, limit: int, today: date | None = None, people: Collection[int] | None = None
    ) -> tuple[list["LoggedCall"], int]:
        """What `user` should call back about today: (the first `limit`, each with its hospital and `answered`, how many).

        `answered`: the month that it was about was answered meanwhile. `people`: account ids, for only what these were to call.
        """
        if not access.may(user, "follow"):
            return [], 0
        waiting = cls.to_call_back().where(cls.call_back_on <= (today or clock.today()))
        if people is not None:
            waiting = waiting.where(fn.COALESCE(cls.taken_by, cls.by).in_(list(people)))
        caller = User.alias()
        joined = waiting.select(cls, Hospital, caller.id, caller.name).join(Hospital)
        joined = joined.join_from(cls, caller, on=(fn.COALESCE(cls.taken_by, cls.by) == caller.id), attr="caller")
        shown = list(joined.limit(limit))
        if not shown:
            return [], 0
        answers = MonthAnswer.select(MonthAnswer.hospital, MonthAnswer.month).where(
            MonthAnswer.hospital.in_([call.hospital_id for call in shown]),
            MonthAnswer.month.in_([call.month for call in shown if call.month]),
            MonthAnswer.ended_at.is_null(),
            MonthAnswer.confirmed,
        )
        answered = set(answers.tuples())
        for call in shown:
            call.answered = (call.hospital_id, call.month) in answered
        return shown, waiting.count() if len(shown) == limit else len(shown)

    @classmethod
    def of_hospital(cls, hospital: Hospital, limit: int, month: str | None = None) -> list["LoggedCall"]:
        """The latest calls with a hospital, each with who made it; only those about `month` when one is given."""
        found = (
            cls.select(cls, User).join(User, on=cls.by).where(cls.hospital == hospital).order_by(cls.at.desc(), cls.id.desc())
        )
        return list((found.where(cls.month == month) if month else found).limit(limit))

    @classmethod
    def latest(cls, hospitals: Iterable[int], month: str) -> dict[int, "LoggedCall"]:
        """{hospital id: its latest call about `month`}, in one query."""
        last = cls.select(fn.MAX(cls.id)).where(cls.hospital.in_(list(hospitals)), cls.month == month).group_by(cls.hospital)
        return {call.hospital_id: call for call in cls.select().where(cls.id.in_(last))}

    @classmethod
    def next_days(cls, hospitals: Iterable[int]) -> dict[int, date]:
        """{hospital id: the first day on which it is to be called back}, for those that are, in one query."""
        waiting = cls.to_call_back().where(cls.hospital.in_(list(hospitals))).order_by()
        return dict(waiting.select(cls.hospital, fn.MIN(cls.call_back_on)).group_by(cls.hospital).tuples())

    @classmethod
    def hospitals_to_call(cls, when: str) -> ModelSelect:
        """The ids of the hospitals to call back: 'nu' for today or before, 'gepland' for all, as a sub-query."""
        waiting = cls.to_call_back().order_by().select(cls.hospital)
        return waiting.where(cls.call_back_on <= clock.today()) if when == "nu" else waiting


LoggedCall.add_index(
    LoggedCall.index(
        LoggedCall.call_back_on,
        where=SQL("settled_at IS NULL AND call_back_on IS NOT NULL"),
        name="logged_call_to_call_back",
    )
)
