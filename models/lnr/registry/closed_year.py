"""A registry year that is closed (data lock): what it counted stands, whatever is delivered about it afterwards.

Late messages are kept as any other; what they would have changed is marked, and counts only once the year is opened again.
"""

import json
from datetime import datetime
from typing import Any

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField, TextField

from models.base import EVERYBODY, Refused, db, on_postgresql
from models.database import prepared_statements
from models.database.prepared_statements import Prepared
from models.lnr.registry.registry_row import LnrRow
from models.lnr.registry.stay import Stay

CLOSING_LOCK = 7517


class ClosedYear(LnrRow):
    """One closed year. `rules`: by which its facts were derived; `facts`, `cells`: SHA-256 over them as they were closed.

    `method`: over how the indicators were used, NULL in a year that was closed before that could be set. `versions`: {number
    of the indicator: its version then} as JSON, NULL in a year that was closed before that was kept.
    `completeness`: how every hospital stood then, as JSON (models/lnr/closing/rehearsal.py). `report`: what its report tells
    beside its cells (models/lnr/closing/kept_for_report.py), NULL in a year that was closed before that was kept.
    """

    year = IntegerField(primary_key=True)
    closed_at = DateTimeField()
    rules = CharField(max_length=12)
    facts = CharField(max_length=64)
    cells = CharField(max_length=64)
    method = CharField(max_length=64, null=True)
    versions = TextField(null=True)
    completeness = TextField()
    report = TextField(null=True)

    @classmethod
    def delivered_by(cls, hospital: Any) -> Any:
        return EVERYBODY  # that a year is closed is no secret; its figures go through benchmark/disclosure.py

    @classmethod
    def standing(cls) -> set[int]:
        """The years that are closed. Within a transaction none is closed or opened until it ends."""
        if on_postgresql() and db.in_transaction():
            db.execute_sql("SELECT pg_advisory_xact_lock_shared(%s)", (CLOSING_LOCK,))
        return {int(year) for (year,) in STANDING.all()}

    @classmethod
    def hold(cls) -> None:
        """Let nobody count while a year is closed or opened, until the transaction ends. SQLite has one writer anyway."""
        if on_postgresql():
            db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (CLOSING_LOCK,))

    @classmethod
    def demand_open(cls, year: int) -> None:
        """Raise Refused when this year is closed."""
        if year in cls.standing():
            raise Refused(f"Opnamejaar {year} is gesloten.")

    @classmethod
    def of(cls, year: int) -> "ClosedYear | None":
        return cls.get_or_none(cls.year == year)

    @property
    def stood(self) -> dict[str, Any]:
        """{number of the hospital: how it stood at the closing}."""
        return json.loads(self.completeness)


STANDING = Prepared(lambda: ClosedYear.select(ClosedYear.year).tuples())


class LateChange(LnrRow):
    """What a message would have changed in the counts of a year that was closed: 'na sluiting'."""

    stay = ForeignKeyField(Stay, primary_key=True, on_delete="CASCADE")
    year = IntegerField(index=True)
    withdrawn = BooleanField()
    at = DateTimeField()

    @classmethod
    def delivered_by(cls, hospital: Any) -> Any:
        return cls.stay.in_(Stay.select(Stay.id).where(Stay.delivered_by(hospital)))

    @classmethod
    def note(cls, stay: Stay, year: int, withdrawn: bool, now: datetime) -> None:
        """Mark it, in the transaction of the message.

        Once withdrawn it stays so until the year is opened: the fact is gone then, also of a stay that is sent again.
        """
        before = cls.of_stay(stay)
        if before and before.withdrawn:
            year, withdrawn = before.year, True
        prepared_statements.upsert(cls(stay=stay, year=year, withdrawn=withdrawn, at=now))

    @classmethod
    def forget(cls, stay: Stay) -> None:
        """What came later undid it: the stay would count as it was closed. A withdrawal is not undone."""
        cls.delete().where(cls.stay == stay, ~cls.withdrawn).execute()

    @classmethod
    def of_stay(cls, stay: Stay) -> "LateChange | None":
        return cls.get_or_none(cls.stay == stay)

    @classmethod
    def of_year(cls, year: int) -> list["LateChange"]:
        """The marks of a year with their stays, the oldest first."""
        return list(cls.select(cls, Stay).join(Stay).where(cls.year == year).order_by(cls.at, cls.stay))
