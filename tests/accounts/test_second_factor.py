"""The second step: set up before anything else, asked at every log-in, good once, and never rescued by mail."""

import re
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from passlib.totp import TOTP

from admin_views.accounts import second_factor
from models import clock
from models.access import Role
from models.accounts.known_device import KnownDevice
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import db
from models.lnr.closing.year_closing import YearClosing
from models.lnr.research.extract_request import ExtractRequest
from models.mail.outbox import Mail
from settings import settings
from tests import make
from tests.accounts.test_login import NEW, events, form_key, link_in_mail, log_in, post, said

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def required(monkeypatch):
    monkeypatch.setattr(second_factor, "settings", replace(settings, second_factor="required"))


def secured(**more):
    """Somebody who uses an app with KEY, and never used a code."""
    more = {"mf_recovery_codes": ["aaaa-bbbb-cccc", "dddd-eeee-ffff"], **more}
    return make.user(tf_primary_method="authenticator", tf_totp_secret=TOTP(KEY).to_json(encrypt=False), **more)


def code(key=KEY, steps=0):
    return TOTP(key).generate(clock.now().replace(tzinfo=UTC) + steps * timedelta(seconds=30)).token


def both_steps(client, user, steps=0, **fields):
    assert log_in(client, user).location == "/inloggen/code"
    return post(client, "/inloggen/code", code=code(steps=steps), trust_asked="1", **fields)


def inside(client):
    return client.get("/account").status_code == 200


# ---- set-up --------------------------------------------------------------------------------------------------------


def test_the_first_log_in_leads_to_setting_up_and_on_to_where_one_was_going(client):
    user = make.user()
    client.get("/inloggen?next=/handleiding/")
    assert log_in(client, user).location == "/tweede-stap"
    page = post(client, "/tweede-stap/app", client.get("/tweede-stap"), setup="authenticator")
    key = re.search(r'class="secret">([^<]+)', page.text).group(1)
    action = re.search(r'action="(/tweede-stap/app/[^"]+)"', page.text).group(1)
    assert 'src="data:image/svg+xml' in page.text and "style=" not in page.text

    assert post(client, action, page, code="000000").location == "/tweede-stap/app"
    assert not inside(client)
    assert post(client, action, page, code=code(key)).location == "/tweede-stap/herstelcodes"

    shown = post(client, "/tweede-stap/herstelcodes", generate_new_codes="1")
    codes = re.findall(r"<li><code>([^<]+)", shown.text)
    assert len(codes) == 10 and User.get_by_id(user.id).mf_recovery_codes == codes
    assert 'href="/handleiding/"' in shown.text
    assert inside(client)
    again = client.get("/tweede-stap/herstelcodes?show_codes=1")
    assert not any(one in again.text for one in codes)
    assert [event.actor_id for event in events("factor.set")] == [user.id]
    assert "app met codes" in Mail.get().render().as_string()


def test_nothing_is_open_before_the_second_step_is_set_up(app, client):
    log_in(client, make.user(role=Role.BEHEERDER))
    key = form_key(client.get("/tweede-stap"))
    for rule in app.url_map.iter_rules():
        if (
            rule.arguments
            or rule.endpoint in second_factor.SET_UP | second_factor.SHUT
            or rule.endpoint.partition(".")[0] in second_factor.OPEN_TO_ALL
        ):
            continue
        if "GET" in rule.methods:
            assert client.get(rule.rule).location == "/tweede-stap", rule.rule
        if "POST" in rule.methods:
            assert client.post(rule.rule, data={"csrf_token": key}).status_code in (403, 404), rule.rule
    assert not KnownDevice.select().exists()


