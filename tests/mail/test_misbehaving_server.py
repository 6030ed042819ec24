"""A mail server that says no, closes, mumbles or falls silent, at each step: every mail ends in what is true of it."""

import socketserver
import threading
from contextlib import contextmanager
from email.message import EmailMessage

import pytest

from models import clock
from models.mail import smtp
from models.mail.outbox import Mail, MailStatus
from models.mail.smtp import SmtpPost
from tests import make

BAD = "slecht@example.com"
WACHT, ONZEKER, MISLUKT, VERZONDEN = MailStatus.WACHT, MailStatus.ONZEKER, MailStatus.MISLUKT, MailStatus.VERZONDEN

ACTS = ("drop", "421", "421 drop", "451", "451 drop", "554", "554 drop", "mumble", "silence")
EARLY = dict.fromkeys(ACTS, WACHT)
REFUSED = EARLY | {"554": MISLUKT, "554 drop": MISLUKT}
HELO_WILL_DO = EARLY | {"451": VERZONDEN, "554": VERZONDEN, "mumble": VERZONDEN}
EXPECTED = {
    "greeting": EARLY, "ehlo": HELO_WILL_DO, "mail": EARLY, "rcpt": REFUSED, "data": REFUSED,
    "text": REFUSED | {"drop": ONZEKER, "mumble": ONZEKER, "silence": ONZEKER},
}  # fmt: skip


class Rogue(socketserver.StreamRequestHandler):
    """Speaks SMTP, and does `server.act` at `server.step`: from the recipient on only to the mail for BAD."""

    timeout = 5

    def handle(self):
        self.to = BAD
        if self.misbehaves("greeting"):
            return
        self.say("220 rogue")
        while line := self.rfile.readline():
            verb = line[:4].decode().strip().lower()
            if verb == "rcpt":
                self.to = line.decode().partition("<")[2].partition(">")[0]
            if verb == "data":
                if self.misbehaves("data"):
                    return
                if self.refused:
                    continue
                self.say("354 go on")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                if self.misbehaves("text"):
                    return
                if self.refused:
                    continue
                self.server.taken.append((self.to, text))
                self.say("250 taken")
            elif verb == "quit":
                return self.say("221 bye")
            else:
                if self.misbehaves(verb):
                    return
                if not self.refused:
                    self.say("250 fine")

    def misbehaves(self, step):
        """Whether the line is to be closed; `refused` when the answer was given here."""
        self.refused = False
        if step != self.server.step or (step in ("rcpt", "data", "text") and self.to != BAD):
            return False
        said, _, closing = self.server.act.partition(" ")
        self.refused = True
        if said == "silence":
            self.server.wait.wait(3)
            return True
        if said == "mumble":
            self.say("wat zegt u?")
        elif said != "drop":
            self.say(f"{said} not this")
        return said == "drop" or bool(closing) or said == "421"

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")


@contextmanager
def serving(step, act):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Rogue) as server:
        server.daemon_threads, server.step, server.act, server.taken, server.wait = True, step, act, [], threading.Event()
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        try:
            yield server, f"smtp://127.0.0.1:{server.server_address[1]}"
        finally:
            server.wait.set()
            server.shutdown()


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("step", EXPECTED)
def test_every_mail_ends_in_what_is_true_of_it(monkeypatch, step, act):
    monkeypatch.setattr(smtp, "TIMEOUT", 0.3)
    case = make.case()
    bad, *others = (
        Mail.queue("case_submitted", make.user(email=to), case=case, by="Ivo Invoerder")
        for to in (BAD, "goed@example.com", "beter@example.com")
    )
    with serving(step, act) as (server, url):
        Mail.send_waiting(post=SmtpPost(url))
        assert Mail.get_by_id(bad.id).status == EXPECTED[step][act], Mail.get_by_id(bad.id).error
        assert not Mail.select().where(Mail.status == MailStatus.BEZIG).exists()
        assert [to for to, _ in server.taken if to == BAD] == ([BAD] if EXPECTED[step][act] == VERZONDEN else [])

        server.step = None  # it comes to its senses
        Mail.send_waiting(clock.now() + clock.DAY, SmtpPost(url))
        assert {Mail.get_by_id(other.id).status for other in others} == {VERZONDEN}
        again = VERZONDEN if EXPECTED[step][act] == WACHT else EXPECTED[step][act]
        assert Mail.get_by_id(bad.id).status == again
        arrived = [to for to, _ in server.taken]
        assert len(arrived) == len(set(arrived)) == (3 if again == VERZONDEN else 2)


def test_a_line_that_begins_with_a_dot_arrives_as_it_was(monkeypatch):
    monkeypatch.setattr(Mail, "render", lambda mail, now=None: _message())
    monkeypatch.setattr(Mail, "_settle", lambda mail, *status, **more: None)
    Mail.queue("case_submitted", make.user(email=BAD), case=make.case(), by="Ivo")
    with serving(None, "drop") as (server, url):
        assert Mail.send_waiting(post=SmtpPost(url)) == 1
    assert server.taken[0][1].endswith(b"een\r\n..twee\r\n...\r\n")


def _message():
    message = EmailMessage()
    message.set_content("een\n.twee\n..\n", cte="7bit")
    return message
