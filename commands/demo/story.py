"""Fourteen months of a registry, up to now, in the order in which they happened."""

import random
from datetime import timedelta

from admin_views.accounts.demo_accounts import PASSWORD, accounts
from commands.demo import cases, deliveries, months, typing_in
from commands.demo.agenda import Agenda, StoryPost
from commands.demo.cast import LEAVER, NICU, assemble, plan_reviews
from commands.demo.committee import two_meetings
from commands.demo.neonatal import nicus
from models import clock
from models.accounts.contact_point import GENERAL, LNR, ContactPoint
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.base import db
from models.mail.mail_schedule import MailSchedule

MONTHS = 14
SEED = 20161001
# Numbers that the telephone companies keep for stories.
CONTACTS = {
    GENERAL: {"mail": "hulp@perined.example", "phone": "088-5550100", "hours": "werkdagen van 9 tot 17 uur"},
    LNR: {"mail": "lnr@perined.example"},
}


def is_needed():
    """Whether there is nobody here yet."""
    return not User.select().exists()


def is_told():
    """Whether the demonstration's accounts, whose password everybody knows, are here."""
    return User.by_email(accounts()[0].email) is not None


def mailbox_since(now):
    """From when a newcomer's mailbox holds what was sent: since the last monthly request."""
    schedule = MailSchedule()
    return schedule.request_due(schedule.month_due(now))


def tell(hash_password, now=None):
    """Fill an empty installation, in about fifteen seconds of processor time.

    `hash_password` makes of a password what an account keeps.
    """
    now = now or clock.now()
    luck = random.Random(SEED)
    asked = clock.months_until(clock.previous_month(clock.today(now)), MONTHS)
    first = clock.first_of(clock.add_months(asked[0], 1))
    with db.atomic():
        for about, contact in CONTACTS.items():
            ContactPoint.update(**contact).where(ContactPoint.about == about).execute()
        password = hash_password(PASSWORD)
        cast = assemble(password, clock.start_of(first - timedelta(days=20)))
        agenda = Agenda(now)
        months.plan(agenda, cast, asked, luck)
        months.plan_births(agenda, cast, now)
        months.plan_second_source(agenda, cast, now)
        months.plan_calls(agenda, cast, asked[-1], now)
        cases.plan(agenda, cast, luck)
        two_meetings.plan(agenda, cast, now)
        deliveries.plan(agenda, Hospital.by_code(NICU), now)
        typing_in.plan(agenda, now)
        plan_reviews(agenda, cast, now)
        nicus.plan(agenda, password, first, now)
        agenda.put(now - timedelta(days=80), _leave, cast[LEAVER])
        agenda.put_clocks(first, StoryPost(mailbox_since(now), "c.leclercq@example.com", "d.vandijk@example.com"))
        agenda.happen()


def _leave(colleague, now):
    colleague.deactivate(now=now)
