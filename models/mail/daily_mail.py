"""The daily mail: what somebody chose to get once a day, as one mail each morning with a line for each."""

from datetime import datetime
from typing import Any

from models import clock
from models.accounts.user import User
from models.base import db
from models.dutch import long_date
from models.long_work.shutdown import until_asked
from models.mail import letter
from models.mail.mail_status import MailStatus
from models.mail.outbox import Mail
from models.mail.sending_hold import SendingHold
from settings import settings


def queue_unless_waiting(name: str, to: User, case: Any, now: datetime, **about: Any) -> Mail | None:
    """Queue a mail about `case`, unless the same to this person still waits: its text, made when it is sent, tells all."""
    waits = Mail.status.in_((MailStatus.WACHT, MailStatus.DAGMAIL))
    there = Mail.select().where(Mail.user == to, Mail.name == name, Mail.case_id == case.id, waits)
    return None if any(one.facts == about for one in there) else Mail.queue(name, to, case=case, now=now, **about)


def gather(now: datetime | None = None) -> int:
    """Put what was kept for each person into their mail of today; returns how many such mails were queued.

    Once a day for each person, whatever runs it how often: what is kept after that waits for tomorrow.
    """
    now = now or clock.now()
    today = clock.local(now).date()
    kept = User.select().join(Mail).where(Mail.status == MailStatus.DAGMAIL).distinct()
    queued = 0
    for person in until_asked(list(kept.order_by(User.id))):
        with db.atomic():
            mine = (Mail.user == person) & (Mail.status == MailStatus.DAGMAIL) & ~SendingHold.stops(Mail, now)
            numbers = [number for (number,) in Mail.select(Mail.id).where(mine).order_by(Mail.id).tuples()]
            if numbers and Mail.queue("daily", person, once=f"daily:{person.id}:{today}", now=now, mails=numbers):
                gone = {"status": MailStatus.VERVALLEN, "error": f"Staat in de dagmail van {long_date(today)}."}
                Mail.update(gone).where(mine, Mail.id.in_(numbers)).execute()
                queued += 1
    return queued


def _daily(mail):
    """A line for each mail that still has something to tell; the texts themselves stay behind the log-in."""
    if not mail.user.active:
        return None
    lines, days = [], []
    for one in Mail.select().where(Mail.id.in_(mail.facts["mails"]), Mail.user == mail.user).order_by(Mail.id):
        one.leaves_at = mail.leaves_at
        if (context := letter.context_of(one)) is not None:
            days += context["calendar_days"]
            lines.append({"subject": letter.subject_of(one, context), "link": context.get("link") or settings.portal_url})
    return {"lines": lines, "calendar_days": days} if lines else None


# What models/__init__.py gives the outbox.
CONTEXTS = {"daily": _daily}
