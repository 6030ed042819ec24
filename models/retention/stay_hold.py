"""Legal hold on a stay of the LNR: nothing of it is destroyed, by its term or on request, until two people lift it.

Its hospital may withdraw it meanwhile: then it counts no longer, and its content goes when the hold is lifted.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peewee import SQL, DateTimeField, Field, ForeignKeyField, IntegrityError, Node, fn

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, Refused, db
from models.encrypted_fields import SealedField
from models.lnr.registry.message import Message, MessageContent, Outcome
from models.lnr.registry.registry_row import LnrRow
from models.lnr.registry.stay import Stay, StayState
from models.retention.legal_hold import LONGEST, Lifted
from models.typed_text import required

WITHDRAWN = "ingetrokken terwijl de bewaarplicht gold"
HELD = "Voor deze opname geldt een bewaarplicht. Daarom kan die niet worden gewist."


def held_stay(number: int) -> Any:
    """The stay with this id, held until the transaction ends, or None: a message about it waits, and sees it erased."""
    query = Stay.select().where(Stay.id == number)
    return (query.for_update() if db.for_update else query).first()


class StayHold(Lifted, LnrRow):
    """One hold on one stay, with the reason; at most one stands at a time. The management of the LNR sees it."""

    stay = ForeignKeyField(Stay, backref="holds", on_delete="RESTRICT")
    reason = SealedField()
    placed_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    placed_at = DateTimeField()
    lifted_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    lifted_at = DateTimeField(null=True)
    lift_asked_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    lift_asked_at = DateTimeField(null=True)

    @property
    def number(self) -> str:
        return self.stay.number

    @classmethod
    def delivered_by(cls, hospital: int) -> Node:
        return NOBODY  # why it is held is between who asked and the management

    @classmethod
    def on(cls, key: Field) -> Node:
        """Whether a hold stands on the stay with this number, as an expression; `key` is a column of another table."""
        return fn.EXISTS(cls.select(SQL("1")).where(cls.stay == key, cls.open()))

    @classmethod
    def of(cls, stay: Stay) -> "StayHold | None":
        """The hold that stands on this stay."""
        return cls.get_or_none(cls.stay == stay, cls.open())

    @classmethod
    def on_any(cls, stays: Sequence[Stay]) -> set[int]:
        """The numbers of those of these stays on which a hold stands."""
        query = cls.select(cls.stay).where(cls.stay.in_([stay.id for stay in stays]), cls.open())
        return {number for (number,) in query.tuples()}

    @classmethod
    def place_on(cls, number: str, by: User, reason: str, now: datetime | None = None) -> "StayHold":
        """Destroy nothing of this stay from now on. Raises Refused for the second time, and once its content is gone."""
        access.demand(by, "oversee")
        reason = required(reason, LONGEST, "De reden", "Vul in waarom deze opname bewaard moet blijven.")
        named, now = Stay.numbered(number), now or clock.now()
        stay = Stay.get_or_none(named) if named is not None else None
        if stay is None:
            raise Refused("Er is geen opname met dit nummer.")
        with db.atomic():
            stay = held_stay(stay.id)
            content = MessageContent.select().where(MessageContent.message.in_(Message.select().where(Message.stay == stay)))
            if stay.erased_at or (stay.state == StayState.INGETROKKEN and not content.exists()):
                raise Refused("Deze opname is al gewist. Er is niets meer om te bewaren.")
            try:
                with db.atomic():
                    placed = cls.create(stay=stay, reason=reason, placed_by=by, placed_at=now)
            except IntegrityError:
                raise Refused("Voor deze opname geldt al een bewaarplicht.") from None
            placed._note("hold", by, now)
        return placed

    def lift(self, by: User, now: datetime | None = None) -> None:
        """Let the terms count again, as a second person; what was withdrawn meanwhile goes at once. Raises Refused."""
        self._demand_keeper(by)
        with db.atomic():
            stay = held_stay(self.stay_id)
            super().lift(by, now)
            withdrawal = (Message.outcome == Outcome.AANVAARD) & (Message.action == "intrekking")
            # Only under a hold a withdrawal leaves content. By the clock it may have begun before the hold stood.
            left = Message.id.in_(MessageContent.select(MessageContent.message))
            meanwhile = Message.select().where(Message.stay == stay, withdrawal, left)
            if last := meanwhile.order_by(Message.received_at.desc()).first():
                Message.empty(stay, last.received_at)
                if stay.state == StayState.INGETROKKEN:
                    stay.empty()
                    stay.save()
                AuditEvent.log("lnr.destroy", by=by, hospital=stay.hospital_id, subject=stay.number, detail=WITHDRAWN, at=now)

    def _demand_keeper(self, by: User) -> None:
        access.demand(by, "oversee")

    def _note(self, act: str, by: User, now: datetime) -> None:
        AuditEvent.log(f"lnr.{act}", by=by, hospital=self.stay.hospital_id, subject=self.number, at=now)


StayHold.add_index(StayHold.index(StayHold.stay, unique=True, where=SQL("lifted_at IS NULL"), name="lnr_stay_hold_standing"))
