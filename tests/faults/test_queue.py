"""F-20: Redis, which only wakes the clocks, dies and comes back empty. All still happens, from rows of the database."""

import os
import subprocess
import time
from contextlib import contextmanager

import pytest

from commands import processes
from models import clock
from models.mail.outbox import Mail, MailStatus
from models.monthly.monthly_request import MonthlyCall
from settings import ROOT
from tests import make, smtp
from tests.faults.invariants import arrived, broken
from tests.faults.killing import hang_up
from tests.faults.size import sized
from tests.smtp import free_port
from tests.wait import until

pytestmark = pytest.mark.db_dialect

DEATHS = sized(1, 4)
PATIENCE = 150  # seconds; the outbox is looked at each minute


class Queue:
    """A Redis that remembers nothing on a disk."""

    def __init__(self):
        self.port, self.process = free_port(), None
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self):
        words = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        asked = ["redis-cli", "-p", str(self.port), "ping"]
        until(lambda: subprocess.run(asked, capture_output=True).stdout == b"PONG\n", 30)

    def kill(self):
        self.process.kill()
        self.process.wait()


@contextmanager
def worker(**settings):
    hang_up()
    command, environment = processes.worker_command(), {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_queue_that_dies_and_comes_back_empty_holds_nothing_up(require, record_property):
    require("redis")
    queue = Queue()
    queue.start()
    with smtp.serving() as office, worker(REDIS_URL=queue.url, SMTP_URL=office.url) as process:
        for _ in range(DEATHS):
            make.user()
            queue.kill()
            MonthlyCall.open_all(clock.previous_month(clock.today()))  # of who is new, while there is no queue at all
            hang_up()
            time.sleep(2)
            queue.start()
            until(lambda: not Mail.select().where(Mail.status != MailStatus.VERZONDEN).exists(), PATIENCE)
            assert process.poll() is None, "the worker gave up"
        came = arrived(office.letters)
    queue.kill()
    record_property("tried", DEATHS)
    assert len(came) == Mail.select().count() >= DEATHS and set(came.values()) == {1}
    assert broken() == []
