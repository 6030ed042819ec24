"""What we are made of, and what is known to be wrong with it."""

import hashlib
import json
import re
import subprocess
import zipfile

import pytest

from tests.operations.advisories import ROOT, affected, audit, named, read

LOCKED = dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", (ROOT / "requirements.lock").read_text(), re.M))


def test_the_bill_of_materials_holds_what_the_lock_holds(tmp_path):
    bill = tmp_path / "sbom.json"
    subprocess.run(["make", "-s", "-o", ".venv/test", "sbom", f"SBOM={bill}"], cwd=ROOT, check=True, capture_output=True)

    told = json.loads(bill.read_text())
    assert (told["bomFormat"], told["specVersion"], told["metadata"]["component"]["name"]) == (
        "CycloneDX",
        "1.6",
        "meldportaal",
    )
    parts = {part["name"].lower().replace("_", "-"): part for part in told["components"]}
    assert {name: part["version"] for name, part in parts.items()} == LOCKED
    assert all(part["purl"].startswith(f"pkg:pypi/{name}@{part['version']}") for name, part in parts.items())
    hashed = [part for part in parts.values() if any(more.get("hashes") for more in part.get("externalReferences", ()))]
    assert len(hashed) == len(parts)


def advisory(number, package, *events, **more):
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}]
    part = {"package": {"name": package, "ecosystem": "PyPI"}, "ranges": ranges, "versions": []}
    times = {"modified": "2026-11-01T00:00:00Z", "published": "2026-11-01T00:00:00Z"}
    return {"id": f"PYSEC-2026-{number}", "summary": "An example.", "details": "x", "affected": [part]} | times | more


@pytest.mark.parametrize(
    ("version", "events", "told"),
    [
        ("6.0", [{"introduced": "0"}, {"fixed": "6.1"}], True),
        ("6.1", [{"introduced": "0"}, {"fixed": "6.1"}], False),
        ("6.10", [{"introduced": "6.2"}], True),
        ("5.9", [{"introduced": "6.2"}], False),
        ("6.3", [{"introduced": "6.2"}, {"last_affected": "6.3"}], True),
        ("6.4", [{"introduced": "6.2"}, {"last_affected": "6.3"}], False),
        ("7.5", [{"introduced": "0"}, {"fixed": "6.1"}, {"introduced": "7.0"}, {"fixed": "7.6"}], True),
    ],
)
def test_a_version_in_a_range_is_affected(version, events, told):
    assert affected(advisory(1, "pypdf", *events), "pypdf", version) is told
    assert not affected(advisory(1, "pypdf", *events, withdrawn="2026-11-02T00:00:00Z"), "pypdf", version)
    assert not affected(advisory(1, "another", *events), "pypdf", version)


def test_what_is_known_of_a_locked_package_ends_the_audit_with_its_number(tmp_path):
    snapshot = tmp_path / "snapshot.zip"
    with zipfile.ZipFile(snapshot, "w") as packed:
        packed.writestr("a.json", json.dumps(advisory(7, "pypdf", {"introduced": "0"}, {"fixed": "999"})))
        packed.writestr("b.json", json.dumps(advisory(8, "Flask", {"introduced": "0"}, {"fixed": "0.1"})))

    ended = audit(ROOT / "requirements.lock", snapshot)

    assert ended.returncode == 1 and "PYSEC-2026-7" in ended.stdout and "PYSEC-2026-8" not in ended.stdout


def test_a_lock_of_which_nothing_is_known_passes(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(advisory(8, "flask", {"introduced": "0"}, {"fixed": "0.1"})))
    assert audit(ROOT / "requirements.lock", tmp_path).returncode == 0


def test_a_snapshot_is_named_with_its_hash_and_how_new_it_is(tmp_path):
    snapshot = tmp_path / "snapshot.zip"
    with zipfile.ZipFile(snapshot, "w") as packed:
        for number, day in ((7, "2026-10-30"), (8, "2026-11-01")):
            packed.writestr(f"{number}.json", json.dumps(advisory(number, "pypdf", modified=f"{day}T00:00:00Z")))
    told = named(snapshot)
    assert told.startswith("snapshot.zip: 2 advisories, the newest of 2026-11-01, SHA-256 ")
    assert told.endswith(hashlib.sha256(snapshot.read_bytes()).hexdigest())


def test_ci_asks_the_snapshot_that_it_was_given_and_says_so_when_it_has_none():
    said = (ROOT / ".ci" / "run").read_text()
    assert 'make audit ADVISORIES="$ADVISORIES"' in said and "ADVISORIES names no snapshot" in said


def test_a_snapshot_that_holds_nothing_is_no_clean_bill(tmp_path):
    with pytest.raises(SystemExit, match="no advisories"):
        read(tmp_path)
