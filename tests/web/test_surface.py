"""What the web sees of the portal: every page of every role, every status, whatever is sent."""

import dataclasses
import inspect
import io
import os
import re
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from peewee import OperationalError

from admin_views.web import request_frame, security_txt
from commands import processes
from models import clock
from models.cases.case import Case
from models.cases.requested_document import RequestedDocumentAnswer
from settings import ROOT, settings
from tests import make, rights
from tests.accounts.test_login import post
from tests.smtp import free_port
from tests.web.pages import form_key, send

OUR_OWN = ("-", "eigen", "lza1", "goedgekeurd", "nethoss")
TELLTALES = re.compile(r"Traceback|Werkzeug|werkzeug|Flask|Python/|peewee|gunicorn|/site-packages/|File \"")
NASTY = ("\x00", "💥\u202e\ud7ff", "1' OR '1'='1", "-1", "9" * 400, "a" * 20_000)
BODIES = (
    (b"[]", "application/json"),
    (b"{", "application/json"),
    (b"\xff\xfe\x00", "text/plain"),
    (b'--x\r\nContent-Disposition: form-data; name="a"\r\n', "multipart/form-data; boundary=x"),
    (b"a", "multipart/form-data"),
    (b"%ff=%ff&%00", "application/x-www-form-urlencoded"),
)
SENDERS = ("melder", "coordinator", "lza1-coordinator", "beheerder", "lnr-contact", "lnr-beheer")
ASKED = "page sort search id url next page_size desc flt0_0 bladzijde van soort na tot zoek stapel thema".split()


def _fields():
    """The names under which our own views look for something in a form, so that a new one is sent nonsense too."""
    looked_up = re.compile(r"""(?:form|values)(?:\.get(?:list)?\(|\[)"([^"]+)\"""")
    return {name for path in SCREENS.rglob("*.py") for name in looked_up.findall(path.read_text())}


SCREENS = ROOT / "admin_views"
FIELDS = _fields()
LOOKED_UP = re.compile(r"""form(?:\.get\(|\[)"([^"]+)\"""")
# What a form says besides the field that is nonsense, so that the nonsense is reached.
ALONG = {"reporting.answer": {"antwoord": "niet beschikbaar"}}


class Page(HTMLParser):
    """Everything in a page that the content policy would refuse, as sentences."""

    def __init__(self, nonce):
        super().__init__()
        self.nonce, self.wrong = nonce, []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        for name, value in attributes:
            if name.startswith("on") or name == "style":
                self.wrong.append(f"<{tag} {name}=…>")
            if name in ("src", "href", "action", "formaction") and self._elsewhere(tag, value or "", given.get("rel")):
                self.wrong.append(f"<{tag} {name}={value}>")
        if tag in ("script", "style") and "src" not in given and given.get("nonce") != self.nonce:
            self.wrong.append(f"<{tag}> without this answer's nonce")

    def _elsewhere(self, tag, value, relation):
        value = "".join(value.split()).lower()
        # What a search engine reads as the same page in another language is not fetched; it has to name our host.
        follows = tag == "a" or (relation == "alternate" and value.startswith(f"{settings.portal_url}/"))
        return value.startswith(("javascript:", "vbscript:", "data:text")) or (not follows and bool(urlsplit(value).netloc))


# Of a mail in its frame: it brings its own styles, and may fetch and run nothing.
OF_A_MAIL = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; sandbox "


def refused_by_policy(answer):
    if answer.headers["Content-Security-Policy"].startswith(OF_A_MAIL):
        return []
    nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
    page = Page(nonce and nonce.group(1))
    page.feed(answer.text)
    return page.wrong


def unprotected(answer):
    """What is missing from the headers of an answer, as sentences."""
    policy = answer.headers.get("Content-Security-Policy", "").removeprefix(OF_A_MAIL)
    expected = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    wrong = [f"{name}: {answer.headers.get(name)}" for name, value in expected.items() if answer.headers.get(name) != value]
    wrong += [
        f"policy lacks {word}"
        for word in ("default-src", "frame-ancestors")
        if word not in answer.headers["Content-Security-Policy"]
    ]
    if "unsafe" in policy or "*" in policy or "http:" in policy:
        wrong.append(f"policy: {policy}")
    if answer.headers.get("X-Frame-Options") not in ("DENY", "SAMEORIGIN"):
        wrong.append("may be framed")
    if "X-Powered-By" in answer.headers or re.search(r"\d", answer.headers.get("Server", "")):
        wrong.append("tells its version")
    return wrong


