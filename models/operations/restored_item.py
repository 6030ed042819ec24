"""What lives again after a restore, one by one, and what a person said of each: an account, a key of a supplier, a month."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from peewee import SQL, CharField, Check, DateTimeField, ForeignKeyField, ModelSelect, Node

from models import access, clock, dutch
from models.access import ROLE_LABELS
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.accounts.user_role import UserRole
from models.approval.four_eyes import FourEyes
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, Refused, db
from models.committee.ties.reach_change import ReachChange
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import Supplier
from models.mail.outgoing_hold import OutgoingHold

ASKED = "De vrijgave is al gevraagd. Neem die vraag eerst terug; daarna kunt u dit nog veranderen."
ENDED = "Dit is al beëindigd."


class ItemDecision(StrEnum):
    """What a person said. An account or a key stays or ends; about a month is asked again or not."""

    BLIJFT = "blijft"
    EINDIGT = "eindigt"
    OPNIEUW = "opnieuw"
    NIET_OPNIEUW = "niet opnieuw"


DECISION_LABELS = {
    ItemDecision.BLIJFT: "Klopt",
    ItemDecision.EINDIGT: "Beëindigd",
    ItemDecision.OPNIEUW: "Opnieuw vragen",
    ItemDecision.NIET_OPNIEUW: "Niet opnieuw vragen",
}
LAPSED = SQL("outcome = 'vervallen'")  # in the words of its index
OF_A_MONTH = (ItemDecision.OPNIEUW, ItemDecision.NIET_OPNIEUW)


class RestoredItem(Record):
    """One thing that one restore brought back. `decision` None: nobody looked at it yet."""

    hold = ForeignKeyField(OutgoingHold, backref="items", on_delete="RESTRICT")
    account = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    key = ForeignKeyField(ApiKey, null=True, backref="+", on_delete="RESTRICT")
    month = CharField(max_length=7, null=True)
    decision = CharField(max_length=12, null=True, choices=list(DECISION_LABELS.items()))
    decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)

    class Meta:
        indexes = tuple((("hold", about), True) for about in ("account", "key", "month"))
        constraints = [
            Check(
                "(account_id IS NOT NULL AND key_id IS NULL AND month IS NULL)"
                " OR (account_id IS NULL AND key_id IS NOT NULL AND month IS NULL)"
                " OR (account_id IS NULL AND key_id IS NULL AND month IS NOT NULL)",
                "restored_item_of_one",
            )
        ]

    def __str__(self):
        return self.account.email if self.account_id else f"LNR-sleutel {self.key.hint}…" if self.key_id else self.month

    @property
    def kind(self) -> str:
        """'Account', 'LNR-sleutel' or 'Maand'."""
        return "Account" if self.account_id else "LNR-sleutel" if self.key_id else "Maand"

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def of_latest(cls) -> Node:
        """Which of them the latest restore brought back, as an expression."""
        latest = OutgoingHold.select(OutgoingHold.id).order_by(OutgoingHold.id.desc()).limit(1)
        return cls.hold == latest

    @classmethod
    def note(cls, hold: OutgoingHold, months: Iterable[str]) -> None:
        """Write down what lives again: months first, then keys, then every account that can log in."""
        found = [{"month": month} for month in months]
        keys = ApiKey.select(ApiKey.id).where(ApiKey.valid(hold.restored_at)).order_by(ApiKey.id).tuples()
        found += [{"key": key} for (key,) in keys]
        accounts = User.select(User.id).where(User.active).order_by(User.email).tuples()
        found += [{"account": account} for (account,) in accounts]
        for about in found:  # some hundreds, once: rows of one statement would need the same columns
            cls.create(hold=hold, **about)

    @classmethod
    def described(cls, rows: list["RestoredItem"]) -> list["RestoredItem"]:
        """Each row with what it is (`said`) and what it reaches (`reach`) in words, in a fixed number of queries."""
        people = [row.account_id for row in rows if row.account_id]
        keys = [row.key_id for row in rows if row.key_id]
        roles: dict[int, set[str]] = {}
        for number, name in UserRole.select(UserRole.user, UserRole.name).where(UserRole.user.in_(people)).tuples():
            roles.setdefault(number, set()).add(name)
        suppliers = dict(ApiKey.select(ApiKey.id, Supplier.name).join(Supplier).where(ApiKey.id.in_(keys)).tuples())
        houses = dict(Hospital.select(Hospital.id, Hospital.name).tuples())
        for row in rows:
            if row.account_id:
                row.said = f"{row.account.name} ({row.account.email})"
                held = [label for role, label in ROLE_LABELS.items() if role in roles.get(row.account_id, ())]
                row.reach = " · ".join(filter(None, [", ".join(held) or "geen rollen", houses.get(row.account.hospital_id)]))
            elif row.key_id:
                row.said = f"{row.key.hint}…"
                row.reach = f"{suppliers[row.key_id]} · {houses[row.key.hospital_id]}"
            else:
                row.said = dutch.month_name(row.month)
                row.reach = "links in mails over deze maand werken niet meer"
        return rows

    @classmethod
    def of(cls, hold: OutgoingHold) -> ModelSelect:
        """What this restore brought back."""
        return cls.select().where(cls.hold == hold)

    @staticmethod
    def lapsed(hold: OutgoingHold) -> list[FourEyes]:
        """The changes that waited for a second person at the copy, and lapsed; each with whom it is about and who asked."""
        account, asker = User.alias(), User.alias()
        found = HeldChange.select(HeldChange, account, asker).order_by(HeldChange.id)
        found = found.join(account, on=(HeldChange.account == account.id), attr="account")
        found = found.join_from(HeldChange, asker, on=(HeldChange.asked_by == asker.id), attr="asked_by")
        reach = ReachChange.select().where(LAPSED, ReachChange.decided_at == hold.restored_at).order_by(ReachChange.id)
        return [*found.where(LAPSED, HeldChange.decided_at == hold.restored_at), *reach]

    @classmethod
    def undecided(cls, hold: OutgoingHold) -> int:
        """Of how many nobody said anything yet."""
        return cls.of(hold).where(cls.decision.is_null()).count()

    @classmethod
    def months(cls, hold: OutgoingHold, decision: ItemDecision) -> list[str]:
        """The months about which this was decided."""
        found = cls.select(cls.month).where(cls.hold == hold, cls.decision == decision, cls.month.is_null(False))
        return [month for (month,) in found.order_by(cls.month).tuples()]

    def keep(self, by: User, now: datetime | None = None) -> None:
        """Say that this account, with the roles of then, or this key is right to live. Of one's own account another says so."""
        if self.account_id == by.id:
            raise Refused("Of uw eigen account klopt, zegt een andere beheerder.")
        self._decide(ItemDecision.BLIJFT, by, now)

    def end(self, by: User, now: datetime | None = None) -> None:
        """End this account or this key, at once. Raises Refused for who may not be ended, such as oneself."""
        with db.atomic():
            self._decide(ItemDecision.EINDIGT, by, now)
            if self.account_id:
                self.account.deactivate(by, now=now)
            else:
                self.key.revoke(now=now)

    def ask_again(self, by: User, now: datetime | None = None) -> None:
        """Ask everybody about this month again, with links that work, once things are released."""
        self._decide(ItemDecision.OPNIEUW, by, now)

    def leave(self, by: User, now: datetime | None = None) -> None:
        """Do not ask about this month again: melders answer after logging in."""
        self._decide(ItemDecision.NIET_OPNIEUW, by, now)

    def _decide(self, decision, by, now):
        access.demand(by, "manage")
        if (decision in OF_A_MONTH) is not bool(self.month):
            raise Refused(f"Dit kan niet bij: {self}.")
        with db.atomic():
            if (hold := OutgoingHold.held()) is None or hold.id != self.hold_id:
                raise Refused("Er is al vrijgegeven.")
            if hold.asked_by_id:
                raise Refused(ASKED)
            now = now or clock.now()
            told = {"decision": decision, "decided_by": by, "decided_at": now}
            open_still = RestoredItem.decision.is_null() | (RestoredItem.decision != ItemDecision.EINDIGT)
            if not RestoredItem.update(told).where(RestoredItem.id == self.id, open_still).execute():
                raise Refused(ENDED)
            about = f"{DECISION_LABELS[decision]}: {self}"
            AuditEvent.log("restore.decide", by=by, account=self.account, subject=hold.subject, detail=about, at=now)


HeldChange.add_index(HeldChange.index(HeldChange.decided_at, where=LAPSED, name="heldchange_lapsed"))
ReachChange.add_index(ReachChange.index(ReachChange.decided_at, where=LAPSED, name="reachchange_lapsed"))
