"""The pace of the work list: how long cases wait for a verdict now, and how many came in and were judged in each week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from peewee import fn

from models import access, clock
from models.accounts.user import User
from models.audit.audit_action import UNDONE
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.status import Status

WEEKS = 12
MOST = 200  # cases that are drawn, the oldest
VERDICTS = ("case.approve", "case.mark_incomplete", "case.dismiss")
STEPS = (7, 14, 30)  # days


@dataclass(frozen=True)
class Week:
    """A week from `monday`: how many cases were handed in, and how many verdicts were given."""

    monday: date
    handed_in: int
    judged: int


@dataclass(frozen=True)
class WorkPace:
    """`ages`: days that each case waits for a verdict, the oldest first, at most MOST; `weeks`: the oldest first."""

    ages: list[int]
    weeks: list[Week]

    @property
    def by_age(self) -> list[tuple[str, int]]:
        """[(how long, number of cases)], the shortest ahead."""
        names = [f"tot en met {STEPS[0]} dagen", *(f"{low + 1} tot en met {high} dagen" for low, high in _pairs(STEPS))]
        counts = [sum(low <= age < high for age in self.ages) for low, high in _pairs((0, *(one + 1 for one in STEPS), 10**6))]
        return list(zip([*names, f"meer dan {STEPS[-1]} dagen"], counts, strict=True))

    @classmethod
    def of(cls, user: User, now: datetime | None = None) -> "WorkPace":
        """The pace of the processes that `user` coordinates. Raises Refused for who coordinates none; two queries."""
        access.demand(user, "review")
        now, processes = now or clock.now(), access.processes(user, "review")
        waiting = Case.select(Case.status_since).where(Case.process.in_(processes), Case.status == Status.INGEDIEND)
        since = [at for (at,) in waiting.order_by(Case.status_since).limit(MOST).tuples()]
        this = clock.today(now) - timedelta(days=clock.today(now).weekday())
        mondays = [this - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
        borders = [clock.start_of(day) for day in (*mondays, this + timedelta(weeks=1))]
        own = fn.EXISTS(Case.select(Case.id).where(Case.id == AuditEvent.case_id, Case.of_process(processes)))
        # A concept that is closed is not judged, also when it is handed in later.
        earlier = AuditEvent.alias()
        handed_in = (earlier.case_id == AuditEvent.case_id) & (earlier.action == "case.submit") & (earlier.id < AuditEvent.id)
        real = (AuditEvent.action == "case.submit") | fn.EXISTS(earlier.select(earlier.id).where(handed_in))
        counted = AuditEvent.per_period(borders, AuditEvent.action.in_(("case.submit", *VERDICTS, UNDONE)), real, own)
        weeks = [
            Week(day, counted.get(("case.submit", place), 0), _judged(counted, place)) for place, day in enumerate(mondays)
        ]
        return cls([clock.whole_days(at, now) for at in since], weeks)


def _judged(counted, place):
    # A verdict is undone within a minute, so nearly always in its own week.
    return max(0, sum(counted.get((verb, place), 0) for verb in VERDICTS) - counted.get((UNDONE, place), 0))


def _pairs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    return list(pairwise(numbers))
