"""Why an account opens nothing, for who knows its password: told at log-in, with who can help."""

from models.accounts.user import User
from models.dutch import listed, long_date
from models.staff.ending import helpers


def reason(account: User) -> str:
    """The reason in a sentence; empty for an account that works, and for one that ended without a day that is known."""
    if account.is_active:
        return ""
    helped_by = listed([person.name for person in helpers(account)])
    if account.suspended_at:
        why = f"sinds {long_date(account.suspended_at)} geschorst: het was dertien maanden niet gebruikt"
    elif account.ends_on:
        why = f"gestopt per {long_date(account.ends_on)}"
    else:
        return ""
    return f"Uw account is {why}. Hebt u het nog nodig? Vraag {helped_by} om het weer actief te laten maken."
