"""Each morning: the reminders that fall due. Asked often, so that an outage at seven costs nobody a reminder."""

from huey import crontab

from models import clock
from models.cases.deadline import Deadline
from models.committee.following import assessor_terms
from models.lnr.suppliers import key_expiry_mails
from models.mail import daily_mail
from models.monthly.monthly_request import SEND_HOUR
from models.review.reminder import Reminder
from tasks.queue import every


@every(crontab(minute="*/15"), waits_for_clock=True)
def remind_reporters():
    if clock.local(clock.now()).hour >= SEND_HOUR:
        Reminder.send_due(clock.today())
        Deadline.remind_due(clock.today())
        assessor_terms.remind_due(clock.today())
        key_expiry_mails.warn()
        daily_mail.gather()
