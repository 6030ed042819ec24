"""What a rule asks about other messages and stays. The delivery answers from the database; by itself a message is alone."""

from datetime import datetime
from typing import Any


class Context:
    """What the delivery answers in a subclass, for the hospital of its key. Here: nothing was ever sent before.

    `child` is a pair (root, number), `numbers` a list of them; moments are UTC without a zone.
    """

    # Whether no newest version means that nothing was received.
    knows_the_past = True

    def may_send_for(self, numbers: Any) -> bool:
        """Whether the institution with these numbers is known and is the one that the sender may send for (R-02)."""
        return True

    def production_allowed(self) -> bool:
        """Whether the supplier is admitted to send production messages (R-02)."""
        return True

    def same_message_other_content(self, message_root: Any, message_id: Any) -> bool:
        """Whether this message id came before with other content (R-03)."""
        return False

    def newest_version(self, set_root: Any, set_id: Any) -> int | None:
        """The highest version number kept of this stay, a withdrawal included; None when there is none (R-04)."""
        return None

    def is_withdrawn(self, set_root: Any, set_id: Any) -> bool:
        """Whether the highest version kept of this stay is a withdrawal (R-04)."""
        return False

    def is_erased(self, set_root: Any, set_id: Any) -> bool:
        """Whether this stay was erased, on request or after its term, and is not taken again (R-04)."""
        return False

    def overlaps_elsewhere(self, child: Any, first: datetime, last: datetime) -> bool:
        """Whether this child has a stay in another institution between these moments (UTC) (R-40)."""
        return False

    def same_admission(self, child: Any, admitted: datetime, set_root: Any, set_id: Any) -> bool:
        """Whether another stay of this child, under another set id, has the same moment of admission (R-41)."""
        return False

    def was_in_nicu(self, child: Any, admitted: datetime | None, set_root: str, set_id: str) -> bool:
        """Whether a stay of this child, under another set id, that began before `admitted` was in intensive care (scope).

        `admitted` None: the moment of admission is not known; then any other stay may be the earlier one.
        """
        return False


class Alone(Context):
    """A message by itself, as `lnr-check` and a look without storing see it: a replacement is as good as a new one."""

    knows_the_past = False


ALONE = Alone()
