"""People: their account, their roles, and how they prove who they are."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

# The one Flask word in the models: Flask-Security's datastore asks for its mixin.
from flask_security import UserMixin
from peewee import (
    JOIN,
    BooleanField,
    CharField,
    Check,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    Node,
    fn,
)

from models import clock
from models.access import PROCESS_LABELS, ROLE_LABELS, Process, Role
from models.accounts.hospital import Hospital
from models.accounts.managed_account import ManagedAccount, demand_agreed, demand_steward
from models.accounts.second_factor import SecondStep
from models.accounts.user_role import UserRole
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, Refused, db, new_key
from models.encrypted_fields import SealedField, SealedList
from models.search.word_index import Searched
from models.typed_text import mailable, plain, tidy_address


class User(Searched, ManagedAccount, SecondStep, Record, UserMixin):
    """An account. Ended accounts stay (`active` off), because what they did stays."""

    searched = ("name", "email")

    email = CharField(max_length=254, unique=True)
    name = CharField(max_length=120)
    phone = CharField(max_length=30, default="")
    password = CharField(max_length=255, null=True)
    active = BooleanField(default=True)
    fs_uniquifier = CharField(max_length=64, unique=True, default=new_key)
    hospital = ForeignKeyField(Hospital, backref="users", null=True, on_delete="RESTRICT")
    committee = CharField(
        max_length=10,
        null=True,
        choices=list(PROCESS_LABELS.items()),
        constraints=[Check(f"committee IS NULL OR committee IN ('{Process.NETHOSS}', '{Process.LZA1}')")],
    )
    created_at = DateTimeField(default=clock.now)
    invited_at = DateTimeField(null=True)
    last_login_at = DateTimeField(null=True)
    current_login_at = DateTimeField(null=True)
    last_login_ip = CharField(max_length=64, null=True)
    current_login_ip = CharField(max_length=64, null=True)
    login_count = IntegerField(default=0)
    # Set when a mail server refuses the address for good; cleared by the next mail that is taken, or a new address.
    address_refused_at = DateTimeField(null=True)
    # The second step of logging in; Flask-Security names the fields. `tf_last_counter`: no code of an app works twice.
    fs_webauthn_user_handle = CharField(max_length=64, null=True, unique=True)
    tf_primary_method = CharField(max_length=20, null=True)
    tf_totp_secret = SealedField(null=True)  # type: ignore[assignment]
    tf_last_counter = IntegerField(null=True)
    mf_recovery_codes = SealedList(null=True)
    # From this local day on the account opens nothing; None is no end. What ended by hand has the day of then.
    ends_on = DateField(null=True)
    suspended_at = DateTimeField(null=True)  # not `active` because nobody used it, and not because it was ended
    used_at = DateTimeField(null=True)  # the last use besides logging in: an answer through a mail, or that it was revived
    unused_told_at = DateTimeField(null=True)  # when the mail left that says when it will be suspended
    ending_told = IntegerField(null=True)  # how many days before `ends_on` the latest mail about it was due
    appoints_since = DateTimeField(null=True)  # a melder who sees to the accounts of the own hospital
    # In the latest link for a new password: a newer request ends the older link.
    reset_key = CharField(max_length=22, null=True)

    def __str__(self):
        return self.name

    def found_at(self) -> tuple[None, None]:
        return None, None  # its name is not sealed

    @property
    def in_trail(self) -> str:
        """What a line of the trail about this account names: the number finds it after the address has changed."""
        return f"account {self.id}: {self.email}"

    def get_id(self) -> str:
        """What a session holds, so that a new key ends them all; peewee's method of this name gives the number."""
        return self.fs_uniquifier

    @property
    def role_names(self) -> frozenset[str]:
        return frozenset(row.name for row in self.roles)

    @property
    def role_labels(self) -> list[str]:
        """The roles in words, in the order of the role list."""
        return [label for role, label in ROLE_LABELS.items() if role in self.role_names]

    @classmethod
    def owned_by(cls, hospital: int, processes: Collection[str]) -> Node:
        return cls.hospital == hospital

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return cls.hospital.is_null(False)

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def with_role(cls, *roles: str) -> ModelSelect:
        """Active accounts that hold one of `roles`, as a query."""
        return cls.select().where(cls.active, cls.id.in_(UserRole.holders(*roles)))  # type: ignore[attr-defined]

    @classmethod
    def matching(cls, text: str, user: "User | None" = None) -> Node:
        """Whose name or e-mail address holds `text`, as an expression."""
        return cls.name.contains(text) | cls.email.contains(text)

    @classmethod
    def named(cls, text: str) -> ModelSelect:
        """The ids of the accounts that `text` matches, as a sub-query."""
        return cls.select(cls.id).where(cls.matching(text))

    @classmethod
    def full_names(cls) -> list[str]:
        """The names of everybody who has or had an account."""
        return [name for (name,) in cls.select(cls.name).where(cls.name != "").tuples()]

    @classmethod
    def melders_of(cls, hospital: Hospital | int) -> ModelSelect:
        return cls.with_role(Role.MELDER).where(cls.hospital == hospital).order_by(cls.name)

    @classmethod
    def stewards_of(cls, hospital: Hospital | int) -> "list[User]":
        """Who sees to the accounts of this hospital: the melders who are marked for it, or all melders while nobody is."""
        melders = list(cls.melders_of(hospital))
        return [melder for melder in melders if melder.appoints_since] or melders

    @classmethod
    def by_email(cls, email: str) -> "User | None":
        """The account with this address, whatever its case; None when there is none."""
        if "\x00" in email:  # which PostgreSQL cannot even be asked about
            return None
        return cls.get_or_none(fn.LOWER(cls.email) == tidy_address(email))

    @classmethod
    def numbered(cls, number: int | str) -> "User | None":
        """The account with this number; None when there is none."""
        return cls.get_or_none(cls.id == number)

    @classmethod
    def of_session(cls, key: str) -> "User | None":
        """The account that a session names, with its hospital and roles at hand, in one query; None when it has ended."""
        held = cls.select(cls, Hospital, UserRole).left_outer_join(Hospital).where(cls.fs_uniquifier == key)
        rows = list(held.join_from(cls, UserRole, JOIN.LEFT_OUTER, on=(UserRole.user == cls.id), attr="one_role"))
        for found in rows[:1]:
            found.roles = [row.one_role for row in rows if row.one_role is not None]
            return found
        return None

    @property
    def is_active(self) -> bool:
        """Whether the account opens anything: asked at every log-in and request, also before the clock ended what is due."""
        return self.active and not self.is_over()

    def is_over(self, today: date | None = None) -> bool:
        """Whether its last day has been. Without a day it has no end."""
        return self.ends_on is not None and self.ends_on <= (today or clock.today())

    @property
    def state(self) -> str:
        """'actief', 'geschorst', 'beëindigd', 'uitgenodigd' or 'niet uitgenodigd': whether this person can come in."""
        if not self.is_active:
            return "geschorst" if self.suspended_at else "beëindigd"
        if not self.is_known:
            return "uitgenodigd" if self.invited_at else "niet uitgenodigd"
        return "actief"

    @classmethod
    def melder_counts(cls) -> dict[int, int]:
        """{hospital id: number of active melders}, for the hospitals that have any."""
        held = cls.id.in_(UserRole.holders(Role.MELDER))  # type: ignore[attr-defined]
        found = cls.select(cls.hospital, fn.COUNT(cls.id)).where(cls.active, held).group_by(cls.hospital)
        return dict(found.tuples())

    @classmethod
    def enrol(
        cls,
        email: str,
        name: str,
        roles: Iterable[str],
        hospital: Hospital | None = None,
        committee: str | None = None,
        by: "User | None" = None,
        **more: Any,
    ) -> "User":
        """Make an account without a password: its owner sets one through the invitation.

        Raises Refused when the address is taken or the roles and the hospital do not go together; a person makes it without
        roles, and asks for those (models/approval/held_change.py).
        """
        if by is not None:
            demand_steward(by, hospital and hospital.id)
        if roles:
            demand_agreed(by, agreed=False)
        mailable(email := tidy_address(email))
        with db.atomic():
            if cls.by_email(email):
                raise Refused(f"Er is al een account met het e-mailadres {email}.")
            user = cls.create(email=email, name=plain(name).strip(), hospital=hospital, committee=committee, **more)
            user._give({Role(role) for role in roles})
            told = ", ".join(sorted(roles))
            AuditEvent.log("row.create", by=by, account=user, detail=told, at=more.get("created_at"))
        return user

    def note_use(self, now: datetime) -> None:
        """Remember that this person did something without logging in: by a mail."""
        User.update(used_at=now).where(User.id == self.id).execute()

    def renew_reset_key(self) -> str:
        """A new key for a link to a new password; links with the older key open nothing any more."""
        self.reset_key = new_key()
        self.save()
        return self.reset_key
