"""How much of what there is has arrived: the admissions that a hospital states, and when a year closes."""

from datetime import date, datetime
from typing import Any

from peewee import CharField, Check, DateTimeField, ForeignKeyField, IntegerField

from models import access, clock, dutch
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.lnr.registry.closed_year import ClosedYear
from models.lnr.registry.registry_row import LnrRow

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
    def state(cls, by: User, month: str, count: int, now: datetime | None = None) -> None:
        """State, or correct, the own hospital's count of a month ('2026-10'). Raises Refused for what cannot be."""
        access.demand(by, "deliver")
        now = now or clock.now()
        if month > clock.month_of(clock.today(now)):
            raise Refused("Deze maand is nog niet begonnen.")
        if not 0 <= count <= MOST:
            raise Refused(f"Vul een aantal in van 0 tot en met {MOST}.")
        with db.atomic():
            ClosedYear.demand_open(int(month[:4]))
            stated = {cls.count: count, cls.stated_by: by, cls.stated_at: now}
            row = {cls.hospital: by.hospital_id, cls.month: month, **stated}
            cls.insert(row).on_conflict(conflict_target=[cls.hospital, cls.month], update=stated).execute()
            AuditEvent.log(
                "lnr.admissions", by=by, hospital=by.hospital_id, subject=f"Opnamen {month}", detail=str(count), at=now
            )

    @classmethod
    def state_all(cls, by: User, counts: Any, now: datetime | None = None) -> int:
        """State several months at once, {month: what was typed}; an empty field changes nothing. Returns how many changed.

        Raises Refused, changing nothing, when one of them cannot be.
        """
        typed = {month: text.strip() for month, text in counts.items() if text.strip()}
        if strange := [month for month, text in typed.items() if not (text.isascii() and text.isdigit() and len(text) < 6)]:
            raise Refused(f"Vul bij {dutch.month_name(strange[0])} een heel getal in.")
        with db.atomic():
            known = cls.of_year(by.hospital_id, "") if typed else {}
            changed = {month: int(text) for month, text in typed.items() if known.get(month) != int(text)}
            for month, count in changed.items():
                cls.state(by, month, count, now)
        return len(changed)

    @classmethod
    def of_year(cls, hospital: Hospital, year: str) -> dict:
        """{month: count} that the hospital stated for a year ('2026'), or ever ('')."""
        query = cls.select(cls.month, cls.count).where(cls.hospital == hospital, cls.month.startswith(f"{year}"))
        return dict(query.tuples())


def deadline(year: int) -> date:
    """The last day on which messages about admissions of `year` count."""
    return date(year + 1, 3, 1)


def open_years(now: datetime | None = None) -> list:
    """The data years that still count today, the oldest first."""
    today = clock.today(now)
    return [year for year in (today.year - 1, today.year) if today <= deadline(year)]
