"""Browsers in which somebody logged in before: they prove a person behind a mail link, and may be trusted for a while."""

import hashlib
import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

from peewee import CharField, DateTimeField, DeferredForeignKey

from models import clock
from models.base import Record

if TYPE_CHECKING:
    from models.accounts.user import User

DEVICE_DAYS = 400
TRUST_DAYS = 30


class KnownDevice(Record):
    """A browser on which this person once logged in fully. It proves a person behind a mail link; it is no log-in."""

    user = DeferredForeignKey("User", backref="devices", on_delete="CASCADE")
    token_hash = CharField(max_length=64, unique=True)
    created_at = DateTimeField(default=clock.now)
    # Until when a password is enough on it.
    trusted_until = DateTimeField(null=True)

    @classmethod
    def remember(cls, user: "User", token: str | None = None) -> str:
        """Recognise this browser from now on; returns the token for its cookie, the old one when it still holds."""
        if token and cls.recognises(token, user):
            return token
        token = secrets.token_urlsafe(32)
        cls.create(user=user, token_hash=_hash(token))
        return token

    @classmethod
    def recognises(cls, token: str | None, user: "User", now: datetime | None = None) -> bool:
        """Whether `token` was given to this very person, less than DEVICE_DAYS ago."""
        if not token:
            return False
        since = (now or clock.now()) - DEVICE_DAYS * clock.DAY
        found = cls.select().where(cls.token_hash == _hash(token), cls.user == user, cls.created_at > since)
        return found.exists()

    @classmethod
    def trust(cls, token: str, user: "User", now: datetime | None = None) -> None:
        """Ask no second step on this device for TRUST_DAYS days."""
        until = (now or clock.now()) + TRUST_DAYS * clock.DAY
        cls.update(trusted_until=until).where(cls.token_hash == _hash(token), cls.user == user).execute()

    @classmethod
    def trusts(cls, token: str | None, user: "User", now: datetime | None = None) -> bool:
        """Whether the owner said so on this very device, less than TRUST_DAYS ago (nor in the future, by a wrong clock)."""
        now = now or clock.now()
        mine = (cls.token_hash == _hash(token or "")) & (cls.user == user)
        longest = now + (TRUST_DAYS + 1) * clock.DAY
        return cls.select().where(mine, cls.trusted_until > now, cls.trusted_until < longest).exists()

    @classmethod
    def trusted_by(cls, user: "User", now: datetime | None = None) -> int:
        """On how many devices this person is not asked for the second step."""
        return cls.select().where(cls.user == user, cls.trusted_until > (now or clock.now())).count()

    @classmethod
    def distrust(cls, user: Any) -> int:
        """Ask the second step again everywhere; returns on how many devices it was not asked."""
        return cls.update(trusted_until=None).where(cls.user == user, cls.trusted_until.is_null(False)).execute()


def _hash(token):
    return hashlib.sha256(token.encode()).hexdigest()
