"""LnrFact: one row for each accepted stay that counts, from which everything is counted without opening a record.

Written in the transaction of the message, for the other stays of the child as well, and anew when a rule changes
(recompute.py). It holds no dates, weights or codes, and of days only how many. A withdrawal deletes it. In a closed year it
stands as it was closed (registry/closed_year.py).
"""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime

from peewee import (
    BooleanField,
    CharField,
    CompoundSelectQuery,
    DateTimeField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    TextField,
)

from models import clock
from models.accounts.hospital import Hospital
from models.database import prepared_statements
from models.database.prepared_statements import Hole, Prepared
from models.lnr.benchmark.cell import UncountedYear
from models.lnr.benchmark.chain import Chain, Link
from models.lnr.benchmark.indicator import amounts, named, places, version
from models.lnr.benchmark.risk.model_file import OUTCOME
from models.lnr.derived import derivation
from models.lnr.registry.closed_year import ClosedYear, LateChange
from models.lnr.registry.registry_row import LnrRow
from models.lnr.registry.stay import Stay
from models.lnr.rules import complete

# Gestational age in days up to which a band goes, and its name.
BANDS = ((182, "<26+0"), (196, "26+0-27+6"), (210, "28+0-29+6"), (224, "30+0-31+6"), (259, "32+0-36+6"), (1000, "37+0"))
# What stands for the rules of a fact of a closed year. Beyond every hexadecimal, so that one look-up passes all of them by.
FIXED = "gesloten"
# And of one that cannot be derived anew, because a message about its child does not open: it stands as it was told last.
SEALED = "verzegeld"


