"""How often an address used the public form that judges a message; every process counts the same minutes."""

import hashlib
from datetime import datetime
from typing import Any

from peewee import Case, CharField, DateTimeField, IntegerField, Node

from models import clock
from models.accounts.rate_limit import subscriber
from models.base import NOBODY, db
from models.lnr.registry.registry_row import LnrRow

A_MINUTE = 20


class PublicCheck(LnrRow):
    """One address in this minute, as a hash; older minutes are thrown away."""

    address = CharField(max_length=64, unique=True)
    minute = DateTimeField(index=True)
    count = IntegerField()

    class Meta:
        table_name = "lnr_look"

    @classmethod
    def delivered_by(cls, hospital: Any) -> Node:
        return NOBODY

    @classmethod
    def take(cls, address: str, now: datetime | None = None) -> int:
        """Count one look; returns the seconds to wait, 0 when it may go on."""
        now = now or clock.now()
        minute = now.replace(second=0, microsecond=0)
        mine = hashlib.sha256(subscriber(address or "").encode()).hexdigest()
        with db.atomic():
            cls.delete().where(cls.minute < minute - clock.MINUTE).execute()
            more = Case(None, [(cls.minute != minute, 1)], cls.count + 1)
            counted = cls.insert(address=mine, minute=minute, count=1)
            counted.on_conflict(conflict_target=[cls.address], update={"minute": minute, "count": more}).execute()
            return 60 - now.second if cls.get(cls.address == mine).count > A_MINUTE else 0
