"""The only door to bytes: saved under random keys, encrypted on the way in, so that nothing is kept in clear.

Files are in the age format (the standard `age` tool opens them with the key). Rights are not decided here, and
no name that a person typed is ever the name of a file. Where they lie, `stores/` knows: a folder, or a bucket of an S3 store.
"""

import hashlib
import logging
import os
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO

import pyrage

from models import dutch
from models.base import Refused
from models.files import age_writer
from models.files.stores import Unanswered
from models.files.stores.folder import MARK, Folder
from settings import settings

if TYPE_CHECKING:
    from models.files.stores.bucket import Bucket

log = logging.getLogger(__name__)

BLOCK = 1 << 18  # a quarter less work for each upload than 64 kB; more gains nothing
HEAD = 8192


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
    """The disk is full or broken, or the store gives no answer; nothing was kept."""


class Unreachable(Refused):
    """The store gives no answer; whether the bytes are whole is not known."""


class Damaged(Exception):
    """What is kept is not what was saved."""


NOT_ARRIVED = "Het bestand is niet helemaal aangekomen. Probeer het opnieuw."
NO_ROOM = "Het bestand kan nu niet worden opgeslagen. Probeer het later opnieuw, of kijk bij Contact onder aan de pagina."
NO_ANSWER = "Dit bestand kan nu niet worden gelezen. Probeer het over een minuut opnieuw."


class _Tap:
    """The blocks of `source` in order, counted, hashed and with the first bytes kept."""

    def __init__(self, source, limit):
        self.source, self.limit = source, limit
        self.size, self.hash, self.head = 0, hashlib.sha256(), b""

    def __iter__(self):
        while block := self._read():
            self.size += len(block)
            if self.size > self.limit:
                raise TooLarge(f"Dit bestand is groter dan {dutch.size(self.limit)}. Verdeel het over meer bestanden.")
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
    """Keep everything readable from `source`; durable when this returns.

    `limit` and `length` (the announced size) are in bytes. Raises TooLarge, or BrokenOff when fewer or more bytes came
    than announced; then nothing is kept. `mark`: say beside them that no row speaks of these bytes yet, until `settled`.
    """
    key, tap = secrets.token_hex(16), _Tap(source, limit)

    def write(sink):
        seal(tap, sink)
        if length is not None and tap.size != length:
            raise BrokenOff(NOT_ARRIVED)

    with _told():
        _stores()[-1].put(key, write, mark)
    return Stored(key, tap.size, tap.hash.hexdigest(), tap.head)


@contextmanager
def _told():
    """Turn what a disk or a store raises into a sentence for people, and a line for the operator."""
    try:
        yield
    except OSError as problem:
        log.exception("a document could not be kept")
        raise NoRoom(NO_ROOM) from problem


def _stores():
    """Where bytes may lie, the last one takes what is new. First the folder that a bucket came after: `move-documents`
    puts a file into the bucket before it takes it out of the folder, so who asks in this order never misses it."""
    return _folder_and_bucket(settings.documents_dir, settings.s3)


@lru_cache(maxsize=8)
def _folder_and_bucket(folder, s3):
    if not s3:
        return (Folder(folder),)
    from models.files.stores.bucket import Bucket  # noqa: PLC0415  5 MB

    return Folder(folder), Bucket(s3)


def where() -> str:
    """The name of the place where new bytes go."""
    return str(_stores()[-1])


def bucket() -> "Bucket | None":
    """The bucket where new bytes go; None where that is a folder."""
    last = _stores()[-1]
    return None if isinstance(last, Folder) else last


def seal(blocks: Iterable[bytes], sink: BinaryIO) -> None:
    """Write the blocks to the file `sink`, so that our identities open them."""
    age_writer.encrypt(blocks, sink, str(_identities()[0].to_public()))


def _open(key):
    """The sealed bytes, wherever they lie, or None. Raises Unreachable."""
    try:
        return next((file for store in _stores() if (file := store.open(key)) is not None), None)
    except Unanswered as problem:
        log.exception("a document could not be read")
        raise Unreachable(NO_ANSWER) from problem


