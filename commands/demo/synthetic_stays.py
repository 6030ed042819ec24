"""Many synthetic stays, to measure with. Rows only: all of them point at the message of the first."""

from datetime import timedelta

from commands.demo.synthetic import insert
from models import clock
from models.accounts.hospital import Hospital
from models.base import db, new_key
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.message.message_writer import build
from models.lnr.registry.message import Message
from models.lnr.registry.open_finding import WARNING, OpenFinding
from models.lnr.registry.pseudonym import of_patient, pseudonym
from models.lnr.registry.stay import Stay, StayState
from models.lnr.specification.examples import INSTITUTION, late_preterm
from models.lnr.suppliers.supplier import Supplier, SupplierStatus
from models.operations import schema

BATCH = 20_000  # stays in one transaction
YEARS = 8  # over which the stays are spread
FLAWED = 50  # one stay in so many has a warning that stands open
REFUSED = 97  # one stay in so many was never accepted
OWN_NUMBER = "PAT-{}"  # of the child of the stay with this number


def fill(stays, say, places=None, first=0, now=None):
    """Add the stays `first` to `stays`, in turn to the hospitals with the ids `places` (all of them when not named).

    `say` is told how far it is. The same numbers twice are refused by the database.
    """
    now = now or clock.now()
    places = places or [row.id for row in Hospital.select(Hospital.id).order_by(Hospital.id)]
    message = Message.select().order_by(Message.id).first() or _first_message(places[0], now)
    for start in range(first, stays, BATCH):
        numbers = range(start, min(start + BATCH, stays))
        with db.atomic():
            insert(Stay, [_stay(places[number % len(places)], number, stays, now) for number in numbers])
            insert(OpenFinding, _flaws(message, numbers))
        say(f"{numbers[-1] + 1} van {stays} opnamen")
    schema.count_anew()


def _first_message(place, now):
    """One real delivery, so that there is a page of a stay to open as well."""
    Hospital.update(agb=INSTITUTION[1]).where(Hospital.id == place).execute()
    supplier = Supplier.create(name="Voorbeeld-EPD", status=SupplierStatus.TOEGELATEN)
    answer = deliver(Delivery(Hospital.get_by_id(place), supplier), build(late_preterm() | {"processing_code": "P"}), now)
    return Message.get(Message.key == answer.key)


def _stay(place, number, stays, now):
    admitted = now - timedelta(days=30 + 365 * YEARS * (1 - number / stays))
    own = pseudonym(*of_patient("kind", place, OWN_NUMBER.format(number)))
    told = admitted + timedelta(days=12)
    return {
        "key": new_key(),
        "hospital": place,
        "test": False,
        "set_root": "",
        "set_id": f"fill-{number}",
        "version": 1,
        "state": StayState.ONTVANGEN if number % REFUSED else StayState.GEWEIGERD,
        "child": own,
        "own_number": own,
        "born": admitted,
        "admitted": admitted,
        "discharged": admitted + timedelta(days=9),
        "place": f"{number}",
        "intensive": True,
        "gestation": 200,
        "year": admitted.year,
        "warnings": int(number % FLAWED == 0),
        **dict.fromkeys(("first_at", "last_at", "accepted_at", "told_at", "discharge_told_at"), told),
    }


def _flaws(message, numbers):
    flawed = Stay.select(Stay.id, Stay.hospital, Stay.last_at).where(Stay.warnings > 0).order_by(Stay.id.desc())
    return [
        {
            "hospital": place,
            "test": False,
            "stay": stay,
            "message": message.id,
            "rule": "R-17",
            "rule_version": "1",
            "severity": WARNING,
            "path": "",
            "first_at": moment,
        }
        for stay, place, moment in flawed.limit(sum(number % FLAWED == 0 for number in numbers)).tuples()
    ]
