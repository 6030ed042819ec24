"""The portal as its operator starts it: real processes, on free loopback ports."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from admin_views.accounts import demo_accounts
from commands import processes
from tests.smtp import free_port
from tests.wait import counted, until

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 180  # seconds; a busy machine is no failure
# What only some requests ask for, and what costs 2 to 17 MB in each process that holds it.
HEAVY = {"numpy", "obstore", "openpyxl", "pydicom", "pypdf", "pypdfium2", "typst", "xlsxwriter"}
IDLE = 200  # megabytes, of all processes of a portal that nobody asks anything: 155 measured, with tools for the tests
BACKLOG = 300  # seconds for the files of a new demonstration: 20 on a free machine
STOP = 3  # seconds from Ctrl-C to the end, whatever waits
MAKING = 60  # seconds of work of one core from `make run` to the page, installing left out: 45 measured on a busy machine


def environment(folder, **more):
    return {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), **more}


def carry_out(folder, *words, **more):
    command = [sys.executable, str(ROOT / "app.py"), *words]
    return subprocess.run(
        command, env=environment(folder, **more), cwd=folder, capture_output=True, text=True, timeout=PATIENCE
    )


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def megabytes(pid):
    """The memory of a process, shared pages divided over who share them (proportional set size)."""
    try:
        (size,) = re.findall(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    except OSError:  # a task that has ended meanwhile
        return 0
    return int(size) / 1024


def worked(pid):
    """Seconds of work of a process, also of before it became what it is now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def test_what_few_ask_for_is_loaded_when_it_is_asked_for(tmp_path):
    lines = "import sys, admin_views.web.request_gate, tasks.worker; print(*{one.partition('.')[0] for one in sys.modules})"
    ended = subprocess.run(
        [sys.executable, "-c", lines], env=environment(tmp_path), cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert "flask" in ended.stdout.split() and HEAVY & set(ended.stdout.split()) == set()


class Portal:
    """`python app.py run` or `serve`, from another folder than the project's own."""

    def __init__(self, folder, *words, **more):
        self.port, self.said = free_port(), folder / "said.txt"
        self.said.unlink(missing_ok=True)
        command = [sys.executable, str(ROOT / "app.py"), *words, "--port", str(self.port)]
        with self.said.open("w") as file:
            settings = environment(folder, **more)
            self.process = subprocess.Popen(command, env=settings, cwd=folder, stdout=file, stderr=file)

    def ready(self):
        until(lambda: "draait op" in self.said.read_text() or self.process.poll() is not None, PATIENCE)
        assert self.process.poll() is None, self.said.read_text()
        return self

    def get(self, path):
        with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=30) as answer:
            return answer.read().decode()

    def children(self):
        """Web and worker, and what they started in turn."""
        found, left = [], [self.process.pid]
        while left:
            of = Path(f"/proc/{left.pop()}/task")
            mine = [int(pid) for task in of.glob("*/children") for pid in task.read_text().split()]
            found, left = found + mine, left + mine
        return found

    def megabytes(self):
        return sum(map(megabytes, [self.process.pid, *self.children()]))

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        for pid in [*self.children(), self.process.pid]:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


def the_lines_of_the_readme(port):
    """What a newcomer sees who copies the two lines about the neonatal registry."""
    for line in re.findall(r"^    (curl .+)$", (ROOT / "README.md").read_text(), re.M):
        said = subprocess.run(
            ["bash", "-c", line.replace("localhost:5000", f"localhost:{port}")], capture_output=True, timeout=60
        )
        yield said.stdout.decode()


# What a stop once waited for: a browser opens connections ahead and asks nothing, and each held it for the ten seconds that
# headers may take; one that never sends all of its body held it for as long as a body may take.
HALVES = (
    b"",
    b"GET /inloggen HTTP/1.1\r\nHost: loc",
    b"POST /inloggen HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n",
    b"POST /inloggen HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf",
    b"PUT /inloggen HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n100\r\nhalf",
)


