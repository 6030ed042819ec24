"""Upload link: a colleague without an account is asked by mail for one requested document of one case.

The link lets in files and nothing out: who opens it sees neither the case nor any other file. It holds for `DAYS`, for the
round of the case in which it was asked, and as long as who asked may complete that case. Its token is kept nowhere: it is made
again from the nonce and a key outside the database, as those of the monthly mail.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from peewee import SQL, CharField, DateTimeField, ForeignKeyField, IntegerField, IntegrityError

from models import clock
from models.accounts.user import User
from models.audit import audit_event
from models.audit.audit_event import AuditEvent
from models.base import PartOf, Record, Refused, db, new_key
from models.cases.case import Case
from models.cases.theme import RequestedDocument
from models.encrypted_fields import SealedField, fingerprint
from models.files.document import Document
from models.files.dossier import Dossier
from models.files.resumable.resumable_upload import ResumableUpload
from models.files.sandbox import Kind
from models.files.sandbox.patterns import Search
from models.mail.outbox import Mail
from models.typed_text import mailable, one_line, tidy_address
from settings import settings

DAYS = 14
MOST_A_DAY = 10  # questions about one case
SECOND = timedelta(seconds=1)
AGAIN = timedelta(minutes=1)  # before that a second press of 'Vraag opnieuw' is the same press
MOST_FILES = 20  # through one link
LONGEST_NOTE = 200
ADDRESS = re.compile(r"[\w.+'-]{1,64}@([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.ASCII)
MAY_STAND = (Kind.PHONE, Kind.EMAIL)  # where who asks can be reached
OVER = "Deze link werkt niet meer. Overleg met de collega die u om het document vroeg."


class LinkEnd(StrEnum):
    """Why a link ended; the value is what the trail says."""

    VERLOPEN = "verlopen"
    INGETROKKEN = "ingetrokken"
    OPNIEUW = "opnieuw gevraagd"
    MELDING = "melding ingediend of gesloten"
    DOCUMENT = "document niet meer gevraagd"
    VRAGER = "vrager kan de melding niet meer aanvullen"
    DOMEIN = "maildomein vervallen"
    HERSTEL = "reservekopie teruggezet"


class LinkOver(Refused):
    """The link opens nothing any more."""


class UploadLink(PartOf, Record):
    """One colleague, asked for one requested document."""

    key = CharField(max_length=22, unique=True, default=new_key)
    case = ForeignKeyField(Case, backref="upload_links", on_delete="RESTRICT")
    asked = ForeignKeyField(RequestedDocument, on_delete="RESTRICT")
    asked_by = ForeignKeyField(User, on_delete="RESTRICT")
    address = SealedField()
    note = SealedField(default="")
    standing = CharField(max_length=64, null=True)  # a fingerprint of the address, until the link ends: one stands at a time
    nonce = CharField(max_length=43)
    token_hash = CharField(max_length=64, unique=True)
    round = IntegerField()
    asked_at = DateTimeField()
    expires_at = DateTimeField()
    opened_at = DateTimeField(null=True)
    uploaded_at = DateTimeField(null=True)
    ended_at = DateTimeField(null=True)
    ended_why = CharField(max_length=60, default="")

    class Meta:
        indexes = ((("case", "asked", "standing"), True),)

    # ---- asking ------------------------------------------------------------------------------------------------------

    @classmethod
    def ask(
        cls, case: Case, asked: RequestedDocument, by: User, address: str, note: str = "", now: datetime | None = None
    ) -> "UploadLink":
        """Mail a colleague the link for one requested document. Raises Refused for an address outside the hospital, a note
        that may tell who the patient is, or when this very colleague was asked already."""
        now, address, note = now or clock.now(), tidy_address(address), one_line(note, LONGEST_NOTE, "Uw bericht")
        with db.atomic():
            case = Case.held(case.id)
            case.open_for(by, case.with_hospital, "Bij een melding met de status {} kunt u geen collega meer vragen.")
            _demand_own(case, address)
            _demand_nobody(note, case, now)
            if all(line.asked.id != asked.id for line in Dossier.of(case).lines):
                raise Refused("Dit document wordt bij deze melding niet gevraagd.")
            today = clock.start_of(clock.today(now))
            if cls.select().where(cls.case == case, cls.asked_at >= today).count() >= MOST_A_DAY:
                raise Refused(f"Bij één melding kunt u per dag {MOST_A_DAY} keer een collega vragen. Vraag het morgen.")
            cls.end_over(cls.case == case, now)
            return cls._make(case, asked, by, address, note, now)

    @classmethod
    def _make(cls, case, asked, by, address, note, now):
        nonce = secrets.token_urlsafe(32)
        try:
            link = cls.create(
                case=case,
                asked=asked,
                asked_by=by,
                address=address,
                note=note,
                standing=fingerprint(address),
                nonce=nonce,
                token_hash=_hash(_token(settings.secret_keys[0], nonce)),
                round=case.round,
                asked_at=now,
                expires_at=clock.start_of(clock.today(now) + timedelta(days=DAYS + 1)) - SECOND,  # that whole day
            )
        except IntegrityError:
            raise Refused("Deze collega is al om dit document gevraagd. Trek die vraag eerst in, of vraag opnieuw.") from None
        Mail.queue_to("colleague_request", address, once=f"colleague_request:{link.id}", now=now, case=case, link=link.id)
        AuditEvent.log("colleague.ask", by=by, case=case, detail=f"document {asked.id}, {address}", at=now)
        return link

    def ask_again(self, by: User, now: datetime | None = None) -> "UploadLink":
        """The same question in a new mail, with a new link; the earlier one opens nothing any more. A double click is one."""
        now = now or clock.now()
        with db.atomic():
            case = Case.held(self.case_id)
            case.open_for(by, case.with_hospital, "Bij een melding met de status {} kunt u geen collega meer vragen.")
            if not (link := UploadLink.get_by_id(self.id)).address:
                raise Refused("Dit mailadres is na de bewaartermijn gewist. Vul het opnieuw in.")
            same = (
                (UploadLink.case == case)
                & (UploadLink.asked == link.asked)
                & (UploadLink.standing == fingerprint(link.address))
            )
            if (stands := UploadLink.get_or_none(same)) and stands.id != link.id and stands.asked_at > now - AGAIN:
                return stands
            (stands or link).end(LinkEnd.OPNIEUW, by, now)
            return UploadLink.ask(case, link.asked, by, link.address, link.note, now)

    def withdraw(self, by: User, now: datetime | None = None) -> None:
        """Take the question back. Files that came stay. Repeating it changes nothing."""
        with db.atomic():
            case = Case.held(self.case_id)
            case.open_for(by, True, "")
            UploadLink.get_by_id(self.id).end(LinkEnd.INGETROKKEN, by, now)

    # ---- how long ----------------------------------------------------------------------------------------------------

    def over(self, now: datetime | None = None) -> LinkEnd | None:
        """Why the link opens nothing any more; None while it stands."""
        if self.ended_at:
            return LinkEnd(self.ended_why)
        reasons: tuple[tuple[LinkEnd, Callable[[], bool]], ...] = (
            (LinkEnd.VERLOPEN, lambda: (now or clock.now()) >= self.expires_at),
            # Any move of the case counts, and being erased too.
            (LinkEnd.MELDING, lambda: self.case.round != self.round or not self.case.with_hospital),
            (LinkEnd.DOCUMENT, lambda: all(line.asked.id != self.asked_id for line in Dossier.of(self.case).lines)),
            (LinkEnd.VRAGER, lambda: not self._asker_may()),
            (LinkEnd.DOMEIN, lambda: _domain(self.address) not in self.case.hospital.own_domains),
        )
        return next((end for end, holds in reasons if holds()), None)

    def _asker_may(self):
        try:
            self.case.open_for(self.asked_by, True, "")
        except Refused:
            return False
        return True

    def demand_standing(self, now: datetime | None = None) -> None:
        """Raise LinkOver unless the link stands at this moment, whatever was read of it before."""
        if UploadLink.get_by_id(self.id).over(now):
            raise LinkOver(OVER)

    def end(self, why: LinkEnd, by: User | None = None, now: datetime | None = None) -> None:
        """Write down that the link ended, and what still came through it, in a transaction of its own or the caller's; once."""
        now = now or clock.now()
        with db.atomic():
            gone = {"ended_at": now, "ended_why": why, "standing": None}
            if UploadLink.update(gone).where(UploadLink.id == self.id, UploadLink.ended_at.is_null()).execute():
                action = "colleague.withdraw" if why == LinkEnd.INGETROKKEN else "colleague.end"
                AuditEvent.log(action, by=by, case=self.case, detail=f"document {self.asked_id}, {why}", at=now)
                for upload in ResumableUpload.standing(self.case, self.asked_by, self):
                    upload.expire(now, "upload.stop", by)

    @classmethod
    def end_over(cls, which: Any, now: datetime) -> int:
        """Write down of these links, those that no longer open anything, why they ended; returns how many."""
        for link in (found := [one for one in cls.select().where(which, LIVE) if one.over(now)]):
            with db.atomic():
                Case.held(link.case_id)  # a corrected theme moves case and link on together
                if why := cls.get_by_id(link.id).over(now):
                    link.end(why, now=now)
        return len(found)

    @classmethod
    def end_all(cls, now: datetime) -> None:
        """After a restore: what was mailed before opens nothing, whatever became of it since the copy."""
        for link in cls.select().where(LIVE):
            link.end(LinkEnd.HERSTEL, now=now)

    # ---- who opens it ------------------------------------------------------------------------------------------------

    @classmethod
    def by_token(cls, token: str) -> "UploadLink | None":
        """The link that was mailed with this token, whether it still stands or not."""
        return cls.get_or_none(cls.token_hash == _hash(token))

    @property
    def token(self) -> str:
        """The token of this link, whichever of the keys made it."""
        tokens = (_token(key, self.nonce) for key in settings.secret_keys)
        return next(token for token in tokens if _hash(token) == self.token_hash)

    @property
    def mark(self) -> str:
        """By which two colleagues know on the phone that they speak of the same question; it opens nothing."""
        return self.token_hash[:5].upper()

    @property
    def state(self) -> str:
        """How far it has come, in a word for the hospital."""
        return "geüpload" if self.uploaded_at else self.ended_why or ("geopend" if self.opened_at else "gevraagd")

    @property
    def signed(self) -> str:
        """Who it is, for people of the hospital and the coordinator."""
        return f"collega {self.address}" if self.address else "een collega"

    @property
    def hint(self) -> str:
        """The address as who holds the link may read it: it need not be theirs."""
        name, _, domain = self.address.partition("@")
        return f"{name[:1]}…@{domain}"

    def note_opened(self, now: datetime) -> None:
        """Keep that a person was there, in the caller's transaction."""
        UploadLink.update(opened_at=now).where(UploadLink.id == self.id, UploadLink.opened_at.is_null()).execute()

    def acting(self) -> Any:
        """While this lasts, what is done is done by the colleague, and the trail says so."""
        return audit_event.outside(self.address)

    @classmethod
    def of_case(cls, case: Case) -> dict[int, list["UploadLink"]]:
        """{id of the requested document: its questions, the last one first}."""
        told: dict[int, list[UploadLink]] = {}
        for link in cls.select().where(cls.case == case).order_by(cls.id.desc()):
            told.setdefault(link.asked_id, []).append(link)
        return told

    def count(self, since: datetime) -> int:
        """How many files came through it since then, and are still there."""
        return Document.select().where(Document.via == self, Document.removed_at.is_null(), Document.added_at >= since).count()


