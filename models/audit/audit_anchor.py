"""Cutting off the oldest lines of the trail once they had their term: an anchor holds the chain where it begins from then on.

An anchor is written in the transaction that removes the lines, together with a line of the trail about it; the database lets
no other line go, and no anchor be written about lines of the last five years (NEN 7513). Its seal opens with the key of the
portal only: who has the database alone can cut lines off, but cannot make it look right.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from peewee import CharField, DateTimeField, IntegerField, Node

from models.audit.audit_event import GENESIS, AuditEvent
from models.base import EVERYBODY, Record
from models.encrypted_fields import CannotDecrypt, SealedField

LEAST = timedelta(days=5 * 365)  # NEN 7513: no younger line goes, whatever term somebody chose


class AuditAnchor(Record):
    """The last line that was cut off: its number, hash and moment, and how many lines went with it."""

    last = IntegerField(unique=True)
    hash = CharField(max_length=64)
    said_at = DateTimeField()
    lines = IntegerField()
    at = DateTimeField()
    seal = SealedField()

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def cut(cls, last: AuditEvent, lines: int, now: datetime) -> int:
        """Remove this line and all before it, in the caller's transaction; returns how many went."""
        told = {"last": last.id, "hash": last.hash, "said_at": last.at, "lines": lines, "at": now}
        cls.create(**told, seal=cls(**told)._told)
        AuditEvent.log("trail.cut", subject=f"t/m regel {last.id}", detail=f"{lines} regels, controlegetal {last.hash}", at=now)
        return AuditEvent.delete().where(AuditEvent.id <= last.id).execute()

    @property
    def _told(self) -> str:
        return f"{self.last} {self.hash} {self.said_at.isoformat()} {self.lines} {self.at.isoformat()}"

    @classmethod
    def broken(cls) -> Iterator[str]:
        """Yield a sentence for every anchor that was not made by the portal, or of which the trail does not tell."""
        for number in [row.id for row in cls.select(cls.id).order_by(cls.last)]:
            try:
                anchor = cls.get_by_id(number)
                genuine = anchor.seal == anchor._told
            except CannotDecrypt:
                genuine = False
            if not genuine:
                yield f"logboek: anker {number}, waarvoor het begin is weggehaald, is niet van het portaal"
            elif anchor.said_at > anchor.at - LEAST:
                yield f"logboek: vóór anker {number} zijn regels weggehaald die geen vijf jaar oud waren"
        newest, _ = cls.begin()
        told = AuditEvent.select().where(AuditEvent.action == "trail.cut", AuditEvent.subject == f"t/m regel {newest}")
        if newest and not told.exists():
            yield f"logboek: het begin is weggehaald t/m regel {newest}, en geen regel vertelt dat"

    @classmethod
    def begin(cls) -> tuple[int, str]:
        """(number, hash) of the line before the first one that is kept; (0, GENESIS) of a trail that is whole."""
        row = cls.select(cls.last, cls.hash).order_by(cls.last.desc()).limit(1).tuples().first()
        return row or (0, GENESIS)


def broken() -> Iterator[Any]:
    """Everything that is wrong with the chain of the trail, from where it begins."""
    yield from AuditAnchor.broken()
    yield from AuditEvent.broken_links(*AuditAnchor.begin())
