"""The benchmark's pages, its lists of children and its counting beside their floors, on ten NICUs of facts that are drawn.

A floor is the least that the work asks of the same machine: the SELECT of the cells or the list bare, and for a page filling
its template with values that are at hand; for the counting the counts in SQL alone. Every child has a risk by the model of the
demonstration, so pages and counting bear the SMR too.
"""

import os
import random
import resource
from unittest.mock import patch

from peewee import fn

from admin_views.grid.scoped_views import ScopedView
from app import create_app
from commands.demo.neonatal import demo_model
from models import clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.base import connect, count_of, db
from models.lnr.benchmark import children, counting
from models.lnr.benchmark.cell import CountCell
from models.lnr.benchmark.fact import BANDS, StayFact
from models.lnr.benchmark.indicator import all_indicators, named
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.benchmark.risk.risk_cell import RiskCell, risks_of_years
from models.lnr.closing.year_closing import YearClosing
from models.lnr.year_report.lnr_edition import LnrEdition
from models.operations import schema
from settings import settings
from tests import make
from tests.bench.measure import counted, logged_in, percentile, table, timed
from tests.lnr.benchmark.synthetic import hospital_year
from tests.lnr.messages import hospital

STAYS = int(os.environ.get("LNR_FACTS", "50000"))
NICUS, YEARS, TIMES = 10, 10, 15
IVH, DEATH = named("ernstige-ivh"), named("sterfte")


def main():
    """One table; facts are put in place as the deliveries would leave them."""
    app = create_app()
    schema.migrate()
    connect(settings.database_url)
    nicus = [hospital(f"069910{number:02}", nicu=True) for number in range(NICUS)]
    asks, confirms = (make.user(role=Role.LNR_BEHEER, name=name) for name in ("Anna", "Bert"))
    demo_model.use(asks, confirms, clock.now())
    risk = {"risk": 0.1, "model": CaseMixModel.standing().code}
    year, luck = clock.today().year, random.Random(1)
    for place in nicus:
        for one in range(year - YEARS + 1, year + 1):
            with db.atomic():
                hospital_year(place, one, _drawn(luck, STAYS // NICUS // YEARS), Hospital.nicus(), **risk)
    recount = _timed(lambda: counting.refresh(most=1))
    counting.refresh()
    user = make.user(role=Role.LNR_CONTACT, hospital=nicus[0])
    client = logged_in(app, user)
    own, ours = f"jaar={year}", (StayFact.hospital == nicus[0]) & (StayFact.year == year)
    letter = fn.SUBSTR(StayFact.places, IVH.at + 1, 1)

    def cells(indicator):
        return list(counting.bands_of_all(year, indicator).items())

    def sums():
        wanted = [count_of(fn.SUBSTR(StayFact.places, one.at + 1, 1) == "t") for one in all_indicators()]
        list(
            StayFact.select(StayFact.month, StayFact.band, *wanted).where(ours).group_by(StayFact.month, StayFact.band).tuples()
        )

    def with_risks():
        cells(DEATH.number)
        risks_of_years([year], [risk["model"]])

    def bare():
        list(StayFact.select().where(ours & (letter == "n")).order_by(StayFact.stay).limit(51).tuples())

    pages = (
        ("a page with hardly anything on it", "/lnr/benchmark/zichtbaarheid", lambda: None),
        ("overview of a year", f"/lnr/benchmark/?{own}", lambda: cells(None)),
        ("overview of three years", f"/lnr/benchmark/?{own}&periode=3", lambda: cells(None)),
        ("one indicator", f"/lnr/benchmark/ernstige-ivh?{own}", lambda: cells(IVH.number)),
        ("  the one with an SMR", f"/lnr/benchmark/sterfte?{own}", with_risks),
        ("own children of a place", f"/lnr/benchmark/ernstige-ivh/kinderen?plaats=noemer&{own}", bare),
    )
    rows, before = [], _memory()
    for title, address, floor in pages:
        client.get(address)
        with counted() as sent:
            assert client.get(address).status_code == 200
        whole, template = _page(client, address)
        rows.append(_row(title, whole, _timed(floor) + template, len(sent)))
    behind = _timed(lambda: children.behind(user, nicus[0], IVH, [year], "n"))
    rows.append(_row("  its query and its records alone", behind, _timed(bare), ""))
    rows.append(_row("refresh of a hospital-year", recount, _timed(sums), ""))
    alone = _timed(lambda: RiskCell.count_anew(nicus[0].id, year))
    rows.append(_row("  its SMR alone", alone, _timed(lambda: list(StayFact.select().where(ours).tuples())), ""))
    after = _memory()
    reports = _reports(logged_in(app, asks), asks, confirms, year - 1)
    rows.append((f"{NICUS + 1} year reports: settled, page, PDF, XLSX (aim 60 s)", f"{reports:.0f}", "", "", ""))
    size = f"{StayFact.select().count()} facts, {CountCell.select().count()} cells, {db.obj.__class__.__name__}"
    title = f"{size}, memory {before} to {after} MB"
    table(f"Benchmark: {title}", ("what", "ours ms", "floor ms", "times", "queries"), rows)


def _reports(client, asks, confirms, year):
    """The milliseconds in which the reports of a closed year are settled, and each is made as page, PDF and workbook."""
    YearClosing.propose(year, asks).confirm(confirms)
    took = []
    with timed(took):
        for edition in LnrEdition.settle(year, asks):
            for kind in ("", "bestand/pdf", "bestand/xlsx"):
                assert client.get(f"/lnr/jaarverslag/{edition.key}/{kind}").status_code == 200
    return 1000 * took[0]


def _drawn(luck, size):
    def places():
        return {one.number: luck.choice(("t0", "n0", "n0", "n0", "n0", "n0", "n0", "u1", "b4")) for one in all_indicators()}

    return [(luck.randrange(1, 13), luck.choice(BANDS)[1], places()) for _ in range(size)]


def _memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _timed(work):
    took = []
    for _ in range(TIMES):
        with timed(took):
            work()
    return 1000 * percentile(took, 0.5)


def _page(client, address):
    """(a whole page, its template alone) in milliseconds."""
    filled, render = [], ScopedView.render

    def rendered(view, *args, **context):
        with timed(filled):
            return render(view, *args, **context)

    with patch.object(ScopedView, "render", rendered):
        return _timed(lambda: client.get(address)), 1000 * percentile(filled, 0.5)


def _row(title, ours, floor, queries):
    return title, f"{ours:.1f}", f"{floor:.2f}", f"{ours / floor:.1f}", queries


if __name__ == "__main__":
    main()
