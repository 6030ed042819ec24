"""Every minute: what waits in the outbox. Every ten: what came back."""

from huey import crontab

from models.mail.outbox import Mail
from models.operations.bounces import read_bounces
from tasks.queue import every


@every(crontab(), waits_for_clock=True)
def send_waiting_mail():
    Mail.send_waiting()


@every(crontab(minute="*/10"), waits_for_clock=True)
def read_what_came_back():
    read_bounces()
