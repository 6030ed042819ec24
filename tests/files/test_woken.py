"""A file that comes in wakes the worker, which does not wait for its minute; a queue that is away holds no upload up."""

import threading
import time
from datetime import datetime

import pytest

from models.files.document import Document
from models.files.file_state import FileState
from settings import settings
from tasks import scan
from tests import make
from tests.faults.invariants import broken
from tests.faults.killing import hang_up
from tests.faults.test_killed_scan import scanner  # noqa: F401  fixture
from tests.faults.test_queue import worker
from tests.faults.web import PATIENCE, Person, Server
from tests.wait import until


def test_a_file_is_scanned_within_seconds_of_its_upload(app, scanner, record_property):  # noqa: F811
    scanner.answer = b"stream: OK\0"
    case, waits = make.case(), []
    with Server(CLAMD_URL=settings.clamd_url) as server, worker(CLAMD_URL=settings.clamd_url):
        person = Person(app, server, case.reporter)
        warm(person, case)
        for number in range(3):
            while (
                datetime.now().second > 30 or datetime.now().second < 3
            ):  # not by the clock of the minute, which has just been
                time.sleep(0.2)
            assert person.put(f"/melding/{case.key}/bestanden?sleutel=k{number}", make.PDF, "a.pdf").status == 201
            began = time.monotonic()
            hang_up()
            until(lambda number=number: Document.get(Document.upload_key == f"k{number}").state == FileState.SCHOON, PATIENCE)
            waits.append(time.monotonic() - began)
    record_property("remark", f"seconds until found clean: {', '.join(f'{wait:.1f}' for wait in waits)}")
    assert max(waits) < 20, waits
    assert broken() == []


def warm(person, case):
    """Until the worker has started: the first file waits for that."""
    assert person.put(f"/melding/{case.key}/bestanden?sleutel=warm", make.PDF, "warm.pdf").status == 201
    hang_up()
    until(lambda: Document.get(Document.upload_key == "warm").state == FileState.SCHOON, 2 * PATIENCE)


def test_a_queue_that_hangs_or_is_away_holds_no_upload_up(client, login, monkeypatch, caplog):
    monkeypatch.setitem(settings.__dict__, "clamd_url", "tcp://127.0.0.1:1")
    case = make.case()
    login(client, case.reporter)
    key = client.get(f"/melding/{case.key}/").text.split('name="csrf-token" content="')[1].split('"')[0]

    released, asked = threading.Event(), []

    def hanging():
        asked.append(1)
        released.wait(PATIENCE)
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(scan, "look_now", hanging)
    for number in range(3):
        answer = client.put(
            f"/melding/{case.key}/bestanden?sleutel=k{number}",
            data=make.PDF,
            headers={"X-CSRFToken": key, "X-File-Name": "a.pdf", "Content-Type": "application/octet-stream"},
        )
        assert answer.status_code == 201
    # All three were answered while one hangs; the others leave it at that.
    assert not released.is_set() and asked == [1] and "could not be woken" not in caplog.text
    released.set()
    until(lambda: "could not be woken" in caplog.text, 10)


@pytest.mark.parametrize("waits", [True, False])
def test_the_worker_is_woken_only_for_what_waits(client, login, monkeypatch, waits):
    woken = []
    monkeypatch.setattr(scan, "wake", lambda: woken.append(1))
    if waits:
        monkeypatch.setitem(settings.__dict__, "clamd_url", "tcp://127.0.0.1:1")
    case = make.case()
    login(client, case.reporter)
    key = client.get(f"/melding/{case.key}/").text.split('name="csrf-token" content="')[1].split('"')[0]
    about = {"X-CSRFToken": key, "X-File-Name": "a.pdf", "Content-Type": "application/octet-stream"}
    assert client.put(f"/melding/{case.key}/bestanden?sleutel=k", data=make.PDF, headers=about).status_code == 201
    assert bool(woken) == waits
