"""The database, and what every record shares."""

import os
import secrets
import sqlite3
from collections.abc import Collection, Sequence
from functools import reduce
from operator import or_
from typing import Any

from peewee import (
    OP,
    SQL,
    Case,
    DatabaseProxy,
    Expression,
    Field,
    Model,
    Node,
    NodeList,
    PeeweeException,
    PostgresqlDatabase,
    SelectBase,
    SqliteDatabase,
    fn,
)
from playhouse.db_url import connect as database_from_url
from playhouse.pool import PooledSqliteDatabase

from models import outgoing

db = DatabaseProxy()
SECONDS = 10  # that PostgreSQL may take to answer; by default a machine that swallows everything is waited for two minutes

SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",  # an acknowledged answer survives a power cut; it costs 0.2 ms a commit
    "foreign_keys": 1,
    "busy_timeout": 10_000,
    "cache_size": -16_000,  # 16 MB at most, of each of the lines that stay open
    "trusted_schema": 0,
}


_is_list_empty = Expression._is_rhs_empty


def _is_nothing_in(self, rhs, ctx):
    """Whether the list behind an IN is empty, and the whole is then false.

    For a subquery Peewee 4.5 writes its SQL to find out, and then once more: what lies four deep is written sixteen times. Now
    once: the committee's list takes 108 ms of processor where it took 200, the coordinator's 24 where it took 28.
    """
    return False if isinstance(rhs, SelectBase) else _is_list_empty(self, rhs, ctx)


Expression._is_rhs_empty = _is_nothing_in


class Refused(Exception):
    """What was asked is not possible; the message is a Dutch sentence for the person who asked."""


class _Line(sqlite3.Connection):
    """A connection that knows which file it was made to."""

    file: tuple[int, int] | None = None


class _OpenLines(PooledSqliteDatabase):
    """Connections that stay open between requests: a new one has SQLite read the whole schema, 4 ms of the 25 of a page.

    A restore puts another file in the place of an empty one; what is open to the old one is then not used again.
    """

    def _file(self):
        try:
            found = os.stat(self.database)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _connect(self):
        line = super()._connect()
        line.file = line.file or self._file()
        return line

    def _is_closed(self, line):
        return line.file != self._file() or super()._is_closed(line)


def connect(url: str) -> SqliteDatabase:
    """Bind `db` to the database at `url` (sqlite:/// or postgresql://) and return it; what was bound before is closed."""
    if db.obj is not None:
        let_go()
    if url.startswith("sqlite:"):
        # IMMEDIATE: a transaction that reads before it writes fails at once under load otherwise.
        # A line serves one thread at a time, and then another.
        options = {"pragmas": SQLITE_PRAGMAS, "lock_type": "IMMEDIATE", "factory": _Line, "check_same_thread": False}
        database = _OpenLines(url.removeprefix("sqlite:///"), max_connections=None, **options)
    else:
        pooled = outgoing.database_url(url).replace("postgresql://", "postgresql+pool://", 1)
        options = {"max_connections": 32, "stale_timeout": 300, "connect_timeout": SECONDS}
        database = database_from_url(pooled, unquote_user=True, unquote_password=True, **options)
    db.initialize(database)
    return database


def let_go() -> None:
    """Close this thread's line and those that wait for the next request: before a fork, and before the file is another."""
    db.close()
    db.close_idle()


def reachable() -> bool:
    """Whether the database answers."""
    try:
        db.connect(reuse_if_open=True)
        db.execute_sql("SELECT 1")
    except PeeweeException:
        return False
    return True


def on_postgresql() -> bool:
    return isinstance(db.obj, PostgresqlDatabase)


def broken_off(problem: PeeweeException) -> bool:
    """Whether PostgreSQL undid the transaction because it and another waited for each other: then it can begin anew."""
    return getattr(getattr(problem, "orig", None), "sqlstate", None) == "40P01"  # deadlock_detected


def new_key() -> str:
    """An address that nobody can guess: 128 random bits, safe in a URL."""
    return secrets.token_urlsafe(16)


def losable() -> Node:
    """A condition that always holds. The write that carries it, and nothing else in its transaction, waits for no disk.

    For what nobody would miss after a power cut, such as a count of this minute. On SQLite the write waits as any other.
    """
    return fn.set_config("synchronous_commit", "off", True) == "off" if on_postgresql() else EVERYBODY


