"""The gate by itself, without a process: who is let through while others fill it."""

import asyncio

import pytest
from flask import request
from peewee import OperationalError
from playhouse.pool import MaxConnectionsExceeded
from werkzeug.exceptions import RequestEntityTooLarge

from admin_views.web import request_gate
from admin_views.web.incoming import MEASURED
from admin_views.web.request_gate import ANONYMOUS, GATHERED, UPLOADS, RequestGate, Shown, holds_key, session_reader
from models.lnr.suppliers.api_key import ApiKey
from tests import make
from tests.lnr.messages import hospital, supplier

FORM = "application/x-www-form-urlencoded"


class Gate(RequestGate):
    """In front of an application that says 200, once `done` is set."""

    def __init__(self, **more):
        super().__init__(lambda *asked: [], **more)
        self.done = asyncio.Event()
        self.app = self._answer

    async def _answer(self, scope, receive, send):
        await self.done.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def ask(self, method="POST", body=b"", path="/inloggen", **headers):
        """The status of the answer; `read` tells whether the body was asked for."""
        told, came, self.read = [], iter([{"type": "http.request", "body": body, "more_body": False}]), False

        async def receive():
            self.read = True
            return next(came)

        async def send(message):
            told.append(message)

        headers = {"content-length": str(len(body))} | headers
        named = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self({"type": "http", "method": method, "path": path, "headers": named}, receive, send)
        return told[0]["status"]


@pytest.mark.parametrize(("size", "status"), [(ANONYMOUS, 200), (ANONYMOUS + 1, 503)])
def test_who_fills_the_room_for_bodies_keeps_nobody_from_logging_in(size, status):
    async def tell():
        gate = Gate(whose=lambda cookie: Shown(cookie, True))
        gate.done.set()
        gate.gathered = GATHERED  # sixteen who are logged in, four megabytes each
        return await gate.ask(body=b"x" * size, cookie="x")

    assert asyncio.run(tell()) == status


@pytest.mark.parametrize(("known", "other_gets"), [(True, 200), (False, 503)])
def test_one_sender_leaves_half_of_the_upload_places_to_others(monkeypatch, known, other_gets):
    """Of people who are known. All visitors share one half: each is given as many sessions as they ask for."""
    monkeypatch.setattr(request_gate, "WAIT_FOR_PLACE", 0.1)

    async def tell():
        gate = Gate(whose=lambda cookie: Shown(cookie, known))
        sent = [asyncio.create_task(gate.ask("PUT", cookie="sessie=een")) for _ in range(UPLOADS)]
        await asyncio.wait(sent[-1:], timeout=5)
        other = asyncio.create_task(gate.ask("PUT", cookie="sessie=twee"))
        await asyncio.wait([other], timeout=0.3)
        gate.done.set()
        told = sorted([await one for one in sent]), await other
        # And they are given back.
        return *told, await gate.ask("PUT", cookie="sessie=een"), len(gate.shares)

    half = UPLOADS // 2
    assert asyncio.run(tell()) == ([200] * half + [503] * half, other_gets, 200, 0)


def test_the_share_is_that_of_a_session_which_this_portal_signed(app, client, login):
    login(client, make.user())
    name = app.config["SESSION_COOKIE_NAME"]
    value, whose = client.get_cookie(name).value, session_reader(app)

    assert whose(f"{name}={value}") == whose(f"x=1; {name}={value}; y=2") == (value, True)
    assert {whose(header) for header in ("", "x=1", f"{name}=verzonnen", f"{name}={value[:-1]}")} == {("", False)}


