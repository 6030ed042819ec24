import gzip
import http.client
import io
import json
import os
import socket
import subprocess
import time
from xml.etree import ElementTree

import pytest

from admin_views.lnr.api import delivery_api
from commands import processes
from models.audit.audit_event import AuditEvent
from models.lnr.message.validation_report import REPORT
from models.lnr.registry.message import Message, MessageContent
from models.lnr.registry.stay import Stay
from models.lnr.suppliers.api_key import A_MINUTE, ApiKey
from models.lnr.suppliers.supplier import SupplierStatus
from tests import make
from tests.lnr.messages import AGB_NUMBER, CHILD_BSN, OWN, hospital, message, supplier
from tests.smtp import free_port

MESSAGES, LOOK = "/lnr/v1/berichten", "/lnr/v1/controle"
XML = "application/xml"


@pytest.fixture
def sender(client):
    """sender(): a supplier's software with a key of its own; .post(raw, …) and .get(path) answer as it sees them."""
    place = hospital()

    class Sender:
        def __init__(self, at=place, status=SupplierStatus.TOEGELATEN):
            self.supplier, self.hospital = supplier(status), at
            self.key, self.token = ApiKey.issue(self.supplier, at)

        def headers(self, more):
            return {"Authorization": f"Bearer {self.token}", "Content-Type": XML, **more}

        def post(self, raw, path=MESSAGES, **more):
            return client.post(path, data=raw, headers=self.headers(more))

        def get(self, path, **more):
            return client.get(path, headers=self.headers(more))

    return Sender


def findings(answer):
    return [one.get("rule") for one in ElementTree.fromstring(answer.data).iter(f"{{{REPORT}}}finding")]


def test_a_message_that_is_right_is_accepted_with_a_report_in_xml(sender):
    answer = sender().post(message())

    report = ElementTree.fromstring(answer.data)
    assert (answer.status_code, answer.content_type) == (200, "application/xml; charset=utf-8")
    assert (report.get("outcome"), report.get("errors"), report.get("stay")) == ("geaccepteerd", "0", Stay.get().number)


def test_the_report_is_json_for_who_asks_for_it(sender):
    answer = sender().post(message(admitted="2026-02-01"), Accept="application/json")

    assert (answer.status_code, answer.mimetype) == (422, "application/json")
    assert (
        answer.json["outcome"] == "geweigerd"
        and {"rule", "nl", "en", "hint_nl", "path", "line"} <= answer.json["findings"][0].keys()
    )


def test_the_report_can_be_asked_for_again_by_our_key_and_by_the_senders_id(sender):
    one = sender()
    answer = one.post(message(id="bericht/7", admitted="2026-02-01"))

    for address in (answer.headers["Location"], f"{MESSAGES}/bericht/7"):
        again = one.get(address)
        assert (again.status_code, again.data) == (422, answer.data)
    assert one.get(f"{MESSAGES}/bericht/8").status_code == 404


def test_the_report_is_there_for_the_next_key_of_the_same_supplier_and_for_nobody_else(sender):
    one, same_place, other_place = sender(), sender(), sender(at=hospital(agb="06020202"))
    address = one.post(message()).headers["Location"]
    one.key, one.token = ApiKey.issue(one.supplier, one.hospital)

    assert one.get(address).status_code == 200
    assert same_place.get(address).status_code == other_place.get(address).status_code == 404


@pytest.mark.db_dialect
def test_odd_names_and_pages_of_what_was_sent_are_no_error(sender):
    one = sender()
    one.post(message())
    odd = ("%00", "%ED%A0%80", "1" * 18, "9" * 400, "%D9%A3", "-1", "%27%20OR%201=1")
    for path in ("/berichten/{}", "/berichten?na={}", "/berichten?sinds={}", "/fouten?na={}"):
        for name in odd:
            address = f"{MESSAGES.removesuffix('/berichten')}{path.format(name)}"
            assert one.get(address).status_code in (200, 400, 404, 429), address


