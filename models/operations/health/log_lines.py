"""Logging: one set-up for web, worker and commands. A line of JSON each on the error stream, which the journal keeps.

Never contents: of an error that may quote what somebody typed only its kind and its place are told, and of a request its route,
not its address. `request` is the number that stands in the answer (`X-Request-ID`), on the error page, at the
proxy, and in the lines of the trail that the request wrote.
"""

import json
import logging
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import peewee

from models.audit.audit_event import request_id
from settings import settings

requests = logging.getLogger("portal.request")  # one line a request
OUTAGES = (peewee.OperationalError, peewee.InterfaceError)
TELLING = (OSError, MemoryError, *OUTAGES)  # their messages speak of the machine, not of what somebody typed
EVERY = 60  # seconds between lines about the same outage
DEEPEST = 15  # places of a traceback


class JsonLines(logging.Formatter):
    """at (UTC), level, from, says; request, error and other facts where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "from": record.name, "says": record.getMessage()}
        if number := request_id.get():
            line["request"] = number
        line |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[1]:
            line |= _told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _told(problem):
    kind = type(problem)
    told = {"error": kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"}
    if isinstance(problem, TELLING) or settings.demo:
        told["because"] = (str(problem).splitlines() or [""])[0]
    places = traceback.extract_tb(problem.__traceback__)[-DEEPEST:]
    return told | {"at_code": [f"{place.filename}:{place.lineno} {place.name}" for place in places]}


class OncePerMinute(logging.Filter):
    """Of an outage of the database each minute's first line, with how many came since the one before; everything else."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.clock, self.seen = clock, {}

    def filter(self, record: logging.LogRecord) -> bool:
        problem = record.exc_info[1] if record.exc_info else None
        if not isinstance(problem, OUTAGES):
            return True
        key, now = (record.name, type(problem)), self.clock()
        since, held = self.seen.get(key, (None, 0))
        if since is not None and now - since < EVERY:
            self.seen[key] = (since, held + 1)
            return False
        self.seen[key] = (now, 0)
        if held:
            record.facts = {"held_back": held}
        return True


class _ErrorStream(logging.StreamHandler):
    """What is the error stream at that moment: a test or a library may have put another in its place."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def begin() -> None:
    """From now on this process logs so, its libraries too. Again changes nothing."""
    root = logging.getLogger()
    if not any(isinstance(handler, _ErrorStream) for handler in root.handlers):
        handler = _ErrorStream()
        handler.setFormatter(JsonLines())
        handler.addFilter(OncePerMinute())
        root.addHandler(handler)
    # Who looks at a demonstration sees its page, not the log.
    requests.setLevel(logging.WARNING if settings.demo else logging.INFO)
    for name in ("gunicorn.error", "huey"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
