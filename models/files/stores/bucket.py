"""A bucket of an S3 store (Amazon S3 and what speaks its language), in which sealed bytes lie under their keys.

By obstore, one wheel without dependencies: 1 GB through it took 59 MB of memory, through boto3 153 MB, at the same speed.
What is put is sealed on this machine first, in a file without a name, and offered when it is whole. So a sender who breaks
off never reaches the bucket, and an offer can be made again when its answer is lost.
"""

import io
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from models.files.stores import Unanswered
from models.files.stores.folder import MARK, Entry
from settings import S3, settings

PART = 8 << 20  # bytes: of one request, either way; a larger object is put in parts
AT_ONCE = 2  # parts on their way
PATIENCE = "20s"  # for one request
REST = 10.0  # seconds without asking, once the store did not answer: who hangs may not hold every thread
NOTES = "trail-checkpoints"  # where they lie: set a retention lock of the store on it
NO_ANSWER = "{} geeft geen antwoord: {}"


class Bucket:
    """Objects `prefix/ab/abcd…`. An object with the ending of a mark says that no row speaks of these bytes yet."""

    def __init__(self, s3: S3) -> None:
        self.s3 = s3
        self.resting_until = 0.0
        self._made: tuple[int, S3Store] | None = None
        self._making = threading.Lock()

    def __str__(self) -> str:
        return f"s3://{self.s3.bucket}/{self.s3.prefix}".rstrip("/")

    def put(self, key: str, write: Callable[[BinaryIO], None], mark: bool = False, anew: bool = False) -> None:
        """Keep what `write` writes to the file it is given; durable when this returns. What it raises leaves nothing behind.

        Raises Unanswered; FileExistsError when there are other bytes under this key, unless `anew`.
        """
        with tempfile.TemporaryFile(dir=settings.data_dir) as sealed:
            write(cast(BinaryIO, sealed))
            size = sealed.tell()
            with self._asked() as store:
                if mark:
                    obstore.put(store, _name(key) + MARK, b"")
                try:
                    self._offer(store, key, sealed, size, anew)
                except AlreadyExistsError:
                    # Of an offer whose answer was lost; or a key that two drew, which 16 random bytes do not.
                    if self._size(store, key) != size:
                        raise FileExistsError(key) from None
                except BaseError:
                    # The size tells whether a lost offer arrived, but not of an overwriting: that is as long as before.
                    if anew or self._size(store, key) != size:
                        raise

    def _offer(self, store, key, sealed, size, anew):
        sealed.seek(0)
        if size > PART:
            obstore.put(store, _name(key), sealed, use_multipart=True, chunk_size=PART, max_concurrency=AT_ONCE)
        else:
            obstore.put(store, _name(key), sealed.read(), mode="overwrite" if anew else "create")

    def _size(self, store, key):
        try:
            return obstore.head(store, _name(key))["size"]
        except (BaseError, FileNotFoundError):
            return None

    def open(self, key: str) -> BinaryIO | None:
        """The sealed bytes, to read; None when they are not here. Raises Unanswered, here and while reading."""
        with self._asked() as store:
            try:
                first = obstore.get(store, _name(key), options={"range": (0, PART)})
                meta, head = first.meta, bytes(first.bytes())
            except FileNotFoundError:
                self._demand_bucket(store)
                return None
        return cast(BinaryIO, io.BufferedReader(_Object(self, key, head, meta["size"], meta["e_tag"]), PART))

    def part(self, key: str, start: int, e_tag: str | None) -> bytes:
        """Bytes of the object that still is what it was; raises Unanswered."""
        with self._asked() as store:
            try:
                got = obstore.get(store, _name(key), options={"range": (start, start + PART), "if_match": e_tag})
                return bytes(got.bytes())
            except FileNotFoundError as problem:
                raise Unanswered(str(problem)) from None

    def holds(self, key: str) -> bool:
        """Raises Unanswered."""
        with self._asked() as store:
            try:
                obstore.head(store, _name(key))
            except FileNotFoundError:
                self._demand_bucket(store)
                return False
        return True

    def remove(self, name: str) -> None:
        """Take a key away with its mark, or what a crash left; harmless when it is gone already."""
        self._delete([_name(name)] if name.endswith(MARK) else [_name(name), _name(name) + MARK])

    def settle(self, key: str) -> None:
        """Take the mark away."""
        self._delete([_name(key) + MARK])

    def _delete(self, names):
        with self._asked() as store:
            for name in names:
                try:
                    obstore.delete(store, name)
                except FileNotFoundError:
                    self._demand_bucket(store)

    def entries(self) -> Iterator[Entry]:
        """Everything that lies here; the version is size and entity tag. Raises Unanswered."""
        with self._asked() as store:
            for batch in obstore.list(store):
                for meta in batch:
                    if meta["path"].startswith(f"{NOTES}/"):
                        continue
                    name, written = meta["path"].rpartition("/")[2], meta["last_modified"].timestamp()
                    yield Entry(name, written, [meta["size"], meta["e_tag"]])

    def note(self, name: str) -> None:
        """Keep an object without content, whose name says all, apart from the files; once is enough. Raises Unanswered."""
        with self._asked() as store:
            try:
                obstore.put(store, f"{NOTES}/{name}", b"", mode="create")
            except AlreadyExistsError:
                pass

    def notes(self) -> Iterator[str]:
        """The name of every note. Raises Unanswered."""
        with self._asked() as store:
            for batch in obstore.list(store, prefix=NOTES):
                yield from (meta["path"].rpartition("/")[2] for meta in batch)

    def forget_notes(self) -> None:
        """Take every note away. Raises Unanswered."""
        self._delete([f"{NOTES}/{name}" for name in self.notes()])

    @contextmanager
    def _asked(self):
        """The store to ask something of, unless it just did not answer. Its errors become Unanswered."""
        if time.monotonic() < self.resting_until:
            raise Unanswered(NO_ANSWER.format(self, "even geleden ook niet"))
        try:
            yield self._store()
        except FileNotFoundError as problem:  # of the bucket: an object that is not there was told apart before
            raise Unanswered(NO_ANSWER.format(self, _first_line(problem))) from problem
        except BaseError as problem:
            if "timed out" in str(problem).lower() or "error sending request" in str(problem):
                self.resting_until = time.monotonic() + REST
            raise Unanswered(NO_ANSWER.format(self, _first_line(problem))) from problem

    def _demand_bucket(self, store):
        """Raise when not the object but the bucket is what is not there."""
        next(iter(obstore.list(store, chunk_size=1)), None)

    def _store(self):
        """The client of this process: its threads do not outlive a fork."""
        with self._making:
            if self._made is None or self._made[0] != os.getpid():
                self._made = (os.getpid(), self._client())
            return self._made[1]

    def _client(self):
        options = {
            "timeout": PATIENCE,
            "connect_timeout": "5s",
            "allow_http": self.s3.endpoint.startswith("http:"),
            "user_agent": "meldportaal",
        }
        if settings.trusted_ca:
            options["root_certificate"] = settings.trusted_ca.read_text()
        more = {"endpoint": self.s3.endpoint} if self.s3.endpoint else {}
        return S3Store(
            self.s3.bucket,
            prefix=self.s3.prefix or None,
            region=self.s3.region,
            access_key_id=self.s3.key_id,
            secret_access_key=self.s3.secret,
            virtual_hosted_style_request=not self.s3.endpoint,
            client_options=cast(Any, options),
            retry_config={"max_retries": 2},
            **cast(Any, more),
        )


class _Object(io.RawIOBase):
    """An object, read a part at a time: who reads slowly holds no request, and each part is still of the same object."""

    def __init__(self, bucket, key, head, size, e_tag):
        self.bucket, self.key, self.size, self.e_tag = bucket, key, size, e_tag
        self.at, self.held = 0, memoryview(head)

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        if not self.held and self.at < self.size:
            self.held = memoryview(self.bucket.part(self.key, self.at, self.e_tag))
            if not self.held:
                raise Unanswered(self.key)
        taken = min(len(self.held), len(into))
        into[:taken] = self.held[:taken]
        self.held = self.held[taken:]
        self.at += taken
        return taken


def _name(key):
    return f"{key[:2]}/{key}"


def _first_line(problem):
    return str(problem).partition("\n")[0]
