"""Which tests `make quick` asks."""

from tests.cost import SETTING_UP, within


class Item:
    def __init__(self, nodeid):
        self.nodeid = nodeid


def test_the_cheapest_come_first_until_the_limit_and_no_browser_is_started():
    dear, cheap, new, flow = items = [
        Item(f"tests/{name}") for name in ("a.py::dear", "a.py::cheap", "a.py::new", "flows/b.py::c")
    ]
    costs = {dear.nodeid: 5.0, cheap.nodeid: 1.0}

    assert within(1.1 + 2 * SETTING_UP, items, costs) == {cheap, new}
    assert within(100, items, costs) == {dear, cheap, new} and flow not in within(100, items, costs)
    assert within(0, items, costs) == set()
