"""Logged-in browsers: how long they last, and what ends them."""

import re
from datetime import timedelta

import pytest

from admin_views.accounts import login as accounts
from models import clock
from models.access import Role
from models.accounts.session import LogIn
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from tests import make
from tests.accounts.test_login import NEW, form_key, link_in_mail, log_in, post, said


def copy_of(app, client):
    """Another browser with the very same cookie."""
    thief = app.test_client()
    thief.set_cookie("portaal", client.get_cookie("portaal").value)
    return thief


def inside(client):
    return client.get("/account").status_code == 200


def age(**by):
    """Let every session be as if begun or last used so long ago."""
    LogIn.update(**{name: clock.now() - since for name, since in by.items()}).execute()


def test_a_copied_cookie_is_dead_after_log_out(app, client):
    log_in(client, make.user())
    thief = copy_of(app, client)
    assert inside(thief)

    post(client, "/uitloggen", client.get("/account"))

    assert not inside(thief)


def test_a_session_ends_after_half_an_hour_of_silence(client):
    log_in(client, make.user())
    age(seen_at=timedelta(minutes=29, seconds=50))
    assert inside(client)
    age(seen_at=timedelta(minutes=30))
    assert not inside(client)


def test_what_a_script_asks_by_itself_keeps_no_session_alive(client):
    log_in(client, user := make.user())
    files = f"/melding/{make.case(by=user).key}/lijst"
    age(seen_at=timedelta(minutes=20))
    assert client.get(files, headers={"X-Background": "1"}).status_code == 200
    assert LogIn.get().seen_at < clock.now() - timedelta(minutes=19)

    age(seen_at=timedelta(minutes=30))

    assert client.get(files, headers={"X-Background": "1", "Accept": "application/json"}).status_code == 401


@pytest.mark.parametrize("script", ["files/upload.js", "lnr/upload.js"])
def test_scripts_that_look_again_and_again_say_so(client, script):
    assert '"X-Background": "1"' in client.get(f"/static/{script}").text


def test_a_session_ends_after_twelve_hours_however_busy(client):
    log_in(client, make.user())
    age(started_at=timedelta(hours=12))
    assert not inside(client)


def test_whoever_goes_on_working_stays_in(client):
    log_in(client, make.user())
    age(seen_at=timedelta(minutes=20))
    client.get("/account")
    assert LogIn.get().seen_at > clock.now() - timedelta(minutes=1)


def test_every_log_in_makes_a_new_key_and_ends_the_old_one(app, client):
    user = make.user()
    client.get("/inloggen")
    keys = []
    for _ in range(2):
        log_in(client, user)
        with client.session_transaction() as session:
            keys.append(session["login"])
        thief = copy_of(app, client)
        post(client, "/uitloggen", client.get("/account"))
        assert not inside(thief)
    assert len(set(keys)) == 2


def test_a_form_key_from_before_the_log_in_is_worth_nothing_after_it(client):
    old = form_key(page := client.get("/inloggen"))
    post(client, "/inloggen", page, email=make.user().email, password=make.PASSWORD)
    assert client.post("/uitloggen", data={"csrf_token": old}).status_code == 400
    assert inside(client)


@pytest.mark.parametrize("end", ["change", "reset", "command", "deactivate", "others"])
def test_what_should_end_a_session_ends_it_at_its_very_next_request(app, client, end):
    user = make.user()
    other = app.test_client()
    for browser in (client, other):
        log_in(browser, user)
    thief = copy_of(app, other)
    assert inside(thief)

    if end == "change":
        post(client, "/wachtwoord-wijzigen", password=make.PASSWORD, new_password=NEW, new_password_confirm=NEW)
    elif end == "reset":
        visitor = app.test_client()
        post(visitor, "/wachtwoord-vergeten", email=user.email)
        post(visitor, link_in_mail(), password=NEW, password_confirm=NEW)
    elif end == "command":
        with app.app_context():
            accounts.set_password(User.get_by_id(user.id), NEW)
    elif end == "deactivate":
        User.get_by_id(user.id).deactivate(make.user(role=Role.BEHEERDER))
    else:
        post(client, "/account/andere-sessies", client.get("/account"))

    assert not inside(other) and not inside(thief)
    assert inside(client) == (end in ("change", "others"))
    assert LogIn.select().where(LogIn.ended_at.is_null()).count() == (1 if end in ("change", "others") else 0)


def test_a_session_ended_by_a_changed_password_stays_dead_when_the_key_is_put_back(client):
    log_in(client, user := make.user())
    key = user.fs_uniquifier
    User.get_by_id(user.id).end_sessions()
    User.update(fs_uniquifier=key).execute()
    assert not inside(client)


def test_my_account_shows_where_i_am_logged_in(app, client):
    user = make.user()
    chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
    phone = app.test_client()
    phone.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 Version/18.0 Safari/604"
    client.environ_base["HTTP_USER_AGENT"] = chrome
    for browser in (client, phone):
        log_in(browser, user)
    log_in(app.test_client(), make.user())

    page = client.get("/account")
    shown = re.search(r'<ul class="sessions">(.*?)</ul>', page.text, re.S).group(1)
    assert re.findall(r"<strong>(.*?)</strong>( <span)?", shown) == [("Safari op iPhone", ""), ("Chrome op Windows", " <span")]

    assert "uitgelogd" in said(client.get(post(client, "/account/andere-sessies", page).location))
    assert [event.actor_id for event in AuditEvent.select().where(AuditEvent.action == "user.sessions_ended")] == [user.id]
    assert "Beëindig andere sessies" not in client.get("/account").text


def test_ending_the_other_sessions_takes_a_form_key(client):
    log_in(client, make.user())
    assert client.post("/account/andere-sessies").status_code == 400
    assert client.get("/account/andere-sessies").status_code == 405


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(client):
    log_in(client, make.user())
    key = form_key(client.get("/melding/nieuw"))
    age(seen_at=timedelta(hours=1))
    origin = {"Referer": "http://localhost/melding/nieuw?maand=2026-10"}

    answer = client.post("/melding/nieuw", data={"csrf_token": key}, headers=origin)

    assert answer.location == "/inloggen?next=/melding/nieuw?maand%3D2026-10"
    foreign = client.post("/melding/nieuw", data={"csrf_token": key}, headers={"Referer": "http://evil.example/melding/nieuw"})
    assert foreign.location == "/inloggen"


def test_a_script_reads_a_sentence_when_the_session_ended(client):
    log_in(client, make.user())
    headers = {"X-CSRFToken": form_key(client.get("/account")), "Accept": "application/json"}
    age(seen_at=timedelta(hours=1))
    answer = client.post("/account/andere-sessies", headers=headers)
    assert answer.status_code == 401
    assert "niet meer ingelogd" in answer.json["error"]
