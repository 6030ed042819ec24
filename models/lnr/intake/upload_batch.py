"""Messages that a hospital uploads as a file: each is a row, which the worker delivers; nothing is lost or done twice."""

import json
import logging
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, Node, OperationalError, TextField

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, Refused, db, new_key
from models.encrypted_fields import SealedBytes, SealedField
from models.lnr.intake import zip_upload
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry.message import Message, Route
from models.lnr.registry.registry_row import LnrRow
from models.lnr.registry.stay import Stay
from models.long_work import shutdown
from models.long_work.shutdown import until_asked

log = logging.getLogger(__name__)

AT_ONCE = 250  # rows in one statement
LEASE = timedelta(minutes=2)
RENEW = 50  # messages, after which the worker says that it still lives
KEPT_DAYS = 90  # that the report of an upload can be read
FAILED = "Dit bericht kon door een fout in het portaal niet worden verwerkt. Lever het opnieuw aan, of kijk bij Contact."
NOT_WHOLE = "Het bestand is niet helemaal aangekomen. Probeer het opnieuw."
_alone = threading.Lock()


class UploadBatch(LnrRow):
    """One uploaded file. `due`: when the worker may take it up; None before everything is in, and when it is finished."""

    key = CharField(max_length=22, unique=True, default=new_key)
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    by = ForeignKeyField(User, on_delete="RESTRICT")
    name = SealedField()
    size = IntegerField()  # bytes
    request = CharField(max_length=22, unique=True)  # made by the page: a double click uploads once
    created_at = DateTimeField(index=True)
    due = DateTimeField(null=True, index=True)
    finished_at = DateTimeField(null=True)
    total = IntegerField(default=0)
    accepted = IntegerField(default=0)
    refused = IntegerField(default=0)

    class Meta:
        table_name = "lnr_batch"

    @classmethod
    def of_lnr(cls) -> Node:
        # The names of files may say who a child is; they are for the hospital alone.
        return NOBODY

    @classmethod
    def take(cls, by: User, name: str, content: bytes, request: Any, now: datetime | None = None) -> "UploadBatch":
        """Keep the messages of an uploaded file; one message is delivered at once. Returns the Batch, the same for a repeat.

        A repeat of what was broken off before everything was in goes on with it.
        Raises Refused when the file as a whole cannot be used; then nothing is kept.
        """
        access.demand(by, "deliver")
        now, request = now or clock.now(), (request or new_key())[:22]
        batch = cls.get_or_none((cls.request == request) & (cls.hospital == by.hospital_id))
        if batch and batch.total:
            return batch
        found = zip_upload.read(name, content)
        first = next(found)  # from here on the file as a whole is in order
        batch = batch or cls.create(
            hospital=by.hospital_id, by=by, name=zip_upload.tidy(name), size=len(content), request=request, created_at=now
        )
        batch._fill(first, found)
        batch._begin(now)
        return batch

    def _fill(self, first, found):
        """Keep what was found; what an earlier try kept already, or another one keeps right now, is there once."""
        rows = [UploadPart.row(self, 0, first)]
        for position, one in enumerate(found, 1):
            rows.append(UploadPart.row(self, position, one))
            if len(rows) == AT_ONCE:
                UploadPart.insert_many(rows).on_conflict_ignore().execute()
                rows = []
        if rows:
            UploadPart.insert_many(rows).on_conflict_ignore().execute()

    def _begin(self, now):
        """Everything is in: only now may it be worked on; once, whoever else brought the same file."""
        told = {
            UploadBatch.total: self.parts.count(),
            UploadBatch.refused: self.parts.where(UploadPart.problem.is_null(False)).count(),
        }
        with db.atomic():
            begun = (
                UploadBatch.update(told | {UploadBatch.due: now})
                .where(UploadBatch.id == self.id, UploadBatch.total == 0)
                .execute()
            )
            if begun:
                detail = f"upload van {told[UploadBatch.total]}"
                AuditEvent.log(
                    "lnr.upload", by=self.by, hospital=self.hospital_id, subject="LNR-bestand", detail=detail, at=now
                )
        self.total, self.refused, self.due = told[UploadBatch.total], told[UploadBatch.refused], now
        if begun and self.total == 1:
            self.work(now)

    @property
    def done(self) -> int:
        return self.accepted + self.refused

    @classmethod
    def arrived(cls) -> Node:
        """Which uploads are wholly in."""
        return cls.total > 0

    # ---- the worker -----------------------------------------------------------------------------------------------------

    @classmethod
    def work_waiting(cls, now: datetime | None = None) -> int:
        """Deliver every message that waits, one round at a time; returns how many uploads were finished."""
        if not _alone.acquire(blocking=False):
            return 0
        try:
            due = cls.select().where(cls.due <= (now or clock.now())).order_by(cls.due, cls.id)  # in the order of its index
            return sum(batch.work(now) for batch in until_asked(list(due)))
        finally:
            _alone.release()

    def work(self, now: datetime | None = None) -> bool:
        """Deliver what this upload still has; True when it is finished. Whoever dies meanwhile only makes it later."""
        lease = self._claim(self.due, now)
        hospital = Hospital.get_by_id(self.hospital_id)
        while lease and (parts := self._waiting()):
            # Read anew each time: somebody's account may end while their messages wait.
            delivery = Delivery(hospital, by=User.get_by_id(self.by_id), route=Route.BESTAND)
            for part in until_asked(parts):
                part.deliver(delivery, now)
            if shutdown.asked.is_set():
                self._claim(lease, now, until=now or clock.now())  # the next worker goes on at once
                return False
            lease = self._claim(lease, now)
        if lease is None:
            return False
        UploadBatch.update(due=None, finished_at=now or clock.now()).where(
            UploadBatch.id == self.id, UploadBatch.due == lease
        ).execute()
        return True

    def _claim(self, held, now, until=None):
        """The new lease in place of `held`; None when another worker has it."""
        lease = until or (now or clock.now()) + LEASE
        if lease == held:
            lease += timedelta(microseconds=1)
        return (
            lease if UploadBatch.update(due=lease).where(UploadBatch.id == self.id, UploadBatch.due == held).execute() else None
        )

    def _waiting(self):
        return list(self.parts.where(UploadPart.content.is_null(False)).order_by(UploadPart.position).limit(RENEW))

    @classmethod
    def forget_broken(cls, now: datetime | None = None) -> Any:
        """Destroy uploads that were broken off before everything was in."""
        half = (cls.total == 0) & (cls.created_at < (now or clock.now()) - clock.DAY)
        with db.atomic():
            UploadPart.delete().where(UploadPart.batch.in_(cls.select(cls.id).where(half))).execute()
            return cls.delete().where(half).execute()