# In the words of the index.
LIVE = SQL("ended_at IS NULL")
UploadLink.add_index(UploadLink.index(UploadLink.expires_at, where=LIVE, name="upload_link_live"))


def _demand_own(case, address):
    if not case.hospital.own_domains:
        raise Refused("Voor uw ziekenhuis zijn nog geen maildomeinen ingevuld. Vraag de beheerder van het portaal dat te doen.")
    mailable(address)
    if not ADDRESS.fullmatch(address):
        raise Refused("Vul één volledig e-mailadres in.")
    if _domain(address) not in case.hospital.own_domains:
        known = ", ".join(f"@{domain}" for domain in sorted(case.hospital.own_domains))
        raise Refused(f"U kunt alleen collega's van uw eigen ziekenhuis vragen. Het adres eindigt dan op: {known}.")


def _demand_nobody(note, case, now):
    number = case.patient_number or ""
    found = {kind for kind, _ in Search((), clock.today(now)).text(note)} - set(MAY_STAND)
    if found or (len(number) > 2 and number.casefold() in note.casefold()):
        raise Refused("In uw bericht staat mogelijk iets waaraan de patiënt te herkennen is. Bel uw collega daarover.")


def _domain(address):
    return address.rpartition("@")[2]


def _token(key, nonce):
    return hmac.new(key.encode(), f"upload link {nonce}".encode(), hashlib.sha256).hexdigest()


def _hash(token):
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
