"""No statement of a page or a clock reads a table that grows from end to end, on a database that was never analysed.

SQLite then goes by the indexes alone, so what it answers for three rows holds for a million. tests/lnr/test_plans.py asks the
same of what a message sends, on PostgreSQL as well.
"""

import importlib
import pkgutil
import re

import peewee
import pytest

import tasks
from models import clock
from models.base import db
from settings import settings
from tests import rights
from tests.test_rights import _routes, visit  # noqa: F401

pytestmark = pytest.mark.only_sqlite
# Tables of which the rows come with every case, mail, log-in, change or message.
GROWING = {
    "answer", "asked_answer", "case", "document", "event", "form", "inquiry", "lnr_content", "lnr_count_cell", "lnr_entry",
    "lnr_fact", "lnr_flaw", "lnr_message", "lnr_stay", "mail", "month_answer", "remark", "session", "trace",
}  # fmt: skip
# Columns of few values: by these alone an index is a good part of the table.
PLAIN = {
    "action", "active", "generated", "kind", "month", "name", "outcome", "process", "removed_at", "resolved_at", "severity",
    "state", "status", "superseded", "test", "version", "year",
}  # fmt: skip
# (where it was sent, table) -> why it may read so much.
ALLOWED = {
    ("agenda.index", "case"): "every approved case, to find those that no meeting treated yet",
    ("committee.index_view", "case"): "the committee's own list is every case that was approved",
    ("lnr_all_flaws.index_view", "lnr_flaw"): "what was solved since a day, which the index gives",
    ("lnr_benchmark.file", "lnr_count_cell"): "the same, as a file",
    ("lnr_benchmark.index", "lnr_count_cell"): "the cells of one year, which is what the page is",
    ("lnr_completeness.index", "lnr_count_cell"): "the cells of one hospital and year: what closing it would fix",
    ("lnr_overview.index", "lnr_count_cell"): "the cells of one year: what closing it would fix",
    ("lnr_overview.index", "lnr_stay"): "counts every stay of one year, which is what the page is",
    ("annual_report.report", "mail"): "who was asked in the year that is told",
    ("annual_report.report", "month_answer"): "who answered in the year that is told",
    ("annual_report.file", "mail"): "who was asked in the year that is told",
    ("annual_report.file", "month_answer"): "who answered in the year that is told",
    ("second_source.index", "mail"): "who was asked in the year that is compared",
    ("radar.index", "mail"): "who was asked in the last two years, which is what the page is",
    ("months.export", "mail"): "the same months as on the page",
    ("months.export", "month_answer"): "the same months as on the page",
    ("months.index", "mail"): "who was asked in the months that are shown",
    ("months.index", "month_answer"): "who answered in the months that are shown",
    ("months.silent", "month_answer"): "who answered in that month",
    ("outbox.index_view", "mail"): "how many mails failed or are uncertain, which are few",
    ("installation_status.index_view", "mail"): "the same",
    ("tell_the_watchdog", "mail"): "the same, when there is a watchdog",
    ("version.index", "form"): "the same",
    ("send_waiting_mail", "mail"): "mails that are on their way, which are few",
    ("remind_reporters", "mail"): "mails that wait for the daily mail, which are those of a day",
    ("user_trail.index_view", "event"): "what was done to accounts, a page of it: some hundreds of lines a year",
    ("user_trail.export", "event"): "the same, as a file",
    ("questionnaires.index_view", "form"): "how often each version was filled in; only for maternal death",
    ("review.index", "mail"): "who was asked in the last month",
    ("cases.index_view", "mail"): "the months in which this hospital was asked",
    ("followed.hospital", "mail"): "the same, for its coordinator",
    ("tidy_documents", "document"): "holds the table against the folder each night",
    ("tidy_documents", "case"): "holds the counted files against the table each night",
    ("attach_complete_questionnaires", "form"): "a partial index: only what is due is in it",
}


@pytest.fixture
def sent(monkeypatch):
    """sent(where): from now on statements are of `where`; sent.all: {(where, statement): parameters} of every one so far."""
    send = peewee.Database.execute_sql

    def note(database, sql, params=None):
        begin.all.setdefault((begin.where, sql), params)
        return send(database, sql, params)

    def begin(where):
        begin.where = where

    begin.all, begin.where = {}, ""
    monkeypatch.setattr(peewee.Database, "execute_sql", note)
    return begin