def routes(app, method):
    rules = (rule for rule in app.url_map.iter_rules() if method in rule.methods)
    return [rule for rule in rules if not rule.endpoint.endswith("static")]


def own_addresses(rule, world):
    """The addresses of this route with a row that somebody of hospital A, or of a process, may reach."""
    return [path for row, path in rights.addresses(rule, world).items() if row in OUR_OWN]


@pytest.mark.parametrize("role", list(rights.ROLES))
def test_every_page_obeys_its_policy_and_looking_changes_nothing(app, world, login, role):
    wrong, seen, client = [], set(), app.test_client()
    before, person, let_in, turned_away = rights.state(), world.people.get(role), rights.lets_in(role), 0
    for rule in routes(app, "GET"):
        for path in own_addresses(rule, world):
            # Who is turned away reads the same few pages everywhere: at the first twenty addresses they are looked at.
            if (rule.endpoint, "GET") not in let_in:
                turned_away += 1
                if turned_away > 20:
                    continue
            # Logging in costs as much as asking; who was sent to the log-in page begins again.
            if person and not client.get_cookie(app.config["SESSION_COOKIE_NAME"]):
                login(client, person)
            answer = client.get(path)
            if answer.status_code == 302 and answer.location.startswith("/inloggen"):
                client = app.test_client()
            seen.add(answer.status_code)
            if answer.status_code >= 500:
                wrong.append(f"{path}: {answer.status_code}")
            wrong += [f"{path}: {sentence}" for sentence in unprotected(answer)]
            if answer.mimetype == "text/html":
                wrong += [f"{path}: {sentence}" for sentence in refused_by_policy(answer)]
            answer.close()

    assert wrong == []
    assert 200 in seen
    assert rights.state() == before


def test_the_check_of_a_page_finds_what_the_policy_refuses():
    page = Page("abc")
    page.feed(
        '<p style="color:red" onclick="x()"><script>1</script><script nonce="abc">1</script><a href=" JavaScript:x">'
        '<img src="//evil.example/x"><form action="https://evil.example"><a href="https://perined.nl">'
    )
    assert len(page.wrong) == 6


def _broken(*args, **kwargs):
    raise RuntimeError("CNRY-SECRET in the message")


def _unreachable(*args, **kwargs):
    raise OperationalError("CNRY-SECRET of the database")


@pytest.fixture
def statuses(app, login, monkeypatch):
    """{status: an answer with it}, one of every kind that the portal gives."""
    monkeypatch.setattr(app, "testing", False)
    melder, browser = make.user(), app.test_client()
    case = make.case(by=melder)
    login(browser, melder)
    monkeypatch.setitem(app.view_functions, "account", _broken)
    big = app.test_client().post("/inloggen", data={"x": io.BytesIO(b"x" * 5_000_000)}, content_type="multipart/form-data")
    key = form_key_of(browser, case)
    stale = browser.post(f"/melding/{case.key}/indienen", data={"csrf_token": key, "ronde": "99"})
    script = {"Accept": "application/json", "X-CSRFToken": key}
    moved = browser.post(f"/melding/{case.key}/intrekken", data={"ronde": "99"}, headers=script)
    for number in range(6):
        slowed = post(app.test_client(), "/inloggen", email=melder.email, password=f"verkeerd {number}")
    monkeypatch.setitem(app.view_functions, "second_step", _unreachable)
    answers = {
        200: browser.get("/meldingen/"),
        302: stale,
        400: browser.post("/uitloggen"),
        403: browser.get("/beheer/logboek/"),
        404: browser.get("/niets"),
        405: browser.delete("/meldingen/"),
        409: moved,
        413: big,
        429: slowed,
        500: browser.get("/account"),
        503: browser.get("/tweede-stap"),
    }
    assert {status: answer.status_code for status, answer in answers.items()} == {status: status for status in answers}
    return answers


def form_key_of(browser, case):
    return re.search(r'name="csrf-token" content="([^"]+)"', browser.get(f"/melding/{case.key}/").text).group(1)


def test_every_status_carries_the_headers_and_tells_nothing_of_the_inside(statuses):
    for status, answer in statuses.items():
        assert unprotected(answer) == [], status
        assert refused_by_policy(answer) == [], status
        assert not TELLTALES.search(answer.text) and "CNRY-SECRET" not in answer.text, status


def test_an_error_is_a_dutch_page_with_a_way_on(statuses):
    for status in (400, 403, 404, 405, 413, 429, 500, 503):
        assert '<html lang="nl">' in statuses[status].text and "<h1" in statuses[status].text, status


