"""Who reads what was counted of other hospitals passes through disclosure.py, or says here why nothing is told of another."""

import ast
import random
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from models.accounts.hospital import Hospital
from models.lnr.benchmark import counting
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.indicator import all_indicators
from tests import make, source
from tests.lnr.benchmark.synthetic import hospital_year

ROOT = Path(__file__).parent.parent.parent.parent
ROOM = "models.lnr.benchmark"
# What gives figures of every hospital that may be there.
READERS = {
    f"{ROOM}.{name}"
    for name in (
        "counting:bands_of_all", "counting:bands_of_facts", "counting:by_quarter", "counting:counts", "counting:reasons",
        "counting:sparks", "counting:volumes", "amounts.amount_cell:amounts_of_all", "amounts.amount_cell:amounts_of_facts",
        "risk.risk_cell:risks_of_years",
    )
}  # fmt: skip
TABLES = {
    f"{ROOM}.{name}"
    for name in ("fact:StayFact", "cell:CountCell", "amounts.amount_cell:AmountCell", "risk.risk_cell:RiskCell")
}
# What the year report read of every hospital once, for all its chapters.
COUNTS = "models.lnr.year_report.year_counts:YearCounts"
RAW = {"bands", "days", "volumes", "risks", "stood", "before", "kept", "counted"}
GATES = {f"{ROOM}.disclosure", f"{ROOM}.risk.risk_disclosure"}
TELL_NOTHING = {f"{ROOM}.disclosure:unrestricted", f"{ROOM}.disclosure:two_figures"}  # what of a gate lets nothing through
# What reads them and asks no gate, and why that is right.
OWN = "of the hospital that is asked for alone"
ADDED = "adds up, and is told to nobody"
COMPARES = "compares, and tells no figure"
WHICH = "which years or stays, and no figure of them"
ASKS_NO_GATE = {
    "admin_views.lnr.benchmark:BenchmarkView.children": OWN,
    "admin_views.lnr.trend.trend_card:own_trend": OWN,
    "admin_views.lnr.trend.trend_card:own_trends": OWN,
    f"{ROOM}.amounts.amount_cell:AmountCell.follows": COMPARES,
    f"{ROOM}.amounts.amount_cell:amount_cells": ADDED,
    f"{ROOM}.children:behind": OWN,
    f"{ROOM}.children:standings": OWN,
    f"{ROOM}.counting:cells": ADDED,
    f"{ROOM}.counting:differences": COMPARES,
    f"{ROOM}.counting:newest_year": WHICH,
    f"{ROOM}.counting:years_until": WHICH,
    f"{ROOM}.fact:StayFact.behind": WHICH,
    f"{ROOM}.fact:StayFact.sealed": WHICH,
    f"{ROOM}.method.method_change:_count_anew": WHICH,
    f"{ROOM}.method.method_change:effects": "for the management, who sees all: how many verdicts would be others",
    f"{ROOM}.recompute:differences": COMPARES,
    f"{ROOM}.risk.case_mix_model:_count_anew": WHICH,
    f"{ROOM}.risk.cohort:cohort": "the children that a model is made of, for who may make one",
    f"{ROOM}.risk.cohort:cohort_size": "how many those are, for the same",
    f"{ROOM}.risk.risk_cell:RiskCell.follows": COMPARES,
    f"{ROOM}.risk.risk_cell:RiskCell.mark_open": WHICH,
    f"{ROOM}.risk.risk_cell:_reckon": ADDED,
    f"{ROOM}.risk.vlad:life_adjusted": OWN,
    f"{ROOM}.risk.risk_cell:risk_cells": ADDED,
    f"{ROOM}.trend.event_gaps:event_gaps": OWN,
    "models.lnr.closing.kept_for_report:KeptForReport.now": "kept for the report, whose chapters ask as YearCounts tells it",
    "models.lnr.closing.rehearsal:rehearsal": "the own hospital; all of them for the management",
    "models.lnr.closing.year_closing:_open": WHICH,
    "models.lnr.closing.year_closing:cells_hash": "a sum of the cells that are closed, which tells no figure",
    "models.lnr.closing.year_closing:facts_hash": "a sum of the facts that are closed, which tells no figure",
    "models.lnr.research.extract:Extract._facts": "children, no figures: which, and what of them, two people decided",
    "models.lnr.year_report.changes:changes": OWN,
    "models.lnr.year_report.days:_bands": OWN,
    "models.lnr.year_report.lnr_edition:LnrEdition._made": "how many stays of the hospital itself counted in its own report",
    "models.lnr.year_report.year_report:_own_bands": OWN,
    "models.lnr.year_report.year_report:_trend": OWN,
}


@dataclass
class File:
    """The names that a file imports, and its functions by name: 'f', and 'Class.f' of a method."""

    imports: dict[str, str] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    classes: set[str] = field(default_factory=set)


def read(tree, modules):
    """The File of a tree. A name means 'package.module', or 'package.module:name' of what stands in one."""
    here = File()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                inner = f"{node.module}.{one.name}"
                here.imports[one.asname or one.name] = inner if inner in modules else f"{node.module}:{one.name}"
        elif isinstance(node, ast.Import):
            here.imports |= {one.asname: one.name for one in node.names if one.asname}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            here.functions[node.name] = node
        elif isinstance(node, ast.ClassDef):
            here.classes.add(node.name)
            here.functions |= {f"{node.name}.{one.name}": one for one in node.body if isinstance(one, ast.FunctionDef)}
    return here


