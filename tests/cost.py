"""`--cost`: where the processor time of the tests goes, a table by file; how long a test waits is no part of it.

Counted are the test process, what it starts (browsers, servers, PostgreSQL) and what those start, as /proc tells.
"""

import os
import time
from collections import Counter
from pathlib import Path

import pytest

from tests import cluster

TICKS = os.sysconf("SC_CLK_TCK")


def pytest_addoption(parser):
    parser.addoption("--cost", action="store_true", help="the processor time of every file of tests")


def pytest_configure(config):
    if config.getoption("--cost"):
        config.pluginmanager.register(Cost(config), "cost")


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
