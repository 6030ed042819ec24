"""The page and the file of an indicator of days: what the other indicators have in figures and a funnel, for BenchmarkView."""

from collections.abc import Mapping, Sequence
from typing import Any

from admin_views.grid.list_export import ExportSheet, local_moment
from models import clock
from models.lnr.benchmark import counting, disclosure
from models.lnr.benchmark.amounts import amount_picture
from models.lnr.benchmark.amounts.amount_cell import AmountBands, Amounts, amounts_of_all, amounts_together
from models.lnr.benchmark.amounts.amount_figure import NOT_KEPT, AmountFigure, amount_figure, kept
from models.lnr.benchmark.counting import Bands, Count
from models.lnr.benchmark.figure import JUDGEMENT_LABELS
from models.lnr.benchmark.indicator import Indicator, of_days
from models.lnr.benchmark.method.indicator_setting import judged_as, used_in

TREND = 3  # years
HEADINGS = [
    *("Indicator", "Beeld", "Ziekenhuis", "Periode", "Weken", "Opnamen", "Gebeurtenissen", "Dagen", "Waarde"),
    *("Kwartiel onder", "Kwartiel boven", "Interval onder", "Interval boven", "Onbekend", "Oordeel"),
]
TOGETHER = "NICU’s samen"


def figures(asked: Mapping, years: Sequence[Mapping[int, Bands]]) -> list[AmountFigure]:
    """The AmountFigure of every indicator of days, from the counts of each year of the window."""
    used = [one for one in of_days() if used_in(asked["methods"], asked["years"], one)]
    days = [amounts_of_all(year, [one.number for one in used]) for year in asked["years"]]
    return [
        _figure(one, [year.get(one.number, {}) for year in years], [year.get(one.number, {}) for year in days], asked)
        for one in used
    ]


def told(one: Indicator, asked: Mapping) -> dict[str, Any]:
    """What the page of an indicator of days shows."""
    figure, dots, trend, bands = _seen(one, asked)
    return {
        "one": one,
        "figure": figure,
        "picture": amount_picture.amount_picture(figure, dots, asked["hospital"].name),
        "dots": sorted((dot for dot in dots if dot.name), key=lambda dot: dot.name),
        "alone": not dots,
        "trend": trend,
        "breaks": asked["history"].breaks(one),
        "by_band": bands,
        "number": amount_picture.number,
        "kept": kept,
        "smallest": figure.setting.smallest,
        "labels": JUDGEMENT_LABELS,
    }


def sheet(one: Indicator, asked: Mapping) -> ExportSheet:
    """The same figures as a file: of other hospitals what the page tells, no more."""
    figure, dots, trend, bands = _seen(one, asked)
    name, period, weeks = str(asked["hospital"]), ", ".join(map(str, asked["years"])), asked["band"] or "alle"
    rows = [_row(figure, "vergelijking", name, (period, weeks), figure.own, figure.count, figure.label)]
    if figure.told and figure.national is not None:
        rows.append(_row(figure, "vergelijking", TOGETHER, (period, weeks), figure.told, None))
    for dot in sorted(dots, key=lambda dot: dot.name):  # by name: no rank
        if dot.name:
            rows.append(_row(figure, "vergelijking", dot.name, (period, weeks), dot.amounts, None, dot=dot))
    breaks = asked["history"].breaks(one)
    rows += [_row(figure, "jaar", name, (str(year), weeks), *counted, breaks.get(year, "")) for year, *counted in trend]
    rows += [_row(figure, "weken", name, (period, band), amounts, count) for band, amounts, count in bands]
    what = "episoden per 1000 lijndagen" if figure.is_rate else "mediaan van de dagen"
    sure = "mid-P, exact" if figure.is_rate else "van de mediaan, uit de volgorde van de dagen (exact)"
    about = [
        ("Ziekenhuis", name),
        ("Jaren van opname", period),
        ("Zwangerschapsduur", f"{asked['band']} weken" if asked["band"] else "alle"),
        ("Waarde", what),
        ("Kwartielen", "met lineaire interpolatie (type 7)"),
        ("Interval", f"95%-interval {sure}"),
        ("Lege waarde", f"er zijn minder dan {figure.setting.smallest} opnamen, of hun dagen zijn niet bewaard"),
        *([("Norm", figure.setting.standard)] if figure.standard is not None else []),
        ("Methode", asked["method"]),
        ("Gemaakt op", local_moment(clock.now())),
    ]
    return ExportSheet("Benchmark", HEADINGS, [rows], about)


def _seen(one, asked):
    """(the figure, the others that may be seen, by year and by band (name, Amounts, Count) of the hospital itself)."""
    own, band = asked["hospital"].id, asked["band"]
    shown = [*range(asked["year"] - TREND + 1, asked["year"] + 1)]
    days = {year: amounts_of_all(year, [one.number]).get(one.number, {}) for year in {*shown, *asked["years"]}}
    counts = {year: counting.bands_of_all(year, one.number).get(one.number, {}) for year in days}
    chosen = [days[year] for year in asked["years"]]
    figure = _figure(one, [counts[year] for year in asked["years"]], chosen, asked)
    everybody = amounts_together(chosen, band)
    dots = disclosure.other_amounts(everybody, own, asked["years"], asked["oversees"]) if asked["unrestricted"] else []
    trend = [
        (
            year,
            amounts_together([days[year]], band).get(own, Amounts()),
            counting.together([counts[year]], band).get(own, Count()),
        )
        for year in shown
    ]
    stand = counting.by_band([counts[year].get(own, {}) for year in asked["years"]])
    bands = [
        (name, amounts_together(chosen, name).get(own, Amounts()), stand[name])
        for name in asked["bands"]
        if name in stand and (stand[name].children or stand[name].unknown)
    ]
    return figure, figure.setting.enough(dots), trend, bands


def _figure(one: Indicator, counted: Sequence[Bands], days: Sequence[AmountBands], asked: Mapping) -> AmountFigure:
    own, band = asked["hospital"].id, asked["band"]
    everybody = amounts_together(days, band)
    all_of_them = sum(everybody.values(), Amounts())
    told_of_all = all_of_them if asked["unrestricted"] else disclosure.told_amounts(one, counted, days, band)
    setting = judged_as(asked["methods"], asked["years"], one)
    return amount_figure(one, everybody, own, counting.together(counted, band).get(own, Count()), told_of_all, setting)


def _row(figure, seen, name, window, amounts, count, label="", dot=None):
    shown = amounts.children >= figure.setting.smallest
    value = figure.value_of(amounts) if shown else None
    quartiles = (dot or amounts.days).quartiles if shown and not figure.is_rate else None
    # Of others no interval of a median: its ends are days of a child, and only of median and quartiles it was looked at whether
    # enough stays lie on either side (disclosure.py).
    interval = figure.interval_of(amounts) if shown and (figure.is_rate or seen != "vergelijking" or label) else None
    stays, unknown, note = (count.children, count.unknown, kept(amounts, count)) if count else (amounts.children, None, "")
    of_days = (amounts.events, amounts.days.total) if figure.is_rate and note != NOT_KEPT else (None, None)
    pairs = [None if one is None else round(one, 2) for pair in (quartiles, interval) for one in (pair or (None, None))]
    rounded = None if value is None else round(value, 2)
    told = label if note in label else ", ".join(filter(None, (label, note)))
    return [str(figure.indicator), seen, name, *window, stays, *of_days, rounded, *pairs, unknown, told]
