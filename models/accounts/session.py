"""Logged-in browsers. A session lives in the database, so that ending it ends it everywhere, on the very next request."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from peewee import CharField, DateTimeField, DeferredForeignKey, ModelSelect, Node

from models import clock
from models.base import EVERYBODY, Record, db

if TYPE_CHECKING:
    from models.accounts.user import User

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
FORGOTTEN = 500  # open ones of before there was a most
MOST = 5  # browsers in which one person is logged in at once; one more ends the oldest
NOTE_EVERY = timedelta(minutes=1)  # how exactly the last use is known; each note is a write


class LogIn(Record):
    """One person in one browser, from log-in to log-out. Ended ones stay as long as the trail wants them."""

    user = DeferredForeignKey("User", backref="logins", on_delete="RESTRICT")
    key_hash = CharField(max_length=64, unique=True)
    started_at = DateTimeField()
    seen_at = DateTimeField()
    ended_at = DateTimeField(null=True)
    address = CharField(max_length=64)
    agent = CharField(max_length=200)

    class Meta:
        indexes = ((("user", "ended_at"), False),)

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def start(cls, user: "User", address: str, agent: str, now: datetime | None = None) -> str:
        """Begin a session; returns the key that only the browser keeps. Beyond MOST those end that were used longest ago."""
        now, key = now or clock.now(), secrets.token_urlsafe(32)
        with db.atomic():
            cls.create(user=user, key_hash=_hash(key), started_at=now, seen_at=now, address=address[:64], agent=agent[:200])
            open_ones = (
                cls.select(cls.id).where(cls.user == user, cls.ended_at.is_null()).order_by(cls.seen_at.desc(), cls.id.desc())
            )
            if beyond := [number for (number,) in open_ones.limit(FORGOTTEN).offset(MOST).tuples()]:
                cls.update(ended_at=now).where(cls.id.in_(beyond)).execute()
        return key

    @classmethod
    def alive(cls, key: str, user: "User", now: datetime | None = None) -> "LogIn | None":
        """The session with this key if it is this person's, was not ended and is within both limits; else None.

        One that began or was used in the future, while the clock was wrong, does not live on for it.
        """
        now = now or clock.now()
        return cls.get_or_none(
            cls.key_hash == _hash(key),
            cls.user == user,
            cls.ended_at.is_null(),
            cls.seen_at > now - IDLE,
            cls.seen_at < now + IDLE,
            cls.started_at > now - ABSOLUTE,
            cls.started_at < now + IDLE,
        )

    def note_use(self, now: datetime | None = None) -> None:
        """Move the idle limit on. A clock that was set back never shortens a session."""
        now = now or clock.now()
        if now - self.seen_at > NOTE_EVERY:
            LogIn.update(seen_at=now).where(LogIn.id == self.id, LogIn.ended_at.is_null()).execute()

    def end(self, now: datetime | None = None) -> None:
        LogIn.update(ended_at=now or clock.now()).where(LogIn.id == self.id, LogIn.ended_at.is_null()).execute()

    @classmethod
    def end_all(cls, user: "User", but: "LogIn | None" = None, now: datetime | None = None) -> int:
        """End every session of a person, but the one that is named; returns how many."""
        others = (cls.user == user) & cls.ended_at.is_null()
        if but is not None:
            others &= cls.id != but.id
        return cls.update(ended_at=now or clock.now()).where(others).execute()

    @classmethod
    def open_of(cls, user: "User", now: datetime | None = None) -> ModelSelect:
        """The sessions of a person that could still be used, newest first."""
        since = (now or clock.now()) - IDLE
        return cls.select().where(cls.user == user, cls.ended_at.is_null(), cls.seen_at > since).order_by(cls.id.desc())


def _hash(key):
    return hashlib.sha256(key.encode()).hexdigest()