def test_over_https_every_status_tells_browsers_to_stay_there(monkeypatch, app, login, request):
    monkeypatch.setattr(request_frame, "settings", dataclasses.replace(settings, portal_url="https://localhost"))
    for status, answer in request.getfixturevalue("statuses").items():
        assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains", status


def _malformed(rule, world, methods, tried):
    """Requests that no page of ours sends, as arguments for the test client; few where another role `tried` them all."""
    for nasty in NASTY[: 1 if (rule.endpoint, "GET") in tried else None] if "GET" in methods else ():
        yield "GET", {"query_string": dict.fromkeys(ASKED, nasty)}
    if "POST" not in methods:
        return
    again = (rule.endpoint, "POST") in tried
    names = {*rights.form(rule, None, world), *FIELDS, "csrf_token", "email", "password", "name", "code", "url"}
    for nasty in NASTY[: 1 if again else None]:
        yield "POST", {"data": dict.fromkeys(names, nasty)}
    for body, kind in () if again else BODIES:
        yield "POST", {"data": body, "content_type": kind}


@pytest.mark.db_dialect
@pytest.mark.parametrize("role", SENDERS)
def test_whatever_is_sent_no_route_that_lets_one_in_falls_over(app, world, login, monkeypatch, role):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    open_doors, wrong = rights.lets_in(role), []
    # How nonsense is read asks hardly anybody's role: all of it once for each route, and a taste of it for who comes after.
    tried = set().union(*(rights.lets_in(before) for before in SENDERS[: SENDERS.index(role)]))
    # All at once: some of what is sent withdraws what others are about.
    rules = [rule for rule in app.url_map.iter_rules() if not rule.endpoint.endswith("static")]
    for rule, path in [(rule, own_addresses(rule, world)[0]) for rule in rules]:
        open_here = {method for method in rule.methods if (rule.endpoint, method) in open_doors}
        client = login(app.test_client(), world.people[role]) if open_here else None
        for method, sent in _malformed(rule, world, open_here, tried):
            try:
                # A query of its own takes the place of the one with the row.
                answer = client.open(path.partition("?")[0] if "query_string" in sent else path, method=method, **sent)
            except Exception as fault:  # what a person would read as 'Er ging iets mis'
                wrong.append(f"{method} {path} {str(sent)[:80]}: {type(fault).__name__} {str(fault)[:80]}")
                continue
            if answer.status_code >= 500:
                wrong.append(f"{method} {path} {str(sent)[:80]}: {answer.status_code}")
            answer.close()
    assert wrong == []


def _texts(app, rule):
    """The names under which this page itself looks for something in its form."""
    view = inspect.unwrap(app.view_functions[rule.endpoint])
    source, module = inspect.getsource(view), sys.modules[view.__module__]
    beside = [getattr(module, name, None) for name in set(re.findall(r"\b(_\w+)\b", source))]
    return set(LOOKED_UP.findall(source + "".join(inspect.getsource(one) for one in beside if inspect.isfunction(one))))


@pytest.mark.db_dialect
@pytest.mark.parametrize("role", ["melder", "coordinator", "lza1-coordinator", "beheerder"])
def test_one_field_of_nonsense_among_good_ones_is_refused_in_words_and_keeps_nothing(app, world, login, monkeypatch, role):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    wrong, client = [], login(app.test_client(), world.people[role])
    for rule in routes(app, "POST"):
        row, path = next((row, path) for row, path in rights.addresses(rule, world).items() if row in OUR_OWN)
        case = world.cases.get(row)
        good = rights.form(rule, case and Case.get_by_id(case.id), world) | ALONG.get(rule.endpoint, {})
        for name in _texts(app, rule) & {"reden", "reason", *good} - {"action", "lijst"}:
            answer = client.post(path, data=good | {name: "a\x00b"})
            if answer.status_code >= 500:
                wrong.append(f"{path} {name}: {answer.status_code}")
            answer.close()
    assert wrong == []
    kept = [*Case.select(Case.closed_why).tuples(), *RequestedDocumentAnswer.select(RequestedDocumentAnswer.reason).tuples()]
    assert not [text for (text,) in kept if "\x00" in text]


