"""Places of assessors that are open: a tie was found, a case was given back or got another theme, or more are asked now."""

from dataclasses import dataclass
from datetime import datetime

from peewee import SQL, fn

from models.cases.case import Case
from models.cases.status import Status
from models.committee.assessment import Assessment
from models.committee.meeting import Meeting
from models.committee.rules.committee_settings import CommitteeSettings
from models.committee.treatment import Treatment, TreatmentState

MORE_ASKED = "de commissie vraagt nu meer beoordelaars"


@dataclass(frozen=True)
class OpenPlace:
    """A case that was with assessors and has too few now.

    `why` and `since` are of who left last and was not replaced, or else of the settings.
    """

    treatment: Treatment
    why: str
    since: datetime


def open_places(*processes: str) -> list[OpenPlace]:
    """Where a coordinator has to name somebody else, the longest waiting ahead; in two queries and the settings."""
    # By the process of the meeting, and the status looked at here: else the database would go along all approved cases.
    mine = Meeting.process.in_(processes) & Meeting.closed_at.is_null()
    assessed = Treatment.state.in_((TreatmentState.GEAGENDEERD, TreatmentState.BIJ_BEOORDELAARS))
    named = fn.EXISTS(Assessment.select(SQL("1")).where(Assessment.treatment == Treatment.id))
    query = Treatment.select(Treatment, Case, Meeting).join(Case).switch(Treatment).join(Meeting).where(assessed, named, mine)
    treatments = {row.id: row for row in query if row.case.status == Status.GOEDGEKEURD}
    rows: dict[int, list[Assessment]] = {number: [] for number in treatments}
    for one in Assessment.select().where(Assessment.treatment.in_(list(treatments))).order_by(Assessment.id):
        rows[one.treatment_id].append(one)
    found = []
    for number, treatment in treatments.items():
        asked = CommitteeSettings.of(treatment.case.process)
        if sum(one.ended_at is None for one in rows[number]) < asked.assessors:
            gone = _not_replaced(rows[number])
            why, since = (gone.ended_why, gone.ended_at) if gone else (MORE_ASKED, asked.counts_from or treatment.since)
            found.append(OpenPlace(treatment, why, since))
    return sorted(found, key=lambda place: place.since)


def _not_replaced(rows):
    """Of rows in the order of naming, who left last and in whose place nobody came; None when every place was filled again."""
    moments = [(one.named_at, None) for one in rows] + [(one.ended_at, one) for one in rows if one.ended_at]
    left = []
    for _, gone in sorted(moments, key=lambda moment: moment[0]):
        if gone:
            left.append(gone)
        elif left:
            left.pop(0)  # who came took the place that was open longest
    return left[-1] if left else None
