"""A rehearsal of the restore: each night the last backup is restored into a scratch place and all of it is checked.

By the command that an operator would give, in a process of its own with its own folder and database. The documents are read in
the copy itself, so that it needs no second place for them.
"""

import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import peewee

from models import clock, dutch
from models.operations import database_dump
from models.operations.backup_run import HERE, BackupRun
from settings import environment, settings

PROGRAM = Path(__file__).parents[2] / "app.py"
LONGEST = 6 * 3600  # seconds
MOST = 4000  # letters of what was said that are kept


def rehearse(now: datetime | None = None) -> list[str]:
    """Restore the last backup on trial; returns Dutch sentences about what went wrong, none when it is whole.

    Nothing to do, and nothing wrong, where no backup was made by the command `backup`, while another worker does it, and
    on a machine that did not make the copy and cannot reach it.
    """
    run, began = BackupRun.last(), now or clock.now()
    if run is None or not (_made_here(run) or Path(run.folder).is_dir()) or not run.take(began):
        return []
    said = _tried(Path(run.folder))
    findings = [f"reservekopie van {dutch.date_and_time(run.made_at)}: {line}" for line in said]
    run.told("\n".join(findings)[:MOST], now or clock.now())
    return findings


def _made_here(run):
    return run.host in (None, HERE)  # None: a copy of before machines were noted


def _tried(folder):
    if not folder.is_dir():
        return [f"{folder} is er niet meer, of is hier niet te bereiken"]
    try:
        with (
            tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".rehearsal-") as place,
            database_dump.scratch(place) as database,
        ):
            (Path(place) / "keys").symlink_to(settings.data_dir / "keys")
            elsewhere = environment(DATA_DIR=place, DATABASE_URL=database, STORAGE_URL=f"file:{folder / 'documents'}")
            command = [sys.executable, str(PROGRAM), "restore", str(folder), "--rehearsal"]
            ended = subprocess.run(command, env=elsewhere, capture_output=True, text=True, timeout=LONGEST)
    except (peewee.DatabaseError, subprocess.TimeoutExpired) as problem:
        return [f"terugzetten op proef kon niet: {str(problem).splitlines()[0]}"]
    if ended.returncode == 0:
        return []
    lines = (ended.stderr or ended.stdout).strip().splitlines()
    checked = ended.stdout.partition("Nu de controle:")[2].strip().splitlines()
    return checked or lines[-1:] or ["terugzetten op proef is niet gelukt"]
