"""Every fault of the design is tried by tests that are there, and every test here belongs to a fault."""

import pytest

from tests.faults import campaign
from tests.faults.campaign import FAULTS, ROOT, rows
from tests.test_documents import functions


def test_every_fault_of_the_design_has_its_tests():
    assert list(FAULTS) == [f"F-{number:02}" for number in range(1, 25)]
    named = {test for _, tests in FAULTS.values() for test in tests}
    lost = {test for test in named if not functions(test.partition("::")[0]) >= {test.partition("::")[2]} - {""}}
    assert lost == set()
    files = {test.partition("::")[0] for test in named} | {"faults/test_campaign.py"}
    assert {f"faults/{path.name}" for path in (ROOT / "faults").glob("test_*.py")} <= files


def test_the_table_tells_what_was_tried_and_what_did_not_hold():
    place = "faults/test_power_cut.py::test_x"
    results = {"sqlite": {place: (7, 2.0, "held", "so much"), "faults/test_queue.py::test_y[a]": (1, 1.0, "failure", "")}}

    lines = list(rows(["F-12", "F-20"], results))

    assert "| sqlite | 1 | 7 | held | 2 s; so much |" in lines[0] and "failure: faults/test_queue.py" in lines[1]
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("found", "failed"),
    [
        ({}, True),
        ({"faults/test_other.py::test_x": (1, 1.0, "held", "")}, True),
        ({"faults/test_power_cut.py::test_x": (1, 0.0, "skipped", "")}, True),
        ({"faults/test_power_cut.py::test_x": (1, 0.0, "skipped", "only on PostgreSQL")}, False),
    ],
    ids=["nothing", "another", "skipped", "skipped with a reason"],
)
def test_a_fault_that_nothing_tried_has_not_held(monkeypatch, tmp_path, found, failed):
    monkeypatch.setattr(campaign, "tried", lambda faults, database: found)
    monkeypatch.setattr(campaign, "FAULTS", {"F-12": ("what", ["faults/test_power_cut.py"])})
    monkeypatch.setattr(campaign, "programs", lambda: None)
    monkeypatch.setattr(campaign, "KEPT", tmp_path / "faults.json")
    assert campaign.main([]) is failed


def test_a_campaign_that_was_broken_off_tells_what_it_tried_and_goes_on_there(monkeypatch, tmp_path, capsys):
    asked = []

    def tried(faults, database):
        asked.append((*faults, database))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return {f"{FAULTS[faults[0]][1][0]}::test_x": (3, 1.0, "held", "")}

    monkeypatch.setattr(campaign, "tried", tried)
    monkeypatch.setattr(campaign, "FAULTS", {fault: FAULTS[fault] for fault in ("F-12", "F-20")})
    monkeypatch.setattr(campaign, "programs", lambda: None)
    monkeypatch.setattr(campaign, "KEPT", tmp_path / "kept" / "faults.json")

    with pytest.raises(KeyboardInterrupt):
        campaign.main([])
    said = capsys.readouterr().out
    assert "| F-12 |" in said and "| F-20 |" not in said

    assert campaign.main([]) is False
    said = capsys.readouterr().out
    assert "| F-12 |" in said and "| F-20 |" in said
    assert asked == [("F-12", "sqlite"), ("F-20", "sqlite"), ("F-20", "sqlite")]

    campaign.main([])  # it came to its end: this one begins anew
    assert len(asked) == 5
