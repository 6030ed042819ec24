"""The story of the manual with the second step required: the melder has a passkey, the coordinator an app."""

import re
from urllib.parse import parse_qsl

import pytest
from passlib.totp import TOTP
from playwright.sync_api import expect

from models import clock
from models.access import Role
from models.accounts.passkey import Passkey
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.status import Status
from models.monthly.monthly_request import MonthlyCall
from tests import make
from tests.accounts.test_second_factor import KEY, code
from tests.flows.test_manual import add, hand_in, link, report, theme  # noqa: F401
from tests.flows.test_second_factor import portal  # noqa: F401
from tests.flows.walk import enter, log_in

CODES = ["aaaa-bbbb-cccc", "dddd-eeee-ffff"]


def with_app(**more):
    secret = TOTP(KEY).to_json(encrypt=False)
    return make.user(tf_primary_method="authenticator", tf_totp_secret=secret, mf_recovery_codes=CODES, **more)


def authenticator(page):
    """Give the browser a passkey device that always says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def make_passkey(page, name):
    page.get_by_role("link", name="Instellen met een passkey").click()
    page.get_by_label("Naam voor deze passkey").fill(name)
    page.get_by_role("button", name="Passkey maken").click()
    expect(page.get_by_role("heading", name="Herstelcodes")).to_be_visible()


def type_code(page):
    User.update(tf_last_counter=0).execute()  # as if the half minute of the last code were over
    page.get_by_label("Code").fill(code())
    page.get_by_role("button", name="Inloggen").click()


def leave(page):
    page.context.clear_cookies()
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_from_the_mail_to_an_approved_case_with_a_second_step(window, theme, files, posted, width):  # noqa: F811
    melder, coordinator = make.user(), with_app(role=Role.COORDINATOR)
    MonthlyCall.open_all(clock.previous_month(clock.today()))
    (mail,) = posted().values()
    page = window(width)
    authenticator(page)

    # The first log-in sets up the second step, and leads on to where the mail was going.
    page.goto(link(mail, "Ja, 1 of meer casus"))
    log_in(page, melder)
    make_passkey(page, "computer op de verloskamer")
    page.get_by_role("button", name="Herstelcodes maken").click()
    page.get_by_role("link", name="Ik heb ze bewaard, verder").click()
    case = report(page, theme, "2026-77")
    add(page, files[:1])
    hand_in(page)

    review = enter(window(width), coordinator, "/beoordelen/")
    type_code(review)
    review.get_by_role("link", name=case.number).click()
    review.get_by_role("checkbox", name="ontslagbrieven").check()
    review.get_by_role("button", name="Onvolledig", exact=True).click()
    review.wait_for_url(re.compile("/beoordelen/$"))

    (told,) = (mail for (_, subject), mail in posted().items() if "bericht voor u" in subject)
    leave(page).goto(link(told, "Bericht lezen"))
    log_in(page, melder)
    page.get_by_role("button", name="Passkey gebruiken").click()
    expect(page.get_by_role("heading", name="Meest recente opmerking")).to_be_visible()
    add(page, files[1:])
    hand_in(page)

    review.goto("/beoordelen/")
    review.get_by_role("link", name=case.number).click()
    review.get_by_role("button", name="Goedkeuren").click()
    review.get_by_role("button", name="Toch goedkeuren").click()  # not every document is there
    review.wait_for_url(re.compile("/beoordelen/$"))
    assert Case.get_by_id(case.id).status == Status.GOEDGEKEURD


def test_who_has_both_chooses_and_may_change_their_mind(window):
    user = with_app()
    page = window(390)
    authenticator(page)
    enter(page, user, "/account")
    type_code(page)
    page.get_by_role("link", name="Instellen", exact=True).click()
    make_passkey(page, "telefoon")

    enter(leave(page), user, "/account")
    expect(page.get_by_text("Hoe wilt u de tweede stap doen?")).to_be_visible()
    page.get_by_role("button", name="Met de code van uw app").click()
    page.get_by_role("link", name="Kies een andere manier").click()
    page.get_by_role("button", name="Met uw passkey").click()
    page.get_by_role("button", name="Passkey gebruiken").click()
    expect(page.get_by_role("heading", name="Mijn account")).to_be_visible()

    enter(leave(page), user, "/account")
    page.get_by_role("button", name="Met de code van uw app").click()
    type_code(page)
    expect(page.get_by_role("heading", name="Mijn account")).to_be_visible()


@pytest.mark.parametrize("counts", [True, False], ids=["a passkey that counts", "one that does not"])
def test_the_answer_of_a_passkey_works_once(window, counts):
    user = make.user()
    page, sent = window(), []
    authenticator(page)
    enter(page, user, "/account")
    make_passkey(page, "stick")
    page.on("request", lambda asked: sent.append(asked) if re.search("/inloggen/passkey/.", asked.url) else None)
    enter(leave(page), user, "/account")
    page.get_by_role("button", name="Passkey gebruiken").click()
    expect(page.get_by_role("heading", name="Mijn account")).to_be_visible()
    (answer,) = sent

    # Somebody who knows the password sends what was seen on the line.
    thief = enter(window(), user, "/account")
    if not counts:
        Passkey.update(sign_count=0).execute()
    key = thief.locator("input[name=csrf_token]").first.input_value()
    form = dict(parse_qsl(answer.post_data)) | {"csrf_token": key}
    again = thief.request.post(answer.url, form=form)
    assert again.status == 200 and "/account" not in again.url
    thief.goto("/account")
    expect(thief.get_by_role("heading", name="Inloggen")).to_be_visible()


def test_a_passkey_can_be_taken_away_but_not_the_last_way_in(window):
    page = window()
    authenticator(page)
    enter(page, user := make.user(), "/account")
    make_passkey(page, "oude telefoon")
    page.goto("/account")
    page.get_by_role("button", name="Verwijderen").click()
    page.get_by_role("dialog").get_by_role("button", name="Verwijderen").click()
    expect(page.get_by_text("Dit is uw enige tweede stap")).to_be_visible()

    User.update(tf_primary_method="authenticator", tf_totp_secret=TOTP(KEY).to_json(encrypt=False)).execute()
    page.goto("/account")
    page.get_by_role("button", name="Verwijderen").click()
    page.get_by_role("dialog").get_by_role("button", name="Verwijderen").click()
    expect(page.get_by_text("Passkey: oude telefoon")).to_have_count(0)
    assert AuditEvent.select().where(AuditEvent.action == "factor.removed", AuditEvent.subject == user.in_trail).count() == 1


def test_a_recovery_code_opens_the_door_once(window):
    page = enter(window(390), user := with_app(), "/account")
    page.get_by_role("link", name="gebruik een herstelcode").click()
    page.get_by_label("Herstelcode").fill(CODES[0].upper())
    page.get_by_role("button", name="Inloggen").click()
    expect(page.get_by_text("U hebt nog 1 herstelcode.").first).to_be_visible()

    enter(leave(page), user, "/account")
    page.get_by_role("link", name="gebruik een herstelcode").click()
    page.get_by_label("Herstelcode").fill(CODES[0])
    page.get_by_role("button", name="Inloggen").click()
    expect(page.get_by_text("klopt niet").first).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_beheerder_lets_somebody_begin_anew_and_writes_down_why(window, width):
    user, page = with_app(name="Anna de Vries"), enter(window(width), with_app(role=Role.BEHEERDER), "/account")
    type_code(page)
    page.goto(f"/beheer/gebruikers/tweede-stap/?id={user.id}")
    page.get_by_label("Hoe hebt u vastgesteld").fill("Teruggebeld via het ziekenhuis.")
    page.get_by_role("button", name="Wissen aanvragen").click()
    expect(page.get_by_text("De tweede stap van Anna de Vries wissen wacht tot een andere beheerder")).to_be_visible()

    type_code(second := enter(window(width), with_app(role=Role.BEHEERDER), "/wijzigingen/"))
    second.locator("input[name=rowid]").check()
    second.get_by_role("button", name="Bevestigen").first.click()
    second.get_by_role("dialog").get_by_role("button", name="Bevestigen").click()
    expect(second.get_by_text("1 wijziging is bevestigd en ingegaan.")).to_be_visible()

    enter(other := window(width), user, "/account")
    expect(other.get_by_role("heading", name="Nog één stap: beveilig uw account")).to_be_visible()
