"""One hospital as its coordinator needs it: people, months, open cases, calls, and what stands in the way of reaching it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import PREFETCH_TYPE, Load, fn

from models import access, clock
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.monthly import response
from models.monthly.response import MonthResponse
from models.review.call_log import LoggedCall
from models.review.silent_hospitals import OPEN, melder_counts
from models.review.work_list import in_full

CASES, CALLS = 20, 30  # shown
YEAR = 12  # months
PEOPLE = (Role.MELDER, Role.INVOERDER)


@dataclass
class HospitalSheet:
    """What the page of one hospital tells."""

    hospital: Hospital
    year: list[MonthResponse]  # the last twelve months, oldest first
    people: list[User]  # active melders and invoerders, by name
    cases: list[Case]  # not settled, the oldest first, at most CASES
    counts: dict[str, int]  # {status: number of cases}
    calls: list[LoggedCall]  # the latest first, at most CALLS
    to_call_back: list[LoggedCall]

    @classmethod
    def of(cls, hospital: Hospital, by: User, now: datetime | None = None) -> "HospitalSheet":
        """The sheet of `hospital` for its coordinator; that it was read is kept. Raises Refused for who is not."""
        access.demand(by, "follow")
        AuditEvent.log("call.read", by=by, hospital=hospital, subject=str(hospital), at=now)
        own = Case.select().where(Case.of_process({Process.NETHOSS}), Case.hospital == hospital)
        roles = Load(User.roles, strategy=PREFETCH_TYPE.MATERIALIZE)
        people = User.with_role(*PEOPLE).where(User.hospital == hospital).order_by(User.name).with_related(roles)
        return cls(
            hospital=hospital,
            year=response.year_of(hospital, now),
            people=list(people),
            cases=list(in_full(own.where(Case.status.in_(OPEN))).order_by(Case.status_since, Case.id).limit(CASES)),
            counts=dict(own.select(Case.status, fn.COUNT(Case.id)).group_by(Case.status).tuples()),
            calls=LoggedCall.of_hospital(hospital, CALLS),
            to_call_back=list(LoggedCall.to_call_back(hospital)),
        )

    @property
    def melders(self) -> list[User]:
        return [person for person in self.people if Role.MELDER in person.role_names]

    @property
    def open_cases(self) -> int:
        return sum(self.counts.get(status, 0) for status in OPEN)

    @property
    def answered(self) -> tuple[int, int]:
        """(months answered, months asked) of the last twelve."""
        asked = [month.cell for month in self.year if month.cell.asked]
        return sum(cell.answered for cell in asked), len(asked)


@dataclass(frozen=True)
class FollowUp:
    """One hospital in the coordinator's list."""

    melders: int
    answered: int  # months of the last twelve
    asked: int
    silent_months: int  # asked and not answered, counted back from last month without a break
    open_cases: int
    call_back_on: date | None


def follow_ups(hospitals: Sequence[Any], now: datetime | None = None) -> dict[int, FollowUp]:
    """{hospital id: FollowUp} for one page of hospitals, in six queries."""
    ids = [hospital.id for hospital in hospitals]
    months = clock.months_until(clock.previous_month(clock.today(now)), YEAR)
    cells = response.grid(hospitals, months, now)
    melders, days = melder_counts(ids), LoggedCall.next_days(ids)
    own = Case.of_process({Process.NETHOSS}) & Case.hospital.in_(ids) & Case.status.in_(OPEN)
    cases = dict(Case.select(Case.hospital, fn.COUNT(Case.id)).where(own).group_by(Case.hospital).tuples())
    return {
        id: FollowUp(
            melders=melders.get(id, 0),
            answered=sum(cells[id][month].answered for month in months if cells[id][month].asked),
            asked=sum(cells[id][month].asked for month in months),
            silent_months=silence_in_a_row(cells[id][month] for month in reversed(months)),
            open_cases=cases.get(id, 0),
            call_back_on=days.get(id),
        )
        for id in ids
    }


def silence_in_a_row(cells: Iterable[response.Cell]) -> int:
    """How many months in a row, the latest first, were asked and not answered; a provisional zero does not count as one."""
    count = 0
    for cell in cells:
        if not cell.asked or cell.answered:
            break
        count += 1
    return count
