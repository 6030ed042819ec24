"""Which tests are asked again on PostgreSQL, chosen from the statements that every test sends.

`--statements FILE` writes down, in a whole run on SQLite, what each test sent; `--differing FILE` reads it and leaves out,
in the run on PostgreSQL, every test that could meet nothing new there. These are kept:

- what is marked `db_dialect`: where the difference lies in values, files or processes, which a statement does not show;
- a test in which a statement failed, for a failure ends the whole transaction of PostgreSQL, and where more threads than
  one sent some, for the databases wait for each other in other ways;
- and of the others as few as send every statement once that no test of the first kinds sends: so every order, join, lock,
  conflict and search that the tests reach is answered by both databases, a new one in the same run too. A statement with
  a value that PostgreSQL takes in another way (a NUL, a number of more than 32 bits, a long text) is one of its own.
"""

import json
import re
import threading
import time
from pathlib import Path

import peewee
import pytest

# As many values as one likes are one statement.
LISTS = re.compile(r"\?(?:, \?)+")
SAVEPOINT = re.compile(r'SAVEPOINT "\w+"')
MORE_LISTS = re.compile(r"\(\?\)(?:, \(\?\))+")


def pytest_addoption(parser):
    parser.addoption("--statements", type=Path, help="write down what each test sends to the database")
    parser.addoption("--differing", type=Path, help="leave out what that file shows to differ in nothing")


def pytest_configure(config):
    config.addinivalue_line("markers", "db_dialect: asked on PostgreSQL too, whatever its statements")
    if config.getoption("--statements"):
        config.pluginmanager.register(Recorder(config), "statements")


def pytest_collection_modifyitems(config, items):
    if not (notes := config.getoption("--differing")):
        return
    chosen = choose(json.loads(notes.read_text()))
    wanted = [item for item in items if item.get_closest_marker("db_dialect") or item.nodeid in chosen]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(wanted)])
    items[:] = wanted


def choose(tests):
    """The names of `tests` ({name: {seconds, sent, marked, failed, threads}}) that are asked on PostgreSQL as well."""
    always = {name for name, test in tests.items() if test["marked"] or test["failed"] or test["threads"] > 1}
    met = {statement for name in always for statement in tests[name]["sent"]}
    # The rarest statement first, and the test that sends most of what is still unmet for its time: no best answer, a near one.
    senders = {}
    for name, test in tests.items():
        for statement in test["sent"]:
            senders.setdefault(statement, []).append(name)
    for statement in sorted(senders.keys() - met, key=lambda one: (len(senders[one]), one)):
        if statement not in met:
            best = max(
                senders[statement],
                key=lambda name: (len(set(tests[name]["sent"]) - met) / (tests[name]["seconds"] + 0.1), name),
            )
            always.add(best)
            met.update(tests[best]["sent"])
    return always


def _worth(test, met):
    """How many statements that nobody sent yet a second of this test sends; every test costs a tenth of one besides."""
    return len(set(test["sent"]) - met) / (test["seconds"] + 0.1)


def _oddness(values):
    """What is odd in the values of a statement, as a remark; nothing where nothing is."""
    odd = {kind for value in values or () if (kind := _odd(value))}
    return "".join(f" -- {kind}" for kind in sorted(odd))


def _odd(value):
    if isinstance(value, str):
        return "NUL" if "\x00" in value else "long" if len(value) > 255 else None
    return "big" if isinstance(value, int) and abs(value) >= 1 << 31 else None


def shape(sql):
    """A statement without what differs from one time to the next."""
    return SAVEPOINT.sub("SAVEPOINT", MORE_LISTS.sub("(?)", LISTS.sub("?", sql)))


class Recorder:
    """Notes for every test what it sends; the notes of several workers come together in the end."""

    def __init__(self, config):
        self.config, self.tests, self.seen = config, {}, None
        self.send = peewee.Database.execute_sql
        peewee.Database.execute_sql = lambda database, sql, params=None: self._sent(database, sql, params)

    def stop(self):
        peewee.Database.execute_sql = self.send

    def begin(self):
        self.seen, self.began = {"sent": set(), "threads": set(), "failed": False}, time.process_time()

    def end(self):
        """What was sent since `begin`, as `choose` reads it."""
        seen, self.seen = self.seen, None
        return {
            "seconds": round(time.process_time() - self.began, 3),
            "sent": sorted({shape(sql) + odd for sql, odd in seen["sent"]}),
            "failed": seen["failed"],
            "threads": len(seen["threads"]),
        }

    def _sent(self, database, sql, params):
        if (seen := self.seen) is not None:
            seen["sent"].add((sql, _oddness(params)))
            seen["threads"].add(threading.get_ident())
        try:
            return self.send(database, sql, params)
        except Exception:
            if seen is not None:
                seen["failed"] = True
            raise

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        self.begin()
        try:
            return (yield)
        finally:
            self.tests[item.nodeid] = self.end() | {"marked": item.get_closest_marker("db_dialect") is not None}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        self.tests.update(getattr(node, "workeroutput", {}).get("statements", {}))

    def pytest_sessionfinish(self):
        self.stop()
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput["statements"] = self.tests
        else:
            notes = self.config.getoption("--statements")
            notes.parent.mkdir(parents=True, exist_ok=True)
            notes.write_text(json.dumps(self.tests))
