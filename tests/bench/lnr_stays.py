"""The hospital's pages on its LNR stays at 10,000 and at 1,000,000 of them, and a ZIP of 10,000 messages."""

import io
import os
import resource
import sys
import time
import zipfile

from app import create_app
from commands.demo import synthetic_stays
from models.access import Role
from models.base import connect
from models.lnr.intake.upload_batch import UploadBatch, UploadPart
from models.lnr.message.message_writer import build
from models.lnr.registry.stay import Stay
from models.lnr.specification.examples import envelope, late_preterm
from models.operations import schema
from settings import settings
from tests import make
from tests.bench.measure import counted, logged_in, summary, table, timed
from tests.lnr.messages import hospital

SIZES = [int(size) for size in os.environ.get("LNR_STAYS", "10000 1000000").split()]
MESSAGES = int(os.environ.get("LNR_ZIP", "10000"))
TIMES = 10
OWN = 2  # of so many hospitals, one is ours
PAGES = (
    ("contact", "opnamen", "/lnr/opnamen/"),
    ("contact", "opnamen, met waarschuwingen", "/lnr/opnamen/?flt0_toon_is=waarschuwingen"),
    ("contact", "opnamen, nog geweigerd", "/lnr/opnamen/?flt0_toon_is=geweigerd"),
    ("contact", "opnamen, sinds", "/lnr/opnamen/?flt3_laatste-bericht_ligt-tussen=2026-01-01+to+2026-01-07"),
    ("contact", "opnamen, zoek eigen nummer", "/lnr/opnamen/?search=PAT-4710"),
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
    clients, filled = {name: logged_in(app, person) for name, person in people.items()}, 0
    for size in SIZES:
        synthetic_stays.fill(
            size, lambda said: print(said, file=sys.stderr, end="\r"), [ours.id, *(other.id for other in others)], filled
        )
        filled, key = size, Stay.get().key
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


def _zip(contact):
    target, first = io.BytesIO(), late_preterm()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(MESSAGES):
            told = envelope(f"zip-{number}") | {"processing_code": "P", "child_ids": [("", f"ZIP-{number}")]}
            file.writestr(f"bericht-{number}.xml", build(first | told))
    content = target.getvalue()
    before, begun = _memory(), time.perf_counter()
    batch = UploadBatch.take(contact, "veel.zip", content, "bench")
    taken, uploaded = time.perf_counter(), _memory()
    while UploadBatch.get_by_id(batch.id).finished_at is None:
        UploadBatch.work_waiting()
    done = UploadBatch.get_by_id(batch.id)
    rows = [
        (f"{len(content) // 1000} kB in: {taken - begun:.1f} s", f"+{uploaded - before} MB"),
        (f"{done.accepted} of {done.total} accepted: {time.perf_counter() - taken:.0f} s", f"+{_memory() - uploaded} MB"),
        (f"left to deliver: {UploadPart.select().where(UploadPart.content.is_null(False)).count()}", ""),
    ]
    table(f"A ZIP of {MESSAGES} messages", ("step", "memory"), rows)


def _memory():
    """The most that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
