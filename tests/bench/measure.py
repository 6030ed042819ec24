"""Counting and timing, and a table of what came out."""

import math
import time
from contextlib import contextmanager

from models.accounts.session import LogIn
from models.base import db


@contextmanager
def counted():
    """The statements that reach the database during the block, in a list."""
    sent = []
    db.obj.query_hooks.append(sent.append)
    try:
        yield sent
    finally:
        db.obj.query_hooks.remove(sent.append)


@contextmanager
def timed(into):
    """Append the seconds that the block takes to `into`."""
    begun = time.perf_counter()
    yield
    into.append(time.perf_counter() - begun)


def percentile(values, part):
    """The value below which `part` (0 to 1) of `values` lies, by nearest rank."""
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)]


def summary(seconds):
    """The median and the 95th percentile, in milliseconds."""
    return tuple(f"{1000 * percentile(seconds, part):.1f}" for part in (0.5, 0.95))


def logged_in(app, user):
    """A client of `app` that is logged in as `user`."""
    client, key = app.test_client(), LogIn.start(user, "127.0.0.1", "bench")
    with client.session_transaction() as session:
        session.update({"_user_id": user.fs_uniquifier, "_fresh": True, "login": key})
    return client


def table(title, heads, rows):
    """Print rows of texts below each other."""
    columns = list(zip(heads, *rows, strict=True))
    widths = [max(len(str(cell)) for cell in column) for column in columns]
    print(f"\n{title}")
    for row in [heads, *rows]:
        first, *others = zip(row, widths, strict=True)
        print("  " + str(first[0]).ljust(first[1]) + "".join(str(cell).rjust(width + 3) for cell, width in others))
    print(flush=True)
