"""A copy of the database in memory, on which one thread tries something out while others write to the database itself."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from pathlib import Path

from models.base import db, on_postgresql

LARGEST = 256 << 20  # bytes; copied in a tenth of a second, without a lock that a writer waits for
# Whether what this thread writes now is forgotten: then nothing has to wait for it, such as the next line of the trail.
forgotten: ContextVar[bool] = ContextVar("forgotten", default=False)


@contextmanager
def in_memory() -> Iterator[None]:
    """Within the block this thread reads and writes a copy, which is forgotten at its end.

    Only of a SQLite database up to LARGEST: there a transaction holds up everybody who writes. Of any other, and within a
    transaction, the database itself is read and written.
    """
    if on_postgresql() or db.in_transaction() or Path(db.obj.database).stat().st_size > LARGEST:
        yield
        return
    ours, state = db.connection(), db.obj._state
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
        ours.backup(copy)
        db.obj._add_conn_hooks(copy)
        state.set_connection(copy)
        try:
            yield
        finally:
            state.set_connection(ours)
