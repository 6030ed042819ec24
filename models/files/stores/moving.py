"""Moving documents from the folder to the bucket that came after it, while the portal serves."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from typing import Any

from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.files.stores import Unanswered
from models.files.stores.bucket import Bucket
from models.files.stores.folder import MARK, Folder
from models.long_work import how_far
from settings import settings

BLOCK = 1 << 20


@dataclass(frozen=True)
class Moved:
    """How many went, and the keys of those that stay: they are being written, or did not arrive as they were."""

    count: int
    left: list[str]


def move(folder: Folder | None = None, bucket: Bucket | None = None) -> Moved:
    """Put every file of the folder into the bucket, read it back there, and take it out of the folder. May be broken off and
    begun again. Raises Refused when no bucket is set, or when it gives no answer.

    Nobody misses a file meanwhile: it is looked for in the folder first, and leaves that only when it is in the bucket.
    """
    if settings.s3 is None:
        raise Refused("STORAGE_URL noemt geen bucket. Zet daar s3://BUCKET neer, en geef deze opdracht dan opnieuw.")
    folder, bucket = folder or Folder(settings.documents_dir), bucket or Bucket(settings.s3)
    entries = list(folder.entries())
    marked = {entry.name.removesuffix(MARK) for entry in entries if entry.name.endswith(MARK)}
    whole = [entry for entry in entries if "." not in entry.name]
    count, left = 0, []
    try:
        for entry in how_far.told("Bestanden verplaatst", whole):
            if entry.name not in marked and _move_one(folder, bucket, entry.name):
                count += 1
            elif folder.holds(entry.name):
                left.append(entry.name)
    except Unanswered as problem:
        raise Refused(f"{problem}. Wat al verplaatst is, blijft daar; geef de opdracht later opnieuw.") from problem
    finally:
        if count:
            AuditEvent.log("documents.move", subject=str(bucket), detail=f"{count} bestanden")
    return Moved(count, left)


def _move_one(folder, bucket, key):
    """Whether this file is in the bucket now, and there only."""
    source = folder.open(key)
    if source is None:
        return False  # destroyed since it was listed
    with source:
        seen = _Hashed(source)
        bucket.put(key, lambda sink: shutil.copyfileobj(seen, sink, BLOCK), anew=True)
        arrived = bucket.open(key)
        if arrived is None or _digest(arrived) != seen.hash.hexdigest():
            return False
        now = folder.open(key)
        if now is None:
            # Destroyed meanwhile, which asks the folder first and then the bucket: it may have been there too early.
            bucket.remove(key)
            return False
        with now:
            if not os.path.sameopenfile(source.fileno(), now.fileno()):
                return False  # `reseal` put other bytes in its place
    folder.remove(key)
    return True


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, file: Any) -> None:
        self.file, self.hash = file, hashlib.sha256()

    def read(self, size: int) -> bytes:
        block = self.file.read(size)
        self.hash.update(block)
        return block


def _digest(file):
    with file:
        return hashlib.file_digest(file, "sha256").hexdigest()
