"""The days of a hospital's own stays beside those of all NICUs: a median with quartiles, or events per 1000 days."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from models.lnr.benchmark import limits
from models.lnr.benchmark.amounts.amount_cell import Amounts
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.figure import FEWEST, JUDGEMENT_LABELS, Judgement, verdict_of
from models.lnr.benchmark.indicator import Indicator
from models.lnr.benchmark.method.indicator_setting import DELIVERED, PER, IndicatorSetting

NOT_KEPT = "dagen niet bewaard"
RATE = "per_1000"  # the kind of indicator
LEVELS = (limits.WARN, limits.SIGNAL)


@dataclass(frozen=True)
class AmountFigure:
    """An indicator of amounts of one hospital in a window. `count`: how its stays stand, as for every other indicator.

    `told`: the amounts of all NICUs together as far as this viewer may read them (disclosure.py); None where they are withheld.
    `all_nicus` is only asked by the verdict. `setting`: how the indicator is used. `spread`: the variance tau² between the
    rates of hospitals where they lie further apart than chance explains and a wider verdict was asked for; else None.
    """

    indicator: Indicator
    own: Amounts
    count: Count
    all_nicus: Amounts
    hospitals: int  # with a figure
    told: Amounts | None = None
    setting: IndicatorSetting = DELIVERED
    spread: float | None = None
    with_days: int = 0  # of those hospitals

    @property
    def is_rate(self) -> bool:
        """Whether it is of events per 1000 days, and not of days."""
        return self.indicator.kind == RATE

    @property
    def shown(self) -> bool:
        """Whether there are enough stays for a figure, and a day to divide by."""
        return self.own.children >= self.setting.smallest and (not self.is_rate or self.own.days.total > 0)

    @property
    def not_kept(self) -> bool:
        """Whether days are missing: of a year that was closed before they were kept only counts are there."""
        return self.own.children != self.count.children

    @property
    def value(self) -> float | None:
        """The own median, or rate; None where there is no figure."""
        return self.value_of(self.own) if self.shown else None

    def value_of(self, amounts: Amounts) -> float | None:
        """The median of these amounts, or their events per 1000 days."""
        if not self.is_rate:
            return amounts.days.median
        return PER * amounts.events / amounts.days.total if amounts.days.total else None

    @property
    def quartiles(self) -> tuple[float, float] | None:
        """Between which the middle half of the own days lies; None for a rate."""
        return self.own.days.quartiles if self.shown and not self.is_rate else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The own 95% interval: of a median by order statistics, of a rate by mid-P."""
        return self.interval_of(self.own) if self.shown else None

    def interval_of(self, amounts: Amounts) -> tuple[float, float] | None:
        """The 95% interval of the value of these amounts."""
        if not self.is_rate:
            return amounts.days.median_interval
        total = amounts.days.total
        return limits.ratio_interval(amounts.events, total / PER) if total else None

    @property
    def standard(self) -> float | None:
        """The standard that was set, per 1000 days; None without one, and always of days as a median."""
        return PER * self.setting.target if self.is_rate and self.setting.target is not None else None

    @property
    def compared(self) -> float | None:
        """What the verdict is of: the standard, or the national value; None where there is too little to compare with."""
        if self.standard is not None:
            return self.standard
        return self.value_of(self.all_nicus) if self.hospitals >= FEWEST else None

    @property
    def national(self) -> float | None:
        """The national value as it may be told; None where it is withheld, or of too few hospitals."""
        return self.value_of(self.told) if self.told and self.hospitals >= FEWEST else None

    @property
    def withheld(self) -> bool:
        """Whether there is a national value that may not be told."""
        return self.hospitals >= FEWEST and self.value_of(self.all_nicus) is not None and self.national is None

    @property
    def target(self) -> float | None:
        """The value that the lines are drawn around, as it may be told."""
        return self.national if self.standard is None else self.standard

    @property
    def target_quartiles(self) -> tuple[float, float] | None:
        """The national quartiles as they may be told."""
        return self.told.days.quartiles if self.told and self.national is not None and not self.is_rate else None

    @property
    def _expected(self) -> float:
        return self.own.days.total * (self.compared or 0.0) / PER

    @property
    def lines(self) -> dict[float, limits.Limits] | None:
        """{q: (lower, upper)} per 1000 days, what chance gives around the target in so many days; None for days."""
        if not self.is_rate or not self.target or not self.shown:
            return None
        return self._per_1000(limits.ratio_limits(self._expected, q) for q in LEVELS)

    @property
    def wide_lines(self) -> dict[float, limits.Limits] | None:
        """The lines that allow for overdispersion, where the verdict is by them and they may be told."""
        if not self.widened or self.lines is None or self.national is None:
            return None
        return self._per_1000(limits.wider_ratio_limits(self._expected, q, self.spread or 0.0) for q in LEVELS)

    def _per_1000(self, found):
        return {q: (low * self.target, high * self.target) for q, (low, high) in zip(LEVELS, found, strict=True)}

    @property
    def judged(self) -> bool:
        """Whether it gets a verdict at all; days get none: longer is neither better nor worse."""
        return self.shown and self.is_rate and bool(self.compared) and self.indicator.better != 0

    @property
    def exact(self) -> Judgement:
        """The verdict by the exact Poisson funnel, whatever was set."""
        if not self.shown:
            return Judgement.KLEIN
        if not self.judged:
            return Judgement.GEEN
        return verdict_of(self.indicator, limits.ratio_tails(self.own.events, self._expected))

    @property
    def verdict(self) -> Judgement:
        """The exact one, or by the wider lines where that was set and the hospitals lie further apart than chance explains."""
        if not self.widened or not self.judged:
            return self.exact
        few = many = 1.0
        for q in LEVELS:
            low, high = limits.wider_ratio_limits(self._expected, q, self.spread or 0.0)
            ratio = self.own.events / self._expected
            # Just below the level of the line that it lies beyond, which is all that the verdict asks.
            few, many = (q / 2 if ratio < low else few), (q / 2 if ratio > high else many)
        return verdict_of(self.indicator, (few, many))

    @property
    def widened(self) -> bool:
        """Whether the verdict is by the wider lines."""
        return self.setting.wider and bool(self.spread)

    @property
    def too_few_to_widen(self) -> bool:
        """Whether it cannot be told if the hospitals lie further apart than chance explains: that is not a no."""
        return self.with_days < limits.FEWEST_UNITS

    @property
    def label(self) -> str:
        """The verdict in words; beside a wider one what the exact one would be, where that is another."""
        if self.not_kept and not self.shown:
            return kept(self.own, self.count)
        told = JUDGEMENT_LABELS[self.verdict]
        return told if self.verdict is self.exact else f"{told} (precies: {JUDGEMENT_LABELS[self.exact]})"