def read(key: str, sha256: str | None = None) -> Iterator[bytes]:
    """Yield the clear bytes in blocks. Raises Damaged, at the first broken block, when they are not what was saved; and
    Unreachable when the store gives no answer."""
    sealed = _open(key)
    if sealed is None:
        raise Damaged(key)
    seen = hashlib.sha256()
    for block in unseal(sealed, key):
        seen.update(block)
        yield block
    if sha256 and seen.hexdigest() != sha256:
        raise Damaged(key)


def unseal(sealed: BinaryIO, name: str) -> Iterator[bytes]:
    """Yield the clear bytes of an open file that `seal` wrote, and close it. Raises Damaged with `name`, and Unreachable."""
    # The library pushes its output, a web answer pulls: a pipe and a thread turn the one into the other in bounded memory.
    outlet, inlet = os.pipe()
    failure = []

    def decrypt():
        with os.fdopen(inlet, "wb") as sink, sealed:
            watched = _Watched(sealed)
            try:
                pyrage.decrypt_io(watched, sink, _identities())
            except BrokenPipeError:
                pass  # the reader went away
            except Exception as problem:
                failure.append(watched.problem or problem)

    threading.Thread(target=decrypt, daemon=True).start()
    with os.fdopen(outlet, "rb") as source:
        while block := source.read(BLOCK):
            yield block
    if failure and isinstance(failure[0], Unanswered):
        log.error("a document could not be read: %s", failure[0])
        raise Unreachable(NO_ANSWER)
    if failure:
        raise Damaged(name)


class _Watched:
    """Sealed bytes; what went wrong in reading them is remembered, for the library tells everything alike."""

    def __init__(self, file):
        self.file, self.problem = file, None

    def read(self, size: int) -> bytes:
        try:
            return self.file.read(size)
        except OSError as problem:
            self.problem = problem
            raise


def reencrypt(key: str, sha256: str) -> bool:
    """Encrypt the file anew to the first identity; True when done. Raises Damaged, changing nothing, when it is not intact."""
    store = _holding(key)
    if store is None:
        return False
    with _told():
        store.put(key, lambda sink: seal(read(key, sha256), sink), anew=True)
    return True


def _holding(key):
    return next((store for store in _stores() if store.holds(key)), None)


def settled(key: str) -> None:
    """A row speaks of these bytes now: they may no longer go with what a crash left."""
    for store in _stores():
        try:
            store.settle(key)
        except Unanswered:
            log.warning("a mark stays beside a document until the nightly round: the store gives no answer")


def marked() -> list:
    """The keys of bytes that were being added when their process died, or are being added now."""
    return [name.removesuffix(MARK) for name, _ in keys() if name.endswith(MARK)]


def delete(key: str) -> None:
    """Remove the bytes; harmless when they are gone already. Where the store gives no answer the nightly round does it."""
    for store in _stores():
        try:
            store.remove(key)
        except Unanswered:
            log.exception("a document could not be removed")


def exists(key: str) -> bool:
    """Whether there are bytes under this key. Raises OSError when the store gives no answer."""
    return _holding(key) is not None


def keys() -> Iterator[tuple[str, float]]:
    """Every key, and every half file and mark that a crash left, as (key, when it was written as a timestamp)."""
    for store in _stores():
        yield from ((entry.name, entry.written) for entry in store.entries())


def whole() -> Iterator[tuple[str, list[Any]]]:
    """(key, version) of everything that is whole, to copy it: bytes of the same version are the same."""
    for store in _stores():
        yield from ((entry.name, entry.version) for entry in store.entries() if "." not in entry.name)


def sealed(key: str) -> BinaryIO:
    """The encrypted bytes as they are kept. Raises FileNotFoundError, or Unreachable."""
    if (file := _open(key)) is None:
        raise FileNotFoundError(key)
    return file


def put_back(key: str, file: BinaryIO) -> None:
    """Keep encrypted bytes of a backup under the key that they had."""
    with _told():
        _stores()[-1].put(key, lambda sink: shutil.copyfileobj(file, sink, BLOCK))


def recipients() -> list[str]:
    """The public halves of our identities, which may be shown: they tell which key opens a file."""
    return [str(identity.to_public()) for identity in _identities()]


def _identities():
    lines = (line.strip() for file in settings.age_identity_files for line in file.read_text().splitlines())
    return [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-")]
