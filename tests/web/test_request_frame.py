import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models import base
from models.access import Role
from models.audit import audit_event
from models.operations import schema
from settings import VERSION
from tests import make
from tests.accounts.test_login import form_key

ROOT = Path(__file__).parent.parent.parent


def policy(answer):
    return dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/inloggen", 200), ("HEAD", "/inloggen", 200), ("OPTIONS", "/inloggen", 200), ("GET", "/", 302),
        ("GET", "/account", 302), ("POST", "/inloggen", 400), ("GET", "/niets", 404), ("DELETE", "/inloggen", 405),
        ("GET", "/healthz", 200), ("GET", "/static/web/portal.css", 200), ("GET", "/static/niets.css", 404),
        ("GET", "/static/../settings.py", 404),
    ],
)  # fmt: skip
def test_every_answer_carries_the_protecting_headers(client, method, address, status):
    answer = client.open(address, method=method)
    assert answer.status_code == status
    assert policy(answer)["default-src"] == "'self'"
    assert policy(answer)["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "microphone=()" in answer.headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in answer.headers  # the portal of these tests is plain http
    if not address.startswith("/static"):
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_word_that_lets_scripts_pass_is_new_for_every_answer(client):
    first, second = (policy(client.get("/inloggen"))["script-src"] for _ in range(2))
    assert "'nonce-" in first and first != second


def test_no_page_holds_script_or_style_that_the_policy_refuses(client, login):
    login(client, make.user())
    for address in ("/account", "/wachtwoord-wijzigen", "/wachtwoord-vergeten", "/niets"):
        page = client.get(address).text
        assert not re.search(r"<script(?![^>]*\b(?:src|nonce)=)", page)
        assert not re.search(r"\s(?:style|on\w+)=|javascript:", page)
        assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", page)


def test_files_change_their_address_with_their_content_and_may_be_kept(client):
    address = re.search(r'href="(/static/web/portal\.css\?v=\w+)"', client.get("/inloggen").text).group(1)
    assert client.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "immutable" not in client.get("/static/web/portal.css").headers["Cache-Control"]


def test_a_stylesheet_costs_no_question_to_the_database(client, login, monkeypatch):
    login(client, make.user())
    base.db.close()
    monkeypatch.setattr(base.db.obj, "connect", lambda **more: pytest.fail("a connection was opened"))
    assert client.get("/static/web/portal.css").status_code == 200


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(client):
    cookie = client.get("/inloggen").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


def test_a_foreign_host_is_refused_without_a_page(client):
    answer = client.get("/inloggen", base_url="http://evil.example")
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")


def test_the_address_of_who_asks_reaches_the_trail(client):
    client.get("/inloggen", environ_base={"REMOTE_ADDR": "192.0.2.7"}, headers={"X-Forwarded-For": "198.51.100.1"})
    assert audit_event.origin.get() == "192.0.2.7"


def test_a_process_is_ready_while_its_database_answers_and_alive_without(client, tmp_path):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"database": "ok", "version": VERSION})

    ours = base.db.obj
    base.connect(f"sqlite:///{tmp_path / 'weg' / 'portal.db'}")
    try:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json) == (503, {"database": "unreachable"})
        assert client.get("/healthz").json == {"status": "ok", "version": VERSION}
        page = client.get("/inloggen")
        assert page.status_code == 503
        assert "Probeer het over een minuut opnieuw" in page.text
    finally:
        base.db.initialize(ours)


def test_a_process_serves_on_while_its_database_went_on_to_a_newer_version_and_not_over_an_older_one(client, monkeypatch):
    monkeypatch.setattr(schema, "unknown", lambda: ["0099_newer"])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (200, "newer version")
    monkeypatch.setattr(schema, "pending", lambda: ["0099_newer"])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, "older version")


def test_a_proxy_that_is_not_trusted_shows_at_once(client):
    assert client.get("/readyz", headers={"X-Forwarded-For": "198.51.100.1"}).json["proxy"] == "not trusted"