def test_setting_up_renews_the_session(app, client):
    log_in(client, make.user())
    thief = app.test_client()
    thief.set_cookie("portaal", client.get_cookie("portaal").value)
    page = post(client, "/tweede-stap/app", client.get("/tweede-stap"), setup="authenticator")
    key = re.search(r'class="secret">([^<]+)', page.text).group(1)
    post(client, re.search(r'action="(/tweede-stap/app/[^"]+)"', page.text).group(1), page, code=code(key))
    assert inside(client) and not inside(thief)


def test_a_second_step_is_confirmed_only_by_who_asked_for_it_in_that_browser(app, client):
    log_in(client, make.user())
    page = post(client, "/tweede-stap/app", client.get("/tweede-stap"), setup="authenticator")
    key = re.search(r'class="secret">([^<]+)', page.text).group(1)
    address = re.search(r'action="(/tweede-stap/app/[^"]+)"', page.text).group(1)
    other, browser = make.user(), app.test_client()
    log_in(browser, other)
    own = post(browser, "/tweede-stap/app", browser.get("/tweede-stap"), setup="authenticator")

    answer = post(browser, address, own, code=code(key))

    assert answer.location == "/tweede-stap/app" and "elders begonnen" in said(browser.get(answer.location))
    assert User.get_by_id(other.id).tf_totp_secret is None
    assert [(event.subject, event.result) for event in events("factor.refused")] == [(other.in_trail, "geweigerd")]
    assert post(client, address, page, code=code(key)).location == "/tweede-stap/herstelcodes"


def test_the_database_holds_no_key_and_no_recovery_code():
    user = secured()
    kept = db.execute_sql('SELECT tf_totp_secret, mf_recovery_codes FROM "user"').fetchone()
    assert KEY not in kept[0] and "aaaa" not in kept[1]
    assert KEY in User.get_by_id(user.id).tf_totp_secret


def test_changing_it_asks_for_the_password_when_that_was_long_ago(client):
    log_in(client, user := make.user())
    with client.session_transaction() as session:
        session["fs_paa"] -= 3600
    assert post(client, "/tweede-stap/app", client.get("/tweede-stap"), setup="authenticator").location.startswith(
        "/bevestigen"
    )
    page = client.get("/bevestigen?next=/tweede-stap")
    assert "wachtwoord" in said(post(client, "/bevestigen?next=/tweede-stap", page, password="verkeerd")).lower()
    assert post(client, "/bevestigen?next=/tweede-stap", page, password=make.PASSWORD).location == "/tweede-stap"
    assert User.get_by_id(user.id).tf_totp_secret is None


# ---- every log-in --------------------------------------------------------------------------------------------------


def test_the_password_alone_shows_nothing(client):
    log_in(client, secured())
    assert all(client.get(path).status_code == 302 for path in ("/account", "/meldingen/", "/tweede-stap"))
    assert client.get("/tweede-stap/app").location == "/inloggen"
    assert events("user.login") == []


def test_password_and_code_lead_in(client):
    assert both_steps(client, secured()).location == "/"
    assert inside(client)


def test_no_code_works_twice_and_no_older_one_after_it(app, client):
    user = secured()
    both_steps(client, user)
    for steps in (0, -1):
        other = app.test_client()
        assert "klopt niet" in said(both_steps(other, user, steps))
        assert not inside(other)


@pytest.mark.parametrize("typed", ["000000", "", "abc", "1" * 500, "12345é"])
def test_a_wrong_code_is_refused_and_written_down(client, typed):
    user = secured()
    log_in(client, user)
    assert post(client, "/inloggen/code", code=typed).status_code == 200
    assert not inside(client)
    assert all(event.subject == user.in_trail for event in events("factor.refused"))


