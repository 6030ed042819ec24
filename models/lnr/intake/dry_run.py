"""What delivering a message would answer right now, with nothing kept."""

import hashlib
from dataclasses import asdict
from datetime import datetime

from models import clock
from models.accounts.hospital import Hospital
from models.lnr.intake.deliver import DeliveryAnswer, checked, status_of
from models.lnr.intake.delivery import Delivery
from models.lnr.message import display
from models.lnr.registry.message import Message
from models.lnr.suppliers.supplier import Supplier


class Rehearsal(Delivery):
    """A delivery that leaves no trace. So it tells nothing of other hospitals either: with numbers of children somebody
    could ask, unseen, who was admitted elsewhere. What depends on that (R-40) only warns."""

    def _stays(self, child):
        return [stay for stay in super()._stays(child) if stay.hospital_id == self.hospital.id]


def rehearse(hospital: Hospital, supplier: Supplier, raw: bytes, now: datetime | None = None) -> DeliveryAnswer:
    """The Answer that these bytes would get from this supplier, but for R-40; that of then when they came before."""
    earlier = Message.same(hospital, hashlib.sha256(raw).hexdigest())
    again = earlier is not None and earlier.may_fare_better
    delivery, verdict = checked(Rehearsal(hospital, supplier, again=again), raw, now or clock.now())
    if earlier and not delivery.seen.get("erased") and (not again or verdict.refused):
        return DeliveryAnswer(earlier.status, earlier.report, earlier.key)
    return DeliveryAnswer(status_of(verdict, delivery), verdict.as_dict())


def read_back(hospital: Hospital, supplier: Supplier, raw: bytes, now: datetime | None = None) -> DeliveryAnswer:
    """The Answer that these bytes would get, and when they can be read what was understood of them, in words.

    Its report is {report, sections, derived}: the items by section as people read them, what the registry computes with its
    reason where it is unknown; of a withdrawal nothing. Numbers of people are not among them. Nothing is kept, and nothing of
    before is told.
    """
    delivery, verdict = checked(Rehearsal(hospital, supplier), raw, now or clock.now())
    if verdict.stay is None and verdict.refused:
        return DeliveryAnswer(status_of(verdict, delivery), verdict.as_dict())
    told = {
        "report": verdict.as_dict(),
        "sections": [asdict(section) for section in display.sections(verdict.stay or {})],
        "derived": [asdict(line) for line in display.derived(verdict.derived, verdict.why)],
    }
    return DeliveryAnswer(200, told)
