"""Outgoing connections: mail, scanner, queue and database go to nobody whose certificate or name is not right."""

import dataclasses
import re
import socket
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest
import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from models import base, outgoing
from models.files import clamav
from models.mail.outbox import Mail, MailStatus
from models.mail.smtp import SmtpPost
from models.operations.bounces import read_bounces
from settings import SettingsError, read
from tests import make
from tests.certificates import REFUSED, Authority
from tests.cluster import Cluster
from tests.operations.test_bounces import ImapServer
from tests.operations.test_processes import carry_out
from tests.smtp import Office, free_port
from tests.test_house import CODE, layer, name

PASSWORD = "geheim-van-de-mail"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificaten"))


@pytest.fixture
def trusting(authority, monkeypatch):
    """This installation trusts that authority."""
    with_it = dataclasses.replace(outgoing.settings, trusted_ca=authority.file)
    monkeypatch.setattr(outgoing, "settings", with_it)
    return authority


# ---- mail ---------------------------------------------------------------------------------------------------------


class Quiet(Controller):
    """aiosmtpd tries its server with a client of its own, which would not get past these certificates."""

    def _trigger_server(self):
        socket.create_connection((self.hostname, self.port)).close()


@contextmanager
def mail_server(context, scheme):
    """A mail server that asks for a password over TLS; its address, what it took and which passwords it saw."""
    office, seen, port = Office(), [], free_port()

    def authenticate(server, session, envelope, mechanism, data):
        seen.append(data.password.decode())
        return AuthResult(success=True)

    secured = (
        {"ssl_context": context, "auth_require_tls": False}
        if scheme == "smtps"
        else {"tls_context": context, "require_starttls": True}
    )
    controller = Quiet(office, hostname="127.0.0.1", port=port, authenticator=authenticate, auth_required=True, **secured)
    controller.start()
    try:
        yield f"{scheme}://portaal:{PASSWORD}@127.0.0.1:{port}", office, seen
    finally:
        controller.stop()


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_mail_server_that_can_be_verified_gets_the_mail(trusting, scheme):
    mail = Mail.queue("case_submitted", make.user(), case=make.case(), by="Ivo Invoerder")
    with mail_server(trusting.serving(), scheme) as (url, office, seen):
        assert Mail.send_waiting(post=SmtpPost(url)) == 1, Mail.get_by_id(mail.id).error
    assert office.addressees == [mail.to] and seen == [PASSWORD]


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_mail_server_that_cannot_be_verified_gets_neither_password_nor_mail(trusting, scheme, kind):
    mail = Mail.queue("case_submitted", make.user(), case=make.case(), by="Ivo Invoerder")
    with mail_server(trusting.serving(kind), scheme) as (url, office, seen):
        assert Mail.send_waiting(post=SmtpPost(url)) == 0
    assert (office.letters, seen) == ([], [])
    kept = Mail.get_by_id(mail.id)
    assert kept.status == MailStatus.WACHT and "certificate verify failed" in kept.error


# ---- the mailbox of mails that came back ---------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_a_mailbox_that_can_be_verified_is_read(trusting, scheme):
    with ImapServer([], context=trusting.serving(), at_once=scheme == "imaps") as mailbox:
        assert read_bounces(f"{scheme}://portaal:{PASSWORD}@127.0.0.1:{mailbox.port}") == 0
    assert any(PASSWORD in line for line in mailbox.heard)


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_a_mailbox_that_cannot_be_verified_gets_no_password(trusting, scheme, kind):
    mailbox = ImapServer([], context=trusting.serving(kind), at_once=scheme == "imaps")
    with mailbox, pytest.raises(OSError, match="certificate verify failed"):
        read_bounces(f"{scheme}://portaal:{PASSWORD}@127.0.0.1:{mailbox.port}")
    assert not any(PASSWORD in line for line in mailbox.heard)


# ---- the malware scanner ------------------------------------------------------------------------------------------


@contextmanager
def scanner(context):
    """A scanner behind TLS that calls everything clean; its address, and the bytes that it was sent."""
    received = bytearray()

    def serve(listening):
        line, _ = listening.accept()
        try:
            with context.wrap_socket(line, server_side=True) as secured:
                while not received.endswith(b"\0\0\0\0"):
                    received.extend(secured.recv(1 << 16))
                secured.sendall(b"stream: OK\0")
        except OSError:
            line.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=[listening], daemon=True)
        thread.start()
        yield f"tls://127.0.0.1:{listening.getsockname()[1]}", received
        thread.join(5)


def test_a_scanner_that_can_be_verified_looks_at_the_file(trusting):
    def slowly():  # so that the server's session tickets arrive in between
        for _ in range(3):
            time.sleep(0.05)
            yield b"x" * 100_000

    with scanner(trusting.serving()) as (url, received):
        assert clamav.scan(slowly(), url) == clamav.Clean()
    assert received.count(b"x") == 300_000