def test_a_place_in_the_list_of_errors_that_cannot_be_read_is_a_problem(sender):
    one = sender()
    for name in ("onzin", "-1", "%D9%A3", "9" * 400):
        answer = one.get(f"{MESSAGES.removesuffix('/berichten')}/fouten?na={name}", Accept="application/problem+json")
        assert (answer.status_code, answer.content_type.partition(";")[0]) == (400, "application/problem+json"), name
        assert "plaats in deze lijst" in answer.text
    assert one.get(f"{MESSAGES.removesuffix('/berichten')}/fouten?na=").status_code == 200


def test_a_lost_answer_is_given_again(sender):
    one, raw = sender(), message()

    assert one.post(raw).data == one.post(raw).data
    assert Message.select().count() == 1


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ({}, {}, 409),  # the same id, other content
        ({"version": 2}, {"id": "b", "version": 1, "action": "vervanging"}, 409),
        ({}, {"id": "b", "version": 2, "action": "vervanging"}, 200),
        ({}, {"id": "b", "version": 2, "action": "intrekking"}, 200),
        ({}, {"id": "b", "version": 2}, 422),
    ],
)
def test_messages_about_one_stay_follow_each_other(sender, first, second, status):
    one = sender()
    assert one.post(message(**{"id": "a", **first})).status_code == 200

    assert one.post(message(**{"id": "a", "weight": 1100, **second})).status_code == status


def test_nobody_gets_in_without_a_valid_key(client, sender):
    one = sender()
    one.key.revoke()
    wrong = ("", "Bearer", "Bearer x", f"Bearer {one.token}", f"Basic {one.token}", f"Bearer {one.token[:-1]}", "Bearer é\x00")
    for path in (MESSAGES, LOOK):
        for header in wrong:
            answer = client.post(path, data=message(), headers={"Authorization": header, "Content-Type": XML})
            assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer"), header
            assert findings(answer) == ["HTTP-401"]
    assert client.get(f"{MESSAGES}/x").status_code == 401
    assert AuditEvent.select().where(AuditEvent.action == "lnr.key_refused").count() == 1
    assert Message.select().count() == 0


def test_a_person_who_is_logged_in_has_no_key(client, login):
    for role in ("lnr-contact", "lnr-beheer", "beheerder"):
        assert login(client, make.user(role=role)).post(MESSAGES, data=message(), content_type=XML).status_code == 401


def test_a_suspended_supplier_may_not_even_look(sender):
    one = sender()
    one.supplier.move(SupplierStatus.GESCHORST)

    for path in (MESSAGES, LOOK):
        answer = one.post(message(), path)
        assert answer.status_code == 403 and "insufficient_scope" in answer.headers["WWW-Authenticate"]


def test_a_key_is_for_one_hospital(sender):
    answer = sender(at=hospital(agb="06020202")).post(message(agb=AGB_NUMBER))

    assert answer.status_code == 403 and "R-02" in findings(answer) and "Location" not in answer.headers
    assert Message.select().count() == 0


def test_only_an_admitted_supplier_sends_production(sender):
    one = sender(status=SupplierStatus.AANGEMELD)

    assert one.post(message(processing="P")).status_code == 403
    assert one.post(message(processing="T")).status_code == 200


def test_a_look_keeps_nothing_and_answers_what_delivering_would(sender):
    one, new = sender(), sender(status=SupplierStatus.AANGEMELD)
    kept = message(id="7", processing="P")
    answer = one.post(kept)

    def state():
        return Message.select().count(), Stay.select().count(), AuditEvent.select().count()

    before = state()
    for raw, status in (
        (message(id="7", weight=1100), 409),
        (message(version=1, action="vervanging"), 409),
        (message(set_id="anders"), 422),
        (message(version=2, action="vervanging"), 200),
        (message(agb="06099999"), 403),
        (message(set_id="vroeg", admitted="2026-02-01"), 422),
        (b"geen xml", 400),
    ):
        assert one.post(raw, LOOK).status_code == status
    assert new.post(message(set_id="nieuw", processing="P", admitted="2026-03-02T09:00:00"), LOOK).status_code == 403
    assert one.post(kept, LOOK).data == answer.data
    assert state() == before


