"""docs/operations.md followed line by line, as far as a machine allows on which nobody may install (debian.py)."""

import re
import socket
import ssl
import tempfile
import threading
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode

import pytest
from passlib.totp import TOTP

from settings import ROOT, VERSION
from tests import make, smtp
from tests.certificates import Authority
from tests.operations.debian import PATIENCE, Debian
from tests.wait import until


def lines_of(section):
    """The commands of a section of docs/operations.md."""
    told = (ROOT / "docs" / "operations.md").read_text().partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return re.findall(r"^       (\S.*)$", told, re.M)


@pytest.fixture
def scanner():
    """The address of a clamd that says it is there; a short one, for a socket has no room for a long one."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{folder}/clamd")
        listening.listen()

        def answer():
            while True:
                try:
                    caller, _ = listening.accept()
                except OSError:
                    return
                with caller:
                    caller.recv(100)
                    caller.sendall(b"PONG\0")

        threading.Thread(target=answer, daemon=True).start()
        yield f"unix:{folder}/clamd"


@pytest.fixture
def office():
    with smtp.serving() as office:
        yield office


@pytest.fixture
def debian(tmp_path, require, office, scanner):
    require("systemd"), require("curl")
    (tmp_path / "debian").mkdir()
    authority = Authority(tmp_path)
    changes = {"SMTP_URL": office.url, "CLAMD_URL": scanner, "TRUSTED_CA": authority.file}
    machine = Debian(tmp_path / "debian", authority, changes, require("nginx"))
    yield machine
    machine.off()


class Browser:
    """A browser without script, that trusts our authority."""

    def __init__(self, machine):
        handler = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=machine.environment["CURL_CA_BUNDLE"]))
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), handler, urllib.request.HTTPCookieProcessor(CookieJar())
        )
        self.address, self.text, self.url = machine.address, "", machine.address

    def get(self, path, data=None):
        # The proxy tells the portal no port, for it is on 443.
        asked = urllib.request.Request(self.address + path.removeprefix(self.address), data, {"Referer": "https://localhost/"})
        with self.opener.open(asked, timeout=PATIENCE) as answer:
            self.text, self.url = answer.read().decode(), answer.url
        return self

    def post(self, path, **fields):
        key = re.search(r'name="csrf_token" value="([^"]+)"', self.text)[1]
        return self.get(path, urlencode({"csrf_token": key, **fields}).encode())


def first_log_in(browser, link):
    """Of the first beheerder, by the link of the invitation: a password, and the second step that everybody has to set up."""
    browser.get(link).post(link, password=make.PASSWORD, password_confirm=make.PASSWORD)
    browser.get("/inloggen").post("/inloggen", email="beheer@example.nl", password=make.PASSWORD)
    assert browser.url.endswith("/tweede-stap")
    browser.post("/tweede-stap/app", setup="authenticator")
    key = re.search(r'class="secret">([^<]+)', browser.text)[1]
    browser.post(re.search(r'action="(/tweede-stap/app/[^"]+)"', browser.text)[1], code=TOTP(key).generate().token)
    assert browser.url.endswith("/tweede-stap/herstelcodes")
    browser.post("/tweede-stap/herstelcodes", generate_new_codes="1")


def test_an_administrator_installs_upgrades_and_goes_back_by_the_book(debian, office):
    installing, upgrading, back = map(lines_of, ("Installing", "Upgrading", "Going back"))
    versions = re.findall(r"/root/(meldportaal-[\d.]+)\.tar\.gz", "\n".join([*installing, *upgrading]))
    assert len(versions) == 2 and versions[0] == f"meldportaal-{VERSION}"
    for name in versions:
        debian.deliver(name)

    told = debian.follow(installing)
    assert "meldportaal check" in told and '"database"' in told.partition("$ curl")[2]
    invited = {"beheer@example.nl", "tweede.beheerder@example.nl"}
    until(lambda: invited <= set(office.addressees), PATIENCE)
    browser = Browser(debian)
    first_log_in(browser, re.search(rf"{debian.address}/wachtwoord-vergeten/\S+", told)[0])
    assert "Toestand" in browser.get("/beheer/toestand/").text
    (first,) = debian.backups()

    debian.follow(upgrading)
    assert "Toestand" in browser.get("/beheer/toestand/").text and debian.serves() == versions[1]
    assert debian.backups()[0] == first and len(debian.backups()) == 2

    before = debian.backups()[1]
    debian.follow(["systemctl start meldportaal-backup"])  # as each night does
    assert len(debian.backups()) == 3

    told = debian.follow([line.replace("2026-12-01T090000", before) for line in back])
    debian.listens()
    assert "release" in told and debian.serves() == versions[0]
    assert "/inloggen" in browser.get("/account").url
    browser.post("/inloggen", email="beheer@example.nl", password=make.PASSWORD)
    assert browser.url.endswith("/inloggen/code")
