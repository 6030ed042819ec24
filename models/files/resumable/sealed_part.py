"""A part of a file that comes in parts; and the streams by which parts are made and read."""

import io
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO

from peewee import BigIntegerField, CharField, Check, DeferredForeignKey, Node

from models import clock
from models.base import NOBODY, PartOf, Record
from models.files import storage


class SealedPart(PartOf, Record):
    """The bytes of an upload from `start` on. Its row goes after its bytes, so that none ever lies there unknown."""

    whole = "upload"

    upload = DeferredForeignKey("ResumableUpload", backref="parts", on_delete="RESTRICT")
    start = BigIntegerField()
    size = BigIntegerField(constraints=[Check("size > 0")])
    sha256 = CharField(max_length=64)
    blob = CharField(max_length=32, unique=True)

    class Meta:
        indexes = ((("upload", "start"), True),)

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return NOBODY

    @classmethod
    def known(cls, blobs: Collection[str]) -> set[str]:
        """Which of these keys are of bytes of a part."""
        return {blob for (blob,) in cls.select(cls.blob).where(cls.blob.in_(blobs)).tuples()}

    @classmethod
    def clear(cls, upload: Any) -> None:
        """Destroy the parts of an upload: the bytes, and then the rows of those that are gone."""
        gone = []
        for number, blob in cls.select(cls.id, cls.blob).where(cls.upload == upload).tuples():
            storage.delete(blob)
            try:
                gone += [] if storage.exists(blob) else [number]
            except OSError:
                continue  # the store gives no answer: `ResumableUpload.sweep` comes by
        if gone:
            cls.delete().where(cls.id.in_(gone)).execute()

    @classmethod
    def forget(cls, uploads: Any) -> list[str]:
        """Delete the rows of all parts of these uploads, a sub-query; returns the keys of their bytes."""
        mine = cls.upload.in_(uploads)
        blobs = [blob for (blob,) in cls.select(cls.blob).where(mine).tuples()]
        cls.delete().where(mine).execute()
        return blobs

    @classmethod
    def reseal(cls) -> int:
        """Encrypt every part anew; returns how many. One that is damaged ends its upload: its sender begins that anew."""
        done = 0
        for part in list(cls.select()):
            try:
                done += storage.reencrypt(part.blob, part.sha256)
            except storage.Damaged:
                part.upload.let_go(clock.now())
        return done


class SenderStream:
    """What a sender brings, `left` bytes to the part; when their line breaks, it ends there."""

    def __init__(self, source: BinaryIO) -> None:
        self.source, self.left, self.ahead = source, 0, b""

    @property
    def more(self) -> bool:
        """Whether something comes, found out by fetching it."""
        self.ahead = self.ahead or self._fetch(storage.BLOCK)
        return bool(self.ahead)

    def read(self, size: int) -> bytes:
        """The next block of this part."""
        block = self.ahead or self._fetch(min(size, self.left))
        block, self.ahead = block[: self.left], block[self.left :]
        self.left -= len(block)
        return block

    def _fetch(self, size):
        try:
            return self.source.read(size) if size else b""
        except Exception:  # however the server tells that the line broke
            self.source = io.BytesIO()
            return b""


class JoinedParts:
    """The parts of an upload one after the other, to read; each is held against the hash in its row."""

    def __init__(self, upload: Any) -> None:
        self.upload, self.damaged, self.blocks = upload, False, self._blocks()

    def _blocks(self) -> Iterator[bytes]:
        for part in list(self.upload.parts.order_by(SealedPart.start)):
            self.upload.still_joining()
            try:
                yield from storage.read(part.blob, part.sha256)
            except storage.Damaged:
                self.damaged = True
                raise

    def read(self, size: int) -> bytes:
        """The next block; of which size says nothing to who hashes and seals it."""
        return next(self.blocks, b"")
