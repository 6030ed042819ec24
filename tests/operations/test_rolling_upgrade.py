"""The version before and this one beside each other, as processes, on one database that this one has brought up to date.

The version before is the last release that git knows, with the packages of now: several steps lie between. A clone without that
history (shallow, or a folder without git) has nothing to start. There the rule stands by statements instead of processes, in
test_additive_schema.py; so this test is skipped there, and there only.
"""

import io
import os
import re
import signal
import socket
import subprocess
import sys
import tarfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from models import base, clock
from models.access import Process
from models.base import db, on_postgresql
from models.cases.case import Case
from models.cases.status import Status
from models.cases.theme import Theme
from models.files.document import Document
from models.lnr.registry.stay import Stay
from models.lnr.suppliers.api_key import ApiKey
from models.mail.outbox import Mail, MailStatus
from models.monthly.month_answer import MonthAnswer, MonthAnswerKind
from models.monthly.monthly_request import MonthlyCall
from models.operations import schema
from settings import ROOT, settings
from tests import make, smtp
from tests.faults.invariants import arrived, broken
from tests.faults.killing import hang_up
from tests.faults.web import Person
from tests.lnr import messages
from tests.operations.test_additive_schema import FIRST
from tests.smtp import free_port
from tests.wait import until

pytestmark = pytest.mark.db_dialect

NO_HISTORY = "the version before is not in it (test_additive_schema.py holds the rule)"
PATIENCE = 150  # seconds; the outbox is looked at each minute


def git(*words, text=True):
    """What git says; where it fails the test fails too, with its reason."""
    # Also of a folder that somebody else owns, as in a container.
    ended = subprocess.run(["git", "-c", f"safe.directory={ROOT}", *words], cwd=ROOT, capture_output=True, text=text)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip() if text else ended.stdout


@pytest.fixture
def before(tmp_path, require):
    """The folder with the version before."""
    require("git")
    if not (ROOT / ".git").exists() or git("rev-parse", "--is-shallow-repository") == "true":
        absent = pytest.fail if os.environ.get("REQUIRE") == "all" else pytest.skip
        absent(f"this folder is no clone, or a shallow one: {NO_HISTORY}")
    with tarfile.open(fileobj=io.BytesIO(git("archive", version_before(), text=False))) as tree:
        tree.extractall(tmp_path / "before", filter="data")
    return tmp_path / "before"


def version_before():
    """The commit of the last release before the newest step; or of the last step that does more than add, if that is later."""
    newest = added("0*.py")
    release = git("log", "-1", "-G", "^VERSION = ", "--format=%H", f"{newest}^", "--", "settings.py")
    floor = added(*(path.name for path in schema.STEPS.glob("0*.py") if path.stem < FIRST))
    return git("rev-list", "-1", "--topo-order", release, floor)


def added(*steps):
    """The commit that added the newest of these steps."""
    return git("log", "-1", "--diff-filter=A", "--format=%H", "--", *(f"migrations/{name}" for name in steps))


@pytest.fixture
def url(tmp_path):
    """The address of an empty database of this test alone, to which the models speak meanwhile."""
    address = f"sqlite:///{tmp_path / 'rolling.db'}"
    if on_postgresql():
        db.execute_sql("DROP DATABASE IF EXISTS rolling WITH (FORCE)")  # of a run that was killed
        db.execute_sql("CREATE DATABASE rolling TEMPLATE template0")
        address = settings.database_url.rpartition("/")[0] + "/rolling"
    base.connect(address)
    yield address
    hang_up()
    base.connect(settings.database_url)
    if on_postgresql():
        db.execute_sql("DROP DATABASE rolling WITH (FORCE)")


class Version:
    """One version of the program, started by its own commands, with a mail server of its own: one sees who sent what."""

    def __init__(self, folder, url, running):
        self.folder, self.running, self.office = folder, running, running.enter_context(smtp.serving())
        self.environment = {**os.environ, "DATABASE_URL": url, "SMTP_URL": self.office.url}

    def migrate(self):
        hang_up()
        ended = subprocess.run(self._command("migrate"), env=self.environment, capture_output=True, text=True, timeout=PATIENCE)
        assert ended.returncode == 0, ended.stderr

    def start(self, *words):
        hang_up()
        process = subprocess.Popen(self._command(*words), env=self.environment, start_new_session=True)
        self.running.callback(lambda: (process.poll() is None and os.killpg(process.pid, signal.SIGKILL)) or process.wait())
        return process

    def serve(self):
        self.port = free_port()
        self.web = self.start("web", "--port", str(self.port))
        until(lambda: self.web.poll() is not None or _answers(self.port), PATIENCE)
        assert self.web.poll() is None
        return self.web

    def work(self):
        process = self.start("worker")
        # Until it has looked of which version the database is, and become what works.
        place = Path(f"/proc/{process.pid}/cmdline")
        until(lambda: process.poll() is not None or "tasks.worker" in place.read_text(), PATIENCE)
        assert process.poll() is None
        return process

    def _command(self, *words):
        return [sys.executable, str(self.folder / "app.py"), *words]


