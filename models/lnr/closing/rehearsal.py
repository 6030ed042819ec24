"""What closing a year would fix, as it stands now: what is missing, in error or open, and which figures nobody gets to see."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime

from models import access
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.base import Refused
from models.lnr.benchmark.counting import Count, counts
from models.lnr.benchmark.indicator import Indicator, all_indicators
from models.lnr.benchmark.method.indicator_setting import YearMethod
from models.lnr.closing.kept_for_report import KeptForReport
from models.lnr.registry import year_figures
from models.lnr.registry.closed_year import ClosedYear
from models.lnr.registry.year_figures import Closing, MonthVolume


@dataclass(frozen=True)
class Gain:
    """What an indicator would win if everything unknown were known: its denominator from `children` to `complete`."""

    indicator: Indicator
    children: int
    unknown: int

    @property
    def complete(self) -> int:
        return self.children + self.unknown


@dataclass(frozen=True)
class HospitalRehearsal:
    """One hospital in the year. `small`: indicators in which it has children, and too few of them for a figure."""

    hospital: Hospital
    closing: Closing
    gains: list[Gain]
    small: list[Indicator]

    @property
    def missing(self) -> int:
        """NICU stays that were stated and did not come."""
        return self.closing.stated - self.closing.found

    @property
    def complete(self) -> bool:
        """Whether nothing is missing, refused, in error, without discharge, not stated, or more than was stated."""
        one = self.closing
        return not (self.missing or one.refused or one.errors or one.staying or one.unstated or one.beyond)


def rehearsal(user: User, year: int, closed: ClosedYear | None, now: datetime | None = None) -> list[HospitalRehearsal]:
    """How the hospitals stand, or stood when it was `closed`: all for the management, the own one for an LNR contact."""
    access.demand(user, "consult")
    oversees = access.may(user, "oversee")
    if not oversees and user.hospital is None:
        raise Refused("Uw account hoort bij geen ziekenhuis.")
    stood = read(closed) if closed else year_figures.closings(year, None if oversees else user.hospital, now)
    counted = counts([year], hospital=None if oversees else user.hospital_id)
    mine = [number for number in stood if oversees or number == user.hospital_id]
    method = YearMethod.of(year)
    return [_standing(one, stood[number], counted, method) for number, one in year_figures.hospitals(mine).items()]


def _standing(hospital, closing, counted, method):
    gains, small = [], []
    for one in all_indicators():
        count = counted.get(one.number, {}).get(hospital.id, Count())
        if one.kind != "aandeel" or not method.uses(one):
            continue
        if count.unknown:
            gains.append(Gain(one, count.children, count.unknown))
        if 0 < count.children < method.setting(one).smallest:
            small.append(one)
    return HospitalRehearsal(hospital, closing, sorted(gains, key=lambda gain: -gain.unknown), small)


def written(now: datetime, year: int) -> str:
    """How every hospital stands, to keep with the closing.

    A program of before asks for `delay`, and knows no median: those are kept with the report, which it does not read.
    """
    rows = {number: asdict(one) | {"delay": None} for number, one in year_figures.closings(year, None, now).items()}
    for row in rows.values():
        del row["median_delay"]
    return json.dumps(rows, default=str)


def read(closed: ClosedYear) -> dict[int, Closing]:
    """{number of the hospital: Closing} as a year was closed."""
    medians = KeptForReport.read(closed.report).delays if closed.report else {}
    return {int(number): _closing(one, medians.get(int(number))) for number, one in closed.stood.items()}


def _closing(kept, median):
    months = [MonthVolume(**month) for month in kept["months"]]
    # Of a year that was closed before, the mean is kept: it counted a message during the stay as a negative delay.
    told = {"median_delay": median} | {name: value for name, value in kept.items() if name != "delay"}
    return Closing(**told | {"deadline": date.fromisoformat(kept["deadline"]), "months": months})
