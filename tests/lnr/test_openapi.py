"""The OpenAPI description against the portal that runs: what it allows is sent, and what comes back must be what it says."""

import io
import json
import re
import urllib.error
import urllib.request
import zipfile
from threading import Thread
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from jsonschema import Draft202012Validator
from werkzeug.serving import make_server

from models.lnr.message.validation_report import REPORT
from models.lnr.message.xml_tree import SIZE
from models.lnr.suppliers import scenarios
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import Supplier, SupplierStatus
from tests.lnr.messages import hospital

JSON, XML = "application/json", "application/xml"
WORK = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
DELIVER, CHECK, AGAIN = ("post", "/berichten"), ("post", "/controle"), ("get", "/berichten/{name}")
FAR, SENT, WRONG, STATUS = ("get", "/kwalificatie"), ("get", "/berichten"), ("get", "/fouten"), ("get", "/status")
BATCH, READ_BACK = ("post", "/reeksen"), ("post", "/begrepen")
PROBLEM, ZIP = "application/problem+json", "application/zip"


class Client:
    """Asks over HTTP, and holds every answer against the description that the portal serves."""

    def __init__(self, address, token):
        self.address, self.token, self.met = f"{address}/lnr/v1", token, set()
        _, _, body = self._talk("get", "/openapi.json", {}, None)
        self.told = json.loads(body)

    def _talk(self, method, path, headers, body):
        request = urllib.request.Request(self.address + path, body, headers, method=method.upper())
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read()

    def ask(self, operation, body=None, name="", **headers):
        """(status, report) of a request; fails when any of it is not as described."""
        method, path = operation
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": XML, "Accept": JSON, **headers}
        sent = {header.replace("_", "-"): value for header, value in sent.items() if value is not None}
        status, got, raw = self._talk(method, path.replace("{name}", quote(name, safe="")), sent, body)
        described = self.told["paths"][path][method]["responses"]
        assert str(status) in described, f"{operation} answered {status}, which the description does not know"
        answer = described[str(status)]
        kind = got["Content-Type"].partition(";")[0]
        assert kind in answer["content"], f"{operation} {status} came as {kind}"
        for header, about in answer.get("headers", {}).items():
            if header.startswith("RateLimit-") and sent.get("Authorization") != f"Bearer {self.token}":
                continue  # who has no key has no minute
            self.hold(about["schema"], int(got[header]) if about["schema"]["type"] == "integer" else got[header])
        self.met.add((operation, status, kind))
        if kind in (JSON, PROBLEM):
            self.hold(answer["content"][kind]["schema"], json.loads(raw))
            return status, json.loads(raw)
        root = ElementTree.fromstring(raw)
        assert root.tag == f"{{{REPORT}}}verslag"
        return status, root

    def hold(self, schema, value):
        """The value, against a schema of the description."""
        Draft202012Validator({**schema, "components": self.told["components"]}).validate(value)


@pytest.fixture
def client(app):
    """The portal at a port of its own, and a key that may send often."""
    maker = Supplier.enrol("Dossierbouwer")
    maker.move(SupplierStatus.TOEGELATEN)
    key, token = ApiKey.issue(maker, hospital(agb="06990001"))
    ApiKey.update(per_minute=1_000_000).where(ApiKey.id == key.id).execute()
    server = make_server("localhost", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made = Client(f"http://localhost:{server.port}", token)
    made.key, made.supplier = key, maker
    yield made
    server.shutdown()
    thread.join()


def raw(name):
    return scenarios.wanted()[name].example.raw


@some.composite
def messages(draw):
    """An example with some of its attributes, elements or bytes changed; sometimes no message at all."""
    if draw(some.integers(0, 9)) == 0:
        return draw(some.binary(max_size=300))
    text = raw(draw(some.sampled_from(sorted(scenarios.wanted())))).decode()
    for _ in range(draw(some.integers(0, 4))):
        found = [*re.finditer(r'"[^"]*"', text)]
        place = draw(some.sampled_from(found))
        plain = some.text(
            some.characters(codec="utf-8", exclude_characters='"<&', exclude_categories=("Cc", "Cs")), max_size=40
        )
        odd = some.sampled_from(
            ["", "P", "T", "nieuw", "vervanging", "intrekking", "UNK", "0", "-1", "2026-02-30", "2026-03-05", "1e9"]
        )
        text = f'{text[: place.start()]}"{draw(odd | plain)}"{text[place.end() :]}'
    return text.encode()


accepts = some.sampled_from([JSON, XML, PROBLEM, "text/xml", "*/*", "text/html", f"{XML};q=0.1, {JSON}", "", "onzin"])
types = some.sampled_from(
    [XML] * 8 + ["text/xml", "application/xml; charset=utf-8", "application/xml; charset=latin-1", JSON, "", "x/y"]
)


def test_the_description_is_one_that_tools_understand(client):
    told = client.told
    assert told["openapi"] == "3.1.0" and told["servers"] and told["info"]["version"]
    for schema in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    names = [one["operationId"] for path in told["paths"].values() for one in path.values()]
    assert len(names) == len(set(names)) == 10
    for reference in re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(told)):
        assert reference in told["components"]["schemas"]


