"""Messages that the portal writes itself: the envelope of a form, and the withdrawal of a stay."""

from datetime import datetime
from typing import Any

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.base import Refused
from models.lnr.dataset.definition import AGB, PERINED, URA, definition
from models.lnr.entry.prefill import values_of
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.message.message_writer import build
from models.lnr.registry.message import Message, Route
from models.lnr.registry.stay import Stay, StayState

SOFTWARE = "Meldportaal"


def withdraw(stay: Stay, by: User, now: datetime | None = None) -> None:
    """Take a stay back: its content goes, its name and versions stay. Twice changes nothing. Raises Refused."""
    access.demand(by, "deliver")
    if stay.hospital_id != by.hospital_id:
        raise Refused(access.ABILITY_SENTENCES["deliver"])
    if stay.state == StayState.INGETROKKEN:
        return
    message = Message.standing(stay)
    if message is None or stay.test:
        raise Refused("Van deze opname is niets aangenomen; er is niets om in te trekken.")
    now, version = now or clock.now(), stay.version + 1
    values = values_of(message.original(by, now))
    needed = {name: values[name] for name, one in definition().items.items() if one.min and not one.nullable and name in values}
    head = envelope(stay.hospital, (stay.set_root, stay.set_id), version, "intrekking", f"{stay.key}-{version}", now)
    if deliver(Delivery(stay.hospital, by=by, route=Route.FORMULIER), build(needed | head), now).status != 200:
        raise Refused("De opname is niet ingetrokken: er kwam intussen een nieuwere versie binnen. Kijk eerst daarnaar.")


def envelope(hospital: Hospital, stay: tuple[Any, Any], version: Any, action: str, message: str, now: datetime) -> dict:
    """The items of section A of a message that the portal itself makes; `stay`: (root, set id)."""
    return {
        "schema_version": definition().versions[-1]["version"],
        "processing_code": "P",
        "action": action,
        "supplier_id": SOFTWARE,
        "software_name": SOFTWARE,
        "message_id": ("", message),
        "case_set_id": stay,
        "version_number": version,
        "created_at": f"{now.isoformat(timespec='seconds')}Z",
        "sending_institution_ids": numbers_of(hospital),
    }


def numbers_of(hospital: Any) -> list:
    """The pairs (root, number) by which the registry knows a hospital."""
    told = ((AGB, hospital.agb), (URA, hospital.ura), (PERINED, hospital.perined))
    return [(root, number) for root, number in told if number]
