"""A large file that comes in parts: a broken upload goes on where it stopped, on any web, and after logging in again.

Each part is sealed and durable before its row says so. When the last is there, they are read one after the other into the
one sealed document, through the same gate as any file. So a file in parts is written twice, and for that while takes its
room twice.
"""

from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast

from peewee import SQL, BigIntegerField, CharField, Check, DateTimeField, DeferredForeignKey, ForeignKeyField, Node, fn

from models import access, clock, dutch
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, PartOf, Record, Refused, db, new_key
from models.cases.case import Case
from models.cases.theme import RequestedDocument
from models.encrypted_fields import SealedField
from models.files import file_type, storage
from models.files.document import Document, demand_theme
from models.files.privacy import inspection
from models.files.resumable.sealed_part import JoinedParts, SealedPart, SenderStream
from models.files.sandbox.start import NotStarted
from models.files.upload_limits import CLOSED_FOR_FILES, EMPTY_FILE, MAX_SIZE, TOO_BIG, DayFull, demand_lookable
from models.typed_text import plain

IN_PARTS_FROM = 16_000_000  # bytes from which the page sends a file in parts: below, sending it anew costs little
PART = 16 << 20  # bytes: more are sealed as several parts, so that of a line that breaks no more than this is lost
LONGEST_NAME = 255  # letters; the document gets a tidy one
MOST_PARTS = 5000  # of one file, however its sender cut it
MOST = 20  # uploads that one person may have standing
JOINING = timedelta(minutes=2)  # without a sign of life of who joins the parts
REMEMBERED = timedelta(days=1)  # that the end of an upload can still be asked for
EACH = 20  # uploads in one sweep
STANDING = SQL("ended_at IS NULL")

TOO_MANY = f"U hebt nog {MOST} uploads die niet af zijn. Maak er een af of verwijder er een, en voeg dit bestand daarna toe."
RESERVED = (
    "Met de bestanden die nu onderweg zijn is dit meer dan uw ziekenhuis vandaag kan toevoegen. Voeg dit bestand morgen toe."
)
NOT_YOURS = "Een collega is met deze upload begonnen. Alleen die collega kan ermee verdergaan."
STOPPED = "Deze upload is gestopt. Voeg het bestand opnieuw toe."
TOO_LONG = "Er kwam meer binnen dan de grootte die bij het begin is gezegd. Voeg het bestand opnieuw toe."
TOO_MANY_PARTS = "Dit bestand kwam in te veel kleine stukken binnen. Voeg het opnieuw toe."
NOT_HERE = "Het portaal heeft van dit bestand tot {} ontvangen. Ga daar verder."


class WrongOffset(Refused):
    """What came does not follow what is there, or another request was first."""


class Joining(Refused):
    """The parts are being joined by another request."""


