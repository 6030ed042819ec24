"""What the clocks send by themselves: called by the tasks at their moments, and by the rehearsal for the days it is about."""

from datetime import datetime

from models import clock
from models.annual_report import births_request
from models.cases.deadline import Deadline
from models.committee.following import assessor_terms
from models.lnr.suppliers import key_expiry_mails
from models.mail import daily_mail
from models.mail.mail_schedule import MailSchedule
from models.monthly import month_reminder
from models.monthly.monthly_request import MonthlyCall
from models.review import open_queries
from models.review.reminder import Reminder
from models.staff import disuse, ending
from models.staff.account_review import AccountReview


def request(now: datetime) -> None:
    """Queue the monthly request when it is due."""
    MonthlyCall.open_due(now)


def remind(now: datetime) -> None:
    """Queue what this day asks for, from the hour of the schedule on: the reminders, and the daily mail."""
    if clock.local(now).hour < MailSchedule.current().send_hour:
        return
    today = clock.today(now)
    month_reminder.remind_due(now)
    births_request.ask_due(now)
    Reminder.send_due(today, now)
    open_queries.send_due(today, now)
    Deadline.remind_due(today, now)
    assessor_terms.remind_due(today, now)
    key_expiry_mails.warn(now)
    ending.warn(now)
    disuse.warn(now)
    AccountReview.open_due(now)
    AccountReview.remind_due(now)
    daily_mail.gather(now)


CLOCKS = (request, remind)
