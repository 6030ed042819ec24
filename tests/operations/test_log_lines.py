"""The log: a line of JSON each, with the number of its request and without contents (R-7)."""

import json
import logging
import re
import sys
from dataclasses import replace

import peewee
import pytest

from admin_views.web import request_frame
from models import base
from models.operations.health import log_lines
from models.operations.health.log_lines import JsonLines, OncePerMinute


def record(problem=None, says="iets ging mis", name="portal", **facts):
    info = None
    if problem:
        try:
            raise problem
        except type(problem):
            info = sys.exc_info()
    made = logging.LogRecord(name, logging.ERROR, __file__, 1, says, (), info)
    if facts:
        made.facts = facts
    return made


def line(*args, **more):
    return json.loads(JsonLines().format(record(*args, **more)))


def test_a_line_says_when_how_grave_from_where_and_in_which_request():
    token = log_lines.request_id.set("abcdef12")
    try:
        told = line(ms=3)
    finally:
        log_lines.request_id.reset(token)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told.pop("at"))
    assert told == {"level": "error", "from": "portal", "says": "iets ging mis", "request": "abcdef12", "ms": 3}


@pytest.mark.parametrize("problem", [ValueError("patiënt 4711"), peewee.IntegrityError("Key (number)=(4711) already exists")])
def test_of_an_error_that_may_quote_what_somebody_typed_only_kind_and_place_are_told(problem):
    text = JsonLines().format(record(problem))
    assert "4711" not in text and type(problem).__name__ in text and "test_log_lines.py" in text and "\n" not in text


def test_what_the_machine_says_is_told():
    assert line(peewee.OperationalError("server closed the connection\nDETAIL: x"))["because"] == "server closed the connection"
    assert line(OSError(28, "No space left on device"))["because"] == "[Errno 28] No space left on device"


def test_an_outage_is_told_once_a_minute_with_how_many_were_held_back_and_other_errors_always():
    now = [0.0]
    passes = OncePerMinute(clock=lambda: now[0])
    outages = [record(peewee.OperationalError("weg")) for _ in range(40)]
    assert [passes.filter(one) for one in outages] == [True] + [False] * 39
    assert passes.filter(record(ValueError("x"))) and passes.filter(record())
    now[0] = 61
    last = record(peewee.OperationalError("weg"))
    assert passes.filter(last) and last.facts == {"held_back": 39}


def test_each_request_is_one_line_with_its_route_and_never_its_address(client, caplog):
    caplog.set_level(logging.INFO, "portal.request")
    answer = client.get("/uitvraag/een-geheime-sleutel/nee")
    (told,) = [one.facts for one in caplog.records if one.name == "portal.request"]
    assert told["route"].startswith("/uitvraag/<") and told["status"] == answer.status_code and told["ms"] >= 0
    assert "geheime" not in caplog.text and client.get("/healthz").status_code == 200
    assert len([one for one in caplog.records if one.name == "portal.request"]) == 1


def test_the_number_of_a_request_is_in_the_answer_and_comes_from_a_proxy_that_is_trusted_only(client, monkeypatch):
    sent = {"X-Request-ID": "0123456789abcdef0123456789abcdef"}
    first, second = (client.get("/inloggen", headers=sent).headers["X-Request-ID"] for _ in range(2))
    assert first != second and re.fullmatch("[0-9a-f]{16}", first) and sent["X-Request-ID"] not in (first, second)

    monkeypatch.setattr(request_frame, "settings", replace(request_frame.settings, proxy_hops=1))
    assert client.get("/inloggen", headers=sent).headers["X-Request-ID"] == sent["X-Request-ID"]
    assert client.get("/inloggen", headers={"X-Request-ID": "een ander"}).headers["X-Request-ID"] != "een ander"


def test_a_database_that_is_away_is_one_line_for_many_requests(client, capsys, monkeypatch):
    log_lines.begin()
    monkeypatch.setattr(base.db.obj, "connect", lambda **more: (_ for _ in ()).throw(peewee.OperationalError("weg")))
    assert [client.get("/inloggen").status_code for _ in range(5)] == [503] * 5
    lines = [json.loads(text) for text in capsys.readouterr().err.splitlines() if text.startswith("{")]
    assert len([one for one in lines if one.get("because") == "weg"]) <= 1
    assert len([one for one in lines if one.get("route") == "/inloggen" and one["status"] == 503]) == 5