def pages(world, visit, sent):  # noqa: F811
    """Ask every page that the matrix lets somebody see."""
    matrix = rights.matrix()
    for rule, method in _routes(lambda method: method == "GET"):
        sent(rule.endpoint)
        for row, path in rights.addresses(rule, world).items():
            for name, wanted in zip(rights.ROLES, matrix[rule.endpoint, method, row], strict=True):
                if wanted == "ja":
                    visit(world.person(name, row), "GET", path, None).close()


def clocks():
    """{name: the work of one clock}, without the queue around it."""
    modules = [importlib.import_module(f"tasks.{one.name}") for one in pkgutil.iter_modules(tasks.__path__)]
    wrapped = {name: thing for module in modules for name, thing in vars(module).items() if hasattr(thing, "call_local")}
    # What is woken beside its clock does the same work as the clock.
    return {name: thing.func.__wrapped__ for name, thing in wrapped.items() if hasattr(thing.func, "__wrapped__")}


def whole(sql, params):
    """The tables that grow and are read from end to end by a statement, or by no more than columns of few values.

    A page of rows in the order of an index stops when it is full; so does a count with a limit.
    """
    names = {alias: table for table, alias in re.findall(r'"(\w+)" AS "(\w+)"', sql)}
    plan = [row[3] for row in db.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()]
    stops = "LIMIT" in sql and not any("TEMP B-TREE FOR ORDER BY" in line or "FOR GROUP BY" in line for line in plan)
    for line in plan:
        found = re.match(r"(SCAN|SEARCH) (\w+)(?: .*?\((.*)\))?", line)
        table = found and names.get(found[2], found[2])
        if table not in GROWING or (stops and re.search(r"LIMIT \?(?: OFFSET \?)?\)?", sql)) or "0 = 1" in sql:
            continue
        columns = {re.split("[=<>]", part)[0] for part in (found[3] or "").split(" AND ")} - {""}
        if found[1] == "SCAN" or columns <= PLAIN:
            yield table, line


def faults(sent):
    """{(where, table): (lines of the plan, statement)} of everything that was sent."""
    found = {}
    for (where, sql), params in list(sent.all.items()):
        if re.match(r"SELECT|UPDATE|DELETE|WITH", sql):
            for table, line in whole(sql, params):
                found[where, table] = (line, sql)
    return found


def told(sent):
    """What is not allowed, a line each."""
    return [
        f"{where}: {table}: {line} {sql}"
        for (where, table), (line, sql) in faults(sent).items()
        if (where, table) not in ALLOWED
    ]


def test_no_page_reads_a_whole_table(world, visit, sent):  # noqa: F811
    pages(world, visit, sent)
    assert not (wrong := told(sent)), "\n".join(wrong)


@pytest.fixture
def folder():
    """What clocks leave in the folder of the data is gone afterwards."""
    before = set(settings.data_dir.rglob("*"))
    yield
    for path in set(settings.data_dir.rglob("*")) - before:
        if path.is_file():
            path.unlink()


def test_no_clock_reads_a_whole_table(world, sent, folder, monkeypatch):
    noon = max(clock.now(), clock.start_of(clock.today(), 12))  # before the hour of sending some clocks do nothing
    monkeypatch.setattr(clock, "now", lambda: noon)
    work = clocks()
    assert len(work) > 15
    for name, act in work.items():
        sent(name)
        act()
    assert not (wrong := told(sent)), "\n".join(wrong)


@pytest.mark.parametrize(
    ("sql", "params", "found"),
    [
        ('SELECT "t1"."id" FROM "event" AS "t1" WHERE "t1"."detail" = ?', ("x",), ["event"]),
        ('SELECT COUNT(*) FROM "case" AS "t1" WHERE "t1"."process" IN (?)', ("nethoss",), ["case"]),
        ('SELECT "t1"."id" FROM "case" AS "t1" WHERE "t1"."key" = ?', ("x",), []),
        ('SELECT "t1"."id" FROM "event" AS "t1" ORDER BY "t1"."id" DESC LIMIT ?', (1,), []),
        ('SELECT "t1"."id" FROM "event" AS "t1" ORDER BY "t1"."detail" LIMIT ?', (1,), ["event"]),
        ('SELECT "t1"."name" FROM "hospital" AS "t1"', (), []),
    ],
)
def test_such_a_statement_is_found(sql, params, found):
    assert [table for table, _ in whole(sql, params)] == found
