"""The register of LZA1: for every case its term, whether it was reported in time, and the days of questions and verdicts."""

from datetime import date
from typing import Any

from peewee import ModelSelect

from models import clock
from models.access import Process
from models.cases.case import Case
from models.cases.deadline import Deadline, DeadlineState, months_from
from models.cases.status import Status
from models.dutch import short_date
from models.lza1.committee_steps import CommitteeStep, StepKind

TERMS = {"nadert": "eindigt binnen een maand", "voorbij": "voorbij, nog niet gemeld", "te-laat": "te laat gemeld"}


def fill(cases: Any) -> Any:
    """Put what the register tells on these rows, for all of them at once; returns them."""
    standings, steps = Deadline.standings(cases), CommitteeStep.days(cases)
    for case in cases:
        standing = standings[case.id]
        case.last_day, case.reported_on = standing.last_day, standing.reported_on
        case.late = standing.late if case.status != Status.INGETROKKEN or standing.reported_on else 0
        case.asked_on = _days(steps, case, StepKind.VRAAG)
        case.judged_on = _days(steps, case, StepKind.OORDEEL)
    return cases


def in_term(state: Any, today: date | None = None) -> ModelSelect:
    """The ids of the cases whose term is in this state of TERMS; of those not reported yet as a sub-query."""
    today = today or clock.today()
    if state == "te-laat":
        return _late(today)
    passed = Deadline.last_day < today
    # A day too many at the end of some months, never one too few: this is a list to look at, the mail has its own rule.
    near = Deadline.last_day.between(today, months_from(today, 1))
    waiting = (Case.process == Process.LZA1) & (Case.status == Status.CONCEPT) & Case.submitted_at.is_null()
    return Deadline.select(Deadline.case).join(Case).where(waiting, passed if state == "voorbij" else near)


def _late(today):
    """Told one by one: the databases do not know on which day a moment fell in the Netherlands. There are few of LZA1."""
    reported = Deadline.along(
        Case.select(Case.id, Case.process).where(Case.process == Process.LZA1, Case.submitted_at.is_null(False))
    )
    return [case.id for case in reported if DeadlineState.of(case, today).late]


def _days(steps, case, kind):
    return ", ".join(map(short_date, steps.get((case.id, kind), [])))
