"""The message of a mail as it goes to the server: what it tells by now, in two forms, and its headers."""

import hashlib
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from typing import Any

from models import access, clock
from models.accounts.contact_point import ContactPoint
from models.mail.calendar.calendar_file import calendar_files, note
from models.mail.mail_preference import KINDS
from models.mail.mail_status import MAIL_LABELS
from models.mail.mail_templates import CONTEXTS, TEMPLATES, mask_links, part_of_work
from models.mail.outgoing_hold import OutgoingHold
from models.mail.wording.mail_wording import FIXED_SUBJECT, MailWording
from settings import settings

NOT_KNOWN = "Deze versie van het portaal kent dit soort mail niet."
REWRITTEN = {"subject.txt": "rewritten_subject.txt", "body.txt": "rewritten.txt", "body.html": "rewritten.html"}


class NotKnown(Exception):
    """A mail, or one that it tells of, of a kind that this version has no text for: another one runs beside it."""


def context_of(mail: Any) -> dict[str, Any] | None:
    """All that the texts of `mail` may know, at the moment `leaves_at`; None when there is nothing left to tell."""
    if mail.name not in CONTEXTS:
        raise NotKnown(NOT_KNOWN)
    context = CONTEXTS[mail.name](mail)
    if context is None:
        return None
    portal_name = access.portal_name(mail.user.role_names if mail.user else ())
    about = {"portal": settings.portal_url, "portal_name": portal_name, "name": mail.user.name if mail.user else ""}
    about |= {"contact": ContactPoint.of(part_of_work(mail, context)), "fewer": mail.name in KINDS, "calendar_days": ()}
    context = about | context
    context["calendar_note"] = note(context["calendar_days"])
    words = MailWording.current(mail.name)
    return context | words.filled(mail.name, context) if words else context


def subject_of(mail: Any, context: dict[str, Any]) -> str:
    """The line that a mailbox shows."""
    return _part(mail, "subject.txt", context)


def _part(mail, part, context):
    # Other words than the delivered ones (mail_wording.py), but where the subject is made from what the mail lists.
    rewritten = context.get("of") == mail.name and not (part == "subject.txt" and mail.name in FIXED_SUBJECT)
    return TEMPLATES.get_template(REWRITTEN[part] if rewritten else f"{mail.name}/{part}").render(context).strip()


def message_id(mail: Any) -> str:
    """The same for this row until a restore, so that a mail server can drop a second copy."""
    seed = mail.once or f"mail:{mail.id}:{mail.created_at.isoformat()}"
    if epoch := OutgoingHold.epoch():
        seed += f":{epoch}"  # numbers are given out again, and the links of before are dead
    return f"<{hashlib.sha256(seed.encode()).hexdigest()[:32]}@{settings.host}>"


def write(mail: Any) -> EmailMessage | None:
    """The message of `mail`, a row of the outbox that leaves at `leaves_at`; None when there is nothing left to tell.

    Sets its `subject`, and its `text` without the links that open something.
    """
    context = context_of(mail)
    if context is None:
        return None
    contact = context["contact"]
    subject, text, html = (_part(mail, part, context) for part in ("subject.txt", "body.txt", "body.html"))
    mail.subject, mail.text = (
        subject[: type(mail).subject.max_length],
        mask_links(text.replace(context.get("one_time_code", "\0"), "…")),
    )
    message = EmailMessage()
    message["From"] = formataddr(("mijnPerined", settings.mail_from))
    message["To"] = mail.to
    if contact.mail:
        message["Reply-To"] = contact.mail
    message["Subject"] = " ".join(subject.split())
    message["Date"] = formatdate(mail.leaves_at.replace(tzinfo=clock.UTC).timestamp())
    message["Message-ID"] = message_id(mail)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    # What a rule in a mailbox can rely on, whatever the subject says.
    message["List-Id"] = f"{MAIL_LABELS[mail.name]} <{mail.name.replace('_', '-')}.{settings.host}>"
    # Short lines of ASCII, so that no server has a reason to rewrite or refuse them.
    message.set_content(text + "\n", cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    for one in calendar_files(context["calendar_days"]):
        kind, content = {"method": one.day.method, "charset": "utf-8"}, one.content(mail.leaves_at)
        message.add_attachment(content, "text", "calendar", params=kind, filename=one.name, cte="base64")
    # Only now: what is called Content-… before moves into the first part.
    message["Content-Language"] = "nl, en" if 'lang="en"' in html else "nl"
    return message
