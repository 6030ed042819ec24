"""What of SMRs may leave a hospital: by disclosure.py, as every other figure."""

from collections.abc import Collection, Mapping, Sequence

from models.lnr.benchmark.agreement import Level
from models.lnr.benchmark.counting import Bands, Count
from models.lnr.benchmark.disclosure import Dot, asked_by, named, published, told, two_figures, units_seen_by
from models.lnr.benchmark.method.indicator_setting import SMALLEST
from models.lnr.benchmark.risk.risk_cell import Expectation, RiskBands, by_hospital, together


def other_risks(
    counted: Mapping[int, Expectation], own: int | None, years: Sequence[int], oversees: bool, least: int = SMALLEST
) -> list[Dot]:
    """The dots of the other hospitals that this viewer may see: `children` are the deaths expected, `rate` is the SMR.

    `least`: with fewer children, by the number that is told of them, there is no dot (IndicatorSetting.enough).
    """
    return risks_seen_by(own, *asked_by(counted, own, years, oversees), least)


def risks_seen_by(own: int | None, counted: Mapping[int, Expectation], level: Level, least: int = SMALLEST) -> list[Dot]:
    """The same for one that they show themselves to on this level, in an order that tells no more than the dots."""
    units = units_seen_by(own, {number: one for number, one in counted.items() if one.smr is not None}, level)
    dots = [
        Dot(name, one.expected if name else two_figures(one.expected), one.smr or 0.0)
        for name, children, one in units
        if children >= least
    ]
    return sorted(dots, key=lambda dot: (dot.name, dot.children, dot.rate))


def told_risks(years: Sequence[Bands], risks: Sequence[RiskBands], band: str = "") -> Expectation | None:
    """What was expected of all hospitals together as it may be told, where their rate itself may; else None.

    Beside that rate it tells how many children have a risk, and so how many have none: neither may tell more than a rate would.
    """
    with_risk, without = ([_as_counts(bands, *names) for bands in risks] for names in (("events", "children"), WITHOUT))
    if any(told(counted, band) is None for counted in (years, with_risk, without)):
        return None
    return together(by_hospital(risks, band).values())


def named_risks(counted: Mapping[int, Count], risks: RiskBands, agreed: Collection[int]) -> dict[int, Expectation]:
    """What was expected of the hospitals that may stand by name beside all together, where that may be told; of one year.

    Beside its rate, `counted`, an SMR tells how many children have a risk and how many have none: each as `named` allows.
    """
    mine = by_hospital([risks])
    parts = [counted, *(_summed(_as_counts(risks, *names)) for names in (("events", "children"), WITHOUT))]
    if any(published(part) is None for part in parts if sum(part.values(), Count()).children):
        return {}
    shown, before = {place for place in agreed if place in mine and mine[place].smr is not None}, None
    while shown != before:  # who falls out by one of them is no longer there for the others
        before = shown
        for part in parts:
            none = {place for place in shown if not part.get(place, Count()).children}  # none without a risk tells nothing
            shown = none | named(part, shown - none).keys()
    return {place: mine[place] for place in shown}


WITHOUT = ("unknown_events", "unknown")


def _summed(bands):
    return {place: sum(cells.values(), Count()) for place, cells in bands.items()}


def _as_counts(bands, events, children):
    return {
        place: {name: Count(getattr(one, events), getattr(one, children)) for name, one in cells.items()}
        for place, cells in bands.items()
    }
