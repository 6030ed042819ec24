"""The picture of amounts: the own days, or the own rate, and the others on one axis (templates/lnr/benchmark/amounts.svg)."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.dutch import plural
from models.lnr.benchmark.amounts.amount_cell import Amounts
from models.lnr.benchmark.amounts.amount_figure import AmountFigure
from models.lnr.benchmark.disclosure import AmountDot
from models.lnr.benchmark.picture import BOTTOM, LEFT, RIGHT, ROW, TOP, WIDTH, Frame, PlottedRow, ticks

PER_1000 = "per 1000 lijndagen"


@dataclass(frozen=True, kw_only=True)
class AmountPicture(Frame):
    """`rows`: of each the value on a line between its quartiles, or on the interval of its rate. `boxes`: whether as a box.

    `target`: the x of the value of all NICUs together; `middle`: between which x their middle half lies.
    """

    rows: list[PlottedRow]
    boxes: bool
    target: float | None
    middle: tuple[float, float] | None


def amount_picture(figure: AmountFigure, dots: Sequence[AmountDot], own: str) -> AmountPicture | None:
    """The hospital `own` first, below it the others that it may see, by their number of stays; None without an own figure."""
    if not figure.shown:
        return None
    mine = figure.own.days.quartiles
    drawn = [(_reach(figure, figure.own, mine, True), own, "own", said(figure, figure.own, mine, own))]
    for dot in sorted(dots, key=_order):
        told = said(figure, dot.amounts, dot.quartiles, dot.name) if dot.name else ""
        reach = _reach(figure, dot.amounts, dot.quartiles, bool(dot.name))
        drawn.append((reach, dot.name or "andere NICU", "other", told))
    national = figure.target_quartiles
    most = 1.05 * max([high for (_, _, high), *_ in drawn] + list(national or ()) + [figure.target or 0.0]) or 1.0
    bottom = TOP + ROW * len(drawn)

    def x(value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * value / most, 1)

    return AmountPicture(
        rows=[
            PlottedRow(x(value), x(low), x(high), TOP + ROW * place + 34, shape, text, told)
            for place, ((low, value, high), text, shape, told) in enumerate(drawn)
        ],
        boxes=not figure.is_rate,
        target=None if figure.target is None else x(figure.target),
        middle=(x(national[0]), x(national[1])) if national else None,
        across=[(x(tick), number(tick)) for tick in ticks(0, most)],
        up=[],
        bottom=bottom,
        height=bottom + BOTTOM,
    )


def _order(dot):
    """By size, and always the same: a report comes out as before, whatever order the dots came in."""
    return -dot.children, dot.name, dot.amounts.days.pairs, dot.amounts.events


def _reach(figure, amounts, quartiles, named):
    """(low, value, high) of a row. The interval of a rate would tell how many days it is of: without a name it has none."""
    value = figure.value_of(amounts) or 0.0
    if figure.is_rate and not named:
        return value, value, value
    low, high = (figure.interval_of(amounts) if figure.is_rate else quartiles) or (value, value)
    return low, value, high


def said(figure: AmountFigure, amounts: Amounts, quartiles: tuple[float, float] | None, name: str) -> str:
    """What stands beside a picture: 'NICU A: mediaan 12 dagen (kwartielen 4 en 30) van 85 opnamen'."""
    if figure.is_rate:
        value, days = number(figure.value_of(amounts)), plural(amounts.days.total, "lijndag", "lijndagen")
        return f"{name}: {value} {PER_1000} ({plural(amounts.events, 'episode', 'episoden')} in {days})"
    between = f" (kwartielen {number(quartiles[0])} en {number(quartiles[1])})" if quartiles else ""
    return f"{name}: mediaan {number(amounts.days.median)} dagen{between} van {plural(amounts.children, 'opname', 'opnamen')}"


def number(value: float | None) -> str:
    """'4', '4,5', '12,3'; '–' for nothing."""
    if value is None:
        return "–"
    return f"{value:.1f}".removesuffix(".0").replace(".", ",")
