"""F-05, F-09: the worker is killed with -9 by the mail server itself, before, at and after its yes, all through a batch."""

import os
import signal

import pytest

from models import clock
from models.base import db
from models.mail.letter import message_id
from models.mail.outbox import LEASE_MINUTES, Mail, MailStatus
from models.mail.smtp import SmtpPost
from models.monthly.monthly_request import MonthlyCall
from tests import make, smtp
from tests.faults.invariants import arrived, broken
from tests.faults.killing import hang_up
from tests.faults.size import sized

pytestmark = pytest.mark.db_dialect

MELDERS, LIVES = sized((18, 12), (240, 160))


@pytest.fixture
def office():
    with smtp.serving() as office:
        yield office


class Batch:
    """The worker's round as a process of its own, and the server's hand on it."""

    def __init__(self, office):
        self.office, self.now, self.worker = office, clock.now(), None

    def send(self, die_at=None, mail=0):
        """One life of the worker; it is killed at mail number `mail` of it, at `die_at`. True when it was killed."""
        left = [mail]

        def strike(moment):
            if moment == die_at and self.worker:
                left[0] -= 1
                if not left[0]:
                    os.kill(self.worker, signal.SIGKILL)

        self.office.watch = strike
        hang_up()
        if not (child := os.fork()):
            _work(self.office.url, self.now)
        self.worker = child
        _, status = os.waitpid(child, 0)
        self.worker = None
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        return os.WIFSIGNALED(status)


def _work(url, now):
    try:
        with db.connection_context():
            Mail.send_waiting(now, SmtpPost(url))
        os._exit(0)
    except BaseException as problem:
        print(repr(problem), flush=True)
        os._exit(1)


def test_no_mail_comes_twice_and_none_is_lost_in_silence(office, record_property):
    hospital = make.hospital()
    for _ in range(MELDERS):
        make.user(hospital=hospital)
    MonthlyCall.open_all(clock.previous_month(clock.today()))
    batch, deaths = Batch(office), 0

    # Mail 1, 2, 1, 2 … of each life, so that some were settled before and some wait behind.
    for life in range(LIVES):
        deaths += batch.send(("addressed", "received", "accepted")[life % 3], 1 + life % 2)
    batch.send()

    came = arrived(office.letters)
    record_property("tried", deaths)
    assert deaths >= LIVES * 3 // 4 and set(came.values()) == {1}
    for mail in Mail.select():
        assert mail.status in (MailStatus.VERZONDEN, MailStatus.BEZIG)
        assert mail.status == MailStatus.BEZIG or message_id(mail) in came
    held = Mail.select().where(Mail.status == MailStatus.BEZIG).count()
    # At "accepted" the row may be quicker than the kill.
    assert LIVES // 2 <= held <= deaths

    # After the lease a person is asked about each whose text was under way; the others go by themselves, once.
    handed = Mail.select().where(Mail.status == MailStatus.BEZIG, Mail.handed_at.is_null(False)).count()
    assert held - handed >= LIVES // 4  # as good as all who died at the address
    batch.now += (LEASE_MINUTES + 1) * clock.MINUTE
    batch.send()
    uncertain = list(Mail.select().where(Mail.status == MailStatus.ONZEKER))
    assert len(uncertain) == handed and len(arrived(office.letters)) == len(came) + held - handed
    assert set(arrived(office.letters).values()) == {1}
    assert broken(batch.now) == []
    [mail.offer_again(batch.now) for mail in uncertain]
    batch.send()
    assert {mail.status for mail in Mail.select()} == {MailStatus.VERZONDEN}
    assert len(arrived(office.letters)) == MELDERS
