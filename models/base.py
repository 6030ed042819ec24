"""The database, and what every record shares."""

import secrets
from functools import reduce
from operator import or_

from peewee import SQL, DatabaseProxy, Model, PeeweeException, PostgresqlDatabase, SqliteDatabase
from playhouse.db_url import connect as database_from_url

db = DatabaseProxy()

SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",  # an acknowledged answer survives a power cut; it costs 0.2 ms a commit
    "foreign_keys": 1,
    "busy_timeout": 10_000,
    "cache_size": -64_000,
    "trusted_schema": 0,
}


class Refused(Exception):
    """What was asked is not possible; the message is a Dutch sentence for the person who asked."""


def connect(url):
    """Bind `db` to the database at `url` (sqlite:/// or postgresql://) and return it."""
    if url.startswith("sqlite:"):
        # IMMEDIATE: a transaction that reads before it writes fails at once under load otherwise.
        database = SqliteDatabase(url.removeprefix("sqlite:///"), pragmas=SQLITE_PRAGMAS, lock_type="IMMEDIATE")
    else:
        pooled = url.replace("postgresql://", "postgresql+pool://", 1)
        database = database_from_url(pooled, max_connections=32, stale_timeout=300, unquote_user=True, unquote_password=True)
    db.initialize(database)
    return database


def reachable():
    """Whether the database answers."""
    try:
        db.connect(reuse_if_open=True)
        db.execute_sql("SELECT 1")
    except PeeweeException:
        return False
    return True


def on_postgresql():
    return isinstance(db.obj, PostgresqlDatabase)


def new_key():
    """An address that nobody can guess: 128 random bits, safe in a URL."""
    return secrets.token_urlsafe(16)


NOBODY = SQL("1 = 0")
EVERYBODY = SQL("1 = 1")


class Record(Model):
    """A row. The four questions below say who may reach it; `access.visible` is the only one who asks them.

    A model that belongs to hospitals must answer `owned_by`; for the others the answer is nobody until it says more.
    """

    @classmethod
    def owned_by(cls, hospital, processes):
        """Which rows are of this hospital, within these processes, as an expression."""
        raise LookupError(f"{cls.__name__} does not say which rows belong to a hospital.")

    @classmethod
    def of_process(cls, processes):
        """Which rows the national coordinator of these processes works with."""
        return NOBODY

    @classmethod
    def approved_in(cls, processes):
        """Which rows the committees of these processes read."""
        return NOBODY

    @classmethod
    def for_management(cls):
        """Which rows the application's administrator works with."""
        return NOBODY

    class Meta:
        database = db
        legacy_table_names = False
        only_save_dirty = True


def any_of(clauses):
    """One expression that holds where one of `clauses` holds; nobody when there are none.

    Clauses that say nothing are left out: a database does not use its indexes behind a needless OR.
    """
    if any(clause is EVERYBODY for clause in clauses):
        return EVERYBODY
    telling = [clause for clause in clauses if clause is not NOBODY]
    return reduce(or_, telling) if telling else NOBODY
