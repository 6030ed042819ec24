"""How far the trail had come, written down outside the database: so that cutting its end off shows too.

Where every machine sees it: in the bucket where there is one, else in a file of the only machine. Not in the database, sealed:
who writes there can forge no seal, but takes the newest rows away with the lines that they speak of, and nobody misses them.
"""

import os
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from models import clock
from models.audit.audit_anchor import AuditAnchor
from models.audit.audit_event import GENESIS, AuditEvent
from models.files import storage
from models.files.stores import Unanswered
from settings import settings

LINE = re.compile(r"(?P<at>\S+Z) (?P<number>\d+) (?P<hash>[0-9a-f]{64})")


def path() -> Path:
    """The file of checkpoints. Whoever keeps a copy elsewhere can prove that nothing was taken away."""
    return settings.data_dir / "trail-checkpoints.txt"


def write(now: datetime | None = None) -> str:
    """Add one line, durable when this returns: moment (UTC), number and hash of the last line of the trail. Returns it.

    Raises Unanswered when the bucket does not take it.
    """
    last = AuditEvent.select(AuditEvent.id, AuditEvent.hash).order_by(AuditEvent.id.desc()).first()
    number, digest = (last.id, last.hash) if last else (0, GENESIS)
    line = f"{(now or clock.now()).isoformat(timespec='seconds')}Z {number} {digest}"
    add([line])
    return line


def add(lines: Iterable[str]) -> None:
    """Write these lines down where new ones go: each an object of its own, whose name says all, or in the file."""
    if bucket := storage.bucket():
        for line in lines:
            bucket.note(line.replace(" ", "_"))
        return
    with path().open("a") as file:
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())


def lines() -> Iterator[str]:
    """Every line that was written, oldest first: of the file, then of the bucket that came after it. Raises Unanswered."""
    if path().exists():
        yield from path().read_text().splitlines()
    if bucket := storage.bucket():
        yield from sorted(name.replace("_", " ") for name in bucket.notes())


def forget() -> None:
    """Take every line away: of a restore that did not succeed."""
    path().unlink(missing_ok=True)
    if bucket := storage.bucket():
        bucket.forget_notes()


def broken() -> Iterator[str]:
    """Yield a sentence for every checkpoint that the trail no longer bears out."""
    begin, digest = AuditAnchor.begin()
    try:
        for place, line in enumerate(lines(), 1):
            if not (said := LINE.fullmatch(line)):
                yield f"logboek: controlepunt {place} is onleesbaar"
            elif (number := int(said["number"])) < begin or (number, said["hash"]) == (begin, digest):
                continue  # what it names had its term, as the anchor says
            elif not AuditEvent.select().where(AuditEvent.id == number, AuditEvent.hash == said["hash"]).exists():
                yield f"logboek: regel {said['number']}, die er op {said['at']} was, ontbreekt of is veranderd"
    except Unanswered as problem:
        yield f"logboek: de controlepunten zijn niet te lezen ({problem})"
