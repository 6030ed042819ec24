"""What one NICU delivered to the LNR in a year: twins, a death, a transfer, corrections, a withdrawal, and what is wrong."""

from datetime import date, datetime, time, timedelta

from admin_views.accounts.demo_accounts import LNR_KEY
from models import clock
from models.accounts.user import User
from models.lnr.dataset.definition import definition
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.message.message_writer import build
from models.lnr.registry.admissions import Admissions
from models.lnr.registry.year_figures import closings
from models.lnr.research.extract_request import ExtractRequest
from models.lnr.specification import examples
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import Supplier, SupplierStatus

SUPPLIER, CONTACT, COLLEAGUE = "Voorbeeld-EPD", "lnr-contact@example.com", "i.molenaar@example.com"
PURPOSE = (
    "Promotieonderzoek naar zuurstof op dag 28 bij kinderen onder 30 weken, door de afdeling neonatologie van UMC Noorderdiep. "
    "De wetenschapscommissie heeft ingestemd; de gegevens staan op de beveiligde onderzoeksschijf van het ziekenhuis."
)
STAYS = 30
APART = 11  # days
# Every so many stays, which story it is; the rest are late preterm babies of four days.
STORIES = {3: "boy", 7: "died", 11: "moved", 14: "twin-1", 15: "twin-2", 19: "boy", 23: "boy", 27: "boy"}
WRONG = {  # what a first version has wrong; the third of them is never repaired
    4: {"birth_weight_g": 5200}, 9: {"apgar_5": 9, "gestational_age_days": 312}, 16: {"discharge_weight_g": 990},
    20: {"admission_temperature": 30.5}, 1: {"discharge_datetime": "2020-01-01T10:00:00"}, 12: {"sex": {"code": "UNK"}},
}  # fmt: skip

FIELDS = ("ziekenhuis", "sex", "gestational_age_days", "oxygen_day_28", "d_bpd_grade_jobe_bancalari")


def plan(agenda, hospital, now):
    """Admit a supplier with the key that everybody knows, and let it deliver for the hospital."""
    agenda.put(now - timedelta(days=400), _admit, hospital)
    agenda.put(now - timedelta(days=2), _ask)
    today = clock.today(now)
    for number in range(STAYS, 0, -1):
        _stay(agenda, hospital, today, number)
    months = sorted({clock.month_of(today - timedelta(days=number * APART)) for number in range(3, STAYS + 1)})
    for month in months[:-1]:
        asked = clock.start_of(clock.first_of(clock.add_months(month, 1)) + timedelta(days=4), 9)
        agenda.put(min(asked, now), _state, month)


def _ask(now):
    year = clock.today(now).year
    ExtractRequest.ask(User.by_email(COLLEAGUE), PURPOSE, year - 1, year, FIELDS, None, 30, now=now)


def _stay(agenda, hospital, today, number):
    """The messages of one stay, in the order in which they came."""
    born = today - timedelta(days=number * APART + (77 if STORIES.get(number) == "boy" else 0))
    told = _story(number, born)
    left = _day(told, "discharge_datetime") or born
    arrives = min(left + timedelta(days=3), today)
    _put(agenda, hospital, arrives, told | WRONG.get(number, {}))
    if number in (2, 9, 23):
        more = {"birth_weight_g": told["birth_weight_g"] + 70, "apgar_5": 9}
        again = {"version_number": 2, "action": "vervanging", "message_id": ("", f"demo-{number}-2"), **more}
        _put(agenda, hospital, min(arrives + timedelta(days=4), today), told | again)
    if number == 5:
        _put(agenda, hospital, arrives + timedelta(days=5), _taken_back(told, number))


def _taken_back(told, number):
    envelope = {item.name for item in definition().items.values() if item.section == "A"}
    kept = envelope | {"child_ids", "birth_datetime", "sex"}
    again = {"version_number": 2, "action": "intrekking", "message_id": ("", f"demo-{number}-2")}
    return {name: value for name, value in told.items() if name in kept} | again


def _story(number, born):
    name = STORIES.get(number, "late")
    made = {
        "boy": lambda: examples.preterm("boy"),
        "died": examples.died_in_nicu,
        "moved": examples.transferred,
        "twin-1": lambda: examples.twin(1),
        "twin-2": lambda: examples.twin(2),
        "late": lambda: examples.late_preterm("late"),
    }[name]()
    mother = "DEMO-M-14" if name.startswith("twin") else f"DEMO-M-{number}"
    if name == "twin-2":
        born += timedelta(days=APART)  # with the other
    told = _moved(made, born - _day(made, "birth_datetime"))
    return (
        told
        | examples.envelope(f"demo-{number}")
        | {
            "processing_code": "P",
            "child_ids": [("", f"DEMO-{1000 + number}")],
            "mother_ids": [("", mother)],
            "mother_birth_date": f"{1986 + number % 12}-07-21",
            "created_at": told["discharge_datetime"],
        }
    )


def _moved(values, days):
    """The same story, so many days later."""
    return {name: _moved_one(name, said, days) for name, said in values.items()}


def _moved_one(name, said, days):
    item = definition().items.get(name)
    if item is None:
        return [_moved(row, days) for row in said]
    is_day = item.type in ("moment", "datum") and isinstance(said, str) and name != "mother_birth_date"
    return _later(said, days) if is_day else said


def _later(said, days):
    day, mark, hour = said.partition("T")
    return f"{date.fromisoformat(day) + days}{mark}{hour}"


def _day(values, name):
    said = values.get(name)
    return date.fromisoformat(said[:10]) if isinstance(said, str) else None


def _admit(hospital, now):
    supplier = Supplier.enrol(SUPPLIER, "epd@example.com", now=now)
    supplier.move(SupplierStatus.TOEGELATEN, now=now)
    ApiKey.issue(supplier, hospital, token=LNR_KEY, days=3650, now=now)


def _state(month, now):
    # One more than arrived in some months: somebody still has to look for it.
    contact, year = User.by_email(CONTACT), int(month[:4])
    arrived = next(one.received for one in closings(year, contact.hospital)[contact.hospital_id].months if one.month == month)
    Admissions.state(contact, month, arrived + (month[-1] in "37"), now)


def _put(agenda, hospital, day, values):
    agenda.put(datetime.combine(day, time(8)), _deliver, hospital, build(values))


def _deliver(hospital, raw, now):
    deliver(Delivery(hospital, Supplier.named(SUPPLIER)), raw, now)
