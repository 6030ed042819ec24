"""Whose message it is, and what the rules may ask about everything that is there already."""

from dataclasses import dataclass, field

from models import clock
from models.lnr.context import Context
from models.lnr.definition import AGB, PERINED, URA
from models.lnr.message import Message, Route
from models.lnr.stay import Stay, names_of
from models.lnr.supplier import Status


@dataclass(frozen=True)
class Delivery(Context):
    """One message on its way in: for which hospital, from whom, by which way; tests live apart from what counts.

    `seen`: what the rules were told that another message may change meanwhile.
    """

    hospital: object
    supplier: object = None  # None: brought by a person of the hospital
    by: object = None
    route: Route = Route.BERICHT
    test: bool = False
    seen: dict = field(default_factory=dict)

    def may_send_for(self, numbers):
        known = {AGB: self.hospital.agb, URA: self.hospital.ura, PERINED: self.hospital.perined}
        told = [(known[root], number) for root, number in numbers if known.get(root)]
        return bool(told) and all(ours == number for ours, number in told)

    def production_allowed(self):
        return self.supplier is None or self.supplier.status == Status.TOEGELATEN

    def same_message_other_content(self, message_root, message_id):
        return Message.with_id(self.hospital, self.test, message_root, message_id)

    def newest_version(self, set_root, set_id):
        self.seen["version"] = Stay.version_of(self.hospital, self.test, set_root, set_id)
        return self.seen["version"]

    def overlaps_elsewhere(self, child, first, last):
        name = names_of(self.hospital, child)["child"]
        if name is None or first is None:
            return False
        here = Stay.of_child(self.test, {"child": name}) & Stay.meanwhile(first, last or clock.now())
        return Stay.select().where(here, Stay.hospital != self.hospital).exists()

    def same_admission(self, child, admitted, set_root, set_id):
        if admitted is None:
            return False
        mine = Stay.of_child(self.test, names_of(self.hospital, child)) & (Stay.hospital == self.hospital)
        other = ~Stay.of_set(self.hospital, self.test, set_root, set_id)
        return Stay.select().where(mine, Stay.admitted == admitted, other).exists()

    def was_in_nicu(self, child):
        return Stay.select().where(Stay.of_child(self.test, names_of(self.hospital, child)), Stay.intensive).exists()

    def is_late(self, version):
        """Whether a version this high, or a higher one, was there already when the rules asked."""
        newest = self.seen.get("version")
        return newest is not None and version is not None and version <= newest