def stopped_in(portal, number):
    """The seconds of a core of its own within which the portal ends, while half requests wait."""
    with ExitStack() as lines:
        for half in HALVES:
            line = lines.enter_context(socket.create_connection(("localhost", portal.port)))
            line.sendall(half)
        time.sleep(0.2)  # they have come in
        with counted() as seconds:
            portal.process.send_signal(number)
            assert portal.process.wait(PATIENCE) == 0
    return seconds[0]


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installation")
    assert carry_out(folder, "migrate").returncode == 0
    assert carry_out(folder, "create-hospital", "ost", "Ziekenhuis Oost").returncode == 0
    return folder


def test_serve_answers_sends_mail_says_what_is_loose_and_stops_at_a_signal(installation):
    carry_out(installation, "create-user", "anna@example.com", "--role", "melder", "--hospital", "ost")
    with Portal(installation, "serve", SECOND_FACTOR="optional") as portal:
        portal.ready()
        assert "ok" in portal.get("/healthz") and "Inloggen" in portal.get("/inloggen")
        said = portal.said.read_text()
        lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        assert any(line.get("route") == "/inloggen" and line["status"] == 200 for line in lines)
        assert "PORTAL_URL begint niet met https" in said and "SMTP_URL is leeg" in said and "SECOND_FACTOR" in said
        assert demo_accounts.PASSWORD not in portal.get("/inloggen") + said
        until(lambda: list((installation / "mail").glob("*.eml")), PATIENCE)
        kept = [installation / "portal.db", *(installation / "mail").glob("*.eml")]
        assert all(path.stat().st_mode & 0o077 == 0 for path in kept), "others on this machine read along"

        children = portal.children()
        assert portal.megabytes() < IDLE
        assert stopped_in(portal, signal.SIGINT) < STOP
        assert len(children) >= 3 and not any(alive(pid) for pid in children)


@pytest.mark.parametrize("which", [0, 1], ids=["web", "worker"])
def test_when_one_of_the_two_dies_the_other_stops_too(installation, which):
    with Portal(installation, "serve") as portal:
        children = portal.ready().children()
        os.kill(children[which], signal.SIGKILL)

        assert portal.process.wait(PATIENCE) == 1
        until(lambda: not any(alive(pid) for pid in children), PATIENCE)


def test_when_one_ends_before_the_other_answers_the_other_stops_too():
    given = [[[sys.executable, "-m", *words] for words in (["this"], ["http.server", str(free_port())])], free_port(), "draait"]
    ended = subprocess.run([sys.executable, "-P", processes.__file__, json.dumps(given)], capture_output=True, timeout=60)
    assert ended.returncode == 1 and b"draait" not in ended.stdout


def test_children_do_not_outlive_a_command_that_was_killed(installation):
    with Portal(installation, "serve") as portal:
        children = portal.ready().children()
        portal.process.kill()
        until(lambda: not any(alive(pid) for pid in children), PATIENCE)


def test_a_taken_port_is_told_in_one_sentence(installation):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = carry_out(installation, "serve", "--port", str(port))
    assert ended.returncode == 1 and f"127.0.0.1:{port}" in ended.stderr and "Traceback" not in ended.stderr
    assert "--port" in ended.stderr and "PORT=" in ended.stderr


def test_serve_is_not_for_a_demonstration(installation):
    ended = carry_out(installation, "serve", DEMO="on")
    assert ended.returncode == 1 and "DEMO" in ended.stderr


@pytest.mark.parametrize(("name", "value"), [("PORTAL_URL", "portaal"), ("STORAGE_URL", "s3://x"), ("DEMO", "?")])
def test_a_wrong_setting_stops_the_start_and_names_itself(tmp_path, name, value):
    ended = carry_out(tmp_path, "migrate", **{name: value})
    assert ended.returncode != 0 and name in ended.stderr


