"""What the mails about changes that wait for a second person may know."""

from models.approval.held_change import HeldChange
from settings import settings


def _about(mail):
    """None when it asks for a look at what was decided meanwhile."""
    facts = mail.facts
    # A mail of before changes were told together knows one.
    pairs = facts.get("changes") or [[facts["change"], facts.get("key", "")]]
    found = [(HeldChange.get_by_id(number), key) for number, key in pairs]
    if facts["moment"] == "wacht":
        found = [(change, key) for change, key in found if change.outcome is None]
    if not found:
        return None
    change = found[0][0]
    own = change.account_id == mail.user_id
    told = [_told(one, key) for one, key in found]
    return {
        "moment": facts["moment"],
        "own": own,
        "kind": change.kind,
        **told[0],
        "together": told if len(told) > 1 else [],
        "before": facts["before"],
        "asked_by": change.asked_by.name,
        "due_at": change.due_at,
        "may_confirm": not own and change.asked_by_id != mail.user_id,
        "screen": f"{settings.portal_url}/wijzigingen/",
    }


def _told(change, key):
    link = f"{settings.portal_url}/dit-klopt-niet/{key}/"
    return {"label": change.label, "account": change.account, "what": change.what_in_public, "stop_link": link}


CONTEXTS = {"held_change": _about}
