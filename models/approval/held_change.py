"""Changes of accounts that wait for a second person, because they open cases to somebody.

Roles, another hospital or committee, another address, a second step taken away, an ended account that lives again.
"""

from collections.abc import Collection
from datetime import datetime

from peewee import SQL, CharField, ForeignKeyField, Node

from models import access
from models.access import Role
from models.accounts.hospital import Hospital
from models.accounts.managed_account import check_fit, demand_steward
from models.accounts.user import User
from models.approval.change_kind import KIND_LABELS, ChangeKind
from models.approval.change_wording import ChangeWording
from models.approval.four_eyes import FourEyes
from models.approval.second_person import SecondPerson
from models.base import Refused, db
from models.encrypted_fields import SealedField
from models.typed_text import one_line, plain

REASON = 10  # letters


class HeldChange(ChangeWording, SecondPerson, FourEyes):
    """One change of one account that waits for a second person, or did. `hospital`: whose melders may confirm it."""

    mail_name, ability, once = "held_change", "vouch", "held"

    account = ForeignKeyField(User, backref="held_changes", on_delete="RESTRICT")
    kind = CharField(max_length=10, choices=list(KIND_LABELS.items()))
    hospital = ForeignKeyField(Hospital, null=True, on_delete="RESTRICT")
    committee = CharField(max_length=10, null=True)
    roles = CharField(max_length=200, default="")  # role names with a blank between them
    address = CharField(max_length=254, default="")
    reason = SealedField(default="")

    @classmethod
    def owned_by(cls, hospital: Hospital, processes: Collection[str]) -> Node:
        return cls.hospital == hospital

    @classmethod
    def waits_for(cls, account: User) -> bool:
        """Whether roles of this account wait for somebody."""
        return cls.select().where(cls.account == account.id, cls.kind == ChangeKind.ACCESS, cls.open()).exists()

    @property
    def about(self) -> User:
        return self.account

    @property
    def named(self) -> str:
        return self.account.name

    # ---- asking ------------------------------------------------------------------------------------------------------

    @classmethod
    def invite(
        cls,
        by: User,
        email: str,
        name: str,
        phone: str,
        roles: Collection[str],
        hospital: Hospital | None = None,
        committee: str | None = None,
        now: datetime | None = None,
        tell: bool = True,
    ) -> User:
        """Make an account that reaches nothing yet, and ask for its roles; returns the account, with its change as `held`.

        `tell` False: who asks for many tells everybody of all of them at once (`tell_of`).
        """
        demand_steward(by, hospital and hospital.id)
        check_fit({Role(role) for role in roles}, hospital and hospital.id, committee)
        with db.atomic():
            made = User.enrol(email, name, (), None if access.may(by, "manage") else hospital, by=by, phone=phone)
            place = {"account": made, "hospital": hospital, "committee": committee}
            made.held = cls._ask(ChangeKind.ACCESS, by, now, tell, roles=_joined(roles), **place)
        return made

    @classmethod
    def amend(
        cls,
        account: User,
        by: User,
        roles: Collection[str],
        name: str,
        email: str,
        phone: str,
        hospital: Hospital | None = None,
        committee: str | None = None,
        now: datetime | None = None,
    ) -> list["HeldChange"]:
        """Correct the account; returns what of it waits for a second person. What opens nothing is done at once."""
        access.demand(by, "manage")
        wanted, held = {Role(role) for role in roles}, []
        with db.atomic():
            check_fit(wanted, hospital and hospital.id, committee)
            account.amend(by, name=plain(name).strip(), phone=phone or "")
            if (address := account.free_address(email)) != account.email:
                held.append(cls._ask(ChangeKind.ADDRESS, by, now, account=account, hospital=account.hospital, address=address))
            if account.opens(wanted, hospital, committee):
                if by == account:
                    account.grant(wanted, by)  # which says why not
                place = {"account": account, "hospital": hospital, "committee": committee}
                held.append(cls._ask(ChangeKind.ACCESS, by, now, roles=_joined(wanted), **place))
            else:
                account.place(wanted, hospital, committee, by)
        return held

    @classmethod
    def reset_factor(cls, account: User, by: User, reason: str, now: datetime | None = None) -> "HeldChange":
        """Ask that somebody sets up a new second step; `reason` says how it was checked who is asking."""
        access.demand(by, "manage")
        if by == account:
            raise Refused("Uw eigen tweede stap kunt u niet opnieuw instellen. Vraag een andere beheerder om dat te doen.")
        if len(reason := one_line(reason, 500, "De reden")) < REASON:
            raise Refused(
                "Schrijf op hoe u hebt vastgesteld dat deze persoon het zelf is, bijvoorbeeld: teruggebeld via het ziekenhuis."
            )
        return cls._ask(ChangeKind.FACTOR, by, now, account=account, hospital=account.hospital, reason=reason)

    @classmethod
    def revive(cls, account: User, by: User, now: datetime | None = None) -> "HeldChange":
        """Ask that an account that was ended or suspended works again."""
        demand_steward(by, account.hospital_id)
        if account.active:
            raise Refused(f"Het account van {account.name} is al actief.")
        return cls._ask(ChangeKind.REVIVE, by, now, account=account, hospital=account.hospital)

    def _people(self):
        """Who could know better: the account itself, all beheerders, the melders of the hospital. Each once."""
        melders = User.melders_of(self.hospital_id) if self.hospital_id else ()
        people = [*([self.account] if self.account.is_known else []), *User.with_role(Role.BEHEERDER), *melders]
        return list({person.id: person for person in people}.values())

    # ---- deciding ----------------------------------------------------------------------------------------------------

    def _demand_party(self, by):
        super()._demand_party(by)
        if not access.may(by, "manage") and by.hospital_id != self.hospital_id:
            raise Refused(access.ABILITY_SENTENCES["vouch"])

    def _demand_asker(self):
        demand_steward(self.asked_by, self.hospital_id)

    @property
    def _gains(self):
        return {self.account_id} if self.kind in (ChangeKind.ACCESS, ChangeKind.REVIVE) else set()

    def _carry_out(self, by, now):
        account, before = self.account, self.account.email
        if self.kind == ChangeKind.ACCESS:
            account.place(self.roles.split(), self.hospital, self.committee, by, agreed=True)
        elif self.kind == ChangeKind.ADDRESS:
            account.move_address(self.address, by, agreed=True)
            self._tell("gedaan", [account], now, address=before, before=before)
        elif self.kind == ChangeKind.FACTOR:
            account.lose_second_factor(by, self.reason, agreed=True)
        else:
            account.reactivate(by, agreed=True)
        if account.is_known:
            self._tell("gedaan", [account], now, before=before)


_one_each = (HeldChange.account, HeldChange.kind)
HeldChange.add_index(HeldChange.index(*_one_each, unique=True, where=SQL("decided_at IS NULL"), name="heldchange_standing"))


def _joined(roles):
    return " ".join(sorted(Role(role) for role in roles))
