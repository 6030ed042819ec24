"""The chapter of the indicators of days in the year report; none for a year that was closed before they were kept."""

from collections.abc import Iterable
from dataclasses import asdict

from models.accounts.hospital import Hospital
from models.lnr.benchmark import disclosure
from models.lnr.benchmark.amounts.amount_cell import Amounts, amounts_together
from models.lnr.benchmark.amounts.amount_figure import AmountFigure
from models.lnr.benchmark.amounts.amount_picture import amount_picture, number, said
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.method.indicator_setting import at_least
from models.lnr.year_report.year_counts import NAMES, YearCounts
from models.report.content import ReportPicture, ReportSection, ReportTable, Value

DRAWING = "lnr/benchmark/amounts.svg"
METHOD = (
    "Mediaan: de helft van de opnamen duurde korter, de helft langer; tussen de kwartielen ligt de middelste helft. Valt de "
    "plaats tussen twee opnamen, dan wordt ertussen gerekend (type 7). Alleen afgelopen opnamen tellen mee.",
    "Interval: van de mediaan uit de volgorde van de dagen, van een aantal per 1000 lijndagen met mid-P; beide 95%. De kortste "
    "en de langste opname staan nergens.",
)
KEY = (
    "In de grafieken is de ruit uw ziekenhuis en een open rondje een andere NICU; een vak loopt van het eerste tot het derde "
    "kwartiel, en ontbreekt bij een andere NICU met te weinig opnamen. De zwarte lijn is het cijfer van alle NICU’s samen, het "
    "grijze vlak hun middelste helft."
)


def own_days(counts: YearCounts, hospital: Hospital) -> list[ReportSection]:
    """The days of a hospital beside those of all NICUs together."""
    if not counts.of_days:
        return []
    figures = [counts.amount_figure(one, hospital) for one in counts.of_days]
    head = ("Indicator", "Opnamen", "Mediaan", "Kwartielen", "95%-interval", "NICU’s samen", "Hun kwartielen", "Onbekend")
    medians: list[list[Value]] = [
        [
            str(one.indicator),
            one.own.children,
            _rounded(one.value),
            _pair(one.quartiles),
            _pair(one.interval),
            _rounded(one.target),
            _pair(one.target_quartiles),
            one.count.unknown,
        ]
        for one in figures
        if not one.is_rate
    ]
    rate_head = ("Indicator", "Episoden", "Lijndagen", "Per 1000", "95%-interval", "NICU’s samen", "Oordeel", "Onbekend")
    rates: list[list[Value]] = [
        [
            str(one.indicator),
            one.own.events,
            one.own.days.total,
            _rounded(one.value),
            _pair(one.interval),
            _rounded(one.national),
            one.label,
            one.count.unknown,
        ]
        for one in figures
        if one.is_rate
    ]
    least = at_least((one.setting for one in figures), "opnamen")
    tables = [
        ReportTable("Dagen", head, medians, f"Onder {least} staat er geen cijfer."),
        ReportTable("Per 1000 dagen", rate_head, rates),
        _bands(counts, hospital, figures),
    ]
    return [ReportSection("dagen", "In dagen", [KEY, *METHOD], tables, list(_pictures(counts, hospital, figures)))]


def national_days(counts: YearCounts, hospitals: Iterable[int]) -> list[ReportSection]:
    """The days of all NICUs together, as everybody may read them."""
    if not counts.of_days:
        return []
    chosen, rows = set(hospitals), list[list[Value]]()
    for one in counts.of_days:
        stand = {place: bands for place, bands in counts.bands[one.number].items() if place in chosen}
        days = {place: bands for place, bands in counts.days.get(one.number, {}).items() if place in chosen}
        told = disclosure.told_amounts(one, [stand], [days])
        figure = AmountFigure(one, Amounts(), Count(), Amounts(), 0)
        if told is None or figure.value_of(told) is None:
            rows.append([str(one), "te klein", None, None])
        else:
            rows.append(
                [
                    str(one),
                    told.children,
                    _rounded(figure.value_of(told)),
                    _pair(None if figure.is_rate else told.days.quartiles),
                ]
            )
    table = ReportTable("Dagen van alle NICU’s samen", ("Indicator", "Opnamen", "Mediaan, of per 1000", "Kwartielen"), rows)
    return [ReportSection("dagen", "In dagen", METHOD, [table])]


def _bands(counts, hospital, figures) -> ReportTable:
    rows: list[list[Value]] = []
    for one in figures:
        days = [counts.days.get(one.indicator.number, {})]
        bands = [amounts_together(days, name).get(hospital.id, Amounts()) for name in NAMES]
        rows.append([str(one.indicator), *(_told(one, amounts) for amounts in bands)])
    note = "De mediaan in dagen, of het aantal per 1000 lijndagen; tussen haakjes het aantal opnamen."
    return ReportTable("Dagen naar zwangerschapsduur in weken", ("Indicator", *NAMES), rows, note)


def _told(figure, amounts):
    if not amounts.children:
        return ""
    value = number(figure.value_of(amounts)) if amounts.children >= figure.setting.smallest else "te klein"
    return f"{value} ({amounts.children})"


def _pictures(counts, hospital, figures):
    for one in figures:
        everybody = amounts_together([counts.days.get(one.indicator.number, {})])
        asked = {place.id for place in counts.hospitals}
        units = {place: amounts for place, amounts in everybody.items() if place in asked}
        dots = one.setting.enough(disclosure.amounts_seen_by(hospital.id, units, counts.level))
        if drawn := amount_picture(one, dots, hospital.name):
            alt = f"{one.indicator}: {said(one, one.own, one.own.days.quartiles, hospital.name)}."
            if one.target is not None:
                alt += f" {'Alle NICU’s samen' if one.standard is None else 'Norm'}: {number(one.target)}."
            yield ReportPicture(f"{one.indicator}: naast alle NICU’s", alt, DRAWING, asdict(drawn))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _pair(two: tuple[float, float] | None) -> str:
    return " – ".join(number(one) for one in two) if two else ""
