"""Which tests `make quick` asks."""

from tests.cost import SETTING_UP, UNKNOWN, within


class Item:
    def __init__(self, nodeid):
        self.nodeid = nodeid


def test_the_cheapest_come_first_until_the_limit_and_no_browser_is_started():
    dear, cheap, new, flow = items = [
        Item(f"tests/{name}") for name in ("a.py::dear", "a.py::cheap", "a.py::new", "flows/b.py::c")
    ]
    costs = {dear.nodeid: 5.0, cheap.nodeid: 1.0}

    assert within(1.1 + UNKNOWN + 2 * SETTING_UP, items, costs) == {cheap, new}
    assert within(100, items, costs) == {dear, cheap, new} and flow not in within(100, items, costs)
    assert within(0, items, costs) == set()


def test_without_notes_it_is_a_little_of_every_file_and_no_more_than_asked():
    items = [Item(f"tests/{file}.py::{test}") for file in "ab" for test in range(100)]

    asked = within(10, items, {})

    assert len(asked) == int(10 / (UNKNOWN + SETTING_UP)) and {"a", "b"} == {item.nodeid[6] for item in asked}
