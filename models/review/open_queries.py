"""Reminders of questions that the hospital left open at a case that it handed in, after the weeks of the schedule.

Counted from the oldest open question, or from the last reply at the case when that is later: who is answering is left alone.
A case that is with the hospital has its own reminder (reminder.py), which waits for nothing while a question is open.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from peewee import SQL, fn

from models import clock
from models.access import Process
from models.base import db
from models.cases.case import Case
from models.cases.status import Status
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail
from models.mail.sending_hold import SendingHold
from models.questionnaires.query import DataQuery

NAME = "question_reminder"
WAITS = SQL("replied_at IS NULL AND settled_at IS NULL")
HANDED_IN = (Status.INGEDIEND, Status.GOEDGEKEURD)


def send_due(today: date, now: datetime | None = None) -> int:
    """Queue a mail for each person and case whose latest term passed; returns how many. The outbox remembers which it told."""
    now, queued = now or clock.now(), 0
    paused, held = SendingHold.paused(today), SendingHold.held(NAME, today)
    for case, since, weeks in _due(today):
        waits = case.process == Process.NETHOSS
        for person in case.people(today):
            if not (waits and (case.hospital_id in paused or person.id in held)):
                once = f"{NAME}:{case.id}:{since}:{weeks}:{person.id}"
                about: dict[str, Any] = {"since": str(since), "weeks": weeks}
                with db.atomic():
                    queued += Mail.queue(NAME, person, once=once, case=case, now=now, **about) is not None
    return queued


def _due(today: date) -> Iterator[tuple[Case, date, int]]:
    terms = MailSchedule.current().weeks
    border = clock.start_of(today - clock.DAY * (7 * terms[0] - 1))
    # Made distinct here: asked for DISTINCT, SQLite goes through the index of the cases, from end to end.
    ids = {case for (case,) in DataQuery.select(DataQuery.case).where(WAITS, DataQuery.asked_at < border).tuples()}
    for case in Case.select().where(Case.id.in_(list(ids)), Case.status.in_(HANDED_IN)).order_by(Case.id):
        since = waiting_since(case)
        weeks = max((weeks for weeks in terms if since and (today - since).days >= 7 * weeks), default=0)
        if since and weeks:
            yield case, since, weeks


def waiting_since(case: Case) -> date | None:
    """From which day the open questions of the case wait without a word of the hospital; None when it has none to answer."""
    waiting = DataQuery.waiting(case)
    if not waiting or case.status not in HANDED_IN:
        return None
    replied = DataQuery.select(fn.MAX(DataQuery.replied_at)).where(DataQuery.case == case).scalar()
    oldest = min(one.asked_at for one in waiting)
    return clock.local_date(max(oldest, replied) if replied else oldest)


def _reminder(mail):
    """Nothing once the hospital replied, the questions were settled, or the case is with the hospital or closed."""
    case = Case.get_by_id(mail.case_id)
    since = waiting_since(case)
    if str(since) != mail.facts["since"] or not case.is_open_to(mail.user):
        return None
    weeks, terms = mail.facts["weeks"], MailSchedule.current().weeks
    return {**case.mail_facts, "count": len(DataQuery.waiting(case)), "weeks": weeks, "last": weeks >= terms[-1]}


DataQuery.add_index(DataQuery.index(DataQuery.asked_at, where=WAITS, name="inquiry_waiting"))
CONTEXTS = {NAME: _reminder}
