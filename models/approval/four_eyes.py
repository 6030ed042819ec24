"""The four-eyes principle: what opens cases waits until a second person confirms it, or a day went by.

All who could know better get a mail with 'dit klopt niet'. The operator at the command line does it at once: he has the
database.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, ClassVar, Self

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, IntegrityError, Node

from models import access, clock
from models.access import Role
from models.accounts.user import User
from models.approval.change_kind import ChangeOutcome
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, Refused, db, new_key
from models.mail.mail_status import MailStatus
from models.mail.outbox import Mail

ALONE = timedelta(hours=24)  # after the mails about it have left
AT_ONCE = 50  # changes that one run of the clock carries out
OTHER = "Iemand anders moet dit bevestigen: niemand bevestigt wat men zelf vroeg of wat over het eigen account gaat."


class FourEyes(Record):
    """What every change that waits for a second person knows of who asked and who decided, and of the mails about it.

    A table says what changes (`what`, `label`), of whom (`named`, `whose`, `about`), who is told (`_people`), who may ask and
    confirm (`_demand_asker`, `ability`), whether two accounts may be one person (`demand_second`), and does it
    (`_carry_out`).
    """

    mail_name: ClassVar[str]
    ability: ClassVar[str]  # of who may confirm or stop it
    once: ClassVar[str]  # how that begins of which a mail is sent once
    kind: Any
    key: str
    demand_second: Any

    asked_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    asked_at = DateTimeField()
    stop_hash = CharField(max_length=64, unique=True)  # SHA-256 of what stands in the link 'dit klopt niet'
    decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    outcome = CharField(max_length=15, null=True)
    told_with = IntegerField(null=True)  # the first of those that were asked together: whose mails tell of this one

    def __str__(self):
        return f"{self.label} van {self.named}"

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def open(cls) -> Node:
        """Which of them nobody decided about, as an expression; those of a kind of a newer version are left to that one."""
        return cls.decided_at.is_null() & cls.kind.in_([kind for kind, _ in cls.kind.choices])

    @classmethod
    def waiting_about(cls, field: ForeignKeyField, rows: Collection[Record]) -> dict[int, list[Self]]:
        """{id of a row: what waits about it, the first ahead}, by the foreign key of this table that names such rows."""
        found = defaultdict(list)
        query = cls.select(cls, User).join(User, on=cls.asked_by).where(cls.open(), field.in_([row.id for row in rows]))
        for change in query.order_by(cls.id):
            found[getattr(change, field.object_id_name)].append(change)
        return found

    @classmethod
    def how_many_wait(cls) -> int:
        return cls.select().where(cls.open()).count()

    @property
    def due_at(self) -> datetime:
        """When it takes effect by itself, if the mails about it leave at once."""
        return self.asked_at + ALONE

    @property
    def about(self) -> User | None:
        """The account that it is about, if it is about one."""
        raise NotImplementedError

    @property
    def named(self) -> str:
        """Who or what changes, by name."""
        raise NotImplementedError

    @property
    def in_full(self) -> str:
        """The same for who has to look it up: of an account with its address."""
        return f"{self.about.name} ({self.about.email})" if self.about else self.named

    @property
    def parties(self) -> set[int]:
        """Whose word is no second one: who asked, and whom it is about."""
        return {self.asked_by_id, *([self.about.id] if self.about else [])}

    @property
    def label(self) -> str:
        """What kind of change it is."""
        raise NotImplementedError

    @property
    def what(self) -> str:
        """What changes, in words."""
        raise NotImplementedError

    def _people(self) -> list[User]:
        raise NotImplementedError

    def _demand_party(self, by):
        access.demand(by, self.ability)

    def _demand_asker(self):
        raise NotImplementedError

    def _carry_out(self, by, now):
        raise NotImplementedError

    @property
    def _gains(self) -> set[int]:
        """Whom it opens something for, who will not object."""
        raise NotImplementedError

    @property
    def _in_trail(self) -> dict[str, Any]:
        return {"account": self.about}

    # ---- asking ------------------------------------------------------------------------------------------------------

    @classmethod
    def _ask(cls, kind, by, now, tell=True, **wanted):
        now, key = now or clock.now(), new_key()
        asked = cls(kind=kind, asked_by=by, asked_at=now, stop_hash=_hash(key), **wanted)
        try:
            with db.atomic():
                asked.save(force_insert=True)
                detail = f"{asked.label}: {asked.what}"[:500]
                AuditEvent.log("change.ask", by=by, detail=detail, at=now, **asked._in_trail)
                asked.key = key
                if tell:
                    cls.tell_of([asked], now)
        except IntegrityError:
            sentence = f"Er wacht al een wijziging van {asked.named}: {asked.label.lower()}."
            raise Refused(f"{sentence} Laat die eerst bevestigen, of houd die tegen.") from None
        return asked

    @classmethod
    def tell_of(cls, together: Sequence[Self], now: datetime | None = None) -> None:
        """Mail who could know better, in the transaction that asked: each person once, about all that concerns them."""
        first, told = together[0].id, {}
        cls.update(told_with=first).where(cls.id.in_([change.id for change in together])).execute()
        for change in together:
            for person in change._people():
                told.setdefault(person, []).append([change.id, change.key])
        for person, changes in told.items():
            facts = {"moment": "wacht", "changes": changes, "before": ""}
            Mail.queue(cls.mail_name, person, once=f"{cls.once}:{first}:wacht:{person.id}:", now=now, **facts)

    # ---- deciding ----------------------------------------------------------------------------------------------------

    def confirm(self, by: User, now: datetime | None = None) -> None:
        """Let it take effect, as a second person. Raises Refused for who asked, for the account itself, and the second time."""
        self._demand_party(by)
        if by.id in self.parties:
            raise Refused(OTHER)
        with db.atomic():
            self.demand_second(by, self.asked_by, now or clock.now())
            self._decide(ChangeOutcome.CONFIRMED, by, now)
            AuditEvent.log("change.confirm", by=by, detail=self._line, at=now, **self._in_trail)
            self._carry_out(by, now)

    def stop(self, by: User | None = None, now: datetime | None = None) -> None:
        """It does not take effect. `by` None: through the link in a mail, which says no more than that somebody had it."""
        if by is not None:
            self._demand_party(by)
        with db.atomic():
            self._decide(ChangeOutcome.STOPPED, by, now)
            detail = self._line + ("" if by else ", via de link in de mail")
            AuditEvent.log("change.stop", by=by, detail=detail, at=now, **self._in_trail)
            self._tell("tegengehouden", User.with_role(Role.BEHEERDER), now)

    @classmethod
    def by_link(cls, key: str) -> Self | None:
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
        since = (Mail.name == self.mail_name) & (Mail.created_at >= self.asked_at)  # by the index of these two
        mails = list(Mail.select().where(since, Mail.once.startswith(f"{self.once}:{self.told_with or self.id}:wacht:")))
        others = {mail.user_id for mail in mails} - {self.asked_by_id} - self._gains
        heard = [mail for mail in mails if mail.status == MailStatus.VERZONDEN and not mail.bounced_at]
        sent = [mail.sent_at for mail in heard if not others or mail.user_id in others]
        waits = any(mail.status in (MailStatus.WACHT, MailStatus.BEZIG) for mail in mails)
        return bool(sent) and not waits and max(sent) <= now - ALONE

    def _elapse(self, now):
        try:
            with db.atomic():
                self._demand_asker()  # whose own rights ended meanwhile asks nothing any more
                self._decide(ChangeOutcome.ELAPSED, None, now)
                AuditEvent.log("change.effect", detail=self._line, at=now, **self._in_trail)
                self._carry_out(None, now)
        except Refused as reason:
            self.lapse(str(reason), now)
            return False
        return True

    def lapse(self, why: str, now: datetime) -> None:
        """It does not take effect, and no person decided so. The beheerders are told."""
        with db.atomic():
            self._decide(ChangeOutcome.LAPSED, None, now)
            AuditEvent.log("change.stop", detail=f"{self._line}: {why}"[:500], at=now, **self._in_trail)
            self._tell("vervallen", User.with_role(Role.BEHEERDER), now)

    def _decide(self, outcome, by, now):
        told = {"outcome": outcome, "decided_by": by, "decided_at": now or clock.now()}
        model = type(self)
        if not model.update(**told).where(model.id == self.id, model.open()).execute():
            raise Refused("Over deze wijziging is al beslist.")

    @property
    def _line(self):
        return f"{self.label}, gevraagd door {self.asked_by.email}"

    def _tell(self, moment, people, now, address=None, before=""):
        for person in people:
            once = f"{self.once}:{self.id}:{moment}:{person.id}:{address or ''}"
            told = {"changes": [[self.id, ""]], "moment": moment, "before": before}
            Mail.queue(self.mail_name, person, once=once, now=now, address=address, **told)


def _hash(key):
    return hashlib.sha256(key.encode()).hexdigest()
