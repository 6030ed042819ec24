"""F-17: backups are made while people write and add files; each is restored on an empty machine, and measured."""

import shutil
import sqlite3
import threading
import time

import psycopg
import pytest

from models.base import db, on_postgresql
from models.cases.status import Status
from models.operations import backup
from settings import settings
from tests import make
from tests.faults.invariants import broken
from tests.faults.size import sized
from tests.operations.conftest import elsewhere, kept  # noqa: F401  fixtures

pytestmark = pytest.mark.db_dialect

TIMES = sized(1, 50)
PER_SECOND = 20  # writes, a file among each ten


def test_what_was_acknowledged_before_a_backup_began_is_in_it(kept, elsewhere, tmp_path, record_property):  # noqa: F811
    case, coordinator = make.case(status=Status.INGEDIEND), make.coordinator()
    stop, notes, files = threading.Event(), [], []

    def write():
        try:
            of = kept.case
            while not stop.wait(1 / PER_SECOND):
                if len(notes) % 10 == 9:
                    of = make.case(by=of.reporter, theme=of.theme) if len(files) % 100 == 99 else of  # which takes 200
                    files.append(make.document(of).upload_key)
                notes.append(case.note(coordinator, f"Notitie {len(notes)}.") or len(notes))
        finally:
            db.close()

    writer = threading.Thread(target=write)
    writer.start()
    slowest, restored = 0.0, 0
    try:
        for number in range(TIMES):
            before = len(notes), len(files)
            time.sleep(1 / PER_SECOND)
            folder = tmp_path / f"kopie-{number}"
            backup.make(folder)
            began = time.monotonic()
            status, said = elsewhere("restore", folder)
            slowest = max(slowest, time.monotonic() - began)
            assert status == 0 and "Alles klopt." in said, said
            found = _found(elsewhere.home)
            assert found[0] >= before[0] and found[1] >= before[1] + 1, (found, before)
            restored += 1
            _empty(elsewhere.home, folder)
    finally:
        stop.set()
        writer.join()
    assert len(notes) > before[0], "somebody went on writing"
    record_property("tried", restored)
    record_property("remark", f"restored in {slowest:.1f} s at most, {len(notes)} notes and {len(files)} files meanwhile")
    assert broken() == []


def _found(home):
    """Notes and files in what was restored."""
    counts = "SELECT (SELECT COUNT(*) FROM remark), (SELECT COUNT(*) FROM document)"
    if on_postgresql():
        with psycopg.connect(settings.database_url.rpartition("/")[0] + "/elders") as left:
            return left.execute(counts).fetchone()
    left = sqlite3.connect(home / "portal.db")
    try:
        return left.execute(counts).fetchone()
    finally:
        left.close()


def _empty(home, copy):
    """An empty machine again, with the keys."""
    shutil.rmtree(copy)
    for left in home.iterdir():
        if left.name != "keys":
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    if on_postgresql():
        db.execute_sql("DROP DATABASE elders WITH (FORCE)")
        db.execute_sql("CREATE DATABASE elders TEMPLATE template0")
