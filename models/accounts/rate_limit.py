"""Slows guessing down: per account and per address, held in the database, so that every process counts the same tries.

Ours, and not Flask-Limiter (4.1): it counts in memory, Redis, Memcached or MongoDB, none of which one machine with SQLite
has, and what must be counted here is only known once the password was wrong.
"""

import hashlib
from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_network

from peewee import CharField, DateTimeField, Node, fn

from models import clock
from models.base import EVERYBODY, Record

# (failures within WINDOW, minutes to wait after the last of them), the strictest first
WINDOW = timedelta(hours=1)
ACCOUNT_STEPS = ((15, 15), (10, 5), (5, 1))
# A whole hospital may share one address, so this border lies far higher.
ADDRESS_STEPS = ((200, 15), (60, 1))
SUBNET = 64  # bits of an IPv6 address that one subscriber holds still; the others are theirs to choose


class FailedAttempt(Record):
    """One wrong password, code or link. The account is kept as a hash, because people also type things that are no account."""

    account = CharField(max_length=64)
    address = CharField(max_length=64)
    at = DateTimeField()

    class Meta:
        indexes = ((("account", "at"), False), (("address", "at"), False))

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def note(cls, account: str, address: str, now: datetime | None = None) -> None:
        """Remember one failure."""
        cls.create(account=_hash(account), address=subscriber(address), at=now or clock.now())

    @classmethod
    def wait(cls, account: str, address: str | None = None, now: datetime | None = None) -> timedelta:
        """How long this account must wait, as a timedelta; zero when it may go on. With an `address`, that too."""
        mine = cls._wait(cls.account == _hash(account), ACCOUNT_STEPS, now or clock.now())
        return max(mine, cls.crowded(address, now)) if address is not None else mine

    @classmethod
    def crowded(cls, address: str, now: datetime | None = None) -> timedelta:
        """How long what fails from this address must wait, as a timedelta: others there failed too often."""
        return cls._wait(cls.address == subscriber(address), ADDRESS_STEPS, now or clock.now())

    @classmethod
    def _wait(cls, mine, steps, now):
        recent = cls.select(fn.COUNT(cls.id), fn.MAX(cls.at)).where(mine, cls.at > now - WINDOW, cls.at <= now)
        failures, last = recent.tuples().get()
        minutes = next((minutes for border, minutes in steps if failures >= border), 0)
        return max(last + minutes * clock.MINUTE - now, timedelta(0)) if minutes else timedelta(0)

    @classmethod
    def forgive(cls, account: str) -> None:
        """The right password came: start counting anew for this account."""
        cls.delete().where(cls.account == _hash(account)).execute()

    @classmethod
    def forget_old(cls, now: datetime | None = None) -> int:
        """Remove what no longer counts."""
        return cls.delete().where(cls.at < (now or clock.now()) - clock.DAY).execute()


def subscriber(address: str) -> str:
    """What is counted for a network address: itself, or the network of an IPv6 address."""
    with suppress(ValueError):
        found = IPv6Address(address.partition("%")[0])
        return str(found.ipv4_mapped or ip_network((found, SUBNET), strict=False))
    return address[:64]


def _hash(account):
    return hashlib.sha256(account.strip().lower().encode("utf-8", "replace")).hexdigest()
