"""How much of what there is has arrived: the admissions that a hospital states, and when a year closes."""

from datetime import date

from peewee import CharField, Check, DateTimeField, ForeignKeyField, IntegerField, fn

from models import access, clock
from models.base import Refused, db
from models.event import Event
from models.hospital import Hospital
from models.lnr.row import LnrRow
from models.lnr.stay import State, Stay
from models.user import User

MOST = 10_000  # admissions a month


class Admissions(LnrRow):
    """How many children a hospital admitted to its NICU in a month, by its own count."""

    hospital = ForeignKeyField(Hospital, backref="admissions", on_delete="RESTRICT")
    month = CharField(max_length=7)
    count = IntegerField(constraints=[Check("count >= 0")])
    stated_by = ForeignKeyField(User, on_delete="RESTRICT")
    stated_at = DateTimeField()

    class Meta:
        indexes = ((("hospital", "month"), True),)

    @classmethod
    def state(cls, by, month, count, now=None):
        """State, or correct, the own hospital's count of a month ('2026-10'). Raises Refused for what cannot be."""
        access.demand(by, "deliver")
        now = now or clock.now()
        if month > clock.month_of(clock.today(now)):
            raise Refused("Deze maand is nog niet begonnen.")
        if not 0 <= count <= MOST:
            raise Refused(f"Vul een aantal in van 0 tot en met {MOST}.")
        with db.atomic():
            stated = {cls.count: count, cls.stated_by: by, cls.stated_at: now}
            row = {cls.hospital: by.hospital_id, cls.month: month, **stated}
            cls.insert(row).on_conflict(conflict_target=[cls.hospital, cls.month], update=stated).execute()
            Event.log("lnr.admissions", by=by, hospital=by.hospital_id, subject=f"Opnamen {month}", detail=str(count), at=now)

    @classmethod
    def of_year(cls, hospital, year):
        """{month: count} that the hospital stated for a year."""
        query = cls.select(cls.month, cls.count).where(cls.hospital == hospital, cls.month.startswith(f"{year}-"))
        return dict(query.tuples())


def received(hospital, year):
    """{month: stays that arrived and count}, by the local month of admission."""
    counts = {f"{year}-{month:02d}": 0 for month in range(1, 13)}
    stood = (Stay.hospital == hospital) & (Stay.state == State.ONTVANGEN) & ~Stay.test
    for month in counts:
        first = clock.start_of(clock.first_of(month))
        end = clock.start_of(clock.first_of(clock.add_months(month, 1)))
        counts[month] = Stay.select(fn.COUNT(Stay.id)).where(stood, Stay.admitted >= first, Stay.admitted < end).scalar()
    return counts


def deadline(year):
    """The last day on which messages about admissions of `year` count."""
    return date(year + 1, 3, 1)


def open_years(now=None):
    """The data years that still count today, the oldest first."""
    today = clock.today(now)
    return [year for year in (today.year - 1, today.year) if today <= deadline(year)]