def test_a_look_does_not_tell_that_a_child_is_in_another_hospital(sender):
    sender().post(message(child=(CHILD_BSN,)))
    other = sender(at=hospital("06020202"))
    raw = message(agb="06020202", child=(CHILD_BSN,), admitted="2026-03-10T09:00:00")

    assert "R-40" not in findings(other.post(raw, LOOK)) and "R-40" in findings(other.post(raw))


def test_no_cookie_is_set_or_heeded(sender):
    answer = sender().post(message(), Cookie="portaal=iets")

    assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"] == "no-store"


def test_after_so_many_messages_in_a_minute_the_sender_has_to_wait(sender, monkeypatch):
    one = sender()
    ApiKey.update(per_minute=3).execute()
    codes = [one.post(b"<a/>", LOOK) for _ in range(4)]

    while codes[0].status_code != codes[2].status_code:  # a minute ended in between
        codes = [one.post(b"<a/>", LOOK) for _ in range(4)]
    assert [answer.status_code for answer in codes] == [422, 422, 422, 429]
    assert 0 < int(codes[-1].headers["Retry-After"]) <= 60
    assert A_MINUTE == 60


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json"},
        {"Content-Type": ""},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/xml; charset=iso-8859-1"},
        {"Content-Encoding": "gzip"},
    ],
)
def test_what_is_not_plain_xml_in_utf8_is_not_looked_at(sender, headers):
    answer = sender().post(gzip.compress(b"\0" * 100_000_000) if "Content-Encoding" in headers else message(), **headers)

    assert answer.status_code == 415 and findings(answer) == ["HTTP-415"]
    assert Message.select().count() == 0


@pytest.mark.parametrize("kind", [XML, "text/xml", "application/xml; charset=UTF-8", 'text/xml; charset="utf-8"'])
def test_both_names_of_xml_are_taken(sender, kind):
    assert sender().post(message(), **{"Content-Type": kind}).status_code == 200


