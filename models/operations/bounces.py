"""Bounces: mails that came back after a mail server had taken them (delivery status notifications, RFC 3464).

They arrive at MAIL_FROM, the envelope sender; BOUNCE_URL says where the portal reads that mailbox. Anybody can write to it,
so a report counts only when it holds the Message-ID of a mail that was sent to that very address, which is hard to guess.
"""

import imaplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from models import clock, outgoing
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import db
from models.mail import letter
from models.mail.outbox import Mail
from models.mail.smtp import TIMEOUT
from settings import settings

AT_ONCE = 100  # reports in one round: some seconds' work
MOST_BYTES = 256 * 1024  # of one mail; what is asked stands before the copy of the text that came back
COPIES = ("message/rfc822", "text/rfc822-headers")  # of the mail that came back
REMEMBERED = timedelta(days=30)  # servers give up within a week


@dataclass(frozen=True)
class Bounce:
    """What a report says of one address: the Message-ID of the mail that came back, and why."""

    to: str
    message_id: str
    reason: str


def read_bounces(url: str | None = None, now: datetime | None = None) -> int:
    """Read the mailbox once; returns how many addresses were marked. Raises OSError when it cannot be reached."""
    url = settings.bounce_url if url is None else url
    now = now or clock.now()
    if not url:
        return 0
    try:
        with _folder(url) if url.startswith("folder:") else _imap(url) as box:
            return sum(record(bounce, now) for content in box for bounce in bounces(content))
    except imaplib.IMAP4.error as problem:
        raise OSError(str(problem)) from problem


def record(bounce: Bounce, now: datetime) -> bool:
    """Mark the mail and the address; False when the portal sent no such mail, or knew already."""
    sent = Mail.select().where(Mail.to == bounce.to, Mail.sent_at >= now - REMEMBERED, Mail.bounced_at.is_null())
    mail = next((mail for mail in sent if letter.message_id(mail) == bounce.message_id), None)
    if mail is None:
        return False
    with db.atomic():
        marked = Mail.update(bounced_at=now, error=f"Teruggekomen: {bounce.reason}"[:500])
        if not marked.where(Mail.id == mail.id, Mail.bounced_at.is_null()).execute():
            return False
        User.update(address_refused_at=now).where(User.email == mail.to).execute()
        AuditEvent.log("mail.bounced", subject=f"mail {mail.id}: {mail.to}", hospital=mail.hospital, at=now)
    return True


def bounces(content: bytes) -> Iterator[Bounce]:
    """What a mail says that did not arrive for good; nothing for any other mail, nor for a delay."""
    message = message_from_bytes(content, policy=policy.default)
    if message.get_content_type() != "multipart/report" or message.get_param("report-type") != "delivery-status":
        return
    parts = list(message.walk())
    about = next((_message_id(part) for part in parts if part.get_content_type() in COPIES), "")
    for part in parts:
        # The first block is about the report itself, each other one about an address.
        blocks: Any = part.get_payload() if part.get_content_type() == "message/delivery-status" else ()
        for block in blocks:
            address = _behind_type(block["Final-Recipient"]).lower()
            failed = str(block["Action"] or "").strip().lower() == "failed"
            if about and address and failed and str(block["Status"] or "").strip().startswith("5"):
                yield Bounce(address, about, _behind_type(block["Diagnostic-Code"]) or str(block["Status"]).strip())


def _behind_type(field: object) -> str:
    """'550 no such user' of 'smtp; 550 no such user'."""
    return " ".join(str(field or "").partition(";")[2].split())


def _message_id(part: EmailMessage) -> str:
    if part.get_content_type() == "message/rfc822":
        inside: Any = part.get_payload(0)
        return str(inside["Message-ID"] or "").strip()
    return str(message_from_bytes(part.get_content().encode(), policy=policy.default)["Message-ID"] or "").strip()


@contextmanager
def _folder(url: str) -> Iterator[Iterator[bytes]]:
    """The .eml files of a folder; what was read moves to its folder `gelezen`."""
    folder = Path(unquote(url.removeprefix("folder:")))
    done = folder / "gelezen"
    done.mkdir(exist_ok=True)

    def contents():
        for path in sorted(folder.glob("*.eml"))[:AT_ONCE]:
            with path.open("rb") as file:
                yield file.read(MOST_BYTES)
            path.rename(done / path.name)

    yield contents()


@contextmanager
def _imap(url: str) -> Iterator[Iterator[bytes]]:
    """The unread mails of a mailbox; what was read is marked so, and stays for a person."""
    parts = urlsplit(url)
    with _connected(parts) as server:
        server.login(unquote(parts.username or ""), unquote(parts.password or ""))
        server.select(f'"{unquote(parts.path.strip("/")) or "INBOX"}"')

        def contents():
            _, (found,) = server.uid("SEARCH", "UNSEEN")
            for number in (found or b"").decode().split()[:AT_ONCE]:
                _, fetched = server.uid("FETCH", number, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
                yield next((part[1] for part in fetched if isinstance(part, tuple)), b"")
                server.uid("STORE", number, "+FLAGS", r"(\Seen)")

        yield contents()


def _connected(parts: SplitResult) -> imaplib.IMAP4:
    if parts.scheme == "imaps":
        return imaplib.IMAP4_SSL(parts.hostname or "", parts.port or 993, ssl_context=outgoing.context(), timeout=TIMEOUT)
    server = imaplib.IMAP4(parts.hostname or "", parts.port or 143, timeout=TIMEOUT)
    if parts.scheme == "imap+starttls":
        server.starttls(outgoing.context())
    return server
