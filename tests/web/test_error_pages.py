import errno
import sqlite3

import pytest
from flask import abort
from peewee import OperationalError

from admin_views.web import error_pages
from models import base
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from settings import settings
from tests import make
from tests.accounts.test_login import form_key, log_in

JSON = {"Accept": "application/json"}


@pytest.fixture
def instead(app, client, login, monkeypatch):
    """instead(act): the account page, whose screen does `act` in place of its work, for somebody who is logged in."""
    login(client, make.user())
    app.testing = False
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)

    def ask(act, **more):
        monkeypatch.setitem(app.view_functions, "account", act)
        return client.get("/account", **more)

    yield ask
    app.testing = True


def fail(problem):
    def act(*_, **__):
        raise problem

    return act


@pytest.mark.parametrize(
    ("act", "status", "sentence"),
    [
        (lambda: abort(400), 400, "begrijpt niet wat er gevraagd werd"),
        (lambda: abort(403), 403, "U hebt geen rechten"),
        (lambda: abort(403, description="Alleen melders mogen dit."), 403, "Alleen melders mogen dit."),
        (lambda: abort(404), 404, "bestaat niet, of is niet voor u bestemd"),
        (lambda: abort(429), 429, "Wacht een minuut"),
        (lambda: abort(418), 418, "begrijpt niet wat er gevraagd werd"),
        (lambda: abort(502), 502, "ligt aan het portaal"),
        (fail(Refused("Voeg eerst een bestand toe.")), 409, "Voeg eerst een bestand toe."),
        (fail(RuntimeError("geheim detail")), 500, "ligt aan het portaal"),
        (fail(TypeError("geheim detail")), 500, "ligt aan het portaal"),
        (fail(OperationalError("database is locked")), 503, "Probeer het over een minuut opnieuw"),
    ],
)
def test_an_error_is_a_sentence_on_a_page_of_the_portal(instead, act, status, sentence):
    page = instead(act)
    assert page.status_code == status
    assert sentence in page.text
    assert "mijn<b>Perined</b>" in page.text
    assert "geheim" not in page.text and "Traceback" not in page.text

    answer = instead(act, headers=JSON)
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert sentence in answer.json["error"]


def test_an_error_of_ours_comes_with_a_number_that_the_log_knows(instead, caplog):
    page = instead(fail(RuntimeError("kapot")))
    number = page.text.split("Noem daarbij dit nummer: <strong>")[1][:8]
    assert f"Reference {number}" in caplog.text
    assert "RuntimeError: kapot" in caplog.text


def test_a_page_that_lost_its_form_key_says_so(client):
    page = client.post("/inloggen", data={"email": "a@example.com"})
    assert page.status_code == 400
    assert "De pagina stond te lang open" in page.text


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client):
    page = client.post("/inloggen", data={"csrf_token": form_key(client.get("/inloggen")), "email": "x" * 5_000_000})
    assert page.status_code == 413
    assert "te groot" in page.text


@pytest.mark.only_sqlite  # PostgreSQL has no lock over the whole database
def test_a_database_that_another_process_holds_is_asked_again_later(client):
    user = make.user()
    page = client.get("/inloggen")
    base.db.obj.pragma("busy_timeout", 50, permanent=True)
    holder = sqlite3.connect(settings.data_dir / "portal.db")
    try:
        base.db.close()
        holder.execute("BEGIN IMMEDIATE")
        answer = client.post("/inloggen", data={"csrf_token": form_key(page), "email": user.email, "password": make.PASSWORD})
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "60"
        assert client.get("/account").status_code == 302  # a log-in that left no trace is none
    finally:
        holder.close()
        base.db.obj.pragma("busy_timeout", base.SQLITE_PRAGMAS["busy_timeout"], permanent=True)
    assert log_in(client, user).location == "/"


def test_what_does_not_open_is_a_sentence_a_number_and_a_line_in_the_trail(client, login):
    case = make.case(patient_number="4711")
    login(client, case.reporter)
    db.execute_sql("""UPDATE "case" SET patient_number = 'gAAAAAB'""")
    page = client.get(f"/melding/{case.key}/")

    assert page.status_code == 500 and "buiten het portaal om gewijzigd" in page.text
    line = AuditEvent.get(AuditEvent.action == "sealed.unreadable")
    assert (line.actor, line.subject, line.result) == (case.reporter, "case.patient_number", "mislukt")
    assert line.detail.split()[-1] in page.text
    assert "4711" not in page.text and "gAAAA" not in page.text


def test_who_has_an_account_that_does_not_open_is_told_the_same(client, login):
    login(client, make.user())
    db.execute_sql("""UPDATE "user" SET tf_totp_secret = 'gAAAAAB'""")
    page = client.get("/account")

    assert page.status_code == 500 and "Opnieuw proberen helpt niet" in page.text
    assert AuditEvent.get(AuditEvent.action == "sealed.unreadable").actor is None


def test_a_page_that_cannot_be_opened_is_told_in_plain_words(instead, monkeypatch):
    monkeypatch.setattr(error_pages, "render_template", fail(OSError(errno.EMFILE, "Too many open files")))
    answer = instead(fail(OperationalError("too many open files")))
    assert (answer.status_code, answer.mimetype) == (503, "text/plain")
    assert "bezet" in answer.text and "Probeer het over een minuut opnieuw" in answer.text
