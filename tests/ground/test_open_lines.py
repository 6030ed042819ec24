"""Connections to SQLite that stay open between requests."""

import shutil
import threading

import pytest

from models import base
from settings import settings
from tests import make

pytestmark = pytest.mark.only_sqlite


@pytest.fixture
def lines(tmp_path):
    """A database of its own with one table of one row; its path."""
    ours = base.db.obj
    path = tmp_path / "own.db"
    made = base._OpenLines(str(path), max_connections=None, factory=base._Line, check_same_thread=False)
    base.db.initialize(made)
    made.execute_sql("CREATE TABLE t (v TEXT)")
    made.execute_sql("INSERT INTO t VALUES ('then')")
    yield path
    base.let_go()
    base.db.initialize(ours)


def read():
    return base.db.execute_sql("SELECT v FROM t").fetchall()


def test_the_next_request_takes_the_line_of_the_one_before_also_in_another_thread(lines):
    first = base.db.connection()
    base.db.close()
    met = []

    def ask():
        with base.db.connection_context():
            met.append((base.db.connection(), read()))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()

    assert met == [(first, [("then",)])]


def test_a_file_that_was_put_in_the_place_is_the_one_that_is_read(lines):
    base.let_go()
    shutil.copyfile(lines, lines.with_name("restored.db"))
    base.db.execute_sql("UPDATE t SET v = 'now'")
    base.db.close()
    lines.with_name("restored.db").rename(lines)
    for suffix in ("-wal", "-shm"):
        lines.with_name(lines.name + suffix).unlink(missing_ok=True)

    assert read() == [("then",)]


def test_what_was_left_open_in_a_transaction_is_undone_before_somebody_else_gets_the_line(lines):
    base.db.execute_sql("BEGIN IMMEDIATE")
    base.db.execute_sql("INSERT INTO t VALUES ('half')")
    base.db.close()

    assert read() == [("then",)]
    assert not base.db.connection().in_transaction


def test_letting_go_leaves_nothing_of_the_lines_behind():
    make.hospital("Ziekenhuis A")
    base.db.close()
    log = settings.data_dir / "portal.db-wal"
    assert log.exists()

    base.let_go()

    assert not log.exists()
