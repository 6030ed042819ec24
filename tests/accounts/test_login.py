import re
from datetime import timedelta

import pytest

from admin_views.accounts import login as accounts
from admin_views.web.safe_redirect import own_path
from models import clock
from models.access import Role
from models.accounts.known_device import KnownDevice
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.mail.outbox import Mail
from tests import make

NEW = "een heel andere zin"


def form_key(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)


def post(client, address, page=None, **fields):
    """Fill in the form of `page`, or the one at `address` itself, as a browser does."""
    page = page or client.get(address)
    return client.post(address, data={"csrf_token": form_key(page), **fields})


def log_in(client, user, password=make.PASSWORD, address="/inloggen"):
    return post(client, address, email=user.email, password=password)


def said(page):
    """What the page says in its messages and at its fields."""
    found = re.findall(r'class="(?:notice|field-error)[^>]*>(.*?)</(?:div|p)>', page.text, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", " ".join(found)).split())


def link_in_mail(name="account"):
    """The path of the link in the latest mail of this name."""
    message = Mail.select().where(Mail.name == name).order_by(Mail.id.desc()).get().render()
    text = message.get_body(("plain",)).get_content()
    return re.search(r"http://localhost(/wachtwoord-vergeten/\S+)", text).group(1)


def events(*actions):
    return list(AuditEvent.select().where(AuditEvent.action.in_(actions)).order_by(AuditEvent.id))


# ---- logging in ---------------------------------------------------------------------------------------------------


def test_a_person_logs_in_with_the_labels_of_the_manual(client):
    page = client.get("/inloggen")
    assert all(label in page.text for label in (">E-mailadres", ">Wachtwoord", ">Inloggen<"))

    answer = log_in(client, user := make.user())

    assert (answer.status_code, answer.location) == (302, "/")
    assert user.name in client.get("/account").text


def test_the_address_may_be_typed_in_any_case(client):
    user = make.user(email="anna.berg@example.com")
    assert post(client, "/inloggen", email="Anna.Berg@Example.com", password=make.PASSWORD).location == "/"
    assert [event.actor_id for event in events("user.login")] == [user.id]


def test_a_log_in_makes_the_browser_known_once(client):
    user = make.user()
    log_in(client, user)
    cookie = client.get_cookie("bekend_apparaat")
    assert KnownDevice.recognises(cookie.value, user)
    assert cookie.http_only and cookie.same_site == "Lax" and cookie.max_age == 400 * 24 * 3600

    post(client, "/uitloggen", client.get("/account"))
    log_in(client, user)
    assert KnownDevice.select().count() == 1


def test_every_refused_log_in_gets_the_same_answer(client):
    known, ended, without = make.user(), make.user(active=False), make.user(password=None)
    answers = {
        re.sub(r'(csrf_token" value|csrf-token" content|value)="[^"]*"|nonce-\S+', "", answer.text)
        for answer in (
            log_in(client, known, "verkeerd wachtwoord"),
            log_in(client, ended),
            log_in(client, without),
            post(client, "/inloggen", email="niemand@example.com", password=make.PASSWORD),
        )
    }
    assert len(answers) == 1
    assert "Inloggen is niet gelukt" in answers.pop()
    assert client.get("/account").status_code == 302


def test_the_trail_tells_of_a_refusal_without_what_was_typed(client):
    user = make.user()
    log_in(client, user, "mijn geheime wachtwoord")
    post(client, "/inloggen", email="geheim@example.com", password="mijn geheime wachtwoord")

    assert [event.subject for event in events("user.login_refused")] == [user.in_trail, "onbekend e-mailadres"]
    assert "geheim" not in "".join(str(event.__data__) for event in AuditEvent.select())


def test_logging_out_takes_a_button_and_is_written_down(client, login):
    login(client, user := make.user())
    assert client.get("/uitloggen").status_code == 405
    assert client.post("/uitloggen").status_code == 400
    assert client.get("/account").status_code == 200

    answer = post(client, "/uitloggen", client.get("/account"))

    assert answer.location == "/inloggen"
    assert client.get("/account").status_code == 302
    assert [event.actor_id for event in events("user.logout")] == [user.id]


def test_an_ended_account_is_refused_at_its_very_next_request(client, login):
    login(client, user := make.user())
    assert client.get("/account").status_code == 200
    User.get_by_id(user.id).deactivate()
    assert client.get("/account").location.startswith("/inloggen")


def test_a_session_of_a_foreign_key_is_nobody(client):
    with client.session_transaction() as session:
        session["_user_id"] = "1"
    make.user()
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize("body", ["[1]", "{}", '{"email": {"a": 1}, "password": 3}', "null", "{"])
def test_json_is_no_way_in(client, body):
    headers = {"X-CSRFToken": form_key(client.get("/inloggen")), "Content-Type": "application/json"}
    assert client.post("/inloggen", data=body, headers=headers).status_code == 400


@pytest.mark.parametrize("typed", ["x\x00y@example.com", "x" * 10_000, "é@é", "'; drop table user; --", ""])
def test_strange_addresses_are_refused_like_any_other(client, typed):
    for fields in ({"email": typed, "password": "x\x00y"}, {"email": typed, "password": ""}):
        assert "Inloggen is niet gelukt" in said(post(client, "/inloggen", **fields))
    assert post(client, "/wachtwoord-vergeten", email=typed).status_code == 200


# ---- where somebody was going -------------------------------------------------------------------------------------

EVIL = [
    "//evil.example", "///evil.example", "http://evil.example", "http:evil.example", "https:/evil.example", "\\\\evil.example",
    "/\\evil.example", "/\t/evil.example", "\t//evil.example", " //evil.example", "javascript:alert(1)", "evil.example",
    "/%0d%0aSet-Cookie:x=y\r\nx", "/ /evil.example", "/\u200a/evil.example", "/" + "a" * 2000, "http://localhost@evil.example",
]  # fmt: skip


@pytest.mark.parametrize("target", EVIL)
def test_nobody_is_sent_out_of_the_portal(client, target):
    assert own_path(target) is None
    user = make.user()
    page = client.get("/inloggen", query_string={"next": target})
    fields = {"csrf_token": form_key(page), "email": user.email, "password": make.PASSWORD, "next": target}

    answer = client.post("/inloggen", query_string={"next": target}, data=fields)
    assert (answer.status_code, answer.location) == (302, "/")

    again = client.get("/inloggen", query_string={"next": target})
    assert again.location == "/"
    fields["csrf_token"] = form_key(client.get("/account"))
    assert own_path(client.post("/uitloggen", query_string={"next": target}, data=fields).location)


@pytest.mark.parametrize(
    "path", ["/account", "/melding/x-Y_z/?tab=2#eind", "/uitvraag/abc/ja", "/?zoek=a%20b", "/%5Cevil.example"]
)
def test_paths_of_the_portal_are_kept(path):
    assert own_path(path) == path


def test_log_in_leads_on_to_the_page_that_was_asked_for(client):
    asked = client.get("/account?van=mail")
    assert asked.location == "/inloggen?next=/account?van%3Dmail"
    assert log_in(client, make.user(), address=asked.location).location == "/account?van=mail"


def test_a_refused_log_in_does_not_lose_the_target(client):
    user = make.user()
    client.get("/inloggen?next=/account")
    log_in(client, user, "verkeerd wachtwoord")
    assert log_in(client, user).location == "/account"
    post(client, "/uitloggen", client.get("/account"))
    assert log_in(client, user).location == "/"


def test_a_script_that_is_not_logged_in_hears_so(client):
    answer = client.get("/account", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert "niet meer ingelogd" in answer.json["error"]


# ---- a forgotten password -----------------------------------------------------------------------------------------


def test_a_forgotten_password_leads_on_to_the_target_in_another_browser_too(app, client):
    user = make.user()
    client.get("/inloggen?next=/uitvraag/abc/ja?zoek=12345")
    post(client, "/wachtwoord-vergeten", email=user.email)
    path = link_in_mail()
    assert "12345" not in Mail.get().about

    other = app.test_client()
    assert "Kies een nieuw wachtwoord" in other.get(path).text
    answer = post(other, path, password=NEW, password_confirm=NEW)
    assert answer.location == "/inloggen"
    page = other.get("/inloggen")
    assert "Uw wachtwoord is opgeslagen" in said(page)
    answer = post(other, "/inloggen", page, email=user.email, password=NEW)
    assert answer.location == "/uitvraag/abc/ja"


def test_a_new_password_ends_the_old_one_the_link_and_every_session(app, client, login):
    login(client, user := make.user())
    other = app.test_client()
    post(other, "/wachtwoord-vergeten", email=user.email)
    post(other, path := link_in_mail(), password=NEW, password_confirm=NEW)

    assert client.get("/account").status_code == 302
    assert "Inloggen is niet gelukt" in said(log_in(client, user))
    assert client.get(path).location == "/wachtwoord-vergeten"
    assert "Deze link werkt niet" in said(client.get("/wachtwoord-vergeten"))
    assert log_in(client, user, NEW).location == "/"
    assert [event.actor_id for event in events("user.password")] == [user.id]
    assert "Hebt u dit niet gedaan?" in Mail.select().order_by(Mail.id.desc()).get().render().as_string()


def test_a_forgotten_password_leaves_a_line_that_does_not_tell_who_has_an_account(client):
    for email in (make.user().email, "wie@example.com"):
        post(client, "/wachtwoord-vergeten", email=email)
    asked = AuditEvent.select().where(AuditEvent.action == "user.reset_asked")
    told = [(one.actor, one.subject, one.detail, one.hospital_id, one.result, one.address) for one in asked]
    assert len(told) == 2 and told[0] == told[1] and told[0][-1] == "127.0.0.1"


def test_a_forgotten_password_is_answered_alike_for_everybody(client):
    known, ended = make.user(), make.user(active=False)
    answers = {
        said(post(client, "/wachtwoord-vergeten", email=email)) for email in (known.email, ended.email, "wie@example.com")
    }
    assert len(answers) == 1
    assert "Hoort dit e-mailadres bij een account" in answers.pop()
    assert [mail.to for mail in Mail.select()] == [known.email]


def test_a_newer_link_ends_the_older_one_but_no_invitation(app, client):
    user = make.user(password=None)
    with app.test_request_context():
        invitation = accounts.invite(user).removeprefix("http://localhost")
    links = []
    for _ in range(2):
        post(client, "/wachtwoord-vergeten", email=user.email)
        links.append(link_in_mail())
    assert [client.get(path).status_code for path in (*links, invitation)] == [302, 200, 200]


def test_the_link_holds_a_day_and_an_invitation_a_week(app, client, monkeypatch):
    user = make.user(password=None)
    with app.test_request_context():
        invitation = accounts.invite(user).removeprefix("http://localhost")
    post(client, "/wachtwoord-vergeten", email=user.email)
    reset = link_in_mail()
    opens = {}
    signer = app.extensions["security"].reset_serializer.signer
    for hours in (23, 25, 24 * 7 - 1, 24 * 7 + 1):
        later = (clock.now() + timedelta(hours=hours)).timestamp()
        monkeypatch.setattr(signer, "get_timestamp", lambda signer, later=later: int(later))
        opens[hours] = [client.get(path).status_code == 200 for path in (reset, invitation)]
    assert opens == {23: [True, True], 25: [False, True], 24 * 7 - 1: [False, True], 24 * 7 + 1: [False, False]}


def test_the_link_leads_to_the_portal_whatever_host_was_asked(app, client):
    make.user(email="anna@example.com")
    forged = client.get("/wachtwoord-vergeten", base_url="http://evil.example")
    assert forged.status_code == 400
    assert "evil" not in forged.text
    page = client.get("/wachtwoord-vergeten")
    answer = client.post(
        "/wachtwoord-vergeten",
        data={"csrf_token": form_key(page), "email": "anna@example.com"},
        headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
    )
    assert answer.status_code == 200
    assert "evil" not in Mail.get().about


@pytest.mark.parametrize("key", ["x", "WyJhIl0.x.y", "a" * 10_000, "é", "WyIxIixmYWxzZSwiIl0"])
def test_a_broken_link_leads_to_a_new_one(client, key):
    assert client.get(f"/wachtwoord-vergeten/{key}").location == "/wachtwoord-vergeten"
    page = client.get("/wachtwoord-vergeten")
    assert "Deze link werkt niet" in said(page)
    assert post(client, f"/wachtwoord-vergeten/{key}", page, password=NEW, password_confirm=NEW).status_code == 302


# ---- choosing and changing a password -----------------------------------------------------------------------------


def test_an_invitation_lets_its_owner_choose_a_password(app, client):
    beheerder = make.user(role=Role.BEHEERDER)
    user = User.enrol("nieuw@example.com", "Nieuwe Collega", [Role.MELDER], hospital=make.hospital())
    with app.test_request_context():
        link = accounts.invite(user, by=beheerder)

    assert link.startswith("http://localhost/wachtwoord-vergeten/")
    assert User.get_by_id(user.id).invited_at is not None
    assert [(event.actor_id, event.subject) for event in events("user.invite")] == [(beheerder.id, user.in_trail)]
    assert Mail.get().facts["link"] == link
    page = client.get(path := link.removeprefix("http://localhost"))
    assert "Kies een wachtwoord" in page.text and "Nieuwe Collega" in page.text
    post(client, path, page, password=NEW, password_confirm=NEW)
    assert log_in(client, user, NEW).location == "/"


def test_an_ended_account_is_not_invited(app):
    with app.test_request_context(), pytest.raises(Refused, match="beëindigd"):
        accounts.invite(make.user(active=False))


def test_a_person_changes_their_password_and_stays_logged_in(app, client, login):
    login(client, user := make.user())
    elsewhere = login(app.test_client(), user)
    fields = {"password": make.PASSWORD, "new_password": NEW, "new_password_confirm": NEW}

    assert post(client, "/wachtwoord-wijzigen", **fields).location == "/account"

    assert "Uw wachtwoord is gewijzigd" in said(client.get("/account"))
    assert elsewhere.get("/account").status_code == 302
    assert [event.action for event in events("user.password", "user.login")] == ["user.password"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"password": "verkeerd"}, "Dit is niet uw huidige wachtwoord."),
        ({"password": ""}, "Vul uw wachtwoord in."),
        ({"new_password": "elf tekens!"}, "Kies een wachtwoord van minstens 12"),
        ({"new_password": "x" * 129}, "hoogstens 128 tekens"),
        ({"new_password": "aaaaaaaaaaaab"}, "meer verschillende tekens"),
        ({"new_password": "mijn perined 2026"}, "te raden"),
        ({"new_password": "Annabella 123456"}, "te raden"),
        ({"new_password": make.PASSWORD}, "Dit is uw huidige wachtwoord."),
        ({"new_password_confirm": "iets anders dan dat"}, "niet gelijk"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_the_reason(client, login, fields, sentence):
    login(client, user := make.user(name="Annabella de Wit"))
    new = fields.get("new_password", NEW)
    answer = post(
        client,
        "/wachtwoord-wijzigen",
        **{"password": make.PASSWORD, "new_password": new, "new_password_confirm": new, **fields},
    )
    assert sentence in said(answer)
    assert User.get_by_id(user.id).password == user.password


def changed_in_a_session(client, login, typed):
    login(client, make.user())
    fields = {"password": make.PASSWORD, "new_password": typed, "new_password_confirm": typed}
    return post(client, "/wachtwoord-wijzigen", **fields)


def chosen_after_forgetting(client, login, typed):
    post(client, "/wachtwoord-vergeten", email=make.user().email)
    return post(client, link_in_mail(), password=typed, password_confirm=typed)


def chosen_when_invited(client, login, typed):
    user = User.enrol("nieuw@example.com", "Nieuwe Collega", [Role.MELDER], hospital=make.hospital())
    with client.application.test_request_context():
        path = accounts.invite(user).removeprefix("http://localhost")
    return post(client, path, client.get(path), password=typed, password_confirm=typed)


@pytest.mark.parametrize("way", [changed_in_a_session, chosen_after_forgetting, chosen_when_invited])
@pytest.mark.parametrize("typed", ["bittersweetsymphony", "Bittersweetsymphony"])
def test_a_password_that_leaked_elsewhere_is_refused_at_its_field_wherever_it_is_chosen(client, login, way, typed):
    answer = way(client, login, typed)

    assert answer.status_code == 200 and "bij andere websites zijn uitgelekt" in said(answer)
    field = re.findall(r'<input[^>]*name="(?:new_)?password"[^>]*>', answer.text)[-1]
    assert 'aria-invalid="true"' in field
    assert typed not in answer.text
    assert events("user.password") == []


def test_a_command_can_set_a_password_by_the_same_rules(app, client):
    user = make.user(password=None)
    with app.app_context():
        with pytest.raises(Refused, match="minstens 12"):
            accounts.set_password(user, "te kort")
        accounts.set_password(user, NEW)
    assert log_in(client, user, NEW).location == "/"


def test_my_account_tells_who_i_am(client):
    hospital = make.hospital("Ziekenhuis Oost")
    log_in(client, user := make.user(Role.MELDER, Role.LNR_CONTACT, hospital=hospital))
    page = client.get("/account")
    for word in (user.name, user.email, "Ziekenhuis Oost", "NethOSS-melder, LNR-contactpersoon", "Wachtwoord wijzigen"):
        assert word in page.text


def test_a_page_costs_few_questions_about_who_is_asking(client, login, monkeypatch):
    login(client, make.user(Role.MELDER, Role.LZA1_MELDER))
    asked = []
    execute = db.obj.execute_sql
    monkeypatch.setattr(db.obj, "execute_sql", lambda *args, **more: asked.append(args[0]) or execute(*args, **more))
    assert client.get("/wachtwoord-wijzigen").status_code == 200
    assert len(asked) <= 3, asked  # the person, their roles, the session


def test_everything_that_a_person_reads_on_these_pages_is_dutch(app):
    with app.test_request_context():
        translate = app.extensions["security"].i18n_domain.gettext
        messages = [app.config[f"SECURITY_MSG_{name}"][0] for name in DUTCH]
        assert [text for text in messages if translate(text) == text] == []


DUTCH = """GENERIC_AUTHN_FAILED GENERIC_RECOVERY UNAUTHORIZED UNAUTHENTICATED PASSWORD_MISMATCH RETYPE_PASSWORD_MISMATCH
INVALID_REDIRECT PASSWORD_RESET_REQUEST PASSWORD_RESET_EXPIRED INVALID_RESET_PASSWORD_TOKEN DISABLED_ACCOUNT EMAIL_NOT_PROVIDED
INVALID_EMAIL_ADDRESS INVALID_INPUT PASSWORD_NOT_PROVIDED PASSWORD_INVALID_LENGTH USER_DOES_NOT_EXIST INVALID_PASSWORD
TWO_FACTOR_INVALID_TOKEN TWO_FACTOR_LOGIN_SUCCESSFUL TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL TWO_FACTOR_PERMISSION_DENIED
TWO_FACTOR_METHOD_NOT_AVAILABLE TWO_FACTOR_SETUP_EXPIRED INVALID_RECOVERY_CODE WEBAUTHN_EXPIRED WEBAUTHN_NAME_REQUIRED
WEBAUTHN_NAME_INUSE WEBAUTHN_NAME_NOT_FOUND WEBAUTHN_NAME_DISALLOWED_CHARACTERS WEBAUTHN_CREDENTIAL_DELETED API_ERROR
WEBAUTHN_REGISTER_SUCCESSFUL WEBAUTHN_CREDENTIAL_ID_INUSE WEBAUTHN_UNKNOWN_CREDENTIAL_ID WEBAUTHN_ORPHAN_CREDENTIAL_ID
WEBAUTHN_NO_VERIFY WEBAUTHN_CREDENTIAL_WRONG_USAGE WEBAUTHN_MISMATCH_USER_HANDLE REAUTHENTICATION_SUCCESSFUL
FORGOT_PASSWORD PASSWORD_RESET_NO_LOGIN PASSWORD_IS_THE_SAME PASSWORD_CHANGE LOGIN ANONYMOUS_USER_REQUIRED""".split()


def test_an_invitation_that_went_to_a_wrong_address_opens_nothing_once_it_was_corrected(app, client):
    boss, user = make.user(role=Role.BEHEERDER), make.user(email="jo@gmial.com", password=None)
    links = []
    for address in ("jo@gmial.com", "jo@zkh.nl", "jo@zkh.nl"):
        user = User.get_by_id(user.id)
        if address != user.email:
            user.move_address(address, boss, agreed=True)
        with app.test_request_context():
            accounts.invite(user, boss)
        links.append(link_in_mail("invitation"))

    opened = [client.get(link).status_code for link in links]
    assert opened[:2] == [302, 302] and opened[2] == 200
