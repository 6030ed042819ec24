"""`--cost`: where the processor time of the tests goes, a table by file; how long a test waits is no part of it.

`--within SECONDS`: leave out browsers, servers and the walks along all routes, and of the rest, as the notes of the last
`make test` tell their time, the dearest, until what is left costs no more than that.

Counted are the test process, what it starts (browsers, servers, PostgreSQL) and what those start, as /proc tells.
"""

import json
import os
import time
from collections import Counter
from pathlib import Path

import pytest

from tests import cluster

FOLDERS = ("tests/flows/", "tests/faults/")
FILES = (
    "test_rights",
    "web/test_surface",
    "web/test_form_key",
    *(f"operations/test_{name}" for name in ("processes", "backup", "restore")),
)
SLOW = (*FOLDERS, *(f"tests/{name}.py" for name in FILES))
SETTING_UP = 0.01  # seconds for one test
UNKNOWN = 0.3  # seconds, for a test of which no note tells what it costs: about the mean without browsers
NOTES = Path(__file__).parent.parent / ".pytest_cache" / "statements.json"
TICKS = os.sysconf("SC_CLK_TCK")


def pytest_addoption(parser):
    parser.addoption("--cost", action="store_true", help="the processor time of every file of tests")
    parser.addoption("--within", type=float, metavar="SECONDS", help="only what costs little, and no more than this together")


def pytest_configure(config):
    if config.getoption("--cost"):
        config.pluginmanager.register(Cost(config), "cost")


def pytest_collection_modifyitems(config, items):
    if (seconds := config.getoption("--within")) is not None:
        notes = json.loads(NOTES.read_text()) if NOTES.exists() else {}
        wanted = within(seconds, items, {name: note["seconds"] for name, note in notes.items()})
        config.hook.pytest_deselected(items=[item for item in items if item not in wanted])
        items[:] = [item for item in items if item in wanted]


def within(seconds, items, costs):
    """The cheapest of `items`, `seconds` together at most; one that `costs` does not know costs UNKNOWN.

    Of equals the first of every file come first: without any note it is a little of everything.
    """
    nth, order = Counter(), {}
    for item in items:
        file = item.nodeid.partition("::")[0]
        order[item], nth[file] = (costs.get(item.nodeid, UNKNOWN), nth[file]), nth[file] + 1
    wanted = set()
    for item in sorted((item for item in items if not item.nodeid.startswith(SLOW)), key=order.get):
        seconds -= order[item][0] + SETTING_UP
        if seconds < 0:
            break
        wanted.add(item)
    return wanted


def spent(roots):
    """Processor time in seconds of these processes and all that they started, ended or not."""
    stats = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            after = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        stats[int(path.parent.name)] = (int(after[1]), sum(map(int, after[11:15])))
    family = set(roots) & stats.keys()
    while more := {number for number, (parent, _) in stats.items() if parent in family} - family:
        family |= more
    return sum(stats[number][1] for number in family) / TICKS


class Cost:
    def __init__(self, config):
        self.config, self.tests = config, {}

    def spent(self):
        return spent([os.getpid(), *cluster.running()])

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        wall, began = time.monotonic(), self.spent()
        try:
            return (yield)
        finally:
            self.tests[item.nodeid] = (max(0, round(self.spent() - began, 2)), round(time.monotonic() - wall, 2))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        self.tests.update(getattr(node, "workeroutput", {}).get("cost", {}))

    def pytest_sessionfinish(self):
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput["cost"] = self.tests

    def pytest_terminal_summary(self, terminalreporter):
        files, walls, counts, longest = Counter(), Counter(), Counter(), {}
        for name, (seconds, wall) in self.tests.items():
            file, _, test = name.partition("::")
            files[file] += seconds
            walls[file] += wall
            counts[file] += 1
            longest[file] = max(longest.get(file, (0, "")), (seconds, test))
        terminalreporter.section("processor time by file: sum, elapsed, tests, the dearest of them")
        for file, seconds in files.most_common():
            dear, test = longest[file]
            terminalreporter.write_line(f"{seconds:8.1f} {walls[file]:8.1f} {counts[file]:5} {file}  {dear:.1f} {test[:70]}")
        terminalreporter.write_line(f"{files.total():8.1f} {walls.total():8.1f} {counts.total():5} together")
