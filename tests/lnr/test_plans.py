"""No statement that a message causes reads a whole table that grows, on a database that was never analysed."""

import gc
import re
from datetime import datetime

import pytest

from models.base import db, on_postgresql
from models.database.prepared_statements import Prepared, _Gap
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry.stay import Stay
from tests.lnr.messages import CHILD_BSN, OWN, hospital, message, supplier

NOW = datetime(2026, 6, 1, 12)
GROWING = {"lnr_stay", "lnr_message", "lnr_content", "lnr_flaw", "lnr_fact", "lnr_entry", "event"}
SCANNED = re.compile(r"Seq Scan on (\w+)")
PLAIN = {"test", "state"}  # columns of few values: an index by these alone is the whole table
MANY = 4000


NAMES = "test, key, set_root, set_id, version, state, child, own_number, year, errors, warnings, first_at, last_at"
TOLD = "false, 'k' || n, '', 's' || n, 1, 'ontvangen', 'kind' || n, 'eigen' || n, 2026, 0, 0, now(), now()"
FILL = f"INSERT INTO lnr_stay (hospital_id, {NAMES}) SELECT %s, {TOLD} FROM generate_series(1, {MANY}) n"
HOLES = {
    "test": False,
    "weight": 1,
    "hospital": 1,
    "of": 1,
    "key": 1,
    "id": 1,
    "stay": 1,
    "now": NOW,
    "minute": NOW,
    "last": NOW,
    "at": NOW,
}


@pytest.fixture
def filled():
    """A registry with many stays, so that PostgreSQL has something to choose for; SQLite goes by the indexes alone."""
    place = hospital()
    if on_postgresql():
        db.execute_sql(FILL, (place.id,))
    return place


def _scanned(sql, parameters):
    """On PostgreSQL: `lnr_stay` as it is filled; of a table that is empty here only what no index can answer is scanned."""
    for asked, tables in (("on", {"lnr_stay"}), ("off", GROWING)):
        db.execute_sql(f"SET enable_seqscan = {asked}")
        for (line,) in db.execute_sql(f"EXPLAIN {sql}", parameters).fetchall():
            if (table := SCANNED.search(line)) and table[1] in tables:
                yield line.strip()
    db.execute_sql("SET enable_seqscan = on")


def plan(sql, parameters):
    """The lines of the plan of a statement that read a table that grows from end to end."""
    if "WHERE" not in sql and "LIMIT" in sql:
        return  # the newest row
    if '"lnr_closed_year"' in sql:
        return  # a row a year
    if on_postgresql():
        yield from _scanned(sql, parameters)
        return
    for row in db.execute_sql("EXPLAIN QUERY PLAN " + sql, parameters).fetchall():
        line = row[3].strip()
        columns = {re.split("[=<>]", part)[0] for part in line.partition("(")[2].rstrip(")").split(" AND ")}
        if line.startswith("SCAN t") or (line.startswith("SEARCH t") and columns <= PLAIN):
            yield line


def test_no_prepared_statement_reads_a_whole_table(filled):
    for table, column in (("lnr_stay", "version"), ("lnr_message", "size")):  # what has no index is seen
        assert list(plan(f'SELECT t1.id FROM "{table}" AS "t1" WHERE t1.{column} = 7', ()))
    found = {}
    for one in (thing for thing in gc.get_objects() if isinstance(thing, Prepared)):
        sql, parts = db.get_sql_context().sql(one.build()).query()
        parameters = [part.filled({part.name: HOLES.get(part.name, "x")}) if isinstance(part, _Gap) else part for part in parts]
        if sql.startswith("SELECT") and any(f'"{name}"' in sql for name in GROWING) and (bad := list(plan(sql, parameters))):
            found[sql] = bad
    assert found == {}


def test_no_statement_of_a_delivery_reads_a_whole_table(filled, monkeypatch):
    maker, said, real = supplier(), [], db.obj.execute_sql

    def watched(sql, params=None, *rest, **more):
        said.append((sql, params))
        return real(sql, params, *rest, **more)

    monkeypatch.setattr(db.obj, "execute_sql", watched)
    child = (CHILD_BSN, (OWN, "4711"))
    for raw in (
        message(id="een", child=child), message(id="een", child=child),
        message(version=2, action="vervanging", child=child, admitted="2026-02-01T09:00:00"),
        message(version=3, action="vervanging", child=child),
        message(set_id="twee", child=child, admitted="2026-04-05T10:00:00", discharged="2026-04-07", intensive=False),
        message(version=4, action="intrekking", child=child), b"<",
    ):  # fmt: skip
        deliver(Delivery(filled, maker), raw, NOW)
    monkeypatch.undo()
    asked = {sql: params for sql, params in said if sql.split()[0] in ("SELECT", "UPDATE", "DELETE")}
    assert len(asked) > 10 and any("lnr_stay" in sql for sql in asked)
    assert {sql: bad for sql, params in asked.items() if (bad := list(plan(sql, params)))} == {}


def test_a_child_is_found_by_either_number(filled):
    deliver(Delivery(filled, supplier()), message(child=(CHILD_BSN, (OWN, "4711"))), NOW)
    stay = Stay.get(Stay.set_id == "opname-1")
    for names in ({"child": stay.child}, {"own_number": stay.own_number}, stay.names):
        assert Stay.of_child(False, names) == [stay]
    assert Stay.of_child(True, stay.names) == Stay.of_child(False, {}) == []