def _answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_version_before_goes_on_beside_this_one_on_its_database(app, before, url):
    with ExitStack() as running:
        old, new = Version(before, url, running), Version(ROOT, url, running)
        old.migrate()
        assert len(schema.pending()) > 1 and not schema.unknown(), "the version before has every step of this one"
        webs = [old.serve()]
        workers = [old.work()]

        new.migrate()
        assert schema.pending() == []
        webs.append(new.serve())

        place = messages.hospital()
        melder = make.user(hospital=place)
        theme = Theme.get(Theme.process == Process.NETHOSS)
        _, key = ApiKey.issue(messages.supplier(), place)
        for number, version in enumerate((old, new), 1):
            person = Person(app, version, melder)
            assert person.ask("GET", "/readyz").status == 200
            _report(person, theme, number)
            _say_no(person, asked=make.user())
            answer = person.ask("POST", "/lnr/v1/berichten", _stay(number), **_sender(key))
            assert answer.status == 200, answer.text

        # What one wrote, the other reads and goes on with.
        for version, number in ((old, 2), (new, 1)):
            case = Case.select().order_by(Case.id)[number - 1]
            person = Person(app, version, melder)
            page = person.ask("GET", f"/melding/{case.key}/")
            assert page.status == 200 and f"{number}.pdf" in page.text
            file = case.documents.get()
            assert person.ask("GET", f"/melding/{case.key}/bestanden/{file.key}/download").body == make.PDF
            later = _stay(number, version=2, action="vervanging", weight=1100)
            assert person.ask("POST", "/lnr/v1/berichten", later, **_sender(key)).status == 200

        # The worker of before sends what the new web queued; then both are there, and the one of before stops as it is told.
        until(_all_sent, PATIENCE)
        assert old.office.letters and not new.office.letters
        workers.append(new.work())
        [make.user() for _ in range(12)]
        MonthlyCall.open_all(clock.previous_month(clock.today()))
        hang_up()
        until(_all_sent, PATIENCE)
        assert [one.poll() for one in (*webs, *workers)] == [None] * 4
        for process in (webs[0], workers[0]):
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) in (0, -signal.SIGTERM)

        came = arrived([*old.office.letters, *new.office.letters])
        assert len(came) == Mail.select().count() and set(came.values()) == {1}
        assert [case.status for case in Case.select()] == [Status.INGEDIEND] * 2 and Document.select().count() == 2
        assert MonthAnswer.select().where(MonthAnswer.kind == MonthAnswerKind.NUL, MonthAnswer.ended_at.is_null()).count() == 2
        assert [stay.version for stay in Stay.select()] == [2, 2]
        assert broken() == []


def _report(person, theme, number):
    """A new case, a file with it, and handing it in."""
    key = _field("sleutel", person.ask("GET", "/melding/nieuw"))
    made = person.post("/melding/nieuw", sleutel=key, theme=theme.id, patient_number=f"471{number}")
    assert made.status == 302, made.text
    assert person.put(f"{made.location}bestanden?sleutel=u{number}", make.PDF, f"{number}.pdf").status == 201
    case = Case.select().order_by(Case.id.desc()).get()
    until(lambda: not Document.select().where(Document.look_due.is_null(False)).exists(), PATIENCE)
    assert "ingediend" in person.post(f"{made.location}indienen", ronde=case.round).location


def _say_no(person, asked):
    """The button 'Nee' of the monthly mail, which needs no log-in."""
    month = clock.previous_month(clock.today())
    MonthlyCall.open_all(month)
    path = MonthlyCall.get(MonthlyCall.user == asked).address("nee").removeprefix("http://localhost")
    page = person.ask("GET", path)
    answered = person.post(path, sleutel=_field("sleutel", page), bewijs="knop")
    assert answered.status == 303, answered.text


def _field(name, page):
    return re.search(rf'name="{name}" value="([^"]+)"', page.text)[1]


def _stay(number, **more):
    return messages.message(set_id=f"opname-{number}", child=((messages.OWN, f"471{number}"),), **more)


def _sender(key):
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/xml", "Accept": "application/json"}


def _all_sent():
    return not Mail.select().where(Mail.status != MailStatus.VERZONDEN).exists()
