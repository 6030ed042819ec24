"""From bytes to an answer: a message is checked against what is there, and kept with its verdict in one transaction.

Nothing is held while it is checked. That two messages cannot take the same id, the same version or the same place is held by the
database; who comes second is checked once more, and then meets the first.
"""

import hashlib
import json
from dataclasses import dataclass

from peewee import IntegrityError

from models import clock
from models.base import db
from models.event import Event
from models.lnr import moment
from models.lnr.check import check
from models.lnr.definition import AGB, PERINED, URA
from models.lnr.context import Context
from models.lnr.flaw import ERROR, Flaw
from models.lnr.message import Content, Message, Outcome, Route
from models.lnr.stay import NAME, State, Stay, names_of
from models.lnr.supplier import Status

WITHDRAW = "intrekking"
ACTIONS = {WITHDRAW: "lnr.withdraw", "vervanging": "lnr.replace"}
TRIES = 3


@dataclass(frozen=True)
class Answer:
    """What the sender gets: an HTTP status and the report, which may be sent again as it is."""

    status: int
    report: dict


@dataclass(frozen=True)
class Delivery(Context):
    """Whose message it is, and by which way it came; also what its rules may ask about what is there."""

    hospital: object
    supplier: object = None  # None: brought by a person of the hospital
    by: object = None
    route: Route = Route.BERICHT
    test: bool = False

    def may_send_for(self, numbers):
        known = {AGB: self.hospital.agb, URA: self.hospital.ura, PERINED: self.hospital.perined}
        told = [(known[root], number) for root, number in numbers if known.get(root)]
        return bool(told) and all(ours == number for ours, number in told)

    def production_allowed(self):
        return self.supplier is None or self.supplier.status == Status.TOEGELATEN

    def same_message_other_content(self, message_root, message_id):
        return Message.with_id(self.hospital, self.test, message_root, message_id)

    def newest_version(self, set_root, set_id):
        return Stay.select(Stay.version).where(Stay.of_set(self.hospital, self.test, set_root, set_id)).scalar()

    def overlaps_elsewhere(self, child, first, last):
        return bool(self.elsewhere(self._names(child), first, last))

    def elsewhere(self, names, first, last):
        """The stays of this child in other hospitals between these moments."""
        if names["child"] is None or first is None:
            return []
        here = Stay.of_child(self.test, {"child": names["child"]}) & Stay.meanwhile(first, last or clock.now())
        return list(Stay.select().where(here, Stay.hospital != self.hospital))

    def same_admission(self, child, admitted, set_root, set_id):
        mine = Stay.of_child(self.test, self._names(child)) & (Stay.hospital == self.hospital) & (Stay.admitted == admitted)
        return Stay.select().where(mine, ~Stay.of_set(self.hospital, self.test, set_root, set_id)).exists()

    def was_in_nicu(self, child):
        return Stay.select().where(Stay.of_child(self.test, self._names(child)), Stay.intensive).exists()

    def _names(self, child):
        return names_of(self.hospital, child)