def test_guessing_codes_is_slowed_down_also_on_a_known_device(client):
    user = secured()
    both_steps(client, user)
    post(client, "/uitloggen", client.get("/account"))
    log_in(client, user)
    statuses = [post(client, "/inloggen/code", code="000000").status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert len(events("factor.refused")) == 5


def test_the_half_finished_log_in_ends_after_ten_minutes(client):
    log_in(client, secured())
    with client.session_transaction() as session:
        session["tf_since"] -= 601
    answer = client.post("/inloggen/code", data={"csrf_token": form_key(client.get("/inloggen")), "code": code()})
    assert answer.location == "/inloggen"
    assert not inside(client)


@pytest.mark.parametrize("path", ["/inloggen/hulp", "/bevestigen/passkey"])
def test_there_is_no_rescue_by_mail_and_no_passkey_for_a_password(client, path):
    log_in(client, secured())
    assert client.get(path).status_code in (404, 405)
    assert client.post(path, data={"csrf_token": form_key(client.get("/inloggen/code"))}).status_code == 404
    assert Mail.select().count() == 0


def test_a_step_back_to_the_choice_does_not_end_the_log_in(client):
    log_in(client, secured())
    page = client.get("/inloggen/code")
    client.get("/inloggen/keuze")
    assert post(client, "/inloggen/code", page, code=code()).location == "/"


def test_a_new_password_does_not_skip_the_second_step(client):
    user = secured()
    post(client, "/wachtwoord-vergeten", email=user.email)
    post(client, link_in_mail(), password=NEW, password_confirm=NEW)
    assert log_in(client, user, NEW).location == "/inloggen/code"


# ---- recovery codes ------------------------------------------------------------------------------------------------


def test_each_recovery_code_works_once(app, client):
    user = secured()
    log_in(client, user)
    assert post(client, "/inloggen/herstelcode", code=" AAAA-bbbb-cccc ").location == "/"
    assert inside(client)
    assert User.get_by_id(user.id).mf_recovery_codes == ["dddd-eeee-ffff"]

    other = app.test_client()
    log_in(other, user)
    assert "klopt niet" in said(post(other, "/inloggen/herstelcode", code="aaaa-bbbb-cccc"))
    assert not inside(other)
    assert len(events("factor.code_used")) == len(events("factor.refused")) == 1


def test_of_two_with_the_same_recovery_code_one_wins():
    user = secured()
    first, second = User.get_by_id(user.id), User.get_by_id(user.id)
    assert [first.use_recovery_code("aaaa-bbbb-cccc"), second.use_recovery_code("aaaa-bbbb-cccc")] == [True, False]
    assert [first.use_counter(7), second.use_counter(7), second.use_counter(6)] == [True, False, False]


# ---- trusted devices -----------------------------------------------------------------------------------------------


def test_a_trusted_device_is_not_asked_for_thirty_days_and_can_be_forgotten(client):
    user = secured()
    both_steps(client, user, trust="1")
    post(client, "/uitloggen", client.get("/account"))
    assert log_in(client, user).location == "/"

    assert "Vergeet vertrouwde apparaten" in client.get("/account").text
    post(client, "/account/apparaten-vergeten", client.get("/account"))
    post(client, "/uitloggen", client.get("/account"))
    assert log_in(client, user).location == "/inloggen/code"


@pytest.mark.parametrize("ends", ["time", "password", "not asked", "somebody else"])
def test_trust_ends_or_never_began(client, ends):
    user = secured()
    both_steps(client, user, **({} if ends == "not asked" else {"trust": "1"}))
    if ends == "time":
        KnownDevice.update(trusted_until=clock.now()).execute()
    if ends == "password":
        new = {"new_password": NEW, "new_password_confirm": NEW}
        post(client, "/wachtwoord-wijzigen", password=make.PASSWORD, **new)
    post(client, "/uitloggen", client.get("/account"))
    who, password = (secured(), make.PASSWORD) if ends == "somebody else" else (user, make.PASSWORD)
    assert log_in(client, who, NEW if ends == "password" else password).location == "/inloggen/code"


def test_trust_ends_with_the_account(client):
    user = secured()
    both_steps(client, user, trust="1")
    User.get_by_id(user.id).deactivate()
    User.get_by_id(user.id).reactivate()
    assert log_in(client, user).location == "/inloggen/code"


# ---- reading the trail ---------------------------------------------------------------------------------------------

TRAIL = ["/beheer/logboek/", "/beheer/logboek/export/csv/", "/beheer/controle/", "/beheer/logboek/gebruiker/{}/"]


def later(client, minutes):
    """Let the second step be this long ago."""
    with client.session_transaction() as session:
        session[second_factor.TAKEN] -= 60 * minutes


@pytest.mark.parametrize("path", TRAIL)
def test_the_trail_opens_only_shortly_after_the_second_step(client, path):
    user = secured(role=Role.BEHEERDER)
    both_steps(client, user)
    path = path.format(user.id)
    assert client.get(path, follow_redirects=True).status_code == 200
    read = AuditEvent.select().count()

    later(client, 16)

    assert client.get(path).location.startswith("/account/opnieuw-inloggen?next=")
    assert AuditEvent.select().count() == read and client.get("/beheer/gebruikers/").status_code == 200


def test_a_case_shows_who_looked_into_it_only_shortly_after_the_second_step(client):
    user = secured()
    case = make.case(by=user)
    both_steps(client, user)
    assert client.get(f"/inzage/{case.key}/").status_code == client.get(f"/inzage/{case.key}/export/csv/").status_code == 200

    later(client, 16)

    for corner in ("", "export/csv/"):
        assert "opnieuw-inloggen" in client.get(f"/inzage/{case.key}/{corner}").location


def test_signing_for_a_month_late_asks_for_the_second_step_too(client):
    both_steps(client, secured(role=Role.BEHEERDER))
    later(client, 16)

    answer = post(client, "/beheer/controle/2026-01/aftekenen", client.get("/account"), bevinding="")

    assert answer.status_code == 302 and "opnieuw-inloggen" in answer.location


def test_who_logs_in_again_takes_the_second_step_on_a_trusted_device_too_and_comes_back(client):
    user = secured(role=Role.BEHEERDER)
    both_steps(client, user, trust="1")
    post(client, "/uitloggen", client.get("/account"))
    assert log_in(client, user).location == "/"
    again = client.get("/beheer/logboek/?search=anna").location
    page = client.get(again)
    assert "Opnieuw inloggen" in page.text

    asked = post(client, again, page).location
    assert client.get(asked).location.startswith("/inloggen?next=")
    client.get(client.get(asked).location)
    assert not inside(client)
    user.tf_last_counter = None
    user.save()

    assert both_steps(client, user).location == "/beheer/logboek/?search=anna"
    assert client.get("/beheer/logboek/").status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "/\\example.org"])
