"""What holds everything outgoing after a restore, and the epoch that a restore begins.

A restored database is a past that would act: it would send again what left after the copy was made. Nothing leaves until a
person releases it: two beheerders together, or the operator at the command line (models/operations/after_restore.py).
"""

import json
from datetime import datetime

from peewee import DateTimeField, ForeignKeyField, Node, TextField

from models import clock
from models.accounts.user import User
from models.base import Record, db


class OutgoingHold(Record):
    """One restore: when the copy was made, when it was put back, and when a person let things leave again."""

    copied_at = DateTimeField()
    restored_at = DateTimeField()
    released_at = DateTimeField(null=True)
    # The beheerder who asks for the release, and the second one who gives it; nobody when the operator did.
    asked_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    asked_at = DateTimeField(null=True)
    released_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    # When somebody said what had been erased on request since the copy, or that nothing was.
    erasures_at = DateTimeField(null=True)
    # Of what was told by the trails of then: what could not be erased again, as JSON. None while no trail was read.
    erasures_left = TextField(null=True)

    @property
    def subject(self) -> str:
        """What a line of the trail calls it."""
        return f"terugzetting {self.id}"

    @property
    def not_erased(self) -> list[str]:
        """What was erased on request since the copy, by the trails that were read, and could not be erased again."""
        return json.loads(self.erasures_left or "[]")

    @classmethod
    def epoch(cls) -> int:
        """How often this installation was restored; part of every Message-ID, so that none returns for another mail."""
        return cls.select().count()

    @classmethod
    def standing(cls) -> "OutgoingHold | None":
        """The restore after which nothing was released yet."""
        return cls.select().where(cls.released_at.is_null()).order_by(cls.id.desc()).first()

    @classmethod
    def latest(cls) -> "OutgoingHold | None":
        """The latest restore, released or not."""
        return cls.select().order_by(cls.id.desc()).first()

    @classmethod
    def earliest_copy(cls, which: Node) -> datetime | None:
        """When the oldest copy of these restores was made; None without any."""
        found = cls.select(cls.copied_at).where(which).order_by(cls.copied_at).first()
        return found and found.copied_at

    @classmethod
    def let_go_with(cls, hold: "OutgoingHold") -> Node:
        """Which restores are released together with this one, as an expression: all that were not released before."""
        return cls.released_at.is_null() if hold.released_at is None else cls.released_at == hold.released_at

    @classmethod
    def held(cls) -> "OutgoingHold | None":
        """The same, held until the transaction ends: of two who decide at once the second sees what the first did."""
        query = cls.select().where(cls.released_at.is_null()).order_by(cls.id.desc())
        return (query.for_update() if db.for_update else query).first()

    @classmethod
    def release(cls, now: datetime | None = None) -> bool:
        """Let things leave again; False when nothing was held."""
        return bool(cls.update(released_at=now or clock.now()).where(cls.released_at.is_null()).execute())
