"""The database as one file, by the means of each kind of database."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from models import outgoing
from models.base import Refused, db, on_postgresql
from models.files.stores.folder import sync
from settings import settings


def kind() -> str:
    return "postgresql" if on_postgresql() else "sqlite"


def save(path: Path) -> None:
    """Copy the database as it is at one moment into the empty file at `path`, durably, while others write."""
    if on_postgresql():
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}")
    else:
        with closing(sqlite3.connect(path)) as copy:
            db.connection().backup(copy)
    _settle(path)


def load(path: Path) -> None:
    """Fill our database, which is empty, from what `save` wrote; on PostgreSQL all of it or nothing."""
    if on_postgresql():
        _run("pg_restore", "--single-transaction", "--no-owner", "--no-privileges", str(path))
        return
    target = Path(db.obj.database)
    db.close()
    for name in (target, f"{target}-wal", f"{target}-shm"):
        Path(name).unlink(missing_ok=True)
    half = target.with_name(target.name + ".half")
    shutil.copyfile(path, half)
    half.chmod(0o600)
    _settle(half)
    half.rename(target)
    sync(target.parent)


@contextmanager
def scratch(folder: Path) -> Iterator[str]:
    """The address of an empty database of the same kind, as long as the block lasts: in `folder`, or beside ours."""
    if not on_postgresql():
        yield f"sqlite:///{Path(folder) / 'portal.db'}"
        return
    ours = urlsplit(settings.database_url)
    name = f"{ours.path.strip('/')}_rehearsal"
    db.execute_sql(f'DROP DATABASE IF EXISTS "{name}"')
    db.execute_sql(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield ours._replace(path=f"/{name}").geturl()
    finally:
        db.execute_sql(f'DROP DATABASE IF EXISTS "{name}"')


def _run(program, *arguments):
    """Let a program of PostgreSQL work on our database; its password is not on the command line, where others see it."""
    if not (found := shutil.which(program)):
        raise Refused(f"Het programma {program} is er niet. Installeer de client van PostgreSQL (Debian: postgresql-client).")
    parts = urlsplit(outgoing.database_url(settings.database_url))
    if parts.password:
        os.environ["PGPASSWORD"] = unquote(parts.password)
    place = f"{parts.username}@{parts.netloc.rpartition('@')[2]}" if parts.username else parts.netloc
    ended = subprocess.run(
        [found, f"--dbname={parts._replace(netloc=place).geturl()}", *arguments], capture_output=True, text=True
    )
    if ended.returncode:
        raise Refused(f"{program} is niet gelukt: {(ended.stderr.strip() or 'zonder uitleg').splitlines()[0]}")


def _settle(path):
    with path.open("rb") as file:
        os.fsync(file.fileno())
