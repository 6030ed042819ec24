"""What somebody sees who opens a page for the first time: one row of menu, whole tables, nothing over something else."""

import pytest

from models import clock
from models.access import Process, Role
from models.cases.requested_document import RequestedDocumentAnswer
from models.mail.outbox import Mail, MailStatus
from models.monthly.monthly_request import MonthlyCall
from tests import make
from tests.flows.walk import enter

OVER = """row => {
    const boxes = [...row.children].filter(part => part.offsetWidth > 1).map(part => part.getBoundingClientRect());
    return boxes.some((one, at) => boxes.slice(at + 1).some(other =>
        one.right > other.left && other.right > one.left && one.bottom > other.top + 1 && other.bottom > one.top + 1));
}"""


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.LNR_CONTACT, Role.LNR_BEHEER, Role.BEHEERDER])
def test_the_menu_is_one_row(window, role):
    hospital = make.hospital(nicu=True)
    page = enter(window(), make.user(role=role, hospital=hospital))
    tops = page.locator(".site-nav > ul > li").evaluate_all("items => items.map(item => item.getBoundingClientRect().top)")
    assert tops and len(set(tops)) == 1


@pytest.mark.parametrize("width", [390, 320])
def test_nothing_lies_over_what_follows_later(window, width):
    case = make.case(theme=make.theme(asked=("verslag van de afbreking en partusverslag", "OK-verslag")))
    promised = case.theme.asked.get()
    day = clock.today() + 14 * clock.DAY
    RequestedDocumentAnswer.create(case=case, asked=promised, by=case.reporter, expected_on=day, at=clock.now())
    page = enter(window(width), case.reporter, f"/melding/{case.key}/")
    page.get_by_text("volgt later, verwacht op").wait_for()
    assert page.locator(".asked > li").evaluate_all(f"rows => rows.map({OVER})") == [False, False]


def test_every_column_of_the_month_grid_is_in_sight(window):
    month = clock.previous_month(clock.today())
    make.user(hospital=make.hospital("Streekziekenhuis Het Veen"))
    for back in range(12):
        MonthlyCall.open_all(clock.add_months(month, -back), now=clock.now())
    Mail.update(status=MailStatus.VERZONDEN, sent_at=clock.now()).execute()
    page = enter(window(), make.coordinator(Process.NETHOSS), "/maanden/")
    box = page.locator(".month-grid").locator("..")
    assert box.evaluate("box => box.scrollWidth - box.clientWidth") == 0
