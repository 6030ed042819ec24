"""What is counted of the neonatal registry, killed at every step: facts and cells are in the end what a rebuild gives."""

import pytest

from models.accounts.hospital import Hospital
from models.lnr.benchmark import counting
from models.lnr.benchmark import recompute as again
from models.lnr.benchmark.amounts.amount_cell import AmountCell
from models.lnr.benchmark.cell import CountCell, UncountedYear
from models.lnr.benchmark.fact import StayFact
from tests.faults.killing import at_every_step
from tests.lnr.test_facts import FIRST, HOME, OTHER, SECOND, Registry

pytestmark = pytest.mark.db_dialect

STRIDE = 3  # every third step; a life costs a fork and a connection


def counted():
    return {row[1:] for table in (CountCell, AmountCell) for row in table.select().tuples()}


def whole():
    """No fact and no cell says anything else than the messages, or its year is still to be counted."""
    assert [*again.differences(), *counting.differences()] == []


@pytest.fixture
def registry():
    made = Registry()
    Hospital.update(nicu=True).execute()
    made.send(to=OTHER, **FIRST)
    counting.refresh()
    assert AmountCell.select().exists()
    return made


ACTS = {
    "the second stay of a chain": lambda made: made.send(died="2026-04-05T10:00:00", **SECOND),
    "a replacement that changes the year": lambda made: made.send(
        version=2,
        action="vervanging",
        born="2025-12-20T09:00:00",
        admitted="2025-12-28T09:00:00",
        discharged="2026-01-09T10:00:00",
        to=HOME,
    ),
    "a withdrawal": lambda made: made.send(version=2, action="intrekking", **FIRST),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_delivery_and_its_count_are_what_a_rebuild_gives(registry, act):
    def work():
        ACTS[act](registry)  # who got no answer sends again: the same bytes, the same answer
        counting.refresh()

    deaths = [step for step in at_every_step(work, stride=STRIDE) if not whole()]
    whole()
    assert UncountedYear.select().count() == 0 and len(deaths) > 8

    before = counted()
    StayFact.update(rules="").execute()
    for _ in at_every_step(lambda: (again.recompute(), counting.refresh()), stride=STRIDE):
        whole()
    CountCell.delete().execute()
    AmountCell.delete().execute()
    for place, year in StayFact.select(StayFact.hospital, StayFact.year).distinct().tuples():
        UncountedYear.mark(place, year)
    counting.refresh()
    # A year that nobody is in any more has no cells; every other is as it was.
    assert counted() == before
