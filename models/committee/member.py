"""Members of a committee: discipline, workplaces, term of office, and the yearly declaration of independence."""

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Any

from peewee import SQL, BooleanField, CharField, Check, DateField, ForeignKeyField, IntegrityError, Node, fn

from models import access, clock
from models.access import Role
from models.accounts.hospital import Hospital, unopposed
from models.accounts.managed_account import demand_agreed
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, NOBODY, PartOf, Record, Refused, db
from models.committee.rules.committee_settings import CommitteeSettings

DECLARED_FOR = timedelta(days=365)
Watch = Callable[["CommitteeMember", User | None], None]
_watchers: list[Watch] = []
TERM = frozenset(("term_from", "term_until"))
OF_ANOTHER = "Deze gegevens gaan niet over op iemand anders. Voeg voor die persoon nieuwe gegevens toe."
ANOTHER_PLACE = "Een werkplek gaat niet over in een andere. Voeg de nieuwe werkplek toe en beëindig daarna de oude."
NO_MEMBER = "Dit account is geen commissielid. Geef het eerst die rol, onder Gebruikers."


def when_workplace_changes(watch: Watch) -> Watch:
    """Call `watch(member, by)` in the transaction in which another workplace of a member is written down."""
    _watchers.append(watch)
    return watch


class CommitteeMember(Record):
    """What a committee knows of one of its members beyond the account. Chair and secretary are marks, not roles."""

    user = ForeignKeyField(User, unique=True, backref="memberships", on_delete="RESTRICT")
    discipline = CharField(max_length=40)
    term_from = DateField()
    term_until = DateField(null=True)
    chair = BooleanField(default=False)
    secretary = BooleanField(default=False)
    outside = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")])  # works in no hospital, and did not of late
    declared_on = DateField(null=True)

    class Meta:
        constraints = [Check("term_until IS NULL OR term_until >= term_from", "committee_member_term")]

    def __str__(self):
        return self.user.name

    @classmethod
    def owned_by(cls, hospital: Hospital, processes: Collection[str]) -> Any:
        return NOBODY

    @classmethod
    def for_management(cls) -> Any:
        return EVERYBODY

    @classmethod
    def of(cls, user: User) -> Any:
        """The record of this person; None for who has none."""
        return cls.get_or_none(cls.user == user)

    @property
    def leads(self) -> bool:
        """Whether this member leads the meetings now: the chair, or the secretary, in the term of office."""
        return (self.chair or self.secretary) and self.sits_on(clock.today())

    @classmethod
    def leads_for(cls, by: User, process: str) -> bool:
        """Whether `by` leads the meetings of this committee: its coordinator, its chair or its secretary."""
        if access.may(by, "review", process):
            return True
        member = cls.of(by) if access.may(by, "study", process) else None
        return member is not None and member.leads

    @classmethod
    def add(cls, by: User | None, agreed: bool = False, **fields: Any) -> "CommitteeMember":
        """Write down who sits on a committee; `fields` by name. Raises Refused for who is no commissielid, or twice.

        `agreed`, here and below: a second person confirmed what opens cases, or nobody stopped it (ties/reach_change.py).
        """
        access.demand_of(None if agreed else by, "manage")
        _demand(**fields)
        if cls().opens(**fields):
            demand_agreed(by, agreed)
        try:
            with db.atomic():
                made = cls.create(**fields)
                AuditEvent.log("committee.member", by=by, account=made.user, detail="toegevoegd")
        except IntegrityError:
            raise Refused("Van dit commissielid staan de gegevens er al.") from None
        return made

    def opens(self, outside: bool = False, chair: bool | None = None, **fields: Any) -> set[str]:
        """Which of these fields let the member read more cases: no tie is known, all that go to the table, or a term anew."""
        opening = {"chair"} if chair and not self.chair else set()
        leads = self.chair and chair is not False
        if self.id and (leads or self.is_placed) and not self.sits_on(today := clock.today()):
            since, until = (fields.get(name, getattr(self, name)) for name in ("term_from", "term_until"))
            ends, ended = (day or date.max for day in (until, self.term_until))
            # Also what begins later: nobody would look again on that day.
            opening |= TERM & fields.keys() if ends >= today and (since < self.term_from or ends > ended) else set()
        return opening | {"outside"} if outside and not self.is_placed else opening

    def amend(self, by: User | None, agreed: bool = False, **fields: Any) -> None:
        """Correct the record."""
        access.demand_of(None if agreed else by, "manage")
        _demand(**{"user": self.user} | fields)
        if fields.get("user", self.user) != self.user:
            raise Refused(OF_ANOTHER)
        with db.atomic():
            self.hold()
            if self.opens(**fields):
                demand_agreed(by, agreed)
            changed = sorted(name for name, value in fields.items() if value != getattr(self, name))
            for name in changed:
                setattr(self, name, fields[name])
            if changed:
                self.save(only=changed)
                said = ", ".join(changed) + unopposed(by, agreed)
                AuditEvent.log("committee.member", by=by, account=self.user, detail=said)

    def hold(self) -> None:
        """Keep everybody else who holds it waiting until the transaction ends, and read it anew."""
        query = CommitteeMember.select().where(CommitteeMember.id == self.id)
        self.__data__.update((query.for_update("FOR NO KEY UPDATE") if db.for_update else query).get().__data__)

    @property
    def is_placed(self) -> bool:
        """Whether it was written down where this member works, or that it is in no hospital."""
        return self.outside or self.workplaces.exists()

    def declare(self, by: User, now: datetime | None = None) -> None:
        """The member declares for a year to name every tie, and to keep silent about what is read."""
        access.demand(by, "study")
        if by.id != self.user_id:
            raise Refused("Alleen het commissielid zelf kan deze verklaring geven.")
        with db.atomic():
            self.declared_on = clock.today(now)
            self.save()
            AuditEvent.log("committee.declare", by=by, account=by, at=now)

    def has_declared(self, day: date) -> bool:
        """Whether the yearly declaration holds on `day`."""
        return self.declared_on is not None and day < self.declared_on + DECLARED_FOR

    def sits_on(self, day: date) -> bool:
        """Whether `day` lies in the term of office."""
        return self.term_from <= day and (self.term_until is None or day <= self.term_until)

    @classmethod
    def sits(cls, user: Any) -> Node:
        """Whether today lies in the term of office of `user`, as an expression; for who has no record it does not."""
        today = clock.today()
        return (cls.user == user) & (cls.term_from <= today) & (cls.term_until.is_null() | (cls.term_until >= today))

    @classmethod
    def left(cls, user: Any) -> Node:
        """Whether `user` has a record of which the term of office does not hold today, as an expression."""
        today = clock.today()
        outside = (cls.term_from > today) | (cls.term_until < today)
        return fn.EXISTS(cls.select(SQL("1")).where(cls.user == user, outside))


