"""How far the trail had come, written down outside the database: so that cutting its end off shows too."""

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from models import clock
from models.audit.audit_anchor import AuditAnchor
from models.audit.audit_event import GENESIS, AuditEvent
from settings import settings

LINE = re.compile(r"(?P<at>\S+Z) (?P<number>\d+) (?P<hash>[0-9a-f]{64})")


def path() -> Path:
    """The file of checkpoints. Whoever keeps a copy elsewhere can prove that nothing was taken away."""
    return settings.data_dir / "trail-checkpoints.txt"


def write(now: datetime | None = None) -> str:
    """Add one line, durable when this returns: moment (UTC), number and hash of the last line of the trail. Returns it."""
    last = AuditEvent.select(AuditEvent.id, AuditEvent.hash).order_by(AuditEvent.id.desc()).first()
    number, digest = (last.id, last.hash) if last else (0, GENESIS)
    line = f"{(now or clock.now()).isoformat(timespec='seconds')}Z {number} {digest}"
    with path().open("a") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())
    return line


def broken() -> Iterator[str]:
    """Yield a sentence for every checkpoint that the trail no longer bears out."""
    if not path().exists():
        return
    begin, digest = AuditAnchor.begin()
    for place, line in enumerate(path().read_text().splitlines(), 1):
        if not (said := LINE.fullmatch(line)):
            yield f"logboek: controlepunt {place} is onleesbaar"
        elif (number := int(said["number"])) < begin or (number, said["hash"]) == (begin, digest):
            continue  # what it names had its term, as the anchor says
        elif not AuditEvent.select().where(AuditEvent.id == number, AuditEvent.hash == said["hash"]).exists():
            yield f"logboek: regel {said['number']}, die er op {said['at']} was, ontbreekt of is veranderd"
