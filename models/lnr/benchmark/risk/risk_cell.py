"""Risk cells: how many deaths an approved model expected, by hospital, year and band; counted with the CountCells.

The risk of each child stands in its fact. The delivery of a message leaves it open; who counts the hospital-year fills it in.
Only children whose outcome is known count. Of whom the model tells no risk, because a predictor is unknown, is counted apart.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from peewee import CharField, DoubleField, ForeignKeyField, IntegerField, Node, chunked, fn

from models.accounts.hospital import Hospital
from models.database.prepared_statements import insert_rows
from models.lnr.benchmark.cell import UncountedYear
from models.lnr.benchmark.chain import Link
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.indicator import all_indicators
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.benchmark.risk.model_file import OUTCOME
from models.lnr.benchmark.risk.predictors import predictors
from models.lnr.registry.closed_year import ClosedYear
from models.lnr.registry.message import MessageContent
from models.lnr.registry.registry_row import LnrRow
from models.lnr.registry.stay import Stay

BLOCK = 200  # records that are opened at once
DIGITS = 6  # of a risk: as many as both databases keep of it


@dataclass(frozen=True)
class Expectation:
    """Of `children` with a known outcome and a risk `events` died, `expected` would have. `unknown`: without a risk."""

    children: int = 0
    events: int = 0
    expected: float = 0.0
    unknown: int = 0
    unknown_events: int = 0

    @property
    def smr(self) -> float | None:
        """Observed divided by expected; None where nothing was expected."""
        return self.events / self.expected if self.expected else None


def together(found: Iterable[Expectation]) -> Expectation:
    """The sum; of the expected exactly rounded, in whatever order they come."""
    told = list(found)
    return Expectation(
        sum(one.children for one in told),
        sum(one.events for one in told),
        math.fsum(one.expected for one in told),
        sum(one.unknown for one in told),
        sum(one.unknown_events for one in told),
    )


class RiskCell(LnrRow):
    """An Expectation of one hospital, year and band, by one model. `band` '': unknown."""

    year = IntegerField()
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    band = CharField(max_length=10)
    model = CharField(max_length=30)
    children = IntegerField()
    events = IntegerField()
    expected = DoubleField()
    unknown = IntegerField()
    unknown_events = IntegerField()

    class Meta:
        indexes = ((("year", "hospital", "band"), True), (("hospital", "year"), False))

    @classmethod
    def count_anew(cls, hospital: int, year: int) -> None:
        """Reckon the risks that are open and count them, within the transaction that counts the hospital-year."""
        model = CaseMixModel.standing()
        cls.delete().where(cls.hospital == hospital, cls.year == year).execute()
        if model:
            _reckon(hospital, year, model)
            insert_rows(cls, list(risk_cells(hospital, year)))
        else:
            other = StayFact.hospital == hospital, StayFact.year == year, StayFact.model != ""
            StayFact.update(risk=None, model="").where(*other).execute()

    @classmethod
    def mark_open(cls) -> None:
        """Have each open year counted of which a child has no risk yet: its record could not be opened, and may be by now."""
        if CaseMixModel.standing() is None:
            return
        closed, left = ClosedYear.standing(), (outcome().in_(["t", "n"]), StayFact.model == "")
        for hospital, year in StayFact.select(StayFact.hospital, StayFact.year).where(*left).distinct().tuples():
            if year not in closed:
                UncountedYear.mark(hospital, year)

    @classmethod
    def follows(cls, hospital: int, year: int) -> bool:
        """Whether the cells of a hospital-year are what its facts tell."""
        kept = cls.select().where(cls.hospital == hospital, cls.year == year).dicts()
        told = {tuple(row[name] for name in ROW) for row in kept}
        return told == {tuple(row[name] for name in ROW) for row in risk_cells(hospital, year)}


COUNTED = ("children", "events", "expected", "unknown", "unknown_events")
ROW = ("year", "hospital", "band", "model", *COUNTED)


def outcome() -> Node:
    """The place of a stay in the indicator that models are of, as an expression: 't' died, 'n' lived, else it is not known."""
    (about,) = (one for one in all_indicators() if one.code == OUTCOME)
    return fn.SUBSTR(StayFact.places, about.at + 1, 1)


def _known(hospital, year):
    return StayFact.hospital == hospital, StayFact.year == year, outcome().in_(["t", "n"])


def _reckon(hospital, year, model):
    """Give the children of a hospital-year their risk by this model, as far as they have none by it.

    Of a record that cannot be opened it stays open until `mark_open`, each night, and so does what was told anew since it was
    read: the year is then counted once more.
    """
    query = StayFact.select(StayFact.stay, StayFact.at).where(*_known(hospital, year), StayFact.model != model.code)
    for block in chunked(list(query.order_by(StayFact.stay).tuples()), BLOCK):
        told = children_of(number for number, _ in block)
        for number, at in block:
            one = StayFact.update(risk=None, model="")
            if number in told:
                one = StayFact.update(risk=risk_of(model, told[number]), model=model.code)
            if not one.where(StayFact.stay == number, StayFact.at == at).execute():
                UncountedYear.mark(hospital, year)


def risk_of(model: CaseMixModel, child: Mapping[str, object]) -> float | None:
    """The risk of a child by a model as it is kept; None where there is none."""
    risk = model.parsed.risk(child)
    return None if risk is None else round(risk, DIGITS)


def children_of(stays: Iterable[int]) -> dict[int, dict[str, object]]:
    """{number of the stay: what a model may know of its child}; a record that cannot be opened is left out."""
    found = list(Stay.select().where(Stay.id.in_(list(stays))))
    records, _ = MessageContent.readable_records(found)
    return {one.id: predictors(Link(one, records[one.id])) for one in found if one.id in records}


def risk_cells(hospital: int, year: int) -> Iterator[dict]:
    """The cells of a hospital-year, from its facts; those of whom no risk was reckoned yet are left out."""
    query = StayFact.select(StayFact.band, StayFact.model, outcome(), StayFact.risk).where(
        *_known(hospital, year), StayFact.model != ""
    )
    found: dict[tuple[str, str], list[Expectation]] = defaultdict(list)
    for band, model, place, risk in query.tuples():
        died = place == "t"
        one = Expectation(1, int(died), risk) if risk is not None else Expectation(unknown=1, unknown_events=int(died))
        found[band or "", model].append(one)
    for (band, model), told in sorted(found.items()):
        total = together(told)
        counts = {name: getattr(total, name) for name in COUNTED}
        yield {"year": year, "hospital": hospital, "band": band, "model": model, **counts}


RiskBands = Mapping[int, Mapping[str, Expectation]]  # {hospital: {band: Expectation}} of one year


def risks_of_years(years: Iterable[int], models: Iterable[str]) -> tuple[list[RiskBands], list[str]]:
    """(for each year {hospital: {band: Expectation}}, the codes by which they were reckoned), by these models alone."""
    wanted, found = list(years), {}
    query = RiskCell.select().where(RiskCell.year.in_(wanted), RiskCell.model.in_(list(models)))
    used = set()
    for row in query.dicts():
        place = found.setdefault(row["year"], {}).setdefault(row["hospital"], {})
        place[row["band"]] = Expectation(**{name: row[name] for name in COUNTED})
        used.add(row["model"])
    return [found.get(year, {}) for year in wanted], sorted(used)


def by_hospital(years: Iterable[RiskBands], band: str = "") -> dict[int, Expectation]:
    """{hospital: Expectation} over these years, of one band where that is named."""
    found: dict[int, list[Expectation]] = defaultdict(list)
    for bands in years:
        for place, cells in bands.items():
            found[place] += [one for name, one in cells.items() if name == band or not band]
    return {place: together(told) for place, told in found.items()}
