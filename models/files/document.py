"""A file of a case: its name, size, hash and where its bytes are. Not: the bytes, not the rights."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    DateTimeField,
    DeferredForeignKey,
    ForeignKeyField,
    IntegrityError,
    Node,
)

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import PartOf, Record, Refused, db, new_key
from models.cases.case import Case
from models.cases.requested_document import same_document
from models.cases.theme import RequestedDocument
from models.encrypted_fields import SealedField
from models.files import file_type, storage
from models.files.file_history import FileHistory
from models.files.file_name import tidy_name
from models.files.file_state import BLOCKED, FILE_STATE_LABELS, FileState, Opened
from models.files.upload_limits import CLOSED_FOR_FILES, MAX_SIZE, Bounded, accepted_type
from models.mail import damage_alert
from models.search.word_index import Searched
from settings import settings

UNDO_DAYS = 30
GONE = "Dit bestand is intussen verwijderd."
DAMAGED = "bestanden: de inhoud van bestand {} is beschadigd"


class Document(Searched, Opened, Bounded, FileHistory, PartOf, Record):
    """One file. Removing keeps it UNDO_DAYS, so that it can be put back; then the night destroys it."""

    searched = ("name",)

    key = CharField(max_length=22, unique=True, default=new_key)
    case = ForeignKeyField(Case, backref="documents", on_delete="RESTRICT")
    asked = ForeignKeyField(RequestedDocument, null=True, backref="documents", on_delete="RESTRICT")
    name = SealedField()
    media_type = CharField(max_length=100)
    size = BigIntegerField(constraints=[Check("size > 0")])
    sha256 = CharField(max_length=64)
    blob = CharField(max_length=32, unique=True)
    upload_key = CharField(max_length=43)  # made by the page: a repeated upload is the same file
    generated = BooleanField(default=False)  # made by the portal of a questionnaire; nobody's upload
    superseded = BooleanField(default=False)  # a newer one was made; kept for the history
    route = CharField(max_length=40, null=True)  # how it came, when a coordinator added it
    replaces = ForeignKeyField("self", null=True, index=False, backref="+", on_delete="RESTRICT")  # in whose place it came
    added_by = ForeignKeyField(User, on_delete="RESTRICT")
    via = DeferredForeignKey("UploadLink", null=True, on_delete="RESTRICT")  # of the colleague whom `added_by` asked for it
    added_at = DateTimeField()
    removed_at = DateTimeField(null=True)
    removed_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    purged_at = DateTimeField(null=True)
    state = CharField(max_length=16, choices=list(FILE_STATE_LABELS.items()), default=FileState.NIET_GESCAND)
    state_said = CharField(max_length=200, default="")  # the name of the virus, or why the file could not be scanned
    scan_due = DateTimeField(null=True)  # when the scanner is asked, or asked again; while it is asked, until when
    look_due = DateTimeField(null=True, index=True)  # the same for what may tell who somebody is

    class Meta:
        indexes = (
            (("case", "upload_key"), True),
            (("state", "scan_due"), False),
            (("added_at",), False),
        )

    def __str__(self):
        return self.name

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return cls.within("shared_with", processes)

    @classmethod
    def studied_by(cls, user: User, processes: Collection[str]) -> Node:
        return cls.removed_at.is_null() & cls.within("studied_by", user, processes)

    @classmethod
    def usable(cls) -> Node:
        """Which files count as files of their case, as an expression."""
        return cls.removed_at.is_null() & cls.state.not_in(BLOCKED)

    @property
    def shown_in_page(self) -> bool:
        """Whether a browser can show it without a program of its own."""
        return self.media_type in file_type.SHOWN_IN_PAGE

    @property
    def is_new(self) -> bool:
        """Added after the case was submitted for the first time."""
        return self.case.submitted_at is not None and self.added_at > self.case.submitted_at

    @classmethod
    def attach(
        cls,
        case: Case,
        source: Any,
        name: str,
        by: User,
        upload_key: str,
        length: int | None = None,
        asked: RequestedDocument | None = None,
        now: datetime | None = None,
        inspect: Callable | None = None,
        replaces: Any = None,
        **came: Any,
    ) -> Any:
        """Keep what can be read from `source` as a file of `case`; bytes first, then the row. Returns the row.

        `length`: announced size in bytes. The same `upload_key` gives the file that is there already, if it is
        the same. `inspect` is
        called with (storage.Stored, media type, name) and may refuse what was read before it becomes a file. `route`: how it
        came to the coordinator who adds it. `replaces`: the file whose place, and asked document, it takes. `via`: the
        UploadLink of the colleague who sends it; it must still stand when the file is whole.
        Raises Refused (too large, empty, broken off, a type that is not accepted, a case that is closed for files).
        """
        cls.demand_adding(case, by, came.get("route"), CLOSED_FOR_FILES)
        demand_theme(case, asked)
        mine = (cls.case == case) & (cls.upload_key == upload_key)
        if made := cls.get_or_none(mine):
            return made.sent_again(source, length)
        if replaces:
            replaces.demand_replaceable(case, by)
        limit = min(MAX_SIZE, cls.demand_room(case, length or 0, now))
        stored = storage.save(source, limit, length, mark=True)
        try:
            media_type = accepted_type(stored)
            if inspect:
                inspect(stored, media_type, tidy_name(name, media_type))
            about = {"asked": replaces.asked_id if replaces else asked, "replaces": replaces, **came}
            document = cls._keep(case, stored, media_type, name, by, upload_key, about, now or clock.now())
        except IntegrityError:
            # The same upload came twice at once; the other one was first.
            storage.delete(stored.key)
            return cls.get(cls.case == case, cls.upload_key == upload_key).demand_sent(stored.size, stored.sha256)
        except BaseException:
            storage.delete(stored.key)
            raise
        storage.settled(stored.key)
        return document

    @classmethod
    def _keep(cls, case, stored, media_type, name, by, upload_key, about, now):
        with db.atomic():
            # The upload may have taken an hour: the case must still be open for files now.
            fresh = Case.held(case.id)
            cls.demand_adding(fresh, by, about.get("route"), "Intussen is deze melding {}: het bestand is niet toegevoegd.")
            if about.get("via"):
                about["via"].demand_standing(now)
            if fresh.theme_id != case.theme_id and about["asked"]:
                about["asked"] = same_document(about["asked"], fresh) or about["asked"]
            case.hospital.hold()
            if cls.select().where(cls.case == case, cls.upload_key == upload_key).exists():
                raise IntegrityError(upload_key)
            if about["replaces"]:
                about["replaces"].demand_replaceable(fresh, by)
                about["replaces"]._give_way(by, now)
            cls.demand_room(case, stored.size, now)
            document = cls.create(
                case=case,
                **about,
                name=tidy_name(name, media_type),
                media_type=media_type,
                look_due=now,
                **_arrival(stored, upload_key, by, now),
            )
            Case.update(uploads=Case.uploads + 1).where(Case.id == case.id).execute()
            AuditEvent.log("document.attach", by=by, case=case, detail=document.key, at=now)
        return document

    @classmethod
    def attach_generated(
        cls, case: Case, stored: Any, name: str, by: User, upload_key: str, replaces: Any = None, now: datetime | None = None
    ) -> Any:
        """Add a PDF that the portal made, in place of `replaces`, in the caller's transaction. It is not an upload (Q12)."""
        now = now or clock.now()
        with db.atomic():
            if replaces:
                gone = {cls.removed_at: now, cls.superseded: True}
                cls.update(gone).where(cls.id == replaces.id, cls.removed_at.is_null()).execute()
            document = cls.create(
                case=case,
                name=tidy_name(name, "application/pdf"),
                media_type="application/pdf",
                generated=True,
                **_arrival(stored, upload_key, by, now),
            )
            AuditEvent.log("document.generate", case=case, detail=document.key, at=now)
        return document

    def succeed(self, stored: Any, by: User, upload_key: str, now: datetime) -> "Document":
        """Put what was `stored` in the place of this file, in the caller's transaction; returns the new row.

        Raises Refused when the case or the file was changed meanwhile.
        """
        case = Case.get_by_id(self.case_id)
        case.open_for(by, case.may_remove, "Intussen is deze melding {}: het bestand is niet gewijzigd.")
        mine = (Document.id == self.id) & Document.removed_at.is_null()
        if not Document.update(removed_at=now, removed_by=by).where(mine).execute():
            raise Refused(GONE)
        kept = {name: self.__data__.get(name) for name in ("case", "asked", "route", "replaces", "name", "media_type", "via")}
        return Document.create(**kept, look_due=self.look_due and now, **_arrival(stored, upload_key, by, now))

    def remove(self, by: User, now: datetime | None = None) -> None:
        """Take the file out of the case; it can be put back for UNDO_DAYS. Repeating it changes nothing."""
        self._demand_upload()
        now = now or clock.now()
        with db.atomic():
            case = Case.held(self.case_id)
            self.demand_removing(case, by)
            gone = Document.update(removed_at=now, removed_by=by).where(Document.id == self.id, Document.removed_at.is_null())
            if gone.execute():
                Case.update(uploads=Case.uploads - 1).where(Case.id == self.case_id).execute()
                AuditEvent.log("document.remove", by=by, case=case, detail=self.key, at=now)

    def restore(self, by: User, now: datetime | None = None) -> None:
        """Put a removed file back. Raises Refused once its bytes are gone."""
        self._demand_upload()
        if self.state == FileState.BESMET:
            raise Refused("In dit bestand is een virus gevonden. Het kan niet worden teruggezet.")
        back = (Document.id == self.id) & Document.removed_at.is_null(False) & Document.purged_at.is_null()
        with db.atomic():
            case = Case.held(self.case_id)
            case.open_for(by, case.may_add, "Bij een melding met de status {} kunt u geen bestanden meer terugzetten.")
            if Document.select().where(back).exists():
                self.demand_place(case)
            if Document.update(removed_at=None, removed_by=None, **self._anew(now)).where(back).execute():
                self.take_place_back()
                Case.update(uploads=Case.uploads + 1).where(Case.id == self.case_id).execute()
                AuditEvent.log("document.restore", by=by, case=case, detail=self.key, at=now)
            elif Document.get_by_id(self.id).purged_at:
                raise Refused("Dit bestand is definitief verwijderd. Voeg het opnieuw toe.")

    def _anew(self, now):
        # What the scanner said while it was away was thrown away.
        return {"scan_due": now or clock.now()} if self.state == FileState.WACHT else {}

    def _demand_upload(self):
        if self.generated:
            raise Refused("Dit bestand hoort bij de vragenlijst. Het verandert vanzelf mee als u de antwoorden wijzigt.")

    def demand_here(self) -> None:
        """Raise Refused, with the reason, unless it is a file that its hospital added, is there, and can ever be opened."""
        self._demand_upload()
        if self.removed_at:
            raise Refused(GONE)
        if not self.counts:
            raise Refused(self.why_closed)

    def link(self, asked: RequestedDocument | None, by: User, now: datetime | None = None) -> None:
        """Say which asked document this file is; None unties it. Raises Refused for a document of another theme."""
        with db.atomic():
            case = Case.held(self.case_id)
            case.open_for(by, case.may_add, "Bij een melding met de status {} kan dit niet meer.")
            demand_theme(case, asked)
            self.asked = asked
            self.save()
            AuditEvent.log("document.link", by=by, case=case, detail=self.key, at=now)

    def content(self, by: User, action: str = "document.download", now: datetime | None = None) -> Iterator[bytes]:
        """Yield the bytes of the file, written down in the trail first. Raises storage.Damaged when they are not intact,
        and Refused when `by` may not, or nobody may (now)."""
        if not access.visible(Document, by).where(Document.id == self.id).exists():
            raise Refused("Dit bestand hoort bij een melding die u niet kunt inzien.")
        self.demand_open()
        AuditEvent.log(action, by=by, case=self.case, detail=self.key, at=now)
        return storage.read(self.blob, self.sha256)

    def lost(self, by: User | None) -> None:
        """Write down that the bytes are not what was saved, and tell the beheerders: the disk and the backup need a look."""
        with db.atomic():
            AuditEvent.log("document.lost", by=by, case=self.case, detail=self.key, result="mislukt")
            damage_alert.sound([DAMAGED.format(self.id)])


def _arrival(stored, upload_key, by, now):
    scan = {"state": FileState.WACHT, "scan_due": now} if settings.clamd_url else {}
    return {**stored.columns, "upload_key": upload_key, "added_by": by, "added_at": now, **scan}


def demand_theme(case: Case, asked: RequestedDocument | None) -> None:
    """Raise Refused for an asked document of another theme than the case has; None is of every theme."""
    if asked is not None and asked.theme_id != case.theme_id:
        raise Refused("Dit document hoort niet bij het thema van deze melding.")


# Not of the files that are there: by their IS NULL SQLite would read all of them, and not those of one case.
Document.add_index(Document.index(Document.removed_at, where=SQL("removed_at IS NOT NULL"), name="document_removed"))
