"""A folder of this machine, in which sealed bytes lie under their keys."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

HALF, MARK = ".half", ".new"


class Entry(NamedTuple):
    """What lies somewhere: a key, a mark or a half file."""

    name: str
    written: float  # when, as a timestamp
    version: list[Any]  # bytes of one version are the same


class Folder:
    """`root/ab/abcd…`: a file for each key. A mark beside it says that no row speaks of these bytes yet."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __str__(self) -> str:
        return str(self.root)

    def put(self, key: str, write: Callable[[BinaryIO], None], mark: bool = False, anew: bool = False) -> None:
        """Keep what `write` writes to the file it is given; durable when this returns. What it raises leaves nothing behind."""
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = path.with_suffix(HALF)
        try:
            if mark:
                path.with_suffix(MARK).touch()
            with half.open("wb") as sink:
                write(sink)
                sink.flush()
                os.fsync(sink.fileno())
            half.rename(path)
            sync(path.parent)
        except BaseException:
            half.unlink(missing_ok=True)
            if mark:
                path.with_suffix(MARK).unlink(missing_ok=True)
            raise

    def open(self, key: str) -> BinaryIO | None:
        """The sealed bytes, to read; None when they are not here."""
        try:
            return self.path(key).open("rb")
        except FileNotFoundError:
            return None

    def holds(self, key: str) -> bool:
        return self.path(key).exists()

    def remove(self, name: str) -> None:
        """Take a key away with its mark, or what a crash left; harmless when it is gone already."""
        self.path(name).unlink(missing_ok=True)
        self.settle(name)

    def settle(self, key: str) -> None:
        """Take the mark away."""
        self.path(key).with_suffix(MARK).unlink(missing_ok=True)

    def entries(self) -> Iterator[Entry]:
        """Everything that lies here. Nothing changes a file in place, and sealing it anew makes another."""
        for path in self.root.glob("??/*"):
            try:
                status = path.stat()
            except FileNotFoundError:  # gone since it was listed
                continue
            yield Entry(path.name, status.st_mtime, [status.st_size, status.st_mtime_ns, status.st_ino])

    def path(self, name: str) -> Path:
        return self.root / name[:2] / name


def sync(folder: Path) -> None:
    """Make durable which files a folder holds."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
