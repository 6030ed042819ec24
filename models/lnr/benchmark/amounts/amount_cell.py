"""Cells of amounts: how many stays had so many days, by indicator, hospital, year and band; counted with the CountCells."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from peewee import CharField, ForeignKeyField, IntegerField, TextField

from models.accounts.hospital import Hospital
from models.database.prepared_statements import insert_rows
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.indicator import Indicator, of_days
from models.lnr.benchmark.method.indicator_setting import YearMethod
from models.lnr.benchmark.statistics.distribution import Distribution
from models.lnr.registry.registry_row import LnrRow

NONE = Distribution()


@dataclass(frozen=True)
class Amounts:
    """The days of each stay that counts, and the `events` in them where it is a rate of days."""

    days: Distribution = NONE
    events: int = 0

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(self.days + other.days, self.events + other.events)

    @property
    def children(self) -> int:
        """How many stays it is of."""
        return self.days.size


class AmountCell(LnrRow):
    """`days`: [days, how many stays] by days, as JSON. `band` '': unknown.

    A year that was closed before there were any has none, and is not given them.
    """

    indicator = IntegerField()
    year = IntegerField()
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    band = CharField(max_length=10)
    events = IntegerField()
    days = TextField()

    class Meta:
        indexes = (
            (("indicator", "year", "hospital", "band"), True),
            (("hospital", "year"), False),
            (("year", "indicator"), False),
        )

    @classmethod
    def count_anew(cls, hospital: int, year: int) -> None:
        """Put the cells of a hospital-year in the place of those before, within the transaction that counts it."""
        cls.delete().where(cls.hospital == hospital, cls.year == year).execute()
        insert_rows(cls, list(amount_cells(hospital, year)))

    @classmethod
    def follows(cls, hospital: int, year: int) -> bool:
        """Whether the cells of a hospital-year are what its facts tell."""
        kept = cls.select().where(cls.hospital == hospital, cls.year == year).dicts()
        told = {tuple(row[name] for name in ROW) for row in kept}
        return told == {tuple(row[name] for name in ROW) for row in amount_cells(hospital, year)}


ROW = ("indicator", "year", "hospital", "band", "events", "days")


def amount_cells(hospital: int, year: int) -> Iterator[dict]:
    """The cells of amounts of a hospital-year, from its facts; none of an indicator that is not used in that year."""
    method = YearMethod.of(year)
    used = {one.number for one in of_days() if method.uses(one)}
    query = StayFact.select(StayFact.band, StayFact.amounts).where(
        StayFact.hospital == hospital, StayFact.year == year, StayFact.amounts != ""
    )
    days: dict[tuple[int, str], Counter[int]] = defaultdict(Counter)
    events: Counter[tuple[int, str]] = Counter()
    for band, amounts in query.tuples():
        for number, (one, seen) in json.loads(amounts).items():
            days[int(number), band or ""][one] += 1
            events[int(number), band or ""] += seen
    for (number, band), found in sorted(days.items()):
        if number not in used:
            continue
        yield {
            "indicator": number,
            "year": year,
            "hospital": hospital,
            "band": band,
            "events": events[number, band],
            "days": json.dumps(sorted(found.items()), separators=(",", ":")),
        }


AmountBands = Mapping[int, Mapping[str, Amounts]]  # {hospital: {band: Amounts}} of one indicator and year


def amounts_of_all(year: int, indicators: Collection[int]) -> Mapping[int, AmountBands]:
    """{number of the indicator: {hospital: {band: Amounts}}} of one year."""
    columns = (AmountCell.indicator, AmountCell.hospital, AmountCell.band, AmountCell.events, AmountCell.days)
    query = AmountCell.select(*columns).where(AmountCell.year == year, AmountCell.indicator.in_(list(indicators)))
    found: dict[int, dict[int, dict[str, Amounts]]] = defaultdict(lambda: defaultdict(dict))
    for number, place, band, events, days in query.tuples():
        found[number][place][band] = Amounts(Distribution(tuple((one, times) for one, times in json.loads(days))), events)
    return found


def amounts_of_facts(year: int, one: Indicator, hospitals: Collection[int]) -> AmountBands:
    """{hospital: {band: Amounts}} of one indicator, from the facts: also while it is not used, and has no cells."""
    query = StayFact.select(StayFact.hospital, StayFact.band, StayFact.amounts).where(
        StayFact.hospital.in_(list(hospitals)), StayFact.year == year, StayFact.amounts != ""
    )
    rows: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    for place, band, amounts in query.tuples():
        if told := json.loads(amounts).get(str(one.number)):
            rows[place, band or ""].append(told)
    found: dict[int, dict[str, Amounts]] = defaultdict(dict)
    for (place, band), pairs in rows.items():
        found[place][band] = Amounts(Distribution.of(days for days, _ in pairs), sum(seen for _, seen in pairs))
    return found


def amounts_together(years: Iterable[AmountBands], band: str = "") -> dict[int, Amounts]:
    """{hospital: Amounts} of one indicator over these years, of one band where that is named."""
    found: dict[int, Amounts] = defaultdict(Amounts)
    for bands in years:
        for place, cells in bands.items():
            for name, amounts in cells.items():
                if name == band or not band:
                    found[place] += amounts
    return dict(found)
