"""The only door to bytes: saved under random keys, encrypted on the way in, so that nothing lies in clear on the disk.

Files are in the age format (the standard `age` tool opens them with the key). Rights are not decided here, and
no name that a person typed ever reaches the disk.
"""

import hashlib
import logging
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyrage

from models.base import Refused
from models.files import age_writer
from settings import settings

log = logging.getLogger(__name__)

BLOCK = 1 << 18  # a quarter less work for each upload than 64 kB; more gains nothing
HEAD = 8192
HALF, MARK = ".half", ".new"


@dataclass(frozen=True)
class Stored:
    """What was kept: `key` finds it again; `size` (bytes), `sha256` and `head` (first bytes) are of the clear content."""

    key: str
    size: int
    sha256: str
    head: bytes

    @property
    def columns(self) -> dict[str, int | str]:
        """What a row keeps of it."""
        return {"blob": self.key, "size": self.size, "sha256": self.sha256}


class TooLarge(Refused):
    pass


class BrokenOff(Refused):
    """The sender stopped before the announced length."""


class NoRoom(Refused):
    """The disk is full or broken; nothing was kept."""


class Damaged(Exception):
    """What lies on the disk is not what was saved."""


NOT_ARRIVED = "Het bestand is niet helemaal aangekomen. Probeer het opnieuw."
NO_ROOM = "Het bestand kan nu niet worden opgeslagen. Probeer het later opnieuw, of kijk bij Contact onder aan de pagina."


class _Tap:
    """The blocks of `source` in order, counted, hashed and with the first bytes kept."""

    def __init__(self, source, limit):
        self.source, self.limit = source, limit
        self.size, self.hash, self.head = 0, hashlib.sha256(), b""

    def __iter__(self):
        while block := self._read():
            self.size += len(block)
            if self.size > self.limit:
                raise TooLarge("Dit bestand is te groot.")
            self.hash.update(block)
            if len(self.head) < HEAD:
                self.head += block[: HEAD - len(self.head)]
            yield block

    def _read(self):
        try:
            return self.source.read(BLOCK)
        except Exception as problem:
            raise BrokenOff(NOT_ARRIVED) from problem


def save(source: BinaryIO, limit: int, length: int | None = None, mark: bool = False) -> Stored:
    """Keep everything readable from `source`; durable on disk when this returns.

    `limit` and `length` (the announced size) are in bytes. Raises TooLarge, or BrokenOff when fewer or more bytes came
    than announced; then nothing is kept. `mark`: say on the disk that no row speaks of these bytes yet, until `settled`.
    """
    key, tap = secrets.token_hex(16), _Tap(source, limit)
    with _told():
        _write(_path(key), tap, length, mark)
    return Stored(key, tap.size, tap.hash.hexdigest(), tap.head)


@contextmanager
def _told():
    """Turn what a disk raises into a sentence for people, and a line for the operator."""
    try:
        yield
    except OSError as problem:
        log.exception("a document could not be kept")
        raise NoRoom(NO_ROOM) from problem


def _write(path, tap, length, mark):
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_suffix(HALF)
    try:
        if mark:
            path.with_suffix(MARK).touch()
        with half.open("xb") as sink:
            _encrypt(tap, sink)
            sink.flush()
            os.fsync(sink.fileno())
        if length is not None and tap.size != length:
            raise BrokenOff(NOT_ARRIVED)
        half.rename(path)
        sync(path.parent)
    except BaseException:
        half.unlink(missing_ok=True)
        path.with_suffix(MARK).unlink(missing_ok=True)
        raise


def _encrypt(blocks, sink):
    age_writer.encrypt(blocks, sink, str(_identities()[0].to_public()))


def read(key: str, sha256: str | None = None) -> Iterator[bytes]:
    """Yield the clear bytes in blocks. Raises Damaged, at the first broken block, when they are not what was saved."""
    path = _path(key)
    if not path.exists():
        raise Damaged(key)
    # The library pushes its output, a web answer pulls: a pipe and a thread turn the one into the other in bounded memory.
    outlet, inlet = os.pipe()
    failure = []

    def decrypt():
        with os.fdopen(inlet, "wb") as sink, path.open("rb") as file:
            try:
                pyrage.decrypt_io(file, sink, _identities())
            except BrokenPipeError:
                pass  # the reader went away
            except Exception as problem:
                failure.append(problem)

    threading.Thread(target=decrypt, daemon=True).start()
    seen = hashlib.sha256()
    with os.fdopen(outlet, "rb") as source:
        while block := source.read(BLOCK):
            seen.update(block)
            yield block
    if failure or (sha256 and seen.hexdigest() != sha256):
        raise Damaged(key)


def reencrypt(key: str, sha256: str) -> bool:
    """Encrypt the file anew to the first identity; True when done. Raises Damaged, changing nothing, when it is not intact."""
    path = _path(key)
    if not path.exists():
        return False
    half = path.with_suffix(HALF)
    with _told():
        try:
            with half.open("wb") as sink:
                _encrypt(read(key, sha256), sink)
                sink.flush()
                os.fsync(sink.fileno())
            half.rename(path)
            sync(path.parent)
        except BaseException:
            half.unlink(missing_ok=True)
            raise
    return True


def settled(key: str) -> None:
    """A row speaks of these bytes now: they may no longer go with what a crash left."""
    _path(key).with_suffix(MARK).unlink(missing_ok=True)


def marked() -> list:
    """The keys of bytes that were being added when their process died, or are being added now."""
    return [path.stem for path in settings.documents_dir.glob(f"??/*{MARK}")]


def delete(key: str) -> None:
    """Remove the bytes; harmless when they are gone already."""
    _path(key).unlink(missing_ok=True)
    _path(key).with_suffix(MARK).unlink(missing_ok=True)


def exists(key: str) -> Any:
    return _path(key).exists()


def keys() -> Iterator[tuple[Any, Any]]:
    """Every key on the disk, and every half file and mark that a crash left, as (key, age of the file as a timestamp)."""
    for path in settings.documents_dir.glob("??/*"):
        yield path.name, path.stat().st_mtime


def files() -> Iterator:
    """The path of every whole file, encrypted as it lies on the disk, to copy it."""
    return (path for path in settings.documents_dir.glob("??/*") if not path.suffix)


def recipients() -> list[str]:
    """The public halves of our identities, which may be shown: they tell which key opens a file."""
    return [str(identity.to_public()) for identity in _identities()]


def _path(key):
    return settings.documents_dir / key[:2] / key


def _identities():
    lines = (line.strip() for file in settings.age_identity_files for line in file.read_text().splitlines())
    return [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-")]


def sync(folder: Path) -> None:
    """Make durable which files a folder holds."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
