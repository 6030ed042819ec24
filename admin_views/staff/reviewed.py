"""What lists of accounts tell of a term, the last use and the review that is open."""

from admin_views.grid import columns
from admin_views.grid.acts import row_act
from models import clock, dutch
from models.approval.held_change import HeldChange
from models.staff.account_review import ReviewedAccount, confirm

ENDS_ON = "Vanaf deze dag kan deze persoon niet meer inloggen. Leeg: geen einddatum."
STATE_LOOKS = {
    "actief": "success", "uitgenodigd": "info", "niet uitgenodigd": "warning", "beëindigd": "neutral", "geschorst": "warning",
}  # fmt: skip


def state_badge(view, context, row, name):
    """Whether somebody can come in, and until when."""
    ends = row.is_active and row.ends_on and f"stopt per {dutch.long_date(row.ends_on)}"
    return columns.with_note(columns.badge(row.state, STATE_LOOKS[row.state]), ends)


def last_used(view, context, row, name):
    """The last log-in or answer by mail."""
    used = max((moment for moment in (row.current_login_at, row.used_at) if moment), default=None)
    return columns.day(clock.local_date(used)) if used else ""


class Reviewed:
    """What a list of accounts tells of the review that is open, and what is done there with somebody who came back or stays."""

    confirm = row_act("confirm", "Werkt hier nog", confirm, "account nagekeken", "accounts nagekeken")
    revive = row_act(
        "revive",
        "Weer actief maken",
        HeldChange.revive,
        "account wacht op bevestiging door iemand anders",
        "accounts wachten op bevestiging door iemand anders",
        confirm="Wilt u vragen of het account weer actief mag worden, met de rollen van toen?",
    )

    def complete(self, rows):
        judged = ReviewedAccount.to_judge([row.id for row in rows])
        for row in rows:
            row.judged = judged.get(row.id)
        return rows

    def to_confirm(self, row):
        """Whether this account waits for a verdict."""
        return row.active and row.judged is not None and row.judged.verdict is None


def verdict(view, context, row, name):
    """What the open review says of this account."""
    if row.judged is None or not row.active:
        return ""
    return (
        columns.badge(row.judged.said.capitalize(), "success")
        if row.judged.verdict
        else columns.badge("Nog nakijken", "warning")
    )
