"""The faults of the design, F-01 to F-24: which tests try each, and the campaign that tries them all at full size.

    make faults            # python -m tests.faults: both databases, a table at the end; some of an hour
    make faults ONLY=F-12  # one of them

Broken off (Ctrl-C, a machine that stops) it prints what was tried so far, and the next one of the same version goes on there.

Each test ends with the invariants (invariants.py); those of other rooms with what they hold themselves. In an ordinary run of
the tests each is tried in a few seconds (size.py). How often something was tried is what the test wrote down as `tried`.
"""

import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from itertools import product
from pathlib import Path

from tests.cluster import programs

UNTRIED, NO_REASON = "not tried", "unconditional skip"


def _read():
    found: dict = {}
    with (Path(__file__).parent / "faults.csv").open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            found.setdefault(row["fault"], (row["what happens"], []))[1].append(row["test"])
    return found


# fault -> (what happens, the tests that try it)
FAULTS = _read()


def tried(faults, database):
    """{test: (times tried, seconds, outcome, remark)} of one run over the tests of `faults` on a database."""
    names = list(dict.fromkeys(f"tests/{test}" for fault in faults for test in FAULTS[fault][1]))
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        command = [sys.executable, "-m", "pytest", "-q", "-o", "junit_family=xunit1", f"--junitxml={report.name}", *names]
        subprocess.run(command, env=os.environ | {"FAULTS": "campaign", "TEST_DATABASE": database})
        return {_place(case): _result(case) for case in ET.parse(report.name).iter("testcase")}


def _place(case):
    return case.get("classname").removeprefix("tests.").replace(".", "/") + ".py::" + case.get("name")


def _result(case):
    noted = {note.get("name"): note.get("value") for note in case.iter("property")}
    bad = next((kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None), "held")
    why = case.find("skipped").get("message", "").removeprefix(NO_REASON) if bad == "skipped" else ""
    return int(noted.get("tried", 1)), float(case.get("time")), bad, noted.get("remark", "") or why


def rows(faults, results):
    """The lines of the table: for each fault and database how often it was tried, and whether everything held.

    Of which no test ran is not held: only one that says why it skips may be missing.
    """
    for fault in faults:
        what, tests = FAULTS[fault]
        for database, found in results.items():
            mine = [
                (place, result)
                for place, result in found.items()
                if any(re.sub(r"\[.*", "", place) == test or place.startswith(f"{test}::") for test in tests)
            ]
            if all(one[2] == "skipped" and not one[3] for _, one in mine):
                yield f"| {fault} | {what} | {database} | {len(mine)} | 0 | {UNTRIED} | |"
            else:
                times, seconds = sum(one[0] for _, one in mine), sum(one[1] for _, one in mine)
                worst = [f"{one[2]}: {place}" for place, one in mine if one[2] != "held"]
                last = "; ".join([f"{seconds:.0f} s", *(one[3] for _, one in mine if one[3])])
                yield f"| {fault} | {what} | {database} | {len(mine)} | {times} | {'; '.join(worst) or 'held'} | {last} |"


def main(only):
    """Try the faults and print the table; 1 when something did not hold."""
    faults = [fault for fault in FAULTS if not only or fault in only]
    began, results = time.monotonic(), {} if only else _kept()
    databases = ("sqlite", "postgresql") if programs() else ("sqlite",)
    try:
        for database, fault in product(databases, faults):
            found = results.setdefault(database, {})
            if fault not in found:
                found[fault] = tried([fault], database)
                if not only:
                    KEPT.parent.mkdir(exist_ok=True)
                    KEPT.write_text(json.dumps({"version": _version(), "results": results}), encoding="utf-8")
    finally:
        lines = []
        for fault in faults:
            lines += rows([fault], {one: found[fault] for one, found in results.items() if fault in found})
        print(
            "\n| fault | what happens | database | tests | tried | outcome | time |\n|---|---|---|---|---|---|---|",
            *lines,
            sep="\n",
        )
        failed = [line for line in lines if any(word in line for word in ("failure:", "error:", UNTRIED))]
        print(f"\n{len(lines)} lines, {len(failed)} failed, {(time.monotonic() - began) / 60:.0f} minutes.")
    if not only:
        KEPT.unlink(missing_ok=True)  # came to its end: the next one begins anew
    return bool(failed)


def _kept():
    """{database: {fault: results}} of a campaign of this version that was broken off; what did not hold is tried again."""
    try:
        kept = json.loads(KEPT.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if kept["version"] != _version():
        return {}
    held = {"held", "skipped"}
    return {
        database: {fault: found for fault, found in faults.items() if {one[2] for one in found.values()} <= held}
        for database, faults in kept["results"].items()
    }


def _version():
    """The commit that is tried."""
    return subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, cwd=ROOT).stdout.strip()


ROOT = Path(__file__).parent.parent
KEPT = ROOT.parent / ".pytest_cache" / "faults.json"  # what a campaign that was broken off has tried
