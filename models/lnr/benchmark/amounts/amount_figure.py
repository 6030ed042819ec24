"""The days of a hospital's own stays beside those of all NICUs: a median with quartiles, or events per 1000 days."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.lnr.benchmark import limits
from models.lnr.benchmark.amounts.amount_cell import Amounts
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.figure import FEWEST, JUDGEMENT_LABELS, Judgement, verdict_of
from models.lnr.benchmark.indicator import Indicator
from models.lnr.benchmark.method.indicator_setting import DELIVERED, PER, IndicatorSetting

NOT_KEPT = "dagen niet bewaard"


@dataclass(frozen=True)
class AmountFigure:
    """An indicator of amounts of one hospital in a window. `count`: how its stays stand, as for every other indicator.

    `told`: the amounts of all NICUs together as far as this viewer may read them (disclosure.py); None where they are withheld.
    `all_nicus` is only asked by the verdict. `setting`: how the indicator is used.
    """

    indicator: Indicator
    own: Amounts
    count: Count
    all_nicus: Amounts
    hospitals: int  # with a figure
    told: Amounts | None = None
    setting: IndicatorSetting = DELIVERED

    @property
    def is_rate(self) -> bool:
        """Whether it is of events per 1000 days, and not of days."""
        return self.indicator.kind == "per_1000"

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
        lines = {q: limits.ratio_limits(self._expected, q) for q in (limits.WARN, limits.SIGNAL)}
        return {q: (low * self.target, high * self.target) for q, (low, high) in lines.items()}

    @property
    def verdict(self) -> Judgement:
        """Of a rate by the exact Poisson funnel; days get none: longer is neither better nor worse."""
        if not self.shown:
            return Judgement.KLEIN
        if not self.is_rate or not self.compared or self.indicator.better == 0:
            return Judgement.GEEN
        return verdict_of(self.indicator, limits.ratio_tails(self.own.events, self._expected))

    @property
    def label(self) -> str:
        return kept(self.own, self.count) if self.not_kept and not self.shown else JUDGEMENT_LABELS[self.verdict]


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
    large = sum(one.children >= setting.smallest for one in amounts.values())
    return AmountFigure(indicator, amounts.get(hospital, Amounts()), count, together, large, told, setting)
