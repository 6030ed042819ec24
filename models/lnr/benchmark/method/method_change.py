"""Changing how an indicator is used in a year, and what that would do to the verdicts, before it is done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from peewee import IntegrityError

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.lnr.benchmark import figure
from models.lnr.benchmark.amounts.amount_cell import AmountCell, amounts_of_facts, amounts_together
from models.lnr.benchmark.amounts.amount_figure import amount_figure
from models.lnr.benchmark.cell import CountCell, UncountedYear
from models.lnr.benchmark.counting import Count, bands_of_facts, together
from models.lnr.benchmark.fact import BANDS, StayFact
from models.lnr.benchmark.indicator import Indicator, all_indicators
from models.lnr.benchmark.method.indicator_setting import SMALLEST, IndicatorSetting, YearMethod
from models.lnr.registry.closed_year import ClosedYear
from models.typed_text import one_line, required

LARGEST = 1000  # children that may be asked for before there is a figure
MOVED = "Iemand heeft de methode van {} intussen gewijzigd. Bekijk die opnieuw."
WHY = "Schrijf waarom. Dat staat bij de methode, ook voor de ziekenhuizen."


@dataclass(frozen=True)
class Effect:
    """Of how many figures of a hospital, of the year and of each band, the verdict would be another one."""

    hospital: Hospital
    figures: int
    changed: int


@dataclass(frozen=True, kw_only=True)
class SettingChoice:
    """How an indicator is to be used, as a person chose it; `target` as a rate."""

    active: bool
    target: float | None
    source: str
    source_date: date | None
    wider: bool
    smallest: int | None
    note: str


def change(
    by: User, year: int, one: Indicator, seen: int, choice: SettingChoice, now: datetime | None = None
) -> IndicatorSetting:
    """Use an indicator otherwise in a year that is open: the next version of its method.

    Raises Refused outside the bounds, for a closed year, and when the method is no longer the version `seen`.
    """
    access.demand(by, "oversee")
    now = now or clock.now()
    made = _made(year, one, seen, choice)
    made.changed_by, made.changed_at = by, now
    try:
        with db.atomic():
            ClosedYear.demand_open(year)
            was = YearMethod.of(year)
            if was.number != seen:
                raise Refused(MOVED.format(year))
            before = was.setting(one)
            if before.fields == made.fields:
                raise Refused("Dit is hoe het al staat: er verandert niets.")
            return keep(made, one, before)
    except IntegrityError:
        raise Refused(MOVED.format(year)) from None


def keep(made: IndicatorSetting, one: Indicator, before: IndicatorSetting) -> IndicatorSetting:
    """Write a setting in the place of the one before, with its line, within the transaction of who changes it."""
    made.save(force_insert=True)
    if before.active != made.active:
        _count_anew(made.year, one)
    subject, detail = f"LNR-indicator {one.code} {made.year}-{made.number}", f"{before} > {made}. {made.why}"
    AuditEvent.log("lnr.method", by=made.changed_by, subject=subject, detail=detail, at=made.changed_at)
    return made


def effect(by: User, year: int, one: Indicator, seen: int, choice: SettingChoice) -> list[Effect]:
    """What such a change would do in each hospital with a NICU; counts only. Raises Refused as the change itself."""
    access.demand(by, "oversee")
    made = _made(year, one, seen, choice)
    if YearMethod.of(year).number != seen:
        raise Refused(MOVED.format(year))
    return effects(year, [(one, made)])


def effects(year: int, settings: Iterable[tuple[Indicator, IndicatorSetting]]) -> list[Effect]:
    """What these settings together would do in each hospital with a NICU, beside how the year uses the indicators now."""
    nicus, method = figure.nicus(), YearMethod.of(year)
    found = {place.id: [0, 0] for place in nicus}
    for one, made in settings:
        # Of the facts, which also tell what is not counted while it is off.
        bands = bands_of_facts(year, one, [place.id for place in nicus])
        days = {} if one.kind == "aandeel" else amounts_of_facts(year, one, [place.id for place in nicus])
        for band in ["", *(name for _, name in BANDS)]:
            counted, amounts = together([bands], band), amounts_together([days], band)
            for place in nicus:
                pair = [_word(one, counted, amounts, place.id, setting) for setting in (method.setting(one), made)]
                if any(pair):
                    found[place.id][0] += 1
                    found[place.id][1] += pair[0] != pair[1]
    return [Effect(place, *found[place.id]) for place in nicus]


def _word(one, counted, amounts, place, setting):
    """What is told of a hospital; '' where nothing is."""
    count = counted.get(place, Count())
    if not setting.active or not count.children:
        return ""
    if one.kind == "aandeel":
        return figure.figure(one, counted, place, setting=setting).verdict.value
    return amount_figure(one, amounts, place, count, setting=setting).verdict.value


def _made(year, one, seen, choice):
    """The row of a choice. Raises Refused for what cannot be."""
    if one not in all_indicators():
        raise Refused("Deze indicator bestaat niet.")
    if choice.target is not None and not one.measure:
        raise Refused("Over deze indicator geeft het portaal geen oordeel: een norm kan niet.")
    if choice.wider and not one.measure:
        raise Refused("Verruimen kan alleen bij een indicator waarover het portaal een oordeel geeft.")
    if choice.smallest is None or not SMALLEST <= choice.smallest <= LARGEST:
        raise Refused(
            f"Kies een kleinste aantal van {SMALLEST} tot en met {LARGEST}: onder {SMALLEST} staat er nooit een cijfer."
        )
    source = one_line(choice.source, 200, "De bron")
    if choice.target is not None:
        if not 0 < choice.target < 1:
            raise Refused(
                "Kies een norm tussen 0% en 100%."
                if one.measure == "percentage"
                else "Kies een norm tussen 0 en 1000 per 1000 lijndagen."
            )
        if not source or choice.source_date is None:
            raise Refused("Schrijf bij een vaste norm waar die staat, en van welke dag die is.")
    elif source or choice.source_date:
        raise Refused(
            "Vul bij deze bron ook de norm in, of laat alle drie leeg: dan is het cijfer van alle NICU’s samen de norm."
        )
    return IndicatorSetting(
        year=year,
        number=seen + 1,
        indicator=one.number,
        active=choice.active,
        target=choice.target,
        source=source,
        source_date=choice.source_date,
        wider=choice.wider,
        smallest=choice.smallest,
        note=required(one_line(choice.note, 500, "De toelichting"), 500, "De toelichting", WHY),
    )


def _count_anew(year, one):
    """Have a year counted anew; until then nothing is told of this indicator. Marked first: that waits for who counts now."""
    for (place,) in StayFact.select(StayFact.hospital).where(StayFact.year == year).distinct().tuples():
        UncountedYear.mark(place, year)
    for cells in (CountCell, AmountCell):
        cells.delete().where(cells.year == year, cells.indicator == one.number).execute()
