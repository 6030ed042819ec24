"""Two webs behind the shipped proxy and two workers, each with a disk of its own, over PostgreSQL, Redis and an object store.

Each part is killed in turn while people upload and the month is asked about: nothing is lost, nothing happens twice.
"""

import contextlib
import hashlib
import os
import shutil
import threading
import time
from dataclasses import replace

import pytest

from models import clock
from models.files import storage
from models.files.document import Document
from models.files.stores import bucket
from models.mail.outbox import Mail, MailStatus
from models.monthly.monthly_request import MonthlyCall
from settings import settings
from tests import make, proxy, smtp
from tests.faults.invariants import arrived, broken
from tests.faults.killing import hang_up
from tests.faults.test_queue import Queue, worker
from tests.faults.web import Person, Server
from tests.wait import until

CLIENTS = 3
IN_A_CASE, CASES = 150, 8  # files; a case takes no more than 200
MELDERS = 12
PATIENCE = 150  # seconds; the outbox is looked at each minute


@pytest.fixture
def in_bucket(object_store, tmp_path, monkeypatch):
    """This process looks into the bucket as well; the settings by which the others know it."""
    s3 = object_store.settings(prefix=tmp_path.name)
    for module in (storage, bucket):
        monkeypatch.setattr(module, "settings", replace(settings, s3=s3))
    return {
        "STORAGE_URL": f"s3://{s3.bucket}/{s3.prefix}",
        "S3_ENDPOINT": s3.endpoint,
        "AWS_ACCESS_KEY_ID": s3.key_id,
        "AWS_SECRET_ACCESS_KEY": s3.secret,
    }


def machine(folder):
    """The settings of a machine that has the keys, and of the others' disks nothing."""
    shutil.copytree(settings.data_dir / "keys", folder / "keys")
    return {"DATA_DIR": str(folder)}


class Uploads:
    """Somebody who sends one file after the other, each again until it was acknowledged."""

    def __init__(self, person, cases, number):
        self.person, self.cases, self.number, self.over = person, cases, number, threading.Event()
        self.kept, self.statuses = {}, set()
        self.thread = threading.Thread(target=self._send)
        self.thread.start()

    def _send(self):
        while not self.over.wait(0.1):
            key, case = f"c{self.number}-{len(self.kept)}", self.cases[len(self.kept) // IN_A_CASE]
            content = make.PDF.replace(b"\n", b"\n%" + os.urandom(20_000).hex().encode() + b"\n", 1)
            while True:
                answer = self.person.put(f"/melding/{case.key}/bestanden?sleutel={key}", content, f"{key}.pdf")
                self.statuses.add(answer and answer.status)
                if answer and answer.status == 201:
                    self.kept[key] = hashlib.sha256(content).hexdigest()
                    break
                if answer and answer.status < 500:
                    return print(answer.status, answer.text)
                time.sleep(0.1)


def test_each_part_may_die_under_load_and_nothing_is_lost_or_done_twice(
    app, cluster, in_bucket, object_store, tmp_path, require, record_property
):
    require("redis")
    queue = Queue()
    queue.start()
    melders = [make.user() for _ in range(MELDERS)]
    theme = make.theme()
    cases = [[make.case(by=melder, theme=theme) for _ in range(CASES)] for melder in melders[:CLIENTS]]
    common = {"DATABASE_URL": cluster.url, "REDIS_URL": queue.url, "PROXY_HOPS": "1", **in_bucket}
    with contextlib.ExitStack() as running:
        office = running.enter_context(smtp.serving())
        webs = [running.enter_context(Server(**common, **machine(tmp_path / name))) for name in ("web1", "web2")]
        front = running.enter_context(proxy.serving(tmp_path, [web.port for web in webs], require("nginx")))
        workers = [{**common, **machine(tmp_path / name), "SMTP_URL": office.url} for name in ("worker1", "worker2")]
        lives = [running.enter_context(worker(**known)) for known in workers]
        people = [Person(app, front, melder, context=front.context) for melder in melders[:CLIENTS]]
        hang_up()
        uploads = [Uploads(person, mine, number) for number, (person, mine) in enumerate(zip(people, cases, strict=True))]
        MonthlyCall.open_all(clock.previous_month(clock.today()))
        hang_up()

        deaths = [
            webs[0].kill,
            lambda: _again(running, lives, workers, 0),
            webs[1].kill,
            lambda: _again(running, lives, workers, 1),
            lambda: (queue.kill(), time.sleep(0.5), queue.start()),
            cluster.crash,
            lambda: object_store.crash("object"),
            lambda: object_store.crash("proxy"),
        ]
        for die in deaths:
            before = [len(one.kept) for one in uploads]
            die()
            until(lambda before=before: _all_go_on(uploads, before), PATIENCE)
        [one.over.set() for one in uploads]
        [one.thread.join() for one in uploads]
        until(_all_settled, PATIENCE)
        assert all(process.poll() is None for process in lives)
    queue.kill()

    record_property("tried", len(deaths))
    kept = {key: digest for one in uploads for key, digest in one.kept.items()}
    assert {one.upload_key: one.sha256 for one in Document.select()} == kept and len(kept) > 3 * len(deaths)
    assert {status for one in uploads for status in one.statuses if status and status < 500} == {201}
    assert set(arrived(office.letters).values()) == {1}
    asked = {mail.user_id for mail in Mail.select().where(Mail.name == "monthly_request")}
    assert asked == {melder.id for melder in melders}
    assert broken() == []


def _all_go_on(uploads, before):
    """Whether everybody had two more files acknowledged, without a person's help."""
    assert all(one.thread.is_alive() for one in uploads), "an upload was refused; the answer is above"
    return all(len(one.kept) > count + 1 for one, count in zip(uploads, before, strict=True))


def _again(running, lives, workers, number):
    lives[number].kill()
    lives[number].wait()
    lives[number] = running.enter_context(worker(**workers[number]))


def _all_settled():
    """Every mail left once, or waits for a person because a worker died at the mail server's yes."""
    return not Mail.select().where(Mail.status == MailStatus.WACHT).exists()
