"""Four years of ten NICUs whose truth is known: one has too many severe IVH, one too many sepsis of a line, one is
silent on ROP, the rest differ by chance.

Every child is drawn with a fixed seed and told by a message of its own, by the way that a supplier's would come. What was
born before the portal began is delivered on its first days, as by a registry that takes over older years.
"""

import random
from datetime import date, datetime, time, timedelta

from commands.demo.neonatal import demo_model
from commands.demo.neonatal.newborn import OF_A_LINE, Newborn
from models import clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.lnr.benchmark import counting
from models.lnr.benchmark.agreement import Agreement, Level
from models.lnr.benchmark.recompute import recompute
from models.lnr.closing.year_closing import YearClosing
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.message.message_writer import build
from models.lnr.rules.envelope import is_bsn
from models.lnr.suppliers.supplier import Supplier, SupplierStatus
from models.lnr.year_report.lnr_edition import LnrEdition
from settings import settings

SEED = 20160401
YEARS = 4
SUPPLIER = "Rijnland Dossier"
OUTLIER, SILENT = "noorderdiep", "waterland"  # on severe IVH; on ROP
NICUS = {  # code: (name, first NICU stays under 32 weeks in a year); far fewer than real ones, to be made quickly
    OUTLIER: ("UMC Noorderdiep", 26),
    SILENT: ("UMC Waterland", 22),
    "maasoord": ("UMC Maasoord", 20),
    "gelrestad": ("UMC Gelrestad", 18),
    "amstelhof": ("Amstelhof Kinderziekenhuis", 16),
    "brabantzicht": ("Brabantzicht Medisch Centrum", 14),
    "heuvelland": ("UMC Heuvelland", 13),
    "lauwers": ("Lauwers Medisch Centrum", 12),
    "ijsselpoort": ("IJsselpoort Ziekenhuis", 11),
    "zeeduin": ("Zeeduin Medisch Centrum", 10),
}
PLANTED = {  # (NICU, event) -> how often of a hundred there, instead of what holds for all (newborn.py)
    (OUTLIER, "severe ivh"): 34,
    (SILENT, "silent on rop"): 85,
    ("maasoord", "cold"): 38,
    ("gelrestad", "formula"): 8,
    ("brabantzicht", OF_A_LINE): 90,
}
NAMED = ("maasoord", "gelrestad", "amstelhof", "brabantzicht")  # by name, also in the public year report
BACKLOG = 6  # days over which the years before the portal are delivered


def plan(agenda, password, first, now):
    """Put the NICUs with their contacts, and all that they deliver from the day `first` on, on the agenda."""
    luck, began = random.Random(SEED), clock.start_of(first)
    numbers = (f"{number:09}" for number in range(400_000_000, 500_000_000) if is_bsn(f"{number:09}"))
    places = _assemble(password, began)
    agenda.put(began, _admit)
    if settings.demo:  # elsewhere a model of invented children is refused
        agenda.put(began, _use_model)
    today = clock.today(now)
    for code, (_, size) in NICUS.items():
        for number in range(size * YEARS):
            born = today - timedelta(days=luck.randrange(1, 365 * YEARS))
            planted = {event: often for (place, event), often in PLANTED.items() if place == code}
            agbs = {place.code: place.agb for place in places.values()}
            child = Newborn(code, f"{code}-{number}", next(numbers), born, luck, agbs, planted)
            for place, left, values in child.messages(today):
                known = max(
                    datetime.combine(left + timedelta(days=luck.choice((2, 4, 9, 17, 41))), time(9)), _late(began, luck)
                )
                agenda.put(known, _deliver, places[place], build(values))
    # What was before the portal began is past agreeing: of three years together the figure of all stays withheld, as it would.
    for year in range(clock.local_date(began).year, today.year + 1):
        agenda.put(began + timedelta(days=BACKLOG + 1), _agree, year)
    for year in range(today.year - YEARS + 1, today.year):
        closes = max(clock.start_of(date(year + 1, 3, 9), 10), began + timedelta(days=BACKLOG + 2))
        if closes < now - clock.MINUTE:
            agenda.put(closes, _close, year)
    agenda.put(now - clock.MINUTE, _count)


def _late(began, luck):
    return began + timedelta(days=luck.randrange(1, BACKLOG), hours=luck.randrange(8, 17))


def _assemble(password, since):
    made = {}
    for number, (code, (name, _)) in enumerate(NICUS.items(), 1):
        agb = f"0699{1000 + number}"
        hospital = Hospital.get_or_none(Hospital.code == code) or Hospital.create(
            code=code, name=name, agb=agb, nicu=True, phone=f"085 000 02{number:02}", created_at=since
        )
        if code != OUTLIER:
            _contact(hospital, password, since)
        made[code] = hospital
    return made


def _contact(hospital, password, since):
    User.enrol(
        f"lnr-{hospital.code}@example.com",
        f"LNR-contact {hospital}",
        [Role.LNR_CONTACT],
        hospital,
        None,
        password=password,
        created_at=since,
        invited_at=since,
    )


def _admit(now):
    Supplier.enrol(SUPPLIER, "dossier@example.com", now=now).move(SupplierStatus.TOEGELATEN, now=now)


def _use_model(now):
    asks, confirms = (User.by_email(f"{name}@example.com") for name in ("lnr-beheer", "i.molenaar"))
    demo_model.use(asks, confirms, now)


def _deliver(hospital, raw, now):
    deliver(Delivery(hospital, Supplier.named(SUPPLIER)), raw, now)


def _agree(year, now):
    for code in NICUS:
        address = "lnr-contact@example.com" if code == OUTLIER else f"lnr-{code}@example.com"
        by, level = User.by_email(address), Level.GENOEMD if code in NAMED else Level.ONGENOEMD
        Agreement.state(by, year, level, "het afdelingshoofd neonatologie", now, public=code in NAMED)


def _close(year, now):
    asks, confirms = (User.by_email(f"{name}@example.com") for name in ("lnr-beheer", "i.molenaar"))
    recompute(year)
    YearClosing.propose(year, asks, now=now).confirm(confirms, now=now)
    national, *_ = LnrEdition.settle(year, asks, now=now)
    national.publish(confirms, now=now)


def _count(now):
    counting.refresh()
