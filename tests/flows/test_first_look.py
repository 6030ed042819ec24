"""What somebody sees who opens a page for the first time: nothing that lies over something else."""

import pytest

from models import clock
from models.cases.requested_document import RequestedDocumentAnswer
from tests import make
from tests.flows.walk import enter

OVER = """row => {
    const boxes = [...row.children].filter(part => part.offsetWidth > 1).map(part => part.getBoundingClientRect());
    return boxes.some((one, at) => boxes.slice(at + 1).some(other =>
        one.right > other.left && other.right > one.left && one.bottom > other.top + 1 && other.bottom > one.top + 1));
}"""


@pytest.mark.parametrize("width", [390, 320])
def test_nothing_lies_over_what_follows_later(window, width):
    case = make.case(theme=make.theme(asked=("verslag van de afbreking en partusverslag", "OK-verslag")))
    promised = case.theme.asked.get()
    day = clock.today() + 14 * clock.DAY
    RequestedDocumentAnswer.create(case=case, asked=promised, by=case.reporter, expected_on=day, at=clock.now())
    page = enter(window(width), case.reporter, f"/melding/{case.key}/")
    page.get_by_text("volgt later, verwacht op").wait_for()
    assert page.locator(".asked > li").evaluate_all(f"rows => rows.map({OVER})") == [False, False]
