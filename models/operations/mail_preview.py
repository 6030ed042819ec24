"""Which mails would go out on a day, and why: the real clocks run inside a transaction that is rolled back."""

from dataclasses import dataclass
from datetime import date, timedelta

from peewee import fn

from models import clock
from models.base import db
from models.cases.deadline import Deadline
from models.dutch import month_name, plural
from models.lnr.suppliers import key_expiry_mails
from models.mail.outbox import MAIL_LABELS, Mail, MailStatus
from models.monthly.monthly_request import MonthlyCall
from models.review.reminder import Reminder


@dataclass(frozen=True)
class PreviewedMail:
    """One mail that would leave."""

    to: str
    name: str
    why: str


def rehearse(day: date) -> list[PreviewedMail]:
    """The mails of `day`, in the order in which they would leave: what waits in the outbox, the request, the reminders.

    Without those that have nothing left to tell when they would leave.
    """
    # The last minute of the day: whatever the clocks do on it, they have done by then.
    now = clock.start_of(day + timedelta(days=1)) - clock.MINUTE
    with db.atomic() as transaction:
        newest = Mail.select(fn.MAX(Mail.id)).scalar() or 0
        MonthlyCall.open_due(now)
        Reminder.send_due(day, now)
        Deadline.remind_due(day, now)
        key_expiry_mails.warn(now)
        due = Mail.select().where(Mail.status == MailStatus.WACHT, Mail.not_before <= now).order_by(Mail.id)
        letters = [PreviewedMail(mail.to, MAIL_LABELS[mail.name], _why(mail, newest)) for mail in due if mail.render(now)]
        transaction.rollback()
    return letters


def _why(mail, newest):
    if mail.id <= newest:
        return "wacht al in de uitgaande post"
    if mail.name == "monthly_request":
        return f"melder van {mail.hospital}, over {month_name(mail.month)}"
    if mail.name == "lza1_term":
        return "de termijn van een LZA1-melding eindigt binnen een maand"
    if mail.name == "lnr_key_ending":
        return "een sleutel voor de LNR verloopt binnen een maand"
    rows = Reminder.select(Reminder.weeks).where(Reminder.mail == mail)
    weeks = sorted({row.weeks for row in rows}, reverse=True)
    return f"{plural(len(rows), 'openstaande melding', 'openstaande meldingen')}, sinds {' en '.join(map(str, weeks))} weken"
