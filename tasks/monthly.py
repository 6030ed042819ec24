"""Every five minutes: is it time for the monthly request?"""

from huey import crontab

from models.monthly.monthly_request import MonthlyCall
from tasks.queue import every


@every(crontab(minute="*/5"), waits_for_clock=True)
def ask_about_last_month():
    MonthlyCall.open_due()
