"""Filling tables of SQLite quickly: their indexes are made once at the end, and no disk is waited for."""

from collections.abc import Iterator
from contextlib import contextmanager

from models.base import Record, db, on_postgresql

CACHE = 400 << 10  # KiB of pages that stay in memory


@contextmanager
def indexes_afterwards(*models: type[Record]) -> Iterator[None]:
    """Within the block these tables have hardly an index; afterwards they have the same ones again.

    Where triggers look whether a row is there already, what is unique keeps its index.
    A row goes to a random place in each of its indexes: once they outgrow memory that costs many times the row itself.
    Nothing is done on PostgreSQL. For a new database only: when the machine stops meanwhile, it is worth nothing.
    """
    if on_postgresql():
        yield
        return
    tables = [model._meta.table_name for model in models]
    marks = ", ".join([db.param] * len(tables))
    free = "(sql NOT LIKE 'CREATE UNIQUE %' OR tbl_name NOT IN (SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'))"
    asked = f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks}) AND {free}"
    dropped = db.execute_sql(asked, tables).fetchall()
    was = {name: db.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "cache_size")}
    _set(synchronous=0, cache_size=-CACHE)
    try:
        with db.atomic():
            for name, _ in dropped:
                db.execute_sql(f'DROP INDEX "{name}"')
        try:
            yield
        finally:
            with db.atomic():
                for _, statement in dropped:
                    db.execute_sql(statement)
    finally:
        _set(**was)


def _set(**pragmas):
    for name, value in pragmas.items():
        db.execute_sql(f"PRAGMA {name} = {value}")
