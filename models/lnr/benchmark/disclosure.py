"""What may leave a hospital: others' dots only as far as all agreed, and no count from which a child could be told.

Every page and file with a figure of another hospital, or of all, asks here.
"""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from models.accounts.hospital import Hospital
from models.lnr.benchmark.agreement import Agreement, Level
from models.lnr.benchmark.amounts.amount_cell import NONE, AmountBands, Amounts, amounts_together
from models.lnr.benchmark.counting import Bands, Count
from models.lnr.benchmark.fact import BANDS
from models.lnr.benchmark.figure import FEWEST
from models.lnr.benchmark.indicator import Indicator
from models.lnr.benchmark.method.indicator_setting import SMALLEST
from models.lnr.benchmark.statistics.distribution import QUARTILES, Distribution

HIDE_BELOW = 5  # events: 1 to 4 are told as '1-4'
FEW, SMALL, HIDDEN = "1-4", "te klein", "verborgen"
U = TypeVar("U", bound=Any)  # what was counted of a hospital, with its `children`
WITH_UNKNOWN = [*(name for _, name in BANDS), ""]  # the bands of a row; every child stands in one of them


@dataclass(frozen=True)
class Dot:
    """Another hospital in a picture. `name` '' where it is not to be told; then `children` are rounded to two figures."""

    name: str
    children: float
    rate: float


@dataclass(frozen=True)
class AmountDot:
    """Another hospital in a picture of days; `name` and `children` as of a Dot. `quartiles`: as they may be told, or None."""

    name: str
    children: float
    amounts: Amounts
    quartiles: tuple[float, float] | None


def others(counted: Mapping[int, Count], own: int | None, years: Sequence[int], oversees: bool) -> list[Dot]:
    """The dots of the other hospitals that this viewer may see, in no order that tells anything.

    The management sees all by name. A hospital sees them only when every NICU agreed to it for these years, itself too.
    """
    return seen_by(own, *asked_by(counted, own, years, oversees))


def other_amounts(counted: Mapping[int, Amounts], own: int | None, years: Sequence[int], oversees: bool) -> list[AmountDot]:
    """The same of days."""
    return amounts_seen_by(own, *asked_by(counted, own, years, oversees))


def seen_by(own: int | None, counted: Mapping[int, Count], level: Level) -> list[Dot]:
    """The dots of the other hospitals for one that they show themselves to on this level, in no order that tells anything."""
    return [Dot(name, children, count.rate) for name, children, count in units_seen_by(own, counted, level)]


def amounts_seen_by(own: int | None, counted: Mapping[int, Amounts], level: Level) -> list[AmountDot]:
    """The same of days. The median of SMALLEST stays has HIDE_BELOW on either side of it; quartiles only of more."""
    return [
        AmountDot(name, children, amounts, amounts.days.quartiles if _amid(amounts.days, _shown(amounts.days)) else None)
        for name, children, amounts in units_seen_by(own, counted, level)
    ]


def asked_by(counted: Mapping[int, U], own: int | None, years: Sequence[int], oversees: bool) -> tuple[Mapping[int, U], Level]:
    """(of {hospital: what was counted} those that may be shown at all, on which level to this viewer)."""
    if oversees:
        return counted, Level.GENOEMD
    nicus = set(Hospital.nicus())
    # Who was one when the year closed has counts too, and is asked nothing now: it is not shown.
    asked = {number: count for number, count in counted.items() if number in nicus or number == own}
    return asked, Agreement.shared(nicus, list(years))


def units_seen_by(own: int | None, counted: Mapping[int, U], level: Level) -> list[tuple[str, float, U]]:
    """[(name or '', how many children as far as it is told, what was counted)] of the others that may be seen."""
    units = {number: count for number, count in counted.items() if number != own and count.children >= SMALLEST}
    if len(counted) < FEWEST or level is Level.NIET:
        return []
    names = _names(units) if level is Level.GENOEMD else {}
    told = [
        (names.get(number, ""), count.children if names else two_figures(count.children), count)
        for number, count in units.items()
    ]
    random.SystemRandom().shuffle(told)
    return told


