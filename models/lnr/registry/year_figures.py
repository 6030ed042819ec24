"""How the registry stands: what a year would be if it closed today, and for the management volumes, delays and suppliers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from peewee import Case, Node, fn

from models import clock
from models.accounts.hospital import Hospital
from models.base import EVERYBODY, count_of, on_postgresql
from models.lnr.registry.admissions import Admissions, deadline
from models.lnr.registry.message import Message, Outcome
from models.lnr.registry.stay import Stay, StayState
from models.lnr.suppliers.supplier import Supplier

RECENT = 30  # days of the figures by supplier
LATE = 30  # days after discharge
MONTHS = 12


@dataclass(frozen=True)
class MonthVolume:
    """Admissions to the NICU. `stated` None: the hospital has not said how many there were."""

    month: str
    received: int
    stated: int | None

    @property
    def missing(self) -> int | None:
        return max(0, self.stated - self.received) if self.stated is not None else None


@dataclass(frozen=True)
class Closing:
    """A data year as if it closed now: what counts, what is in it but wrong, what does not count (yet).

    `months` compare stays on the NICU with what was stated of it; `beside` counts the other ones, see `Stay.beside_the_nicu`.
    """

    year: int
    deadline: date
    days_left: int
    received: int
    right: int
    errors: int
    warnings: int
    refused: int
    staying: int
    late: int
    median_delay: float | None  # days from discharge to the first accepted message that tells of it
    beside: int
    months: list

    @property
    def stated(self) -> int:
        """What was stated over the months of which something was stated."""
        return sum(month.stated for month in self.months if month.stated is not None)

    @property
    def found(self) -> int:
        """What was received over the same months."""
        return sum(min(month.received, month.stated) for month in self.months if month.stated is not None)

    @property
    def beyond(self) -> list[str]:
        """The months of which more was received than stated: there the statement is wrong, or two stays are one."""
        return [month.month for month in self.months if month.stated is not None and month.received > month.stated]

    @property
    def unstated(self) -> list:
        """The months that began, of which nothing was stated."""
        return [month.month for month in self.months if month.stated is None]


def closings(year: int, hospital: Hospital | None = None, now: datetime | None = None) -> dict:
    """{hospital id: Closing} of a data year; of one hospital, or of every NICU and who else delivered or stated anything."""
    now = now or clock.now()
    wanted = (Stay.hospital == hospital) if hospital else (Stay.id > 0)
    query = (
        Stay.select(Stay.hospital, *_columns(year)).where(wanted, Stay.counting(), Stay.year == year).group_by(Stay.hospital)
    )
    counted = {row[0]: row[1:] for row in query.tuples()}
    stated = {}
    mine = (Admissions.hospital == hospital) if hospital else (Admissions.id > 0)
    for number, month, count in (
        Admissions.select(Admissions.hospital, Admissions.month, Admissions.count)
        .where(mine, Admissions.month.startswith(f"{year}-"))
        .tuples()
    ):
        stated.setdefault(number, {})[month] = count
    # A NICU of which nothing came is missing, and not complete.
    numbers = {hospital.id} if hospital else counted.keys() | stated.keys() | Hospital.nicus().keys()
    delays = median_delays(year, wanted)
    return {number: _closing(year, counted.get(number), delays.get(number), stated.get(number, {}), now) for number in numbers}


def median_delays(year: int, wanted: Node = EVERYBODY) -> dict[int, float]:
    """{hospital id: days}; what told of a discharge before it took place waited for nobody."""
    days, place = _days(Stay.discharge_told_at, Stay.discharged), Stay.hospital
    days = Case(None, [(days > 0, days)], 0.0)
    query = Stay.select(
        place.alias("place"),
        days.alias("days"),
        fn.ROW_NUMBER().over(partition_by=[place], order_by=[days]).alias("rank"),
        fn.COUNT(Stay.id).over(partition_by=[place]).alias("all"),
    ).where(
        wanted, Stay.counting(), Stay.year == year, Stay.state == StayState.ONTVANGEN, Stay.discharge_told_at.is_null(False)
    )
    # The middle one, or both where there are two.
    middle = (2 * query.c.rank).between(query.c.all, query.c.all + 2)
    found = Stay.select(query.c.place, fn.AVG(query.c.days)).from_(query).where(middle).group_by(query.c.place)
    return {int(number): float(median) for number, median in found.tuples()}


def _columns(year):
    stands = Stay.state == StayState.ONTVANGEN
    nicu = stands & (Stay.intensive == True)  # noqa: E712  an expression
    left, delay = stands & Stay.discharged.is_null(False), _days(fn.COALESCE(Stay.accepted_at, Stay.first_at), Stay.discharged)
    return [
        count_of(stands),
        count_of(stands & (Stay.errors == 0) & (Stay.warnings == 0)),
        count_of(stands & (Stay.errors > 0)),
        count_of(stands & (Stay.warnings > 0)),
        count_of(Stay.state == StayState.GEWEIGERD),
        count_of(stands & Stay.discharged.is_null()),
        count_of(left & (delay > LATE)),
        count_of(stands & Stay.beside_the_nicu()),
        *(count_of(nicu & _in_month(month)) for month in _months(year)),
    ]


def _months(year):
    return [f"{year}-{month:02d}" for month in range(1, 13)]


def _in_month(month):
    first = clock.start_of(clock.first_of(month))
    return (Stay.admitted >= first) & (Stay.admitted < clock.start_of(clock.first_of(clock.add_months(month, 1))))


def _days(later, earlier):
    """The days between two moments, as an expression of the database."""
    if on_postgresql():
        return fn.date_part("epoch", later - earlier) / 86400.0
    return fn.julianday(later) - fn.julianday(earlier)


def _closing(year, counts, delay, stated, now):
    counts = counts or [0] * 20
    today, last = clock.today(now), deadline(year)
    begun = [(month, count) for month, count in zip(_months(year), counts[8:], strict=True) if month <= clock.month_of(today)]
    months = [MonthVolume(month, count, stated.get(month)) for month, count in begun]
    return Closing(year, last, (last - today).days, *counts[:7], delay, counts[7], months)


def volumes(now: datetime | None = None) -> list:
    """[(month, accepted, not accepted)] of the production messages of the last MONTHS months, oldest first; one query."""
    now = now or clock.now()
    months = clock.months_until(clock.month_of(clock.today(now)), MONTHS)
    firsts = [clock.start_of(clock.first_of(month)) for month in [*months, clock.add_months(months[-1], 1)]]
    columns = []
    for first, end in pairwise(firsts):
        then = (Message.received_at >= first) & (Message.received_at < end)
        right = Message.outcome == Outcome.AANVAARD
        columns += [count_of(then & right), count_of(then & ~right)]
    counts = Message.select(*columns).where(Message.test == 0, Message.received_at >= firsts[0]).tuples().get()
    return [(month, *counts[2 * number : 2 * number + 2]) for number, month in enumerate(months)]


@dataclass(frozen=True)
class Sender:
    """What a supplier sent in the last RECENT days; `last` is its newest message ever."""

    supplier: Supplier
    accepted: int
    refused: int
    tests: int
    last: object

    @property
    def share(self) -> int | None:
        """The part of its production messages that was not accepted, in percents; None without any."""
        sent = self.accepted + self.refused
        return round(100 * self.refused / sent) if sent else None


def senders(now: datetime | None = None) -> list:
    """A Sender for every supplier, by name; two queries."""
    recent = Message.received_at >= (now or clock.now()) - RECENT * clock.DAY
    real, right = recent & (Message.test == 0), Message.outcome == Outcome.AANVAARD
    last = fn.MAX(Message.received_at)
    columns = count_of(real & right), count_of(real & ~right), count_of(recent & (Message.test == 1)), last
    query = Message.select(Message.supplier, *columns).where(Message.supplier.is_null(False)).group_by(Message.supplier)
    found = {number: counts for number, *counts in query.tuples()}
    return [_sender(supplier, found.get(supplier.id, (0, 0, 0, None))) for supplier in Supplier.all_by_name()]


def _sender(supplier, counts):
    *counts, last = counts
    return Sender(supplier, *counts, Message.received_at.python_value(last))


def hospitals(numbers: Collection[int]) -> dict:
    """{id: Hospital} of these, by name."""
    return {one.id: one for one in Hospital.select().where(Hospital.id.in_(list(numbers))).order_by(Hospital.name)}
