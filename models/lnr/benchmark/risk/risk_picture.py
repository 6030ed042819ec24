"""The funnel of SMRs as an object of numbers: expected deaths from left to right, the SMR from bottom to top."""

from collections.abc import Sequence
from functools import lru_cache

from models.lnr.benchmark import limits
from models.lnr.benchmark.disclosure import Dot
from models.lnr.benchmark.picture import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Funnel, PlottedDot, ticks
from models.lnr.benchmark.risk.risk_figure import EXPECTED, RiskFigure

HIGHEST, ROOM, POINTS, LEAST = 4.0, 1.1, 80, 0.25  # of the axis of SMRs; beside the dots; of a line; expected deaths
LINES = ((limits.SIGNAL, "998"), (limits.WARN, "95"))


def risk_funnel(figure: RiskFigure, dots: Sequence[Dot], own: str) -> Funnel | None:
    """The exact Poisson funnel around 1 with the dot of the hospital `own` and those of others; None without an own SMR."""
    if figure.smr is None or figure.lines is None:
        return None
    most = ROOM * max(figure.own.expected, 2.0, *(dot.children for dot in dots))
    high = max(2.0, min(HIGHEST, ROOM * max(figure.smr, figure.lines[limits.SIGNAL][1], *(dot.rate for dot in dots))))

    def x(expected: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * expected / most, 1)

    def y(smr: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(smr, high) / high, 1)

    lines = {}
    for place, (_, name) in enumerate(LINES):
        for side, at in (("lower", 2 * place + 1), ("upper", 2 * place + 2)):
            # What is above the picture is not drawn along its edge, where it would look like a limit.
            inside = (point for point in _curve(round(most, 3)) if point[at] <= high)
            lines[f"{side}{name}"] = " ".join(f"{x(point[0])},{y(point[at])}" for point in inside)
    lines["target"] = f"{x(0)},{y(EXPECTED)} {x(most)},{y(EXPECTED)}"
    marks = [PlottedDot(x(dot.children), y(dot.rate), "other", _said(dot)) for dot in dots]
    marks.append(PlottedDot(x(figure.own.expected), y(figure.smr), "own", own_said(figure, own)))
    across = [(x(tick), ratio(tick, 0 if most >= 5 else 1)) for tick in ticks(0, most)]
    return Funnel(lines=lines, marks=marks, across=across, up=[(y(tick), ratio(tick, 1)) for tick in ticks(0, high)])


@lru_cache(maxsize=128)
def _curve(most: float) -> list[tuple[float, ...]]:
    """(E, lower 99.8, upper 99.8, lower 95, upper 95), closer together where it is steep."""
    step = (most / LEAST) ** (1 / POINTS)
    sizes = [LEAST * step**place for place in range(POINTS + 1)]
    return [(size, *(line for q, _ in LINES for line in limits.ratio_limits(size, q))) for size in sizes]


def own_said(figure: RiskFigure, own: str) -> str:
    """What the dot of the hospital itself says."""
    told = figure.own
    return f"{own}: {told.events} overleden, {ratio(told.expected, 1)} verwacht, SMR {ratio(told.smr)}, {figure.label}"


def _said(dot: Dot) -> str:
    """What the dot of another hospital says: nothing where it has no name."""
    return f"{dot.name}: SMR {ratio(dot.rate)} bij {ratio(dot.children, 1)} verwacht" if dot.name else ""


def ratio(number: float | None, digits: int = 2) -> str:
    """'1,02'; '–' for nothing. Nothing is '−0,00'."""
    return "–" if number is None else f"{number:z.{digits}f}".replace(".", ",").replace("-", "−")
