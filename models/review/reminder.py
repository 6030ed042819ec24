"""Reminders for cases that wait for the hospital, after the weeks of the schedule; 4, 8 and 12 as delivered (C6, C7).

What the hospital promised for later ('volgt later') is not asked before its day. While all that is open in a case is promised
so, its reminder waits until the first of those days is over. As after a pause, only the latest term counts then.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from peewee import SQL, DateField, DateTimeField, ForeignKeyField, IntegerField, Node, fn

from models import clock
from models.access import Process
from models.accounts.user import User
from models.base import Record, db
from models.cases.case import Case
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import STATUS_LABELS, WITH_HOSPITAL, Status
from models.dutch import listed, long_date
from models.files.dossier import Dossier
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail
from models.mail.sending_hold import SendingHold
from models.questionnaires.query import DataQuery


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
        waiting = cls._long_waiting(today, terms)
        for case in ReminderWait.without_waiting(list(waiting), today):
            weeks, waits = _term(case, today, terms), case.process == Process.NETHOSS
            for person in waiting[case]:
                if not (waits and (case.hospital_id in paused or person.id in held)):
                    due[person].append((case, weeks))
        return sum(cls._remind(person, cases, today, now) for person, cases in due.items())

    @classmethod
    def _long_waiting(cls, today, terms):
        """{case: the people whom its latest due term was not told yet}; also where there is nobody to tell it to."""
        border = clock.start_of(today - timedelta(days=7 * terms[0] - 1))
        waiting = (
            Case.select(Case, User)
            .join(User, on=Case.reporter)
            .where(Case.status.in_(WITH_HOSPITAL), Case.status_since < border)
        )
        reminded = cls.select(cls.case, cls.round, cls.weeks, cls.user, cls.created_at)
        reminded = reminded.where(cls.case.in_(waiting.select(Case.id)))
        told, first = defaultdict(list), None
        for case, number, *row, at in reminded.tuples():
            told[case, number].append((*row, at))
            first = min(first or at, at)
        holds = SendingHold.spans("reminder", clock.local_date(first)) if first else []
        found = {}
        for case in waiting.order_by(Case.status_since):
            term = _term(case, today, terms)
            reached = {user: at for weeks, user, at in told[case.id, case.round] if weeks >= term}
            if not reached:
                found[case] = case.people(today)
            elif missed := _held_at(min(reached.values()), holds) - reached.keys():
                # A colleague was told; who came to the case after that is not reminded of what is behind it.
                left = [person for person in case.people(today) if person.id in missed]
                if left:
                    found[case] = left
        return found

    @classmethod
    def told(cls, weeks: int) -> Node:
        """Whether anybody was reminded of a row of `Case`, in this stay, after so many weeks or more, as an expression."""
        return fn.EXISTS(cls.select(SQL("1")).where(cls.case == Case.id, cls.round == Case.round, cls.weeks >= weeks))

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


class ReminderWait(Record):
    """A case whose reminder is due but waits in this `round`: all that is open is promised, `until` the first of these days."""

    case = ForeignKeyField(Case, unique=True, backref="+", on_delete="RESTRICT")
    round = IntegerField()
    until = DateField()

    @classmethod
    def without_waiting(cls, cases: list[Case], today: date) -> list[Case]:
        """Those of `cases`, all whose reminder is due, that do not wait today. The table then holds which do, and no others."""
        until = waiting_until(cases, today)
        rows = [{"case": case.id, "round": case.round, "until": until[case.id]} for case in cases if case.id in until]
        with db.atomic():
            cls.delete().where(cls.case.not_in(list(until))).execute()
            if rows:  # beside another worker that does the same
                insert = cls.insert_many(rows)
                insert.on_conflict(conflict_target=[cls.case], preserve=[cls.round, cls.until]).execute()
        return [case for case in cases if case.id not in until]

    @classmethod
    def stands(cls, today: date) -> Node:
        """Whether the last reminder of a row of `Case` waits today, as an expression."""
        return fn.EXISTS(cls.select(SQL("1")).where(cls.case == Case.id, cls.round == Case.round, cls.until >= today))


def waiting_until(cases: Iterable[Case], today: date) -> dict[int, date]:
    """{case id: the first promised day} of those of `cases` where nothing is to be asked before it.

    A question that is not answered yet can be answered today, whatever was promised of the documents.
    """
    here, answer, query = {case.id: case for case in cases}, RequestedDocumentAnswer, DataQuery
    # What was promised before the case came back says nothing about what was asked with it.
    lately = (Case.status != Status.ONVOLLEDIG) | (answer.at >= Case.status_since)
    promised = answer.select(answer.case).join(Case).where(answer.case.in_(list(here)), answer.expected_on >= today, lately)
    asked = query.select(query.case).where(query.replied_at.is_null(), query.settled_at.is_null())
    ids = {case for (case,) in promised.tuples()}
    ids -= {case for (case,) in asked.where(query.case.in_(list(ids))).tuples()}
    days = {case: dossier.waits_until(today) for case, dossier in Dossier.of_all([here[one] for one in sorted(ids)]).items()}
    return {case: day for case, day in days.items() if day}


def _held_at(moment, holds):
    """The accounts whose reminders were held back at this moment."""
    day = clock.local_date(moment)
    return {user for user, at, until in holds if at <= moment and day <= until}


def _term(case, today, terms):
    """The latest of the terms, in weeks, that has passed, counted on the local calendar; 0 when none has."""
    days = (today - clock.local_date(case.status_since)).days
    return max((weeks for weeks in terms if days >= 7 * weeks), default=0)


def _reminder(mail):
    """The cases that still wait at the moment of sending, but for those that wait for a promised day; none means no mail."""
    terms, today = MailSchedule.current().weeks, clock.today(mail.leaves_at)
    rows = list(
        Reminder.select(Reminder, Case)
        .join(Case)
        .where(Reminder.mail == mail, Reminder.round == Case.round, Case.status.in_(WITH_HOSPITAL))
        .order_by(Reminder.weeks.desc(), Case.id)
    )
    until = waiting_until([row.case for row in rows], today)
    rows = [row for row in rows if row.case_id not in until and row.case.is_open_to(mail.user)]
    dossiers = Dossier.of_all([row.case for row in rows])
    cases = [
        {
            **row.case.mail_facts,
            "status": STATUS_LABELS[row.case.status],
            "since": row.case.status_since,
            "weeks": row.weeks,
            "returned": row.case.status == Status.ONVOLLEDIG,
            "last": row.weeks >= terms[-1],
            **_promises(dossiers[row.case_id], today),
        }
        for row in rows
    ]
    return {"cases": cases, "terms": listed(terms)} if cases else None


CONTEXTS = {"reminder": _reminder}


def _promises(dossier, today):
    """What was promised, by number and day: which document it is stands on the page, and in no mail (ML-01)."""
    late = [line.promised for line in dossier.late(today)]
    later = [line.promised for line in dossier.missing if line.promised and line.promised >= today]
    return {"late": len(late), "late_days": _days(late), "later": len(later), "later_days": _days(later)}


def _days(days):
    """'3 november 2026 en 5 november 2026': each day once, the first ahead."""
    return listed(long_date(day) for day in sorted(set(days)))
