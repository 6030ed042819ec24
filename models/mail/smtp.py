"""How a finished mail leaves: by SMTP, or as .eml files in a folder. The outbox decides what leaves and when."""

import re
import smtplib
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from models import outgoing
from settings import settings

LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
TIMEOUT = 30  # seconds the mail server may be silent


class PostDown(Exception):
    """No mail can leave now; nothing was sent. The same mails can be offered again."""


class Deferred(Exception):
    """This mail was not taken for now (4xx)."""


class Undeliverable(Exception):
    """This address is refused for good (5xx)."""


class Rejected(Exception):
    """The text of this mail is refused for good (5xx); that says nothing of the address."""


class TakenBack(Exception):
    """The mail is no longer this worker's to send; its text did not go."""


class Uncertain(Exception):
    """The connection broke after the text was handed over: it may have been taken, or not."""


def open_post(url: str | None = None) -> "FolderPost | SmtpPost":
    """The way out that the settings name (SMTP_URL, else DATA_DIR/mail), to use in a `with`."""
    url = settings.smtp_url if url is None else url
    return SmtpPost(url) if url else FolderPost(settings.data_dir / "mail")


class FolderPost:
    """Writes each mail as an .eml file, for a machine without a mail server."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *problem):
        return None

    def deliver(self, message: Any, to: Any, hand_over: Callable[[], None]) -> None:
        hand_over()
        name = message["Message-ID"].strip("<>").split("@")[0]
        half = self.folder / f"{name}.half"
        try:
            half.write_bytes(bytes(message))
            half.rename(self.folder / f"{name}.eml")
        except OSError as problem:
            half.unlink(missing_ok=True)
            raise PostDown(str(problem)) from problem

    def messages(self) -> list:
        """The letters in the folder, newest first."""
        files = sorted(self.folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        return [_letter(path, path.stat().st_mtime_ns) for path in files]

    def message(self, name: str) -> EmailMessage | None:
        """The whole mail of the letter `name`; None when there is no such letter."""
        path = self.folder / f"{name[:64]}.eml"
        if not name.isalnum() or not path.is_file():
            return None
        return message_from_bytes(path.read_bytes(), policy=policy.default)


@dataclass(frozen=True)
class OutgoingLetter:
    """What stands on the outside of a mail in a FolderPost."""

    name: str
    written: datetime
    to: str
    subject: str


@lru_cache(maxsize=4096)
def _letter(path, changed_ns):
    with path.open("rb") as file:
        message = BytesHeaderParser(policy=policy.default).parse(file)
    written = datetime.fromtimestamp(changed_ns / 1e9, UTC).replace(tzinfo=None)
    return OutgoingLetter(path.stem, written, str(message["To"]), str(message["Subject"]))


class SmtpPost:
    """One SMTP connection, made at the first mail and kept for the batch.

    Never falls back to clear text, nor to a server that it cannot verify.
    """

    def __init__(self, url):
        parts = urlsplit(url)
        self.scheme, self.host, self.port = parts.scheme, parts.hostname, parts.port
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.server = None

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        if self.server:
            self._leave()

    def deliver(self, message: Any, to: Any, hand_over: Callable[[], None]) -> None:
        """Hand one message to the server. Returns when the server took responsibility for it (250).

        Calls `hand_over` once the server is ready for the text, and before it goes; what that raises keeps the text here.

        What the server said in words decides, also when it then closes the line. Only when it said nothing intelligible
        after the text is it Uncertain; before the text nothing was handed over.
        """
        server = self._connected()
        try:
            # Who refuses the sender refuses every mail, whoever it is to.
            self._expect((250,), server.mail(settings.mail_from), PostDown, PostDown, PostDown)
            self._expect((250, 251, 252), server.rcpt(to), Deferred, Undeliverable, PostDown)
            # Not server.data(): after it nobody can tell whether the line broke before the text or behind it.
            self._expect((354,), server.docmd("DATA"), Deferred, Rejected, PostDown)
        except UnicodeEncodeError as problem:
            self._tidy()
            raise Undeliverable("Dit adres heeft letters die een mailserver niet aanneemt.") from problem
        except OSError as problem:  # SMTPException is one too
            self._drop()
            raise PostDown(str(problem)) from problem
        try:
            hand_over()
        except BaseException:
            self._drop()  # in the middle of a mail
            raise
        try:
            server.send(LEADING_DOT.sub(b"..", message.as_bytes(policy=policy.SMTP)) + b".\r\n")
            answer = server.getreply()
        except OSError as problem:
            self._drop()
            raise Uncertain(str(problem)) from problem
        self._expect((250,), answer, Deferred, Rejected, Uncertain)

    def greet(self) -> None:
        """Connect as for a mail, and no further: verified, greeted, logged in. Raises PostDown."""
        self._connected()

    def _connected(self):
        if self.server is None:
            try:
                self.server = self._connect()
            except (smtplib.SMTPException, OSError) as problem:
                raise PostDown(str(problem)) from problem
        return self.server

    def _connect(self):
        if self.scheme == "smtps":
            server = smtplib.SMTP_SSL(self.host, self.port or 465, timeout=TIMEOUT, context=outgoing.context())
        else:
            server = smtplib.SMTP(self.host, self.port or 25, timeout=TIMEOUT)
        try:
            # Nagle's delay would cost 40 ms for each mail of a batch.
            server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.scheme == "smtp+starttls":
                server.starttls(context=outgoing.context())
            if self.user:
                server.login(self.user, self.password)
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def _expect(self, good, answer, for_now, for_good, unknown):
        """Turn an answer that is not `good` into one of ours: `for_now` (4xx), `for_good` (5xx), `unknown` (anything else).

        Leaves the connection fit for the next mail, or drops it.
        """
        code, said = answer
        if code in good:
            return
        told = f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
        if code == 421:  # the server closes the whole connection, whichever mail it was
            self._drop()
            raise PostDown(told)
        if not 400 <= code < 600:
            self._drop()
            raise unknown(told)
        self._tidy()
        raise (for_now if code < 500 else for_good)(told)

    def _tidy(self):
        """Make the connection forget the mail in hand. One that was closed says nothing about the verdict before it."""
        try:
            self.server.rset()
        except OSError:
            self._drop()

    def _drop(self):
        self.server.close()
        self.server = None

    def _leave(self):
        try:
            self.server.quit()
        except (smtplib.SMTPException, OSError):
            self.server.close()
