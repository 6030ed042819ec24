"""A hospital's own figure beside that of all NICUs together, and whether chance explains the difference."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from models.accounts.hospital import Hospital
from models.lnr.benchmark import limits
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.indicator import Indicator
from models.lnr.benchmark.method.indicator_setting import DELIVERED, IndicatorSetting

FEWEST = 3  # hospitals, below which there is nothing to compare with


class Judgement(StrEnum):
    """How far a figure lies from the national one, by the exact funnel (limits.py)."""

    GEEN = "geen"
    KLEIN = "klein"
    BINNEN = "binnen"
    GUNSTIG = "gunstig"
    LET_OP = "let op"
    SIGNAAL = "signaal"


JUDGEMENT_LABELS = {
    Judgement.GEEN: "geen oordeel",
    Judgement.KLEIN: "te klein",
    Judgement.BINNEN: "binnen wat toeval geeft",
    Judgement.GUNSTIG: "gunstiger dan toeval geeft",
    Judgement.LET_OP: "let op",
    Judgement.SIGNAAL: "signaal",
}


def verdict_of(indicator: Indicator, tails: limits.Limits) -> Judgement:
    """By P(O <= o) and P(O >= o), or what stands for them: the worse side counts as a warning, the better is told as such."""
    few, many = tails
    worse, better = (many, few) if indicator.better < 0 else (few, many)
    if worse < limits.SIGNAL:
        return Judgement.SIGNAAL
    if worse < limits.WARN:
        return Judgement.LET_OP
    return Judgement.GUNSTIG if better < limits.WARN else Judgement.BINNEN


@dataclass(frozen=True)
class Figure:
    """An indicator of one hospital in a window. `all_nicus` holds the hospital itself too; only the verdict asks for it.

    `told`: the same as far as this viewer may read it (disclosure.py); None where it is withheld. Every number, line and file
    is made of `told`. `setting`: how the indicator is used. `spread`: tau² between the hospitals, None where chance explains
    how far they lie apart or there are too few to say; 0.0 where it does not, and only the outermost lie apart. `units`: of
    how many hospitals that is; one that leans gets no verdict itself, and does not widen the lines of others either.
    """

    indicator: Indicator
    own: Count
    all_nicus: Count
    hospitals: int  # with a figure
    told: Count | None = None
    setting: IndicatorSetting = DELIVERED
    spread: float | None = None
    units: int = 0

    @property
    def compared(self) -> float | None:
        """The rate that the verdict is of: the standard that was set, or the national one, None where too few have one.

        The national one is of all NICUs, those that get no verdict too (benchmark.md 3.1): the line that is drawn is that of a
        verdict, and is told beside its counts. Without a hospital that leans it would change by exactly the children of that
        hospital as soon as it leans no more, or in a band where it does not, which disclosure.py could not keep from anybody.
        """
        if self.setting.target is not None:
            return self.setting.target
        return self.all_nicus.rate if self.hospitals >= FEWEST else None

    @property
    def national(self) -> float | None:
        """The national rate as it may be told; None where it is withheld, or of too few hospitals."""
        return self.told.rate if self.told and self.hospitals >= FEWEST else None

    @property
    def withheld(self) -> bool:
        """Whether there is a national rate that may not be told."""
        return self.hospitals >= FEWEST and self.national is None

    @property
    def target(self) -> float | None:
        """The rate that the lines are drawn around, as it may be told."""
        return self.national if self.setting.target is None else self.setting.target

    @property
    def shown(self) -> bool:
        """Whether there are enough children for a figure."""
        return self.own.children >= self.setting.smallest

    @property
    def interval(self) -> limits.Limits | None:
        """Wilson's 95% interval of the own rate."""
        return limits.rate_interval(self.own.events, self.own.children) if self.shown else None

    @property
    def lines(self) -> dict[float, limits.Limits] | None:
        """{q: (lower, upper)} of the funnel at the own number of children."""
        if self.target is None or not self.own.children:
            return None
        return {q: limits.proportion_limits(self.own.children, self.target, q) for q in (limits.WARN, limits.SIGNAL)}

    @property
    def judged(self) -> bool:
        """Whether it gets a verdict at all."""
        return self.shown and not self.leans and self.compared not in (None, 0.0, 1.0) and self.indicator.better != 0

    @property
    def leans(self) -> bool:
        """Whether so much is unknown that the figure is of who answered, and gets no verdict."""
        return _leans(self.indicator, self.own)

    @property
    def no_verdict(self) -> str:
        """Why the verdict is withheld, in Dutch: page, report and file say the same; '' when it is not withheld for that."""
        if not self.shown or not self.leans:
            return ""
        known, belongs = self.own.children, self.own.children + self.own.unknown
        return (
            f"Geen oordeel over {self.indicator}: van {known} van de {belongs} kinderen is het antwoord bekend. Onder "
            f"{self.indicator.least_known}% zegt het cijfer te veel over wie antwoordde. Meestal zwijgt het bericht over wat "
            "er na ontslag is gedaan: vul dat aan."
        )

    @property
    def exact(self) -> Judgement:
        """The verdict by the exact lines, whatever was set."""
        if not self.shown:
            return Judgement.KLEIN
        if not self.judged:
            return Judgement.GEEN
        return verdict_of(self.indicator, limits.tails(self.own.events, self.own.children, self.compared))

    @property
    def verdict(self) -> Judgement:
        """The exact one, or by the wider lines where that was set and the hospitals lie further apart than chance explains."""
        if not self.widened or not self.judged:
            return self.exact
        few = many = 1.0
        for q in (limits.WARN, limits.SIGNAL):
            low, high = limits.wider_proportion_limits(self.own.children, self.compared, q, self.spread)
            # Just below the level of the line that it lies beyond, which is all that the verdict asks.
            few, many = (q / 2 if self.own.rate < low else few), (q / 2 if self.own.rate > high else many)
        return verdict_of(self.indicator, (few, many))

    @property
    def widened(self) -> bool:
        """Whether the verdict is by the wider lines."""
        return self.setting.wider and bool(self.spread)

    @property
    def too_few_to_widen(self) -> bool:
        """Whether it cannot be told if the hospitals lie further apart than chance explains: that is not a no."""
        return self.units < limits.FEWEST_UNITS

    @property
    def wide_lines(self) -> dict[float, limits.Limits] | None:
        """{q: (lower, upper)} of the funnel that allows for overdispersion, where the verdict is by it and it may be told."""
        if not self.widened or self.lines is None or self.national is None:
            return None
        return {q: limits.wider_proportion_limits(self.own.children, self.target, q, self.spread) for q in self.lines}

    @property
    def label(self) -> str:
        """The verdict in words; beside a wider one what the exact one would be, where that is another."""
        told = JUDGEMENT_LABELS[self.verdict]
        return told if self.verdict is self.exact else f"{told} (precies: {JUDGEMENT_LABELS[self.exact]})"

    @property
    def too_small_for_low(self) -> bool:
        """Whether not even a count of nothing would lie below the lower line."""
        told = self.judged and self.target is not None
        return told and limits.too_small_for_low(self.own.children, self.target, limits.WARN)

    @property
    def hangs_on_the_method(self) -> bool:
        """Whether another common way to draw limits would judge otherwise."""
        if not self.judged or self.target is None:
            return False
        told = limits.other_methods(self.own.events, self.own.children, self.target)
        return told["exact"] != told["normal"]

    @property
    def filled(self) -> float | None:
        """The part of what belongs to the group that is known (indicator 52)."""
        return _filled(self.own)


