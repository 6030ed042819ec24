"""Upgrading without standing still: the program of before goes on over the schema of now, beside the new one."""

import ast
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playhouse.migrations import Runner

from models import base, clock
from models.base import db, on_postgresql
from models.cases.status import Status
from models.monthly.monthly_request import MonthlyCall
from models.operations import schema
from settings import settings
from tests import make
from tests.operations.test_schema import OFF_AND_ON, _checks

pytestmark = pytest.mark.db_dialect

FIRST = "0078"  # every step from this one on only adds
*_, BEFORE = sorted(path.stem for path in schema.STEPS.glob("0*.py") if path.stem < FIRST)
STEPS = sorted(path.stem for path in schema.STEPS.glob("0*.py") if path.stem >= FIRST)
# Anything else takes away, or changes, what the program of before reads and writes. That takes two versions: the first stops
# using it, the second takes it away.
ALLOWED = {"migrate", "add_column", "add_index"}
UPDATED = ("case", "user", "document", "mail")


@pytest.mark.parametrize("step", STEPS)
def test_a_step_asks_the_migrator_for_additions_only(step):
    tree = ast.parse((schema.STEPS / f"{step}.py").read_text())
    (up,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "up"]
    calls = [node.func for node in ast.walk(up) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    asked = {call.attr for call in calls if isinstance(call.value, ast.Name) and call.value.id == "migrator"}
    assert asked <= ALLOWED and "drop_tables" not in {call.attr for call in calls}


def test_each_step_leaves_what_was_there_as_it_was(tmp_path):
    with _empty_database(tmp_path) as steps:
        steps.up(BEFORE)
        before = _described()
        for step in STEPS:
            steps.up(step)
            after = _described()
            for table, (columns, unique, checks, triggers) in before.items():
                now, now_unique, now_checks, now_triggers = after[table]
                assert columns.items() <= now.items(), f"{step} changes a column of {table}"
                added = now.keys() - columns.keys()
                assert all(now[name][1] for name in added), f"{step}: the program of before fills no {added} of {table}"
                narrower = [names for names in now_unique - unique if set(names) <= columns.keys()]
                # More columns than those of which there was one each refuse nothing more.
                narrower = [names for names in narrower if not any(set(one) <= set(names) for one in unique)]
                assert not narrower, f"{step} refuses rows of {table} that may be there twice"
                told = [check for check in now_checks - checks if not any(name in check for name in added)]
                assert not told, f"{step} refuses rows of {table} that were right before: {told}"
                # No program ever empties a table with TRUNCATE, so that one may be refused.
                watched = {name for name in now_triggers - triggers if not name.endswith("_refuses_truncate")}
                assert triggers <= now_triggers and not watched, f"{step} watches {table} in another way"
            before = after


def test_what_the_program_of_before_writes_the_schema_of_now_takes(tmp_path):
    """Its statements name the columns that it knows, with the values of a real story."""
    make.case(status=Status.GOEDGEKEURD, patient_number="4711")
    make.document(make.case())
    make.user(email="later@example.com")
    MonthlyCall.open_all(clock.previous_month(clock.today()))
    here = set(db.get_tables())
    with _empty_database(tmp_path) as steps:
        steps.up(BEFORE)
        known = {table: list(columns) for table, (columns, *_) in _described().items() if table in here}
    told = {table: db.execute_sql(f'SELECT {_named(names)} FROM "{table}"').fetchall() for table, names in known.items()}
    filled = {table for table, rows in told.items() if rows}
    assert filled >= {*UPDATED, "event", "hospital"}

    with _empty_database(tmp_path) as steps:
        steps.up()
        off, on = OFF_AND_ON[on_postgresql()]
        db.execute_sql(off)  # for the order of the tables is none of these tests
        for table in filled:
            names = known[table]
            db.execute_sql(f'DELETE FROM "{table}"')  # what a step put there
            put = f'INSERT INTO "{table}" ({_named(names)}) VALUES ({", ".join([db.param] * len(names))})'
            for row in told[table]:
                db.execute_sql(put, row)
                if table in UPDATED:
                    changed = ", ".join(f'"{name}" = {db.param}' for name in names)
                    db.execute_sql(f'UPDATE "{table}" SET {changed} WHERE id = {db.param}', (*row, row[names.index("id")]))
            assert len(db.execute_sql(f'SELECT {_named(names)} FROM "{table}"').fetchall()) == len(told[table])
        db.execute_sql(on)


@contextmanager
def _empty_database(folder):
    """A database without any table, for as long as the block lasts: the Runner of its steps."""
    url = f"sqlite:///{folder / 'older.db'}"
    if on_postgresql():
        db.execute_sql("CREATE DATABASE older")
        url = urlsplit(settings.database_url)._replace(path="/older").geturl()
    base.connect(url)
    try:
        yield Runner(db.obj, str(schema.STEPS))
    finally:
        db.close()
        base.connect(settings.database_url)
        if on_postgresql():
            db.execute_sql("DROP DATABASE older WITH (FORCE)")
        for file in folder.glob("older.db*"):
            file.unlink()


def _described():
    """{table: ({column: (kind, whether it may be left out)}, the columns of each unique index, its checks, its triggers)}."""
    return {table: (_columns(table), _unique(table), _checks(table), _triggers(table)) for table in db.get_tables()}


def _columns(table):
    return {one.name: (one.data_type, one.null or one.default is not None) for one in db.get_columns(table)}


def _unique(table):
    return {tuple(index.columns) for index in db.get_indexes(table) if index.unique}


def _triggers(table):
    if on_postgresql():
        query = "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND NOT tgisinternal"
        return {name for (name,) in db.execute_sql(query, (f'"{table}"',)).fetchall()}
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
    return set(db.execute_sql(query, (table,)).fetchall())


def _named(names):
    return ", ".join(f'"{name}"' for name in names)
