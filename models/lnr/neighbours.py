"""The same child in two hospitals at once (R-40): told in the standing list of both, never in the answer to the other."""

from datetime import datetime

from models.lnr.flaw import WARNING, Flaw
from models.lnr.message import Message
from models.lnr.stay import Stay

RULE, VERSION = "R-40", "1"


def settle(test, child, hospital, now):
    """Put the standing lists of the other hospitals right after a message of `hospital` about this child."""
    stays = Stay.of_child(test, {"child": child})
    for stay in stays:
        if stay.hospital_id != hospital.id:
            _settle(stay, any(_meet(stay, other) for other in stays), now)


def _meet(one, other):
    if one.hospital_id == other.hospital_id or one.admitted is None:
        return False
    return other.goes_on(one.admitted, one.discharged or datetime.max)


def _settle(stay, overlaps, now):
    flaw = stay.flaws.where(Flaw.rule == RULE, Flaw.resolved_at.is_null()).first()
    if overlaps and flaw is None:
        Flaw.create(
            hospital=stay.hospital_id, test=stay.test, stay=stay, message=Message.standing(stay), rule=RULE,
            rule_version=VERSION, severity=WARNING, path="", first_at=now,
        )  # fmt: skip
        Stay.update(warnings=Stay.warnings + 1).where(Stay.id == stay.id).execute()
    elif flaw and not overlaps:
        Flaw.update(resolved_at=now).where(Flaw.id == flaw.id).execute()
        Stay.update(warnings=Stay.warnings - 1).where(Stay.id == stay.id).execute()
