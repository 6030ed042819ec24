"""The hospital's pages on its LNR stays at 10,000 and at 1,000,000 of them, and a ZIP of 10,000 messages."""

import io
import os
import resource
import sys
import time
import zipfile
from datetime import datetime, timedelta

from app import create_app
from models import schema
from models.access import Role
from models.base import connect, db, new_key
from models.lnr.batch import Batch, Part
from models.lnr.builder import build
from models.lnr.delivery import Delivery
from models.lnr.examples import envelope, late_preterm
from models.lnr.flaw import Flaw
from models.lnr.intake import deliver
from models.lnr.message import Message
from models.lnr.pseudonym import of_patient, pseudonym
from models.lnr.stay import Stay
from settings import settings
from tests import make
from tests.bench.measure import counted, logged_in, summary, table, timed
from tests.models.lnr.messages import hospital, supplier

SIZES = [int(size) for size in os.environ.get("LNR_STAYS", "10000 1000000").split()]
MESSAGES = int(os.environ.get("LNR_ZIP", "10000"))
TIMES = 10
FLAWED = 50  # one stay in so many has a warning that stands open
OWN = 2  # of so many hospitals, one is ours
PAGES = (
    ("contact", "opnamen", "/lnr/opnamen/"),
    ("contact", "opnamen, met waarschuwingen", "/lnr/opnamen/?flt0_toon_is=waarschuwingen"),
    ("contact", "opnamen, nog geweigerd", "/lnr/opnamen/?flt0_toon_is=geweigerd"),
    ("contact", "opnamen, sinds", "/lnr/opnamen/?flt3_laatste-bericht_ligt-tussen=2026-01-01+to+2026-01-07"),
    ("contact", "opnamen, zoek eigen nummer", "/lnr/opnamen/?search=PAT-4711"),
    ("contact", "opnamen, bladzijde 200", "/lnr/opnamen/?page=200"),
    ("contact", "opnamen, laatste bladzijde", "/lnr/opnamen/?eind=1"),
    ("contact", "openstaande fouten", "/lnr/fouten/"),
    ("contact", "één opname", "/lnr/opname/{key}/"),
    ("contact", "volledigheid", "/lnr/volledigheid/"),
    ("manager", "alle opnamen", "/lnr/alle-opnamen/"),
    ("manager", "overzicht", "/lnr/overzicht/"),
)


def main():
    """One table for each size, and one for the ZIP."""
    app = create_app()
    schema.migrate()
    connect(settings.database_url)
    ours, others = hospital("06990001"), [hospital(f"0600000{number}") for number in range(1, OWN)]
    people = {"contact": make.user(role=Role.LNR_CONTACT, hospital=ours), "manager": make.user(role=Role.LNR_BEHEER)}
    delivery = Delivery(ours, supplier())
    deliver(delivery, build(late_preterm() | {"processing_code": "P"}))
    clients, filled = {name: logged_in(app, person) for name, person in people.items()}, 0
    key = Stay.get().key
    for size in SIZES:
        _fill([ours, *others], filled, size)
        schema.count_anew()
        filled = size
        rows = [(title, *_measured(clients[who], address.format(key=key))) for who, title, address in PAGES]
        heads = ("page", "status", "queries", "p50 ms", "p95 ms")
        table(f"LNR pages at {size} stays, half of them of one hospital", heads, rows)
    _zip(people["contact"])


def _measured(client, address):
    answer, took = client.get(address), []
    with counted() as sent:
        client.get(address)
    for _ in range(TIMES):
        with timed(took):
            client.get(address)
    return answer.status_code, len(sent), *summary(took)


def _fill(places, first, last):
    message, begun = Message.get(), datetime(2019, 1, 1)
    for start in range(first, last, 10_000):
        numbers = range(start, min(start + 10_000, last))
        with db.atomic():
            for at in range(0, len(numbers), 500):
                Stay.insert_many([_stay(places, begun, number) for number in numbers[at : at + 500]]).execute()
            made = Stay.select(Stay.id, Stay.hospital, Stay.last_at).where(Stay.warnings > 0).order_by(Stay.id.desc())
            flawed = [_flaw(message, *row) for row in made.limit(len(numbers) // FLAWED).tuples()]
            for at in range(0, len(flawed), 500):
                Flaw.insert_many(flawed[at : at + 500]).execute()
        print(f"{numbers[-1] + 1} …", file=sys.stderr, end="\r")


def _stay(places, begun, number):
    place, admitted = places[number % len(places)], begun + timedelta(minutes=4 * number)
    own = pseudonym(*of_patient("kind", place.id, f"PAT-{number}"))
    return {
        "key": new_key(), "hospital": place.id, "test": False, "set_root": "", "set_id": f"fill-{number}", "version": 1,
        "state": "geweigerd" if number % 97 == 0 else "ontvangen", "child": own, "mother": None, "own_number": own,
        "born": admitted, "admitted": admitted, "discharged": admitted + timedelta(days=9), "place": f"{number}",
        "intensive": True, "gestation": 200, "year": admitted.year, "errors": 0, "warnings": int(number % FLAWED == 0),
        "first_at": admitted + timedelta(days=12), "last_at": admitted + timedelta(days=12),
    }  # fmt: skip


def _flaw(message, stay, place, moment):
    return {
        "hospital": place, "test": False, "stay": stay, "message": message.id, "rule": "R-17", "rule_version": "1",
        "severity": "waarschuwing", "path": "", "first_at": moment,
    }  # fmt: skip


def _zip(contact):
    target, first = io.BytesIO(), late_preterm()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(MESSAGES):
            told = envelope(f"zip-{number}") | {"processing_code": "P", "child_ids": [("", f"ZIP-{number}")]}
            file.writestr(f"bericht-{number}.xml", build(first | told))
    content = target.getvalue()
    before, begun = _memory(), time.perf_counter()
    batch = Batch.take(contact, "veel.zip", content, "bench")
    taken, uploaded = time.perf_counter(), _memory()
    while Batch.get_by_id(batch.id).finished_at is None:
        Batch.work_waiting()
    done = Batch.get_by_id(batch.id)
    rows = [
        (f"{len(content) // 1000} kB in: {taken - begun:.1f} s", f"+{uploaded - before} MB"),
        (f"{done.accepted} of {done.total} accepted: {time.perf_counter() - taken:.0f} s", f"+{_memory() - uploaded} MB"),
        (f"left to deliver: {Part.select().where(Part.content.is_null(False)).count()}", ""),
    ]
    table(f"A ZIP of {MESSAGES} messages", ("step", "memory"), rows)


def _memory():
    """The most that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
