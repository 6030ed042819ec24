"""Nobody can occupy the portal: senders that are slow, many or large, against the real process, bare and behind nginx."""

import contextlib
import http.client
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from admin_views.web import request_gate as gate
from commands.web_worker import HEADER_SECONDS
from settings import settings
from tests import make
from tests import proxy as nginx
from tests.faults.web import Person, Server
from tests.wait import until

STRANGERS = 24  # three for each thread
HEADERS = b"GET /inloggen HTTP/1.1\r\nHost: localhost\r\nX-Long"
FORM = (
    b"POST /inloggen HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 5000\r\n\r\n"
)


@pytest.fixture(scope="module")
def server(schema):
    with Server(PROXY_HOPS="1") as server:
        yield server


@contextlib.contextmanager
def sending(port, began, context=None):
    """STRANGERS connections that send `began` and then a byte a second."""
    stop, lines = threading.Event(), []

    def drip():
        while not stop.wait(1):
            for line in lines:
                with contextlib.suppress(OSError):
                    line.sendall(b"a")

    for _ in range(STRANGERS):
        line = socket.create_connection(("localhost", port), timeout=10)
        lines.append(context.wrap_socket(line, server_hostname="localhost") if context else line)
        lines[-1].sendall(began)
    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        yield lines
    finally:
        stop.set()
        dripping.join()
        for line in lines:
            line.close()


def opens(port, context=None):
    """How long the log-in page takes; it must come."""
    began = time.monotonic()
    if context:
        connection = http.client.HTTPSConnection("localhost", port, timeout=20, context=context)
    else:
        connection = http.client.HTTPConnection("localhost", port, timeout=20)
    connection.request("GET", "/inloggen", headers={"Host": "localhost"})
    assert connection.getresponse().status == 200
    return time.monotonic() - began


@pytest.mark.parametrize("began", [HEADERS, FORM], ids=["headers", "a form"])
def test_slow_strangers_keep_nobody_out(server, began):
    until(lambda: opens(server.port) < 5, 60)
    with sending(server.port, began):
        assert max(opens(server.port) for _ in range(3)) < 5


def test_a_slow_header_and_a_slow_form_are_ended(server):
    with sending(server.port, HEADERS) as lines:
        for line in lines[:3]:
            line.settimeout(HEADER_SECONDS * 3)
            assert line.recv(100) == b""
    with sending(server.port, FORM) as lines:
        lines[0].settimeout(gate.GRACE * 3)
        assert b" 408 " in lines[0].recv(1000)


def test_files_that_come_in_slowly_keep_no_page_waiting(app, server):
    """Uploads of people who are logged in hold half of the places, and no more."""
    case = make.case()
    person = Person(app, server, case.reporter)
    head = (
        f"PUT /melding/{case.key}/bestanden HTTP/1.1\r\nHost: {settings.host}\r\nCookie: {person.headers['Cookie']}\r\n"
        f"X-CSRFToken: {person.headers['X-CSRFToken']}\r\nContent-Type: application/octet-stream\r\n"
        "X-File-Name: film.mp4\r\nAccept: application/json\r\nContent-Length: 90000\r\n\r\n"
    )
    with sending(server.port, head.encode()):
        time.sleep(1)
        assert max(opens(server.port) for _ in range(3)) < 5
        assert person.ask("GET", "/meldingen/").status == 200


def test_who_is_not_logged_in_sends_no_more_than_a_form(client, server):
    connection = http.client.HTTPConnection("localhost", server.port, timeout=20)
    connection.request("POST", "/inloggen", b"a" * (gate.ANONYMOUS + 1), {"Host": "localhost"})
    answer = connection.getresponse()
    assert answer.status == 413 and answer.getheader("X-Content-Type-Options") == "nosniff"
    assert "te groot" in answer.read().decode()
    # With a cookie that is nobody's the application itself says so.
    client.set_cookie("portaal", "niemand")
    assert client.post("/inloggen", data={"email": "a" * 70_000}).status_code == 413
    assert client.post("/inloggen", data={"email": "a" * 30_000}).status_code != 413


