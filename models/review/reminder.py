"""Reminders for cases that wait for the hospital, after the weeks of the schedule; 4, 8 and 12 as delivered (C6, C7)."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from peewee import DateTimeField, ForeignKeyField, IntegerField, fn

from models import clock
from models.access import Process
from models.accounts.user import User
from models.base import Record, db
from models.cases.case import Case
from models.cases.status import STATUS_LABELS, WITH_HOSPITAL, Status
from models.dutch import listed
from models.mail.mail_schedule import MailSchedule
from models.mail.mail_templates import tells
from models.mail.outbox import Mail
from models.mail.sending_hold import SendingHold


class Reminder(Record):
    """One person was reminded of one case, for one stay in a status (`round`) and one term. The database allows it once."""

    case = ForeignKeyField(Case, backref="reminders", on_delete="RESTRICT")
    round = IntegerField()
    weeks = IntegerField()
    user = ForeignKeyField(User, on_delete="RESTRICT")
    mail = ForeignKeyField(Mail, null=True, backref="reminders", on_delete="RESTRICT")
    created_at = DateTimeField()

    class Meta:
        indexes = ((("case", "round", "weeks", "user"), True),)

    @classmethod
    def send_due(cls, today: date, now: datetime | None = None) -> int:
        """Queue one mail for each person with due cases, at most one a day; returns how many.

        After an outage or a pause only the latest term counts.
        """
        now, terms = now or clock.now(), MailSchedule.current().weeks
        paused, held = SendingHold.paused(today), SendingHold.held("reminder", today)
        due = defaultdict(list)
        for case in cls._long_waiting(today, terms):
            weeks, waits = _term(case, today, terms), case.process == Process.NETHOSS
            for person in case.people():
                if not (waits and (case.hospital_id in paused or person.id in held)):
                    due[person].append((case, weeks))
        return sum(cls._remind(person, cases, today, now) for person, cases in due.items())

    @classmethod
    def _long_waiting(cls, today, terms):
        """Cases whose latest due term nobody was reminded of yet."""
        border = clock.start_of(today - timedelta(days=7 * terms[0] - 1))
        waiting = (
            Case.select(Case, User)
            .join(User, on=Case.reporter)
            .where(Case.status.in_(WITH_HOSPITAL), Case.status_since < border)
        )
        reminded = cls.select(cls.case, cls.round, fn.MAX(cls.weeks)).group_by(cls.case, cls.round)
        latest = {(case, round): weeks for case, round, weeks in reminded.where(cls.case.in_(waiting.select(Case.id))).tuples()}
        return [
            case
            for case in waiting.order_by(Case.status_since)
            if latest.get((case.id, case.round), 0) < _term(case, today, terms)
        ]

    @classmethod
    def _remind(cls, person, cases, today, now):
        with db.atomic():
            mail = Mail.queue("reminder", person, once=f"reminder:{person.id}:{today}", now=now)
            if mail is None:
                return 0  # reminded today already; tomorrow is another day
            for case, weeks in cases:
                cls.insert(
                    case=case, round=case.round, weeks=weeks, user=person, mail=mail, created_at=now
                ).on_conflict_ignore().execute()
        return 1


def _term(case, today, terms):
    """The latest of the terms, in weeks, that has passed, counted on the local calendar; 0 when none has."""
    days = (today - clock.local_date(case.status_since)).days
    return max((weeks for weeks in terms if days >= 7 * weeks), default=0)


@tells("reminder")
def _reminder(mail):
    """The cases that still wait at the moment of sending; none left means no mail."""
    terms = MailSchedule.current().weeks
    rows = (
        Reminder.select(Reminder, Case)
        .join(Case)
        .where(Reminder.mail == mail, Reminder.round == Case.round, Case.status.in_(WITH_HOSPITAL))
        .order_by(Reminder.weeks.desc(), Case.id)
    )
    cases = [
        {
            **row.case.mail_facts,
            "status": STATUS_LABELS[row.case.status],
            "since": row.case.status_since,
            "weeks": row.weeks,
            "returned": row.case.status == Status.ONVOLLEDIG,
            "last": row.weeks >= terms[-1],
        }
        for row in rows
        if row.case.is_open_to(mail.user)
    ]
    return {"cases": cases, "terms": listed(terms)} if cases else None
