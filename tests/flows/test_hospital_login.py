"""Log-in through the provider of a hospital as a person meets it: out, back, the first time, linked, and out again."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from admin_views.accounts import hospital_login
from models.accounts.identity import identity_provider, openid
from settings import settings
from tests import make
from tests.accounts.hospital_provider import HospitalProvider


@pytest.fixture
def huis(require, portal, monkeypatch, tmp_path):
    provider = HospitalProvider(require("an identity provider"), portal)
    file = provider.settings(tmp_path, domains=["erasmusmc.nl"], label="Universitair Medisch Centrum Noorderdiep-Oosterwold")
    monkeypatch.setattr(identity_provider, "settings", replace(settings, identity_providers=file))
    monkeypatch.setattr(hospital_login, "settings", replace(settings, portal_url=portal))
    openid._known.clear()
    yield provider
    provider.stop()


def test_from_the_button_to_logging_out_at_the_hospital_too(window, look, huis):
    user = make.user(email="anna@erasmusmc.nl", name="Anna van den Bergh-Oosterhuizen")
    huis.lets_in("sub-1", user.email)
    page = window()
    page.goto("/handleiding/")
    page.goto("/inloggen?next=/account")
    look(page, "inloggen")
    page.get_by_role("button", name="Inloggen via Universitair").click()
    expect(page.get_by_role("heading", name="U logt voor het eerst in")).to_be_visible()
    look(page, "eerste keer")
    page.get_by_role("button", name="Ja, dit is mijn account").click()
    expect(page.get_by_role("heading", name="Mijn account")).to_be_visible()
    look(page, "account")
    page.get_by_role("button", name="Ontkoppelen").click()
    page.get_by_role("dialog").get_by_role("button", name="Ontkoppelen").click()
    expect(page.get_by_text("kan niet meer. Op andere apparaten")).to_be_visible()

    page.get_by_role("button", name="Koppel aan de inlog van").click()
    expect(page.get_by_text("U kunt nu ook inloggen via")).to_be_visible()
    look(page, "gekoppeld")


def test_without_a_refresh_a_link_leads_on_and_who_logs_out_chooses(window, look, huis):
    user = make.user(email="anna@erasmusmc.nl")
    huis.lets_in("sub-1", user.email)
    page = window()
    there = f"{huis.issuer}/auth?**"
    page.route(there, lambda route: route.fulfill(status=204))  # the browser stays where it is
    page.goto("/inloggen")
    page.get_by_role("button", name="Inloggen via").click()
    expect(page.get_by_role("heading", name="U gaat naar de inlog van")).to_be_visible()
    look(page, "onderweg")
    page.unroute(there)
    page.get_by_role("link", name="Verder naar").click()
    page.get_by_role("button", name="Ja, dit is mijn account").click()
    expect(page.get_by_role("banner")).to_be_visible()
    page.goto("/account")
    page.get_by_role("button", name="Uitloggen").or_(page.get_by_role("link", name="Uitloggen")).first.click()
    expect(page.get_by_role("heading", name="U bent uitgelogd")).to_be_visible()
    look(page, "uitgelogd")
    page.get_by_role("link", name="Ook uitloggen bij").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_role("heading", name="Inloggen", exact=True)).to_be_visible()
