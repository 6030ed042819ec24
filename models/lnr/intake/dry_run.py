"""What delivering a message would answer right now, with nothing kept."""

import hashlib

from models import clock
from models.lnr.intake.deliver import DeliveryAnswer, checked, status_of
from models.lnr.intake.delivery import Delivery
from models.lnr.registry.message import Message


class Rehearsal(Delivery):
    """A delivery that leaves no trace. So it tells nothing of other hospitals either: with numbers of children somebody
    could ask, unseen, who was admitted elsewhere. What depends on that (R-40) only warns."""

    def _stays(self, child):
        return [stay for stay in super()._stays(child) if stay.hospital_id == self.hospital.id]


def rehearse(hospital, supplier, raw, now=None):
    """The Answer that these bytes would get from this supplier, but for R-40; that of then when they came before."""
    earlier = Message.same(hospital, hashlib.sha256(raw).hexdigest())
    again = earlier is not None and earlier.may_fare_better
    delivery, verdict = checked(Rehearsal(hospital, supplier, again=again), raw, now or clock.now())
    if earlier and (not again or verdict.refused):
        return DeliveryAnswer(earlier.status, earlier.report, earlier.key)
    return DeliveryAnswer(status_of(verdict, delivery), verdict.as_dict())
