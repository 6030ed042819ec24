"""A call that comes back on its day, in a real browser: noted at the hospital, on top of the work list that day, settled."""

from datetime import datetime, timedelta

from playwright.sync_api import expect

from models import clock
from models.review.call_log import LoggedCall
from tests import make
from tests.flows.walk import enter, follow

MORNING = datetime(2027, 3, 10, 8)
DAY = clock.today(MORNING) + timedelta(days=5)


def test_a_call_comes_back_on_its_day_and_ends_with_the_next_one(window, look, monkeypatch):
    now = [MORNING]
    monkeypatch.setattr(clock, "now", lambda: now[0])
    hospital, coordinator = make.user().hospital, make.coordinator()
    page = enter(window(), coordinator, f"/ziekenhuizen/{hospital.code}/")
    page.get_by_label("Met wie sprak u?").fill("mevrouw De Wit")
    page.get_by_label("Terugbellen op").fill(str(DAY))
    follow(page, page.get_by_role("button", name="Gesprek vastleggen"))
    page.goto("/beoordelen/")
    expect(page.locator("main")).not_to_contain_text("terug te bellen")  # not before its day

    now[0] = MORNING + timedelta(days=5)
    page = enter(window(), coordinator, "/beoordelen/")
    due = page.get_by_text("1 ziekenhuis terug te bellen")
    expect(due).to_be_visible()
    expect(page.locator("main")).to_contain_text("met mevrouw De Wit")
    look(page, "terugbellen")
    follow(page, page.get_by_role("link", name=hospital.name, exact=True))
    page.get_by_label("Met wie sprak u?").fill("mevrouw De Wit")
    page.get_by_label("Hiermee is het terugbellen").check()
    follow(page, page.get_by_role("button", name="Gesprek vastleggen"))
    page.goto("/beoordelen/")
    expect(due).to_have_count(0)
    assert LoggedCall.select().count() == 2 and not LoggedCall.to_call_back(hospital).exists()