class Workplace(PartOf, Record):
    """Where a member works or worked; kept when it ends, because it stands in the way for some time after."""

    whole = "member"

    member = ForeignKeyField(CommitteeMember, backref="workplaces", on_delete="RESTRICT")
    hospital = ForeignKeyField(Hospital, backref="committee_workplaces", on_delete="RESTRICT")
    since = DateField()
    until = DateField(null=True)

    class Meta:
        constraints = [Check("until IS NULL OR until >= since", "workplace_period")]

    @classmethod
    def for_management(cls) -> Any:
        return EVERYBODY

    @classmethod
    def add(cls, by: User | None, agreed: bool = False, **fields: Any) -> "Workplace":
        """Write down where a member works; `fields` by name. The first one opens cases: until then no tie can be ruled out."""
        access.demand_of(None if agreed else by, "manage")
        cls.demand_period(**fields)
        with db.atomic():
            if not fields["member"].is_placed:
                demand_agreed(by, agreed)
            made = cls.create(**fields)
            said = f"werkplek {made.hospital.code}{unopposed(by, agreed)}"
            AuditEvent.log("committee.member", by=by, account=made.member.user, detail=said)
            _changed(made.member, by)
        return made

    def opens(self, until: date | None = None, **_: Any) -> bool:
        """Whether this last day would end the tie to where the member worked, or end it sooner."""
        return until is not None and (self.until is None or until < self.until)

    def amend(self, by: User | None, agreed: bool = False, **fields: Any) -> None:
        """Correct the workplace, or say when it ended."""
        access.demand_of(None if agreed else by, "manage")
        fields = {"hospital": self.hospital, "since": self.since, "until": self.until, "member": self.member} | fields
        self.demand_period(**fields)
        self.demand_own(fields["member"], fields["hospital"])
        with db.atomic():
            if self.opens(**fields):
                demand_agreed(by, agreed)
            for name, value in fields.items():
                setattr(self, name, value)
            self.save()
            said = f"werkplek {self.hospital.code}{unopposed(by, agreed)}"
            AuditEvent.log("committee.member", by=by, account=self.member.user, detail=said)
            _changed(self.member, by)

    @staticmethod
    def demand_period(since: date | None = None, until: date | None = None, **_: Any) -> None:
        """Raise Refused when it would end before it begins."""
        if since and until and until < since:
            raise Refused("De laatste dag op deze werkplek ligt vóór de eerste.")

    def demand_own(self, member: CommitteeMember, hospital: Hospital) -> None:
        """Raise Refused when it would go over to another member, or hospital: the new tie counts at once, an end waits."""
        if member != self.member:
            raise Refused(OF_ANOTHER)
        if hospital != self.hospital:
            raise Refused(ANOTHER_PLACE)

    @classmethod
    def recent(cls, process: str) -> Node:
        """Whether a member works there, or left so recently that it is a tie for this committee, as an expression."""
        return cls.until.is_null() | (cls.until > CommitteeSettings.of(process).left_after(clock.today()))

    @classmethod
    def standing(cls, day: date, left_after: date) -> Any:
        """{member id: [Hospital]} of where members work on `day`, or what they left after `left_after`.

        Who never had a workplace written down is left out: nothing is known, which is not the same as no tie. Who works
        outside the hospitals has none.
        """
        outside = CommitteeMember.select(CommitteeMember.id).where(CommitteeMember.outside)
        found: dict[int, list[Hospital]] = {member: [] for (member,) in outside.tuples()}
        for row in cls.select(cls, Hospital).join(Hospital):
            here = found.setdefault(row.member_id, [])
            if row.until is None or row.until > left_after:
                here.append(row.hospital)
        return found


def _demand(user=None, term_from=None, term_until=None, **_):
    if user is None or Role.COMMISSIELID not in user.role_names:
        raise Refused(NO_MEMBER)
    if term_from and term_until and term_until < term_from:
        raise Refused("De laatste dag in de commissie ligt vóór de eerste.")


def _changed(member, by):
    for watch in _watchers:
        watch(member, by)
