"""A stay that somebody is typing in, half-way, with one mistake to find."""

from datetime import timedelta

from models import clock
from models.accounts.user import User
from models.lnr.entry.draft import StayDraft
from models.lnr.entry.draft_message import split
from models.lnr.entry.entry_items import typed

CONTACT = "lnr-contact@example.com"


def plan(agenda, now):
    """Begin a form this morning."""
    agenda.put(now - timedelta(hours=3), _type)


def _type(now):
    contact = User.by_email(CONTACT)
    entry, born = StayDraft.begin(contact, now), clock.today(now) - timedelta(days=9)
    told = {
        "gravidity": 1,
        "parity_before": 0,
        "pregnancy_complications_present": False,
        "child_ids": [["", "DEMO-2001"]],
        "birth_datetime": f"{born}T06:20:00",
        "sex": "F",
        "multiple_birth": False,
        "deceased": False,
        "gestational_age_days": 243,
        "apgar_1": 6,
        "apgar_5": 11,
        "birth_weight_g": 2280,
        "respiratory_support_given": True,
        "respiratory_supports.1.respiratory_support_start": f"{born}T06:40:00",
        "respiratory_supports.1.respiratory_support_end": str(born + timedelta(days=2)),
        "respiratory_supports.1.respiratory_support_type": "47545007",
    }
    for at, kept in told.items():
        entry.put(at, typed(split(at)[0]).fields(kept), contact, 0, now)
