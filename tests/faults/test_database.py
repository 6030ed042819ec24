"""F-11, F-19: the database is held by somebody else, goes away and comes back, or breaks off at COMMIT, while people work."""

import contextlib
import socket
import sqlite3
import threading
import time

import psycopg
import pytest

from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.status import Status
from settings import settings
from tests import make
from tests.faults.invariants import broken, within
from tests.faults.killing import hang_up
from tests.faults.size import sized
from tests.faults.web import Person, Server

pytestmark = pytest.mark.db_dialect

NOTES = sized(100, 5_000)  # written while somebody reads, and again after
WAIT = 10  # seconds that a writer waits for SQLite, as the connection says


@pytest.mark.only_sqlite
def test_while_another_process_holds_the_database_writers_wait_or_are_told_and_readers_read(app):
    case = make.case(status=Status.INGEDIEND)
    # Closed whatever happens here: a lock that stayed behind would fail every later test of this process.
    holding = contextlib.closing(sqlite3.connect(settings.data_dir / "portal.db", check_same_thread=False))
    with Server() as server, holding as holder:
        judge, melder = Person(app, server, make.coordinator()), Person(app, server, case.reporter)
        address = f"/beoordelen/{case.key}/notitie"
        hang_up()
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
        patient.join()
    assert [answer.status for answer in heard] == [503, 302]
    assert "Uw verzoek is niet uitgevoerd" in heard[0].text and heard[0].headers["Retry-After"] == "60"
    assert [str(remark) for remark in Remark.select()] == ["Op tijd."] and broken() == []


@pytest.mark.only_sqlite
def test_somebody_who_reads_for_long_keeps_nobody_from_writing_and_the_log_is_used_again():
    case, coordinator = make.case(status=Status.INGEDIEND), make.coordinator()
    log = settings.data_dir / "portal.db-wal"
    with contextlib.closing(sqlite3.connect(settings.data_dir / "portal.db")) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT COUNT(*) FROM remark").fetchone()
        for number in range(NOTES):
            case.note(coordinator, f"Notitie {number}.")
        assert reader.execute("SELECT COUNT(*) FROM remark").fetchone() == before
        reader.rollback()
    grown = log.stat().st_size

    for number in range(NOTES):
        case.note(coordinator, f"Nog een notitie {number}.")

    assert log.stat().st_size <= grown * 1.2
    assert Remark.select().count() == 2 * NOTES and broken() == []


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


class CuttingProxy:
    """Between portal and PostgreSQL: breaks the line at a COMMIT when `armed`, before it is passed on or after."""

    def __init__(self, port):
        self.port, self.armed, self.cuts, self.server = port, None, 0, socket.create_server(("127.0.0.1", 0))
        self.url = f"postgresql://portaal@127.0.0.1:{self.server.getsockname()[1]}/postgres?sslmode=disable"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.port))
            for pair in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source, target, outward):
        try:
            while data := source.recv(65536):
                if outward and self.armed and b"COMMIT" in data:
                    after, self.armed, self.cuts = self.armed == "after", None, self.cuts + 1
                    if after:
                        target.sendall(data)
                        time.sleep(0.3)  # it is done there, and nobody hears of it
                    break
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_line_that_breaks_at_commit_leaves_one_case_however_often_it_is_sent_again(app, cluster, moment, record_property):
    melder, theme = make.user(), make.theme()
    proxy = CuttingProxy(cluster.port)
    with Server(DATABASE_URL=proxy.url) as server:
        person = Person(app, server, melder)
        hang_up()
        for number in range(sized(3, 50)):
            key, statuses = f"sleutel-{number}", []
            proxy.armed = moment
            for _ in range(6):
                answer = person.post("/melding/nieuw", theme=theme.id, sleutel=key)
                statuses.append(answer and answer.status)
                if statuses[-1] == 302:
                    break
            assert statuses[-1] == 302 and set(statuses[:-1]) <= {503, None}, statuses
            proxy.armed = None
        assert proxy.cuts >= number
        record_property("tried", proxy.cuts)
    proxy.server.close()
    assert Case.select().count() == number + 1 and broken() == []


def test_a_postgresql_that_takes_no_more_connections_is_told_in_words_and_gone_by_itself(app, cluster):
    case, coordinator = make.case(status=Status.INGEDIEND), make.coordinator()
    with Server(DATABASE_URL=cluster.url) as server:
        judge = Person(app, server, coordinator)
        hang_up()
        with psycopg.connect(cluster.url, autocommit=True) as first:
            # Whoever was connected is gone as well, so that every thread has to ask for a new line.
            first.execute("ALTER SYSTEM SET superuser_reserved_connections = 0")
            held, others = [], True
            while others:  # a line that ends gives its place back a moment later, and who is quicker than we are gets it
                with contextlib.suppress(psycopg.OperationalError):
                    while len(held) < 100:
                        held.append(psycopg.connect(cluster.url))
                others = first.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND pid <> ALL(%s)",
                    ([line.info.backend_pid for line in held],),
                ).fetchall()
            address = f"/beoordelen/{case.key}/notitie"
            heard = [judge.post(address, notitie="Te druk.") for _ in range(4)]
            assert {answer.status for answer in heard} == {503} and "Uw verzoek is niet uitgevoerd" in heard[0].text
            [line.close() for line in held]
        assert judge.post(address, notitie="Op tijd.").status == 302
    assert [str(remark) for remark in Remark.select()] == ["Op tijd."] and broken() == []
