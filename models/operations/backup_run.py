"""The backups that were made, and whether the last one could be restored. What an operator asks first on the worst night."""

from peewee import CharField, DateTimeField, TextField

from models.base import Record


class BackupRun(Record):
    """One copy, where it was put, and what its rehearsal found: `findings` is "" for nothing, None before any rehearsal."""

    made_at = DateTimeField(index=True)
    folder = CharField(max_length=500)
    rehearsed_at = DateTimeField(null=True)
    findings = TextField(null=True)

    @classmethod
    def last(cls) -> "BackupRun | None":
        return cls.select().order_by(cls.id.desc()).first()

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
