"""Counting facts into cells, by the worker; and reading counts back for a page, without opening a record."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from peewee import SQL, chunked, fn

from models.base import EVERYBODY, count_of, db
from models.database.prepared_statements import insert_rows
from models.lnr.benchmark.amounts.amount_cell import AmountCell
from models.lnr.benchmark.cell import COUNTS, INBORN, CountCell, UncountedYear
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.indicator import MARK, Indicator, all_indicators
from models.lnr.benchmark.method.indicator_setting import YearMethod
from models.lnr.benchmark.places.answer import Reason
from models.lnr.benchmark.risk.risk_cell import RiskCell
from models.lnr.registry.closed_year import ClosedYear
from models.long_work.shutdown import until_asked

SUSPECTED = "n" + Reason.SUSPECTED.value  # type: ignore[attr-defined]
# The place of a stay -> the columns in which it counts.
COLUMNS = {"t": ("events", "children"), "n": ("children",), "u": ("unknown",), "b": ("outside",), "e": ("elsewhere",)}
ROWS = 500  # in one statement


def refresh(most: int | None = None, year: int | None = None) -> int:
    """Count anew what changed, one hospital-year in a transaction; returns how many.

    What changes meanwhile stays dirty: its version is another one by then.
    """
    wanted = (UncountedYear.year == year) if year else EVERYBODY
    waiting = list(UncountedYear.select().where(wanted).order_by(UncountedYear.id).limit(most))
    return sum(_count_anew(one.hospital_id, one.year) for one in until_asked(waiting))


def _count_anew(hospital: int, year: int) -> int:
    with db.atomic():
        query = UncountedYear.select().where(UncountedYear.hospital == hospital, UncountedYear.year == year)
        dirty = (query.for_update() if db.for_update else query).first()
        if dirty is None:  # another worker was here first
            return 0
        if year in ClosedYear.standing():  # its cells stand
            return UncountedYear.delete().where(UncountedYear.id == dirty.id).execute()
        CountCell.delete().where(CountCell.hospital == hospital, CountCell.year == year).execute()
        for rows in chunked(cells(hospital, year), ROWS):
            insert_rows(CountCell, rows)
        AmountCell.count_anew(hospital, year)
        RiskCell.count_anew(hospital, year)
        return UncountedYear.delete().where(UncountedYear.id == dirty.id, UncountedYear.version == dirty.version).execute()


def cells(hospital: int, year: int) -> Iterator[dict]:
    """The cells of a hospital-year, from its facts; of an indicator that is not used in that year there are none."""
    method = YearMethod.of(year)
    used = [one for one in all_indicators() if method.uses(one)]
    query = StayFact.select(StayFact.month, StayFact.band, StayFact.inborn, StayFact.places).where(
        StayFact.hospital == hospital, StayFact.year == year
    )
    groups = defaultdict(list)
    for month, band, inborn, places in query.tuples():
        if places:
            groups[month or 0, band or "", INBORN[inborn]].append(places)
    for (month, band, inborn), rows in groups.items():
        for one in used:
            counts = Counter()
            for mark, times in Counter(row[one.at : one.at + MARK] for row in rows).items():
                for column in COLUMNS[mark[0]]:
                    counts[column] += times
                counts["suspected"] += times * (mark == SUSPECTED)
            yield {
                "indicator": one.number,
                "year": year,
                "hospital": hospital,
                "month": month,
                "band": band,
                "inborn": inborn,
                **{name: counts[name] for name in COUNTS},
            }


def differences() -> Iterator[str]:
    """A Dutch sentence for every open hospital-year, not waiting to be counted, whose cells do not follow from its facts."""
    closed = ClosedYear.standing()
    waiting = set(UncountedYear.select(UncountedYear.hospital, UncountedYear.year).tuples())
    years = set(StayFact.select(StayFact.hospital, StayFact.year).distinct().tuples())
    years |= set(CountCell.select(CountCell.hospital, CountCell.year).distinct().tuples())
    for hospital, year in sorted(one for one in years - waiting if one[1] not in closed):
        kept = CountCell.select().where(CountCell.hospital == hospital, CountCell.year == year).dicts()
        told = {tuple(row[name] for name in ROW) for row in kept}
        counted = {tuple(row[name] for name in ROW) for row in cells(hospital, year)}
        if told != counted or not AmountCell.follows(hospital, year) or not RiskCell.follows(hospital, year):
            yield f"LNR: de cellen van ziekenhuis {hospital} over {year} volgen niet uit de tellingen"


ROW = ("indicator", "year", "hospital", "month", "band", "inborn", *COUNTS)


@dataclass(frozen=True)
class Count:
    """What was counted of an indicator: `events` among `children`, and what is beside them."""

    events: int = 0
    children: int = 0
    suspected: int = 0
    unknown: int = 0
    outside: int = 0
    elsewhere: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(  # a page of three years adds ten thousands of them: by name, and not by a loop over COUNTS
            self.events + other.events,
            self.children + other.children,
            self.suspected + other.suspected,
            self.unknown + other.unknown,
            self.outside + other.outside,
            self.elsewhere + other.elsewhere,
        )

    @property
    def rate(self) -> float | None:
        """Events per child; None without children."""
        return self.events / self.children if self.children else None


def counts(
    years: Collection[int], indicator: int | None = None, band: str = "", hospital: int | None = None
) -> dict[int, dict[int, Count]]:
    """{number of the indicator: {hospital: Count}} over these years, of one indicator, band or hospital where that is named."""
    wanted = _wanted(years, indicator, band, hospital)
    query = (
        CountCell.select(CountCell.indicator, CountCell.hospital, *_sums())
        .where(*wanted)
        .group_by(CountCell.indicator, CountCell.hospital)
    )
    found: dict[int, dict[int, Count]] = defaultdict(dict)
    for number, place, *sums in query.tuples():
        found[number][place] = Count(*map(int, sums))
    return found


def by_quarter(years: Collection[int], indicator: int, band: str = "", hospital: int | None = None) -> dict[int, list[Count]]:
    """{hospital: Counts by quarter, oldest first} over these years; months that are unknown are left out."""
    wanted = (*_wanted(years, indicator, band, hospital), CountCell.month > 0)
    query = CountCell.select(CountCell.hospital, CountCell.year, CountCell.month, *_sums()).where(*wanted)
    first = min(years)
    found: dict[int, list[Count]] = defaultdict(lambda: [Count()] * (4 * len(years)))
    for place, year, month, *sums in query.group_by(CountCell.hospital, CountCell.year, CountCell.month).tuples():
        found[place][4 * (year - first) + (month - 1) // 3] += Count(*map(int, sums))
    return found


def sparks(years: Collection[int], hospital: int, band: str = "") -> dict[int, list[Count]]:
    """{number of the indicator: Counts by quarter, oldest first} of one hospital; one query."""
    wanted = (*_wanted(years, None, band, hospital), CountCell.month > 0)
    query = CountCell.select(CountCell.indicator, CountCell.year, CountCell.month, *_sums()).where(*wanted)
    first = min(years)
    found: dict[int, list[Count]] = defaultdict(lambda: [Count()] * (4 * len(years)))
    for number, year, month, *sums in query.group_by(CountCell.indicator, CountCell.year, CountCell.month).tuples():
        found[number][4 * (year - first) + (month - 1) // 3] += Count(*map(int, sums))
    return found


def years_until(year: int, least: int) -> range:
    """The years until this one since anything was counted; at least so many."""
    first = CountCell.select(fn.MIN(CountCell.year)).scalar() or year
    return range(min(first, year - least + 1), year + 1)


def newest_year(years: Collection[int], indicator: int, hospital: int, least: int) -> int | None:
    """The newest of these years in which a hospital has at least so many children in an indicator; None without one."""
    query = CountCell.select(CountCell.year).where(*_wanted(years, indicator, "", hospital))
    return query.group_by(CountCell.year).having(fn.SUM(CountCell.children) >= least).order_by(CountCell.year.desc()).scalar()


def waiting() -> int:
    """How many hospital-years changed since they were counted."""
    return UncountedYear.select().count()


def by_band(years: Iterable[Mapping[str, Count]]) -> dict[str, Count]:
    """{band: Count} over these years of {band: Count}."""
    found: dict[str, Count] = defaultdict(Count)
    for bands in years:
        for band, count in bands.items():
            found[band] += count
    return dict(found)


Bands = Mapping[int, Mapping[str, Count]]  # {hospital: {band: Count}} of one indicator and year


def bands_of_all(year: int, indicator: int | None = None) -> Mapping[int, Bands]:
    """{number of the indicator: {hospital: {band: Count}}} of one year; band '' where the gestational age is unknown."""
    grain = CountCell.indicator, CountCell.hospital, CountCell.band
    query = CountCell.select(*grain, *_sums()).where(*_wanted([year], indicator, "", None)).group_by(*grain)
    found: dict[int, dict[int, dict[str, Count]]] = defaultdict(lambda: defaultdict(dict))
    for number, place, band, *sums in query.tuples():
        found[number][place][band] = Count(*map(int, sums))
    return found


def bands_of_facts(year: int, one: Indicator, hospitals: Collection[int]) -> Bands:
    """{hospital: {band: Count}} of one indicator, from the facts: also while it is not used, and has no cells."""
    mark = fn.SUBSTR(StayFact.places, one.at + 1, MARK).alias("mark")
    query = StayFact.select(StayFact.hospital, StayFact.band, mark, fn.COUNT(StayFact.stay)).where(
        StayFact.hospital.in_(list(hospitals)), StayFact.year == year, StayFact.places != ""
    )
    found: dict[int, dict[str, Count]] = defaultdict(lambda: defaultdict(Count))
    for place, band, letters, times in query.group_by(StayFact.hospital, StayFact.band, SQL("mark")).tuples():
        found[place][band or ""] += Count(**dict.fromkeys(COLUMNS[letters[0]], times))
    return found


def together(years: Iterable[Bands], band: str = "") -> dict[int, Count]:
    """{hospital: Count} of one indicator over these years, of one band where that is named."""
    found: dict[int, Count] = defaultdict(Count)
    for bands in years:
        for place, cells_ in bands.items():
            for name, count in cells_.items():
                if name == band or not band:
                    found[place] += count
    return dict(found)


def reasons(year: int, hospital: int) -> dict[tuple[int, str, str], int]:
    """{(number of the indicator, letter of the place, letter of the reason): stays} of one hospital-year."""
    found: Counter[tuple[int, str, str]] = Counter()
    query = StayFact.select(StayFact.places).where(StayFact.hospital == hospital, StayFact.year == year)
    for places, times in Counter(row for (row,) in query.tuples()).items():
        for one in all_indicators() if places else ():
            found[one.number, places[one.at], places[one.at + 1]] += times
    return found


def volumes(year: int) -> dict[int, dict[str, tuple[int, int, int]]]:
    """{hospital: {band: (stays, of which first in a NICU, of which of children born elsewhere)}} of one year."""
    found: dict[int, dict[str, tuple[int, int, int]]] = defaultdict(dict)
    told = count_of(StayFact.first == True), count_of(StayFact.inborn == False)  # noqa: E712  expressions
    query = StayFact.select(StayFact.hospital, StayFact.band, fn.COUNT(StayFact.stay), *told).where(StayFact.year == year)
    for place, band, *numbers in query.group_by(StayFact.hospital, StayFact.band).tuples():
        found[place][band or ""] = tuple(map(int, numbers))  # type: ignore[assignment]
    return found


def _wanted(years, indicator, band, hospital):
    wanted = [CountCell.year.in_(list(years))]
    if indicator is not None:
        wanted.append(CountCell.indicator == indicator)
    if band:
        wanted.append(CountCell.band == band)
    if hospital is not None:
        wanted.append(CountCell.hospital == hospital)
    return wanted


def _sums():
    return [fn.SUM(getattr(CountCell, name)) for name in COUNTS]
