"""The SMR of a hospital: how many children died beside how many an approved model expected, and whether chance explains it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.lnr.benchmark import limits
from models.lnr.benchmark.figure import FEWEST, JUDGEMENT_LABELS, Judgement, verdict_of
from models.lnr.benchmark.indicator import Indicator
from models.lnr.benchmark.method.indicator_setting import DELIVERED, IndicatorSetting
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.benchmark.risk.risk_cell import Expectation

LEAST_KNOWN = 90  # percent of the children with a risk, below which there is no verdict
EXPECTED = 1.0  # the SMR of a hospital where as many died as expected


@dataclass(frozen=True)
class RiskFigure:
    """`told`: of all NICUs together as far as this viewer may read it (disclosure.py); None where it is withheld.

    `models`: by which was reckoned, more than one where years differ. The verdict is of the model's expectation alone, and asks
    nothing of other hospitals.
    """

    indicator: Indicator
    own: Expectation
    hospitals: int  # with an SMR
    models: Sequence[CaseMixModel]
    told: Expectation | None = None
    setting: IndicatorSetting = DELIVERED

    @property
    def invented(self) -> bool:
        """Whether any of its models is of invented children."""
        return any(one.parsed.invented for one in self.models)

    @property
    def shown(self) -> bool:
        """Whether there are enough children for a figure."""
        return self.own.children >= self.setting.smallest and self.own.expected > 0

    @property
    def smr(self) -> float | None:
        return self.own.smr if self.shown else None

    @property
    def interval(self) -> limits.Limits | None:
        """The mid-P 95% interval of the own SMR."""
        return limits.ratio_interval(self.own.events, self.own.expected) if self.shown else None

    @property
    def national(self) -> float | None:
        """The SMR of all NICUs together as it may be told; None where it is withheld, or of too few hospitals."""
        return self.told.smr if self.told and self.hospitals >= FEWEST else None

    @property
    def national_interval(self) -> limits.Limits | None:
        told = self.told if self.national is not None else None
        return limits.ratio_interval(told.events, told.expected) if told else None

    @property
    def withheld(self) -> bool:
        """Whether there is a national SMR that may not be told."""
        return self.hospitals >= FEWEST and self.national is None

    @property
    def lines(self) -> dict[float, limits.Limits] | None:
        """{q: (lower, upper)} of the exact Poisson funnel around 1, at the own number of expected deaths."""
        return {q: limits.ratio_limits(self.own.expected, q) for q in (limits.WARN, limits.SIGNAL)} if self.shown else None

    @property
    def leans(self) -> bool:
        """Whether so many have no risk that the figure is of whom enough is known, and gets no verdict."""
        return 100 * self.own.children < LEAST_KNOWN * (self.own.children + self.own.unknown)

    @property
    def no_verdict(self) -> str:
        """Why the verdict is withheld, in Dutch: page, report and file say the same; '' when it is not withheld for that."""
        if not self.shown or not self.leans:
            return ""
        known, belongs = self.own.children, self.own.children + self.own.unknown
        return (
            f"Geen oordeel over de SMR: van {known} van de {belongs} kinderen is er een verwachting. Onder "
            f"{LEAST_KNOWN}% zegt het cijfer te veel over van wie alles bekend is."
        )

    @property
    def verdict(self) -> Judgement:
        """By the lines as they are drawn."""
        if not self.shown:
            return Judgement.KLEIN
        if self.leans:
            return Judgement.GEEN
        return verdict_of(self.indicator, limits.ratio_tails(self.own.events, self.own.expected))

    @property
    def label(self) -> str:
        return JUDGEMENT_LABELS[self.verdict]

    @property
    def too_small_for_low(self) -> bool:
        """Whether not even a count of nothing would lie below the lower line."""
        return self.shown and limits.ratio_tails(0, self.own.expected)[0] >= limits.WARN


def risk_figure(
    indicator: Indicator,
    counted: Mapping[int, Expectation],
    hospital: int,
    models: Sequence[CaseMixModel],
    told: Expectation | None = None,
    setting: IndicatorSetting = DELIVERED,
) -> RiskFigure:
    """The RiskFigure of a hospital from {hospital: Expectation} of the NICUs, and what may be told of all of them together."""
    large = sum(one.children >= setting.smallest and one.expected > 0 for one in counted.values())
    return RiskFigure(indicator, counted.get(hospital, Expectation()), large, models, told, setting)