@cache
def files():
    """{module: File} of all that runs, but for the demonstration, whose children are invented."""
    paths = [path for layer in ("admin_views", "commands", "tasks", "models") for path in (ROOT / layer).rglob("*.py")]
    named_ = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in paths}
    return {name: read(source.tree(path), named_) for name, path in named_.items() if not name.startswith("commands.demo")}


def meant(node, where, here, owner):
    """What of the project a name or an attribute means, as 'module:name' or 'module:Class.name'; '' when that is unknown."""
    if isinstance(node, ast.Name):
        return (
            f"{where}:{node.id}" if node.id in here.functions | dict.fromkeys(here.classes) else here.imports.get(node.id, "")
        )
    if not isinstance(node, ast.Attribute):
        return ""
    if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
        return f"{where}:{owner}.{node.attr}"
    # Every chapter of the report calls what was read so.
    of = COUNTS if isinstance(node.value, ast.Name) and node.value.id == "counts" else meant(node.value, where, here, owner)
    return "" if not of else f"{of}.{node.attr}" if ":" in of else f"{of}:{node.attr}"


def uses(where, name, here):
    """(all that a function names, of that what it calls)."""
    owner, tree = name.partition(".")[0], here.functions[name]
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = {(meant(node, where, here, owner), id(node) in called) for node in ast.walk(tree) if isinstance(node, ast.expr)}
    return {one for one, _ in found if one}, {one for one, is_called in found if one and is_called}


def reads(said):
    """What gives figures of others among what a function names."""
    of_tables = {f"{table}.{verb}" for table in TABLES for verb in ("select", "get", "get_or_none")}
    return said & (READERS | of_tables | {f"{COUNTS}.{name}" for name in RAW})


def graph(of):
    """{function: (all that it names, what it calls)} of these (module, File)."""
    return {f"{where}:{name}": uses(where, name, here) for where, here in of for name in here.functions}


@cache
def whole():
    return graph(files().items())


def asks(key, edges):
    """Whether a function calls something of a gate, itself or in what it calls: a name that is only imported asks nothing."""
    todo, seen = [key], set()
    while todo:
        said, called = edges[todo.pop()]
        if any(one.partition(":")[0] in GATES for one in called - TELL_NOTHING):
            return True
        # What is named may be called by whoever it is given to, or be a property; but naming a gate asks it nothing.
        following = {one for one in said if one in edges and one.partition(":")[0] not in GATES} - seen
        seen |= following
        todo += following
    return False


def ungated(edges):
    """The functions that read figures of others and ask no gate; the gate and the readers are held by who calls them."""
    reading = {key for key, (said, _) in edges.items() if reads(said)}
    held = {key for key in reading if key in READERS or key.partition(":")[0] in GATES or key.startswith(f"{COUNTS}.")}
    return {key for key in reading - held if not asks(key, edges)}


def test_every_function_that_reads_figures_of_others_asks_the_gate():
    edges = whole()
    assert {key for key in READERS if key not in edges} == set(), "a reader that is no longer there"
    assert {f"{COUNTS}.{name}" for name in ("counted", "volumes", "before")} <= set(edges)
    assert ungated(edges) == set(ASKS_NO_GATE)
    # The walk sees those that are known to tell of others, or it proves nothing.
    view = "admin_views.lnr.benchmark:BenchmarkView"
    gated = {f"{view}.index", f"{view}.indicator", f"{view}.file", f"{view}.indicator_file"}
    seen = {"admin_views.lnr.amount_page:_seen", "models.lnr.year_report.national:national", f"{view}._figure_and_others"}
    assert all(asks(key, edges) for key in gated) and all(reads(edges[key][0]) and asks(key, edges) for key in seen)


@pytest.mark.parametrize(
    "text",
    [
        "from models.lnr.benchmark import counting\ndef page(): return counting.bands_of_all(2026)",
        "from models.lnr.benchmark import counting as told\ndef page(): return told.counts([2026])",
        "from models.lnr.benchmark.counting import bands_of_all as told\ndef page(): return told(2026)",
        "from models.lnr.benchmark.risk.risk_cell import risks_of_years\ndef page(): return map(risks_of_years, [])",
        "from models.lnr.benchmark.fact import StayFact as Told\ndef page(): return Told.select()",
        "def page(counts): return counts.bands",
    ],
)
def test_a_page_that_passes_the_gate_by_is_found(text):
    def missed(more):
        tree = ast.parse(f"from models.lnr.benchmark import disclosure\n{text}\n{more}")
        return "admin_views.new:page" in ungated(whole() | graph([("admin_views.new", read(tree, set(files())))]))

    assert missed("")  # named, and never asked
    assert missed("def other(): return disclosure.told([])")  # asked, by another
    text = text.replace("return ", "other(); return ")
    assert not missed("def other(): return disclosure.told([])")
    assert missed("def other(): return disclosure.told")


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