def test_logging_in_again_leads_nowhere_else(client, elsewhere):
    user = secured()
    both_steps(client, user)
    page = client.get("/account/opnieuw-inloggen", query_string={"next": elsewhere})
    assert "example.org" not in page.text
    post(client, "/account/opnieuw-inloggen?next=" + elsewhere, page)
    user.tf_last_counter = None
    user.save()
    assert both_steps(client, user).location == "/"


def test_where_it_is_optional_the_trail_asks_for_nothing_more(client, login, monkeypatch):
    monkeypatch.setattr(second_factor, "settings", replace(settings, second_factor="optional"))
    assert login(client, make.user(role=Role.BEHEERDER)).get("/beheer/logboek/").status_code == 200


# ---- changing it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("demanded", ["required", "optional"])
def test_on_a_trusted_device_the_password_alone_changes_no_second_step(client, monkeypatch, demanded):
    monkeypatch.setattr(second_factor, "settings", replace(settings, second_factor=demanded))
    user = secured()
    both_steps(client, user, trust="1")
    post(client, "/uitloggen", client.get("/account"))
    assert log_in(client, user).location == "/"
    account = client.get("/account")

    for path in ("/tweede-stap", "/tweede-stap/app", "/tweede-stap/passkey", "/tweede-stap/herstelcodes"):
        assert client.get(path).location.startswith("/account/opnieuw-inloggen"), path
    for path in ("app", "passkey", "passkey-verwijderen", "herstelcodes"):
        fields = {"setup": "authenticator", "name": "x", "generate_new_codes": "1"}
        assert "opnieuw-inloggen" in post(client, f"/tweede-stap/{path}", account, **fields).location, path
    assert User.get_by_id(user.id).mf_recovery_codes == user.mf_recovery_codes and events("factor.codes") == []


