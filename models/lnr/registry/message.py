"""What arrived: every message once, what was answered, what is wrong in it, and its sealed original."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from unicodedata import normalize

from peewee import SQL, BooleanField, CharField, Check, DateTimeField, ForeignKeyField, IntegerField, Node, TextField

from models import access
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, new_key
from models.database import prepared_statements
from models.database.prepared_statements import Hole, Prepared
from models.encrypted_fields import CannotDecrypt, SealedBytes
from models.lnr.message.validation_report import Severity
from models.lnr.registry.registry_row import LnrRow
from models.lnr.registry.stay import NAME, Stay, StayState
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import Supplier

# Written out, not as an expression: the databases use a partial index only for exactly its own words.
LOOSE = "stay_id IS NULL"
# What is wrong with a message only as long as other messages, or the clock, say so (rule, variant).
PASSING = {("R-04", "unknown"), ("R-04", "known"), ("R-04", "withdrawn"), ("R-41", ""), ("R-09", "future")}
REFUSED_DAYS = 30  # that the original of a refused message is kept, to find out why


class Outcome(StrEnum):
    """What became of a message."""

    AANVAARD = "aanvaard"
    GEWEIGERD = "geweigerd"
    ONLEESBAAR = "onleesbaar"
    VEROUDERD = "verouderd"


NOT_TAKEN = (Outcome.GEWEIGERD, Outcome.ONLEESBAAR, Outcome.VEROUDERD)
OUTCOME_LABELS = {
    Outcome.AANVAARD: "Aangenomen",
    Outcome.GEWEIGERD: "Geweigerd",
    Outcome.ONLEESBAAR: "Niet te lezen",
    Outcome.VEROUDERD: "Ouder dan wat er al was",
}


class Route(StrEnum):
    """How it came."""

    BERICHT = "bericht"
    BESTAND = "bestand"
    FORMULIER = "formulier"


ROUTE_LABELS = {Route.BERICHT: "Automatisch bericht", Route.BESTAND: "Bestand", Route.FORMULIER: "Formulier"}


class Message(LnrRow):
    """One message of a hospital, for good. A message id counts once per hospital, production and test apart."""

    key = CharField(max_length=22, unique=True, default=new_key)
    hospital = ForeignKeyField(Hospital, backref="lnr_messages", on_delete="RESTRICT")
    supplier = ForeignKeyField(Supplier, null=True, backref="messages", on_delete="RESTRICT")
    by = ForeignKeyField(User, null=True, on_delete="RESTRICT")  # who brought it, on the other routes
    route = CharField(max_length=10, choices=list(ROUTE_LABELS.items()))
    test = BooleanField()
    message_root = CharField(max_length=NAME, default="")
    message_id = CharField(max_length=NAME, null=True)
    stay = ForeignKeyField(Stay, null=True, backref="messages", on_delete="RESTRICT")
    version = IntegerField(null=True)
    action = CharField(max_length=12, null=True)
    schema_version = CharField(max_length=NAME, null=True)
    software = CharField(max_length=2 * NAME + 1, default="")
    sha256 = CharField(max_length=64)
    size = IntegerField()  # bytes
    received_at = DateTimeField()
    outcome = CharField(
        max_length=12,
        choices=list(OUTCOME_LABELS.items()),
        constraints=[Check("outcome IN ({})".format(", ".join(f"'{outcome}'" for outcome in Outcome)))],
    )
    status = IntegerField()  # of the answer over HTTP
    answer = TextField()

    class Meta:
        indexes = (
            (("hospital", "test", "message_id", "message_root"), True),
            (("hospital", "sha256"), False),
            (("hospital", "received_at"), False),
            (("supplier", "received_at"), False),
            (("outcome", "received_at"), False),
            (("received_at",), False),
        )

    def __str__(self):
        return self.key

    @classmethod
    def same(cls, hospital: Any, sha256: str) -> "Message | None":
        """The message of this hospital with exactly this content; None when there is none."""
        return cls.select().where(cls.hospital == hospital, cls.sha256 == sha256).order_by(cls.id).first()

    @classmethod
    def with_id(cls, hospital: Any, test: bool, root: str, message_id: str) -> bool:
        """Whether a message of this hospital with this id of the sender came before."""
        return bool(WITH_ID.first(hospital=hospital, test=test, message_id=message_id, root=root or ""))

    @classmethod
    def loose(cls) -> Node:
        """Which messages belong to no stay, those that are plainly tests apart; as an expression."""
        return SQL(LOOSE) & (cls.test == 0)

    @classmethod
    def asked_for(cls, key: ApiKey, name: str) -> "Message | None":
        """The message that `name` means, by our key or the sender's id, of this supplier and hospital; else None."""
        mine = (cls.hospital == key.hospital_id) & (cls.supplier == key.supplier_id)
        named = (cls.key == name) | (cls.message_id == normalize("NFC", name))
        return cls.select().where(mine, named).order_by(cls.test, cls.id).first() if "\x00" not in name else None

    @classmethod
    def of_stay(cls, stay: Stay) -> "list[Message]":
        """Everything that arrived about a stay, newest first."""
        query = cls.select(cls, Supplier).left_outer_join(Supplier).where(cls.stay == stay)
        return list(query.order_by(cls.id.desc()))

    @classmethod
    def standing(cls, stay: Stay) -> "Message":
        """The message whose values the registry holds; None when nothing was accepted, or all of it withdrawn."""
        held = (cls.stay == stay) & (cls.outcome == Outcome.AANVAARD) & (cls.version == stay.version)
        return cls.select().where(held, cls.action != "intrekking").order_by(cls.id.desc()).first()

    @classmethod
    def standing_of(cls, stays: Sequence[Stay]) -> "dict[int, Message]":
        """{id of the stay: Message} of the messages whose values the registry holds of these stays."""
        held = (cls.outcome == Outcome.AANVAARD) & (cls.version == Stay.version) & (cls.action != "intrekking")
        query = cls.select(cls.id, cls.key, cls.stay, cls.received_at, cls.version).join(Stay)
        return {one.stay_id: one for one in query.where(cls.stay.in_([stay.id for stay in stays]), held).order_by(cls.id)}

    @classmethod
    def correctable(cls, stay: Stay) -> Any:
        """The message from which a form about a stay can begin: the standing one; of a stay that was never accepted the newest
        refused one that is still kept and that the schema holds valid. None when there is none."""
        if stay.version is not None or stay.state == StayState.INGETROKKEN:
            return cls.standing(stay)
        query = (
            cls.select()
            .join(MessageContent, on=MessageContent.message == cls.id)
            .where(cls.stay == stay, cls.action == "nieuw")
        )
        newest = query.order_by(cls.id.desc()).first()
        return newest if newest and all(one["rule"] != "R-01" for one in newest.report["findings"]) else None

    @property
    def describes(self) -> Any:
        """Whether the stay is as this message told it.

        One that was never accepted is as the last refused message told it that the schema holds valid.
        """
        if self.stay is None or self.stay.state == StayState.INGETROKKEN:
            return False
        if self.stay.version is not None:
            return self.outcome == Outcome.AANVAARD and self.version == self.stay.version
        tried = Message.select().where(Message.stay == self.stay_id).order_by(Message.received_at.desc(), Message.id.desc())
        telling = next((one for one in tried if all(found["rule"] != "R-01" for found in one.report["findings"])), None)
        return telling is not None and telling.id == self.id

    @property
    def may_fare_better(self) -> bool:
        """Whether it was refused only for what may have changed since, other messages or the clock, as far as that is kept."""
        wrong = {(one["rule"], one["variant"]) for one in self.report["findings"] if one["severity"] == Severity.FOUT}
        return self.outcome == Outcome.GEWEIGERD and wrong <= PASSING

    @property
    def report(self) -> dict[str, Any]:
        """What was answered, as it was answered."""
        return json.loads(self.answer)

    def record(self) -> dict[str, Any]:
        """The values and what follows from them, without numbers of people; None once they are gone."""
        content = self.content.first()
        return content and content.record and json.loads(content.record)

    def original(self, by: User, now: datetime | None = None) -> Any:
        """The bytes as they came, for an LNR contact of the hospital; in the trail first. Raises Refused when they are gone."""
        access.demand(by, "deliver")
        if by.hospital_id != self.hospital_id:
            raise Refused(access.ABILITY_SENTENCES["deliver"])
        if (content := self.content.first()) is None:
            raise Refused("Het oorspronkelijke bericht wordt niet meer bewaard.")
        about = self.stay and self.stay.number
        AuditEvent.log(
            "lnr.original", by=by, hospital=self.hospital_id, subject=about or "LNR", detail=f"bericht {self.key}", at=now
        )
        return content.original

    @classmethod
    def empty(cls, stay: Stay, until: datetime = datetime.max) -> None:
        """Destroy what was ever said about a stay, and what somebody is typing about it; that it was said stays."""
        for entry in stay.entries:
            if entry.changed_at <= until:
                entry.forget()
        mine = (cls.stay == stay) & (cls.received_at <= until)
        MessageContent.delete().where(MessageContent.message.in_(cls.select(cls.id).where(mine))).execute()
        for message in cls.select().where(mine):
            bare = json.dumps(message.report | {"findings": []}, ensure_ascii=False)
            cls.update(answer=bare).where(cls.id == message.id).execute()


