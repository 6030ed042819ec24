"""An installation with something in it, a backup of it, and another machine to restore that on."""

import os
import shutil
import subprocess
import sys

import pytest

from models.audit import checkpoint
from models.audit.audit_event import AuditEvent
from models.base import db, on_postgresql
from models.operations import backup
from settings import settings
from tests import make
from tests.cluster import programs


@pytest.fixture
def kept():
    """An installation with one case, its patient number, one file and a checkpoint; the document."""
    shutil.rmtree(settings.documents_dir, ignore_errors=True)
    checkpoint.path().unlink(missing_ok=True)
    case = make.case(patient_number="4711")
    yield make.document(case)
    checkpoint.path().unlink(missing_ok=True)


@pytest.fixture
def copy(kept, tmp_path):
    AuditEvent.log("row.create", subject="iets")
    checkpoint.write()
    backup.make(tmp_path / "kopie")
    return tmp_path / "kopie"


@pytest.fixture
def elsewhere(tmp_path):
    """elsewhere("restore", folder): what the program says on another machine, which has our keys and nothing else."""
    home = tmp_path / "elders"
    shutil.copytree(settings.data_dir / "keys", home / "keys")
    environment = {"DATA_DIR": str(home), "PATH": f"{programs() or ''}:{os.environ['PATH']}"}
    if on_postgresql():
        db.execute_sql("CREATE DATABASE elders TEMPLATE template0")
        environment["DATABASE_URL"] = settings.database_url.rpartition("/")[0] + "/elders"

    def carry_out(*words, **more):
        command = [sys.executable, "app.py", *map(str, words)]
        ended = subprocess.run(command, env=environment | more, capture_output=True, text=True, timeout=120)
        assert "Traceback" not in ended.stderr
        return ended.returncode, ended.stdout + ended.stderr

    def emptied():
        """Take away all that is there but the keys, as advised after a restore that was broken off."""
        for path in home.iterdir():
            if path.name != "keys":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        if on_postgresql():
            db.execute_sql("DROP DATABASE elders")
            db.execute_sql("CREATE DATABASE elders TEMPLATE template0")

    carry_out.home, carry_out.emptied = home, emptied
    yield carry_out
    if on_postgresql():
        db.execute_sql("DROP DATABASE elders")