class ResumableUpload(PartOf, Record):
    """One file on its way. It is its sender's alone; `ended_at`: it became a Document, or was stopped, and its parts go."""

    key = CharField(max_length=22, unique=True, default=new_key)
    case = ForeignKeyField(Case, backref="+", on_delete="RESTRICT")
    asked = ForeignKeyField(RequestedDocument, null=True, backref="+", on_delete="RESTRICT")
    replaces = ForeignKeyField(Document, null=True, index=False, backref="+", on_delete="RESTRICT")  # whose place it takes
    sender = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    via = DeferredForeignKey("UploadLink", null=True, index=False, backref="+", on_delete="RESTRICT")  # of a colleague
    name = SealedField()
    size = BigIntegerField(constraints=[Check("size > 0")])
    modified = BigIntegerField(default=0)  # of the file on its sender's disk, in ms since 1970: another is another file
    received = BigIntegerField(default=0)
    begun_at = DateTimeField()
    moved_at = DateTimeField()
    joining_until = DateTimeField(null=True)
    ended_at = DateTimeField(null=True, index=True)

    class Meta:
        constraints = [Check("received >= 0 AND received <= size", "resumable_upload_received")]

    @classmethod
    def of_process(cls, processes: Any) -> Node:
        # It is no file of the case yet.
        return NOBODY

    @classmethod
    def standing(cls, case: Case, user: User, via: Any = None) -> "list[ResumableUpload]":
        """The uploads to this case that this person, or the colleague of the link `via`, can go on with."""
        mine = (cls.case == case) & (cls.sender == user) & (cls.via == via)
        both = cls.select(cls, Document).left_outer_join(Document, on=cls.replaces)
        return list(both.where(mine, cls.ended_at.is_null()).order_by(cls.id))

    # ---- beginning ------------------------------------------------------------------------------------------------------

    @classmethod
    def begin(
        cls,
        case: Case,
        by: User,
        name: str,
        size: int,
        modified: int = 0,
        asked: RequestedDocument | None = None,
        now: datetime | None = None,
        replaces: Document | None = None,
        via: Any = None,
    ) -> "ResumableUpload":
        """Announce a file of `size` bytes, of which the bytes follow by `append`. Raises Refused when it could not be added.

        `replaces`: the file whose place, and asked document, it takes. `via`: the UploadLink of the colleague who sends it.
        """
        case.open_for(by, case.may_add, CLOSED_FOR_FILES)
        demand_theme(case, asked)
        if replaces:
            replaces.demand_replaceable(case, by)
        now = now or clock.now()
        if size <= 0:
            raise Refused(EMPTY_FILE)
        if size > MAX_SIZE:
            raise storage.TooLarge(TOO_BIG)
        with db.atomic():
            case.hospital.hold()
            room = Document.demand_room(case, size, now)
            if size + cls._reserved(case.hospital_id, now) > room:
                raise DayFull(RESERVED)
            if cls.select().where(cls.sender == by, cls.via == via, STANDING).count() >= MOST:
                raise Refused(TOO_MANY)
            whose = {"asked": asked, "replaces": replaces, "sender": by, "via": via}
            told = {"name": plain(name)[:LONGEST_NAME], "size": size, "modified": modified, "begun_at": now, "moved_at": now}
            upload = cls.create(case=case, **whose, **told)
            AuditEvent.log("upload.begin", by=by, case=case, detail=upload.key, at=now)
        return upload

    @classmethod
    def _reserved(cls, hospital, now):
        """How many bytes are announced to this hospital's cases, of uploads that went on today."""
        today = cls.moved_at >= clock.start_of(clock.today(now))
        total = cls.select(fn.COALESCE(fn.SUM(cls.size), 0)).join(Case)
        return int(total.where(STANDING, today, Case.hospital == hospital).scalar())

    # ---- going on -------------------------------------------------------------------------------------------------------

    def append(self, source: BinaryIO, offset: int, by: User, length: int | None = None, now: datetime | None = None) -> int:
        """Keep what can be read from `source` as the bytes from `offset` on; returns how many are here then.

        `length`: announced size in bytes. When the line breaks, what came before is kept. Of two who send the same bytes the
        database takes one; the other gets WrongOffset. Raises Refused for what the case or the kind of file does not allow.
        """
        self._demand_mine(by)
        case = Case.get_by_id(self.case_id)
        case.open_for(by, case.may_add, CLOSED_FOR_FILES)
        if self.ended_at:
            raise Refused(STOPPED)
        if offset != self.received:
            raise WrongOffset(NOT_HERE.format(dutch.size(self.received)))
        if (length or 0) > self.size - offset:
            raise storage.TooLarge(TOO_LONG)
        if self.parts.count() >= MOST_PARTS:
            self._end(now or clock.now())
            raise Refused(TOO_MANY_PARTS)
        came = SenderStream(source)
        while self.received < self.size and came.more:
            came.left = min(PART, self.size - self.received)
            self._keep(storage.save(cast(BinaryIO, came), PART, mark=True), now or clock.now())
        return self.received

    def _keep(self, stored, now):
        """The row of a part, and with it that the upload is further; never without the other."""
        try:
            if self.received == 0:
                self._demand_kind(stored.head)
            here = (ResumableUpload.id == self.id) & (ResumableUpload.received == self.received) & STANDING
            with db.atomic():
                further = {"received": self.received + stored.size, "moved_at": now}
                if not ResumableUpload.update(further).where(here).execute():
                    raise WrongOffset(NOT_HERE.format(dutch.size(ResumableUpload.get_by_id(self.id).received)))
                SealedPart.create(upload=self, start=self.received, **stored.columns)
        except BaseException:
            storage.delete(stored.key)
            raise
        storage.settled(stored.key)
        self.received += stored.size

    def _demand_kind(self, head):
        """Refuse at its first part what would be refused at the last: not after an hour of sending."""
        if len(head) < min(storage.HEAD, self.size):
            return  # the line broke before its kind could be told

        def content():
            demand_lookable(self.size)
            raise LookupError  # a container is opened when it is whole

        try:
            if not file_type.detect(head, content).startswith(("image/", "video/")):
                demand_lookable(self.size)
        except LookupError:
            return
        except Refused:
            self._end(clock.now())
            raise

    def finish(self, by: User, now: datetime | None = None) -> Document:
        """Make a Document of the parts, once all are here; the same one when asked again.

        Raises Refused; when that is about the file itself the upload is over, and otherwise this can be asked later.
        """
        self._demand_mine(by)
        mine = (Document.case == self.case_id) & (Document.upload_key == self.key)
        if made := Document.get_or_none(mine):
            self._end(now or clock.now())
            return made
        if self.ended_at:
            raise Refused(STOPPED)
        case = Case.get_by_id(self.case_id)
        case.open_for(by, case.may_add, CLOSED_FOR_FILES)
        if self.replaces:
            self.replaces.demand_replaceable(case, by)
        Document.demand_room(case, self.size, now)
        self._claim()
        joined, asked = JoinedParts(self), self.asked
        also = {"inspect": inspection.inspect, "replaces": self.replaces, "via": self.via}
        try:
            made = Document.attach(case, joined, self.name, by, self.key, self.size, asked, now, **also)
        except BaseException as reason:
            self._settle(reason, joined)
            raise
        self._end(now or clock.now())
        return made

    def _settle(self, reason, joined):
        """After a refusal: over, when it is about the file itself; else as before."""
        of_file = type(reason) in (Refused, storage.TooLarge) and not isinstance(reason.__cause__, NotStarted)
        if of_file or joined.damaged:
            self._end(clock.now())
        else:
            ResumableUpload.update(joining_until=None).where(ResumableUpload.id == self.id).execute()

    def _claim(self):
        moment = clock.now()
        free = ResumableUpload.joining_until.is_null() | (ResumableUpload.joining_until < moment)
        here = (ResumableUpload.id == self.id) & STANDING & (ResumableUpload.received == ResumableUpload.size) & free
        if not ResumableUpload.update(joining_until=moment + JOINING).where(here).execute():
            raise Joining("Dit bestand wordt nu in elkaar gezet. Een ogenblik.")

    def still_joining(self) -> None:
        """Whoever joins the parts is alive."""
        ResumableUpload.update(joining_until=clock.now() + JOINING).where(ResumableUpload.id == self.id).execute()

    def _demand_mine(self, by):
        if self.sender_id != by.id:
            raise Refused(NOT_YOURS)

    # ---- the end --------------------------------------------------------------------------------------------------------

    def stop(self, by: User, now: datetime | None = None) -> None:
        """Let go of what came. Repeating it changes nothing."""
        access.demand(by, "complete", Case.get_by_id(self.case_id).process)
        self._demand_mine(by)
        self._end(now or clock.now(), "upload.stop", by)

    def expire(self, now: datetime, action: str = "upload.expire", by: User | None = None) -> None:
        """Its term is over, or its link, in the caller's transaction; `sweep` takes the parts."""
        if ResumableUpload.update(ended_at=now).where(ResumableUpload.id == self.id, STANDING).execute():
            AuditEvent.log(action, by=by, case=Case.get_by_id(self.case_id), detail=self.key, at=now)

    @classmethod
    def end_of(cls, case: Case, now: datetime) -> list[str]:
        """End all uploads to a case, without their parts, in the caller's transaction; returns the keys of the bytes to go."""
        cls.update(ended_at=now).where(cls.case == case, STANDING).execute()
        return SealedPart.forget(cls.select(cls.id).where(cls.case == case))

    def as_it_is(self) -> "ResumableUpload":
        """The same upload, as the database has it now."""
        return ResumableUpload.get_by_id(self.id)

    def let_go(self, now: datetime) -> None:
        """End it without a line in the trail: it became a Document, or what came is of no use."""
        self._end(now)

    def _end(self, now, action=None, by=None):
        with db.atomic():
            ended = ResumableUpload.update(ended_at=now, joining_until=None).where(ResumableUpload.id == self.id, STANDING)
            if ended.execute() and action:
                AuditEvent.log(action, by=by, case=Case.get_by_id(self.case_id), detail=self.key, at=now)
        self.ended_at = self.ended_at or now
        SealedPart.clear(self)

    @classmethod
    def sweep(cls, now: datetime) -> None:
        """Destroy parts of some ended uploads that are still there, and forget uploads that ended long enough ago."""
        full = fn.EXISTS(SealedPart.select(SQL("1")).where(SealedPart.upload == cls.id))
        over = full | (cls.ended_at < now - REMEMBERED)
        ended = list(cls.select().where(cls.ended_at.is_null(False), over).order_by(cls.ended_at).limit(EACH))
        for upload in ended:
            SealedPart.clear(upload)
            if upload.ended_at < now - REMEMBERED and not upload.parts.exists():
                upload.delete_instance()


ResumableUpload.add_index(ResumableUpload.index(ResumableUpload.moved_at, where=STANDING, name="resumable_upload_standing"))