@pytest.mark.parametrize("kind", REFUSED)
def test_a_scanner_that_cannot_be_verified_gets_nothing_of_the_file(trusting, kind):
    with scanner(trusting.serving(kind)) as (url, received):
        assert clamav.scan([b"dossier"], url) == clamav.CouldNotScan(clamav.Reason.UNVERIFIED)
    assert not received


# ---- queue and database -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["good", *REFUSED])
def test_the_queue_is_reached_only_where_it_can_be_verified(trusting, require, tmp_path, kind):
    port, (certificate, key) = free_port(), trusting.files(kind)
    command = [
        require("redis"), "--port", "0", "--tls-port", str(port), "--tls-cert-file", certificate, "--tls-key-file", key,
        "--tls-ca-cert-file", trusting.file, "--tls-auth-clients", "no", "--save", "", "--dir", tmp_path,
    ]  # fmt: skip
    server = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
    try:
        _listens(port)
        asked = redis.Redis.from_url(outgoing.redis_url(f"rediss://127.0.0.1:{port}"))
        if kind == "good":
            assert asked.ping()
        else:
            with pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
                asked.ping()
    finally:
        server.terminate()
        server.wait()


def _listens(port):
    until = time.monotonic() + 10
    while socket.socket().connect_ex(("127.0.0.1", port)):
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture(scope="module")
def database(require, authority):
    """A PostgreSQL server with TLS; database(kind) gives it that certificate."""
    require("postgresql")
    cluster = Cluster()
    cluster.start()

    def use(kind):
        cluster.secure(*authority.files(kind))
        return cluster.port

    yield use
    cluster.stop()


@pytest.mark.parametrize("kind", ["good", *REFUSED])
def test_a_database_elsewhere_is_reached_only_where_it_can_be_verified(trusting, database, kind):
    # By a name that is not this machine's, at an address that is.
    port = database(kind)
    name = "127.0.0.1" if kind == "good" else "db.elders.nl"
    url = f"postgresql://portaal@db.elders.nl:{port}/postgres?hostaddr=127.0.0.1"
    if kind == "good":
        url = f"postgresql://portaal@{name}:{port}/postgres?sslmode=verify-full&sslrootcert={trusting.file}"
    kept = base.db.obj
    base.db.initialize(None)
    try:
        reached = base.connect(url)
        if kind == "good":
            assert reached.execute_sql("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone() == (True,)
        else:
            with pytest.raises(base.PeeweeException, match="certificate"):
                reached.connect()
        base.db.close()
    finally:
        base.db.initialize(kept)


BUCKET = {"STORAGE_URL": "s3://portaal", "AWS_ACCESS_KEY_ID": "portaal", "AWS_SECRET_ACCESS_KEY": "geheim"}

# ---- what may not start -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("SMTP_URL", "smtp://portaal:geheim@mail.example.nl:25"),
        ("SMTP_URL", "smtp://mail.example.nl"),
        ("BOUNCE_URL", "imap://portaal:geheim@mail.example.nl"),
        ("REDIS_URL", "redis://:geheim@queue.example.nl:6379/0"),
        ("REDIS_URL", "rediss://:geheim@queue.example.nl:6379/0?ssl_cert_reqs=none"),
        ("CLAMD_URL", "tcp://10.1.2.3:3310"),
        ("S3_ENDPOINT", "http://opslag.example.nl"),
        ("DATABASE_URL", "postgresql://portaal:geheim@db.example.nl/portaal?sslmode=require"),
        ("DATABASE_URL", "postgresql://portaal:geheim@localhost/portaal?hostaddr=10.0.0.9&sslmode=require"),
        ("DATABASE_URL", "postgresql:///portaal?host=/run/postgresql,db.example.nl&sslmode=prefer"),
        ("DATABASE_URL", "postgresql://portaal:geheim@127.0.0.1,db.example.nl:5432/portaal?sslmode=require"),
        ("DATABASE_URL", "postgresql:///portaal?service=ver&sslmode=require"),
    ],
)
def test_a_clear_line_to_another_machine_is_refused_and_named(monkeypatch, setting, value):
    def told(**more):
        monkeypatch.setattr(outgoing, "settings", read(BUCKET | {setting: value} | more))
        return outgoing.clear()

    (sentence,) = told()
    assert setting in sentence and "geheim" not in sentence and "CLEAR_HOSTS" in sentence
    host = re.search(r"met (\S+) is", sentence)[1]
    assert told(CLEAR_HOSTS=f"iets.anders, {host}") == []


