"""Every fault of the design is tried by tests that are there, and every test here belongs to a fault."""

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
