"""Watchdog: while all is well an address outside is asked for each minute; who keeps it sounds the alarm when that stops.

So the alarm needs neither our mail nor our worker, which may be what is down.
"""

import logging
from datetime import datetime
from urllib.parse import urlsplit

from models import outgoing
from models.operations.health import system_status
from settings import settings

log = logging.getLogger(__name__)

SECONDS = 15


def push(now: datetime | None = None) -> bool:
    """Tell the watchdog that all is well; False, and a line in the log, when it is not or the watchdog is not reached."""
    if not settings.watchdog_url:
        return False
    if alarms := system_status.alarms(system_status.readings(now)):
        log.error("the watchdog is not told that all is well: %s", "; ".join(alarms))
        return False
    host = urlsplit(settings.watchdog_url).hostname  # its path may be a secret
    try:
        status, _ = outgoing.ask(settings.watchdog_url, SECONDS)
    except OSError as problem:
        log.error("the watchdog at %s was not reached: %s", host, problem)
        return False
    if status >= 300:
        log.error("the watchdog at %s answers with status %s", host, status)
    return status < 300
