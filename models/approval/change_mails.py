"""What the mails about changes that wait for a second person may know."""

from functools import partial
from typing import Any

from models import access
from models.approval.four_eyes import FourEyes
from models.approval.held_change import HeldChange
from models.mail.letter import NOT_KNOWN, NotKnown
from settings import settings


def about(model: type[FourEyes], screen: str, mail: Any) -> dict[str, Any] | None:
    """None when it asks for a look at what was decided meanwhile. `screen`: where that is done, below the portal's address."""
    facts = mail.facts
    # A mail of before changes were told together knows one.
    pairs = facts.get("changes") or [[facts["change"], facts.get("key", "")]]
    found = [(model.get_by_id(number), key) for number, key in pairs]
    if not {change.kind for change, _ in found} <= dict(model.kind.choices).keys():
        raise NotKnown(NOT_KNOWN)
    if facts["moment"] == "wacht":
        found = [(change, key) for change, key in found if change.outcome is None]
    if not found:
        return None
    change = found[0][0]
    own = change.about is not None and change.about.id == mail.user_id
    told = [_told(one, key) for one, key in found]
    return {
        "moment": facts["moment"],
        "own": own,
        "kind": change.kind,
        **told[0],
        "together": told if len(told) > 1 else [],
        "before": facts["before"],
        "asked_by": change.asked_by.name,
        "decided_by": change.decided_by and change.decided_by.name,
        "due_at": change.due_at,
        "may_confirm": mail.user_id not in change.parties and access.may(mail.user, change.ability),
        "screen": f"{settings.portal_url}{screen}",
    }


def _told(change, key):
    link = f"{settings.portal_url}/dit-klopt-niet/{key}/"
    return {
        "label": change.label,
        "account": change.about,
        "named": change.named,
        "in_full": change.in_full,
        "what": change.what_in_public,
        "stop_link": link,
    }


CONTEXTS = {"held_change": partial(about, HeldChange, "/wijzigingen/")}
