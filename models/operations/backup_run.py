"""The backups that were made, and whether the last one could be restored. What an operator asks first on the worst night."""

import socket
from datetime import datetime, timedelta

from peewee import CharField, DateTimeField, TextField

from models.base import Record

HERE = socket.gethostname()[:60]
LONGEST_TRIAL = timedelta(hours=6)


class BackupRun(Record):
    """One copy, where it was put, and what its rehearsal found: `findings` is "" for nothing, None before any rehearsal.

    `host`: the machine that made it. `tried_from`: since when a worker restores it on trial.
    """

    made_at = DateTimeField(index=True)
    folder = CharField(max_length=500)
    host = CharField(max_length=60, null=True)
    tried_from = DateTimeField(null=True)
    rehearsed_at = DateTimeField(null=True)
    findings = TextField(null=True)

    @classmethod
    def last(cls) -> "BackupRun | None":
        return cls.select().order_by(cls.id.desc()).first()

    def take(self, now: datetime) -> bool:
        """Whether no other worker restores it on trial; from now on this one does, until `told`."""
        free = BackupRun.tried_from.is_null() | (BackupRun.tried_from < now - LONGEST_TRIAL)
        return bool(BackupRun.update(tried_from=now).where(BackupRun.id == self.id, free).execute())

    def told(self, findings: str, now: datetime) -> None:
        """Note what the trial found, and let go of the copy."""
        changed = {"rehearsed_at": now, "findings": findings, "tried_from": None}
        BackupRun.update(changed).where(BackupRun.id == self.id).execute()

    @classmethod
    def last_rehearsed(cls) -> "BackupRun | None":
        """The last one that was restored on trial."""
        return cls.select().where(cls.rehearsed_at.is_null(False)).order_by(cls.id.desc()).first()

    @classmethod
    def state(cls) -> dict[str, str]:
        """What a health page tells: when the last copy was made, when one was last restored on trial, and how that went."""
        made, tried = cls.last(), cls.last_rehearsed()
        told = {"backup": f"{made.made_at.isoformat(timespec='seconds')}Z"} if made else {}
        if tried:
            told["rehearsed"] = f"{tried.rehearsed_at.isoformat(timespec='seconds')}Z"
            told["restore"] = "broken" if tried.findings else "whole"
        return told