BOMB = b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "' + b"&a;" * 50 + b'"><!ENTITY c "' + b"&b;" * 50 + b'">]><a>&c;</a>'
INCLUDE = b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>'
PLACE = b'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="u http://127.0.0.1:9/x" schemaversie'
STYLESHEET = b'?><?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>'
# What XM-02 and XM-03 ask for, and peers.md 4.5.
BROKEN = {
    "nothing": (b"", 400),
    "no xml": (b"dit is geen xml", 400),
    "a harmless doctype": (b"<!DOCTYPE lnr_aanlevering>" + message().partition(b"?>")[2].strip(), 400),
    "an entity bomb": (BOMB, 400),
    "a parameter entity": (b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]><a/>', 400),
    "an external entity": (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 400),
    "an external dtd": (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>', 400),
    "an entity that was never declared": (message().replace(b"Testdossier", b"&x;"), 400),
    "a stylesheet": (message().replace(b"?>", STYLESHEET, 1), 400),
    "an inclusion": (message().replace(b"<zorgaanbieder>", INCLUDE + b"<zorgaanbieder>"), 400),
    "a place of a schema": (message().replace(b"schemaversie", PLACE), 400),
    "utf-16 that says utf-8": (message().decode().encode("utf-16"), 400),
    "latin-1 that says utf-8": (message().replace(b"Testdossier", "Pati\u00ebnt".encode("latin-1")), 400),
    "another encoding": (message().replace(b"UTF-8", b"ISO-8859-1"), 400),
    "a control character": (message().replace(b"Testdossier", b"Test\x01"), 400),
    "a zero byte": (message().replace(b"Testdossier", b"Test\x00"), 400),
    "half a message": (message()[:-300], 400),
    "two messages in one": (message() + message(), 400),
    "a deep tree": (b"<a>" * 100_000, (400, 413)),
    "a wide tree": (b"<a>" + b"<b/>" * 200_000 + b"</a>", 413),
    "ten thousand attributes": (b"<a " + b" ".join(b'b%d="1"' % number for number in range(10_000)) + b"/>", (400, 413)),
    "a long text": (b"<a>" + b"x" * 11_000_000 + b"</a>", 413),
    "a hundred megabytes": (b" " * 100_000_000, 413),
    "an unknown element": (message().replace(b"<kind>", b"<onbekend/><kind>"), 422),
    "an unknown version of the schema": (message().replace(b'schemaversie="1.0"', b'schemaversie="9.9"'), 422),
    "two children": (message().replace(b"</kernset", b"<kind/></kernset"), 422),
    "another root": (b"<iets/>", 422),
    "an unknown hospital": (message(agb="06099998"), 403),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_bad_message_is_answered_in_time_with_its_reason(sender, name):
    raw, status = BROKEN[name]
    begun = time.monotonic()
    answer = sender().post(raw)
    took = time.monotonic() - begun

    assert answer.status_code in (status if isinstance(status, tuple) else (status,))
    assert findings(answer) and took < 2
    assert "root:" not in answer.text and "127.0.0.1" not in answer.text
    assert Stay.select().where(Stay.version.is_null(False)).count() == 0


@pytest.mark.parametrize(("key", "status"), [(True, 413), (False, 401)])
@pytest.mark.parametrize("path", [MESSAGES, LOOK])
def test_a_body_that_is_too_large_is_heard_out_before_the_answer(client, sender, key, status, path):
    class Body(io.BytesIO):
        """What is sent; a client that is still sending would see a reset where something of it is left."""

    body = Body(b" " * 8_000_000)
    headers = {"Content-Type": XML, "Authorization": f"Bearer {sender().token if key else 'x'}"}
    answer = client.post(path, input_stream=body, content_length=8_000_000, headers=headers)
    assert (answer.status_code, body.tell()) == (status, 8_000_000) and findings(answer) == [f"HTTP-{status}"]


def test_a_mark_at_the_start_of_utf8_is_no_mistake(sender):
    assert sender().post(b"\xef\xbb\xbf" + message()).status_code == 200


def test_no_report_repeats_a_number_or_a_text_of_the_message(sender):
    one = sender()
    raws = [
        message(child=((OWN, "CNRY-KIND"), CHILD_BSN), admitted="2026-02-01"),
        message(child=((OWN, "CNRY-KIND"), ("CNRY-ROOT", "1"))),
    ]
    raws += [
        message(born="CNRY-DATUM"),
        message(weight="CNRY-GEWICHT"),
        message().replace(b"<geslacht ", b"<CNRY-ELEMENT/><geslacht "),
    ]
    for raw in raws:
        for accept in (XML, "application/json"):
            text = one.post(raw, Accept=accept).text
            assert (
                "CNRY-KIND" not in text and "CNRY-DATUM" not in text and "CNRY-GEWICHT" not in text and CHILD_BSN[1] not in text
            )


def test_an_address_or_method_that_is_not_there_is_answered_as_to_a_machine(client, sender):
    one = sender()
    for answer, status in (
        (one.get("/lnr/v1/niets"), 404),
        (one.get(LOOK), 405),
        (client.put(MESSAGES), 405),
        (client.delete(LOOK), 405),
        (one.get(f"{MESSAGES}/%00"), 404),
        (one.get(f"{MESSAGES}/" + "a" * 5000), 404),
    ):
        assert answer.status_code == status and findings(answer) == [f"HTTP-{status}"]


def test_a_database_that_is_away_keeps_nothing_and_says_so(sender, monkeypatch):
    one = sender()
    monkeypatch.setattr(delivery_api, "deliver", _unreachable)
    answer = one.post(message())

    assert (answer.status_code, findings(answer)) == (503, ["HTTP-503"]) and answer.headers["Retry-After"]


def _unreachable(*args):
    from peewee import OperationalError  # noqa: PLC0415  only here

    raise OperationalError("gone")


def test_a_fault_of_ours_is_told_without_its_inside(app, sender, monkeypatch):
    one = sender()
    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setattr(delivery_api, "deliver", lambda *args: 1 / 0)
    answer = one.post(message())

    assert (answer.status_code, findings(answer)) == (500, ["HTTP-500"]) and "division" not in answer.text


class Server:
    """The portal in gunicorn, as it runs for real."""

    def __init__(self, **more):
        self.port = free_port()
        command = processes.web_command("127.0.0.1", self.port, 1)
        self.process = subprocess.Popen(command, env={**os.environ, **more}, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.process.kill()
        self.process.wait()

    def ask(self, token, raw, **headers):
        connection = http.client.HTTPConnection("localhost", self.port, timeout=60)
        connection.request("POST", MESSAGES, raw, {"Authorization": f"Bearer {token}", "Content-Type": XML, **headers})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def say(self, text, token, hang_up=True):
        """Send raw bytes after the headers of a delivery; the answer, or nothing when there is none."""
        with socket.create_connection(("localhost", self.port), timeout=60) as line:
            head = f"POST {MESSAGES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: {XML}\r\n"
            line.sendall(head.encode() + text)
            if hang_up:
                line.shutdown(socket.SHUT_WR)
            try:
                return line.recv(65536)
            except ConnectionError:
                return b""


def test_over_a_real_connection_chunks_are_taken_and_halves_are_not(sender):
    one, raw = sender(), message()
    half = raw[: len(raw) // 2]
    with Server() as server:
        assert b" 408 " in server.say(b"Content-Length: %d\r\n\r\n" % len(raw) + half, one.token)
        # A broken stream of chunks looks like its end; half a message is no XML.
        assert b" 200 " not in server.say(b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(half), half), one.token)
        assert Stay.select().count() == MessageContent.select().count() == 0
        whole = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(half), half, len(raw) - len(half), raw[len(half) :])
        assert b" 200 " in server.say(b"Transfer-Encoding: chunked\r\n\r\n" + whole, one.token, hang_up=False)
        assert server.ask(one.token, raw)[0] == 200
    assert MessageContent.select().count() == 1


@pytest.mark.parametrize("moment", range(4))
def test_a_process_that_dies_before_its_answer_loses_nothing(sender, moment):
    """Killed at some time during a delivery; the sender repeats it and hears what was decided, once."""
    one, raw = sender(), message(id="een")
    with Server() as server:
        server.ask(one.token, message(set_id="warm", admitted="2026-03-09T09:00:00"))
        connection = http.client.HTTPConnection("localhost", server.port, timeout=60)
        connection.request("POST", MESSAGES, raw, {"Authorization": f"Bearer {one.token}", "Content-Type": XML})
        time.sleep(moment * 0.006)
        server.process.kill()
    with Server() as server:
        first, second = server.ask(one.token, raw), server.ask(one.token, raw)

    assert first == second and first[0] == 200
    assert Message.select().where(Message.message_id == "een").count() == 1
    assert Stay.select().count() == 2 and list(AuditEvent.broken_links()) == []


def test_who_stops_in_the_middle_is_told_so_and_others_go_on(sender):
    one, raw = sender(), message()
    headers = {"Authorization": f"Bearer {one.token}", "Content-Type": XML}
    with Server() as server, _connected(server.port) as line:
        head = f"POST {MESSAGES} HTTP/1.1\r\nHost: localhost\r\n" + "".join(f"{name}: {headers[name]}\r\n" for name in headers)
        line.sendall(head.encode() + b"Content-Length: %d\r\n\r\n" % len(raw) + raw[:100])
        other = http.client.HTTPConnection("localhost", server.port, timeout=20)
        other.request("POST", MESSAGES, raw, headers)
        assert other.getresponse().status == 200
        assert b" 408 " in line.recv(65536)
    assert Message.select().count() == 1


def _connected(port):
    until = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("localhost", port), timeout=30)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def test_the_answer_in_json_and_in_xml_say_the_same(sender):
    raw, one = message(admitted="2026-02-01"), sender()
    xml, said = ElementTree.fromstring(one.post(raw).data), json.loads(one.post(raw, Accept="application/json").data)

    assert {name: xml.get(name) for name in ("outcome", "delivery_id", "stay")} == {
        name: said[name] for name in ("outcome", "delivery_id", "stay")
    }
    assert [one.get("rule") for one in xml.iter(f"{{{REPORT}}}finding")] == [one["rule"] for one in said["findings"]]


@pytest.mark.parametrize(("host", "taken"), [("LOCALHOST", True), ("LocalHost:80", True), ("elders.example", False)])
def test_the_name_of_the_host_is_compared_without_case(client, host, taken):
    assert (client.get("/lnr/specificatie/", headers={"Host": host}).status_code == 200) is taken