def _names(numbers):
    return dict(Hospital.select(Hospital.id, Hospital.name).where(Hospital.id.in_(list(numbers))).tuples())


def two_figures(number: float) -> float:
    return float(f"{number:.2g}")


def unrestricted(years: Sequence[int], oversees: bool) -> bool:
    """Whether this viewer may read any figure of all hospitals together: the management, and NICUs that all agreed.

    Who agreed shows the others its own rate, from which that of all follows; to withhold the sum would hide nothing.
    """
    return oversees or Agreement.shared(set(Hospital.nicus()), list(years)) is not Level.NIET


def told(years: Sequence[Bands], band: str = "") -> Count | None:
    """The figure of all hospitals together over these years, of one band where that is named, as it may be told; else None.

    Years are told apart, each as the row of `banded` that the year report prints, and longer only as a sum of such years.
    So whatever is told is a year, a band of it, or a sum of those: they nest, what follows from them by subtraction is what
    one row leaves untold, and `banded` sees to that. Three years of a band that is withheld in one of them are not told:
    the two others would give the third away.
    """
    return _sum_of(_told_of_a_year(bands, band) for bands in years)


def _told_of_a_year(bands, band):
    row = [{place: found.get(name, Count()) for place, found in bands.items()} for name in WITH_UNKNOWN]
    whole = _merged(row)
    if not sum(whole.values(), Count()).children:
        return Count()  # nothing happened, and nothing may be told
    if not band:
        return published(whole)
    at = WITH_UNKNOWN.index(band)
    total = sum(row[at].values(), Count())
    return total if _banded(row)[at] == _told(total) else None


def _sum_of(counts):
    found = list(counts)
    return None if None in found else sum(found, Count())


def told_amounts(one: Indicator, years: Sequence[Bands], amounts: Sequence[AmountBands], band: str = "") -> Amounts | None:
    """The days of all hospitals together as they may be told, where their number may (`told`); else None.

    A quartile is the days of a child. So it is told only while, whatever hospital takes its own children away, there are at
    least HIDE_BELOW others on either side of it: it is never the shortest or the longest of few. A rate tells none.
    """
    if told(years, band) is None:
        return None
    if any(_of_too_few(one) for one in (amounts_together([year], band) for year in amounts)):
        return None
    places = amounts_together(amounts, band)
    total = sum(places.values(), Amounts())
    shown = _shown(total.days) if one.kind == "mediaan" else set()
    safe = all(_amid(total.days, shown, without.days) for without in [Amounts(), *places.values()])
    return total if safe else None


def _of_too_few(amounts):
    """Whether the days of a year are of so few hospitals that they may not be told: those of others may not be kept."""
    counted = {place: Count(children=one.children) for place, one in amounts.items()}
    return any(one.children for one in counted.values()) and published(counted) is None


def _shown(days):
    """The days of a child that the median and the quartiles are made of."""
    return {number for level in QUARTILES for number in days.around(level)}


def _amid(days, numbers, without=NONE):
    """Whether there are HIDE_BELOW or more on either side of each of these numbers, those of `without` not counted."""
    sides = (Distribution.up_to, Distribution.from_on)
    return all(side(days, number) - side(without, number) >= HIDE_BELOW for number in numbers for side in sides)


def published(counted: Mapping[int, Count]) -> Count | None:
    """The figure of all hospitals together as it may be told to each of them, and to everybody; else None.

    None too when what is left after taking one hospital away, as its own people can, is of too few hospitals or too small.
    """
    total = sum(counted.values(), Count())
    large = {number for number, count in counted.items() if count.children >= SMALLEST}
    if len(large) < FEWEST or _mark(total.events, total.children):
        return None
    for count in counted.values():
        events, children = total.events - count.events, total.children - count.children
        if _mark(events, children):
            return None
    return total


