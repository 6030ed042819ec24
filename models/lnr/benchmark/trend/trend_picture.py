"""The pictures of a hospital's own figures in time (templates/lnr/benchmark/trend.svg), and the small line of the overview."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from models.dutch import plural
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.picture import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Frame, PlottedDot, percent, ticks
from models.lnr.benchmark.statistics.trend import Chart
from models.lnr.benchmark.trend.own_trend import OwnTrend


@dataclass(frozen=True, kw_only=True)
class Trend(Frame):
    """Points in time from left to right. `path`: up to the first break; `lines`: polylines of the limits, where there are any,
    of a baseline before the newest with the place where it starts; and at the place of each break 'break 4' and from there
    'path 4', of each baseline that starts anew 'base 4'."""

    path: str
    marks: list[PlottedDot]
    lines: dict[str, str]


class _Field:
    """Where `points` in a row stand, and values up to `high`."""

    def __init__(self, points: int, high: float):
        self.high, self.step = high, (WIDTH - LEFT - RIGHT) / points

    def x(self, place: float) -> float:
        return round(LEFT + self.step * (place + 0.5), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(value, self.high) / self.high, 1)

    def line(self, points: Iterable[tuple[float, float]]) -> str:
        return " ".join(f"{self.x(place)},{self.y(value)}" for place, value in points)

    def upright(self, place: int) -> str:
        """A line from below to above, just before a place."""
        edge = round(self.x(place) - self.step / 2, 1)
        return f"{edge},{TOP} {edge},{HEIGHT - BOTTOM}"

    def limits(self, start: int, chart: Chart, named: str = "") -> dict[str, str]:
        """The lines of a chart whose first point stands at `start`."""
        last = start + len(chart.limits) - 1
        return {
            f"target{named}": self.line([(start, chart.centre), (last, chart.centre)]),
            f"lower998{named}": self.line((place, limit[0]) for place, limit in enumerate(chart.limits, start)),
            f"upper998{named}": self.line((place, limit[1]) for place, limit in enumerate(chart.limits, start)),
        }


def trend(own: OwnTrend) -> Trend | None:
    """The rate by quarter, with the limits of each baseline where it has any; None without any children."""
    told: list[tuple[int, Any]] = [(place, count) for place, count in enumerate(own.quarters) if count.children]
    if not told:
        return None
    seen = [count.rate for _, count in told] + [limit[1] for chart in own.charts.values() for limit in chart.limits]
    field = _Field(len(own.quarters), min(1.0, max(seen) + 0.03))
    first, *later = [field.line((place, count.rate) for place, count in part) for part in _parts(told, own.breaks)]
    lines = {f"base {place}": field.upright(place) for place in own.bases if place > 0}
    for place, path in zip(sorted(own.breaks), later, strict=True):
        lines |= {f"break {place}": field.upright(place), f"path {place}": path}
    for start, chart in own.charts.items():
        lines |= field.limits(start, chart, "" if start == own.starts[-1] else f" {start}")
    return Trend(
        path=first,
        marks=[
            PlottedDot(field.x(place), field.y(count.rate), "own", f"{own.names[place]}: {count.events} van {count.children}")
            for place, count in told
        ],
        lines=lines,
        across=[(field.x(place), name) for place, name in enumerate(own.names) if place % _every(own) == 0],
        up=[(field.y(p), percent(p, 0)) for p in ticks(0, field.high)],
    )


def gaps(between: Sequence[int], chart: Chart | None) -> Trend | None:
    """How many children came between each two rare events, and since the last; None without two events."""
    points = list(between[1:])
    if len(points) < 2:
        return None
    field = _Field(len(points), 1.08 * max([1.0, *points, *(limit[1] for limit in (chart.limits if chart else ()))]))
    said = [
        f"{plural(gap, 'kind', 'kinderen')} tussen gebeurtenis {number} en {number + 1}" for number, gap in enumerate(points, 1)
    ]
    said[-1] = f"{plural(points[-1], 'kind', 'kinderen')} sinds de laatste gebeurtenis"
    every = math.ceil(len(points) / 12)
    return Trend(
        path=field.line(enumerate(points)),
        marks=[PlottedDot(field.x(place), field.y(gap), "own", said[place]) for place, gap in enumerate(points)],
        lines=field.limits(0, chart) if chart else {},
        across=[(field.x(place), f"{place + 1}") for place in range(0, len(points) - 1, every)],
        up=[(field.y(count), f"{count}") for count in ticks(0, field.high)],
    )


def _every(own):
    return 4 if len(own.quarters) <= 12 else 8


def _parts(told: Sequence[tuple[int, Any]], breaks: Collection[int]) -> list[list[tuple[int, Any]]]:
    """What stands before, between and after the breaks."""
    edges = [-math.inf, *sorted(breaks), math.inf]
    return [[pair for pair in told if start <= pair[0] < end] for start, end in pairwise(edges)]


def spark(quarters: Sequence[Count], breaks: Mapping[int, str]) -> list[str]:
    """The points of a small line of 100 by 24, in parts where it breaks; quarters without children, single points left out."""
    told: list[tuple[int, Any]] = [(place, count.rate) for place, count in enumerate(quarters) if count.children]
    top = max((rate for _, rate in told), default=0) or 1
    across = 100 / max(1, len(quarters) - 1)
    points = [(place, f"{place * across:.1f},{22 - 20 * rate / top:.1f}") for place, rate in told]
    return [" ".join(point for _, point in part) for part in _parts(points, breaks) if len(part) > 1]
