"""The second step as a person meets it: in a real browser, with an app and with a passkey of the computer itself."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from admin_views.accounts import second_factor
from models.accounts.session import LogIn
from models.accounts.user import User
from settings import settings
from tests import make
from tests.accounts.test_second_factor import code
from tests.flows.walk import enter, follow, log_in

WIDTHS = (1280, 390)


@pytest.fixture
def portal(busy, monkeypatch):
    """The address of a running portal that requires the second step."""
    monkeypatch.setattr(second_factor, "settings", replace(settings, second_factor="required"))
    yield f"http://localhost:{busy.port}"
    busy.wait()


@pytest.fixture(params=WIDTHS)
def page(require, request, portal):
    """A tab of a browser of its own, with the complaints of its console held against the test."""
    require("chromium")
    context = request.getfixturevalue("chromium").new_context(base_url=portal, viewport={"width": request.param, "height": 900})
    page = context.new_page()
    complaints = []
    page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def log_out(page):
    page.context.clear_cookies()


def test_with_an_app(page, portal):
    user = make.user()
    enter(page, user, "/account")
    page.get_by_role("button", name="Instellen met een app").click()
    page.get_by_text("Lukt scannen niet?").click()
    key = page.locator("code.secret").inner_text()
    page.get_by_label("Code").fill(code(key))
    page.get_by_role("button", name="Controleren en opslaan").click()
    page.get_by_role("button", name="Herstelcodes maken").click()
    codes = page.locator("#codes code").all_inner_texts()
    assert len(codes) == 10
    with page.expect_download() as download:
        page.get_by_role("link", name="Downloaden").click()
    assert codes[0] in download.value.path().read_text()
    page.get_by_role("link", name="Ik heb ze bewaard, verder").click()
    expect(page.get_by_role("heading", name="Mijn account")).to_be_visible()
    log_out(page)

    User.update(tf_last_counter=0).execute()  # as if the half minute of that code were over
    enter(page, user, "/account")
    page.get_by_label("Code").fill(code(key))
    page.get_by_label("Vraag dit 30 dagen niet op dit apparaat").check()
    page.get_by_role("button", name="Inloggen").click()
    expect(page.get_by_text("Op één apparaat vragen wij hier niet om")).to_be_visible()


@pytest.mark.parametrize("transport", ["internal", "usb"])
def test_with_a_passkey(page, portal, transport):
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": transport,
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    user = make.user()
    enter(page, user, "/account")
    page.get_by_role("link", name="Instellen met een passkey").click()
    page.get_by_label("Naam voor deze passkey").fill("computer op het werk")
    page.get_by_role("button", name="Passkey maken").click()
    expect(page.get_by_role("heading", name="Herstelcodes")).to_be_visible()
    log_out(page)

    enter(page, user, "/account")
    page.get_by_role("button", name="Passkey gebruiken").click()
    expect(page.get_by_text("Passkey: computer op het werk")).to_be_visible()


def test_a_passkey_that_is_not_there_is_explained_and_can_be_tried_again(page, portal):
    page.add_init_script("navigator.credentials.create = () => Promise.reject(new DOMException('', 'NotAllowedError'))")
    enter(page, make.user())
    page.get_by_role("link", name="Instellen met een passkey").click()
    page.get_by_label("Naam voor deze passkey").fill("stick")
    page.get_by_role("button", name="Passkey maken").click()
    expect(page.get_by_text("Het is niet gelukt of het duurde te lang")).to_be_visible()
    expect(page.get_by_role("button", name="Opnieuw proberen")).to_be_focused()


def test_what_was_typed_survives_the_log_in_that_came_in_between(page, portal, monkeypatch):
    monkeypatch.setattr(second_factor, "settings", settings)
    user = make.user(name="Anna")
    make.theme()
    enter(page, user, "/melding/nieuw")
    page.get_by_role("radio").first.check()
    page.get_by_label("Patiëntnummer").fill("4711")
    LogIn.update(ended_at=LogIn.started_at).execute()
    page.get_by_role("button", name="+ Melding aanmaken").click()
    expect(page.get_by_role("heading", name="Inloggen")).to_be_visible()
    log_in(page, user)
    expect(page.get_by_text("Wat u had getypt, staat er weer.")).to_be_visible()
    expect(page.get_by_label("Patiëntnummer")).to_have_value("4711")
    expect(page.get_by_role("radio").first).to_be_checked()

    follow(page, page.get_by_role("button", name="+ Melding aanmaken"))
    assert "4711" not in page.evaluate("JSON.stringify(sessionStorage)")
