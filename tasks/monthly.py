"""Every five minutes: is it time for the monthly request?"""

from huey import crontab

from models import clock
from models.operations.rehearsal import due_mail
from tasks.queue import every


@every(crontab(minute="*/5"), waits_for_clock=True)
def ask_about_last_month():
    due_mail.request(clock.now())
