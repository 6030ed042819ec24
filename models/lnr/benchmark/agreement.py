"""Who may see whose figures: ten NICUs are recognised by their size, so that no dot is anonymous (benchmark.md 4)."""

from datetime import datetime
from enum import StrEnum

from peewee import BooleanField, CharField, Check, DateTimeField, ForeignKeyField, IntegerField

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.dutch import long_date
from models.lnr.registry.admissions import deadline
from models.lnr.registry.closed_year import ClosedYear
from models.lnr.registry.registry_row import LnrRow
from models.typed_text import one_line


class Level(StrEnum):
    """How far a hospital shows its figures to the others that do the same."""

    NIET = "niet"
    ONGENOEMD = "ongenoemd"
    GENOEMD = "genoemd"


LEVELS = list(Level)  # each shows more than the one before
LEVEL_LABELS = {
    Level.NIET: "Niet tonen",
    Level.ONGENOEMD: "Tonen zonder naam",
    Level.GENOEMD: "Tonen met naam",
}


class Agreement(LnrRow):
    """What a hospital agreed to for a year; without a row it shows nothing. `public`: by name in the public year report too."""

    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    year = IntegerField()
    level = CharField(
        max_length=10,
        choices=list(LEVEL_LABELS.items()),
        constraints=[Check("level IN ({})".format(", ".join(f"'{level}'" for level in Level)))],
    )
    public = BooleanField(default=False)
    decided_by = CharField(max_length=120)
    stated_by = ForeignKeyField(User, on_delete="RESTRICT")
    stated_at = DateTimeField()

    class Meta:
        indexes = ((("hospital", "year"), True),)

    @classmethod
    def state(cls, by: User, year: int, level: str, decided_by: str, now: datetime | None = None, public: bool = False) -> None:
        """State, or change, what the own hospital agreed to for a year.

        Raises Refused once the year is closed, and for who would be named to everybody and not to the other NICUs.
        """
        access.demand(by, "deliver")
        now, decided_by = now or clock.now(), one_line(decided_by, 120, "De naam")
        if level not in LEVELS:
            raise Refused("Kies hoe uw ziekenhuis zichtbaar is.")
        if not decided_by:
            raise Refused("Vul in wie dit voor uw ziekenhuis besloot.")
        if public and level != Level.GENOEMD:
            raise Refused("Met naam in het openbare jaarverslag kan alleen wie ook de andere NICU’s zijn naam laat zien.")
        if clock.today(now) > deadline(year):
            raise Refused(f"De afspraak over {year} kon u wijzigen tot en met {long_date(deadline(year))}. Nu ligt die vast.")
        told = {cls.level: level, cls.public: public, cls.decided_by: decided_by, cls.stated_by: by, cls.stated_at: now}
        with db.atomic():
            ClosedYear.demand_open(year)
            row = {cls.hospital: by.hospital_id, cls.year: year, **told}
            cls.insert(row).on_conflict(conflict_target=[cls.hospital, cls.year], update=told).execute()
            AuditEvent.log(
                "lnr.agreement",
                by=by,
                hospital=by.hospital_id,
                subject=f"LNR-vergelijking {year}",
                detail=f"{LEVEL_LABELS[Level(level)].lower()}{', ook openbaar' if public else ''}, besloten door {decided_by}",
                at=now,
            )

    @classmethod
    def of(cls, hospital: int, year: int) -> "Agreement | None":
        """What a hospital agreed to for a year; None when it never did."""
        return cls.get_or_none(cls.hospital == hospital, cls.year == year)

    @classmethod
    def public_in(cls, year: int) -> set[int]:
        """The numbers of the hospitals that agreed to stand by name in the public report of a year."""
        return {number for (number,) in cls.select(cls.hospital).where(cls.year == year, cls.public).tuples()}

    @classmethod
    def shared(cls, nicus: set[int], years: list[int]) -> Level:
        """What every hospital with a NICU agreed to for every one of these years: give and take, the least of them counts."""
        query = cls.select(cls.hospital, cls.year, cls.level).where(cls.year.in_(years), cls.hospital.in_(list(nicus)))
        told = {(hospital, year): Level(level) for hospital, year, level in query.tuples()}
        asked = [told.get((hospital, year), Level.NIET) for hospital in nicus for year in years]
        return min(asked, key=LEVELS.index, default=Level.NIET)
