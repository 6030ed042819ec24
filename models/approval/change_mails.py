"""What the mails about a change that waits for a second person may know."""

from models.approval.held_change import HeldChange
from settings import settings


def _about(mail):
    """None when it asks for a look at what was decided meanwhile."""
    facts = mail.facts
    change = HeldChange.get_by_id(facts["change"])
    if facts["moment"] == "wacht" and change.outcome is not None:
        return None
    own = change.account_id == mail.user_id
    return {
        "moment": facts["moment"],
        "own": own,
        "kind": change.kind,
        "label": change.label,
        "account": change.account,
        "what": change.what_in_public,
        "before": facts["before"],
        "asked_by": change.asked_by.name,
        "due_at": change.due_at,
        "may_confirm": not own and change.asked_by_id != mail.user_id,
        "screen": f"{settings.portal_url}/wijzigingen/",
        "stop_link": f"{settings.portal_url}/dit-klopt-niet/{facts['key']}/",
    }


CONTEXTS = {"held_change": _about}
