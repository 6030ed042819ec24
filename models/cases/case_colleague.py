"""Cases that not the whole hospital sees: the melder and the colleagues who were named, when the hospital wants it so."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from peewee import SQL, DateTimeField, DeferredForeignKey, ForeignKeyField, IntegrityError, Node, fn, prefetch

from models import access, clock
from models.access import LZA1
from models.accounts.user import User
from models.accounts.user_role import UserRole
from models.audit.audit_event import AuditEvent
from models.base import Record, Refused, db

KEPT_APART = "In uw ziekenhuis ziet alleen de melder deze melding, met de collega's die zijn aangewezen."
NOT_THE_MELDER = "Alleen de melder van deze casus wijst collega's aan."
# What rooms above cases do when a colleague is named, in that transaction: called with (case, colleague, now).
naming_followers: list[Callable[[Any, User, datetime], None]] = []
MELDER_LEFT = "De melder van deze casus heeft geen account meer. Vraag de coördinator om collega's aan te wijzen."


class CaseColleague(Record):
    """A colleague who was named for one case. Whoever is no longer named has no row; the trail remembers."""

    case = DeferredForeignKey("Case", backref="entrusted", on_delete="RESTRICT")
    user = ForeignKeyField(User, backref="entrusted", on_delete="RESTRICT")
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()

    class Meta:
        table_name = "entrusted"
        indexes = ((("case", "user"), True),)

    @classmethod
    def people(cls, case: Any) -> list:
        """Who is named for this case, by name."""
        return list(User.select().where(User.id.in_(cls.select(cls.user).where(cls.case == case))).order_by(User.name))


class KeptApart:
    """What `Case` knows about hospitals that keep the cases of a process among the melder and named colleagues."""

    @classmethod
    def entrusted_to(cls, user: Any, processes: Any) -> Node:
        named = fn.EXISTS(CaseColleague.select(SQL("1")).where(CaseColleague.case == cls.id, CaseColleague.user == user))
        return cls.owned_by(user.hospital_id, processes) & ((cls.reporter == user) | named)

    @property
    def kept_apart(self) -> bool:
        """Whether only the melder and named colleagues see this case."""
        return self.process in LZA1 and self.process in self.hospital.kept_apart

    def is_open_to(self, user: User) -> Any:
        """Whether this colleague of the own hospital sees the case: all of them, unless the hospital wants it otherwise."""
        return not self.kept_apart or self.entrusts(user)

    def open_for(self, by: Any, still: Any, sentence: str) -> None:
        """Raise Refused unless `by` may complete this case and `still` holds; `{}` in `sentence` becomes the status."""
        access.demand(by, "complete", self.process)
        if self.hospital_id != by.hospital_id:
            raise Refused("Deze melding is niet van uw ziekenhuis.")
        if not self.is_open_to(by):
            raise Refused(KEPT_APART)
        if not still:
            raise Refused(sentence.format(self.status_label))

    def entrusts(self, user: Any) -> bool:
        """Whether `user` is the melder, or was named for this case."""
        return self.reporter_id == user.id or self.entrusted.where(CaseColleague.user == user).exists()

    def may_name(self, by: Any) -> Any:
        """Whether `by` says who else sees the case: the melder, or the coordinator once that account has ended."""
        if self.reporter_id == by.id:
            return access.may(by, "complete", self.process)
        return not self.reporter.active and access.may(by, "review", self.process)

    def colleagues(self, named: Any = None) -> list:
        """Who can still be named: the active people of the hospital who may complete such cases, by name.

        `named`: who was named already, when the caller has read them.
        """
        known = [self.reporter_id, *(user.id for user in (CaseColleague.people(self) if named is None else named))]
        there = User.select().where(User.active, User.hospital == self.hospital_id, User.id.not_in(known)).order_by(User.name)
        return [user for user in prefetch(there, UserRole) if access.may(user, "complete", self.process)]

    def entrust(self, colleague: User, by: User, now: datetime | None = None) -> None:
        """Let a colleague of the hospital see and complete this case too. Naming somebody twice changes nothing."""
        self._demand_naming(by)
        if self.entrusts(colleague):
            return
        now = now or clock.now()
        if colleague not in self.colleagues():
            raise Refused("Kies een collega van dit ziekenhuis die LZA1-meldingen mag aanvullen.")
        try:
            with db.atomic():
                CaseColleague.create(case=self, user=colleague, by=by, at=now)
                AuditEvent.log("case.entrust", by=by, case=self, detail=colleague.email, at=now)
                for follow in naming_followers:
                    follow(self, colleague, now)
        except IntegrityError:
            pass  # the other click of a double click was first

    def withhold(self, colleague: User, by: User, now: datetime | None = None) -> None:
        """Take the naming of a colleague back. Repeating it changes nothing."""
        self._demand_naming(by)
        with db.atomic():
            if CaseColleague.delete().where(CaseColleague.case == self, CaseColleague.user == colleague).execute():
                AuditEvent.log("case.withhold", by=by, case=self, detail=colleague.email, at=now)

    def _demand_naming(self, by):
        if not self.may_name(by):
            raise Refused(NOT_THE_MELDER if self.reporter.active else MELDER_LEFT)
