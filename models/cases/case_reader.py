"""Who of the committee reads one case, from when until when: named, and not because of the committee alone."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from peewee import SQL, CharField, DateTimeField, DeferredForeignKey, ForeignKeyField, fn

from models import clock
from models.access import Process
from models.accounts.user import User
from models.base import EVERYBODY, Record
from models.cases.case_part import CasePart
from models.cases.status import Status

if TYPE_CHECKING:
    from models.cases.case import Case

# The committee of LZA1 reads every approved case of its process until people are named for it; from then on only they do.
BY_NAME = frozenset({Process.NETHOSS})


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
        row = cls.get_or_none(cls.case == case, cls.user == user) or cls(case=case, user=user, ended_at=clock.now())
        if row.ended_at:
            row.rule, row.since, row.ended_at = rule, now or clock.now(), None
            row.save()

    @classmethod
    def people(cls, case: "Case") -> list[User]:
        """Who of the committee reads the case now."""
        readers = User.select().join(cls, on=cls.user == User.id)
        return list(readers.where(cls.case == case, cls.ended_at.is_null()).order_by(User.id))

    @classmethod
    def named_for(cls, case: Any, user: Any = None) -> Any:
        """Whether members were ever named for the case with this id, a column; or whether `user` reads it now."""
        mine = (cls.user == user) & cls.ended_at.is_null() if user else EVERYBODY
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
        approved = cls.process.in_(processes) & (cls.status == Status.GOEDGEKEURD)
        mine = (CaseReader.user == user) & CaseReader.ended_at.is_null()
        named = CaseReader.named_for(cls.id, user)
        # Who reads the whole, which is approved, reads what other hospitals handed in for it too, once that is.
        whole = cls.alias()
        through = CasePart.select(SQL("1")).join(CaseReader, on=CaseReader.case == CasePart.whole)
        through = through.join(whole, on=CasePart.whole == whole.id)
        named |= fn.EXISTS(through.where(mine, CasePart.case == cls.id, whole.status == Status.GOEDGEKEURD))
        if set(processes) <= BY_NAME:
            return approved & named
        return approved & (named | (cls.process.not_in(sorted(BY_NAME)) & ~CaseReader.named_for(cls.id)))
