"""Cells: how many stays stand where, by indicator, hospital, month and group; and which have to be counted anew."""

from peewee import CharField, ForeignKeyField, IntegerField

from models.accounts.hospital import Hospital
from models.base import db
from models.lnr.registry.registry_row import LnrRow

INBORN = {None: "", True: "ja", False: "nee"}


class CountCell(LnrRow):
    """Counts of one indicator. `events` are part of `children`, and so are `suspected`, which are no events.

    `month` 0, `band` '' and `inborn` '': unknown.
    """

    indicator = IntegerField()
    year = IntegerField()
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    month = IntegerField()
    band = CharField(max_length=10)
    inborn = CharField(max_length=3)
    events = IntegerField()
    children = IntegerField()
    suspected = IntegerField()
    unknown = IntegerField()
    outside = IntegerField()
    elsewhere = IntegerField()

    class Meta:
        indexes = (
            (("indicator", "year", "hospital", "month", "band", "inborn"), True),
            (("hospital", "year"), False),
            (("year", "indicator", "hospital"), False),
        )


COUNTS = ("events", "children", "suspected", "unknown", "outside", "elsewhere")


class UncountedYear(LnrRow):
    """A hospital-year whose cells are behind its facts; `version` rises with every change, so that none is missed."""

    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    year = IntegerField()
    version = IntegerField(default=1)

    class Meta:
        indexes = ((("hospital", "year"), True),)

    @classmethod
    def mark(cls, hospital: int, year: int) -> None:
        """Have this hospital-year counted anew, within the transaction that changes a fact of it."""
        db.execute_sql(MARK.replace("?", db.param), (hospital, year))


MARK = (
    "INSERT INTO lnr_uncounted_year (hospital_id, year, version) VALUES (?, ?, 1) "
    "ON CONFLICT (hospital_id, year) DO UPDATE SET version = lnr_uncounted_year.version + 1"
)
