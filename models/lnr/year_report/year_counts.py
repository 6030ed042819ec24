"""What the reports of one closed year are made of, read once for all of them, and how their figures are written."""

import json
from collections.abc import Iterable, Mapping
from functools import cached_property

from models.accounts.hospital import Hospital
from models.lnr.benchmark import counting, disclosure, figure
from models.lnr.benchmark.agreement import Agreement, Level
from models.lnr.benchmark.amounts.amount_cell import Amounts, amounts_of_all, amounts_together
from models.lnr.benchmark.amounts.amount_figure import AmountFigure, amount_figure
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.fact import BANDS
from models.lnr.benchmark.figure import Figure
from models.lnr.benchmark.indicator import Indicator, all_indicators, of_days
from models.lnr.benchmark.method.indicator_setting import YearMethod
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.benchmark.risk.model_file import OUTCOME
from models.lnr.benchmark.risk.risk_cell import risks_of_years
from models.lnr.benchmark.trend.own_trend import OwnTrend
from models.lnr.benchmark.trend.rebase import Rebase, by_place
from models.lnr.closing import rehearsal
from models.lnr.closing.kept_for_report import KeptForReport, Reasons
from models.lnr.registry.closed_year import ClosedYear

NAMES = [name for _, name in BANDS]
UNKNOWN = "onbekend"


class YearCounts:
    """What was counted in a closed year, read once for all its reports."""

    def __init__(self, closed: ClosedYear):
        self.closed, self.year = closed, closed.year
        self.method = YearMethod.of(self.year)
        self.bands = counting.bands_of_all(self.year)
        self.days = amounts_of_all(self.year, [one.number for one in of_days()])
        self.kept = KeptForReport.read(closed.report) if closed.report else KeptForReport.now(self.year)
        self.stood = rehearsal.read(closed)
        self.public = Agreement.public_in(self.year)
        models = CaseMixModel.usable(withdrawn=True)
        (self.risks,), used = risks_of_years([self.year], [one.code for one in models])
        self.risk_models = [one for one in models if one.code in used]

    @cached_property
    def indicators(self) -> list[Indicator]:
        """Those that have a proportion and are used in the year."""
        return [one for one in all_indicators() if one.kind == "aandeel" and self._uses(one)]

    @cached_property
    def of_days(self) -> list[Indicator]:
        """Those of days that are used in the year; none in one that was closed before days were kept."""
        return [one for one in of_days() if self._uses(one)] if self.days else []

    def _uses(self, one):
        """One that came after the year closed has no cells in it."""
        return self.method.uses(one) and (self.closed.versions is None or str(one.number) in json.loads(self.closed.versions))

    @property
    def deaths(self) -> Indicator | None:
        """The indicator that has models, when it is used in the year."""
        return next((one for one in self.indicators if one.code == OUTCOME), None)

    def counted(self, one: Indicator) -> dict[int, Count]:
        """{hospital: Count} of an indicator."""
        return {place: sum(bands.values(), Count()) for place, bands in self.bands[one.number].items()}

    @property
    def before(self) -> Mapping[int, Mapping[int, Mapping[int, Count]]]:
        """{year: {number of the indicator: {hospital: Count}}} of the years of the trend."""
        return self.kept.before

    @property
    def volumes(self) -> Mapping[int, Mapping[str, tuple[int, int, int]]]:
        """{hospital: {band: (stays, of which first in a NICU, of which of children born elsewhere)}}."""
        return self.kept.volumes

    def reasons(self, hospital: Hospital) -> Reasons:
        """{(number of the indicator, letter of the place, letter of the reason): stays} of a hospital."""
        return self.kept.reasons[hospital.id]

    def breaks(self, one: Indicator) -> list[str]:
        """By which other methods the years of the trend start."""
        return [told for year, told in self.kept.breaks[one.number].items() if year > min(self.before)]

    def trends(self, hospital: Hospital) -> dict[int, OwnTrend]:
        """{number of the indicator: its trend in a hospital}."""
        lines, course, found = self.kept.quarters[hospital.id], self.kept.course, {}
        # As they stood when the year closed, and by no name: neither may change what comes out.
        rows = by_place(Rebase.standing(hospital.id, at=self.closed.closed_at), course)
        for one in self.indicators:
            bases = {place: str(row) for place, row in rows[one.number].items()}
            breaks = {4 * (year - course.start): told for year, told in self.kept.breaks[one.number].items()}
            quarters = lines.get(one.number) or [Count()] * (4 * len(course))
            found[one.number] = OwnTrend.of(self.year, quarters, breaks, bases)
        return found

    @cached_property
    def level(self) -> Level:
        """How far the hospitals with a stay in this year all showed theirs; it stands since the year closed."""
        return Agreement.shared({one.id for one in self.hospitals}, [self.year])

    def figure(self, one: Indicator, hospital: Hospital) -> Figure:
        """An indicator of a hospital, with what it may read of all NICUs together."""
        counted = self.counted(one)
        everything = sum(counted.values(), Count())
        told = disclosure.told([self.bands[one.number]]) if self.level is Level.NIET else everything
        return figure.figure(one, counted, hospital.id, told, self.method.setting(one))

    def amount_figure(self, one: Indicator, hospital: Hospital) -> AmountFigure:
        """An indicator of days of a hospital, with what it may read of all NICUs together."""
        days, bands = self.days.get(one.number, {}), self.bands[one.number]
        units = amounts_together([days])
        told = disclosure.told_amounts(one, [bands], [days]) if self.level is Level.NIET else sum(units.values(), Amounts())
        count, setting = self.counted(one).get(hospital.id, Count()), self.method.setting(one)
        return amount_figure(one, units, hospital.id, count, told, setting)

    @property
    def hospitals(self) -> list[Hospital]:
        """Those with a NICU that had a stay in the year, by name, as they were called when it closed."""
        return self.kept.hospitals


def percentage(rate: float | None) -> float | None:
    """A rate as a number of a table: 10.1 of 0.1012."""
    return None if rate is None else round(100 * rate, 1)


def reach(pair: Iterable[float] | None) -> str:
    """'5,8 – 14,2' of two rates."""
    return " – ".join(decimal(100 * one) for one in pair) if pair else ""


def decimal(value: float, places: int = 1) -> str:
    """'5,8'."""
    return f"{value:.{places}f}".replace(".", ",")


def share(count: Count) -> str:
    """'31 van 310'."""
    return f"{count.events} van {count.children}" if count.children else ""