def named(counted: Mapping[int, Count], agreed: Collection[int]) -> dict[int, Count]:
    """The hospitals that may stand by name beside the figure of all, for everybody: who agreed, without small counts.

    What is left of the total when they are taken away may be told too, so that nothing of one that did not agree follows.
    Empty where the total is withheld.
    """
    if published(counted) is None:
        return {}
    shown = {number: count for number, count in counted.items() if number in agreed and _large(count)}
    while shown:
        left = {number: count for number, count in counted.items() if number not in shown}
        if not sum(left.values(), Count()).children or published(left):
            break
        del shown[min(shown, key=lambda number: (shown[number].children, number))]
    return shown


def _large(count):
    return count.children >= SMALLEST and not _mark(count.events, count.children)


def cells(table: Sequence[Sequence[tuple[int, int]]]) -> list[list[str]]:
    """A table of (events, children) as it may be published, such as indicators by band.

    1 to 4 events, and their complement, are '1-4'; fewer than SMALLEST children 'te klein'. Where exactly one cell of a row or
    a column is hidden the next smallest is too, until no hidden cell follows from the others and a total.
    """
    hidden = [[_mark(o, n) for o, n in row] for row in table]
    changed = True
    while changed:
        changed = False
        for line in _lines(hidden):
            marked = [place for place in line if hidden[place[0]][place[1]]]
            free = [place for place in line if place not in marked]
            if len(marked) == 1 and free:
                row, column = min(free, key=lambda place: table[place[0]][place[1]][1])
                hidden[row][column] = HIDDEN
                changed = True
    return [
        [mark or f"{o} van {n}" for mark, (o, n) in zip(marks, row, strict=True)]
        for marks, row in zip(hidden, table, strict=True)
    ]


def banded(table: Sequence[Sequence[Mapping[int, Count]]]) -> list[list[str]]:
    """A table of {hospital: Count} over all hospitals together as it may be published beside the total of each row.

    Every child of a row stands in one of its cells. What `published` withholds is hidden; and as all that is hidden follows
    from the total and the rest, the next smallest is hidden too until that sum may be told as well.
    """
    return [_banded(row) for row in table]


def _banded(row):
    totals = [sum(cell.values(), Count()) for cell in row]
    marks = [_mark(total.events, total.children) or _withheld(total, cell) for total, cell in zip(totals, row, strict=True)]
    while any(marks):
        free = [place for place, total in enumerate(totals) if total.children and not marks[place]]
        if not free or published(_merged(cell for cell, mark in zip(row, marks, strict=True) if mark)):
            break
        marks[min(free, key=lambda place: totals[place].children)] = HIDDEN
    return [mark or _told(total) for mark, total in zip(marks, totals, strict=True)]


def _withheld(total, cell):
    return HIDDEN if total.children and published(cell) is None else ""


def _merged(cells):
    together: dict[int, Count] = {}
    for cell in cells:
        for place, count in cell.items():
            together[place] = together.get(place, Count()) + count
    return together


def _told(count):
    return f"{count.events} van {count.children}" if count.children else ""


def sizes(row: Sequence[Mapping[int, int]]) -> list[str | int]:
    """A row of {hospital: children} over all hospitals together as it may be published beside its total, as `banded`."""
    cells_ = [{place: Count(children=number) for place, number in cell.items()} for cell in row]
    totals = [sum(cell.values()) for cell in row]
    return [
        mark if mark and mark != _told(Count(children=total)) else total
        for mark, total in zip(_banded(cells_), totals, strict=True)
    ]


def _mark(events: int, children: int) -> str:
    if not children:
        return ""
    if children < SMALLEST:
        return SMALL
    return FEW if 0 < events < HIDE_BELOW or 0 < children - events < HIDE_BELOW else ""


def _lines(table):
    rows = [[(row, column) for column in range(len(table[row]))] for row in range(len(table))]
    return rows + [list(line) for line in zip(*rows, strict=True)]
