"""Every minute: what waits in the outbox."""

from huey import crontab

from models.mail.outbox import Mail
from tasks.queue import every


@every(crontab(), waits_for_clock=True)
def send_waiting_mail():
    Mail.send_waiting()
