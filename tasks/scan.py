"""Every minute: files that wait for the malware scanner, and new files that may tell who somebody is."""

from huey import crontab

from models import looking, quarantine
from tasks.queue import every


@every(crontab())
def scan_waiting_files():
    quarantine.scan_waiting()


@every(crontab())
def look_at_new_files():
    looking.look_waiting()
