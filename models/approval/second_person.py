"""Whether two accounts can be two people: segregation of duties fails when one of them alone made the other (NEN 7510)."""

from datetime import datetime, timedelta
from typing import Any

from models.accounts.user import User
from models.approval.change_kind import ChangeOutcome
from models.base import Refused

YOUNG = timedelta(days=90)  # so long who changed an account with nobody to confirm it may stand behind that account
ONE_PERSON = (
    "Een van u beiden heeft het account van de ander onlangs gemaakt of gewijzigd, of iemand anders die van u allebei, "
    "zonder dat iemand dat bevestigde. Vraag iemand anders om dit te bevestigen."
)


class SecondPerson:
    """What the changes of accounts (`HeldChange`, whose columns these are) tell of who may stand behind an account."""

    account: Any
    asked_by: Any
    outcome: Any
    decided_at: Any
    select: Any

    @classmethod
    def demand_second(cls, second: User, first: User, now: datetime) -> None:
        """Raise Refused when one person may stand behind both accounts."""
        if cls._behind(first.id, now) & cls._behind(second.id, now):
            raise Refused(ONE_PERSON)

    @classmethod
    def _behind(cls, account, now):
        """The account, who changed it with nobody to confirm it, and who stands behind those."""
        found, found_last = {account}, {account}
        alone = (cls.outcome == ChangeOutcome.ELAPSED) & (cls.decided_at > now - YOUNG)
        while found_last:
            query = cls.select(cls.asked_by).where(alone, cls.account.in_(list(found_last))).tuples()
            found_last = {number for (number,) in query} - found
            found |= found_last
        return found
