"""Who of the committee reads one case, from when until when: named, and not because of the committee alone."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from peewee import SQL, CharField, DateTimeField, DeferredForeignKey, ForeignKeyField, Node, fn

from models import access, clock
from models.access import Process
from models.accounts.user import User
from models.base import EVERYBODY, Record
from models.cases.case_part import CasePart
from models.cases.status import Status

if TYPE_CHECKING:
    from models.cases.case import Case

# The committee of LZA1 reads every approved case of its process until people are named for it; from then on only they do.
BY_NAME = frozenset({Process.NETHOSS})


class _Ties:
    """What the committee knows of its members, set where models come together, because it stands above cases.

    tied(case, user): whether there is a tie, which keeps the case from every page, file and list.
    known(user): whether this member sits on the committee and it is known where; else only who was named reads.
    over(case, user): whether the term of this member is over, with nothing left to hand in for the case with this id.
    """

    tied: Callable[[Any, Any], Node]
    known: Callable[[Any], Node]
    over: Callable[[Any, Any], Node]


keeps_away = _Ties()


class CaseReader(Record):
    """One member who reads one case. `rule`: why, in the words of the trail; `ended_at` closes the case at once."""

    case = DeferredForeignKey("Case", backref="readers", on_delete="RESTRICT")
    user = ForeignKeyField(User, backref="read_cases", on_delete="RESTRICT")
    rule = CharField(max_length=60)
    since = DateTimeField()
    ended_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("case", "user"), True), (("user", "ended_at"), False))

    @classmethod
    def let(cls, case: "Case", user: User, rule: Any, now: datetime | None = None) -> None:
        """Let `user` read the case, in the caller's transaction; who reads it already goes on doing so."""
        row = cls.expect(case, user, rule, now or clock.now())
        if row.ended_at:
            row.rule, row.since, row.ended_at = rule, now or clock.now(), None
            row.save()

    @classmethod
    def expect(cls, case: "Case", user: User, rule: Any, now: datetime) -> "CaseReader":
        """Name `user` for the case without opening it yet, in the caller's transaction; who reads it already goes on."""
        row = cls.get_or_none(cls.case == case, cls.user == user)
        return row or cls.create(case=case, user=user, rule=rule, since=now, ended_at=now)

    @classmethod
    def people(cls, case: "Case") -> list[User]:
        """Who of the committee reads the case now."""
        readers = User.select().join(cls, on=cls.user == User.id)
        return list(readers.where(cls.case == case, cls.ended_at.is_null()).order_by(User.id))

    @classmethod
    def reads(cls, case: "Case", user: User) -> bool:
        """Whether `user` was named for the case and reads it now."""
        return cls.select().where(cls.case == case, cls.reading(user)).exists()

    @classmethod
    def reading(cls, user: Any) -> Node:
        """What `user` was named for and reads now, as an expression."""
        return (cls.user == user) & cls.ended_at.is_null() & ~keeps_away.over(cls.case, user)

    @classmethod
    def named_for(cls, case: Any, user: Any = None) -> Any:
        """Whether members were ever named for the case with this id, a column; or whether `user` reads it now."""
        mine = cls.reading(user) if user else EVERYBODY
        return fn.EXISTS(cls.select(SQL("1")).where(mine, cls.case == case))

    @classmethod
    def end(cls, case: "Case", user: User | None = None, now: datetime | None = None) -> None:
        """Nobody of the committee, or not this `user`, reads the case any more; in the caller's transaction."""
        mine = (cls.case == case) & cls.ended_at.is_null()
        mine = mine if user is None else mine & (cls.user == user)
        cls.update(ended_at=now or clock.now()).where(mine).execute()


class Studied:
    """What `Case` knows about the members of a committee who read it."""

    @classmethod
    def studied_by(cls, user: Any, processes: Any) -> Any:
        mine = CaseReader.reading(user)
        # Who reads the whole, which is approved, reads what other hospitals handed in for it too, once that is.
        whole = cls.alias()
        through = CasePart.select(CasePart.case).join(CaseReader, on=CaseReader.case == CasePart.whole)
        through = through.join(whole, on=CasePart.whole == whole.id)
        through = through.where(mine, whole.status == Status.GOEDGEKEURD, ~keeps_away.tied(whole, user))
        # From the few that somebody reads, and not from the approved ones of the whole country.
        named = cls.id.in_(CaseReader.select(CaseReader.case).where(mine) | through)
        if set(processes) <= BY_NAME:
            return cls.approved_in(processes, found=True) & ~keeps_away.tied(cls, user) & named
        everybody = cls.process.not_in(sorted(BY_NAME)) & ~CaseReader.named_for(cls.id) & keeps_away.known(user)
        return cls.declarable_by(user, processes) & (named | everybody)

    @classmethod
    def kept_from(cls, user: Any) -> list:
        """The approved cases that `user` would read or assess, were it not for a tie: the latest first, their numbers only."""
        processes = access.processes(user, "study")
        alone = processes <= BY_NAME
        named = (CaseReader.user == user) & ~keeps_away.over(CaseReader.case, user)
        kept = cls.id.in_(CaseReader.select(CaseReader.case).where(named))
        if not alone:
            kept |= cls.process.not_in(sorted(BY_NAME)) & ~CaseReader.named_for(cls.id) & keeps_away.known(user)
        rows = cls.select(cls.number).where(cls.approved_in(processes, found=alone), kept, keeps_away.tied(cls, user))
        return list(rows.order_by(cls.id.desc()))

    @classmethod
    def declarable_by(cls, user: Any, processes: Any) -> Any:
        """What a member may declare to be independent of: approved, and no tie is known."""
        return cls.approved_in(processes) & ~keeps_away.tied(cls, user)

    @classmethod
    def approved_in(cls, processes: Any, found: bool = False) -> Any:
        """Approved, in these processes. `found`: of rows that are looked up by their id, and so by no index of these two.

        An unanalysed database takes that index for the shortest way, along every approved case of the country.
        """
        process, status = (cls.process.concat(""), cls.status.concat("")) if found else (cls.process, cls.status)
        return process.in_(processes) & (status == Status.GOEDGEKEURD)