class UploadPart(LnrRow):
    """One message of an upload. `content` is there until it is delivered; `report` when no Message keeps the answer."""

    batch = ForeignKeyField(UploadBatch, backref="parts", on_delete="RESTRICT")
    position = IntegerField()
    name = SealedField()
    content = SealedBytes(null=True)
    problem = CharField(max_length=200, null=True)  # why it was never a message
    status = IntegerField(null=True)  # of the answer, as over HTTP
    message = ForeignKeyField(Message, null=True, on_delete="RESTRICT")
    report = TextField(null=True)

    class Meta:
        table_name = "lnr_part"
        indexes = ((("batch", "position"), True), (("batch", "status"), False))

    @classmethod
    def delivered_by(cls, hospital: Any) -> Node:
        return cls.batch.in_(UploadBatch.select(UploadBatch.id).where(UploadBatch.hospital == hospital))

    @classmethod
    def of_lnr(cls) -> Node:
        return NOBODY

    @classmethod
    def row(cls, batch: UploadBatch, position: Any, found: Any) -> dict:
        """The values of a row for what was Found in a file."""
        return {
            cls.batch: batch,
            cls.position: position,
            cls.name: found.name,
            cls.content: found.content,
            cls.problem: found.problem or None,
        }

    def deliver(self, delivery: Any, now: datetime | None = None) -> Any:
        """Hand the message in; delivered before the process died, it gets the same answer once more."""
        try:
            answer = deliver(delivery, self.content, now)
        except OperationalError:
            raise  # the database is busy or away: the message waits
        except Refused as reason:
            return self._settle(False, problem=str(reason))
        except Exception:
            log.exception("a message of an upload could not be delivered")
            return self._settle(False, problem=FAILED)
        kept = {"message": Message.get(Message.key == answer.key)} if answer.key else {"report": json.dumps(answer.report)}
        return self._settle(answer.status == 200, status=answer.status, **kept)

    def _settle(self, accepted, **told):
        column = UploadBatch.accepted if accepted else UploadBatch.refused
        with db.atomic():
            mine = (UploadPart.id == self.id) & UploadPart.content.is_null(False)
            if UploadPart.update(content=None, **told).where(mine).execute():
                UploadBatch.update({column: column + 1}).where(UploadBatch.id == self.batch_id).execute()

    @classmethod
    def page(
        cls, batch: UploadBatch, refused_only: bool = False, page: int = 0, size: int = 50
    ) -> "tuple[list[UploadPart], bool]":
        """(the messages of one page, whether there are more), with their answers at hand."""
        wanted = (cls.batch == batch) & (
            cls.problem.is_null(False) | (cls.status != 200) if refused_only else cls.position >= 0
        )
        query = (
            cls.select(cls, Message, Stay).left_outer_join(Message).left_outer_join(Stay).where(wanted).order_by(cls.position)
        )
        rows = list(query.limit(size + 1).offset(page * size))
        return rows[:size], len(rows) > size

    @classmethod
    def blocks(cls, batch: UploadBatch, size: int = 500) -> "Iterator[list[UploadPart]]":
        """Everything of an upload in order, a block at a time."""
        last = -1
        while rows := list(
            cls.select(cls, Message)
            .left_outer_join(Message)
            .where(cls.batch == batch, cls.position > last)
            .order_by(cls.position)
            .limit(size)
        ):
            yield rows
            last = rows[-1].position

    @property
    def answer(self) -> Any:
        """The report as the sender would get it; None when it waits, or never was a message."""
        if self.message_id:
            return self.message.report
        return json.loads(self.report) if self.report else None
