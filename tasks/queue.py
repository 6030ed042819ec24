"""Huey, and how a clock's work is run."""

import logging
import os
import socket
import threading
from datetime import timedelta
from functools import wraps

from huey import RedisHuey, SqliteHuey

from models import base, clock, outgoing
from models.audit import audit_event
from models.base import db
from models.mail.outgoing_hold import OutgoingHold
from models.operations import clock_guard
from models.operations.health import log_lines
from models.operations.health.heartbeat import Heartbeat, tell_supervisor
from models.operations.keys.key_fingerprint import KeyFingerprint
from settings import settings

log = logging.getLogger(__name__)


def _queue():
    if settings.redis_url:
        return RedisHuey("meldportaal", url=outgoing.redis_url(settings.redis_url), results=False)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqliteHuey("meldportaal", filename=str(settings.data_dir / "queue.db"), results=False)


huey = _queue()


CLOCKS = {}  # name -> its times
HOST = socket.gethostname()[:60]
LONGEST = timedelta(days=3)  # no clock is rarer
_once = threading.Lock()


def worker_name() -> str:
    """By which this process is known: two workers on one machine are two."""
    return f"{HOST}/{os.getpid()}"


@huey.on_startup()
def connect():
    """Bind the database that the settings name; each of the worker's threads calls this."""
    log_lines.begin()
    with _once:
        # A second time would take it away from the thread that came first.
        if base.db.obj is None:
            base.connect(settings.database_url)
            with db.connection_context():
                KeyFingerprint.demand_fit()
                _say_hello()
    audit_event.origin.set("worker")


def _say_hello():
    """A worker begins. Whoever died on this machine without a word is not waited for: this is who came in its place."""
    for other in Heartbeat.workers():
        if _died_here(other.name):
            Heartbeat.stopped(other.name)
    Heartbeat.expect({name: _next(times) for name, times in CLOCKS.items()})
    Heartbeat.alive(worker_name())


def _died_here(worker):
    host, _, number = worker.rpartition("/")
    if host != HOST:
        return False
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, PermissionError):  # nobody, or by now a process of somebody else
        return True
    return False


@huey.on_shutdown()
def say_goodbye():
    """Each of the worker's threads calls this; nobody waits for a worker that was asked to stop."""
    with db.connection_context():
        Heartbeat.stopped(worker_name())


def _next(times):
    """When a crontab comes by next (UTC, a moment without a zone), within some days."""
    moment = clock.now().replace(second=0, microsecond=0) + clock.MINUTE
    until = moment + LONGEST
    while moment < until and not times(moment):
        moment += clock.MINUTE
    return moment


def _carry_out(function, times, waits_for_clock):
    try:
        if not (waits_for_clock and (clock_guard.holds() or OutgoingHold.standing())):
            function()
    except Exception:
        Heartbeat.failed(function.__name__, _next(times))
        raise
    with db.atomic():
        Heartbeat.beat(function.__name__, _next(times))
        Heartbeat.alive(worker_name())


def every(times, waits_for_clock=False):
    """Run the function at `times` (a crontab, in UTC), with a connection of its own.

    `waits_for_clock`: not while the clock of the machine cannot be right (models/operations/clock_guard.py), nor after a
    restore until a person released what leaves.
    The function looks up in the database what is due: a run that was missed, doubled or broken off is made good by the next.
    """

    def register(function):
        @wraps(function)
        def run():
            try:
                with db.connection_context():
                    _carry_out(function, times, waits_for_clock)
            except Exception:
                log.exception("%s failed; it is tried again at its next time", function.__name__)
            # Also when it failed: a database that is away is no reason to begin anew, a worker that hangs is.
            tell_supervisor()

        CLOCKS[function.__name__] = times
        return huey.periodic_task(times)(run)

    return register
