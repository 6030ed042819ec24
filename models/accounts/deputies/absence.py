"""Deputies: while somebody is away, a colleague of the same work gets the mails about what is theirs too.

A coordinator's deputy is a coordinator, and sees to what was assigned; a melder's is a melder of the same hospital. It begins
and ends by itself: every question is asked of a day. Whose deputy is away too is seen to by the deputy of that one.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from peewee import SQL, Check, DateField, DateTimeField, ForeignKeyField, IntegrityError, ModelSelect, Node

from models import access, clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.accounts.user_role import UserRole
from models.audit.audit_event import AuditEvent
from models.base import Record, Refused, db
from models.dutch import long_date

FURTHEST = timedelta(days=366)
MELDERS = (Role.MELDER, Role.LZA1_MELDER)


def coordinators(processes: Collection[str]) -> list[User]:
    """The coordinators of any of these processes, by name, each with their roles at hand."""
    return list(User.with_role(*_roles(processes)).order_by(User.name, User.id))


def peers(user: User) -> list[User]:
    """Among whom `user` says who is away and who stands in: coordinators of the same work, or melders of the hospital."""
    if access.may(user, "review"):
        return coordinators(access.processes(user, "review"))
    return list(User.with_role(*MELDERS).where(User.hospital == user.hospital_id).order_by(User.name, User.id))


def _roles(processes):
    return [role for role, granted in access.ABILITIES["review"].items() if granted & set(processes)]


class Absence(Record):
    """One absence, from and with `first_day` until and with `last_day`."""

    person = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    deputy = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    first_day = DateField()
    last_day = DateField(index=True)
    by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    at = DateTimeField()
    ended_at = DateTimeField(null=True)  # taken back before its last day, or over when the next one was planned
    ended_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")

    class Meta:
        constraints = [Check("first_day <= last_day AND person_id <> deputy_id", "absence_of_one")]

    def __str__(self):
        return f"{self.person.name}, vervangen door {self.deputy.name}"

    @classmethod
    def owned_by(cls, hospital: Hospital | int, processes: Collection[str]) -> Node:
        return cls.person.in_(User.select(User.id).where(User.hospital == hospital))

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return cls.person.in_(UserRole.holders(*_roles(processes)))

    def stands(self, today: date | None = None) -> bool:
        """Whether it is going on or still to come."""
        return self.ended_at is None and self.last_day >= (today or clock.today())

    @property
    def state(self) -> str:
        """'nu afwezig', 'gepland' or 'voorbij', today."""
        if not self.stands():
            return "voorbij"
        return "nu afwezig" if self.first_day <= clock.today() else "gepland"

    @classmethod
    def plan(
        cls,
        by: User,
        person: int | None,
        deputy: int | None,
        first_day: date | None,
        last_day: date | None,
        now: datetime | None = None,
    ) -> "Absence":
        """Say that `person` (account id) is away, and who stands in. Colleagues do it for each other too: who is ill cannot.

        Raises Refused for days that have been, for a deputy who may not do all that work or is away then, and for a second
        absence of the same person.
        """
        access.demand(by, _work(by))
        now = now or clock.now()
        today = clock.today(now)
        there = {user.id: user for user in peers(by)}
        away, other = there.get(person), there.get(deputy)  # type: ignore[arg-type]
        if away is None or not _works_in(by, away):
            raise Refused("Kies wie er afwezig is: iemand die hetzelfde werk doet als u.")
        if other is None or other == away or not _works_in(other, away):
            raise Refused("Kies een ander als vervanger, die hetzelfde werk mag doen.")
        if first_day is None or last_day is None or not today <= first_day <= last_day <= today + FURTHEST:
            raise Refused("Kies een eerste en een laatste dag, vanaf vandaag en hoogstens een jaar vooruit.")
        if cls.standing(today).where(cls.person == other, cls.first_day <= last_day, cls.last_day >= first_day).exists():
            raise Refused(f"{other.name} is dan zelf afwezig. Kies een andere vervanger.")
        try:
            with db.atomic():
                over = cls.update(ended_at=now).where(cls.ended_at.is_null(), cls.last_day < today)
                over.execute()  # else the absence that ended by itself would stand in the way of a new one
                made = cls.create(person=away, deputy=other, first_day=first_day, last_day=last_day, by=by, at=now)
                told = f"{long_date(first_day)} tot en met {long_date(last_day)}, vervangen door {other.in_trail}"
                AuditEvent.log("absence.plan", by=by, account=away, detail=told, at=now)
        except IntegrityError:
            raise Refused(f"Voor {away.name} staat al een afwezigheid. Beëindig die eerst.") from None
        return made

    def end(self, by: User, now: datetime | None = None) -> None:
        """Take it back, or end it before its last day."""
        access.demand(by, _work(by))
        now = now or clock.now()
        if not _works_in(by, self.person):
            raise Refused("Deze afwezigheid is van iemand met ander werk.")
        with db.atomic():
            mine = (Absence.id == self.id) & Absence.ended_at.is_null() & (Absence.last_day >= clock.today(now))
            if not Absence.update(ended_at=now, ended_by=by).where(mine).execute():
                raise Refused("Deze afwezigheid is al voorbij.")
            AuditEvent.log("absence.end", by=by, account=self.person, detail=str(self), at=now)

    @classmethod
    def standing(cls, today: date) -> ModelSelect:
        """What is going on or still to come on this day, as a query."""
        return cls.select().where(cls.ended_at.is_null(), cls.last_day >= today)

    @classmethod
    def _on(cls, day, joined):
        """What is going on on this day, as a query, with the account of one side at hand."""
        return cls.standing(day).where(cls.first_day <= day).select(cls, User).join(User, on=joined)

    @classmethod
    def deputies(cls, person: User, day: date) -> list[User]:
        """Who stands in for `person` on this day: nobody when they are there; more than one when the deputy is away too."""
        found, at = [], person
        while (one := cls._on(day, cls.deputy).where(cls.person == at).first()) and one.deputy not in [person, *found]:
            at = one.deputy
            found.append(at)
        return found

    @classmethod
    def covered_by(cls, user: User, day: date) -> "list[Absence]":
        """The absences on this day in which `user` stands in, also in the place of a deputy who is away."""
        found: dict[int, Absence] = {}
        step = [user.id]
        while step:
            rows = cls._on(day, cls.person).where(cls.deputy.in_(step), cls.person.not_in([user.id, *found]))
            more = {one.person_id: one for one in rows.order_by(cls.id)}
            found |= more
            step = list(more)
        return list(found.values())


def _works_in(user, other):
    """Whether `user` may do all the work of `other`, in the same place."""
    work = _work(user)
    own = access.processes(other, work)
    return bool(own) and own <= access.processes(user, work) and other.hospital_id == user.hospital_id


def _work(user):
    """The ability that a deputy needs as well."""
    return "review" if access.may(user, "review") else "create"


Absence.add_index(Absence.index(Absence.person, unique=True, where=SQL("ended_at IS NULL"), name="absence_standing_person"))
