"""The agenda of a meeting as the coordinator sees it: its cases, who assesses them, and what could still be put on it."""

from dataclasses import dataclass

from models import access
from models.accounts.user import User
from models.base import Refused
from models.cases.case import Case
from models.cases.theme import Theme
from models.committee.assessment import Assessment
from models.committee.meeting import Meeting
from models.committee.treatment import Treatment
from models.dutch import plural


@dataclass
class MeetingAgenda:
    """One meeting in the hands of `by`. `assessors`: treatment id -> [Assessment] with their accounts at hand."""

    meeting: Meeting
    by: User
    treatments: list
    assessors: dict

    @classmethod
    def of(cls, meeting: Meeting, by: User) -> "MeetingAgenda":
        """The agenda, in the order of the numbers of the cases, in a fixed number of queries."""
        rows = access.visible(Treatment, by).where(Treatment.meeting == meeting)
        joined = rows.select_extend(Case, Theme).join_from(Treatment, Case).join_from(Case, Theme).order_by(Case.number)
        treatments, found = list(joined), {}
        people = Assessment.select(Assessment, User).join(User, on=Assessment.assessor)
        ours = people.where(Assessment.treatment.in_([one.id for one in treatments]), Assessment.ended_at.is_null())
        for row in ours.order_by(Assessment.third, Assessment.id):
            found.setdefault(row.treatment_id, []).append(row)
        return cls(meeting, by, treatments, found)

    def waiting(self, page: int, size: int) -> tuple[list[Case], bool]:
        """One page of the approved cases that are on no agenda yet, and whether more follow."""
        if self.meeting.closed_at:
            return [], False
        rows = list(Treatment.waiting(self.by, self.meeting.process).limit(size + 1).offset(page * size))
        return rows[:size], len(rows) > size


def schedule_all(meeting: Meeting, by: User, cases: list[str]) -> str:
    """Put the cases with these keys on the agenda; returns how many in words. One that is out of sight is left alone."""
    access.demand(by, "review", meeting.process)
    rows = list(access.visible(Case, by).where(Case.key.in_(cases)))
    if not rows:
        raise Refused("Kies eerst een of meer casussen.")
    for case in rows:
        Treatment.schedule(case, meeting, by)
    return plural(len(rows), "casus", "casussen")
