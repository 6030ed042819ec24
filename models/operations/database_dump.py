"""The database as one sealed file, by the means of each kind of database."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from models import outgoing
from models.base import Refused, db, let_go, on_postgresql
from models.files import storage
from models.files.stores.folder import sync
from settings import settings

COPYING = ".backup-"
DAY = 24 * 3600  # seconds


def kind() -> str:
    return "postgresql" if on_postgresql() else "sqlite"


def save(path: Path) -> None:
    """Write the database as it is at one moment, sealed, into the file at `path`, durably, while others write.

    `age -d -i keys/age_identity` opens it. Nothing is in clear on the way but a file of SQLite beside the database itself.
    """
    with _dumped() as dump, path.open("wb") as sink:
        storage.seal(_blocks(dump), sink)
        sink.flush()
        os.fsync(sink.fileno())


@contextmanager
def _dumped():
    """An open file to read the dump from."""
    if on_postgresql():
        with _running("pg_dump", "--format=custom", "--no-owner", "--no-privileges") as program:
            yield program.stdout
        return
    place = Path(db.obj.database).absolute().parent
    for left in place.glob(f"{COPYING}*"):
        if time.time() - left.stat().st_mtime > DAY:  # of one that was killed
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=place, prefix=COPYING) as folder:
        try:
            with closing(sqlite3.connect(Path(folder) / "copy")) as copy:
                db.connection().backup(copy)
        except sqlite3.OperationalError as problem:
            if "is full" not in str(problem):
                raise
            raise Refused(
                f"De schijf van {place} is vol: een tweede exemplaar van de database past er niet even bij."
            ) from None
        with (Path(folder) / "copy").open("rb") as file:
            yield file


def load(path: Path, sealed: bool = True) -> None:
    """Fill our database, which is empty, from what `save` wrote; on PostgreSQL all of it or nothing.

    `sealed=False`: the dump of an older copy, which lies there in clear. Raises Refused when it does not open.
    """
    with path.open("rb") as file:
        blocks = storage.unseal(file, path.name) if sealed else _blocks(file)
        try:
            _filled(blocks)
        except storage.Damaged:
            raise Refused(f"{path.name} gaat niet open met de sleutels die hier staan, of is beschadigd.") from None


def _filled(blocks):
    if on_postgresql():
        with _running("pg_restore", "--single-transaction", "--no-owner", "--no-privileges") as program:
            try:
                for block in blocks:
                    program.stdin.write(block)
            except BrokenPipeError:
                pass  # it stopped, and says why
        return
    target = Path(db.obj.database)
    let_go()
    for name in (target, f"{target}-wal", f"{target}-shm"):
        Path(name).unlink(missing_ok=True)
    half = target.with_name(target.name + ".half")
    half.touch(mode=0o600)
    with half.open("wb") as sink:
        for block in blocks:
            sink.write(block)
        sink.flush()
        os.fsync(sink.fileno())
    half.rename(target)
    sync(target.parent)


def _blocks(file):
    return iter(lambda: file.read(storage.BLOCK), b"")


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


@contextmanager
def _running(name, *arguments):
    """A program of PostgreSQL that works on our database; Refused with what it says when it does not end well.

    Its password is not on the command line, where others see it.
    """
    if not (found := shutil.which(name)):
        raise Refused(f"Het programma {name} is er niet. Installeer de client van PostgreSQL (Debian: postgresql-client).")
    parts = urlsplit(outgoing.database_url(settings.database_url))
    if parts.password:
        os.environ["PGPASSWORD"] = unquote(parts.password)
    place = f"{parts.username}@{parts.netloc.rpartition('@')[2]}" if parts.username else parts.netloc
    command = [found, f"--dbname={parts._replace(netloc=place).geturl()}", *arguments]
    with tempfile.TemporaryFile() as said:
        program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
        try:
            yield program
        except BaseException:
            program.kill()  # so that nothing is kept of a half dump
            raise
        finally:
            program.communicate()
        if program.returncode:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
            raise Refused(f"{name} is niet gelukt: {(lines or ['zonder uitleg'])[0]}")
