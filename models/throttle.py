"""Slows guessing down: per account and per address, held in the database, so that every process counts the same tries."""

import hashlib
from datetime import timedelta

from peewee import CharField, DateTimeField, fn

from models import clock
from models.base import EVERYBODY, Record

# (failures within WINDOW, minutes to wait after the last of them), the strictest first
WINDOW = timedelta(hours=1)
ACCOUNT_STEPS = ((15, 15), (10, 5), (5, 1))
# A whole hospital may share one address, so this border lies far higher.
ADDRESS_STEPS = ((200, 15), (60, 1))


class FailedAttempt(Record):
    """One wrong password, code or link. The account is kept as a hash, because people also type things that are no account."""

    account = CharField(max_length=64)
    address = CharField(max_length=64)
    at = DateTimeField()

    class Meta:
        indexes = ((("account", "at"), False), (("address", "at"), False))

    @classmethod
    def for_management(cls):
        return EVERYBODY

    @classmethod
    def note(cls, account, address, now=None):
        """Remember one failure."""
        cls.create(account=_hash(account), address=address[:64], at=now or clock.now())

    @classmethod
    def wait(cls, account, address, known_device=False, now=None):
        """How long this try must wait, as a timedelta; zero when it may go on.

        On a device where the owner logged in before, somebody else's guessing does not keep the owner out.
        """
        now = now or clock.now()
        waits = [cls._wait(cls.address == address[:64], ADDRESS_STEPS, now)]
        if not known_device:
            waits.append(cls._wait(cls.account == _hash(account), ACCOUNT_STEPS, now))
        return max(waits)

    @classmethod
    def _wait(cls, mine, steps, now):
        recent = cls.select(fn.COUNT(cls.id), fn.MAX(cls.at)).where(mine, cls.at > now - WINDOW, cls.at <= now)
        failures, last = recent.tuples().get()
        minutes = next((minutes for border, minutes in steps if failures >= border), 0)
        return max(last + minutes * clock.MINUTE - now, timedelta(0)) if minutes else timedelta(0)

    @classmethod
    def forgive(cls, account):
        """The right password came: start counting anew for this account."""
        cls.delete().where(cls.account == _hash(account)).execute()

    @classmethod
    def forget_old(cls, now=None):
        """Remove what no longer counts."""
        return cls.delete().where(cls.at < (now or clock.now()) - clock.DAY).execute()


def _hash(account):
    return hashlib.sha256(account.strip().lower().encode("utf-8", "replace")).hexdigest()
