"""The agenda of a meeting as the coordinator sees it: its cases, who assesses them, and what could still be put on it."""

from dataclasses import dataclass
from datetime import datetime

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.theme import Theme
from models.committee.assessment import Assessment
from models.committee.meeting import Meeting
from models.committee.treatment import UNDISCUSSED, Treatment
from models.dutch import plural

TO_SCHEDULE = "terug"  # what becomes of a case: no other meeting yet


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

    @property
    def undiscussed(self) -> list:
        """The cases that this meeting has still to speak about."""
        return [one for one in self.treatments if one.undiscussed]

    @property
    def others(self) -> list[Meeting]:
        """The other meetings of this committee that take cases, the first ahead."""
        return [one for one in Meeting.coming(self.meeting.process) if one.id != self.meeting.id]

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


def move_all(meeting: Meeting, by: User, cases: list[str], target: Meeting) -> str:
    """Put the chosen cases (keys of treatments) of this meeting on the agenda of `target`; returns how many in words."""
    rows = [one for one in MeetingAgenda.of(meeting, by).undiscussed if one.key in cases]
    if not rows:
        raise Refused("Kies eerst een of meer casussen.")
    with db.atomic():
        for one in rows:
            one.move_to(target, by)
    return plural(len(rows), "casus", "casussen")


def close_meeting(meeting: Meeting, by: User, left: str = "", now: datetime | None = None) -> None:
    """No case is put on the agenda of this meeting any more. Closing twice changes nothing.

    `left`: what becomes of the cases that were not discussed: the key of another meeting, or TO_SCHEDULE. Raises Refused
    without it when there are any.
    """
    access.demand(by, "review", meeting.process)
    now, about = now or clock.now(), {"process": meeting.process, "subject": f"Vergadering {meeting.day}"}
    with db.atomic():
        if not Meeting.update(closed_at=now).where(Meeting.id == meeting.id, Meeting.closed_at.is_null()).execute():
            return
        AuditEvent.log("meeting.close", by=by, at=now, **about)
        undiscussed = Treatment.select(Treatment, Case).join(Case).where(Treatment.meeting == meeting)
        rows = list(undiscussed.where(Treatment.state.in_(UNDISCUSSED)).order_by(Treatment.id))
        target = next((one for one in Meeting.coming(meeting.process, now) if one.key == left), None)
        if rows and target is None and left != TO_SCHEDULE:
            raise Refused(f"{plural(len(rows), 'casus is', 'casussen zijn')} nog niet besproken. Kies wat daarmee gebeurt.")
        for one in rows:
            if target:
                one.move_to(target, by, now)
            else:
                AuditEvent.log("treatment.unschedule", by=by, case=one.case, detail=str(meeting.day), at=now)