def test_a_form_may_stay_open_for_a_day(client, monkeypatch):
    user = make.user()
    page = client.get("/inloggen")
    fields = {"csrf_token": form_key(page), "email": user.email, "password": make.PASSWORD}
    tomorrow = time.time() + 24 * 3600
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: tomorrow)
    assert client.post("/inloggen", data=fields).location == "/"


def test_an_https_portal_behind_one_proxy_keeps_its_cookie_and_promise(tmp_path):
    script = (
        "from settings import settings; settings.make_keys()\n"
        "import app; from models import MODELS; from models.base import db; made = app.create_app(); db.create_tables(MODELS)\n"
        "sent = {'Host': 'intern:8000', 'X-Forwarded-Host': 'portaal.example.nl', 'X-Forwarded-Proto': 'https',"
        " 'X-Forwarded-For': '203.0.113.9, 192.0.2.7'}\n"
        "answer = made.test_client().get('/inloggen', headers=sent)\n"
        "from models.audit.audit_event import origin\n"
        "print(answer.status_code, answer.headers['Set-Cookie'], answer.headers['Strict-Transport-Security'], origin.get())"
    )
    settings = {"PORTAL_URL": "https://portaal.example.nl", "PROXY_HOPS": "1", "DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={"PATH": os.environ["PATH"], **settings}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    status, cookie = done.stdout.split(" ", 1)
    assert status == "200"
    assert cookie.startswith("__Host-portaal=") and "; Secure; HttpOnly; Path=/; SameSite=Lax" in cookie
    assert "max-age=63072000; includeSubDomains 192.0.2.7" in cookie


def test_over_https_a_known_device_is_known_by_a_cookie_of_this_host_only(tmp_path):
    script = (
        "from settings import settings; settings.make_keys()\n"
        "import app; from models import MODELS; from models.base import db; from tests import make\n"
        "from tests.accounts.test_login import form_key\n"
        "made = app.create_app(); db.create_tables(MODELS); user, client = make.user(), made.test_client()\n"
        "here = {'base_url': 'https://portaal.example.nl'}; key = form_key(client.get('/inloggen', **here))\n"
        "fields = {'csrf_token': key, 'email': user.email, 'password': make.PASSWORD}\n"
        "headers = {'Referer': 'https://portaal.example.nl/inloggen'}\n"
        "print(*client.post('/inloggen', data=fields, headers=headers, **here).headers.getlist('Set-Cookie'), sep='\\n')"
    )
    env = {"PORTAL_URL": "https://portaal.example.nl", "DATA_DIR": str(tmp_path), "SECOND_FACTOR": "optional"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={"PATH": os.environ["PATH"], **env}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (cookie,) = [line for line in done.stdout.splitlines() if "bekend_apparaat" in line]
    assert cookie.startswith("__Host-bekend_apparaat=")
    assert all(f"; {word}" in cookie for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax")) and "Domain" not in cookie


@pytest.mark.parametrize(
    ("roles", "name"),
    [
        ((Role.LNR_CONTACT,), "Landelijke Neonatale Registratie (LNR)"),
        ((Role.LNR_BEHEER,), "Landelijke Neonatale Registratie (LNR)"),
        ((Role.MELDER,), "NethOSS &amp; LZA1-portaal"), ((Role.MELDER, Role.LNR_CONTACT), "NethOSS &amp; LZA1-portaal"),
    ],
)  # fmt: skip
def test_the_header_names_the_registry_for_who_has_nothing_to_do_with_cases(client, login, roles, name):
    page = login(client, make.user(*roles)).get("/handleiding/").text

    assert f'<span class="brand-sub">{name}</span>' in page and f"<span>{name} · Perined</span>" in page


def test_robots_are_sent_away_and_a_browser_finds_the_picture_of_the_tab(client):
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"
    picture = client.get("/favicon.ico")
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml") and picture.data.startswith(b"<svg")
