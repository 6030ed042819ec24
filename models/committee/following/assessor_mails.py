"""What the mails to assessors may know, and the days that they bring for a calendar: the term of each case, and the meeting."""

from models import access, clock
from models.committee.assessment import Assessment
from models.committee.following.assessor_terms import awaited, unfinished
from models.committee.meeting import Meeting
from models.committee.member import CommitteeMember
from models.committee.treatment import Treatment
from models.dutch import listed, long_date
from models.mail.calendar.calendar_file import CalendarDay
from settings import settings


def _named(mail):
    row = Assessment.get(Assessment.key == mail.facts["key"])
    return None if row.ended_at or row.handed_in_at else _about(row)


def _term(mail):
    """The days as they are now, and which of them moved; nothing once there is nothing left to hand in, or all is as it was.

    A meeting that was left is taken out of the calendar.
    """
    row = unfinished().where(Assessment.key == mail.facts["key"]).first()
    if row is None:
        return None
    meeting, told = row.treatment.meeting, _about(row)
    left = mail.facts.get("meeting", meeting.id)
    moved = ["vergadering"] * (left != meeting.id) + ["inleverdag"] * (mail.facts.get("term") != str(row.term))
    if not moved:
        return None
    days = [*told["calendar_days"], *_left(left, row.assessor, mail)]
    return told | {"meeting": str(meeting), "moved": listed(moved), "calendar_days": days}


def _left(number, person, mail):
    """The day of a meeting to take out; none when it was, nor for who leads it or comes there for a case."""
    meeting, member = Meeting.get_by_id(number), CommitteeMember.of(person)
    others = Assessment.select().join(Treatment).where(Treatment.meeting == meeting, Assessment.ended_at.is_null())
    comes = (member and member.leads) or others.where(Assessment.assessor == person).exists()
    return [] if comes or meeting.day < clock.today(mail.leaves_at) else [_meeting(meeting, cancelled=True)]


def _withdrawn(mail):
    """Not when the same person was named again meanwhile. The meeting goes along, for who comes there for nothing else."""
    row = Assessment.get(Assessment.key == mail.facts["key"])
    again = any(one.assessor_id == row.assessor_id for one in Assessment.of(row.treatment))
    if again or not mail.user.active:
        return None
    case = row.treatment.case
    told = {"process": access.PROCESS_LABELS[case.process], "number": case.number, "link": _cases()}
    return told | {"calendar_days": [_day(row, cancelled=True), *_left(row.treatment.meeting_id, row.assessor, mail)]}


def _reminded(mail):
    """What this person still has to hand in for the meeting; nothing left means no mail."""
    rows = list(awaited().where(Assessment.assessor == mail.user, Treatment.meeting == mail.facts["meeting"]))
    if not rows:
        return None
    meeting = rows[0].treatment.meeting
    lines = [{"number": row.treatment.case.number, "term": long_date(row.term)} for row in rows]
    told = {"process": access.PROCESS_LABELS[meeting.process], "meeting": str(meeting), "lines": lines, "link": _cases()}
    return told | {"calendar_days": [*(_day(row) for row in rows), _meeting(meeting)]}


def _about(row):
    case = row.treatment.case
    told = {"process": access.PROCESS_LABELS[case.process], "number": case.number, "term": long_date(row.term)}
    return told | {"link": f"{_cases()}{case.key}/", "calendar_days": [_day(row), _meeting(row.treatment.meeting)]}


def _day(row, cancelled=False):
    # Of the person at the case, not of the row: who is named a second time keeps one day.
    about = f"assessment:{row.treatment.key}:{row.assessor_id}"
    return CalendarDay(about, row.term, f"Beoordeling van {row.treatment.case.number} inleveren", _cases(), cancelled)


def _meeting(meeting, cancelled=False):
    held = f"Commissievergadering {access.PROCESS_LABELS[meeting.process]}"
    return CalendarDay(f"meeting:{meeting.key}", meeting.day, held, _cases(), cancelled)


def _cases():
    return f"{settings.portal_url}/commissie/"


CONTEXTS = {
    "committee_named": _named,
    "committee_term": _term,
    "committee_withdrawn": _withdrawn,
    "committee_reminder": _reminded,
}
