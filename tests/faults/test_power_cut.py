"""F-12: the power goes right after an answer. What was acknowledged is there, though all that was not synced is gone."""

import shutil
import sqlite3
import subprocess
import sys

import pytest

from models.accounts.session import LogIn
from models.cases.status import Status
from settings import ROOT, settings
from tests import make
from tests.faults import unsynced
from tests.faults.killing import hang_up
from tests.faults.size import sized
from tests.faults.web import Person, Server

pytestmark = [pytest.mark.db_dialect, pytest.mark.only_sqlite]  # how PostgreSQL syncs is PostgreSQL's

TIMES = sized(1, 25)


@pytest.fixture
def log(tmp_path, require):
    require("strace")
    return tmp_path / "log"


def after_the_cut(folder):
    """What a sound installation finds: its own check, the files' keys, each case's status, the notes."""
    environment = {"DATA_DIR": str(folder), "PATH": ""}
    checked = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "verify", "--deep"], env=environment, capture_output=True, text=True, timeout=120
    )
    with sqlite3.connect(folder / "portal.db") as left:
        asked = [
            left.execute(f"SELECT {columns} FROM {table} ORDER BY id").fetchall()
            for columns, table in (("upload_key", "document"), ("status", '"case"'), ("COUNT(*)", "remark"))
        ]
    left.close()
    return checked.stdout + checked.stderr, *asked


def test_what_was_acknowledged_survives_the_loss_of_everything_unsynced(app, log, tmp_path, record_property):
    submitted, opened = make.case(status=Status.INGEDIEND), make.case()
    judge = make.coordinator()
    # From here on only the server writes: what this process wrote would be no part of the log.
    first, second = (LogIn.start(user, "127.0.0.1", "test") for user in (opened.reporter, judge))
    hang_up()
    sqlite3.connect(settings.data_dir / "portal.db").execute("PRAGMA wal_checkpoint(TRUNCATE)").connection.close()
    before = tmp_path / "before"
    shutil.copytree(settings.data_dir, before)
    acknowledged = 0
    with Server(under=unsynced.command(log)) as server:
        reporter = Person(app, server, opened.reporter, log_in=first)
        coordinator = Person(app, server, judge, log_in=second)
        hang_up()
        for number in range(TIMES):
            put = reporter.put(f"/melding/{opened.key}/bestanden?sleutel=k{number}", make.PDF, f"{number}.pdf")
            note = coordinator.post(f"/beoordelen/{submitted.key}/notitie", notitie=f"Notitie {number}.")
            assert (put.status, note.status) == (201, 302)
            acknowledged += 2
        assert coordinator.post(f"/beoordelen/{submitted.key}/goedkeuren", ronde=submitted.round, toch="1").status == 302
        acknowledged += 1
    record_property("tried", acknowledged)

    unsynced.replay(log, settings.data_dir, before, tmp_path / "after")
    said, keys, statuses, notes = after_the_cut(tmp_path / "after")
    assert "Alles klopt." in said, said
    assert {f"k{number}" for number in range(TIMES)} <= {key for (key,) in keys}
    assert (Status.GOEDGEKEURD,) in statuses and notes == [(TIMES,)]

    # Where a sync would do nothing, this sees the loss.
    unsynced.replay(log, settings.data_dir, before, tmp_path / "after", deaf=["-wal", "portal.db"])
    _, keys, statuses, notes = after_the_cut(tmp_path / "after")
    assert not any(key.startswith("k") for (key,) in keys) and (Status.GOEDGEKEURD,) not in statuses and notes == [(0,)]
