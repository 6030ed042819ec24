"""`app.py check`: what is wrong is found by trying it, before somebody needs it."""

import http.server
import shutil
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest

from models import outgoing
from models.accounts.identity import openid
from models.accounts.identity.identity_provider import IdentityProvider
from models.files import storage
from models.operations import clock_guard, schema
from models.operations.health import system_check
from settings import settings
from tests import smtp
from tests.certificates import REFUSED, Authority
from tests.operations.test_commands import command  # noqa: F401
from tests.smtp import free_port

HERE = system_check.settings


@pytest.fixture
def installed(monkeypatch):
    """installed(SMTP_URL's field=…): the settings of this installation, but for these."""

    def change(**fields):
        for module in (system_check, outgoing):
            monkeypatch.setattr(module, "settings", replace(HERE, **fields))

    return change


def found(name):
    return next(part for part in system_check.look() if part.name == name)


@contextmanager
def answering(port, reply, ask=None):
    """Something that listens on `port` and answers `reply` to whatever it is asked."""
    with socket.create_server(("127.0.0.1", port)) as server:

        def serve():
            line, _ = server.accept()
            with line:
                line.recv(100)
                line.sendall(reply)

        threading.Thread(target=serve, daemon=True).start()
        yield


def test_keys_that_can_be_guessed_or_read_by_others_or_are_not_there_are_named(installed, tmp_path):
    installed(secret_keys_given=("abc",), age_identities_given=(str(tmp_path / "weg"),), data_dir=tmp_path)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "pseudonym_key").write_text("x" * 64)
    (tmp_path / "keys" / "pseudonym_key").chmod(0o644)

    said = found("sleutels").said

    assert "SECRET_KEYS: sleutel 1 is te raden" in said and "PSEUDONYM_KEY: sleutel 1 is te raden" in said
    assert f"AGE_IDENTITIES: {tmp_path / 'weg'} kan niet worden gelezen" in said and "chmod 600" in said

    installed(data_dir=tmp_path / "leeg", age_identities_given=())
    assert "Ontbreekt: secret_keys, age_identity, pseudonym_key" in found("sleutels").said
    assert not (tmp_path / "leeg").exists(), "looking makes no keys"


def test_an_identity_that_is_none_is_named(installed, tmp_path):
    broken, empty = tmp_path / "kapot", tmp_path / "leeg"
    broken.write_text("AGE-SECRET-KEY-1ABC\n")
    empty.write_text("# niets\n")
    installed(age_identities_given=(str(broken), str(empty)))
    said = found("sleutels").said
    assert f"{broken} bevat een sleutel die niet klopt" in said and f"in {empty} staat geen sleutel" in said


def test_a_database_that_is_behind_or_ahead_is_told(monkeypatch):
    assert found("database").well
    monkeypatch.setattr(schema, "pending", lambda: ["0099_later"])
    assert "nog niet op deze versie" in found("database").said
    monkeypatch.setattr(schema, "unknown", lambda: ["0100_newer"])
    assert "van een nieuwere versie" in found("database").said


def test_servers_that_do_not_answer_are_named_without_their_passwords(installed):
    port = free_port()
    installed(
        redis_url=f"redis://:geheim@localhost:{port}", smtp_url=f"smtp://ik:geheim@localhost:{port}", clamd_url="unix:/weg"
    )
    for name, words in (
        ("wachtrij", f"Redis op localhost:{port} antwoordt niet"),
        ("mailserver", f"De mailserver localhost:{port} neemt ons niet aan"),
        ("virusscanner", "De virusscanner is niet bereikbaar"),
    ):
        part = found(name)
        assert not part.well and words in part.said and "geheim" not in part.said


def test_a_mail_server_is_greeted_and_gets_no_mail(installed):
    with smtp.serving() as office:
        installed(smtp_url=office.url)
        assert found("mailserver").well and office.letters == []


def test_a_scanner_that_answers_is_well_and_one_that_talks_nonsense_is_not(installed):
    for reply, well in ((b"PONG\0", True), (b"HTTP/1.1 400\r\n", False)):
        port = free_port()
        installed(clamd_url=f"tcp://127.0.0.1:{port}")
        with answering(port, reply):
            assert found("virusscanner").well is well


def test_a_provider_that_does_not_answer_is_named(monkeypatch):
    part = found("inlog van ziekenhuizen")
    assert part.well and "IDENTITY_PROVIDERS" in part.said
    issuer = f"http://localhost:{free_port()}"
    known = {"huis": IdentityProvider("huis", "Erasmus MC", issuer, "portaal", "geheim")}
    monkeypatch.setattr(system_check, "providers", lambda: known)
    part = found("inlog van ziekenhuizen")
    assert not part.well and not part.vital and "Erasmus MC" in part.said and "antwoordt niet" in part.said
    openid._known.clear()
    monkeypatch.setattr(outgoing, "ask", lambda *asked: (200, b'{"issuer": "https://elders.nl"}'))
    assert "klopt niet" in found("inlog van ziekenhuizen").said


def test_the_storage_is_tried_and_left_as_it_was(monkeypatch, tmp_path):
    before = set(storage.keys())
    assert found("opslag").well and set(storage.keys()) == before
    monkeypatch.setattr(storage, "settings", replace(HERE, documents_dir=tmp_path / "bestand"))
    (tmp_path / "bestand").write_text("geen map")
    assert "kan geen bestand worden opgeslagen" in found("opslag").said


def test_a_disk_that_is_nearly_full_and_a_clock_in_doubt_are_told(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(total=100_000_000_000, free=1_900_000_000))
    assert "is bijna vol: nog 1,9GB van 100GB" in found("schijf").said
    monkeypatch.setattr(clock_guard, "doubt", lambda: "klok: die staat op gisteren")
    assert found("klok").said == "klok: die staat op gisteren"


@contextmanager
def proxied(context, body):
    """A proxy with a certificate that gives `body` for whatever is asked."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"database": "ok"}', None),
        (b'{"database": "ok", "proxy": "not trusted"}', "Zet PROXY_HOPS=1"),
        (b"<h1>Welcome to nginx</h1>", "antwoordt iets anders dan het portaal"),
    ],
)
def test_the_portal_is_asked_for_by_the_address_that_mails_carry(installed, tmp_path, body, words):
    authority = Authority(tmp_path)
    with proxied(authority.serving(), body) as url:
        installed(portal_url=url, trusted_ca=authority.file)
        part = found("proxy")
    assert part.well if words is None else words in part.said


@pytest.mark.parametrize("kind", REFUSED)
def test_a_portal_with_a_bad_certificate_is_not_well(installed, tmp_path, kind):
    authority = Authority(tmp_path)
    with proxied(authority.serving(kind), b'{"database": "ok"}') as url:
        installed(portal_url=url, trusted_ca=authority.file)
        assert "is van hier niet te bereiken" in found("proxy").said


def test_the_command_tells_every_part_and_ends_in_1(command, installed):  # noqa: F811
    status, said = command("check")
    assert status == 1 and "FOUT  proxy" in said and "goed  database" in said and "1 onderdeel klopt niet." in said
    # A service starts when what it cannot do without is there, whatever else is away.
    installed(smtp_url=f"smtp://localhost:{free_port()}")
    status, said = command("check", "--starting")
    assert status == 0 and "Alles klopt." in said and "mailserver" not in said and settings.data_dir.exists()