def _with_id():
    named = (Message.message_id == Hole("message_id")) & (Message.message_root == Hole("root"))
    found = Message.select(Message.id).where(Message.hospital == Hole("hospital"), Message.test == Hole("test"), named)
    return found.limit(1).tuples()


WITH_ID = Prepared(_with_id)
# The few that belong to no stay; peewee's Meta cannot say "where".
Message.add_index(Message.index(Message.hospital, Message.received_at, where=SQL(LOOSE), name="lnr_message_loose"))


class MessageContent(LnrRow):
    """The bytes of a message and what was read from them, compressed and sealed; apart, so that lists stay light.

    In the database and not in a file: a message is small, and so it is there exactly when its row is.
    """

    message = ForeignKeyField(Message, unique=True, backref="content", on_delete="RESTRICT")
    original = SealedBytes()
    record = SealedBytes(null=True)

    class Meta:
        table_name = "lnr_content"

    @classmethod
    def delivered_by(cls, hospital: Any) -> Node:
        return cls.message.in_(Message.select(Message.id).where(Message.hospital == hospital))

    @classmethod
    def kept(cls, messages: Sequence[Message]) -> set[int]:
        """The ids of those of these messages whose original is still there."""
        return {number for (number,) in cls.select(cls.message).where(cls.message.in_(messages)).tuples()}

    @classmethod
    def standing_records(cls, stays: Sequence[Stay]) -> dict[Any, Any]:
        """{id of the stay: record} of what the registry holds of these stays."""
        held = (Message.outcome == Outcome.AANVAARD) & (Message.version == Stay.version) & (Message.action != "intrekking")
        query = cls.select(cls.record, Message.stay).join(Message).join(Stay)
        found = query.where(Message.stay.in_([stay.id for stay in stays]), held, cls.record.is_null(False)).order_by(Message.id)
        return {content.message.stay_id: json.loads(content.record) for content in found}

    @classmethod
    def readable_records(cls, stays: Sequence[Stay]) -> tuple[dict[Any, Any], set[int]]:
        """(the same of those that open, the ids of the stays of which it does not open)."""
        try:
            return cls.standing_records(stays), set()
        except CannotDecrypt:  # one of them: then each by itself
            records: dict[Any, Any] = {}
            sealed: set[int] = set()
        for one in stays:
            try:
                records |= cls.standing_records([one])
            except CannotDecrypt:
                sealed.add(one.id)  # stored_messages_check.py tells
        return records, sealed

    @classmethod
    def keep(cls, message: Message, original: bytes, record: Mapping[str, Any] | None = None) -> "MessageContent":
        """Seal the bytes of a message, and the values that were read from them as far as they may be used."""
        said = record and json.dumps(record, ensure_ascii=False, default=str)
        return prepared_statements.insert(cls(message=message, original=original, record=said))

    @classmethod
    def correct(cls, message: Message, record: Mapping[str, Any]) -> None:
        """Seal other values as what was read from a message; its bytes stay."""
        cls.update(record=json.dumps(record, ensure_ascii=False)).where(cls.message == message).execute()
