"""Children made by hand, as the record of a message would tell them: a girl of 27+3 weeks, born here, at home after 77 days."""

from datetime import datetime, timedelta

from models.lnr.benchmark.chain import HOME, Chain, Link
from models.lnr.benchmark.indicator import named, place
from models.lnr.registry.stay import Stay

BORN = datetime(2026, 1, 10, 4, 0)
OTHER_HOSPITAL = "115851000146108"
HERE, THERE, NOT_NICU = 1, 2, 9  # hospitals
NICUS = {HERE: "06990001", THERE: "06990002"}
CONFIRMED, SUSPECTED = "410605003", "415684004"


def stay(number=1, hospital=HERE, first=0, last=77, gestation=192, said=(), derived=(), why=(), **more):
    """A stay from day `first` to day `last` (None: still there) of the child's life, with what differs in its message."""
    discharged = None if last is None else BORN + timedelta(days=last)
    told = {
        "birth_datetime": "2026-01-10T04:00:00Z",
        "deceased": False,
        "birth_weight_g": 1010,
        "antenatal_steroids_given": True,
        "antenatal_steroids_course": "255594003434601000124108",
        "magnesium_sulphate": True,
        "deferred_cord_clamping": True,
        "admission_temperature": 36.8,
        "admission_temperature_at": "2026-01-10T04:30:00Z",
        "antibiotics_first_3_days": True,
        "respiratory_problems_present": True,
        "respiratory_medication": [{"surfactant": "R07AA02"}],
        "rop_screening_done": True,
        "aabr_done": True,
        "feeding_at_discharge": ["226789007"],
        "neuro_problems_present": False,
        "discharge_destination": HOME if last else None,
    }
    reckoned = {
        "outborn": False,
        "in_scope": True,
        "rop_at_risk": True,
        "lived_28_days": True,
        "discharged_alive": True,
        "severe_ivh": False,
        "cystic_pvl": False,
        "hydrocephalus": False,
        "nec_bell": None,
        "severe_rop": False,
        "early_sepsis": False,
        "late_sepsis": False,
        "pneumothorax": False,
        "bpd_grade_jobe_bancalari": 1,
        "bpd_grade_jensen": 0,
        "invasive_days": 4,
        "nicu_days": last,
        "line_days": None,
    }
    reasons = {"nec_bell": "none", "line_days": "section"} | dict(why)
    derived = dict(derived) | dict.fromkeys(why, None) | dict(derived)
    told |= dict(said)
    row = {
        "id": number,
        "hospital": hospital,
        "admitted": BORN + timedelta(days=first, hours=0.5),
        "discharged": discharged,
        "born": BORN,
        "gestation": gestation,
        "intensive": True,
        "errors": 0,
        "first_at": BORN + timedelta(days=(last or 20) + 5),
        "last_at": BORN + timedelta(days=(last or 20) + 5),
    } | more
    record = {"stay": {name: value for name, value in told.items() if value is not None}, "derived": reckoned | derived}
    return Link(Stay(**row), record | {"why": reasons})


def moved(number=1, last=20, said=(), **more):
    """A stay that ended in a transfer to another hospital."""
    without = dict.fromkeys(("aabr_done", "feeding_at_discharge"))
    return stay(number, last=last, said=without | {"discharge_destination": OTHER_HOSPITAL} | dict(said), **more)


def died(day, **more):
    """A stay that ended in death on this day of life."""
    told = {
        "deceased": True,
        "death_datetime": (BORN + timedelta(days=day)).isoformat() + "Z",
        "discharge_destination": None,
        "aabr_done": None,
        "feeding_at_discharge": None,
        "death_within_12h": False,
    } | dict(more.pop("said", ()))
    derived = {"discharged_alive": False, "lived_28_days": day >= 28} | dict(more.pop("derived", ()))
    return stay(last=day, said=told, derived=derived, **more)


def where(code, *stays, of=0):
    """The place in an indicator of one of these stays of one child: 't0', 'uj', … (see reasons.csv)."""
    return place(named(code), Chain(list(stays), NICUS), stays[of])