class StayFact(LnrRow):
    """`first`: whether it is the first NICU stay of its child; `end`: how the chain of the child ends (chain.py).

    `inborn` None: unknown. `places`: two characters for each indicator; `answers`: one for each item (rules/complete.py);
    `amounts`: its days in the indicators of days (indicator.py), '' for none and in a year that was closed before they were
    kept. `risk` by `model`, '' while none was reckoned (risk/risk_cell.py). `rules`: by which version all of it was derived,
    '' when that has still to be done, FIXED in a closed year, SEALED where that cannot be done.
    """

    stay = ForeignKeyField(Stay, primary_key=True, on_delete="CASCADE")
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    year = IntegerField()
    month = IntegerField(null=True)  # of admission, in the Netherlands
    band = CharField(max_length=10, null=True)
    inborn = BooleanField(null=True)
    first = BooleanField(default=False)
    end = CharField(max_length=10, default="")
    risk = FloatField(null=True)
    model = CharField(max_length=30, default="")
    rules = CharField(max_length=12, default="", index=True)
    places = CharField(max_length=250, default="")
    answers = TextField(default="")
    amounts = TextField(null=True, default="")
    at = DateTimeField()

    class Meta:
        table_name = "lnr_fact"
        indexes = ((("hospital", "year"), False),)

    @classmethod
    def settle(cls, stays: list[Stay], told: Stay | None, now: datetime) -> None:
        """Write the facts of all these stays of one child, within the transaction that changed one of them.

        `told`: the one of which a message was just read, by the rules of now; None where nothing new was told.
        """
        if len({stay.child for stay in stays if stay.child}) > 1:  # twins under one number: each has a chain of its own
            for stay in stays:
                cls._settle(cls.kin(stay), {stay.id}, told, now)
        else:
            cls._settle(stays, {stay.id for stay in stays}, told, now)

    @classmethod
    def _settle(cls, stays, of, told, now):
        chain, closed = Chain.of(stays, Hospital.nicus()), ClosedYear.standing()
        for link in chain.links:
            is_told = told is not None and link.stay.id == told.id
            # What a chain with a hole in it says of a stay of which nothing new was told is not better than what it had.
            keeps = bool(chain.sealed) and not is_told and STANDING.first(stay=link.stay.id) is not None
            if link.stay.id in chain.sealed or keeps:
                cls.mark_sealed(link.stay)
            elif link.stay.id in of:
                cls.of(link, chain, now).write(closed, is_told)

    @classmethod
    def kin(cls, stay: Stay) -> list[Stay]:
        """The accepted stays of the child of this stay, in any hospital."""
        return Chain.of_one_child(stay, list(Stay.of_child(stay.test, stay.names)))

    @classmethod
    def of(cls, link: Link, chain: Chain, now: datetime) -> "StayFact":
        """The row of a stay in the chain of its child."""
        stay, outborn, told = link.stay, link.derived["outborn"], places(chain, link)
        return cls(
            stay=stay,
            hospital=stay.hospital_id,
            year=stay.year,
            month=stay.admitted and clock.local_date(stay.admitted).month,
            band=_band(stay.gestation),
            inborn=None if outborn is None else not outborn,
            first=link is chain.first,
            end=chain.end,
            rules=SEALED if chain.sealed else rules(chain.nicus),
            places=told,
            amounts=amounts(link, told),
            answers=complete.written(link.record.get("completeness", {})),
            at=now,
        )

    def write(self, closed: Collection[int], derived_now: bool = True) -> None:
        """Put this row in the place of the one before, and have the years that it changes counted anew.

        Where one of them is closed nothing comes in or goes out; that it would have is marked. What was not `derived_now` is
        still by the rules of the row before, and stays behind when they are.
        """
        before = STANDING.first(stay=self.stay_id)
        if not derived_now:
            # One that waited for a message that opens by now is derived anew.
            self.rules = self.rules if self.rules == SEALED else before.rules if before and before.rules != SEALED else ""
        changed = before is None or any(getattr(before, name) != getattr(self, name) for name in _compared(before, closed))
        if before and before.year in closed:
            if changed:
                LateChange.note(self.stay_id, before.year, False, self.at)
            else:
                LateChange.forget(self.stay_id)
            return
        # Written anew, its risk is open: who counts the year reckons it. Who counts it now may have read the row before.
        if changed or self.has_outcome:
            for year in {self.year, before.year if before else self.year} - set(closed):
                UncountedYear.mark(self.hospital_id, year)
        if self.year in closed:
            LateChange.note(self.stay_id, self.year, False, self.at)
            StayFact.delete().where(StayFact.stay == self.stay_id).execute()
        else:
            if closed:
                LateChange.forget(self.stay_id)
            prepared_statements.upsert(self)

    @property
    def has_outcome(self) -> bool:
        """Whether it is known how it ended for this child, of those that models are of: then it has a risk, or will have."""
        about = named(OUTCOME)
        return about is not None and self.places[about.at : about.at + 1] in ("t", "n")

    @classmethod
    def forget(cls, stay: Stay, now: datetime) -> None:
        """Of a withdrawn stay nothing is counted, and of a closed year only its numbers stay."""
        if before := STANDING.first(stay=stay.id):
            if before.year in ClosedYear.standing():
                LateChange.note(stay.id, before.year, True, now)
            else:
                UncountedYear.mark(before.hospital_id, before.year)
        else:
            LateChange.forget(stay)
        cls.delete().where(cls.stay == stay).execute()

    @classmethod
    def is_behind(cls, stay: Stay) -> bool:
        """Whether what is derived of this stay is still by other rules than those of now."""
        fact = STANDING.first(stay=stay.id)
        return fact is not None and fact.rules not in (rules(Hospital.nicus()), FIXED)

    @classmethod
    def mark_sealed(cls, stay: Stay) -> None:
        """Let the fact of this stay stand as it is, until what was said of its child opens."""
        cls.update(rules=SEALED).where(cls.stay == stay, cls.rules != FIXED).execute()

    @classmethod
    def sealed(cls, year: int) -> ModelSelect:
        """What cannot be derived anew of a year."""
        return cls.select(cls, Stay).join(Stay).where(cls.year == year, cls.rules == SEALED).order_by(cls.stay)

    @classmethod
    def try_sealed(cls) -> None:
        """Have what could not be derived tried once more: what did not open may do so by now."""
        cls.update(rules="").where(cls.rules == SEALED).execute()

    @classmethod
    def behind(cls, year: int | None = None) -> CompoundSelectQuery:
        """The numbers of the stays whose fact was derived by other rules than those of now: two look-ups in an index."""
        now = rules(Hospital.nicus())
        # Two questions and not an OR, for which SQLite reads the whole index every minute.
        parts = (cls.rules < now), (cls.rules > now) & (cls.rules < FIXED)
        older, newer = (cls.select(cls.stay).where(part) for part in parts)
        if year:
            older, newer = (part.where(cls.year == year) for part in (older, newer))
        return older.union_all(newer)


COUNTED = ("year", "month", "band", "inborn", "places", "amounts")  # what cells are counted from
STANDING = Prepared(lambda: StayFact.select().where(StayFact.stay == Hole("stay")))


def rules(nicus: Mapping[int, str | None]) -> str:
    """Differs as soon as a rule of derivation, an indicator, what is asked, or the list of hospitals with a NICU does."""
    told = f"{derivation.version()} {version()} {complete.version()} {sorted(nicus.items())}"
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _compared(before, closed):
    """A year that was closed before days were kept has none to differ in: nothing of it changes by their being kept now."""
    return COUNTED if before.year not in closed or before.amounts is not None else [one for one in COUNTED if one != "amounts"]


def _band(days):
    return next((name for up_to, name in BANDS if days is not None and days < up_to), None)
