"""Variable life-adjusted display (VLAD): deaths of one hospital in time, beside what an approved model expected of each child.

The running sum of risk − outcome in the order of admission (Lovegrove and others, Lancet 1997;350:1128): up by the risk of who
lived, down by the rest of one for who died. It ends at expected minus observed, the two numbers of the SMR. Without limits:
it tells when something changed and leads to the children, and never decides (the SMR does).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from peewee import JOIN

from models import access
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.dutch import month_name, plural
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.indicator import Indicator
from models.lnr.benchmark.picture import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, PlottedDot, ticks
from models.lnr.benchmark.risk.risk_cell import outcome
from models.lnr.benchmark.risk.risk_picture import ratio
from models.lnr.benchmark.trend.trend_picture import Trend
from models.lnr.registry.stay import Stay

ROOM = 0.5  # deaths above and below the line


@dataclass(frozen=True)
class LifeAdjusted:
    """One child: its risk, whether it died, and the running sum behind it. `stay` None: no longer there."""

    stay: Stay | None
    year: int
    month: int
    risk: float
    died: bool
    total: float

    @property
    def when(self) -> str:
        """The month of admission."""
        return month_name(f"{self.year}-{self.month:02}") if self.month else str(self.year)

    @property
    def quarter(self) -> str:
        return f"{(self.month + 2) // 3}e kwartaal {self.year}" if self.month else str(self.year)


@dataclass(frozen=True)
class Month:
    """The children admitted in one month together, and the running sum behind them."""

    name: str
    children: int
    died: int
    expected: float
    total: float


def life_adjusted(
    by: User, hospital: Hospital, one: Indicator, years: Sequence[int], models: Collection[str], band: str = ""
) -> list[LifeAdjusted]:
    """The children with a known outcome and a risk by one of `models` (codes), in the order of admission; in the trail first.

    Raises Refused for who may not see them.
    """
    access.demand(by, "consult")
    wanted = [StayFact.hospital == hospital, StayFact.year.in_(list(years)), outcome().in_(["t", "n"])]
    wanted += [StayFact.risk.is_null(False), StayFact.model.in_(list(models))]
    if band:
        wanted.append(StayFact.band == band)
    # By the month of the fact, which a closed year keeps; a stay that was corrected since moves no other.
    order = StayFact.year, StayFact.month, Stay.admitted.is_null(), Stay.admitted, StayFact.stay
    query = StayFact.select(Stay.id, Stay.key, StayFact.year, StayFact.month, StayFact.risk, outcome())
    query = query.join(Stay, JOIN.LEFT_OUTER, on=StayFact.stay == Stay.id).where(*wanted).order_by(*order)
    found, total = [], 0.0
    for number, key, year, month, risk, place in query.tuples():
        died, stay = place == "t", Stay(id=number, key=key) if number else None
        total += risk - died
        found.append(LifeAdjusted(stay, year, month or 0, risk, died, total))
    if found:
        window = f"{min(years)} tot en met {max(years)}"
        detail = f"verloop van de sterfte, {window}: {plural(len(found), 'opname', 'opnamen')}"
        AuditEvent.log("lnr.indicator", by=by, hospital=hospital, subject=f"LNR-indicator {one.code}", detail=detail)
    return found


def by_month(found: Sequence[LifeAdjusted]) -> list[Month]:
    """The same in months, those without a child left out."""
    months: dict[str, list[LifeAdjusted]] = {}
    for child in found:
        months.setdefault(child.when, []).append(child)
    return [
        Month(name, len(told), sum(one.died for one in told), sum(one.risk for one in told), told[-1].total)
        for name, told in months.items()
    ]


def vlad(found: Sequence[LifeAdjusted]) -> Trend | None:
    """The line from nothing to expected − observed, with a dot for each child that died; None without any child."""
    if not found:
        return None
    totals = [0.0, *(one.total for one in found)]
    low, high = min(totals) - ROOM, max(totals) + ROOM
    across, span = (WIDTH - LEFT - RIGHT) / len(found), HEIGHT - TOP - BOTTOM

    def at(place: int, total: float) -> tuple[float, float]:
        return round(LEFT + across * place, 1), round(TOP + span * (high - total) / (high - low), 1)

    def line(points: Sequence[tuple[int, float]]) -> str:
        return " ".join(f"{x},{y}" for x, y in (at(*point) for point in points))

    marked = [str(one.year) if found[0].year != found[-1].year else one.quarter for one in found]
    starts = [place for place, name in enumerate(marked) if place == 0 or marked[place - 1] != name]
    return Trend(
        path=line(list(enumerate(totals))),
        marks=[PlottedDot(*at(place, one.total), "own", said(one)) for place, one in enumerate(found, 1) if one.died],
        lines={"target": line([(0, 0.0), (len(found), 0.0)])},
        across=[(at(place, 0)[0], marked[place]) for place in starts],
        up=[(at(0, tick)[1], signed(tick, 0 if high - low > 4 else 1)) for tick in ticks(low, high)],
    )


def said(child: LifeAdjusted) -> str:
    """What the dot of a child that died says."""
    return f"{child.when}: overleden, kans vooraf {ratio(child.risk)}, stand daarna {signed(child.total)}"


def signed(number: float, digits: int = 1) -> str:
    """'+1,2', '−0,5', '0,0': with its sign, for what may be more or less than expected."""
    told = ratio(number, digits)
    return f"+{told}" if round(number, digits) > 0 else told
