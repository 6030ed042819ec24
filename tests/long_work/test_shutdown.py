"""A worker that is told to stop ends after the item in hand, and what it leaves stands in rows for the next."""

import threading

import pytest

from models import clock
from models.files.document import Document
from models.files.privacy import inspection
from models.lnr.benchmark.recompute import recompute
from models.long_work import shutdown
from models.mail.outbox import Mail, MailStatus
from tests import make


@pytest.fixture
def asked(monkeypatch):
    flag = threading.Event()
    monkeypatch.setattr(shutdown, "asked", flag)
    return flag


def test_what_was_begun_is_finished_and_the_rest_is_left(asked):
    gone_through = []
    for item in shutdown.until_asked(range(100)):
        if item == 2:
            asked.set()
        gone_through.append(item)
    assert gone_through == [0, 1, 2]


def test_a_batch_of_mails_stops_behind_the_one_in_hand(asked):
    class Post:
        def __enter__(self):
            return self

        def __exit__(self, *problem):
            return None

        def deliver(self, message, to, hand_over):
            hand_over()
            asked.set()

    for _ in range(3):
        Mail.queue("case_submitted", make.user(), case=make.case(), by="Ivo Invoerder")
    assert Mail.send_waiting(post=Post()) == 1
    assert Mail.select().where(Mail.status == MailStatus.WACHT).count() == 2


def test_nothing_new_is_begun_after_it_was_asked(asked):
    document, now = make.document(make.case()), clock.now()
    Document.update(look_due=now).where(Document.id == document.id).execute()
    asked.set()
    assert (inspection.look_waiting(now), recompute(), Mail.send_waiting()) == (0, 0, 0)
    asked.clear()
    assert inspection.look_waiting(now) == 1


def test_a_mail_in_hand_is_waited_for_but_not_for_ever():
    begun, go_on = threading.Event(), threading.Event()

    @shutdown.unbroken
    def hand_over():
        begun.set()
        assert go_on.wait(10)

    assert shutdown.wait(0)
    thread = threading.Thread(target=hand_over)
    thread.start()
    assert begun.wait(10) and not shutdown.wait(0.05)
    go_on.set()
    assert shutdown.wait(10)
    thread.join()
