"""Erasure on request (AVG art. 17): of the content of a case, or of who an ended account was. Two people, and never by waiting.

Not a HeldChange (models/approval): that takes effect after a day when nobody stops it, and destroying cannot be taken back.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from peewee import SQL, BooleanField, Check, DateTimeField, ForeignKeyField, IntegrityError, Node

from models import access, clock
from models.accounts.session import LogIn
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, NOBODY, Record, Refused, db, through
from models.cases.case import Case
from models.committee.member import CommitteeMember
from models.committee.ties.reach_change import ReachChange
from models.encrypted_fields import SealedField
from models.files import storage
from models.mail.mail_preference import MailPreference
from models.mail.mail_status import MailStatus
from models.mail.outbox import Mail
from models.retention.case_erasure import UNDECIDED, erase
from models.retention.legal_hold import LegalHold
from models.search import word_index
from models.staff.ending import forget_secrets
from models.typed_text import required

LONGEST = 300
HELD = "Voor deze melding geldt een bewaarplicht. Daarom kan die niet worden gewist."


class ErasureRequest(Record):
    """One request, about a case or about an account. `granted` None: nobody decided yet."""

    case = ForeignKeyField(Case, null=True, backref="erasures", on_delete="RESTRICT")
    account = ForeignKeyField(User, null=True, backref="erasures", on_delete="RESTRICT")
    reason = SealedField()
    asked_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    asked_at = DateTimeField()
    decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    granted = BooleanField(null=True)

    class Meta:
        constraints = [Check("(case_id IS NULL) <> (account_id IS NULL)", "erasure_of_one")]

    def __str__(self):
        return f"verzoek om {self.what} te wissen"

    @property
    def what(self) -> str:
        """'melding N-1234' or 'account 12'."""
        return f"melding {self.case.number}" if self.case_id else f"account {self.account_id}"

    @property
    def state(self) -> str:
        """'wacht', 'gewist' or 'afgewezen'."""
        return "wacht" if self.granted is None else "gewist" if self.granted else "afgewezen"

    @classmethod
    def owned_by(cls, hospital: Any, processes: Collection[str]) -> Node:
        return NOBODY  # who asked, and why, is between the person and Perined

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return through(cls.case, Case.of_process(processes))

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def ask(cls, by: User, named: str, reason: str, now: datetime | None = None) -> "ErasureRequest":
        """Ask for it, by the number of a case or the address of an account. Raises Refused for a hold and an active account."""
        access.demand(by, "curate")
        reason = required(reason, LONGEST, "De reden", "Vul in wie dit vraagt en waarom.")
        case = Case.get_or_none(Case.number == named.strip().upper(), Case.process.in_(access.processes(by, "curate")))
        account = User.by_email(named) if case is None and access.may(by, "manage") else None
        if case is None and account is None:
            raise Refused("Er is geen melding met dit nummer en geen account met dit e-mailadres waarover u gaat.")
        _demand_erasable(case, account)
        now = now or clock.now()
        try:
            with db.atomic():
                asked = cls.create(case=case, account=account, reason=reason, asked_by=by, asked_at=now)
                AuditEvent.log("erasure.ask", by=by, case=case, account=account, at=now)
        except IntegrityError:
            raise Refused("Hierover wacht al een verzoek.") from None
        return asked

    def grant(self, by: User, tables: Collection[type[Record]], now: datetime | None = None) -> None:
        """Erase, as a second person. Raises Refused for who asked, the account itself, a hold, and the second time."""
        now = now or clock.now()
        with db.atomic():
            case = Case.held(self.case_id) if self.case_id else None
            self._decide(by, True, now)
            _demand_erasable(case, self.account)
            AuditEvent.log("erasure.grant", by=by, case=case, account=self.account, at=now)
            blobs = erase(case, "op verzoek", now, tables) if case else forget_person(self.account)
        for blob in blobs:
            storage.delete(blob)

    def reject(self, by: User, now: datetime | None = None) -> None:
        """Erase nothing; who asked may do this too."""
        now = now or clock.now()
        with db.atomic():
            self._decide(by, False, now)
            AuditEvent.log("erasure.reject", by=by, case=self.case, account=self.account, at=now)

    def _decide(self, by, granted, now):
        access.demand(by, "curate" if self.case_id else "manage", self.case.process if self.case_id else None)
        if granted and by.id in (self.asked_by_id, self.account_id):
            raise Refused("Iemand anders moet dit bevestigen: niemand wist alleen.")
        if granted:
            HeldChange.demand_second(by, self.asked_by, now)
        told = {"granted": granted, "decided_by": by, "decided_at": now}
        if not ErasureRequest.update(told).where(ErasureRequest.id == self.id, ErasureRequest.granted.is_null()).execute():
            raise Refused("Over dit verzoek is al beslist.")


def _demand_erasable(case, account):
    if case and case.erased_at:
        raise Refused("De inhoud van deze melding is al vernietigd.")
    if case and is_held(case):
        raise Refused(HELD)
    if account and account.active:
        raise Refused("Beëindig dit account eerst. Daarna kunt u het laten wissen.")


def is_held(case: Case) -> bool:
    """Whether a hold stands on the case, or on one that was ever a part of it."""
    return any(LegalHold.of(one) for one in (case, *case.parts_ever()))


def is_nobody(account: User) -> bool:
    """Whether who the account was is gone."""
    return bool(account.email == _nobody(account)["email"])


def _nobody(account):
    return {"name": f"Gewist account {account.id}", "email": f"gewist-{account.id}@example.invalid"}


def forget_person(account: User) -> list[str]:
    """Who the account was goes; what it did stays, under its number. Its address stays in lines of the trail.

    Returns the keys of the bytes to destroy after the transaction: none.
    """
    forget_secrets(account)
    LogIn.delete().where(LogIn.user == account).execute()
    MailPreference.delete().where(MailPreference.user == account).execute()
    # Nothing goes to who has left, and nobody has to decide about what did not arrive.
    left = Mail.status.not_in((MailStatus.VERZONDEN, MailStatus.BEZIG))
    Mail.update(status=MailStatus.VERVALLEN).where(Mail.user == account, left).execute()
    gone = {"to": "", "about": "", "subject": "", "text": "", "error": ""}
    Mail.update(gone).where(Mail.user == account, Mail.status != MailStatus.BEZIG).execute()
    for change in HeldChange.select().where(HeldChange.account == account, HeldChange.open()):
        change.lapse("het account is gewist", clock.now())  # else it would live again, or get its address back
    members = CommitteeMember.select(CommitteeMember.id).where(CommitteeMember.user == account)
    for wider in ReachChange.select().where(ReachChange.member.in_(members), ReachChange.open()):
        wider.lapse("het account is gewist", clock.now())
    HeldChange.update(address="", reason="").where(HeldChange.account == account).execute()
    decided = (ErasureRequest.account == account) & ErasureRequest.granted.is_null(False)
    ErasureRequest.update(reason="").where(decided).execute()  # who asked, and why
    User.update(_nobody(account)).where(User.id == account.id).execute()
    word_index.forget(User, account.id)
    return []


UNDECIDED[ErasureRequest] = ErasureRequest.granted.is_null()
for _key in (ErasureRequest.case, ErasureRequest.account):
    ErasureRequest.add_index(
        ErasureRequest.index(_key, unique=True, where=SQL("granted IS NULL"), name=f"erasure_standing_{_key.name}")
    )
