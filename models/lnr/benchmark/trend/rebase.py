"""A new baseline: from which quarter on the own figures of a hospital are held beside a mean of their own, and why.

Only a person has one start, never the program: a baseline that follows what it is to warn of warns of nothing. What lies
before keeps the baseline that it had.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime

from peewee import SQL, CharField, Check, DateTimeField, ForeignKeyField, IntegerField, IntegrityError

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.dutch import short_date
from models.lnr.benchmark.indicator import Indicator
from models.lnr.benchmark.trend.own_trend import SPAN
from models.lnr.registry.registry_row import LnrRow
from models.typed_text import required

LONGEST, SHORTEST = 500, 10  # letters of a reason
WHY = "Schrijf in ten minste tien letters wat er vanaf dat kwartaal anders is. Dat staat bij het verloop."


class Rebase(LnrRow):
    """One new baseline. It stands until somebody undoes it, and then stays as what was."""

    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    indicator = IntegerField()
    year = IntegerField()
    quarter = IntegerField(constraints=[Check("quarter BETWEEN 1 AND 4")])
    reason = CharField(max_length=LONGEST)
    made_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    made_at = DateTimeField()
    undone_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    undone_at = DateTimeField(null=True)

    def __str__(self):
        return f"Nieuwe basislijn vanaf {self.quarter}e kwartaal {self.year}: {self.reason}"

    @property
    def signed(self) -> str:
        """The same with who did it, and when."""
        return f"{self} ({self.made_by.name}, {short_date(self.made_at)})"

    @classmethod
    def make(cls, one: Indicator, by: User, quarter: str, reason: str, now: datetime | None = None) -> "Rebase":
        """Have the baseline of the own hospital start anew from a quarter on ('2025-2').

        Raises Refused for a quarter that has not begun or is too long ago, without a reason, and where one starts already.
        """
        access.demand(by, "deliver")
        now = now or clock.now()
        if quarter not in offered(clock.today(now)):
            raise Refused("Kies een kwartaal uit de lijst.")
        year, number = map(int, quarter.split("-"))
        reason = required(reason, LONGEST, "De reden", WHY)
        if sum(letter.isalpha() for letter in reason) < SHORTEST:
            raise Refused(WHY)
        try:
            with db.atomic():
                told = {"indicator": one.number, "year": year, "quarter": number, "reason": reason}
                made = cls.create(**told, hospital=by.hospital_id, made_by=by, made_at=now)
                AuditEvent.log("lnr.rebase", by=by, at=now, **made._line(one))
        except IntegrityError:
            raise Refused("Vanaf dit kwartaal is er al een nieuwe basislijn.") from None
        return made

    @classmethod
    def undo(cls, one: Indicator, by: User, quarter: str, now: datetime | None = None) -> "Rebase":
        """Take back a baseline of the own hospital. Raises Refused when none starts there any more."""
        access.demand(by, "deliver")
        now = now or clock.now()
        with db.atomic():
            found = next((row for row in cls.standing(by.hospital_id, one) if row.at == quarter), None)
            told = {cls.undone_by: by, cls.undone_at: now}
            if not found or not cls.update(told).where(cls.id == found.id, cls.undone_at.is_null()).execute():
                raise Refused("Deze basislijn is al teruggenomen.")
            AuditEvent.log("lnr.rebase_undo", by=by, at=now, **found._line(one))
        return found

    def _line(self, one):
        return {"hospital": self.hospital_id, "subject": f"LNR-indicator {one.code}", "detail": str(self)}

    @property
    def at(self) -> str:
        """Its quarter, as `make` and `undo` take it."""
        return f"{self.year}-{self.quarter}"

    @classmethod
    def standing(cls, hospital: int, one: Indicator | None = None, at: datetime | None = None) -> list["Rebase"]:
        """Those of a hospital, the oldest quarter first, with who made them; of one indicator, as they stood at a moment."""
        stands = cls.undone_at.is_null() if at is None else cls.undone_at.is_null() | (cls.undone_at > at)
        wanted = [cls.hospital == hospital, stands]
        if one is not None:
            wanted.append(cls.indicator == one.number)
        if at is not None:
            wanted.append(cls.made_at <= at)
        query = cls.select(cls, User).join(User, on=cls.made_by).where(*wanted)
        return list(query.order_by(cls.indicator, cls.year, cls.quarter))


Rebase.add_index(
    Rebase.index(
        *(Rebase.hospital, Rebase.indicator, Rebase.year, Rebase.quarter),
        unique=True,
        where=SQL("undone_at IS NULL"),
        name="lnr_rebase_standing",
    )
)


def by_place(rows: list[Rebase], years: range) -> Mapping[int, dict[int, Rebase]]:
    """{number of the indicator: {place of the quarter in these years: Rebase}}; what lies outside is out."""
    found: dict[int, dict[int, Rebase]] = defaultdict(dict)
    for row in rows:
        place = 4 * (row.year - years.start) + row.quarter - 1
        if 0 < place < 4 * len(years):
            found[row.indicator][place] = row
    return found


def offered(today: date) -> dict[str, str]:
    """{'2025-2': '2e kwartaal 2025'} of each quarter that may start a baseline, the newest first."""
    newest, oldest = 4 * today.year + (today.month - 1) // 3, 4 * (today.year - SPAN + 1)
    quarters = (divmod(at, 4) for at in range(newest, oldest, -1))
    return {f"{year}-{number + 1}": f"{number + 1}e kwartaal {year}" for year, number in quarters}