def _files_wait(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT COUNT(*) FROM document WHERE look_due IS NOT NULL").fetchone()[0]


@pytest.mark.parametrize("command", ["serve", "web", "worker", "run"])
def test_a_dead_queue_stops_the_start_in_one_sentence(installation, command):
    ended = carry_out(installation, command, REDIS_URL=f"redis://:geheim@localhost:{free_port()}/0")
    assert ended.returncode == 1 and "Redis op localhost:" in ended.stderr and "REDIS_URL" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1 and "geheim" not in ended.stderr


def test_a_queue_that_dies_later_is_a_line_and_no_traceback(installation, require, tmp_path):
    port = free_port()
    queue = subprocess.Popen([require("redis"), "--port", str(port), "--save", ""], stdout=subprocess.DEVNULL)
    url = f"redis://localhost:{port}/0"
    said = tmp_path / "said.txt"
    until(lambda: carry_out(installation, "verify", REDIS_URL=url).returncode == 0, PATIENCE)
    with said.open("w") as file:
        settings = environment(installation, REDIS_URL=url)
        worker = subprocess.Popen([sys.executable, str(ROOT / "app.py"), "worker"], env=settings, stdout=file, stderr=file)
    try:
        until(lambda: "SMTP_URL is leeg" in said.read_text(), PATIENCE)
        queue.kill()
        until(lambda: "De wachtrij (REDIS_URL) is niet bereikbaar" in said.read_text(), PATIENCE)
        worker.send_signal(signal.SIGTERM)
        # Killed by it in the first moment, before the consumer listens to signals.
        assert worker.wait(PATIENCE) in (0, -signal.SIGTERM)
        assert "Traceback" not in said.read_text() and said.read_text().count("niet bereikbaar") == 1
    finally:
        for process in (queue, worker):
            process.kill()
            process.wait()


def test_a_database_that_is_away_is_one_sentence_without_its_password(installation):
    ended = carry_out(installation, "verify", DATABASE_URL="postgresql://u:geheim@localhost:1/x")
    assert ended.returncode == 1 and "De database postgresql://localhost:1/x geeft een fout" in ended.stderr
    assert "Traceback" not in ended.stderr and "geheim" not in ended.stderr


def test_a_portal_starts_without_its_mail_server_and_says_so(installation):
    with Portal(installation, "serve", SMTP_URL=f"smtp://localhost:{free_port()}") as portal:
        until(lambda: "LET OP: De mailserver localhost" in portal.ready().said.read_text(), PATIENCE)


def test_a_database_that_swallows_everything_is_given_up(installation):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        ended = carry_out(installation, "verify", DATABASE_URL=f"postgresql://u@127.0.0.1:{deaf.getsockname()[1]}/x")
    assert ended.returncode == 1 and ended.stderr.startswith("De database postgresql://127.0.0.1")


def test_run_shows_a_newcomer_the_whole_story(tmp_path):
    with Portal(tmp_path, "run") as portal:
        portal.ready()
        assert worked(portal.process.pid) < MAKING
        said = portal.said.read_text()
        assert f"http://localhost:{portal.port}" in said and demo_accounts.PASSWORD in said
        assert all(account.email in said and account.email in portal.get("/inloggen") for account in demo_accounts.accounts())
        assert "SECOND_FACTOR" in said
        accepted, refused = the_lines_of_the_readme(portal.port)
        assert 'outcome="geaccepteerd"' in accepted and 'outcome="geweigerd"' in refused
        # The buttons of the mails lead to this very portal.
        mails = [path.read_text() for path in (tmp_path / "mail").glob("*.eml")]
        assert any(re.search(rf"http://localhost:{portal.port}/uitvraag/", mail.replace("=\n", "")) for mail in mails)
        # The worker is in the middle of some 290 new files: they are left for the next start, to their end it would be 20 s.
        assert stopped_in(portal, signal.SIGINT) < STOP
        assert "WARNING" not in portal.said.read_text() and _files_wait(tmp_path / "portal.db")

    # Started again, it goes on with what is there.
    with Portal(tmp_path, "run") as portal:
        portal.ready()
        assert "Demonstratiegegevens maken" not in portal.said.read_text()
        until(lambda: not _files_wait(tmp_path / "portal.db"), BACKLOG)
        assert portal.megabytes() < IDLE
    refused = carry_out(tmp_path, "serve", "--port", str(free_port()))
    assert refused.returncode == 1 and "demonstratie-accounts" in refused.stderr