def figure(
    indicator: Indicator,
    counted: dict[int, Count],
    hospital: int,
    told: Count | None = None,
    setting: IndicatorSetting = DELIVERED,
) -> Figure:
    """The Figure of a hospital from {hospital: Count} of the NICUs, and what may be told of all of them together."""
    together = sum(counted.values(), Count())
    large = [count for count in counted.values() if count.children >= setting.smallest]
    units = [one for one in large if not _leans(indicator, one)]
    spread = _spread(units) if setting.wider else None
    own = counted.get(hospital, Count())
    return Figure(indicator, own, together, len(large), told, setting, spread, len(units))


def _filled(count):
    belongs = count.children + count.unknown
    return count.children / belongs if belongs else None


def _leans(indicator, count):
    filled = _filled(count)
    return filled is not None and 100 * filled < indicator.least_known


def _spread(units):
    """tau² between hospitals; None where chance alone explains how far they lie apart, or there are too few to say (3.4)."""
    events, children = [one.events for one in units], [one.children for one in units]
    if not 0 < sum(events) < sum(children):
        return None
    rate = sum(events) / sum(children)
    # Pearson's, and not by the arcsine: of rare events that sees dispersion which chance alone gives.
    p = limits.dispersion_p([(o - n * rate) / math.sqrt(n * rate * (1 - rate)) for o, n in zip(events, children, strict=True)])
    if p is None or p >= limits.DISPERSED:
        return None
    _, _, _, tau2 = limits.overdispersion_proportion(events, children)
    return tau2


def nicus() -> list[Hospital]:
    """The hospitals with a NICU, by name."""
    return list(Hospital.select().where(Hospital.nicu).order_by(Hospital.name))


@dataclass(frozen=True)
class Chance:
    """How many of the judged figures lie outside their lines, and how many would by chance alone (3.2)."""

    judged: int
    expected95: float
    expected998: float
    seen95: int
    seen998: int


def chance(figures: Iterable[Figure]) -> Chance:
    """What chance alone would flag among these figures, exactly, beside what is seen."""
    judged = [one for one in figures if one.judged]
    points = [(one.own.children, one.compared) for one in judged]
    sides = [min(limits.tails(one.own.events, one.own.children, one.compared)) for one in judged]
    return Chance(
        len(judged),
        limits.outside_by_chance(points, limits.WARN),
        limits.outside_by_chance(points, limits.SIGNAL),
        sum(side < limits.WARN for side in sides),
        sum(side < limits.SIGNAL for side in sides),
    )