def kept(amounts: Amounts, count: Count) -> str:
    """Of how many of the stays that count the days were kept, in Dutch; '' where it is all of them."""
    if amounts.children == count.children:
        return ""
    return f"dagen van {amounts.children} bewaard" if amounts.children else NOT_KEPT


def amount_figure(
    indicator: Indicator,
    amounts: Mapping[int, Amounts],
    hospital: int,
    count: Count,
    told: Amounts | None = None,
    setting: IndicatorSetting = DELIVERED,
) -> AmountFigure:
    """The AmountFigure of a hospital from {hospital: Amounts} of the NICUs, and what may be told of all of them together."""
    together = sum(amounts.values(), Amounts())
    large = [one for one in amounts.values() if one.children >= setting.smallest]
    units = [one for one in large if one.days.total]
    spread = _spread(units) if setting.wider and indicator.kind == RATE else None
    own = amounts.get(hospital, Amounts())
    return AmountFigure(indicator, own, count, together, len(large), told, setting, spread, len(units))


def _spread(units):
    """tau² between the rates of hospitals; None where chance alone explains it, or there are too few to say (3.4)."""
    days, events = sum(one.days.total for one in units), sum(one.events for one in units)
    if not events:
        return None
    observed, expected = [one.events for one in units], [events * one.days.total / days for one in units]
    # Pearson's, and not by the logarithm: of a few events that sees dispersion which chance alone gives.
    p = limits.dispersion_p([(o - e) / math.sqrt(e) for o, e in zip(observed, expected, strict=True)])
    if p is None or p >= limits.DISPERSED:
        return None
    _, _, _, tau2 = limits.overdispersion_ratio(observed, expected)
    return tau2