@pytest.mark.parametrize(
    "fields",
    [{f"x{number}": "1" for number in range(1001)}, {"email": "x" * 600_000}, {"email": "\r" * 3_000_000}],
    ids=["1001 fields", "a field of 600 kB", "3 MB of line ends"],
)
def test_a_form_that_is_too_much_is_refused_in_words_and_soon(client, fields):
    began = time.monotonic()
    answer = client.post("/inloggen", data=fields, content_type="multipart/form-data")

    assert answer.status_code in (400, 413) and "<h1" in answer.text
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "path",
    ["/%ff", "/%00", "/melding/%c0%af/", "/" + "a" * 9000, "/..%2f..%2fetc/passwd", "/console", "/beheer/%E2%80%AE/", "//x"],
)
def test_a_strange_address_is_an_ordinary_not_found(client, path):
    answer = client.get(path)
    assert answer.status_code in (301, 302, 308, 400, 404)
    assert not TELLTALES.search(answer.text)


@pytest.mark.parametrize("cookie", ["portaal=x; apparaat=\x7f", "=;;;=", "portaal=" + "e" * 4000, 'portaal="\\377"'])
def test_a_broken_cookie_is_a_visitor(client, cookie):
    assert client.get("/meldingen/", headers={"Cookie": cookie}).status_code == 302


# ---- log-out, security.txt, the process itself -----------------------------------------------------------------------


def test_logging_out_clears_what_the_browser_kept(app, login):
    browser = login(app.test_client(), make.user())

    assert "Clear-Site-Data" not in browser.get("/meldingen/").headers
    answer = send(browser, "/uitloggen")

    assert answer.status_code == 302 and answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert browser.get("/meldingen/").status_code == 302


def test_another_site_cannot_log_somebody_out(app, login):
    browser = login(app.test_client(), make.user())
    assert form_key(browser)

    assert browser.get("/uitloggen").status_code == 405 and browser.post("/uitloggen").status_code == 400
    assert browser.get("/meldingen/").status_code == 200


@pytest.mark.parametrize("sender", ["noreply@example.com", "mijnPerined <noreply@example.com>"])
def test_who_found_a_hole_reads_where_to_tell_it(client, monkeypatch, sender):
    monkeypatch.setattr(security_txt, "settings", dataclasses.replace(settings, mail_from=sender))
    answer = client.get("/.well-known/security.txt")
    lines = dict(line.split(": ", 1) for line in answer.text.splitlines())

    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert lines["Contact"] == "mailto:security@example.com"
    expires = datetime.fromisoformat(lines["Expires"].removesuffix("Z"))
    assert timedelta(days=30) < expires - clock.now() < timedelta(days=365)
    assert lines["Canonical"] == "http://localhost/.well-known/security.txt"


LOCAL, LAST = b"Host: localhost\r\n", b"Connection: close\r\n\r\n"
POST = b"POST /inloggen HTTP/1.1\r\n" + LOCAL
MESSES = {
    "no request at all": b"\x00\x01\x02\r\n\r\n",
    "a header of 100 kB": b"GET /inloggen HTTP/1.1\r\n" + LOCAL + b"X-Long: " + b"a" * 100_000 + b"\r\n\r\n",
    "a length below zero": POST + b"Content-Length: -5\r\n\r\n",
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "length and chunks": POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown method": b"FLY /inloggen HTTP/1.1\r\n" + LOCAL + LAST,
    "no host": b"GET /inloggen HTTP/1.1\r\n" + LAST,
    "a foreign host": b"GET /inloggen HTTP/1.1\r\nHost: evil.example\r\n" + LAST,
    "bytes that are no text": b"GET /inloggen?\xff\xfe=%ff HTTP/1.1\r\n" + LOCAL + b"Cookie: \xff\r\n" + LAST,
}


def test_the_server_process_survives_every_mess_and_tells_no_version():
    port = free_port()
    server = subprocess.Popen(processes.web_command("127.0.0.1", port, 1), env=dict(os.environ), stderr=subprocess.DEVNULL)
    try:
        _until_it_answers(port)
        for name, mess in MESSES.items():
            answer = _talk(port, mess)
            status = re.match(rb"HTTP/1\.\d (\d+)", answer)
            assert answer == b"" or (status and status.group(1)[:1] in b"24"), (name, answer[:300])
            assert not re.search(rb"(?i)server: .*\d|traceback|site-packages", answer), (name, answer[:300])
        assert b" 200 OK" in _talk(port, b"GET /inloggen HTTP/1.1\r\n" + LOCAL + LAST)
        assert server.poll() is None
    finally:
        server.terminate()
        server.wait(30)


def _until_it_answers(port):
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail("the server never came up")


def _talk(port, sent):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        try:
            line.sendall(sent)
            answer = b""
            while part := line.recv(65536):
                answer += part
        except (ConnectionError, TimeoutError):
            pass  # hanging up on a mess is an answer
    return answer
