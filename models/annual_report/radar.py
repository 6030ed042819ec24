"""The silent-hospital radar: cases reported against cases expected from births, in both directions, with what chance does.

E = births of the months that were asked x the incidence of all themes together. P(O <= o) under Poisson below 0.05 asks for a
question, below 0.01 for a call; P(O >= o) below 0.01 for a look: a hospital reports too widely, or has an outbreak. For the
coordinator only; it is never part of a report.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models import access, clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.annual_report.births import Births
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.cases.status import Status
from models.cases.theme import Theme
from models.lnr.benchmark.limits import ratio_tails
from models.monthly import response

MONTHS = 24  # looked back
ASK, CALL, LOOK = 0.05, 0.01, 0.01
PER = 10_000
FEWEST_YEARS_BACK = 4  # older births say nothing of now


class Sign(StrEnum):
    """What the figures of a hospital ask for."""

    BELLEN = "bellen"
    VRAGEN = "vragen"
    KIJKEN = "kijken"
    GEWOON = "gewoon"
    LEEG = "leeg"
    ONBEKEND = "onbekend"


SIGN_LABELS = {
    Sign.BELLEN: "veel minder: bel",
    Sign.VRAGEN: "minder: vraag ernaar",
    Sign.KIJKEN: "meer: kijk ernaar",
    Sign.GEWOON: "zoals verwacht",
    Sign.LEEG: "niets te verwachten",
    Sign.ONBEKEND: "geboorten onbekend",
}


def sign(expected: float, reported: int) -> tuple[Sign, float, float]:
    """(what to do, P(this few or fewer), P(this many or more)) where `expected` cases are expected; ValueError for E <= 0."""
    few, many = ratio_tails(reported, expected)
    if few < CALL:
        return Sign.BELLEN, few, many
    if few < ASK:
        return Sign.VRAGEN, few, many
    return (Sign.KIJKEN if many < LOOK else Sign.GEWOON), few, many


@dataclass(frozen=True)
class Echo:
    """One hospital on the radar. `births`: in the months that were asked; None when nobody stated them."""

    hospital: Hospital
    asked: int
    births: float | None
    reported: int
    expected: float | None = None
    sign: Sign = Sign.ONBEKEND
    chance: float | None = None  # of the side that it lies on

    @property
    def label(self) -> str:
        return SIGN_LABELS[self.sign]


@dataclass(frozen=True)
class Radar:
    """All hospitals that were asked, what asks for something first. `incidence`: per 10,000 births, None without any."""

    first: str
    last: str
    incidence: float | None
    echoes: list[Echo]

    @property
    def by_chance(self) -> float:
        """How many hospitals chance alone would have asked or called about."""
        return ASK * sum(echo.expected is not None for echo in self.echoes)

    @classmethod
    def of(cls, user: User, now: datetime | None = None) -> "Radar":
        """The radar over the last 24 months. Raises Refused for who does not coordinate NethOSS."""
        access.demand(user, "follow")
        months = clock.months_until(clock.previous_month(clock.today(now)), MONTHS)
        asked = defaultdict(set)
        for hospital, month, _ in response.asked_months(None, months):
            asked[hospital].add(month)
        hospitals = list(Hospital.reporting().where(Hospital.id.in_(list(asked))))
        themes = Theme.select(Theme.id).where(Theme.process == Process.NETHOSS)
        cases = Case.select(Case.hospital, Case.month).where(
            Case.theme.in_(themes),
            Case.month.between(months[0], months[-1]),
            Case.status != Status.INGETROKKEN,
            ~CasePart.there(Case.id),
        )
        reported = Counter(hospital for hospital, month in cases.tuples() if month in asked[hospital])
        this_year = clock.today(now).year
        stated = Births.latest(asked, range(this_year - FEWEST_YEARS_BACK, this_year))
        births = {
            hospital.id: stated[hospital.id] / 12 * len(asked[hospital.id]) for hospital in hospitals if hospital.id in stated
        }
        known = sum(births.values())
        incidence = sum(reported[id] for id in births) / known if known else (0.0 if births else None)
        echoes = [
            _echo(hospital, len(asked[hospital.id]), births.get(hospital.id), reported[hospital.id], incidence)
            for hospital in hospitals
        ]
        order = list(Sign)
        echoes.sort(key=lambda echo: (order.index(echo.sign), echo.chance or 1, echo.hospital.name))
        return cls(months[0], months[-1], None if incidence is None else PER * incidence, echoes)


def _echo(hospital, asked, births, reported, incidence):
    if births is None:
        return Echo(hospital, asked, births, reported)
    if not births * incidence:  # no births here, or no case anywhere: that is known, and judges nobody
        return Echo(hospital, asked, births, reported, sign=Sign.LEEG)
    found, few, many = sign(births * incidence, reported)
    return Echo(hospital, asked, births, reported, births * incidence, found, min(few, many))
