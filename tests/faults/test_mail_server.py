"""F-06, F-07: a mail server that hangs, or says no to a text. What else it may do to us: models/test_mail.py."""

import errno
import socket
import threading
import time

import pytest

from models import clock
from models.base import db
from models.mail import smtp as post
from models.mail.outbox import Mail, MailStatus
from models.mail.smtp import FolderPost, SmtpPost
from tests import make, smtp
from tests.faults.invariants import arrived, broken

pytestmark = pytest.mark.db_dialect

PATIENCE = 0.4  # seconds, in place of the half minute


@pytest.fixture
def office(monkeypatch):
    monkeypatch.setattr(post, "TIMEOUT", PATIENCE)
    with smtp.serving() as office:
        yield office


def queue():
    return Mail.queue("case_submitted", make.user(), case=make.case(), by="Ivo Invoerder")


def send(url, now=None):
    return Mail.send_waiting(now, SmtpPost(url))


def fresh(mail):
    return Mail.get_by_id(mail.id)


def test_a_server_that_never_greets_leaves_all_mails_waiting(office):
    mails = [queue(), queue()]
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        began = time.monotonic()
        assert send(f"smtp://127.0.0.1:{mute.getsockname()[1]}") == 0
        assert time.monotonic() - began < PATIENCE * 5
    assert {fresh(mail).status for mail in mails} == {MailStatus.WACHT}

    assert send(office.url) == 2
    assert broken() == []


def test_a_server_that_hangs_after_the_text_makes_that_mail_uncertain_and_it_is_not_sent_again(office):
    mail, other = queue(), queue()
    office.dumb = PATIENCE * 2
    send(office.url)
    office.dumb = 0
    time.sleep(PATIENCE * 2)

    send(office.url, clock.now() + clock.DAY)

    assert fresh(mail).status == fresh(other).status == MailStatus.ONZEKER
    assert set(arrived(office.letters).values()) <= {1}
    assert broken() == []


def test_while_the_server_hangs_others_write(office):
    queue()
    case = make.case()
    office.dumb = PATIENCE * 0.8

    def work():
        with db.connection_context():
            send(office.url)

    worker = threading.Thread(target=work)
    worker.start()
    time.sleep(PATIENCE * 0.3)
    began = time.monotonic()
    make.document(case)
    took = time.monotonic() - began
    assert worker.is_alive() and took < PATIENCE * 0.5
    worker.join()
    assert Mail.get().status == MailStatus.VERZONDEN


def test_a_folder_for_mail_that_is_full_leaves_all_mails_waiting(tmp_path, monkeypatch):
    mails = [queue(), queue()]

    def full(path, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.write_bytes", full)
        assert Mail.send_waiting(post=FolderPost(tmp_path)) == 0
    assert {fresh(mail).status for mail in mails} == {MailStatus.WACHT}

    assert Mail.send_waiting(post=FolderPost(tmp_path)) == 2 and broken() == []


@pytest.mark.parametrize(("answer", "status"), [("451 later", MailStatus.WACHT), ("552 too big", MailStatus.MISLUKT)])
def test_a_text_that_is_refused_waits_or_fails_and_holds_nobody_up(office, answer, status):
    refused, other = queue(), queue()
    office.refuse_text = {refused.to: answer}

    assert send(office.url) == 1

    assert (fresh(refused).status, fresh(other).status) == (status, MailStatus.VERZONDEN)
    assert answer in fresh(refused).error and office.addressees == [other.to]