def test_naming_one_host_as_private_excuses_no_other(monkeypatch):
    asked = {"DATABASE_URL": "postgresql://p@db,db.elders.nl,[fd00::5]/x?sslmode=disable", "CLEAR_HOSTS": "db fd00::5"}
    monkeypatch.setattr(outgoing, "settings", read(asked))
    (sentence,) = outgoing.clear()
    assert "met db.elders.nl is" in sentence


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("SMTP_URL", "smtp+starttls://portaal:geheim@mail.example.nl:25"),
        ("SMTP_URL", "smtp://127.0.0.1:25"),
        ("BOUNCE_URL", "imaps://portaal:geheim@mail.example.nl"),
        ("REDIS_URL", "redis://localhost:6379/0"),
        ("CLAMD_URL", "unix:/run/clamav/clamd.ctl"),
        ("DATABASE_URL", "postgresql://portaal:geheim@db.example.nl/portaal"),
        ("DATABASE_URL", "postgresql:///portaal?host=/run/postgresql"),
    ],
)
def test_what_is_verified_or_stays_on_this_machine_is_not_refused(monkeypatch, setting, value):
    monkeypatch.setattr(outgoing, "settings", read({setting: value}))
    assert outgoing.clear() == []


def test_a_database_elsewhere_is_verified_unless_its_address_says_otherwise(trusting):
    ask = outgoing.database_url
    assert "sslmode=verify-full" in ask("postgresql://p@db.example.nl/x") and str(trusting.file.name) in ask(
        "postgresql://db.nl/x"
    )
    for many in ("p@localhost/x?hostaddr=10.0.0.9", "/x?host=/run,10.0.0.1", "p@[::1]:5432,db.nl:5432/x", "/x?service=ver",
                 "/x?host=::ffff:10.0.0.9", "/x?hostaddr=fd00::5"):  # fmt: skip
        assert "sslmode=verify-full" in ask(f"postgresql://{many}")
    for same in (
        "postgresql://p@127.0.0.1/x",
        "postgresql://p@[::1]:5432,localhost/x",
        "postgresql:///x?host=::1",
        "postgresql://p@db/x?sslmode=require",
        "sqlite:////srv/portal.db",
    ):
        assert ask(same) == same


@pytest.mark.parametrize("command", ["serve", "web", "worker", "verify"])
def test_no_address_but_its_own_says_where_the_database_is(tmp_path, command):
    services, elsewhere = tmp_path / "services.conf", socket.create_server(("127.0.0.1", 0))
    elsewhere.settimeout(0)
    port = str(elsewhere.getsockname()[1])
    services.write_text(f"[elders]\nhost=127.0.0.1\nport={port}\nsslmode=disable\n")
    by_names = {"PGHOST": "127.0.0.1", "PGPORT": port, "PGSSLMODE": "disable"}
    by_number = {"PGHOSTADDR": "127.0.0.1", "PGPORT": port}
    by_service = {"PGSERVICE": "elders", "PGSERVICEFILE": str(services)}
    for url, more in (("///x", by_names), ("//p:geheim@localhost/x", by_number), ("///x", by_service)):
        ended = carry_out(tmp_path, command, DATABASE_URL=f"postgresql:{url}", **more)
        assert ended.returncode == 1 and len(ended.stderr.splitlines()) == 1 and "geheim" not in ended.stderr, ended.stderr
        assert ended.stderr.startswith("DATABASE_URL") and ", ".join(sorted(more)) in ended.stderr
    with elsewhere, pytest.raises(BlockingIOError):
        elsewhere.accept()


def test_what_the_client_of_postgresql_reads_is_no_matter_without_it_or_when_it_says_nothing_of_a_place():
    assert read({"PGHOST": "db.elders.nl"}).database_url.startswith("sqlite:")
    assert read({"DATABASE_URL": "postgresql://p@localhost/x", "PGDATA": "/srv/pg", "PGPASSWORD": "geheim"})


def test_serve_does_not_start_with_a_clear_line(tmp_path):
    for command in ("serve", "web", "worker"):
        ended = carry_out(tmp_path, command, SMTP_URL="smtp://portaal:geheim@mail.example.nl")
        assert ended.returncode == 1 and "geheim" not in ended.stderr and "Traceback" not in ended.stderr
        if command == "serve":
            assert "mail.example.nl" in ended.stderr and "SMTP_URL" in ended.stderr


def test_authorities_that_are_not_there_stop_the_start(tmp_path):
    with pytest.raises(SettingsError, match="TRUSTED_CA"):
        read({"TRUSTED_CA": str(tmp_path / "niets.pem")})


def test_one_place_makes_tls_contexts():
    making = re.compile(
        r"SSLContext\(|create_default_context|_create_unverified|CERT_NONE|check_hostname *=|starttls\(\)|SMTP_SSL\((?!.*conte)"
    )
    ours = [path for path in CODE if layer(path) in ("models", "admin_views", "tasks", "commands", "app", "settings")]
    assert {name(path) for path in ours if making.search(path.read_text())} == {"models/outgoing.py"}