def test_every_address_for_software_is_described_and_no_other(app, client):
    rules = {
        (rule.rule.removeprefix("/lnr/v1").replace("<path:name>", "{name}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/lnr/v1/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert rules == {(path, method) for path, methods in client.told["paths"].items() for method in methods}


@WORK
@given(body=messages(), accept=accepts, kind=types, operation=some.sampled_from([DELIVER, CHECK, READ_BACK, BATCH]))
def test_whatever_is_sent_the_answer_is_one_that_was_described(client, body, accept, kind, operation):
    client.ask(operation, body, Accept=accept or None, Content_Type=kind)


@WORK
@given(name=some.text(min_size=1, max_size=80) | some.sampled_from(["../x", "a/b", "%00", "berichten"]), accept=accepts)
def test_whatever_is_asked_again_the_answer_is_one_that_was_described(client, name, accept):
    if not {"\ud800"} & set(name) and name.isprintable() and name.strip("./"):
        client.ask(AGAIN, name=name, Accept=accept or None)


@WORK
@given(header=some.sampled_from(["", "Bearer", "Bearer x", "Basic YTpi", "bearer lnr_"]) | some.text(
    some.characters(min_codepoint=33, max_codepoint=126), max_size=120))  # fmt: skip
def test_whatever_key_is_sent_the_answer_is_one_that_was_described(client, header):
    for operation, body in (
        (DELIVER, b"<a/>"),
        (CHECK, b"<a/>"),
        (READ_BACK, b"<a/>"),
        (BATCH, b"<a/>"),
        (AGAIN, None),
        (FAR, None),
        (SENT, None),
        (WRONG, None),
        (STATUS, None),
    ):
        status, _ = client.ask(operation, body, name="x", Authorization=header)
        assert status == 401


def test_every_status_that_a_message_can_bring_about_is_as_described(client):
    """What the random requests above may miss, one by one."""
    good, late = raw("minimaal"), raw("minimaal").replace(b'value="minimaal-1"', b'value="anders"')
    for accept in (JSON, XML, PROBLEM):
        assert client.ask(DELIVER, good, Accept=accept)[0] == 200
        assert client.ask(DELIVER, raw("geweigerd"), Accept=accept)[0] == 422
        assert client.ask(DELIVER, good.replace(b"2410", b"2420"), Accept=accept)[0] == 409
        assert client.ask(DELIVER, b"geen xml", Accept=accept)[0] == 400
        assert client.ask(DELIVER, good.replace(b"06990001", b"06990002"), Accept=accept)[0] == 403
        assert client.ask(DELIVER, b" " * (SIZE + 1), Accept=accept)[0] == 413
        assert client.ask(DELIVER, good, Accept=accept, Content_Type="text/plain")[0] == 415
        assert client.ask(CHECK, good, Accept=accept)[0] == 200
        assert client.ask(CHECK, raw("geweigerd"), Accept=accept)[0] == 422
        assert client.ask(AGAIN, name="minimaal-1", Accept=accept)[0] == 200
        assert client.ask(AGAIN, name="niets", Accept=accept)[0] == 404
    assert client.ask(DELIVER, late)[0] in (409, 422)
    assert client.ask(FAR)[0] == client.ask(SENT)[0] == client.ask(WRONG)[0] == client.ask(STATUS)[0] == 200
    assert client.ask(READ_BACK, good)[0] == 200 and client.ask(READ_BACK, b"geen xml")[0] == 400
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("een.xml", good)
        archive.writestr("twee.xml", raw("geweigerd"))
    status, told = client.ask(BATCH, packed.getvalue(), Content_Type=ZIP)
    assert status == 200 and [one["status"] for one in told["results"]] == [200, 422]
    assert client.ask(BATCH, b"niets", Content_Type=ZIP)[0] == 400


def test_a_busy_or_suspended_supplier_is_told_so_as_described(client):
    ApiKey.update(per_minute=0).where(ApiKey.id == client.key.id).execute()
    # The first of a minute always goes on, and a minute may end here once.
    assert 429 in [client.ask(DELIVER, raw("minimaal"))[0] for _ in range(3)]
    assert 429 in [client.ask(CHECK, raw("minimaal"))[0] for _ in range(3)]

    client.supplier.move(SupplierStatus.GESCHORST)
    for operation in (DELIVER, CHECK, READ_BACK, BATCH, AGAIN, FAR, SENT, WRONG, STATUS):
        assert client.ask(operation, raw("minimaal") if operation[0] == "post" else None, name="x")[0] == 403


def test_an_answer_that_the_description_does_not_know_is_found(client):
    client.told["paths"]["/controle"]["post"]["responses"].pop("422")
    with pytest.raises(AssertionError, match="422"):
        client.ask(CHECK, raw("geweigerd"))
