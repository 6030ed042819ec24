"""Assessors and their term: reminders by mail before it, the list of who is late, and another term or another person.

A deputy gets nothing by itself: an assessment is personal. Who is away gives the case back, or the coordinator takes it back.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from peewee import SQL, ModelSelect, fn

from models import access, clock
from models.access import Process
from models.accounts.user import User
from models.base import Refused, db
from models.cases.case import Case
from models.cases.status import Status
from models.committee.assessment import NOT_YOURS, Assessment
from models.committee.meeting import Meeting
from models.committee.rules.committee_settings import REMINDERS, CommitteeSettings
from models.committee.treatment import Treatment, TreatmentState
from models.mail.outbox import Mail
from models.questionnaires.query import DataQuery

NOT_LATER = "Kies een dag vanaf vandaag en niet na de vergadering."


def unfinished() -> ModelSelect:
    """The assessments that somebody still has to hand in, with case and meeting at hand, the first term ahead.

    Not of a case that stands still because it is not approved, nor for a meeting that is over.
    """
    rows = Assessment.select(Assessment, Treatment, Case, Meeting, User).join(Treatment).join(Case)
    rows = rows.switch(Treatment).join(Meeting).switch(Assessment).join(User, on=Assessment.assessor)
    waits = Assessment.handed_in_at.is_null() & Assessment.ended_at.is_null()
    going = (
        (Case.status == Status.GOEDGEKEURD) & (Treatment.state == TreatmentState.BIJ_BEOORDELAARS) & Meeting.closed_at.is_null()
    )
    return rows.where(waits, going).order_by(Assessment.term, Assessment.id)


def awaited() -> ModelSelect:
    """Those of `unfinished` whose clock runs: it stops while the hospital has a question of the committee to answer."""
    asked = DataQuery.select(SQL("1")).where(DataQuery.case == Case.id, DataQuery.waits_for_committee())
    return unfinished().where(~fn.EXISTS(asked))


def late(by: User, now: datetime | None = None) -> list[Assessment]:
    """Who should have handed in, in the processes that `by` coordinates, the longest late ahead."""
    mine = Treatment.case.in_(Case.select(Case.id).where(Case.process.in_(access.processes(by, "review"))))
    return list(awaited().where(mine, Assessment.term < clock.today(now)))


def extend(treatment: Treatment, by: User, assessor: int, day: date | None, now: datetime | None = None) -> None:
    """Give an assessor (account id) until another day; not beyond the meeting, where the case is spoken about."""
    row = _open_one(treatment, by, assessor)
    if day is None or not clock.today(now) <= day <= treatment.meeting.day:
        raise Refused(NOT_LATER)
    was = row.term
    with db.atomic():
        if not row.move_term(day, by, now):
            raise Refused(NOT_YOURS)
        if day != was:
            Mail.queue("committee_term", row.assessor, case=treatment.case, now=now, key=row.key, term=str(was))


def withdraw(treatment: Treatment, by: User, assessor: int, now: datetime | None = None) -> None:
    """Take the case back from an assessor (account id) who did not hand in: the place is open for another person."""
    _open_one(treatment, by, assessor).withdraw(by, now)


def _open_one(treatment: Treatment, by: User, assessor: int) -> Assessment:
    access.demand(by, "review", treatment.case.process)
    found = [row for row in Assessment.of(treatment) if row.assessor_id == assessor and row.handed_in_at is None]
    if not found:
        raise Refused("Deze beoordelaar heeft hier niets meer in te leveren.")
    found[0].treatment = treatment
    return found[0]


def remind_due(today: date, now: datetime | None = None) -> int:
    """Queue one mail for each assessor and meeting whose next reminder fell due; returns how many.

    After an outage only the latest counts. Who was named since that day had a mail about it already.
    """
    due: dict[tuple, list[Assessment]] = defaultdict(list)
    days = {process: CommitteeSettings.of(process).reminders for process in Process}
    soonest = max(first for first, *_ in days.values())
    for row in awaited().where(Assessment.term <= today + timedelta(days=soonest)):
        for which in _fell_due(row, today, days[row.treatment.meeting.process]):
            due[row.assessor, row.treatment.meeting, row.term, which].append(row)
    queued = 0
    for person, meeting, term, which in due:
        # Not by its days: with other settings nobody is reminded anew of what was said already.
        once = f"assess:{person.id}:{meeting.id}:{term}:{which}"
        with db.atomic():
            about = {"meeting": meeting.id, "term": str(term)}
            queued += Mail.queue("committee_reminder", person, once=once, now=now, **about) is not None
    return queued


def _fell_due(row: Assessment, today: date, reminders: tuple[int, ...]) -> Iterator[int]:
    """Which reminder was due last, by its days as delivered; nothing before the first, or after the meeting."""
    days = [row.term - timedelta(days=ahead) for ahead in reminders]
    passed = [(which, day) for which, day in zip(REMINDERS, days, strict=True) if day <= today <= row.treatment.meeting.day]
    if passed and clock.local_date(row.named_at) < passed[-1][1]:
        yield passed[-1][0]