def test_only_who_is_known_sends_more_than_a_form_and_others_are_refused_unread(app, client, login):
    """A cookie of somebody who only opened the log-in page is signed too, and says nothing of who sends it."""
    name, large = app.config["SESSION_COOKIE_NAME"], b"x" * (ANONYMOUS + 1)
    client.get("/inloggen")
    stranger = client.get_cookie(name).value
    login(client, make.user())
    known = client.get_cookie(name).value
    _, key = ApiKey.issue(supplier(), hospital())

    async def tell():
        told, gate = {}, Gate(whose=session_reader(app), opens=holds_key)
        gate.done.set()
        for who, headers in {
            "nobody": {}, "a cookie": {"cookie": "x=1"}, "a stranger": {"cookie": f"{name}={stranger}"},
            "a key of pages": {"authorization": f"Bearer {key}"}, "known": {"cookie": f"{name}={known}"},
        }.items():  # fmt: skip
            told[who] = await gate.ask(body=large, **headers), gate.read
        told["in chunks"] = await gate.ask(body=large, **{"content-length": "0", "transfer-encoding": "chunked"}), None
        return told

    refused, taken = (413, False), (200, True)
    assert asyncio.run(tell()) == {
        "nobody": refused, "a cookie": refused, "a stranger": refused, "a key of pages": refused, "known": taken,
        "in chunks": (413, None),
    }  # fmt: skip
    assert [holds_key(said) for said in (f"Bearer {key}", f"bearer  {key}", f"Basic {key}", "Bearer lnr_x", "")] == [
        True, True, False, False, False,
    ]  # fmt: skip


def test_a_machine_is_heard_out_and_only_one_with_a_key_is_kept():
    async def tell(opens):
        gate = Gate(opens=opens)
        gate.done.set()
        kept = []

        async def app(scope, receive, send):
            kept.append(len((await receive())["body"]) if int(dict(scope["headers"])[b"content-length"]) else 0)
            await send({"type": "http.response.start", "status": 200, "headers": []})

        gate.app = app
        await gate.ask(body=b"x" * 1_000_000, path="/lnr/v1/berichten", authorization="Bearer x")
        return kept

    assert asyncio.run(tell(lambda said: said == "Bearer x")) == [1_000_000]
    assert asyncio.run(tell(lambda said: False)) == [0]


@pytest.mark.parametrize("lacking", [OperationalError("database is locked"), MaxConnectionsExceeded()])
def test_a_message_is_never_cut_short_because_the_database_did_not_answer(monkeypatch, lacking):
    """Who sends it may have a key: then it is asked to come back, and no half of it is judged."""

    def away(*told):
        raise lacking

    monkeypatch.setattr(ApiKey, "opened_by", away)

    async def tell():
        gate = Gate(opens=holds_key)
        return await gate.ask(body=b"x" * 1_000_000, path="/lnr/v1/berichten", authorization="Bearer lnr_x"), gate.read

    assert asyncio.run(tell()) == (503, False)


@pytest.mark.parametrize("sent", [
    {"data": {"bestand": "x" * 1_000_000}, "content_type": "multipart/form-data"},
    {"data": b"a" * 1_000_000, "content_type": "application/x-www-form-urlencoded"},
    {"json": "a" * 1_000_000},
    {"data": b"a" * 1_000_000, "content_type": "text/plain"},
], ids=["multipart", "urlencoded", "json", "anders"])  # fmt: skip
@pytest.mark.parametrize("endpoint", [one for one in MEASURED if not one.startswith("lnr_api.")])
def test_what_is_no_raw_file_where_one_is_taken_is_not_read_into_memory(app, endpoint, sent):
    rule = next(one for one in app.url_map.iter_rules() if one.endpoint == endpoint)
    path = rule.build({name: "x" for name in rule.arguments})[1]
    (method,) = list(rule.methods & {"PUT", "PATCH", "POST"})[:1]

    with app.test_request_context(path, method=method, **sent), pytest.raises(RequestEntityTooLarge):
        request.get_data()


def test_a_form_of_very_many_fields_is_refused_before_each_of_them_takes_memory(app, client):
    assert client.post("/lnr/specificatie/controle", data=b"a&" * 1_000_000, content_type=FORM).status_code == 413
    with app.test_request_context("/inloggen", method="POST", data=b"a=1&" * 9_000 + b"b=2", content_type=FORM):
        assert request.form["b"] == "2"
