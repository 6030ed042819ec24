"""The commands that do by hand what the clocks do by themselves."""

import json

from models import dutch
from models.cases.deadline import Deadline
from models.mail.outbox import MAIL_STATUS_LABELS, Mail
from models.monthly.monthly_request import MonthlyCall
from models.operations.rehearsal import mail_preview
from models.review import open_queries
from models.review.reminder import Reminder


def open_month(chosen):
    """Ask all melders about a month."""
    asked = MonthlyCall.open_all(chosen.month)
    print(f"{dutch.plural(asked, 'melder', 'melders')} gevraagd over {dutch.month_name(chosen.month)}.")


def remind(chosen):
    """Queue the reminders that are due on a day."""
    queued = Reminder.send_due(chosen.on) + open_queries.send_due(chosen.on) + Deadline.remind_due(chosen.on)
    print(f"{dutch.plural(queued, 'herinnering', 'herinneringen')} klaargezet.")


def send_mail(chosen):
    """Send what waits in the outbox, once."""
    print(f"{dutch.plural(Mail.send_waiting(), 'mail', 'mails')} verzonden.")
    for status, count in Mail.unfinished().items():
        print(f"{MAIL_STATUS_LABELS[status]}: {dutch.number(count)}")


def rehearse(chosen):
    """Tell which mails would go out on a day, and why; send and keep nothing."""
    letters = mail_preview.rehearse(chosen.on)
    if chosen.json:
        found = [{"to": letter.to, "mail": letter.name, "why": letter.why} for letter in letters]
        print(json.dumps({"on": str(chosen.on), "mails": found}, ensure_ascii=False, indent=2))
        return
    for letter in letters:
        print(f"{letter.to:<36}  {letter.name:<34}  {letter.why}")
    print(f"{dutch.plural(len(letters), 'mail', 'mails')} op {dutch.long_date(chosen.on)}.")
