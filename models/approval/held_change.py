"""The four-eyes principle: what opens cases to an account waits until a second person confirms it, or a day went by.

Roles, another hospital or committee, another address, a second step taken away, an ended account that lives again. All who
could know better get a mail with 'dit klopt niet'. The operator at the command line does it at once: he has the database.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import islice

from peewee import SQL, CharField, DateTimeField, ForeignKeyField, IntegerField, IntegrityError, Node

from models import access, clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.accounts.managed_account import check_fit, demand_steward
from models.accounts.user import User
from models.approval.change_kind import KIND_LABELS, ChangeKind, ChangeOutcome
from models.approval.change_wording import ChangeWording
from models.approval.second_person import SecondPerson
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, Refused, db, new_key
from models.encrypted_fields import SealedField
from models.mail.mail_status import MailStatus
from models.mail.outbox import Mail
from models.typed_text import one_line, plain

ALONE = timedelta(hours=24)  # after the mails about it have left
AT_ONCE = 50  # changes that one run of the clock carries out
REASON = 10  # letters
OTHER = "Iemand anders moet dit bevestigen: niemand bevestigt wat men zelf vroeg of wat over het eigen account gaat."


class HeldChange(ChangeWording, SecondPerson, Record):
    """One change of one account that waits for a second person, or did. `hospital`: whose melders may confirm it."""

    account = ForeignKeyField(User, backref="held_changes", on_delete="RESTRICT")
    kind = CharField(max_length=10, choices=list(KIND_LABELS.items()))
    hospital = ForeignKeyField(Hospital, null=True, on_delete="RESTRICT")
    committee = CharField(max_length=10, null=True)
    roles = CharField(max_length=200, default="")  # role names with a blank between them
    address = CharField(max_length=254, default="")
    reason = SealedField(default="")
    asked_by = ForeignKeyField(User, backref="asked_changes", on_delete="RESTRICT")
    asked_at = DateTimeField()
    stop_hash = CharField(max_length=64, unique=True)  # SHA-256 of what stands in the link 'dit klopt niet'
    decided_by = ForeignKeyField(User, null=True, backref="decided_changes", on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    outcome = CharField(max_length=15, null=True)
    told_with = IntegerField(null=True)  # the first of those that were asked together: whose mails tell of this one

    def __str__(self):
        return f"{KIND_LABELS[self.kind]} van {self.account.name}"

    @classmethod
    def owned_by(cls, hospital: Hospital, processes: Collection[str]) -> Node:
        return cls.hospital == hospital

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def open(cls) -> Node:
        """Which of them nobody decided about, as an expression."""
        return cls.decided_at.is_null()

    @classmethod
    def waits_for(cls, account: User) -> bool:
        """Whether roles of this account wait for somebody."""
        return cls.select().where(cls.account == account.id, cls.kind == ChangeKind.ACCESS, cls.open()).exists()

    @property
    def due_at(self) -> datetime:
        """When it takes effect by itself, if the mails about it leave at once."""
        return self.asked_at + ALONE

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
            place = {"hospital": hospital, "committee": committee}
            made.held = cls._ask(ChangeKind.ACCESS, made, by, now, tell, roles=_joined(roles), **place)
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
                held.append(cls._ask(ChangeKind.ADDRESS, account, by, now, hospital=account.hospital, address=address))
            if account.opens(wanted, hospital, committee):
                if by == account:
                    account.grant(wanted, by)  # which says why not
                place = {"hospital": hospital, "committee": committee}
                held.append(cls._ask(ChangeKind.ACCESS, account, by, now, roles=_joined(wanted), **place))
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
        return cls._ask(ChangeKind.FACTOR, account, by, now, hospital=account.hospital, reason=reason)

    @classmethod
    def revive(cls, account: User, by: User, now: datetime | None = None) -> "HeldChange":
        """Ask that an account that was ended or suspended works again."""
        demand_steward(by, account.hospital_id)
        if account.active:
            raise Refused(f"Het account van {account.name} is al actief.")
        return cls._ask(ChangeKind.REVIVE, account, by, now, hospital=account.hospital)

    @classmethod
    def _ask(cls, kind, account, by, now, tell=True, **wanted):
        now, key = now or clock.now(), new_key()
        try:
            with db.atomic():
                asked = cls.create(kind=kind, account=account, asked_by=by, asked_at=now, stop_hash=_hash(key), **wanted)
                AuditEvent.log("change.ask", by=by, account=account, detail=f"{KIND_LABELS[kind]}: {asked.what}"[:500], at=now)
                asked.key = key
                if tell:
                    cls.tell_of([asked], now)
        except IntegrityError:
            sentence = f"Er wacht al een wijziging van {account.name}: {KIND_LABELS[kind].lower()}."
            raise Refused(f"{sentence} Laat die eerst bevestigen, of houd die tegen.") from None
        return asked

    @classmethod
    def tell_of(cls, together: Sequence["HeldChange"], now: datetime | None = None) -> None:
        """Mail who could know better, in the transaction that asked: each person once, about all that concerns them."""
        first, told = together[0].id, {}
        cls.update(told_with=first).where(cls.id.in_([change.id for change in together])).execute()
        for change in together:
            for person in change._people():
                told.setdefault(person, []).append([change.id, change.key])
        for person, changes in told.items():
            facts = {"moment": "wacht", "changes": changes, "before": ""}
            Mail.queue("held_change", person, once=f"held:{first}:wacht:{person.id}:", now=now, **facts)

    def _people(self):
        """Who could know better: the account itself, all beheerders, the melders of the hospital. Each once."""
        melders = User.melders_of(self.hospital_id) if self.hospital_id else ()
        people = [*([self.account] if self.account.is_known else []), *User.with_role(Role.BEHEERDER), *melders]
        return list({person.id: person for person in people}.values())

    # ---- deciding ----------------------------------------------------------------------------------------------------

    def confirm(self, by: User, now: datetime | None = None) -> None:
        """Let it take effect, as a second person. Raises Refused for who asked, for the account itself, and the second time."""
        self._demand_party(by)
        if by.id in (self.asked_by_id, self.account_id):
            raise Refused(OTHER)
        with db.atomic():
            self.demand_second(by, self.asked_by, now or clock.now())
            self._decide(ChangeOutcome.CONFIRMED, by, now)
            AuditEvent.log("change.confirm", by=by, account=self.account, detail=self._line, at=now)
            self._carry_out(by, now)

    def stop(self, by: User | None = None, now: datetime | None = None) -> None:
        """It does not take effect. `by` None: through the link in a mail, which says no more than that somebody had it."""
        if by is not None:
            self._demand_party(by)
        with db.atomic():
            self._decide(ChangeOutcome.STOPPED, by, now)
            detail = self._line + ("" if by else ", via de link in de mail")
            AuditEvent.log("change.stop", by=by, account=self.account, detail=detail, at=now)
            self._tell("tegengehouden", User.with_role(Role.BEHEERDER), now)

    def _demand_party(self, by):
        access.demand(by, "vouch")
        if not access.may(by, "manage") and by.hospital_id != self.hospital_id:
            raise Refused(access.ABILITY_SENTENCES["vouch"])

    @classmethod
    def by_link(cls, key: str) -> "HeldChange | None":
        """The change of which 'dit klopt niet' was opened."""
        return cls.get_or_none(cls.stop_hash == _hash(key))

    @classmethod
    def take_effect(cls, now: datetime | None = None) -> int:
        """Carry out what nobody stopped within a day after it was told; returns how many."""
        now, done = now or clock.now(), 0
        due = list(cls.select().where(cls.open(), cls.asked_at <= now - ALONE).order_by(cls.asked_at, cls.id))
        # Bounded are those that take effect: any number that nobody was told of would keep later ones waiting for ever.
        for change in islice((one for one in due if one._told(now)), AT_ONCE):
            done += change._elapse(now)
        return done

    def _told(self, now):
        """Whether one of the others, if there are any, heard of it a day ago, and no mail about it still waits to leave."""
        since = (Mail.name == "held_change") & (Mail.created_at >= self.asked_at)  # by the index of these two
        mails = list(Mail.select().where(since, Mail.once.startswith(f"held:{self.told_with or self.id}:wacht:")))
        gains = self.account_id if self.kind in (ChangeKind.ACCESS, ChangeKind.REVIVE) else None  # who will not object
        others = {mail.user_id for mail in mails} - {self.asked_by_id, gains}
        heard = [mail for mail in mails if mail.status == MailStatus.VERZONDEN and not mail.bounced_at]
        sent = [mail.sent_at for mail in heard if not others or mail.user_id in others]
        waits = any(mail.status in (MailStatus.WACHT, MailStatus.BEZIG) for mail in mails)
        return bool(sent) and not waits and max(sent) <= now - ALONE

    def _elapse(self, now):
        try:
            with db.atomic():
                demand_steward(self.asked_by, self.hospital_id)  # whose own rights ended meanwhile asks nothing any more
                self._decide(ChangeOutcome.ELAPSED, None, now)
                AuditEvent.log("change.effect", account=self.account, detail=self._line, at=now)
                self._carry_out(None, now)
        except Refused as reason:
            self.lapse(str(reason), now)
            return False
        return True

    def lapse(self, why: str, now: datetime) -> None:
        """It does not take effect, and no person decided so. The beheerders are told."""
        with db.atomic():
            self._decide(ChangeOutcome.LAPSED, None, now)
            AuditEvent.log("change.stop", account=self.account, detail=f"{self._line}: {why}"[:500], at=now)
            self._tell("vervallen", User.with_role(Role.BEHEERDER), now)

    def _decide(self, outcome, by, now):
        told = {"outcome": outcome, "decided_by": by, "decided_at": now or clock.now()}
        if not HeldChange.update(**told).where(HeldChange.id == self.id, HeldChange.open()).execute():
            raise Refused("Over deze wijziging is al beslist.")

    @property
    def _line(self):
        return f"{KIND_LABELS[self.kind]}, gevraagd door {self.asked_by.email}"

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

    def _tell(self, moment, people, now, address=None, before=""):
        for person in people:
            once = f"held:{self.id}:{moment}:{person.id}:{address or ''}"
            told = {"changes": [[self.id, ""]], "moment": moment, "before": before}
            Mail.queue("held_change", person, once=once, now=now, address=address, **told)


_one_each = (HeldChange.account, HeldChange.kind)
HeldChange.add_index(HeldChange.index(*_one_each, unique=True, where=SQL("decided_at IS NULL"), name="heldchange_standing"))


def _joined(roles):
    return " ".join(sorted(Role(role) for role in roles))


def _hash(key):
    return hashlib.sha256(key.encode()).hexdigest()
