"""Pictures as objects of numbers: axes, lines and dots in units of the drawing, for the screen and for the report alike.

templates/lnr/benchmark/funnel.svg draws a Funnel, trend.svg a Trend. Nothing here knows of colours.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.lnr.benchmark import limits
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.disclosure import Dot
from models.lnr.benchmark.figure import SMALLEST, Figure
from models.lnr.benchmark.statistics.trend import Chart, p_chart

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 16, 44
POINTS = 60  # on a line


@dataclass(frozen=True)
class PlottedDot:
    """A dot at (x, y) with what it says; `shape` 'own' or 'other'."""

    x: float
    y: float
    shape: str
    text: str


@dataclass(frozen=True)
class Funnel:
    """`lines`: {name: points of a polyline}; names 'lower998', 'lower95', 'target', 'upper95', 'upper998'."""

    lines: dict[str, str]
    marks: list[PlottedDot]
    across: list[tuple[float, str]]  # the x of a tick, and its words
    up: list[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class Trend:
    """Quarters from left to right; `bounds`: polylines of the limits, where there are any."""

    path: str
    marks: list[PlottedDot]
    lines: dict[str, str]
    across: list[tuple[float, str]]
    up: list[tuple[float, str]]
    chart: Chart | None
    width: int = WIDTH
    height: int = HEIGHT


def funnel(figure: Figure, dots: Sequence[Dot], say: Callable[[Dot | None], str]) -> Funnel | None:
    """The funnel around the national rate with the own dot and those of others; None without a target or an own figure.

    `say` gives the words of a dot, of None for the own one.
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

    names = ("lower998", "lower95", "target", "upper95", "upper998")
    order = (1, 2, 3, 4, 5)
    lines = {
        name: " ".join(f"{x(point[0])},{y(point[place])}" for point in curve) for name, place in zip(names, order, strict=True)
    }
    marks = [PlottedDot(x(dot.children), y(dot.rate), "other", say(dot)) for dot in dots]
    marks.append(PlottedDot(x(figure.own.children), y(figure.own.rate), "own", say(None)))
    return Funnel(lines, marks, [(x(n), f"{n}") for n in _ticks(0, most)], [(y(p), percent(p, 0)) for p in _ticks(low, high)])


@lru_cache(maxsize=512)
def _curve(target: float, most: int) -> list[tuple[float, ...]]:
    """(n, lower 99.8, lower 95, target, upper 95, upper 99.8) along the funnel, closer together where it is steep."""
    sizes = sorted({round(SMALLEST * (most / SMALLEST) ** (step / (POINTS - 1))) for step in range(POINTS)})
    found = []
    for n in sizes:
        (low95, high95), (low998, high998) = (limits.proportion_limits(n, target, q) for q in (limits.WARN, limits.SIGNAL))
        found.append((n, low998, low95, target, high95, high998))
    return found


def trend(quarters: Sequence[Count], names: Sequence[str], say: Callable[[str, Count], str]) -> Trend | None:
    """The rate by quarter with the limits of a p-chart where twelve quarters allow them; None without any children."""
    if not any(count.children for count in quarters):
        return None
    chart = p_chart([count.events for count in quarters], [count.children for count in quarters])
    rates = [count.rate for count in quarters if count.children]
    high = min(1.0, max([*rates, *(limit[1] for limit in chart.limits)] if chart else rates) + 0.03)
    step = (WIDTH - LEFT - RIGHT) / len(quarters)

    def x(place: int) -> float:
        return round(LEFT + step * (place + 0.5), 1)

    def y(rate: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(rate, high) / high, 1)

    told = [(place, count) for place, count in enumerate(quarters) if count.children]
    lines = {}
    if chart:
        lines = {
            "target": f"{x(0)},{y(chart.centre)} {x(len(quarters) - 1)},{y(chart.centre)}",
            "lower998": " ".join(f"{x(place)},{y(limit[0])}" for place, limit in enumerate(chart.limits)),
            "upper998": " ".join(f"{x(place)},{y(limit[1])}" for place, limit in enumerate(chart.limits)),
        }
    return Trend(
        " ".join(f"{x(place)},{y(count.rate)}" for place, count in told),
        [PlottedDot(x(place), y(count.rate), "own", say(names[place], count)) for place, count in told],
        lines,
        [(x(place), name) for place, name in enumerate(names) if place % 4 == 0],
        [(y(p), percent(p, 0)) for p in _ticks(0, high)],
        chart,
    )


def spark(quarters: Sequence[Count]) -> str:
    """The points of a small line of 100 by 24, quarters without children left out; '' for fewer than two."""
    told = [(place, count.rate) for place, count in enumerate(quarters) if count.children]
    top = max((rate for _, rate in told), default=0) or 1
    across = 100 / max(1, len(quarters) - 1)
    points = [f"{place * across:.1f},{22 - 20 * rate / top:.1f}" for place, rate in told]
    return " ".join(points) if len(points) > 1 else ""


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


def _ticks(low: float, high: float) -> list[float]:
    step = _step(high - low)
    first = math.ceil(low / step)
    found = [step * place for place in range(first, int(high / step + 1e-9) + 1)]
    return [int(tick) if step >= 1 else tick for tick in found]
