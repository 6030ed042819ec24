"""From 'ernstige IVH: let op' to the children and the message behind each, in three clicks, as the demonstration tells them."""

import random
import re
from datetime import date, datetime

import pytest
from playwright.sync_api import expect

from commands.demo.neonatal.newborn import Newborn
from models import clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.lnr.benchmark import counting
from models.lnr.benchmark.agreement import Agreement, Level
from models.lnr.benchmark.fact import BANDS
from models.lnr.benchmark.indicator import named
from models.lnr.benchmark.method import method_change
from models.lnr.benchmark.method.method_change import SettingChoice
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.message.message_writer import build
from models.lnr.rules.envelope import is_bsn
from tests import make
from tests.flows.walk import enter, follow, passes
from tests.lnr.benchmark.synthetic import hospital_year
from tests.lnr.messages import hospital, supplier

IVH = named("ernstige-ivh")
CHILDREN, EVENTS, OTHERS = 14, 6, 60


@pytest.fixture
def contact():
    """Of a NICU with 6 severe IVH among 14 children, beside three with 6 among 60, which all agreed to show themselves."""
    year = clock.today().year - 1  # told in full, whatever day it is today
    at = datetime(year, 12, 20, 12)
    own = hospital(agb="06010101", nicu=True)
    others = [make.hospital(f"NICU {letter}", nicu=True) for letter in "BCD"]
    numbers = (f"{number:09}" for number in range(400_000_000, 500_000_000) if is_bsn(f"{number:09}"))
    for number in range(CHILDREN):
        planted = {event: 0 for event in ("moved", "said nothing of the brain")}
        planted["severe ivh"] = 100 if number < EVENTS else 0
        luck = random.Random(number)
        child = Newborn("own", f"kind {number}", next(numbers), date(year, 2, 1 + number), luck, {"own": own.agb}, planted)
        child.dies = False
        for _, _, values in child.messages(date(year, 12, 1)):
            assert deliver(Delivery(own, supplier()), build(values), at).status == 200
    for place in others:
        marks = [(3, BANDS[3][1], {IVH.number: "t0" if number < 6 else "n0"}) for number in range(OTHERS)]
        hospital_year(place, year, marks, Hospital.nicus())
    counting.refresh()
    people = [make.user(role=Role.LNR_CONTACT, hospital=place) for place in (own, *others)]
    for person in people:
        Agreement.state(person, year, Level.ONGENOEMD, "Het bestuur", now=at)
    return people[0]


def test_three_clicks_from_a_warning_to_the_message_behind_a_child(window, contact):
    page = enter(window(), contact, "/lnr/benchmark/")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/lnr/benchmark/")
        warned = page.locator("#kijken")
        expect(warned).to_contain_text("let op Ernstige IVH")
        passes(page)

        follow(page, warned.get_by_role("link", name="Ernstige IVH"))
        funnel = page.get_by_role("group", name="Ernstige IVH: ").first
        expect(funnel).to_be_visible()
        expect(page.get_by_role("group", name="tussen de andere NICU’s")).to_be_visible()
        passes(page)

        # The dot itself is the way, by keyboard too.
        dot = funnel.locator("a.own")
        dot.focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        rows = page.get_by_role("row").filter(has=page.get_by_role("link", name="versie 1"))
        expect(rows).to_have_count(EVENTS)
        passes(page)

        follow(page, rows.first.get_by_role("link", name="versie 1"))
        expect(page).to_have_url(re.compile("/lnr/bericht/"))
        passes(page)


def test_without_script_and_at_twice_the_size(window, contact):
    """Every picture, table and link is there without script; at 200% of a small screen nothing is wider than the window."""
    page = enter(window(width=320, java_script_enabled=False), contact, "/lnr/benchmark/")
    follow(page, page.locator("#kijken").get_by_role("link", name="Ernstige IVH"))
    expect(page.get_by_role("group", name="Ernstige IVH: ").first).to_be_visible()
    expect(page.get_by_role("region", name="Cijfers bij de grafiek")).to_be_visible()
    body = page.locator("body").bounding_box()
    assert body["width"] <= 320
    follow(page, page.locator("#kinderen").get_by_role("link").first)
    expect(page.get_by_role("row").filter(has=page.get_by_role("link", name="versie 1"))).to_have_count(EVENTS)


