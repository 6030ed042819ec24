"""F-04: the worker is killed with -9 while a scanner that hangs holds a whole file."""

import os
import signal
import socket
import threading

import pytest

from models import clock
from models.base import db
from models.cases.case import Case
from models.cases.status import Status
from models.files import virus_scanning
from models.files.document import Document
from models.files.file_state import FileState
from settings import settings
from tests import make
from tests.faults.invariants import broken
from tests.faults.killing import hang_up
from tests.files.test_clamav import everything

pytestmark = pytest.mark.db_dialect


@pytest.fixture
def scanner(monkeypatch):
    """A scanner that takes every file whole. What it then says is `scanner.answer`; None: nothing, and it hangs."""
    held = Scanner()
    monkeypatch.setitem(settings.__dict__, "clamd_url", f"tcp://127.0.0.1:{held.server.getsockname()[1]}")
    threading.Thread(target=held.listen, daemon=True).start()
    yield held
    held.server.close()


class Scanner:
    def __init__(self):
        self.server, self.answer, self.holds = socket.create_server(("127.0.0.1", 0)), None, threading.Event()

    def listen(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection:
                everything(connection)
                self.holds.set()
                # Without an answer: until the other side is gone.
                connection.sendall(self.answer) if self.answer else connection.recv(1)


def worker():
    """The worker's round as a process of its own; its number."""
    hang_up()
    if child := os.fork():
        return child
    try:
        with db.connection_context():
            virus_scanning.scan_waiting()
    finally:
        os._exit(1)


def test_a_file_that_a_hanging_scanner_held_when_the_worker_died_stays_shut_and_is_scanned_later(scanner):
    case = make.case()
    document = make.document(case)
    child = worker()
    assert scanner.holds.wait(20)
    os.kill(child, signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL

    held = Document.get_by_id(document.id)
    assert held.state == FileState.WACHT and not held.may_open and broken() == []
    Case.get_by_id(case.id).submit(case.reporter)
    scanner.answer = b"stream: OK\0"
    assert virus_scanning.scan_waiting() == 0, "the dead one holds it for a while"

    assert virus_scanning.scan_waiting(clock.now() + virus_scanning.LEASE + clock.MINUTE) == 1
    assert Document.get_by_id(document.id).state == FileState.SCHOON
    assert Case.get_by_id(case.id).status == Status.INGEDIEND and broken() == []
