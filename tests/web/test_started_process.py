"""What the documentation promises of the running portal, tried at its started process as a browser behind a proxy meets it."""

import http.client
import re
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest

from admin_views.web import request_gate as gate
from models.files.document import Document
from models.files.sandbox.readers.pdf import SCRIPT
from settings import settings
from tests import make
from tests.faults.web import Server
from tests.files import corpus
from tests.files.test_memory import SIZE, large_docx
from tests.wait import until

HOME = f"https://{settings.host}"


@pytest.fixture(scope="module")
def server(schema):
    with Server(PORTAL_URL=HOME, PROXY_HOPS="1") as server:
        until(lambda: Browser(server).get("/healthz").status == 200, 60)
        yield server


class Browser:
    """Keeps its cookies, and comes over https through one proxy. `address`: of the person behind it."""

    def __init__(self, server, address="203.0.113.9", cookies=()):
        self.port, self.address, self.cookies = server.port, address, dict(cookies)

    def ask(self, method, path, body=None, **headers):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        sent = {"Host": settings.host, "Referer": f"{HOME}/", "X-Forwarded-Proto": "https", "X-Forwarded-For": self.address}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        line.request(method, path, body, sent | headers)
        answer = line.getresponse()
        answer.text = answer.read().decode()
        for one in answer.headers.get_all("Set-Cookie", ()):
            self.cookies.update({name: kept.value for name, kept in SimpleCookie(one).items()})
        line.close()
        return answer

    def get(self, path):
        return self.ask("GET", path)

    def key(self, path):
        return re.search(r'name="csrf(?:_|-)token" (?:value|content)="([^"]+)"', self.get(path).text)[1]

    def post(self, path, at, **form):
        body = urlencode({"csrf_token": self.key(at), **form})
        return self.ask("POST", path, body, **{"Content-Type": "application/x-www-form-urlencoded"})

    def log_in(self, user, password=make.PASSWORD):
        return self.post("/inloggen", "/inloggen", email=user.email, password=password)

    def put(self, case, name, content, size=None):
        about = {"X-File-Name": name, "Content-Type": "application/octet-stream", "Accept": "application/json"}
        about |= {"X-CSRFToken": self.key("/account"), "Content-Length": str(size or len(content))}
        return self.ask("PUT", f"/melding/{case.key}/bestanden", content, **about)


def entered(server, user, **more):
    browser = Browser(server, **more)
    assert browser.log_in(user).status == 302
    assert browser.get("/account").status == 200
    return browser


@pytest.mark.parametrize(("path", "status"), [("/inloggen", 200), ("/account", 302), ("/niets", 404), ("/healthz", 200)])
def test_headers_and_cookies_protect_whoever_comes_over_https(server, path, status):
    answer = Browser(server).get(path)
    assert answer.status == status and "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "max-age=63072000" in answer.headers["Strict-Transport-Security"]
    assert (answer.headers["X-Frame-Options"], answer.headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert answer.headers["Cache-Control"] == "no-store" and "X-Powered-By" not in answer.headers
    for cookie in answer.headers.get_all("Set-Cookie", ()):
        assert cookie.startswith("__Host-") and all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert path != "/inloggen" or answer.headers["Set-Cookie"]


def test_after_five_wrong_passwords_the_right_one_waits_and_nobody_else_does(server):
    victim, other = make.user(), make.user()
    for _ in range(5):
        assert Browser(server).log_in(victim, "Fout-wachtwoord-2026!").status == 200
    assert Browser(server).log_in(victim).status == 429
    entered(server, other)


def test_a_copied_cookie_is_dead_after_log_out_and_the_other_sessions_end_by_a_button(server):
    user = make.user()
    here, there = entered(server, user), entered(server, user, address="198.51.100.7")
    copied = Browser(server, cookies=here.cookies)
    assert copied.get("/account").status == 200
    here.post("/account/andere-sessies", "/account")
    assert (there.get("/account").status, here.get("/account").status) == (302, 200)
    copied = Browser(server, cookies=here.cookies)
    here.post("/uitloggen", "/account")
    assert (copied.get("/account").status, here.get("/account").status) == (302, 302)


def test_a_stranger_sends_no_more_than_a_form_and_no_form_without_its_key(server):
    stranger = Browser(server)
    assert stranger.ask("POST", "/inloggen", b"a" * (gate.ANONYMOUS + 1)).status == 413
    assert stranger.ask("POST", "/inloggen", b"email=x").status == 400


def test_a_hostile_document_is_refused_at_the_door_and_not_kept(server):
    case = make.case()
    melder = entered(server, case.reporter)
    answer = melder.put(case, "verslag.pdf", corpus.HOSTILE["pdf: opent een script"][1])
    assert answer.status == 422 and SCRIPT in answer.text and not Document.select().exists()
    assert melder.put(case, "programma.exe", b"MZ" + bytes(2000)).status >= 400 and not Document.select().exists()
    assert melder.put(case, "verslag.pdf", make.PDF).status == 201 and Document.get().name == "verslag.pdf"
    assert entered(server, make.user()).get(f"/melding/{case.key}/").status == 404


def megabytes(pid, name):
    return int(re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)[1]) / 1000


def test_six_documents_of_96_mb_at_once_grow_the_web_process_by_at_most_64_mb(server):
    head, tail = large_docx()
    cases = [make.case() for _ in range(6)]
    melders = [entered(server, case.reporter) for case in cases]
    pid = server.worker()

    def body():
        yield head
        left = SIZE - len(head) - len(tail)
        while left:
            block = bytes(min(left, 65_536))
            left -= len(block)
            yield block
        yield tail

    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the highest of its memory counts from here
    before = megabytes(pid, "VmRSS")
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda melder, case: melder.put(case, "groot.docx", body(), SIZE), melders, cases))
    assert [answer.status for answer in answers] == 6 * [201]
    assert server.worker() == pid and megabytes(pid, "VmHWM") - before <= 64