def test_an_indicator_is_switched_off_and_gone(window, contact):
    """The management sees what it would do, does it, and the hospital reads why; on every width."""
    manager = make.user(role=Role.LNR_BEHEER)
    page = enter(window(), manager, "/lnr/indicatoren/")
    year = clock.today().year - 1
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"/lnr/indicatoren/?jaar={year}")
        passes(page)
        follow(page, page.get_by_role("link", name="Wijzig Ernstige IVH"))
        passes(page)
    page.get_by_label("Wordt gebruikt").uncheck()
    page.get_by_label("Waarom").fill("De antwoorden zijn nog te schaars.")
    follow(page, page.get_by_role("button", name="Bekijk wat dit doet"))
    expect(page.locator("form.card")).to_contain_text("veranderen")
    passes(page)
    follow(page, page.get_by_role("button", name="Wijziging opslaan"))
    expect(page.get_by_role("region", name=f"Indicatoren van {year}")).to_contain_text("staat uit")
    passes(page)
    counting.refresh()
    page = enter(window(width=390), contact, f"/lnr/benchmark/ernstige-ivh?jaar={year}")
    expect(page.locator("main")).to_contain_text("De antwoorden zijn nog te schaars.")
    passes(page)


def test_settings_of_the_year_before_are_taken_over(window, contact):
    """The management sees what it would do and presses once; the trend breaks only where the standard came; on every width."""
    manager, year = make.user(role=Role.LNR_BEHEER), clock.today().year - 1
    norm = {"target": 0.08, "source": "Richtlijn", "source_date": date(2024, 1, 1)}
    choice = SettingChoice(active=True, wider=False, smallest=10, note="Zo staat het in de richtlijn.", **norm)
    method_change.change(manager, year - 1, IVH, 0, choice)
    page = enter(window(), manager, f"/lnr/indicatoren/?jaar={year}")
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"/lnr/indicatoren/?jaar={year}")
        passes(page)
        follow(page, page.get_by_role("link", name=f"Bekijk overnemen van {year - 1}"))
        expect(page.get_by_role("region", name="Wat wordt overgenomen")).to_contain_text("norm 8%")
        passes(page)
    follow(page, page.get_by_role("button", name=f"Neem over van {year - 1}"))
    expect(page.get_by_role("region", name=f"Indicatoren van {year}")).to_contain_text("norm 8%")
    passes(page)
    page = enter(window(), contact, f"/lnr/benchmark/ernstige-ivh?jaar={year}")
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"/lnr/benchmark/ernstige-ivh?jaar={year}")
        expect(page.locator("#verloop")).to_contain_text("De lijn is onderbroken")
        expect(page.locator("#verloop .break")).to_have_count(1)
        page.locator("#verloop summary").click()
        expect(page.get_by_role("region", name="Per kwartaal")).to_contain_text(f"{year - 1} begint volgens een andere methode")
        passes(page)


def test_a_new_baseline_and_rare_events_in_time(window):
    """The contact has one start, sees it drawn, and takes it back; of rare events the gaps are drawn; on every width."""
    year = clock.today().year - 1
    own = make.hospital("NICU A", nicu=True)
    sepsis = named("late-sepsis")
    for one in range(year - 4, year + 1):
        many = 12 if one < year - 2 else 6
        marks = [
            (
                month,
                BANDS[0][1],
                {IVH.number: "t0" if number < many else "n0", sepsis.number: "t0" if number == one % 7 else "n0"},
            )
            for month in (2, 5, 8, 11)
            for number in range(60)
        ]
        hospital_year(own, one, marks, Hospital.nicus())
    counting.refresh()
    page = enter(window(), make.user(role=Role.LNR_CONTACT, hospital=own), f"/lnr/benchmark/ernstige-ivh?jaar={year}")
    follow(page, page.get_by_role("link", name="Nieuwe basislijn"))
    page.get_by_label("Vanaf", exact=True).select_option(f"1e kwartaal {year - 2}")
    page.get_by_label("Wat is er vanaf dan anders?").fill("Vanaf toen kreeg elk kind indometacine vooraf.")
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        passes(page)
    follow(page, page.get_by_role("button", name="Vastleggen"))
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/lnr/benchmark/ernstige-ivh/basislijn")
        passes(page)
        page.goto(f"/lnr/benchmark/ernstige-ivh?jaar={year}")
        expect(page.locator("#verloop .base")).to_have_count(1)
        expect(page.locator("#verloop")).to_contain_text("Vanaf toen kreeg elk kind indometacine vooraf.")
        passes(page)
        page.goto(f"/lnr/benchmark/late-sepsis?jaar={year}")
        expect(page.get_by_role("img", name="hoeveel kinderen tussen twee gebeurtenissen")).to_be_visible()
        passes(page)
    page.goto("/lnr/benchmark/ernstige-ivh/basislijn")
    follow(page, page.get_by_role("button", name="Neem terug"))
    expect(page.locator("main")).not_to_contain_text("indometacine")
