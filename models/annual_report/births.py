"""Births: the denominator of every incidence, of a hospital or of the whole country, by calendar year."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from peewee import SQL, CharField, Check, DateTimeField, ForeignKeyField, IntegerField

from models import access, clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, NOBODY, Record, Refused, db
from models.dutch import number
from models.typed_text import one_line

FIRST_YEAR = 2000
MOST, MOST_NATIONAL = 20_000, 400_000  # children in one year: more is a slip of the pen
ODD = 25  # percent more or less than the year before: worth a second look, and possible


class Births(Record):
    """How many children were born in one calendar year, and who says so. Without a hospital: in the Netherlands."""

    hospital = ForeignKeyField(Hospital, null=True, on_delete="RESTRICT")
    year = IntegerField()
    count = IntegerField(constraints=[Check("count >= 0")])
    source = CharField(max_length=120)
    stated_by = ForeignKeyField(User, on_delete="RESTRICT")
    stated_at = DateTimeField()

    class Meta:
        indexes = ((("hospital", "year"), True),)

    def __str__(self):
        return f"Geboorten {self.year}, {self.hospital or 'Nederland'}"

    @classmethod
    def owned_by(cls, hospital: Hospital, processes: Collection[str]) -> Any:
        return cls.hospital == hospital if Process.NETHOSS in processes else NOBODY

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Any:
        return EVERYBODY if Process.NETHOSS in processes else NOBODY

    @classmethod
    def state(
        cls, by: User, hospital: Hospital | None, year: Any, count: Any, source: str, now: datetime | None = None
    ) -> "Births":
        """Keep the births of a year, in the place of an earlier statement about the same.

        The coordinator states any; a melder those of the own hospital. Raises Refused for a year that is not over, or a
        number that cannot be.
        """
        if hospital is None or not access.may(by, "answer") or by.hospital_id != hospital.id:
            access.demand(by, "follow")
        now, most = now or clock.now(), MOST if hospital else MOST_NATIONAL
        if not isinstance(year, int) or not FIRST_YEAR <= year < clock.today(now).year:
            raise Refused(f"Kies een jaar dat voorbij is, vanaf {FIRST_YEAR}.")
        if not isinstance(count, int) or not 0 <= count <= most:
            raise Refused(f"Vul het aantal geboren kinderen in: een heel getal van 0 tot en met {most}.")
        if not (source := one_line(source, 120, "De bron")):
            raise Refused("Vul in waar dit getal vandaan komt, bijvoorbeeld: verloskamerregister, Perined of CBS.")
        about = (cls.hospital == hospital) if hospital else cls.hospital.is_null()
        with db.atomic():
            if hospital:
                hospital.hold()
            made = cls.get_or_none(about, cls.year == year) or cls(hospital=hospital, year=year)
            said = f"{made.count} wordt {count}" if made.id else f"{count}"
            made.count, made.source, made.stated_by, made.stated_at = count, source, by, now
            made.save()
            AuditEvent.log("births.state", by=by, hospital=hospital, subject=str(made), detail=said, at=now)
        return made

    def odd_change(self, before: "Births | None") -> str:
        """How it differs from the year before, in words, where that is more than ODD percent; else empty."""
        if before is None or 100 * abs(self.count - before.count) <= ODD * before.count:
            return ""
        much = f"{round(100 * abs(self.count - before.count) / before.count)}% " if before.count else ""
        return f"{much}{'meer' if self.count > before.count else 'minder'} dan over {before.year} ({number(before.count)})"

    @classmethod
    def of_hospital(cls, hospital: Hospital, years: Sequence[int]) -> dict[int, "Births"]:
        """{year: births of this hospital}, each with who stated it, the latest year first."""
        found = cls.select(cls, User).join(User).where(cls.hospital == hospital, cls.year.in_(list(years)))
        return {row.year: row for row in found.order_by(cls.year.desc())}

    @classmethod
    def national(cls, year: int) -> "Births | None":
        """The births in the Netherlands in `year`, when somebody stated them."""
        return cls.get_or_none(cls.hospital.is_null(), cls.year == year)

    @classmethod
    def latest(cls, hospitals: Iterable[int], years: Sequence[int]) -> dict[int, int]:
        """{hospital id: births of the latest of `years` that was stated}, in one query."""
        found = cls.select(cls.hospital, cls.count).where(cls.hospital.in_(list(hospitals)), cls.year.in_(list(years)))
        return dict(found.order_by(cls.year).tuples())


Births.add_index(Births.index(Births.year, unique=True, where=SQL("hospital_id IS NULL"), name="births_national"))
