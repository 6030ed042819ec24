"""Whose message it is, and what the rules may ask about everything that is there already."""

from dataclasses import dataclass, field
from typing import Any

from models.lnr.message.header import numbers_of
from models.lnr.message.validation_context import Context
from models.lnr.registry.message import Message, Route
from models.lnr.registry.stay import Stay, StayState, names_of
from models.lnr.suppliers.supplier import SupplierStatus


@dataclass(frozen=True)
class Delivery(Context):
    """One message on its way in: for which hospital, from whom, by which way; tests live apart from what counts.

    `seen`: what the rules were told that another message may change meanwhile.
    """

    hospital: Any
    supplier: Any = None  # None: brought by a person of the hospital
    by: Any = None
    route: Route = Route.BERICHT
    test: bool = False
    again: bool = False  # these bytes came before, and were refused for what may have changed since
    seen: dict = field(default_factory=dict)

    def may_send_for(self, numbers: Any) -> bool:
        told = [(ours, number) for kind, number in numbers_of(numbers) if (ours := getattr(self.hospital, kind))]
        return bool(told) and all(ours == number for ours, number in told)

    def production_allowed(self) -> bool:
        return self.supplier is None or self.supplier.status == SupplierStatus.TOEGELATEN

    def same_message_other_content(self, message_root: Any, message_id: Any) -> bool:
        return not self.again and Message.with_id(self.hospital, self.test, message_root, message_id)

    def newest_version(self, set_root: Any, set_id: Any) -> Any:
        held = Stay.standing_of(self.hospital, self.test, set_root, set_id)
        self.seen["version"], self.seen["state"], self.seen["erased"] = held or (None, None, None)
        return self.seen["version"]

    def is_erased(self, set_root: Any, set_id: Any) -> bool:
        if "erased" not in self.seen:
            self.newest_version(set_root, set_id)
        return self.seen["erased"] is not None

    def is_withdrawn(self, set_root: Any, set_id: Any) -> bool:
        return self.seen.get("state") == StayState.INGETROKKEN

    def overlaps_elsewhere(self, child: Any, first: Any, last: Any) -> bool:
        return any(stay.hospital_id != self.hospital.id and stay.goes_on(first, last) for stay in self._stays(child))

    def same_admission(self, child: Any, admitted: Any, set_root: Any, set_id: Any) -> bool:
        return any(
            stay.hospital_id == self.hospital.id and not self._is_named(stay, set_root, set_id) and stay.began_at(admitted)
            for stay in self._stays(child)
        )

    def was_in_nicu(self, child: Any, admitted: Any, set_root: Any, set_id: Any) -> bool:
        stays = (stay for stay in self._stays(child) if not self._is_named(stay, set_root, set_id))
        return any(stay.intensive and stay.may_precede(admitted) for stay in stays)

    def _is_named(self, stay, set_root, set_id):
        return stay.hospital_id == self.hospital.id and (stay.set_root, stay.set_id) == (set_root or "", set_id)

    def _stays(self, child):
        """The accepted stays of a child, which several rules ask about."""
        if child not in self.seen:
            self.seen[child] = Stay.of_child(self.test, names_of(self.hospital.id, (child,)))
        return self.seen[child]

    def is_late(self, version: Any) -> bool:
        """Whether a version this high, or a higher one, was there already when the rules asked."""
        newest = self.seen.get("version")
        return not self.seen.get("erased") and newest is not None and version is not None and version <= newest
