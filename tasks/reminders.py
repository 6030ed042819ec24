"""Each morning: the reminders that fall due. Asked often, so that an outage at that hour costs nobody a reminder."""

from huey import crontab

from models import clock
from models.operations.rehearsal import due_mail
from tasks.queue import every


@every(crontab(minute="*/15"), waits_for_clock=True)
def remind_reporters():
    due_mail.remind(clock.now())
