"""A hospital's own figure beside that of all NICUs together, and whether chance explains the difference."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from models.accounts.hospital import Hospital
from models.lnr.benchmark import limits
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.indicator import Indicator

SMALLEST = 10  # children, below which there is no figure
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
    """By P(O <= o) and P(O >= o): the worse side counts as a warning, the better side is told as such."""
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
    is made of `told`.
    """

    indicator: Indicator
    own: Count
    all_nicus: Count
    hospitals: int  # with at least SMALLEST children
    told: Count | None = None

    @property
    def compared(self) -> float | None:
        """The national rate that the verdict is of; None where there is too little to compare with."""
        return self.all_nicus.rate if self.hospitals >= FEWEST else None

    @property
    def target(self) -> float | None:
        """The national rate as it may be told; None where it is withheld too."""
        return self.told.rate if self.told and self.compared is not None else None

    @property
    def shown(self) -> bool:
        """Whether there are enough children for a figure."""
        return self.own.children >= SMALLEST

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
        return self.shown and self.compared not in (None, 0.0, 1.0) and self.indicator.better != 0

    @property
    def verdict(self) -> Judgement:
        """The worse side counts as a warning, the better side is told as such."""
        if not self.shown:
            return Judgement.KLEIN
        if not self.judged:
            return Judgement.GEEN
        return verdict_of(self.indicator, limits.tails(self.own.events, self.own.children, self.compared))

    @property
    def label(self) -> str:
        return JUDGEMENT_LABELS[self.verdict]

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
        belongs = self.own.children + self.own.unknown
        return self.own.children / belongs if belongs else None


def figure(indicator: Indicator, counted: dict[int, Count], hospital: int, told: Count | None = None) -> Figure:
    """The Figure of a hospital from {hospital: Count} of the NICUs, and what may be told of all of them together."""
    together = sum(counted.values(), Count())
    large = sum(count.children >= SMALLEST for count in counted.values())
    return Figure(indicator, counted.get(hospital, Count()), together, large, told)


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
