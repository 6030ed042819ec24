"""Who reads what was counted of other hospitals passes through disclosure.py, or says here why nothing is told of another."""

import ast
import random
from pathlib import Path

import pytest

from models.accounts.hospital import Hospital
from models.lnr.benchmark import counting
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.indicator import all_indicators
from tests import make, source
from tests.lnr.benchmark.synthetic import hospital_year

ROOT = Path(__file__).parent.parent.parent.parent
# What gives figures of every hospital; those of COUNTING are found as `counting.…` too.
READERS = {"bands_of_all", "bands_of_facts", "amounts_of_all", "risks_of_years"}
COUNTING = {"counts", "volumes", "reasons", "by_quarter", "sparks"}
TABLES = {"StayFact", "CountCell", "AmountCell", "RiskCell"}
GATES = {"disclosure", "risk_disclosure"}
# Outside the room of the benchmark, what reads them and asks no gate, and why that is right.
ASKS_NO_GATE = {
    "admin_views/lnr/trend/trend_card.py": "the quarters of the hospital that is asked for alone",
    "models/lnr/closing/item_completeness.py": "by a rule of its own, from three hospitals; small counts are told",
    "models/lnr/closing/year_closing.py": "sums of the facts and cells that are closed, which tell no figure",
    "models/lnr/research/extract.py": "children, not figures: which, and what of them, two people decided of the request",
    "models/lnr/year_report/lnr_edition.py": "how many stays of the hospital itself counted in its own report",
    "models/lnr/year_report/year_report.py": "why stays of the hospital itself do not count, in its own report",
}


def outside():
    for layer in ("admin_views", "commands", "tasks", "models"):
        for path in sorted((ROOT / layer).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(("models/lnr/benchmark/", "commands/demo/")):
                yield name, source.tree(path)


def reads(tree):
    """What of the READERS, of COUNTING and of a select of one of the TABLES stands in a module."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in READERS:
            found.add(node.func.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "counting" and node.attr in READERS | COUNTING:
                found.add(node.attr)
            if node.value.id in TABLES and node.attr == "select":
                found.add(node.value.id)
    return found


def asks(tree):
    """Whether a module calls something of a gate, and does not only import it."""
    return any(
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in GATES
        for node in ast.walk(tree)
    )


def test_every_page_file_report_and_command_with_figures_of_others_asks_the_gate():
    reading = {name: tree for name, tree in outside() if reads(tree)}
    assert {name for name, tree in reading.items() if not asks(tree)} == set(ASKS_NO_GATE)
    # The walk sees those that are known to tell of others, or it proves nothing.
    assert {"admin_views/lnr/benchmark.py", "admin_views/lnr/amount_page.py", "admin_views/lnr/risk/smr_card.py",
            "models/lnr/year_report/year_counts.py"} <= set(reading)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "from models.lnr.benchmark import counting\ncounting.bands_of_all(2026)",
        "from models.lnr.benchmark.risk.risk_cell import risks_of_years\nrisks_of_years([2026], [])",
        "from models.lnr.benchmark.fact import StayFact\nStayFact.select()",
    ],
)
def test_a_page_that_passes_the_gate_by_is_found(text):
    named = "from models.lnr.benchmark import disclosure\n" + text
    assert reads(ast.parse(text)) and not asks(ast.parse(text))
    assert not asks(ast.parse(named))  # named, and never asked
    assert asks(ast.parse(named + "\ndisclosure.told([])"))


@pytest.mark.db_dialect
def test_the_places_of_every_indicator_add_up_to_all_stays():
    """Numerator, denominator, unknown, outside and elsewhere: of each hospital, band and year together what there is."""
    luck, marks = random.Random(7), ("t0", "n0", "nf", "u1", "b4", "e2")
    places, size = [make.hospital(f"NICU {letter}", nicu=True) for letter in "AB"], {}
    for place in places:
        for year in (2024, 2025):
            size[place.id, year] = 40 + luck.randrange(20)
            stays = [
                (
                    luck.randrange(1, 13),
                    luck.choice(("<26+0", "37+0")),
                    {one.number: luck.choice(marks) for one in all_indicators()},
                )
                for _ in range(size[place.id, year])
            ]
            hospital_year(place, year, stays, Hospital.nicus())
    counting.refresh()

    def everything(count):
        return count.children + count.unknown + count.outside + count.elsewhere

    for year in (2024, 2025):
        bands = counting.bands_of_all(year)
        for one in all_indicators():
            for place in places:
                whole = sum(bands[one.number][place.id].values(), Count())
                assert everything(whole) == size[place.id, year] and whole.events <= whole.children
                assert counting.counts([year], one.number)[one.number][place.id] == whole
                quarters = counting.by_quarter([year], one.number)[place.id]
                assert sum(quarters, Count()) == whole
