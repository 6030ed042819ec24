"""The code that proves that who opened an upload link reads the mail of that address, and the visit that it opens."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField

from models import clock
from models.accounts.rate_limit import FailedAttempt
from models.audit import audit_event
from models.audit.audit_event import AuditEvent
from models.base import PartOf, Record, Refused, db, new_key
from models.cases.case import Case
from models.dutch import plural
from models.files.document import Document
from models.files.resumable.resumable_upload import ResumableUpload
from models.mail.mail_status import MailStatus
from models.mail.outbox import Mail
from models.upload_links.upload_link import MOST_FILES, LinkOver, UploadLink
from settings import settings

VALID = timedelta(minutes=10)
TRIES = 5  # of one code
MOST_A_DAY = 5  # codes of one link: with TRIES a chance of 1 in 2,800 to guess one in all the days of a link
AGAIN = timedelta(minutes=1)  # before that a second press is the same press
VISIT = timedelta(hours=2)
QUIET = timedelta(minutes=15)  # the mail about files waits so long for more of them
LAST_TRY = "Deze code klopt niet, en geldt nu niet meer. Vraag een nieuwe code."
NOT_OPEN = "Uw bezoek is voorbij. Open de link in de mail opnieuw; wat is ontvangen, is bewaard."


class UploadCode(PartOf, Record):
    """Six digits, kept nowhere: they are made again from the nonce and a key outside the database. Once right, a visit."""

    whole = "link"

    key = CharField(max_length=22, unique=True, default=new_key)
    link = ForeignKeyField(UploadLink, backref="codes", on_delete="RESTRICT")
    nonce = CharField(max_length=43)
    made_at = DateTimeField()
    tries = IntegerField(default=0)
    used_at = DateTimeField(null=True)
    done_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("link", "made_at"), False),)

    @classmethod
    def send(cls, link: UploadLink, now: datetime | None = None) -> None:
        """Mail a new code; the one before is worth nothing from now on. Raises Refused after MOST_A_DAY."""
        now = now or clock.now()
        with db.atomic():
            Case.held(link.case_id)  # of two presses at once the second finds the code of the first
            link.demand_standing(now)
            made = list(cls.select().where(cls.link == link, cls.made_at > now - clock.DAY).order_by(cls.id.desc()))
            if made and made[0].used_at is None and made[0].made_at > now - AGAIN:
                return
            if len(made) >= MOST_A_DAY:
                raise Refused(f"U hebt in een dag {MOST_A_DAY} codes gevraagd. Probeer het morgen opnieuw.")
            code = cls.create(link=link, nonce=secrets.token_urlsafe(32), made_at=now)
            Mail.queue_to(
                "colleague_code", link.address, once=f"colleague_code:{code.id}", now=now, case=link.case, code=code.id
            )
            with link.acting():
                AuditEvent.log("colleague.code", case=link.case, detail=f"document {link.asked_id}", at=now)

    @classmethod
    def enter(cls, link: UploadLink, typed: str, now: datetime | None = None) -> "UploadCode":
        """Open a visit with what was typed. Each try counts, in a transaction of its own. Raises Refused for a wrong code."""
        now, name = now or clock.now(), f"upload_link:{link.id}"
        link.demand_standing(now)
        _demand_over(FailedAttempt.wait(name, now=now))
        code = cls.select().where(cls.link == link).order_by(cls.id.desc()).first()
        mine = (cls.id == (code and code.id)) & (cls.tries < TRIES) & cls.used_at.is_null() & (cls.made_at > now - VALID)
        if code is None or not cls.update(tries=cls.tries + 1).where(mine).execute():
            raise Refused("Deze code geldt niet meer. Vraag een nieuwe code.")
        with link.acting(), db.atomic():
            if right := code._is("".join(typed.split())):
                if not cls.update(used_at=now).where(cls.id == code.id, cls.used_at.is_null()).execute():
                    raise Refused("Deze code geldt niet meer. Vraag een nieuwe code.")
                link.note_opened(now)
                AuditEvent.log("colleague.open", case=link.case, detail=f"document {link.asked_id}", at=now)
            else:
                FailedAttempt.note(name, audit_event.origin.get(), now)
                told = f"document {link.asked_id}"
                AuditEvent.log("colleague.wrong_code", case=link.case, detail=told, result="geweigerd", at=now)
        if not right:
            # Only the wrong one, as with passwords: a colleague behind the same address comes in with the right one.
            _demand_over(FailedAttempt.crowded(audit_event.origin.get(), now))
            left = TRIES - 1 - code.tries
            raise Refused(f"Deze code klopt niet. U kunt het nog {left} keer proberen." if left else LAST_TRY)
        return cls.get_by_id(code.id)

    def _is(self, typed):
        given = typed.encode("utf-8", "replace")
        return sum(hmac.compare_digest(_digits(key, self.nonce).encode(), given) for key in settings.secret_keys) > 0

    @property
    def digits(self) -> str:
        """The code, for its mail."""
        return _digits(settings.secret_keys[0], self.nonce)

    def fresh(self, now: datetime) -> bool:
        """Whether it can still be typed."""
        return self.used_at is None and self.tries < TRIES and self.made_at > now - VALID

    # ---- the visit ---------------------------------------------------------------------------------------------------

    @classmethod
    def visit(cls, link: UploadLink, key: str) -> "UploadCode | None":
        """The visit that this key opened, over or not; None for a key of another link."""
        return cls.get_or_none(cls.link == link, cls.key == key, cls.used_at.is_null(False))

    def is_open(self, now: datetime | None = None) -> bool:
        """Whether files may still come and go."""
        return self.used_at is not None and self.done_at is None and self.used_at > (now or clock.now()) - VISIT

    def demand_open(self, now: datetime | None = None) -> None:
        """Raise LinkOver unless the visit lasts and the link stands."""
        if not UploadCode.get_by_id(self.id).is_open(now):
            raise LinkOver(NOT_OPEN)
        self.link.demand_standing(now)

    def files(self) -> list[Document]:
        """What came in this visit and is still there."""
        mine = (Document.via == self.link) & Document.removed_at.is_null() & (Document.added_at >= self.used_at)
        until = Document.added_at <= self.done_at if self.done_at else True
        return list(Document.select().where(mine, until).order_by(Document.id))

    def receive(
        self,
        source: Any,
        name: str,
        upload_key: str,
        length: int | None = None,
        inspect: Callable | None = None,
        now: datetime | None = None,
    ) -> Document:
        """Keep a file in the slot of the link; `Document.attach` with everything that it refuses."""
        link = self.link
        # Of this link only: nobody gets another's file told by repeating its key.
        own_key = hashlib.sha256(f"{link.id}:{upload_key}".encode()).hexdigest()[:43]
        if Document.select().where(Document.case == link.case, Document.upload_key == own_key).exists():
            self.demand_open(now)  # it is here: only the answer got lost
        else:
            self._demand_place(now)
        with link.acting():
            made = Document.attach(
                link.case, source, name, link.asked_by, own_key, length, link.asked, now=now, inspect=inspect, via=link
            )
        self._tell(made, now or clock.now())
        return made

    def _demand_place(self, now):
        self.demand_open(now)
        if self.link.count(self.link.asked_at) + len(self.unfinished()) >= MOST_FILES:
            raise Refused(f"Via één link kunnen {MOST_FILES} bestanden worden verstuurd. Zet er een paar samen in één PDF.")

    def _tell(self, made, now):
        """Keep that a file came, and let who asked hear of it, once for a few of them."""
        link = self.link
        with db.atomic():
            UploadLink.update(uploaded_at=now).where(UploadLink.id == link.id, UploadLink.uploaded_at.is_null()).execute()
            if not self._tell_at(now + QUIET):  # none yet, or it has left
                once = f"colleague_upload:{self.id}"
                once += f":{made.id}" if Mail.select().where(Mail.once == once).exists() else ""
                Mail.queue("colleague_upload", link.asked_by, once=once, case=link.case, now=now + QUIET, code=self.id)

    # ---- a large file, in parts --------------------------------------------------------------------------------------

    def unfinished(self) -> list[ResumableUpload]:
        """What came through the link and is not whole yet, in whichever visit it was begun."""
        return ResumableUpload.standing(self.link.case, self.link.asked_by, self.link)

    def upload(self, key: str) -> ResumableUpload | None:
        """The upload with this key, if it comes through the link of this visit."""
        return ResumableUpload.get_or_none(ResumableUpload.key == key, ResumableUpload.via == self.link)

    def begin(self, name: str, size: int, modified: int = 0, now: datetime | None = None) -> ResumableUpload:
        """Announce a large file for the slot of the link; `ResumableUpload.begin` with everything that it refuses."""
        link = self.link
        with link.acting(), db.atomic():
            Case.held(link.case_id)  # neither the link ends meanwhile, nor another takes the last place
            self._demand_place(now)
            return ResumableUpload.begin(link.case, link.asked_by, name, size, modified, link.asked, now, via=link)

    def append(
        self, upload: ResumableUpload, source: BinaryIO, offset: int, length: int | None = None, now: datetime | None = None
    ) -> int:
        """Keep bytes of an upload of this link; `ResumableUpload.append` with everything that it refuses."""
        self.demand_open(now)
        with self.link.acting():
            return upload.append(source, offset, self.link.asked_by, length, now)

    def complete(self, upload: ResumableUpload, now: datetime | None = None) -> Document:
        """Make the file of what came, once all of it is here; the same one when asked again. Its place it got from `begin`."""
        self.demand_open(now)
        with self.link.acting():
            made = upload.finish(self.link.asked_by, now)
        self._tell(made, now or clock.now())
        return made

    def stop(self, upload: ResumableUpload, now: datetime | None = None) -> None:
        """Let go of what came of it."""
        self.demand_open(now)
        with self.link.acting():
            upload.stop(self.link.asked_by, now)

    def _tell_at(self, moment):
        """Let the mail about the files leave then; 0 when none waits."""
        once = f"colleague_upload:{self.id}"
        mine = Mail.once.in_([once, *(f"{once}:{file.id}" for file in self.files())])
        return Mail.update(not_before=moment).where(mine, Mail.status == MailStatus.WACHT).execute()

    def remove(self, document: Document, now: datetime | None = None) -> None:
        """Take a file of this very visit back; the hospital can put it back, as any file."""
        self.demand_open(now)
        if all(file.id != document.id for file in self.files()):
            raise Refused("Dit bestand kunt u hier niet meer verwijderen. Vraag het de collega die u om het document vroeg.")
        with self.link.acting():
            document.remove(self.link.asked_by, now)

    def finish(self, now: datetime | None = None) -> None:
        """'Klaar': nothing comes or goes any more, and who asked is told now. Repeating it changes nothing."""
        now = now or clock.now()
        if UploadCode.get_by_id(self.id).done_at:
            return
        self.demand_open(now)
        if not self.files():
            raise Refused("Voeg eerst een bestand toe.")
        with self.link.acting(), db.atomic():
            if UploadCode.update(done_at=now).where(UploadCode.id == self.id, UploadCode.done_at.is_null()).execute():
                self._tell_at(now)
                AuditEvent.log("colleague.done", case=self.link.case, detail=f"document {self.link.asked_id}", at=now)


def _demand_over(wait):
    if wait:
        minutes = plural(-(-int(wait.total_seconds()) // 60), "minuut", "minuten")
        raise Refused(f"Er zijn te veel verkeerde codes ingevuld. Wacht {minutes} en probeer het dan opnieuw.")


def _digits(key, nonce):
    made = hmac.new(key.encode(), f"upload code {nonce}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(made) % 1_000_000:06d}"
