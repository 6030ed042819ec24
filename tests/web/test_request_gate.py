"""The gate by itself, without a process: who is let through while others fill it."""

import asyncio
import io

import pytest
from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from admin_views.web import request_gate
from admin_views.web.incoming import MEASURED
from admin_views.web.request_gate import ANONYMOUS, GATHERED, UPLOADS, RequestGate, session_reader
from tests import make


class Gate(RequestGate):
    """In front of an application that says 200, once `done` is set."""

    def __init__(self):
        super().__init__(lambda *asked: [])
        self.done = asyncio.Event()
        self.app = self._answer

    async def _answer(self, scope, receive, send):
        await self.done.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def ask(self, method="POST", body=b"", **headers):
        """The status of the answer."""
        told, came = [], iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive():
            return next(came)

        async def send(message):
            told.append(message)

        named = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self({"type": "http", "method": method, "path": "/inloggen", "headers": named}, receive, send)
        return told[0]["status"]


@pytest.mark.parametrize(("size", "status"), [(ANONYMOUS, 200), (ANONYMOUS + 1, 503)])
def test_who_fills_the_room_for_bodies_keeps_nobody_from_logging_in(size, status):
    async def tell():
        gate = Gate()
        gate.done.set()
        gate.gathered = GATHERED  # sixteen strangers with a cookie of their own making, four megabytes each
        return await gate.ask(body=b"x" * size, cookie="x")

    assert asyncio.run(tell()) == status


def test_one_sender_leaves_half_of_the_upload_places_to_others(monkeypatch):
    monkeypatch.setattr(request_gate, "WAIT_FOR_PLACE", 0.1)

    async def tell():
        gate = Gate()
        sent = [asyncio.create_task(gate.ask("PUT", cookie="sessie=een")) for _ in range(UPLOADS)]
        await asyncio.wait(sent[-1:], timeout=5)
        other = asyncio.create_task(gate.ask("PUT", cookie="sessie=twee"))
        await asyncio.wait([other], timeout=0.3)
        gate.done.set()
        told = sorted([await one for one in sent]), await other
        # And they are given back.
        return *told, await gate.ask("PUT", cookie="sessie=een"), len(gate.shares)

    half = UPLOADS // 2
    assert asyncio.run(tell()) == ([200] * half + [503] * half, 200, 200, 0)


def test_the_share_is_that_of_a_session_which_this_portal_signed(app, client, login):
    login(client, make.user())
    name = app.config["SESSION_COOKIE_NAME"]
    value, whose = client.get_cookie(name).value, session_reader(app)

    assert whose(f"{name}={value}") == whose(f"x=1; {name}={value}; y=2") == value
    assert {whose(header) for header in ("", "x=1", f"{name}=verzonnen", f"{name}={value[:-1]}")} == {""}


@pytest.mark.parametrize("endpoint", [one for one in MEASURED if not one.startswith("lnr_api.")])
def test_a_form_where_a_raw_file_is_taken_is_not_read_into_memory(app, endpoint):
    rule = next(one for one in app.url_map.iter_rules() if one.endpoint == endpoint)
    path = rule.build({name: "x" for name in rule.arguments})[1]
    (method,) = list(rule.methods & {"PUT", "PATCH", "POST"})[:1]
    file = {"bestand": (io.BytesIO(b"x" * 1_000_000), "a.pdf")}

    with app.test_request_context(path, method=method, data=file), pytest.raises(RequestEntityTooLarge):
        request.form.get("csrf_token")