def test_bodies_that_never_end_are_cut_off(server):
    head = b"POST /inloggen HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("localhost", server.port), timeout=20) as line:
        line.sendall(head)
        with contextlib.suppress(OSError):
            for _ in range(20):
                line.sendall(b"2000\r\n" + b"a" * 0x2000 + b"\r\n")
        assert b" 413 " in line.recv(1000)


# ---- behind the proxy that is shipped -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def proxy(server, require, tmp_path_factory):
    """(port, client's context) of nginx in front of the server."""
    with nginx.serving(tmp_path_factory.mktemp("nginx"), [server.port], require("nginx")) as front:
        yield front.port, front.context


@pytest.mark.parametrize("began", [HEADERS, FORM], ids=["headers", "a form"])
def test_behind_the_shipped_proxy_slow_strangers_keep_nobody_out(proxy, began):
    port, context = proxy
    with sending(port, began, context):
        assert max(opens(port, context) for _ in range(3)) < 5


def test_the_shipped_proxy_sends_files_on_as_they_come_and_gathers_the_rest(proxy):
    port, context = proxy
    for method, path, status in (
        ("PUT", "/melding/onbekend/bestanden", 400),
        ("PATCH", "/melding/onbekend/bestanden/delen/onbekend", 400),
        ("PUT", "/uploadlink/onbekend/bestanden", 400),
        ("PATCH", "/uploadlink/onbekend/bestanden/delen/onbekend", 400),
        ("POST", "/inloggen", 413),
    ):
        connection = http.client.HTTPSConnection("localhost", port, timeout=20, context=context)
        connection.putrequest(method, path)
        connection.putheader("Content-Type", "application/octet-stream")
        connection.putheader("Content-Length", str(50_000_000))
        connection.endheaders()
        connection.send(b"a" * 1000)
        assert connection.getresponse().status == status, path
        connection.close()


@pytest.mark.parametrize("length", ["Content-Length: 4000000", "Transfer-Encoding: chunked"], ids=["told", "chunks"])
@pytest.mark.parametrize(
    "shown", ["", "Cookie: portaal=x\r\n", "Authorization: Bearer x\r\n"], ids=["nothing", "a cookie", "a key"]
)
def test_the_shipped_proxy_holds_no_more_for_a_stranger_than_the_portal_takes(proxy, shown, length):
    """Refused by the portal before the body is here: the proxy does not gather it first, whatever a stranger shows."""
    port, context = proxy
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    with socket.create_connection(("localhost", port), timeout=gate.GRACE - 2) as line:
        line = context.wrap_socket(line, server_hostname="localhost")
        line.sendall(f"POST /inloggen HTTP/1.1\r\nHost: localhost\r\n{shown}{length}\r\n\r\n".encode())
        line.sendall(chunk if "chunked" in length else b"a" * 1000)
        assert b" 413 " in line.recv(1000)


def test_behind_the_shipped_proxy_who_is_logged_in_sends_a_large_form(app, server, proxy):
    case = make.case()
    person = Person(app, SimpleNamespace(port=proxy[0]), case.reporter, proxy[1])
    heard = [person.post(f"/melding/{case.key}/notitie", text="a" * size) for size in (1000, 200_000)]
    assert [one.status for one in heard] == [heard[0].status] * 2 and heard[0].status != 413


def test_behind_the_shipped_proxy_who_guesses_waits_and_nobody_else_does(proxy):
    port, context = proxy

    def post(line, address="/inloggen"):
        line.request("POST", address, "x=1", {"Content-Type": "application/x-www-form-urlencoded"})
        answer = line.getresponse()
        return answer.status, answer.getheader("Retry-After"), answer.read().decode()

    def line(place="127.0.0.1"):
        return http.client.HTTPSConnection("localhost", port, timeout=20, context=context, source_address=(place, 0))

    def guess(_):
        guesser = line("127.0.0.3")
        return [post(guesser) for _ in range(15)]

    with ThreadPoolExecutor(20) as guessers:
        found = [heard for some in guessers.map(guess, range(20)) for heard in some]
    waits = [(wait, "Wacht tien seconden" in text) for status, wait, text in found if status == 429]
    assert 40 < len(waits) < len(found) - 40 and set(waits) == {("10", True)}
    assert post(line("127.0.0.2"))[0] != 429 and opens(port, context) < 5
    assert post(line(), "/lnr/v1/berichten")[0] != 429, "suppliers have a limit of their own"
