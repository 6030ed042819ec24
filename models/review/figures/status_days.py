"""How long a case stood in each status, one after the other, as its trail tells."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models import clock
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.status import STATUS_LABELS, TRANSITIONS, Status
from models.dutch import plural, short_date

INTO = {f"case.{verb}": target for verb, (_, target, _) in TRANSITIONS.items()}
SETTLED = (Status.GOEDGEKEURD, Status.INGETROKKEN)
SMALLEST = 1.5  # percent of the bar, so that an hour can be seen beside months


@dataclass(frozen=True)
class StatusSpan:
    """One status of one case, from `since` until `until` (moments); `x` and `width` in percent of the whole way."""

    name: str
    since: datetime
    until: datetime
    x: float
    width: float

    @property
    def label(self) -> str:
        return STATUS_LABELS[Status(self.name)]

    @property
    def length(self) -> str:
        """'3 dagen'."""
        days = clock.whole_days(self.since, self.until)
        return plural(days, "dag", "dagen") if days else "minder dan een dag"

    @property
    def said(self) -> str:
        """'Concept: 3 dagen, vanaf 5-11-2026'."""
        return f"{self.label}: {self.length}, vanaf {short_date(self.since)}"


def spans(case: Case, events: Iterable[AuditEvent], now: datetime | None = None) -> list[StatusSpan]:
    """The statuses of `case` in their order, from its events in any order; what is settled for good has no length."""
    moves = sorted((event.at, event.id, event.action) for event in events if event.action in INTO)
    found = [(Status.CONCEPT, case.created_at)]
    found += [(_status(case, moves, place), at) for place, (at, _, _) in enumerate(moves)]
    ends = [at for _, at in found[1:]] + [now or clock.now()]
    if found[-1][0] in SETTLED:
        found, ends = found[:-1], ends[:-1]
    lengths = [max((end - at).total_seconds(), 0.0) for (_, at), end in zip(found, ends, strict=True)]
    # Each has its least, and what is left of the bar goes by time.
    free, whole, x = 100 - SMALLEST * len(found), sum(lengths) or 1.0, 0.0
    told = []
    for (status, at), end, length in zip(found, ends, lengths, strict=True):
        width = SMALLEST + max(free, 0.0) * length / whole
        told.append(StatusSpan(status.value, at, end, round(x, 2), round(width, 2)))
        x += width
    return told


def _status(case, moves, place):
    """What a move led to. A case that is reopened goes to the coordinator, or back to the hospital: the next move tells."""
    action = moves[place][2]
    if action != "case.reopen":
        return INTO[action]
    if place + 1 == len(moves):
        return Status(case.status)
    if moves[place + 1][2] != "case.submit":
        return Status.INGEDIEND
    return Status.ONVOLLEDIG if any(move[2] == "case.submit" for move in moves[:place]) else Status.CONCEPT
