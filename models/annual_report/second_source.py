"""A second source: how many cases another registration counted, by theme, month and hospital, and nothing else of them.

The list comes as a spreadsheet with one row a case. Only counts are kept: which row was whose is in no table.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from peewee import SQL, CharField, Check, DateTimeField, ForeignKeyField, IntegerField, IntegrityError, ModelSelect

from models import access, clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, NOBODY, Record, Refused, db
from models.cases.theme import Theme
from models.typed_text import one_line

LONGEST = 120


class SecondSourceList(Record):
    """One list about one year. At most one of a year stands; one that was taken back keeps its line and loses its counts."""

    year = IntegerField()
    source = CharField(max_length=LONGEST)
    rows = IntegerField(constraints=[Check("rows > 0")])
    imported_by = ForeignKeyField(User, on_delete="RESTRICT")
    imported_at = DateTimeField()
    taken_back_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    taken_back_at = DateTimeField(null=True)

    def __str__(self):
        return f"Tweede bron {self.year}"

    @classmethod
    def owned_by(cls, hospital: Hospital, processes: Collection[str]) -> Any:
        return NOBODY

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Any:
        return EVERYBODY if Process.NETHOSS in processes else NOBODY

    @classmethod
    def standing(cls, year: int) -> "SecondSourceList | None":
        """The list about `year` that stands."""
        return cls.get_or_none(cls.year == year, cls.taken_back_at.is_null())

    @property
    def stands(self) -> bool:
        return self.taken_back_at is None

    @classmethod
    def keep(
        cls, source: str, rows: Sequence[tuple[int, int, str]], by: User, now: datetime | None = None
    ) -> "SecondSourceList":
        """Keep the counts of `rows`, each (hospital id, theme id, month), all of one year.

        Raises Refused without a source, and where a list of the year stands.
        """
        access.demand(by, "follow")
        if not (source := one_line(source, LONGEST, "De bron")):
            raise Refused("Vul in waar de lijst vandaan komt, bijvoorbeeld: LBZ of OK-registers.")
        year = int(rows[0][2][:4])
        try:
            with db.atomic():
                made = cls.create(year=year, source=source, rows=len(rows), imported_by=by, imported_at=now or clock.now())
                ListedCount.insert_many(
                    [
                        {"source_list": made, "hospital": hospital, "theme": theme, "month": month, "count": count}
                        for (hospital, theme, month), count in Counter(rows).items()
                    ]
                ).execute()
                said = f"{made.rows} regels, bron: {source}"
                AuditEvent.log("second_source.keep", by=by, process=Process.NETHOSS, subject=str(made), detail=said, at=now)
        except IntegrityError:
            raise Refused(f"Over {year} staat er al een lijst. Neem die eerst terug.") from None
        return made

    def take_back(self, by: User, now: datetime | None = None) -> None:
        """Let the list stand no more, and forget what it counted. Raises Refused when it was taken back already."""
        access.demand(by, "follow")
        now = now or clock.now()
        with db.atomic():
            here = (SecondSourceList.id == self.id) & SecondSourceList.taken_back_at.is_null()
            if not SecondSourceList.update(taken_back_at=now, taken_back_by=by).where(here).execute():
                raise Refused(f"De lijst over {self.year} is al teruggenomen.")
            ListedCount.delete().where(ListedCount.source_list == self).execute()
            AuditEvent.log("second_source.take_back", by=by, process=Process.NETHOSS, subject=str(self), at=now)


SecondSourceList.add_index(
    SecondSourceList.index(
        SecondSourceList.year, unique=True, where=SQL("taken_back_at IS NULL"), name="second_source_list_standing"
    )
)


class ListedCount(Record):
    """How many cases of one theme in one month the list has of one hospital."""

    source_list = ForeignKeyField(SecondSourceList, backref="counts", on_delete="RESTRICT")
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    theme = ForeignKeyField(Theme, on_delete="RESTRICT")
    month = CharField(max_length=7)
    count = IntegerField(constraints=[Check("count > 0")])

    class Meta:
        table_name = "second_source_count"
        indexes = ((("source_list", "hospital", "theme", "month"), True),)

    @classmethod
    def owned_by(cls, hospital: Hospital, processes: Collection[str]) -> Any:
        return (cls.hospital == hospital) if Process.NETHOSS in processes else NOBODY

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Any:
        return EVERYBODY if Process.NETHOSS in processes else NOBODY

    @classmethod
    def of_list(cls, listed: SecondSourceList, hospital: Hospital | None = None) -> ModelSelect:
        """(hospital id, theme id, month, count) of a list, of one hospital or of all, as a query."""
        within = (cls.source_list == listed) & ((cls.hospital == hospital) if hospital else EVERYBODY)
        return cls.select(cls.hospital, cls.theme, cls.month, cls.count).where(within).tuples()
