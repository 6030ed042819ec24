"""What holds everything outgoing after a restore, and the epoch that a restore begins.

A restored database is a past that would act: it would send again what left after the copy was made. Nothing leaves until a
person releases it (`python app.py release`).
"""

from datetime import datetime

from peewee import DateTimeField

from models import clock
from models.base import Record


class OutgoingHold(Record):
    """One restore: when the copy was made, when it was put back, and when a person let things leave again."""

    copied_at = DateTimeField()
    restored_at = DateTimeField()
    released_at = DateTimeField(null=True)

    @classmethod
    def epoch(cls) -> int:
        """How often this installation was restored; part of every Message-ID, so that none returns for another mail."""
        return cls.select().count()

    @classmethod
    def standing(cls) -> "OutgoingHold | None":
        """The restore after which nothing was released yet."""
        return cls.select().where(cls.released_at.is_null()).order_by(cls.id.desc()).first()

    @classmethod
    def release(cls, now: datetime | None = None) -> bool:
        """Let things leave again; False when nothing was held."""
        return bool(cls.update(released_at=now or clock.now()).where(cls.released_at.is_null()).execute())
