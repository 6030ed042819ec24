"""Mails that come back after they were taken."""

import socket
import threading
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage

import pytest

from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.mail.letter import message_id
from models.mail.outbox import Mail, MailStatus
from models.operations.bounces import bounces, read_bounces
from settings import SettingsError, read
from tests import make
from tests.filling import NOW

REPORT = """\
From: MAILER-DAEMON@mail.example.nl
To: noreply@example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="grens"

--grens
Content-Type: text/plain

This is the mail system. I could not deliver your message.

--grens
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.nl
Arrival-Date: Fri, 20 Nov 2026 09:00:00 +0000

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <{to}>: no such user

--grens
Content-Type: {kind}

Message-ID: {about}
Subject: iets

{rest}
--grens--
"""


def report(mail, to=None, about=None, action="failed", status="5.1.1", kind="message/rfc822", rest="tekst"):
    to, about = to or mail.to, about or message_id(mail)
    return REPORT.format(to=to, about=about, action=action, status=status, kind=kind, rest=rest).encode()


@pytest.fixture
def sent():
    """A mail that a server took yesterday."""
    user = make.user()
    return Mail.create(
        name="case_approved", user=user, to=user.email, hospital=user.hospital, status=MailStatus.VERZONDEN, not_before=NOW,
        created_at=NOW, sent_at=NOW - timedelta(days=1),
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """Put a report in the folder that is read; returns what reading gave."""

    def put(content, now=NOW):
        (tmp_path / "een.eml").write_bytes(content)
        return read_bounces(f"folder:{tmp_path}", now)

    put.path = tmp_path
    return put


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_mail_that_came_back_marks_the_address_once(sent, folder, kind):
    assert folder(report(sent, kind=kind)) == 1
    assert folder(report(sent, kind=kind)) == 0

    mail, user = Mail.get_by_id(sent.id), User.get_by_id(sent.user_id)
    assert (mail.bounced_at, user.address_refused_at) == (NOW, NOW) and mail.status == MailStatus.VERZONDEN
    assert mail.error == f"Teruggekomen: 550 5.1.1 <{sent.to}>: no such user"
    (event,) = AuditEvent.select().where(AuditEvent.action == "mail.bounced")
    assert sent.to in event.subject and event.hospital == sent.hospital
    assert [path.name for path in folder.path.iterdir()] == ["gelezen"]


@pytest.mark.parametrize(
    "change",
    [
        {"about": "<geraden@localhost>"},
        {"to": "iemand.anders@example.com"},
        {"action": "delayed", "status": "4.4.1"},
        {"action": "delivered", "status": "2.0.0"},
        {"status": "4.2.2"},
    ],
)
def test_what_is_forged_delayed_or_delivered_marks_nobody(sent, folder, change):
    assert folder(report(sent, **change)) == 0
    assert User.get_by_id(sent.user_id).address_refused_at is None and Mail.get_by_id(sent.id).bounced_at is None


def test_a_report_on_a_mail_of_long_ago_marks_nobody(sent, folder):
    assert folder(report(sent), NOW + timedelta(days=60)) == 0


ODD = (b"", b"\xff\xfe\x00", b"Subject: Afwezig\n\nWeg.", REPORT[:700].encode(), REPORT.replace("rfc822;", "").encode())


@pytest.mark.parametrize("content", ODD, ids=range(len(ODD)))
def test_another_mail_says_nothing_and_is_put_aside(folder, content):
    assert list(bounces(content)) == [] and folder(content) == 0 and (folder.path / "gelezen" / "een.eml").exists()


def test_an_address_whose_mail_came_back_stays_marked_when_the_next_mail_is_taken(sent, folder):
    folder(report(sent))
    post = _Taken()
    for days, marked in ((31, True), (41, False)):
        mail = Mail.queue("account", sent.user, now=NOW, subject="Bericht", text="Een bericht.", html="<p>Een bericht.</p>")
        assert Mail.send(mail.id, post, NOW + timedelta(days=days))
        assert bool(User.get_by_id(sent.user_id).address_refused_at) == marked


class _Taken:
    def deliver(self, message, to, hand_over):
        assert isinstance(message, EmailMessage)


def test_unread_mails_of_a_mailbox_are_read_and_marked(sent):
    with ImapServer([report(sent), b"Subject: Afwezig\n\nIk ben er niet."]) as mailbox:
        assert read_bounces(f"imap://portaal:ge%2Fheim@127.0.0.1:{mailbox.port}/Terug", NOW) == 1
    assert User.get_by_id(sent.user_id).address_refused_at == NOW
    said = " ".join(mailbox.heard)
    assert 'LOGIN portaal "ge/heim"' in said and 'SELECT "Terug"' in said and "LOGOUT" in said
    assert [line for line in mailbox.heard if "STORE" in line] == [rf"UID STORE {number} +FLAGS (\Seen)" for number in (1, 2)]


@pytest.mark.parametrize("answer", ["NO", "BAD"])
def test_a_mailbox_that_refuses_is_an_outage(answer):
    with ImapServer([], login=answer) as mailbox, pytest.raises(OSError):
        read_bounces(f"imap://portaal:fout@127.0.0.1:{mailbox.port}", NOW)


def test_without_a_setting_nothing_is_read():
    assert read_bounces() == 0


@pytest.mark.parametrize("url", ["imaps://", "pop3://mail.example.nl", "folder:/is/er/niet", "folder:"])
def test_a_wrong_setting_is_named(url):
    with pytest.raises(SettingsError, match="BOUNCE_URL"):
        read({"BOUNCE_URL": url})


class ImapServer:
    """As much of an IMAP server as reading a mailbox needs, on loopback, for one client."""

    def __init__(self, mails, login="OK", context=None, at_once=False):
        self.mails, self.login, self.heard = mails, login, []
        self.context, self.at_once = context, at_once  # for TLS: from the start, or asked for with STARTTLS
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *problem):
        self.thread.join(5)
        self.socket.close()

    def _serve(self):
        client, _ = self.socket.accept()
        with suppress(OSError):  # a client that goes away because of the certificate
            client = self.context.wrap_socket(client, server_side=True) if self.at_once else client
            self._speak(client, b"* OK IMAP4rev1\r\n")
        client.close()

    def _speak(self, client, greeting=b""):
        with client.makefile("rwb") as line:
            line.write(greeting)
            line.flush()
            for asked in line:
                tag, _, command = asked.decode().strip().partition(" ")
                self.heard.append(command)
                line.write(self._answer(command) + f"{tag} {self.login if 'LOGIN' in command else 'OK'} klaar\r\n".encode())
                line.flush()
                if command == "STARTTLS":
                    return self._speak(self.context.wrap_socket(client, server_side=True))

    def _answer(self, command):
        if command == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 STARTTLS\r\n"
        if command.startswith("UID SEARCH"):
            return b"* SEARCH " + " ".join(str(number + 1) for number in range(len(self.mails))).encode() + b"\r\n"
        if command.startswith("UID FETCH"):
            mail = self.mails[int(command.split()[2]) - 1]
            return b"* 1 FETCH (UID 1 BODY[]<0> {%d}\r\n%s)\r\n" % (len(mail), mail)
        return b""
