"""The figures behind the pictures of the benchmark as rows of a file: of other hospitals what the page tells, no more."""

from collections.abc import Iterable, Mapping, Sequence

from admin_views.grid.list_export import ExportSheet, local_moment
from models import clock
from models.lnr.benchmark import disclosure, limits
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.figure import Figure
from models.lnr.benchmark.method.indicator_setting import at_least
from models.lnr.benchmark.trend.own_trend import OwnTrend

HEADINGS = [
    "Indicator",
    *("Beeld", "Ziekenhuis", "Periode", "Weken", "Gebeurtenissen", "Kinderen", "Percentage", "Onbekend", "Oordeel"),
    *("Interval onder", "Interval boven", "Grens onder", "Grens boven", "Buitengrens onder", "Buitengrens boven"),
]
TOGETHER = "NICU’s samen"
RARE = "zeldzaam: minder dan 5 gebeurtenissen per kwartaal"
WITHOUT = "kinderen zonder gebeurtenis"
Limit = Sequence[float] | None
Row = list[str | int | float | None]


def sheet(asked: Mapping, blocks: Iterable[list[Row]], figures: Iterable[Figure]) -> ExportSheet:
    """Blocks of rows of these figures as a file that says what its numbers are."""
    least = at_least((one.setting for one in figures), "kinderen")
    about = [
        ("Ziekenhuis", str(asked["hospital"])),
        ("Jaren van opname", ", ".join(map(str, asked["years"]))),
        ("Zwangerschapsduur", f"{asked['band']} weken" if asked["band"] else "alle"),
        ("Interval", "95%-interval van het eigen percentage (Wilson)"),
        (
            "Grenzen",
            "trechter: 95% en daarbuiten 99,8% van wat toeval geeft rond het percentage van alle NICU’s samen, of rond de norm",
        ),
        (
            "Verloop",
            "buitengrenzen van de eigen reeks: 99,73% rond het gemiddelde van de eerste twaalf kwartalen volgens één methode, "
            "of vanaf een nieuwe basislijn; niet bij minder dan vijf gebeurtenissen per "
            "kwartaal, die staan er onder ‘samen’ en ‘tussen gebeurtenissen’",
        ),
        ("Leeg percentage", f"er zijn minder dan {least}, of minder dan drie ziekenhuizen met een cijfer"),
        ("Andere ziekenhuizen", "staan erin zoals op het scherm in de tabel: alleen met naam, als dat is afgesproken"),
        ("Methode", asked["method"]),
        ("Gemaakt op", local_moment(clock.now())),
    ]
    return ExportSheet("Benchmark", HEADINGS, blocks, about)


def rows(figure: Figure, asked: Mapping, own: OwnTrend) -> list[Row]:
    """One indicator: the own figure and that of all NICUs together, the own quarters, and rare ones together."""
    name, window = str(asked["hospital"]), (", ".join(map(str, asked["years"])), asked["band"] or "alle")
    lines = figure.lines or {}
    rate = figure.own.rate if figure.shown else None
    bounds = (figure.interval, lines.get(limits.WARN), lines.get(limits.SIGNAL))
    found = [_row(figure, "trechter", name, window, figure.own, rate, bounds, figure.no_verdict or figure.label)]
    if figure.national is not None:
        together = figure.told
        found.append(_without_unknown(_row(figure, "trechter", TOGETHER, window, together, together.rate)))
    found += [_quarter(figure, name, window[1], own, place) for place in range(len(own.quarters))]
    for one in own.together:
        span = (f"{one.first} tot en met {one.last}", window[1])
        enough = one.count.children >= figure.setting.smallest
        reach = limits.rate_interval(one.count.events, one.count.children) if enough else None
        rate = one.count.rate if enough else None
        found.append(_row(figure, "samen", name, span, one.count, rate, (reach, None, None), RARE))
    return found


def gaps(figure: Figure, asked: Mapping, own: OwnTrend, between: Sequence[int]) -> list[Row]:
    """Of rare events how many children came between each two: what the picture draws."""
    name, weeks = str(asked["hospital"]), asked["band"] or "alle"
    found = []
    for number, children in enumerate(between[1:], 1):
        until = f"en {number + 1}" if number < len(between) - 1 else "en nu"
        window = (f"tussen gebeurtenis {number} {until}", weeks)
        found.append(_row(figure, "tussen gebeurtenissen", name, window, Count(children=children), None, label=WITHOUT))
    return found


def _quarter(figure, name, weeks, own, place):
    count, bound = own.quarters[place], None
    for start, chart in own.charts.items():
        if count.children and 0 <= place - start < len(chart.limits):
            bound = chart.limits[place - start]
    said = " ".join([*own.said(place), *(["dit kwartaal loopt nog"] if own.running and place == len(own.quarters) - 1 else [])])
    return _row(figure, "verloop", name, (own.names[place], weeks), count, count.rate, (None, None, bound), said)


def others(figure: Figure, asked: Mapping, dots: Sequence[disclosure.Dot]) -> list[Row]:
    """The other hospitals that may be named; an unnamed dot stays a dot in the picture, for its exact rate would name it."""
    window = (", ".join(map(str, asked["years"])), asked["band"] or "alle")
    told = [(dot.name, Count(round(dot.rate * dot.children), int(dot.children)), dot.rate) for dot in dots if dot.name]
    told.sort(key=lambda row: row[0])  # by name: no rank
    return [_without_unknown(_row(figure, "trechter", name, window, count, rate)) for name, count, rate in told]


def bands(figure: Figure, asked: Mapping, counted: Mapping[str, Count]) -> list[Row]:
    """The own figure by band of gestational age, in weeks."""
    period = ", ".join(map(str, asked["years"]))
    return [
        _row(figure, "weken", str(asked["hospital"]), (period, band), counted[band], None)
        for band in asked["bands"]
        if band in counted
    ]


def _without_unknown(row: Row) -> Row:
    """A row of others: what is unknown there is not told on the page either."""
    at = HEADINGS.index("Onbekend")
    return [*row[:at], None, *row[at + 1 :]]


def _row(
    figure: Figure,
    seen: str,
    name: str,
    window: tuple[str, str],
    count: Count,
    rate: float | None,
    bounds: tuple[Limit, ...] = (None, None, None),
    label: str = "",
) -> Row:
    pairs = [_percent(limit) for bound in bounds for limit in (bound or (None, None))]
    told = (count.events, count.children, _percent(rate), count.unknown)
    return [str(figure.indicator), seen, name, *window, *told, label, *pairs]


def _percent(rate: float | None) -> float | None:
    return None if rate is None else round(100 * rate, 2)
