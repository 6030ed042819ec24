"""Which person at which identity provider is which account, and which sessions began there."""

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

from peewee import BooleanField, CharField, DateTimeField, DeferredForeignKey, ForeignKeyField, IntegrityError, Node

from models import clock
from models.accounts.identity.identity_provider import IdentityProvider, providers
from models.accounts.session import LogIn
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, Refused, db
from models.encrypted_fields import SealedField

if TYPE_CHECKING:
    from models.accounts.user import User

ARRIVED = 10 * clock.MINUTE  # between coming back from the provider and being in


class LinkedIdentity(Record):
    """One account is one person at a provider, known by the number that never changes there: `issuer` and `sub`."""

    user = DeferredForeignKey("User", backref="identities", on_delete="CASCADE")
    issuer = CharField(max_length=255)
    subject = CharField(max_length=255)
    linked_at = DateTimeField()

    class Meta:
        indexes = ((("issuer", "subject"), True), (("user", "issuer"), True))

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def owner(cls, issuer: str, subject: str) -> "User | None":
        """The account of this person at that provider, an ended one too; None when it is linked to none."""
        found = cls.get_or_none(cls.issuer == issuer, cls.subject == subject)
        return found and found.user

    @classmethod
    def since(cls, user: "User", provider: IdentityProvider) -> datetime | None:
        """Since when somebody at that provider is this account; None when nobody is."""
        return cls.select(cls.linked_at).where(cls.user == user, cls.issuer == provider.issuer).scalar()

    @classmethod
    def at_each_provider(cls, user: "User") -> list[tuple[IdentityProvider, datetime | None]]:
        """(provider, since when or None) for every provider, in their order."""
        return [(provider, cls.since(user, provider)) for provider in providers().values()]

    @classmethod
    def link(cls, user: "User", provider: IdentityProvider, subject: str, now: datetime | None = None) -> bool:
        """Let this person log in as `user` from now on; False when they do already.

        Raises Refused when that person is another account, or the account another person there.
        """
        try:
            with db.atomic():
                if cls.owner(provider.issuer, subject) == user:
                    return False
                cls.create(user=user, issuer=provider.issuer, subject=subject, linked_at=now or clock.now())
                AuditEvent.log("user.linked", by=user, account=user, detail=provider.label, at=now)
        except IntegrityError:
            raise Refused(
                f"Uw account en deze inlog van {provider.label} horen niet bij elkaar: een van beide is al aan een andere "
                "gekoppeld."
            ) from None
        return True

    @classmethod
    def unlink(cls, user: "User", provider: IdentityProvider) -> None:
        """Let nobody at that provider log in as `user` any more. Raises Refused when nobody could."""
        with db.atomic():
            if not cls.delete().where(cls.user == user, cls.issuer == provider.issuer).execute():
                raise Refused(f"Uw account is niet gekoppeld aan de inlog van {provider.label}.")
            AuditEvent.log("user.unlinked", by=user, account=user, detail=provider.label)

    @classmethod
    def forget(cls, user: "User", by: "User | None" = None, now: datetime | None = None) -> int:
        """Take every link of an account away, in the caller's transaction; returns how many there were."""
        ProviderLogIn.delete().where(ProviderLogIn.user == user).execute()
        labels = {provider.issuer: provider.label for provider in providers().values()}
        links = list(cls.select().where(cls.user == user).order_by(cls.issuer))
        for link in links:
            link.delete_instance()
            AuditEvent.log("user.unlinked", by=by, account=user, detail=labels.get(link.issuer, link.issuer), at=now)
        return len(links)


