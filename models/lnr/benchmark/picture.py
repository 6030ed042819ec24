"""Pictures as objects of numbers: axes, lines and dots in units of the drawing, for the screen and for the report alike.

templates/lnr/benchmark/funnel.svg draws a Funnel, caterpillar.svg a Caterpillar; a Trend is in trend/trend_picture.py. Nothing
here knows of colours, and nothing here asks who may see what: the dots of others come from disclosure.py.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.lnr.benchmark import limits
from models.lnr.benchmark.disclosure import Dot
from models.lnr.benchmark.figure import Figure
from models.lnr.benchmark.method.indicator_setting import SMALLEST

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 72, 36, 16, 56  # margins; beside the axes room for '100%' in the letters of a phone
STEEP = 1.07  # the points of a funnel's line lie so far apart, as a ratio: closer together where it is steep
ROW = 52  # of a caterpillar, with its words above it


@dataclass(frozen=True)
class PlottedDot:
    """A dot at (x, y) with what it says; `shape` 'own' or 'other'."""

    x: float
    y: float
    shape: str
    text: str


@dataclass(frozen=True)
class Bar:
    """A hospital in a caterpillar, before it is drawn: `text` stands above its row, `said` is of its dot."""

    children: int
    events: int
    shape: str
    text: str
    said: str


@dataclass(frozen=True)
class PlottedRow:
    """A row of a caterpillar: a dot at x on a line from low to high; `text` stands above it, `said` is of the dot."""

    x: float
    low: float
    high: float
    y: float
    shape: str
    text: str
    said: str


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where the axes stand in a drawing of width by height; `across` and `up`: of each tick its place and its words."""

    across: list[tuple[float, str]]
    up: list[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


@dataclass(frozen=True, kw_only=True)
class Funnel(Frame):
    """`lines`: {name: points of a polyline}; names 'lower998', 'lower95', 'target', 'upper95', 'upper998',
    and the four that allow for overdispersion, 'wide lower95' and so on, where the verdict is by them."""

    lines: dict[str, str]
    marks: list[PlottedDot]


@dataclass(frozen=True, kw_only=True)
class Caterpillar(Frame):
    """Hospitals below each other, the one with most children first; `target`: the x of all of them together."""

    rows: list[PlottedRow]
    target: float | None


def funnel(figure: Figure, dots: Sequence[Dot], own: str) -> Funnel | None:
    """The funnel around the national rate with the dot of the hospital `own` and those of others.

    None without a target or an own figure.
    """
    if figure.target is None or not figure.shown:
        return None
    most = _round_up(1.08 * max([figure.own.children, *(dot.children for dot in dots)]))
    curve = _curve(figure.target, most)
    rates = [figure.own.rate, figure.target, *(dot.rate for dot in dots)]
    low = max(0.0, min([*rates, curve[len(curve) // 4][1]]) - 0.03)
    high = min(1.0, max([*rates, curve[len(curve) // 4][4]]) + 0.03)
    low, high = (0.0, high) if low < 0.25 else (low, high)

    def x(children: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * children / most, 1)

    def y(rate: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (min(max(rate, low), high) - low) / (high - low), 1)

    lines = {
        name: " ".join(f"{x(point[0])},{y(point[place])}" for point in curve)
        for place, name in ((1, "lower998"), (2, "lower95"), (4, "upper95"), (5, "upper998"))
    }
    lines["target"] = f"{x(curve[0][0])},{y(figure.target)} {x(most)},{y(figure.target)}"
    for q, name in ((limits.WARN, "95"), (limits.SIGNAL, "998")) if figure.wide_lines else ():
        wide = [(n, *limits.wider_proportion_limits(n, figure.target, q, figure.spread)) for n, *_ in curve]
        for place, side in ((1, "lower"), (2, "upper")):
            lines[f"wide {side}{name}"] = " ".join(f"{x(point[0])},{y(point[place])}" for point in wide)
    marks = [PlottedDot(x(dot.children), y(dot.rate), "other", said(dot)) for dot in dots]
    marks.append(PlottedDot(x(figure.own.children), y(figure.own.rate), "own", own_said(figure, own)))
    return Funnel(
        lines=lines,
        marks=marks,
        across=[(x(n), f"{n}") for n in ticks(0, most)],
        up=[(y(p), percent(p, 0)) for p in ticks(low, high)],
    )


@lru_cache(maxsize=512)
def _curve(target: float, most: int) -> list[tuple[float, ...]]:
    """(n, lower 99.8, lower 95, target, upper 95, upper 99.8) along the funnel.

    At sizes that are the same for every hospital, which so share what limits.py remembers of each.
    """
    sizes, size = [], float(SMALLEST)
    while size < most:
        sizes.append(round(size))
        size = max(size + 1, size * STEEP)
    found = []
    for n in [*sizes, most]:
        (low95, high95), (low998, high998) = (limits.proportion_limits(n, target, q) for q in (limits.WARN, limits.SIGNAL))
        found.append((n, low998, low95, target, high95, high998))
    return found


def caterpillar(bars: Sequence[Bar], target: float | None) -> Caterpillar | None:
    """Hospitals by number of children, each with Wilson's 95% interval, beside the rate of all; None without any."""
    if not bars:
        return None
    ordered = sorted(bars, key=lambda bar: -bar.children)
    reaches = [limits.rate_interval(bar.events, bar.children) for bar in ordered]
    most = min(1.0, max(high for _, high in reaches) + 0.02)
    bottom = TOP + ROW * len(ordered)

    def x(rate: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * rate / most, 1)

    rows = []
    for place, (bar, (low, high)) in enumerate(zip(ordered, reaches, strict=True)):
        middle, y = x(bar.events / bar.children), TOP + ROW * place + 34
        rows.append(PlottedRow(middle, x(low), x(high), y, bar.shape, bar.text, bar.said))
    return Caterpillar(
        rows=rows,
        target=None if target is None else x(target),
        across=[(x(p), percent(p, 0)) for p in ticks(0, most)],
        up=[],
        bottom=bottom,
        height=bottom + BOTTOM,
    )


def bars(figure: Figure, dots: Sequence[Dot], own: str) -> list[Bar]:
    """The hospital `own` between the others that it may see; empty without an own figure or others.

    Of one without a name the interval is of the rounded number of children, for the exact one would tell it.
    """
    if not dots or not figure.shown:
        return []
    count = figure.own
    found = [Bar(count.children, count.events, "own", f"{own}, {count.children} kinderen", own_said(figure, own))]
    for dot in dots:
        children = round(dot.children)
        text = f"{dot.name}, {children} kinderen" if dot.name else "andere NICU"
        found.append(Bar(children, round(dot.rate * children), "other", text, said(dot)))
    return found


def own_said(figure: Figure, own: str) -> str:
    """What the dot of the hospital itself says."""
    return f"{own}: {figure.own.events} van {figure.own.children}, {percent(figure.own.rate)}, {figure.label}"


def said(dot: Dot) -> str:
    """What the dot of another hospital says: nothing where it has no name."""
    return f"{dot.name}: {percent(dot.rate)} van {dot.children:.0f}" if dot.name else ""


def percent(rate: float, digits: int = 1) -> str:
    """'10,0%'."""
    return f"{100 * rate:.{digits}f}%".replace(".", ",")


def _round_up(number: float) -> int:
    """To a number that divides into ticks."""
    step = _step(number)
    return int(math.ceil(number / step) * step)


def _step(reach: float) -> float:
    rough = reach / 5
    power = 10 ** math.floor(math.log10(rough))
    return next(power * part for part in (1, 2, 5, 10) if power * part >= rough)


def ticks(low: float, high: float) -> list[float]:
    """Round numbers between these two, some five of them."""
    step = _step(high - low)
    first = math.ceil(low / step)
    found = [step * place for place in range(first, int(high / step + 1e-9) + 1)]
    return [int(tick) if step >= 1 else tick for tick in found]
