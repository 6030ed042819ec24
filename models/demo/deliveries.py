"""What one NICU delivered to the LNR this year: stays, a correction, a withdrawal, one with remarks, one that was refused."""

from datetime import datetime, time, timedelta

from models import clock
from models.demo import LNR_KEY
from models.lnr.builder import build
from models.lnr.delivery import Delivery
from models.lnr.examples import late_preterm
from models.lnr.intake import deliver
from models.lnr.key import Key
from models.lnr.supplier import Status, Supplier

SUPPLIER = "Voorbeeld-EPD"
STAYS = 12
APART = 26  # days


def plan(agenda, hospital, now):
    """Admit a supplier with the key that everybody knows, and let it deliver for the hospital."""
    agenda.put(now - timedelta(days=370), _admit, hospital)
    today = clock.today(now)
    for number in range(STAYS, 0, -1):
        day = today - timedelta(days=number * APART)
        _put(agenda, hospital, day + timedelta(days=7), _stay(number, day))
    day = today - timedelta(days=2 * APART)
    corrected = _stay(2, day, version_number=2, action="vervanging", message_id=("", "demo-2-2"), birth_weight_g=2480)
    _put(agenda, hospital, day + timedelta(days=9), corrected)
    day = today - timedelta(days=5 * APART)
    withdrawn = _stay(5, day, version_number=2, action="intrekking", message_id=("", "demo-5-2"))
    _put(agenda, hospital, day + timedelta(days=12), withdrawn)


def _admit(hospital, now):
    supplier = Supplier.enrol(SUPPLIER, "epd@example.com", now=now)
    supplier.move(Status.TOEGELATEN, now=now)
    Key.issue(supplier, hospital, token=LNR_KEY, days=3650, now=now)


def _stay(number, day, **more):
    told = {3: {"birth_weight_g": 5200}, 1: {"discharge_datetime": _at(day - timedelta(days=2), 9)}}.get(number, {})
    return late_preterm(f"demo-{number}") | {
        "processing_code": "P", "child_ids": [("", f"DEMO-{1000 + number}")], "birth_datetime": _at(day, 9),
        "admission_datetime": _at(day, 10), "discharge_datetime": _at(day + timedelta(days=4), 11),
        "created_at": _at(day + timedelta(days=5), 8), **told, **more,
    }  # fmt: skip


def _at(day, hour):
    return datetime.combine(day, time(hour)).isoformat()


def _put(agenda, hospital, day, values):
    agenda.put(clock.start_of(day, 8), _deliver, hospital, build(values))


def _deliver(hospital, raw, now):
    deliver(Delivery(hospital, Supplier.named(SUPPLIER)), raw, now)
