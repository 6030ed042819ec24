"""Files that wait for the malware scanner, and new files that may tell who somebody is: every minute, and when one comes in."""

import logging
import threading

from huey import crontab

from models.base import db
from models.files import virus_scanning
from models.files.privacy import inspection
from tasks.queue import every, huey

log = logging.getLogger(__name__)

_asking = threading.Lock()


@every(crontab())
def scan_waiting_files():
    virus_scanning.scan_waiting()


@every(crontab())
def look_at_new_files():
    inspection.look_waiting()


@huey.task()
def look_now():
    """What the two clocks do, for who waits on the page to hand in. A run that is lost is made good by them."""
    with db.connection_context():
        inspection.look_waiting()
        virus_scanning.scan_waiting()


def wake():
    """Have the worker look now instead of at its next minute. Returns at once, whatever becomes of the queue."""
    if _asking.acquire(blocking=False):
        threading.Thread(target=_ask, daemon=True).start()


def _ask():
    try:
        look_now()
    except Exception as problem:  # a queue that is away: the clocks come by
        log.warning("the worker could not be woken: %s", problem)
    finally:
        _asking.release()
