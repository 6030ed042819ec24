"""The monthly look at the trail: the figures of a month, and who signed that they read them (NEN 7513; AP on Haga, OLVG)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, Case, CharField, DateTimeField, ForeignKeyField, Node, fn

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.audit.audit_log import EXPORTS, READS
from models.base import EVERYBODY, Record, Refused, any_of, db
from models.dutch import month_name
from models.encrypted_fields import SealedField

OFFICE = (7, 19)  # from and until, o'clock in the Netherlands, Monday to Friday
YEAR = 12  # months
MANY = 25  # cases and stays that one account looked into
MOST_ACCOUNTS = 10
MOST_MONTHS = 24
NOTE_MAX = 2000
FAILED = ("user.login_refused", "user.throttled", "factor.refused")
RIGHTS = ("user.roles", "user.address", "user.activate", "factor.reset")  # what gives somebody rights, or a way in
LINES = {
    "Geweigerd": ("access.refused",), "Inloggen mislukt": FAILED, "Exports": EXPORTS, "Rechten gewijzigd": RIGHTS,
}  # fmt: skip
_READ_BY_SOMEBODY = AuditEvent.action.in_(READS) & AuditEvent.actor.is_null(False)


class AuditReview(Record):
    """Somebody read the figures of a month and wrote down what they found. Once for a month, and for good."""

    month = CharField(max_length=7, unique=True)
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField(default=clock.now)
    note = SealedField()

    class Meta:
        table_name = "trail_review"

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def sign(cls, month: str, by: User, note: str, now: datetime | None = None) -> Any:
        """Sign a month off. Raises Refused unless `by` may, the month is over and nobody did it before."""
        access.demand(by, "manage")
        now, note = now or clock.now(), (note or "").replace("\x00", "").strip()
        if month >= clock.month_of(clock.today(now)):
            raise Refused(f"{month_name(month).capitalize()} is nog niet voorbij. Teken de maand af als die voorbij is.")
        if not note:
            raise Refused(
                "Schrijf in een paar woorden op wat u hebt bekeken en wat u vond. Niets bijzonders is ook een uitkomst."
            )
        if len(note) > NOTE_MAX:
            raise Refused(f"Uw bevinding is langer dan {NOTE_MAX} tekens. Maak die korter.")
        with db.atomic():
            made, new = cls.get_or_create(month=month, defaults={"by": by, "at": now, "note": note})
            if not new:
                raise Refused(f"{made.by.name} heeft {month_name(month)} al afgetekend.")
            AuditEvent.log("trail.sign", by=by, subject=month, at=now)
        return made

    @classmethod
    def of_month(cls, month: str) -> Any:
        """The review of a month with its reader, or None."""
        return cls.select(cls, User).join(User).where(cls.month == month).first()

    @classmethod
    def due(cls, now: datetime | None = None) -> str | None:
        """Last month, when there is something to read in it and nobody signed for it; else None."""
        month = clock.previous_month(clock.today(now))
        signed = fn.EXISTS(cls.select(SQL("1")).where(cls.month == month))
        # One query: it is asked above every page of a beheerder.
        return month if AuditEvent.select().where(~signed, *_within(month)).exists() else None

    @classmethod
    def unsigned(cls, now: datetime | None = None) -> list[str]:
        """The months since the trail began that are over and that nobody signed, newest first, of the last MOST_MONTHS."""
        last = clock.previous_month(clock.today(now))
        began = AuditEvent.select(fn.MIN(AuditEvent.at)).scalar()
        first = clock.month_of(clock.local_date(began)) if began else clock.month_of(clock.today(now))
        months = [month for month in reversed(clock.months_until(last, MOST_MONTHS)) if month >= first]
        signed = {month for (month,) in cls.select(cls.month).where(cls.month.in_(months)).tuples()}
        return [month for month in months if month not in signed]


class Figures:
    """What a month of the trail amounts to."""

    def __init__(self, month):
        self.month = month
        self.lines = self._count()
        self.refused = self._count(AuditEvent.action == "access.refused")
        self.damaged = self._count(AuditEvent.result == "mislukt")
        self.failed = self._count(AuditEvent.action.in_(FAILED))
        self.exports = self._count(AuditEvent.action.in_(EXPORTS))
        self.rights = self._count(AuditEvent.action.in_(RIGHTS))
        self.reads = self._count(_READ_BY_SOMEBODY)
        self.reads_at_odd_hours = self.reads - self._count(_READ_BY_SOMEBODY, any_of(list(_office(month))))
        self.readers = [_Reader(*row) for row in _readers(month)]

    def _count(self, *clauses):
        return AuditEvent.select().where(*_within(self.month), *clauses).count()


@dataclass(frozen=True)
class FigureLine:
    """One figure of the trail over the months that end with the one that is read; `counts`: the oldest ahead."""

    label: str
    counts: list[int]


def year_until(month: str) -> tuple[list[str], list[FigureLine]]:
    """What a month is held against: (twelve months, the oldest first; the figures of each), in three queries on an index."""
    months = clock.months_until(month, YEAR)
    borders = [clock.start_of(clock.first_of(one)) for one in (*months, clock.add_months(month, 1))]
    counted = AuditEvent.per_period(borders, AuditEvent.action.in_([name for names in LINES.values() for name in names]))
    damaged = AuditEvent.per_period(borders, AuditEvent.result == "mislukt")
    lines = [
        FigureLine(label, [sum(counted.get((name, place), 0) for name in names) for place in range(YEAR)])
        for label, names in LINES.items()
    ]
    lost = [sum(count for (_, at), count in damaged.items() if at == place) for place in range(YEAR)]
    return months, [
        *lines,
        FigureLine("Ingezien buiten kantooruren", _odd_hours(months, borders)),
        FigureLine("Beschadigd", lost),
    ]


def _odd_hours(months, borders):
    """How often somebody opened something outside office hours, in each of these months."""
    ends = list(zip(months, borders[1:], strict=True))
    place = Case(None, [(AuditEvent.at < end, number) for number, (_, end) in enumerate(ends)]).alias("place")
    # Of each line only the hours of its own month are looked at.
    odd = Case(
        None, [(AuditEvent.at < end, Case(None, [(~any_of(list(_office(month))), AuditEvent.id)])) for month, end in ends]
    )
    within = (AuditEvent.at >= borders[0]) & (AuditEvent.at < borders[-1])
    counted = AuditEvent.select(place, fn.COUNT(odd)).where(within, _READ_BY_SOMEBODY).group_by(SQL("place"))
    found = dict(counted.tuples())
    return [found.get(number, 0) for number in range(len(months))]


class _Reader:
    """An account and into how many different cases and stays it looked."""

    def __init__(self, number, name, cases):
        self.number, self.name, self.cases, self.many = number, name, cases, cases >= MANY


def _readers(month):
    cases = fn.COUNT(AuditEvent.subject.distinct())  # the number of a case, or of a stay
    found = AuditEvent.select(User.id, User.name, cases).join(User, on=AuditEvent.actor)
    return (
        found.where(*_within(month), AuditEvent.action.in_(READS))
        .group_by(User.id, User.name)
        .order_by(cases.desc(), User.id)
        .limit(MOST_ACCOUNTS)
        .tuples()
    )


def _within(month):
    following = clock.first_of(clock.add_months(month, 1))
    return AuditEvent.at >= clock.start_of(clock.first_of(month)), AuditEvent.at < clock.start_of(following)


def _office(month):
    """The hours in which people are expected to work, day by day: so that summer time needs no thought."""
    day, following = clock.first_of(month), clock.first_of(clock.add_months(month, 1))
    begin, end = OFFICE
    while day < following:
        if day.weekday() < 5:
            yield (AuditEvent.at >= clock.start_of(day, begin)) & (AuditEvent.at < clock.start_of(day, end))
        day += timedelta(days=1)
