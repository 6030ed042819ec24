"""The only door to bytes: saved under random keys, encrypted on the way in, so that nothing lies in clear on the disk.

Files are in the age format (the standard `age` tool opens them with the key). Rights are not decided here, and
no name that a person typed ever reaches the disk.
"""

import hashlib
import io
import logging
import os
import secrets
import threading
from contextlib import contextmanager
from dataclasses import dataclass

import pyrage

from models.base import Refused
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


class TooLarge(Refused):
    pass


class BrokenOff(Refused):
    """The sender stopped before the announced length."""


class NoRoom(Refused):
    """The disk is full or broken; nothing was kept."""


class Damaged(Exception):
    """What lies on the disk is not what was saved."""


NOT_ARRIVED = "Het bestand is niet helemaal aangekomen. Probeer het opnieuw."
NO_ROOM = "Het bestand kan nu niet worden opgeslagen. Probeer het later opnieuw. Blijft dit gebeuren, bel dan Perined."


class _Tap(io.RawIOBase):
    """Reads from `source` in order, counting, hashing and keeping the first bytes of what passes."""

    def __init__(self, source, limit):
        self.source, self.limit = source, limit
        self.size, self.hash, self.head, self.refusal = 0, hashlib.sha256(), b"", None

    def readable(self):
        return True

    def readinto(self, buffer):
        try:
            block = self.source.read(len(buffer))
        except Damaged as damage:
            self.refusal = damage
            raise
        except Exception as problem:
            self.refusal = BrokenOff(NOT_ARRIVED)
            raise self.refusal from problem
        self.size += len(block)
        if self.size > self.limit:
            self.refusal = TooLarge("Dit bestand is te groot.")
            raise self.refusal
        self.hash.update(block)
        if len(self.head) < HEAD:
            self.head += block[: HEAD - len(self.head)]
        buffer[: len(block)] = block
        return len(block)


def save(source, limit, length=None, mark=False):
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
        _sync(path.parent)
    except BaseException:
        half.unlink(missing_ok=True)
        path.with_suffix(MARK).unlink(missing_ok=True)
        raise


def _encrypt(tap, sink):
    try:
        pyrage.encrypt_io(io.BufferedReader(tap, BLOCK), sink, [_identities()[0].to_public()])
    except (pyrage.EncryptError, OSError) as problem:
        # The library wraps what reader or disk raised; a refusal of ours is told apart by the tap.
        raise tap.refusal or OSError("the disk took no more") from problem


def read(key, sha256=None):
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


def reencrypt(key, sha256):
    """Encrypt the file anew to the first identity; True when done. Raises Damaged, changing nothing, when it is not intact."""
    path = _path(key)
    if not path.exists():
        return False
    half = path.with_suffix(HALF)
    with _told():
        try:
            with half.open("wb") as sink:
                _encrypt(_Tap(_Blocks(read(key, sha256)), float("inf")), sink)
                sink.flush()
                os.fsync(sink.fileno())
            half.rename(path)
            _sync(path.parent)
        except BaseException:
            half.unlink(missing_ok=True)
            raise
    return True


class _Blocks:
    """A file-like face for blocks that come from a generator."""

    def __init__(self, blocks):
        self.blocks, self.rest = blocks, b""

    def read(self, count):
        while not self.rest:
            self.rest = next(self.blocks, None)
            if self.rest is None:
                self.rest = b""
                return b""
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken


def settled(key):
    """A row speaks of these bytes now: they may no longer go with what a crash left."""
    _path(key).with_suffix(MARK).unlink(missing_ok=True)


def marked():
    """The keys of bytes that were being added when their process died, or are being added now."""
    return [path.stem for path in settings.documents_dir.glob(f"??/*{MARK}")]


def delete(key):
    """Remove the bytes; harmless when they are gone already."""
    _path(key).unlink(missing_ok=True)
    _path(key).with_suffix(MARK).unlink(missing_ok=True)


def exists(key):
    return _path(key).exists()


def keys():
    """Every key on the disk, and every half file and mark that a crash left, as (key, age of the file as a timestamp)."""
    for path in settings.documents_dir.glob("??/*"):
        yield path.name, path.stat().st_mtime


def _path(key):
    return settings.documents_dir / key[:2] / key


def _identities():
    lines = (line.strip() for file in settings.age_identity_files for line in file.read_text().splitlines())
    return [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-")]


def _sync(folder):
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
