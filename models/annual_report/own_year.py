"""One year of one hospital, for its own people: months, cases, how long things took, and what the cases were used for."""

from dataclasses import dataclass
from datetime import datetime

from models import access, clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.annual_report.annual_figures import HospitalResponse, Turnaround, YearFigures
from models.annual_report.births import Births
from models.annual_report.source_comparison import SourceComparison
from models.base import Refused
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.cases.status import Status
from models.cases.theme import Theme
from models.committee.case_use import CaseUse
from models.lnr.benchmark.limits import quantile
from models.monthly import response
from models.monthly.response import Cell

FEWEST_HOSPITALS, FEWEST_CASES = 3, 10  # of others, so that their median is nobody's in particular


@dataclass
class OwnYear:
    """What the page 'Uw jaar' tells."""

    year: int
    months: list[tuple[str, Cell]]
    response: HospitalResponse | None  # None: nothing was asked
    cases: list[Case]  # by number, each with its theme
    uses: dict[int, list[CaseUse]]
    times: dict[str, Turnaround]
    births: Births | None
    births_before: Births | None  # of the year before
    days: list[int]  # from making a case to its approval, one for each that was approved
    second: SourceComparison | None  # what another source counted; None: nobody brought such a list
    missing: list[tuple[str, str, int]]  # (theme, month, how many) of that list seem not to be here
    elsewhere: float | None  # the median of the other hospitals; None: too few to say it without saying whose it is

    @classmethod
    def of(cls, hospital: Hospital, year: int, user: User, now: datetime | None = None) -> "OwnYear":
        """The year of `hospital`. Raises Refused for who does not complete cases of NethOSS there."""
        access.demand(user, "complete", Process.NETHOSS)
        if user.hospital_id != hospital.id:
            raise Refused("Dit is niet uw ziekenhuis.")
        figures = YearFigures(year, now or clock.now(), hospital)
        themes, uses = {theme.id: theme for theme in Theme.select()}, {}
        for case in figures.cases:
            case.theme = themes[case.theme_id]
        for use in CaseUse.select().where(CaseUse.case.in_(figures.cases)).order_by(CaseUse.day, CaseUse.id):
            uses.setdefault(use.case_id, []).append(use)
        cells = response.grid([hospital], figures.months, now)[hospital.id]
        second = SourceComparison.of(year, user, hospital)
        births = Births.of_hospital(hospital, (year, year - 1))
        return cls(
            year=year,
            months=[(month, cells[month]) for month in figures.months],
            response=next(iter(figures.responses()), None),
            cases=figures.cases,
            uses=uses,
            times=figures.times(),
            births=births.get(year),
            births_before=births.get(year - 1),
            days=[
                clock.whole_days(case.created_at, case.approved_at)
                for case in figures.cases
                if case.status == Status.GOEDGEKEURD
            ],
            second=second,
            missing=_missing(second, themes) if second else [],
            elsewhere=_elsewhere(figures),
        )


def _missing(second, themes):
    found = [(month, themes[theme].name, one.missing) for (_, theme, month), one in second.cells.items() if one.missing]
    return [(theme, month, count) for month, theme, count in sorted(found)]


def _elsewhere(figures):
    """The median days from making to approval at all other hospitals together, where they are enough to stay unnamed."""
    year, themes = figures.year, [theme.id for theme in figures.themes]
    within = Case.theme.in_(themes) & Case.month.between(f"{year}-01", f"{year}-12") & (Case.status == Status.GOEDGEKEURD)
    within &= (Case.hospital != figures.hospital) & ~CasePart.there(Case.id)
    others = Case.select(Case.hospital, Case.created_at, Case.approved_at).where(within)
    found = [(hospital, clock.whole_days(made, approved)) for hospital, made, approved in others.tuples()]
    if len({hospital for hospital, _ in found}) < FEWEST_HOSPITALS or len(found) < FEWEST_CASES:
        return None
    return round(quantile([days for _, days in found], 0.5), 1)