def test_shortly_after_the_second_step_an_app_is_replaced_and_that_is_no_second_step(client):
    user = secured()
    both_steps(client, user)
    later(client, 14)
    page = post(client, "/tweede-stap/app", client.get("/tweede-stap"), setup="authenticator")
    key = re.search(r'class="secret">([^<]+)', page.text).group(1)
    action = re.search(r'action="(/tweede-stap/app/[^"]+)"', page.text).group(1)
    assert post(client, action, page, code=code(key, steps=1)).location == "/tweede-stap/herstelcodes"

    later(client, 2)

    assert client.get("/tweede-stap").location.startswith("/account/opnieuw-inloggen")


# ---- giving rights -------------------------------------------------------------------------------------------------


def test_rights_are_given_only_shortly_after_the_second_step(client):
    both_steps(client, secured(role=Role.BEHEERDER))
    user = make.user()
    pages = ["/beheer/gebruikers/new/", *(f"/beheer/gebruikers/{act}/?id={user.id}" for act in ("edit", "tweede-stap"))]
    assert [client.get(page).status_code for page in pages] == [200] * 3

    later(client, 16)

    for page in pages:
        assert client.get(page).location.startswith("/account/opnieuw-inloggen?next=")
        assert "opnieuw-inloggen" in post(client, page, client.get("/account"), reason="Teruggebeld via het huis.").location
    assert client.get("/beheer/gebruikers/").status_code == 200 and events("factor.reset", "row.update") == []


def test_what_opens_cases_is_changed_only_shortly_after_the_second_step(client):
    """The mark of a chair, where a member works, and whether a hospital keeps its LZA1 cases apart."""
    both_steps(client, secured(role=Role.BEHEERDER))
    pages = [f"/beheer/ziekenhuizen/edit/?id={make.hospital().id}"]
    pages += [f"/beheer/{which}/new/" for which in ("commissieleden", "werkplekken")]
    assert [client.get(page).status_code for page in pages] == [200] * 3

    later(client, 16)

    for page in pages:
        assert client.get(page).location.startswith("/account/opnieuw-inloggen?next=")


# ---- where it is optional ------------------------------------------------------------------------------------------


def test_where_it_is_optional_who_has_one_is_asked_and_who_has_none_is_not(client, app, monkeypatch):
    monkeypatch.setattr(second_factor, "settings", replace(settings, second_factor="optional"))
    assert log_in(client, make.user()).location == "/"
    assert inside(client)
    assert log_in(app.test_client(), secured()).location == "/inloggen/code"


def test_the_trail_holds_no_code(client):
    user = secured()
    log_in(client, user)
    post(client, "/inloggen/code", code="123456")
    assert "123456" not in "".join(str(event.__data__) for event in AuditEvent.select())


# ---- the supervised reset ------------------------------------------------------------------------------------------


