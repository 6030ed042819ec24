"""Places of assessors that are open again: a tie was found, somebody gave the case back, or its theme changed."""

from dataclasses import dataclass
from datetime import datetime

from peewee import SQL, fn

from models.cases.case import Case
from models.cases.status import Status
from models.committee.assessment import Assessment
from models.committee.meeting import Meeting
from models.committee.rules.committee_settings import CommitteeSettings
from models.committee.treatment import Treatment, TreatmentState


@dataclass(frozen=True)
class OpenPlace:
    """A case that lost an assessor and has too few now. `why` and `since` are of who left last."""

    treatment: Treatment
    why: str
    since: datetime


def open_places(*processes: str) -> list[OpenPlace]:
    """Where a coordinator has to name somebody else, the longest waiting ahead; in two queries and the settings."""
    # By the process of the meeting: by that of the case the database would go along all approved ones.
    mine = Meeting.process.in_(processes) & Meeting.closed_at.is_null() & (Case.status == Status.GOEDGEKEURD)
    assessed = Treatment.state.in_((TreatmentState.GEAGENDEERD, TreatmentState.BIJ_BEOORDELAARS))
    left = fn.EXISTS(
        Assessment.select(SQL("1")).where(Assessment.treatment == Treatment.id, Assessment.ended_at.is_null(False))
    )
    rows = Treatment.select(Treatment, Case, Meeting).join(Case).switch(Treatment).join(Meeting).where(assessed, left, mine)
    treatments = {row.id: row for row in rows}
    ended: dict[int, Assessment] = {}
    there = dict.fromkeys(treatments, 0)
    for one in Assessment.select().where(Assessment.treatment.in_(list(treatments))).order_by(Assessment.ended_at):
        if one.ended_at:
            ended[one.treatment_id] = one
        else:
            there[one.treatment_id] += 1
    found = [
        OpenPlace(treatment, ended[number].ended_why, ended[number].ended_at)
        for number, treatment in treatments.items()
        if there[number] < CommitteeSettings.of(treatment.case.process).assessors
    ]
    return sorted(found, key=lambda place: place.since)