class ProviderLogIn(Record):
    """One log-in at a provider: who came back from there, and the session that began with it once every step was taken."""

    user = DeferredForeignKey("User", backref="provider_logins", on_delete="CASCADE")
    issuer = CharField(max_length=255)
    subject = CharField(max_length=255)
    # The session there, by which its log-out is told; empty when the provider names none.
    session = CharField(max_length=255)
    second_step = BooleanField()  # taken there, in the words that were agreed on
    # What the provider asks to end that session; only while ours lasts.
    id_token = SealedField(null=True)
    at = DateTimeField()
    login = ForeignKeyField(LogIn, null=True, unique=True, backref="provider", on_delete="CASCADE")

    class Meta:
        indexes = ((("issuer", "subject"), False), (("issuer", "session"), False))

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def waiting(cls, number: int | None, user: "User | None" = None, now: datetime | None = None) -> "ProviderLogIn | None":
        """The arrival with this number, when it came a short while ago, nobody came in by it yet, and it is of `user`."""
        found = cls.get_or_none(cls.id == number) if number else None
        if found is None or found.login_id or not found.at <= (now or clock.now()) < found.at + ARRIVED:
            return None
        return found if user is None or found.user == user else None

    def begin(self, login: LogIn) -> None:
        """This session began with it."""
        ProviderLogIn.update(login=login).where(ProviderLogIn.id == self.id, ProviderLogIn.login.is_null()).execute()

    @classmethod
    def of(cls, login: LogIn | None) -> "ProviderLogIn | None":
        """With which log-in at a provider this session began; None when with none."""
        return cls.get_or_none(cls.login == login) if login else None

    @classmethod
    def carry(cls, before: LogIn, after: LogIn) -> None:
        """The same person goes on in a new session."""
        cls.update(login=after).where(cls.login == before).execute()

    @classmethod
    def two_steps(cls, login: LogIn | None) -> bool:
        """Whether who is in this session took a second step at the provider too."""
        return login is not None and cls.select().where(cls.login == login, cls.second_step == True).exists()  # noqa: E712

    def forget_token(self) -> None:
        ProviderLogIn.update(id_token=None).where(ProviderLogIn.id == self.id).execute()

    @classmethod
    def end(cls, issuer: str, subject: str, session: str, notice: str, now: datetime | None = None) -> int | None:
        """End what began with this session at the provider, or with any of this person when it names none; how many.

        None, and nothing ends, when this notice (its `jti`) was heard before: somebody may have kept it.
        """
        try:
            with db.atomic():
                HeardLogOut.hear(issuer, notice, now or clock.now())
                return cls._end(issuer, subject, session, now)
        except IntegrityError:
            return None

    @classmethod
    def _end(cls, issuer, subject, session, now):
        theirs = cls.issuer == issuer
        for column, value in ((cls.subject, subject), (cls.session, session)):
            if value:
                theirs &= column == value
        found = list(cls.select(cls.login, cls.user).where(theirs, cls.login.is_null(False)))
        live = LogIn.id.in_([one.login_id for one in found]) & LogIn.ended_at.is_null()
        count = LogIn.update(ended_at=now or clock.now()).where(live).execute() if found else 0
        if found:
            cls.update(id_token=None).where(theirs).execute()
        if count:
            AuditEvent.log("user.logout", account=found[0].user, detail="bij het ziekenhuis", at=now)
        return count

    @classmethod
    def forget_old(cls, now: datetime | None = None) -> int:
        """Remove arrivals with which nobody came in."""
        return cls.delete().where(cls.login.is_null(), cls.at < (now or clock.now()) - clock.DAY).execute()


class HeardLogOut(Record):
    """One notice of a log-out at a provider, by a hash of who sent it and its number: it is believed once."""

    mark = CharField(max_length=64, unique=True)
    at = DateTimeField()

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def hear(cls, issuer: str, notice: str, now: datetime) -> None:
        """Note this one. Raises IntegrityError when it was heard before."""
        cls.create(mark=hashlib.sha256(f"{issuer} {notice}".encode("utf-8", "replace")).hexdigest(), at=now)

    @classmethod
    def forget_old(cls, now: datetime | None = None) -> int:
        """Remove what nobody can send again: a notice is good for minutes."""
        return cls.delete().where(cls.at < (now or clock.now()) - clock.DAY).execute()
