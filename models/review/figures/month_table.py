"""The month grid as a table: a row for each hospital with its totals, kept to what is asked for, in the order of a column."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.cases.status import Status
from models.monthly import response
from models.monthly.response import Cell, Requests, Turnout
from models.review.hospital_sheet import silence_in_a_row
from models.review.silent_hospitals import hospitals

IN_A_ROW = 3  # months of silence that ask for a call


@dataclass(frozen=True)
class MonthRow:
    """One hospital (`silent`: about the last month): its cells, {month: Cell}, oldest first, and how many cases answer them."""

    hospital: Any
    cells: dict[str, Cell]
    cases: int

    @property
    def asked(self) -> int:
        return sum(cell.asked for cell in self.cells.values())

    @property
    def answered(self) -> int:
        """Of the months about which was asked."""
        return sum(cell.asked and cell.answered for cell in self.cells.values())

    @property
    def silent(self) -> int:
        return self.asked - self.answered

    @property
    def in_a_row(self) -> int:
        """Months of silence counted back from the last one shown."""
        return silence_in_a_row(reversed(self.cells.values()))

    @property
    def late(self) -> int:
        """Months answered after the next request, and those whose term is over without an answer."""
        return sum(cell.late or cell.state == "telaat" for cell in self.cells.values())

    @property
    def totals(self) -> tuple[int, int, int, int, int]:
        """(answered, asked, silent, late, cases)."""
        return self.answered, self.asked, self.silent, self.late, self.cases


KEPT: dict[str, Callable[[MonthRow], bool]] = {
    "stil": lambda row: bool(row.hospital.silent),
    "te-laat": lambda row: row.late > 0,
    "drie": lambda row: row.in_a_row >= IN_A_ROW,
}
ORDERS: dict[str, Callable[[MonthRow], Any]] = {
    "stil": lambda row: (-row.silent, -row.in_a_row),
    "casussen": lambda row: -row.cases,
}


@dataclass(frozen=True)
class MonthTable:
    """The rows that were asked for, and what holds for the months whatever was asked."""

    months: Sequence[str]
    everyone: list  # every hospital that takes part, by name, and whether it is silent about the last of these months
    rows: list[MonthRow]
    counts: dict[str, int]  # {name in KEPT: how many of the hospitals found it would keep}
    cases: Counter  # {month: number of cases that answer it}, of all hospitals
    turnouts: dict[str, Turnout]  # of all hospitals; also of the month before this one
    request: Counter  # {how it ended: number of mails that asked about the last of these months}

    @classmethod
    def of(
        cls,
        user: User,
        months: Sequence[str],
        search: str = "",
        kept: Collection[str] = (),
        order: str = "",
        now: datetime | None = None,
    ) -> "MonthTable":
        """The table for the coordinator `user`, in seven queries: hospitals with `search` in name or code that are all of
        `kept`, in one of ORDERS, else by name."""
        access.demand(user, "follow")
        newest, requests = clock.previous_month(clock.today(now)), Requests.about(months)
        everyone = hospitals(months[-1])
        found = [one for one in everyone if search.casefold() in f"{one.name} {one.code}".casefold()]
        cells, cases = response.grid(found, months, now, requests.asked()), _cases(months)
        rows = [MonthRow(one, {month: cells[one.id][month] for month in months}, sum(cases[one.id].values())) for one in found]
        chosen = [row for row in rows if all(KEPT[name](row) for name in kept)]
        return cls(
            months=months,
            everyone=everyone,
            rows=sorted(chosen, key=ORDERS[order]) if order in ORDERS else chosen,
            counts={name: sum(map(keeps, rows)) for name, keeps in KEPT.items()},
            cases=sum(cases.values(), Counter()),
            turnouts=response.turnouts({*months, newest}),
            request=requests.ends(months[-1]),
        )

    def turnout(self, month: str) -> Turnout:
        return self.turnouts.get(month, Turnout())

    @property
    def total(self) -> tuple[int, int]:
        """(answers, questions) over all months and hospitals."""
        shown = [self.turnout(month) for month in self.months]
        return sum(one.answered for one in shown), sum(one.asked for one in shown)


def _cases(months: Sequence[str]) -> defaultdict[int, Counter]:
    """{hospital id: {month: number of cases that answer it}}; a case of two hospitals counts once."""
    # Named by hospital too, for their index: else every case there is would be read.
    answers = Case.hospital.in_(Hospital.select(Hospital.id)) & Case.month.in_(months) & (Case.status != Status.INGETROKKEN)
    query = Case.select(Case.hospital, Case.month, fn.COUNT(Case.id)).where(answers, ~CasePart.there(Case.id))
    found: defaultdict[int, Counter] = defaultdict(Counter)
    for hospital, month, count in query.group_by(Case.hospital, Case.month).tuples():
        found[hospital][month] = count
    return found
