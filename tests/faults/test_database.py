"""F-11, F-19: the database is held by somebody else, or goes away and comes back, while people work."""

import sqlite3
import threading
import time

import pytest
from playhouse import migrations

from models import base
from models.cases.remark import Remark
from models.cases.status import Status
from settings import settings
from tests import make
from tests.cluster import Cluster
from tests.conftest import STEPS
from tests.faults.invariants import broken, within
from tests.faults.killing import hang_up
from tests.faults.web import Person, Server

pytestmark = pytest.mark.db_dialect

WAIT = 10  # seconds that a writer waits for SQLite, as the connection says


@pytest.mark.only_sqlite
def test_while_another_process_holds_the_database_writers_wait_or_are_told_and_readers_read(app):
    case = make.case(status=Status.INGEDIEND)
    with Server() as server:
        judge, melder = Person(app, server, make.coordinator()), Person(app, server, case.reporter)
        address = f"/beoordelen/{case.key}/notitie"
        hang_up()
        holder = sqlite3.connect(settings.data_dir / "portal.db", check_same_thread=False)
        holder.execute("BEGIN IMMEDIATE")
        heard = []
        given_up = threading.Thread(target=lambda: heard.append(judge.post(address, notitie="Te laat.")))
        given_up.start()
        time.sleep(WAIT / 2)
        patient = threading.Thread(target=lambda: heard.append(judge.post(address, notitie="Op tijd.")))
        patient.start()

        began = time.monotonic()
        assert melder.ask("GET", "/meldingen/").status == 200
        assert judge.ask("GET", "/beoordelen/").status == 200
        assert time.monotonic() - began < WAIT / 4

        given_up.join()
        holder.rollback()
        holder.close()
        patient.join()
    assert [answer.status for answer in heard] == [503, 302]
    assert "Uw verzoek is niet uitgevoerd" in heard[0].text and heard[0].headers["Retry-After"] == "60"
    assert [str(remark) for remark in Remark.select()] == ["Op tijd."] and broken() == []


@pytest.mark.only_sqlite
def test_somebody_who_reads_for_long_keeps_nobody_from_writing_and_the_log_is_used_again():
    case, coordinator = make.case(status=Status.INGEDIEND), make.coordinator()
    log = settings.data_dir / "portal.db-wal"
    reader = sqlite3.connect(settings.data_dir / "portal.db")
    reader.execute("BEGIN")
    before = reader.execute("SELECT COUNT(*) FROM remark").fetchone()
    for number in range(100):
        case.note(coordinator, f"Notitie {number}.")
    assert reader.execute("SELECT COUNT(*) FROM remark").fetchone() == before
    reader.rollback()
    reader.close()
    grown = log.stat().st_size

    for number in range(100):
        case.note(coordinator, f"Nog een notitie {number}.")

    assert log.stat().st_size <= grown * 1.2
    assert Remark.select().count() == 200 and broken() == []


@pytest.fixture
def cluster(require):
    """A PostgreSQL server of this test alone, to which the models speak meanwhile."""
    require("postgresql")
    cluster = Cluster()
    try:
        cluster.start()
        migrations.run(base.connect(cluster.url), str(STEPS))
        yield cluster
    finally:
        base.connect(settings.database_url)
        cluster.stop()


def test_postgresql_that_dies_and_comes_back_under_load_loses_no_acknowledged_note(app, cluster):
    cases, coordinator = [make.case(status=Status.INGEDIEND) for _ in range(3)], make.coordinator()
    heard = {case.id: [] for case in cases}
    with Server(DATABASE_URL=cluster.url) as server:
        people = [Person(app, server, coordinator) for _ in cases]
        hang_up()

        def work(person, case):
            for number, _ in enumerate(within(4)):
                answer = person.post(f"/beoordelen/{case.key}/notitie", notitie=f"Notitie {number}.")
                heard[case.id].append((f"Notitie {number}.", answer and answer.status))

        threads = [threading.Thread(target=work, args=pair) for pair in zip(people, cases, strict=True)]
        [thread.start() for thread in threads]
        for _ in range(2):
            time.sleep(1)
            cluster.crash()
        [thread.join() for thread in threads]
        # Well again by itself, in the same process, whichever of its threads answers.
        assert {people[0].ask("GET", "/beoordelen/").status for _ in range(12)} == {200}

    for case in cases:
        told = {text for text, status in heard[case.id] if status == 302}
        kept = {str(remark) for remark in Remark.select().where(Remark.case == case)}
        unknown = {text for text, status in heard[case.id] if status != 302}
        assert told <= kept <= told | unknown and len(told) > 10
        assert {status for _, status in heard[case.id]} <= {302, 503}
    assert 503 in {status for said in heard.values() for _, status in said}
    assert broken() == []
