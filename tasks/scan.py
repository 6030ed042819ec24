"""Every minute: files that wait for the malware scanner, and new files that may tell who somebody is."""

from huey import crontab

from models.files import virus_scanning
from models.files.privacy import inspection
from tasks.queue import every


@every(crontab())
def scan_waiting_files():
    virus_scanning.scan_waiting()


@every(crontab())
def look_at_new_files():
    inspection.look_waiting()
