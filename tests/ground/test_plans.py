"""No statement of a page or a clock reads a table that grows from end to end, on a database that was never analysed.

Nor what people and machines send most; tests/lnr/test_plans.py asks the same of each statement of a message.
"""

import importlib
import pkgutil

import pytest

import tasks
from models import MODELS, clock
from models.base import db, on_postgresql
from models.cases.case import Case
from models.cases.status import Status
from models.lnr.registry.stay import Stay
from models.lnr.suppliers.api_key import ApiKey
from models.mail.outbox import Mail, MailStatus
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import MonthlyCall
from models.operations import schema
from settings import settings
from tests import make, rights
from tests.lnr import messages
from tests.monthly.test_mail_links import click
from tests.plans import ALLOWED, GROWING, SMALL, WAITING, whole
from tests.test_rights import _routes, visit  # noqa: F401

pytestmark = pytest.mark.db_dialect


def test_no_page_reads_a_whole_table(world, visit, asked):  # noqa: F811
    """Every page that the matrix lets somebody see."""
    matrix = rights.matrix()
    for rule, method in _routes(lambda method: method == "GET"):
        for row, path in rights.addresses(rule, world).items():
            for name, wanted in zip(rights.ROLES, matrix[rule.endpoint, method, row], strict=True):
                if wanted == "ja":
                    visit(world.person(name, row), "GET", path, None).close()
    assert not (wrong := list(asked.faults())), "\n".join(wrong)


def clocks():
    """{name: the work of one clock}, without the queue around it."""
    modules = [importlib.import_module(f"tasks.{one.name}") for one in pkgutil.iter_modules(tasks.__path__)]
    wrapped = {name: thing for module in modules for name, thing in vars(module).items() if hasattr(thing, "call_local")}
    # What is woken beside its clock does the same work as the clock.
    return {name: thing.func.__wrapped__ for name, thing in wrapped.items() if hasattr(thing.func, "__wrapped__")}


@pytest.fixture
def folder():
    """What clocks leave in the folder of the data is gone afterwards."""
    before = set(settings.data_dir.rglob("*"))
    yield
    for path in set(settings.data_dir.rglob("*")) - before:
        if path.is_file():
            path.unlink()


def test_no_clock_reads_a_whole_table(world, asked, folder, monkeypatch):
    monkeypatch.setattr(schema, "count_anew", lambda: None)  # the plans of these few rows, and not of the many that come
    work = clocks()
    assert len(work) > 15
    # Before the hour of sending some clocks do nothing, and on most days of a month or a year others.
    first = clock.first_of(clock.add_months(clock.month_of(clock.today()), 1))
    days = [
        clock.today(),
        first,
        first.replace(day=15),
        first.replace(day=28),
        first.replace(year=first.year + 1, month=1, day=2),
    ]
    for noon in [max(clock.now(), clock.start_of(day, 12)) for day in days]:
        monkeypatch.setattr(clock, "now", lambda noon=noon: noon)
        for name, act in work.items():
            asked.begin(name)
            act()
    assert not (wrong := list(asked.faults())), "\n".join(wrong)


def test_what_people_and_machines_send_most_reads_no_whole_table(app, client, login, asked, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    melder, other = make.user(), make.user()
    case, month = make.case(by=melder), clock.previous_month(clock.today())
    MonthlyCall.open_all(month)
    Mail.update(status=MailStatus.VERZONDEN, sent_at=clock.now() - clock.MINUTE).execute()
    call = MonthlyCall.get(MonthlyCall.user == other)
    place = messages.hospital()
    key = ApiKey.issue(messages.supplier(), place)[1]
    sends = {"Authorization": f"Bearer {key}", "Content-Type": "application/xml"}

    def of_round():
        return {"ronde": Case.get_by_id(case.id).round}

    assert client.post("/inloggen", data={"email": melder.email, "password": make.PASSWORD}).location == "/"
    about = {"X-File-Name": "verslag.pdf", "Content-Type": "application/octet-stream", "Accept": "application/json"}
    assert client.put(f"/melding/{case.key}/bestanden", data=make.PDF, headers=about).status_code == 201
    assert client.post(f"/melding/{case.key}/indienen", data=of_round()).status_code == 302
    judge = login(app.test_client(), make.coordinator())
    assert judge.post(f"/beoordelen/{case.key}/goedkeuren", data=of_round() | {"toch": "1"}).status_code == 302
    click(app.test_client(), call, bewijs="knop")
    for raw in (messages.message(id="een"), messages.message(id="een"), messages.message(version=2, action="vervanging")):
        assert client.post("/lnr/v1/berichten", data=raw, headers=sends).status_code == 200

    done = Case.get_by_id(case.id)
    assert done.status == Status.GOEDGEKEURD and done.documents.count() == 1
    assert MonthAnswer.standing(other.hospital_id, month) and Stay.select().count() == 1
    assert len({where for where, _ in asked.sent}) >= 6
    assert not (wrong := list(asked.faults())), "\n".join(wrong)


def test_who_could_see_a_case_on_a_day_reads_no_whole_table(client, login, asked):
    melder = make.user()
    make.coordinator()
    case = make.case(Status.INGEDIEND, by=melder)
    login(client, melder)
    assert "konden deze melding zien" in client.get(f"/inzage/{case.key}/?dag={clock.today()}").text
    assert not (wrong := list(asked.faults())), "\n".join(wrong)


def test_every_table_grows_unless_it_is_said_why_it_does_not():
    tables = {model._meta.table_name for model in MODELS}
    assert SMALL.keys() <= tables and {table for _, table in ALLOWED} <= GROWING
    assert len(GROWING) > len(SMALL) and {"log_in", "monthly_call", "search_word", "case_part"} <= GROWING


def test_what_waits_has_an_index_of_its_own():
    """By its condition it holds nothing else."""
    db.connect(reuse_if_open=True)
    names = (
        "SELECT indexdef FROM pg_indexes WHERE indexname = %s"
        if on_postgresql()
        else "SELECT sql FROM sqlite_master WHERE name = ?"
    )
    for index in WAITING:
        (made,) = db.execute_sql(names, (index,)).fetchone()
        assert " WHERE " in made


@pytest.mark.parametrize(
    ("sql", "params", "found"),
    [
        ('SELECT "t1"."id" FROM "event" AS "t1" WHERE "t1"."detail" = ?', ("x",), ["event"]),
        pytest.param(
            'SELECT COUNT(*) FROM "case" AS "t1" WHERE "t1"."process" IN (?)',
            ("nethoss",),
            ["case"],
            marks=pytest.mark.only_sqlite,
        ),
        ('SELECT "t1"."id" FROM "case" AS "t1" WHERE "t1"."key" = ?', ("x",), []),
        ('SELECT "t1"."id" FROM "event" AS "t1" ORDER BY "t1"."id" DESC LIMIT ?', (1,), []),
        ('SELECT "t1"."id" FROM "event" AS "t1" ORDER BY "t1"."detail" LIMIT ?', (1,), ["event"]),
        ('SELECT "t1"."name" FROM "hospital" AS "t1"', (), []),
    ],
)
def test_such_a_statement_is_found(sql, params, found):
    sql = sql.replace("?", "%s") if on_postgresql() else sql
    assert [table for table, _ in whole(sql, params)] == found
