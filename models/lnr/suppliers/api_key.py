"""Keys with which a supplier's software sends for one hospital: shown once, kept as a hash, two valid at a time."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from peewee import Case, CharField, DateTimeField, ForeignKeyField, IntegerField, Node

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit import audit_event
from models.audit.audit_event import AuditEvent
from models.base import Refused, db, losable, new_key
from models.database.prepared_statements import Hole, Prepared
from models.lnr.registry.registry_row import LnrRow
from models.lnr.suppliers.supplier import Supplier

PREFIX = "lnr_"
DAYS = 365
WARNED_DAYS = 30  # before a key ends
MOST_VALID = 2  # the old one and its successor
A_MINUTE = 60  # messages
REFUSALS = 10  # lines of the trail a minute
USED_AGAIN = "Deze sleutel is al gemaakt en één keer getoond. Hebt u hem niet bewaard, trek hem dan in en maak een nieuwe."


class ApiKey(LnrRow):
    """One key. Its text is nowhere; `hint` is how it begins, by which people tell keys apart."""

    supplier = ForeignKeyField(Supplier, backref="keys", on_delete="RESTRICT")
    hospital = ForeignKeyField(Hospital, backref="lnr_keys", on_delete="RESTRICT")
    token_hash = CharField(max_length=64, unique=True)
    hint = CharField(max_length=12)
    request = CharField(max_length=22, unique=True)  # made by the page: a double click makes one key
    created_at = DateTimeField()
    created_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    expires_at = DateTimeField()
    revoked_at = DateTimeField(null=True)
    revoked_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    last_used_at = DateTimeField(null=True)
    per_minute = IntegerField(default=A_MINUTE)
    minute = DateTimeField(null=True)
    sent = IntegerField(default=0)  # in that minute

    class Meta:
        table_name = "lnr_key"

    @classmethod
    def issue(
        cls,
        supplier: Supplier,
        hospital: Hospital,
        by: User | None = None,
        days: int = DAYS,
        request: str | None = None,
        token: str | None = None,
        now: datetime | None = None,
    ) -> "tuple[ApiKey, str]":
        """Make a key; returns (key, its text), the only time that the text is known.

        Raises Refused when two keys are valid already, or when `request` made one before. `token`: of the demonstration.
        """
        if by is not None:
            access.demand(by, "oversee")
        now, token = now or clock.now(), token or PREFIX + secrets.token_urlsafe(32)
        request = (request or new_key())[:22]
        with db.atomic():
            # Held until the transaction ends: two at once could both find room for one more.
            mine = Supplier.select().where(Supplier.id == supplier)
            (mine.for_update() if db.for_update else mine).get()
            cls._demand_room(supplier, hospital, request, now)
            key = cls.create(
                supplier=supplier,
                hospital=hospital,
                token_hash=_hash(token),
                hint=token[:10],
                request=request,
                created_at=now,
                created_by=by,
                expires_at=now + timedelta(days=days),
            )
            AuditEvent.log(
                "lnr.key", by=by, hospital=hospital, subject=f"Leverancier {supplier}", detail=f"sleutel {key.hint}…", at=now
            )
        return key, token

    @classmethod
    def _demand_room(cls, supplier, hospital, request, now):
        if cls.select().where(cls.request == request).exists():
            raise Refused(USED_AGAIN)
        if cls.select().where(cls.supplier == supplier, cls.hospital == hospital, cls.valid(now)).count() >= MOST_VALID:
            raise Refused("Er zijn al twee geldige sleutels voor dit ziekenhuis. Trek eerst de oude in.")

    @classmethod
    def valid(cls, now: datetime) -> Node:
        """Which keys open at `now`, as an expression."""
        return cls.revoked_at.is_null() & (cls.expires_at > now)

    @classmethod
    def opened_by(cls, token: str, now: datetime | None = None) -> Any:
        """The valid key with this text, with its supplier and hospital at hand; None when there is none."""
        if not token.startswith(PREFIX) or len(token) > 100 or not token.isascii():
            return None
        return OPENED.first(token_hash=_hash(token), now=now or clock.now())

    @classmethod
    def refuse(cls, token: str, now: datetime | None = None) -> None:
        """Tell the trail that no valid key came with a request; never what was sent.

        Once a minute for an address, and REFUSALS in all: who hammers at the door must not fill the trail.
        """
        now = now or clock.now()
        told = AuditEvent.addresses("lnr.key_refused", now - clock.MINUTE)
        if audit_event.origin.get() in told or len(told) >= REFUSALS:
            return
        old = cls.select(cls, Supplier).join(Supplier).where(cls.token_hash == _hash(token)).first()
        detail = f"sleutel {old.hint}…: {old.state(now)}" if old else "geen of een onbekende sleutel"
        about = {"hospital": old and old.hospital_id, "subject": f"Leverancier {old.supplier}" if old else "LNR-sleutel"}
        AuditEvent.log("lnr.key_refused", detail=detail, at=now, result="geweigerd", **about)

    def take(self, now: datetime | None = None, weight: int = 1) -> int:
        """Count one message; returns the seconds to wait, 0 when it may go on. Every process counts the same minutes.

        `weight`: how many messages a request counts for that brings more than one.
        """
        now = now or clock.now()
        minute = now.replace(second=0, microsecond=0)
        if not TAKEN.changed(key=self.id, minute=minute, now=now, weight=weight):
            return 60 - now.second
        self.sent, self.minute = (self.sent if self.minute == minute else 0) + weight, minute
        return 0

    def minute_left(self, now: datetime | None = None) -> tuple[int, int, int]:
        """(messages a minute, how many are left of this one, seconds to the next), as this request knows it."""
        now = now or clock.now()
        used = self.sent if self.minute == now.replace(second=0, microsecond=0) else 0
        return self.per_minute, max(0, self.per_minute - used), 60 - now.second

    def revoke(self, by: User | None = None, now: datetime | None = None) -> None:
        """End the key at once; repeating it changes nothing."""
        if by is not None:
            access.demand(by, "oversee")
        now = now or clock.now()
        with db.atomic():
            ended = ApiKey.update(revoked_at=now, revoked_by=by).where(ApiKey.id == self.id, ApiKey.revoked_at.is_null())
            if ended.execute():
                about = {"hospital": self.hospital_id, "subject": f"Leverancier {self.supplier}"}
                AuditEvent.log("lnr.key_end", by=by, detail=f"sleutel {self.hint}…", at=now, **about)

    @classmethod
    def of(cls, supplier: Supplier) -> Node:
        """Which keys are of this supplier."""
        return cls.supplier == supplier

    @classmethod
    def ending(cls, now: datetime) -> "list[ApiKey]":
        """The keys, with their suppliers, that end within WARNED_DAYS while no other of that supplier and hospital goes on."""
        soon = cls.expires_at <= now + timedelta(days=WARNED_DAYS)
        query = cls.select(cls, Supplier).join(Supplier).where(cls.valid(now)).order_by(cls.id)
        lasting = {(key.supplier_id, key.hospital_id) for key in query.where(~soon)}
        return [key for key in query.where(soon) if (key.supplier_id, key.hospital_id) not in lasting]

    def days_left(self, now: datetime | None = None) -> int | None:
        """The days until it ends, None while there are more than WARNED_DAYS or when it ended."""
        left = (self.expires_at - (now or clock.now())).days
        return left if self.state(now) == "geldig" and left <= WARNED_DAYS else None

    def state(self, now: datetime | None = None) -> str:
        """'geldig', 'verlopen' or 'ingetrokken'."""
        if self.revoked_at:
            return "ingetrokken"
        return "geldig" if self.expires_at > (now or clock.now()) else "verlopen"


def _opened():
    query = ApiKey.select(ApiKey, Supplier, Hospital).join(Supplier).switch(ApiKey).join(Hospital)
    return query.where(ApiKey.token_hash == Hole("token_hash"), ApiKey.valid(Hole("now"))).limit(1)


def _taken():
    minute, weight = Hole("minute"), Hole("weight")
    fresh = ApiKey.minute.is_null() | (ApiKey.minute != minute)
    counted = ApiKey.update(minute=minute, sent=Case(None, [(fresh, weight)], ApiKey.sent + weight), last_used_at=Hole("now"))
    # Who sends much would otherwise wait twice for the disk, and so would everybody behind this row.
    return counted.where(ApiKey.id == Hole("key"), fresh | (ApiKey.sent < ApiKey.per_minute), losable())


OPENED, TAKEN = Prepared(_opened), Prepared(_taken)


def _hash(token):
    # Random enough that no slow hash is needed.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
