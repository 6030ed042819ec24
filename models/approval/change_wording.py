"""What a change of an account is in words, on the screen, in the trail and in mails."""

from typing import Any

from models.access import PROCESS_LABELS, ROLE_LABELS, Role
from models.approval.change_kind import KIND_LABELS, ChangeKind


class ChangeWording:
    """The words of a `HeldChange`, whose columns these are."""

    account: Any
    kind: Any
    hospital: Any
    hospital_id: Any
    committee: Any
    roles: Any
    address: Any
    reason: Any
    outcome: Any

    @property
    def what(self) -> str:
        """What changes, in words: 'NethOSS-melder · Ziekenhuis Oost', 'oud@example.nl wordt nieuw@example.nl'."""
        if self.kind == ChangeKind.ADDRESS:
            return f"{self.address} (nu {self.account.email})" if self.outcome is None else self.address or "een ander adres"
        if self.kind == ChangeKind.FACTOR:
            return f"gewist, want: {self.reason}" if self.reason else "gewist"
        if self.kind == ChangeKind.REVIVE:
            return "weer actief, met de rollen van toen"
        labels = ", ".join(ROLE_LABELS[Role(name)] for name in self.roles.split())
        place = self.hospital.name if self.hospital_id else PROCESS_LABELS.get(self.committee, "landelijk")
        return f"{labels} · {place}"

    @property
    def whose(self) -> str:
        """What it is a change of."""
        return f"het account van {self.account.name}"

    @property
    def label(self) -> str:
        """What kind of change it is."""
        return KIND_LABELS[self.kind]

    @property
    def what_in_public(self) -> str:
        """The same without what somebody typed: for mails, and for the page that asks for no log-in."""
        return "gewist" if self.kind == ChangeKind.FACTOR else self.what
