"""The people of a hospital in a real browser: the review of this year, a colleague who stops, a nomination."""

import os
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect

from models import clock
from models.access import Role
from models.accounts.user import User
from models.staff.account_review import AccountReview
from tests import make
from tests.flows.walk import enter, faults, follow

SHOTS = os.environ.get("SCREENSHOTS")
WIDTHS = (320, 390, 1280)


def test_a_manager_reviews_ends_and_nominates(window):
    place = make.hospital("Academisch Ziekenhuis Zuidwest")
    manager = make.user(hospital=place, name="Mia Manager-van den Heuvel", appoints_since=clock.now())
    leaver = make.user(hospital=place, name="Jan Smit", email="een.lange.naam.van.iemand@academisch-ziekenhuis-zuidwest.nl")
    make.case(by=leaver)
    AccountReview.begin(place, clock.now())
    wrong = []
    page = enter(window(1280), manager, "/collegas/")

    def look(name):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wrong.extend(f"{width}: {fault}" for fault in faults(page))
            if SHOTS:
                page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"), full_page=True)

    expect(page.locator("main")).to_contain_text("nog 2 van 2")
    look("collegas")
    page.get_by_label("Mia Manager").check()
    follow(page, page.get_by_role("button", name="Werkt hier nog"))
    expect(page.locator("main")).to_contain_text("nog 1 van 2")

    follow(page, page.get_by_role("link", name="Jan Smit"))
    page.get_by_label("Stopt per").fill(str(clock.today() + timedelta(days=20)))
    look("collega")
    follow(page, page.get_by_role("button", name="Einddatum opslaan"))
    expect(page.locator("main")).to_contain_text("De einddatum van Jan Smit is opgeslagen.")
    assert AccountReview.get().closed_at
    page.get_by_label("Waarom?").fill("Werkt hier niet meer.")
    page.get_by_label("Wie maakt de open meldingen af?").select_option(label=manager.name)
    follow(page, page.get_by_role("button", name="Account beëindigen"))
    expect(page.locator("main")).to_contain_text("is beëindigd")
    assert not User.get_by_id(leaver.id).active

    page.goto("/collegas/new/")
    look("nomineren")
    page.get_by_label("Naam").fill("Noor Nieuw")
    page.get_by_label("E-mailadres").fill("noor@example.com")
    page.get_by_label("NethOSS-melder").check()
    follow(page, page.get_by_role("button", name="Opslaan"))
    expect(page.locator("main")).to_contain_text("1 wijziging wacht")

    page = enter(window(1280), make.user(role=Role.BEHEERDER), "/beheer/controles/")
    look("controles")
    follow(page, page.get_by_role("link", name="Academisch"))
    look("controle")
    page.goto("/beheer/gebruikers/")
    look("gebruikers")
    assert wrong == []