NOBODY = SQL("1 = 0")
EVERYBODY = SQL("1 = 1")


class Record(Model):
    """A row. The questions below say who may reach it; `access.visible` is the only one who asks them.

    A model that belongs to hospitals must answer `owned_by`; for the others the answer is nobody until it says more.
    """

    @classmethod
    def owned_by(cls, hospital: "Record", processes: Collection[str]) -> None:
        """Which rows are of this hospital, within these processes, as an expression."""
        raise LookupError(f"{cls.__name__} does not say which rows belong to a hospital.")

    @classmethod
    def entrusted_to(cls, user: "Record", processes: Collection[str]) -> Node:
        """Which rows of these processes this person sees where the hospital keeps them from the other colleagues.

        Nobody until a model says more: one that forgets hides its rows, and does not show them to the whole hospital.
        """
        return NOBODY

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        """Which rows the national coordinator of these processes works with."""
        return NOBODY

    @classmethod
    def studied_by(cls, user: "Record", processes: Collection[str]) -> Any:
        """Which rows `user` reads as a member of the committees of these processes."""
        return NOBODY

    @classmethod
    def for_management(cls) -> Node:
        """Which rows the application's administrator works with."""
        return NOBODY

    @classmethod
    def delivered_by(cls, hospital: "Record") -> Node:
        """Which rows the LNR contact of this hospital works with."""
        return NOBODY

    @classmethod
    def of_lnr(cls) -> Node:
        """Which rows the national management of the LNR works with."""
        return NOBODY

    class Meta:
        database = db
        legacy_table_names = False
        only_save_dirty = True


class PartOf:
    """What is part of another record, such as a file of its case: who reaches the whole reaches the part.

    `whole` names the foreign key that leads there. Only `studied_by` is not passed on: a committee reads no part of a
    case by itself, a model has to say so.
    """

    whole = "case"

    @classmethod
    def within(cls, question: str, *asked: Collection[Any] | Record | int) -> Node:
        """Where `question` (such as "owned_by") holds for the whole, as an expression."""
        key = getattr(cls, cls.whole)
        return through(key, getattr(key.rel_model, question)(*asked))

    @classmethod
    def owned_by(cls, hospital: int, processes: Collection[str]) -> Node:
        return cls.within("owned_by", hospital, processes)

    @classmethod
    def entrusted_to(cls, user: Record, processes: Collection[str]) -> Node:
        return cls.within("entrusted_to", user, processes)

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return cls.within("of_process", processes)


def any_of(clauses: Sequence[Node]) -> Node:
    """One expression that holds where one of `clauses` holds; nobody when there are none.

    Clauses that say nothing are left out: a database does not use its indexes behind a needless OR.
    """
    if any(clause is EVERYBODY for clause in clauses):
        return EVERYBODY
    telling = [clause for clause in clauses if clause is not NOBODY]
    return reduce(or_, telling) if telling else NOBODY


def count_of(condition: Node) -> Node:
    """A column with how many rows of a query `condition` holds for."""
    return fn.COALESCE(fn.SUM(Case(None, [(condition, 1)], 0)), 0)


def through(key: Field, *clauses: Node) -> Node:
    """Rows whose foreign key `key` leads to a row for which `clauses` hold.

    Asked row by row: a list of all such keys would be gathered first, for a single file as well as for a page.
    """
    model = key.rel_model
    return fn.EXISTS(model.select(SQL("1")).where(model._meta.primary_key == key, *clauses))


def in_passing(clause: Any) -> Node:
    """The same condition, tested on the way along an index that gives the order, instead of by gathering and sorting.

    Right where so many rows meet it that the first page is soon found; the databases cannot know that of a sub-query.
    """
    if not isinstance(clause, Expression):
        return clause
    if clause.op in (OP.AND, OP.OR):
        return Expression(in_passing(clause.lhs), clause.op, in_passing(clause.rhs))
    by_list = clause.op == OP.IN and isinstance(clause.rhs, SelectBase)
    return Expression(NodeList((SQL("+"), clause.lhs)), OP.IN, clause.rhs) if by_list else clause