def test_a_beheerder_has_it_set_up_anew_and_writes_down_how_it_was_checked(app, client):
    user, beheerder = secured(), secured(role=Role.BEHEERDER)
    both_steps(client, user, trust="1")
    office = app.test_client()
    both_steps(office, beheerder)
    chosen = post(office, "/beheer/gebruikers/action/", office.get("/account"), action="factor", rowid=user.id)
    address = chosen.location
    assert post(office, address, reason="ja").status_code == 200
    assert inside(client)

    post(office, address, reason="Teruggebeld via het ziekenhuis.")
    assert inside(client)
    HeldChange.get().confirm(second := make.user(role=Role.BEHEERDER))

    assert not inside(client)
    assert log_in(client, user).location == "/tweede-stap"
    (event,) = events("factor.reset")
    assert (event.actor_id, event.subject, event.detail) == (second.id, user.in_trail, "Teruggebeld via het ziekenhuis.")
    done = Mail.get(Mail.user == user, Mail.once.contains("gedaan"))
    assert "beheerder heeft de tweede stap" in done.render().get_body(("plain",)).get_content()


def test_nobody_resets_their_own_and_no_other_role_resets_any(app, client, login):
    beheerder, user = secured(role=Role.BEHEERDER), secured()
    address = f"/beheer/gebruikers/tweede-stap/?id={beheerder.id}"
    both_steps(client, beheerder)
    post(client, address, reason="Ik ben het echt zelf.")
    other = login(app.test_client(), user)
    assert post(other, address, other.get("/account"), reason="Ik ben het echt zelf.").status_code == 403
    assert User.get_by_id(beheerder.id).has_second_factor


# What opens much at once, cannot be undone, or lets somebody else do so: (role, method, address).
SIGNIFICANT = [
    (Role.COORDINATOR, "get", "/alle-meldingen/export/csv/"),
    (Role.COORDINATOR, "get", "/opmerkingen/export/csv/"),
    (Role.COORDINATOR, "get", "/antwoorden/export/csv/"),
    (Role.LZA1_COORDINATOR, "get", "/lza1-register/export/csv/"),
    (Role.COORDINATOR, "post", "/wissen-op-verzoek/action/"),
    (Role.COORDINATOR, "post", "/bewaarplicht/action/"),
    (Role.LNR_BEHEER, "post", "/lnr/wissen-op-verzoek/action/"),
    (Role.LNR_BEHEER, "post", "/lnr/bewaarplicht/action/"),
    (Role.LNR_BEHEER, "post", "/lnr/onderzoek/{research}/besluit"),
    (Role.LNR_BEHEER, "post", "/lnr/onderzoek/{research}/bestand"),
    (Role.LNR_BEHEER, "post", "/lnr/overzicht/voorstel/{closing}/bevestigen"),
    (Role.BEHEERDER, "post", "/beheer/bewaartermijnen/edit/?id=1"),
]


@pytest.mark.parametrize(("role", "method", "path"), SIGNIFICANT)
def test_what_opens_much_or_cannot_be_undone_asks_for_a_second_step_of_just_now(client, role, method, path):
    both_steps(client, secured(role=role))
    asks = make.user(role=Role.LNR_BEHEER)
    closing = YearClosing.propose(2024, asks)
    research = ExtractRequest.ask(asks, "Een doel dat lang genoeg is om te mogen.", 2025, 2025, ["sex"])
    path = path.format(research=research.key, closing=closing.id)
    ask = (lambda: client.get(path)) if method == "get" else (lambda: post(client, path, client.get("/account")))
    later(client, 14)
    assert "opnieuw-inloggen" not in (ask().location or "")
    later(client, 2)
    answer = ask()
    assert answer.status_code == 302 and answer.location.startswith("/account/opnieuw-inloggen")


def test_trust_in_a_device_is_not_renewed_without_the_second_step(client):
    user = secured()
    both_steps(client, user, trust="1")
    soon = clock.now() + timedelta(days=1)
    KnownDevice.update(trusted_until=soon).execute()
    client.post("/uitloggen", data={"csrf_token": form_key(client.get("/account"))})

    page = client.get("/inloggen")
    client.post("/inloggen/code", data={"csrf_token": form_key(page), "code": "000000", "trust_asked": "1", "trust": "1"})
    log_in(client, user)

    assert inside(client) and KnownDevice.get().trusted_until == soon
