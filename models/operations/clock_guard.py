"""Whether the clock of this machine can be right. What is sent by the clock waits while it cannot.

Since the machine started, its wall clock and the clock that only counts seconds keep the same distance. That distance is
of this machine alone, and kept in a file, so that every process here judges alike. Up to which line somebody accepted what the
trail says, all machines read in the trail itself.
"""

import logging
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from peewee import fn

from models import clock
from models.audit.audit_event import AuditEvent
from models.dutch import date_and_time
from settings import settings

log = logging.getLogger(__name__)

LEAP = timedelta(minutes=10)
BOOT = Path("/proc/sys/kernel/random/boot_id")
WAY_OUT = "Klopt die toch, voer dan uit: python app.py clock-right"
AHEAD = "klok: die sprong vooruit, naar {}; mail, uitvraag en herinneringen wachten. " + WAY_OUT
BEHIND = "klok: die staat op {}, vóór de nieuwste regel van het logboek; mail, uitvraag en herinneringen wachten. " + WAY_OUT


def doubt() -> str:
    """Why the clock cannot be right, in a sentence; "" when nothing speaks against it."""
    now, (boot, distance) = clock.now(), _kept()
    if boot == _boot() and _distance() - distance > LEAP.total_seconds():
        return AHEAD.format(date_and_time(now))
    later = AuditEvent.select(AuditEvent.id).where(AuditEvent.at > now + LEAP, AuditEvent.id > _accepted())
    return BEHIND.format(date_and_time(now)) if later.exists() else ""


def holds() -> bool:
    """Whether the worker has to wait for the clock. The first time since the machine started, the clock counts as right."""
    if _kept()[0] != _boot():
        _keep()
    if reason := doubt():
        log.error(reason)
    return bool(reason)


def trust() -> None:
    """From now on the clock of this machine is right, and what stands in the trail is no reason for doubt: somebody looked."""
    AuditEvent.log("clock.accept")
    _keep()


def path() -> Any:
    return settings.data_dir / "clock.txt"


def _kept():
    """(start of the machine, distance in seconds); nothing known is no reason for doubt."""
    try:
        boot, distance, *_ = path().read_text().split()
        return boot, float(distance)
    except (OSError, ValueError):
        return "", 0


def _accepted():
    """The number of the last line by which somebody accepted the clock, as an expression; 0: nobody did."""
    line = AuditEvent.alias()
    return fn.COALESCE(line.select(fn.MAX(line.id)).where(line.action == "clock.accept"), 0)


def _keep():
    half = path().with_suffix(".half")
    half.write_text(f"{_boot()} {_distance():.1f}\n")
    half.replace(path())


def _boot():
    # Where there is no such name every look counts as the first since the start: then only the trail speaks.
    return BOOT.read_text().strip() if BOOT.exists() else f"unknown-{time.monotonic_ns()}"


def _distance():
    # Counts on while the machine sleeps, unlike time.monotonic().
    return time.time() - time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
