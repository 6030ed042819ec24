"""Mid-month reminder: the clock asks once more where nobody of a hospital answered, on the day of the schedule."""

from datetime import datetime, timedelta

from models import clock
from models.accounts.hospital import Hospital
from models.audit.audit_event import AuditEvent
from models.base import db
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail
from models.mail.sending_hold import SendingHold
from models.monthly import response
from models.monthly.monthly_request import CATCH_UP, MonthlyCall, MonthOpening

LEAST = timedelta(days=3)  # after the request, also where that came late


def remind_due(now: datetime) -> int:
    """Remind the silent hospitals about the month that was asked last, each once; returns how many mails were queued.

    Not where a person did so already. A paused hospital is left out while it is paused.
    """
    opening = MonthOpening.select().order_by(MonthOpening.month.desc()).first()
    if opening is None:
        return 0
    month, schedule = opening.month, MailSchedule.current()
    # As if it was asked on its day: a request that was late is not reminded a month later.
    asked = min(opening.opened_at, schedule.request_due(month))
    due = schedule.reminder_due(clock.today(asked))
    if due is None or not due <= now < due + CATCH_UP:
        return 0
    reminded = Mail.select(Mail.hospital).where(Mail.name == "monthly_reminder", Mail.month == month)
    settled = clock.start_of(clock.today(now) - LEAST + clock.DAY)
    in_time = MonthlyCall.select(MonthlyCall.hospital).where(MonthlyCall.month == month, MonthlyCall.created_at < settled)
    left = response.silent(month).where(Hospital.id.in_(in_time), Hospital.id.not_in(reminded))
    paused = SendingHold.paused(clock.today(now))
    return sum(_remind(hospital, month, now) for hospital in left if hospital.id not in paused)


def _remind(hospital, month, now):
    with db.atomic():
        hospital.hold()  # of two workers, or of a person and the clock, the second waits here and finds it done
        mine = Mail.select().where(Mail.name == "monthly_reminder", Mail.month == month, Mail.hospital == hospital)
        if mine.exists() or not MonthlyCall.is_open(hospital, month):
            return 0
        calls = MonthlyCall.still_open(hospital, month, now)
        for call in calls:
            Mail.queue("monthly_reminder", call.user, once=f"again:{call.id}:clock", month=month, now=now, call=call.id)
        if calls:
            AuditEvent.log("month.remind", hospital=hospital, subject=month, process="nethoss", at=now)
    return len(calls)
