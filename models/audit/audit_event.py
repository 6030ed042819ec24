"""The trail: who did, saw, fetched or was refused what, and when (NEN 7513). Append-only and hash-chained."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from peewee import SQL, Case, CharField, DateTimeField, DeferredForeignKey, IntegerField, ModelSelect, Node, fn

from models import access, clock
from models.audit.audit_action import ACTION_LABELS, ACTIONS, STORY
from models.base import EVERYBODY, Record, db, on_postgresql
from models.database import prepared_statements
from models.database.private_copy import forgotten

# Where the request came from and its number; the web sets them per request, the worker the first one once.
origin = ContextVar("origin", default="")
request_id: ContextVar[str] = ContextVar("request_id", default="")
# Who acts without an account: the address that was asked to (models/upload_links).
outsider: ContextVar[str] = ContextVar("outsider", default="")
GENESIS = "0" * 64
CHAIN_LOCK = 7513
READ_AT_ONCE = 1000  # lines


class AuditEvent(Record):
    """One line of the trail. `detail` says that something changed, never the content."""

    at = DateTimeField(index=True)
    # Deferred: accounts stand above this room, so that their verbs write lines too.
    actor = DeferredForeignKey("User", null=True, backref="events", on_delete="RESTRICT")
    roles = CharField(max_length=120)
    action = CharField(max_length=30, choices=list(ACTION_LABELS.items()))
    kind = CharField(max_length=1)
    # Numbers, not foreign keys: the trail outlives what it speaks of.
    case_id = IntegerField(null=True)
    hospital = DeferredForeignKey("Hospital", null=True, on_delete="RESTRICT")
    subject = CharField(max_length=200)
    rule = CharField(max_length=60)
    result = CharField(max_length=20)
    detail = CharField(max_length=500)
    address = CharField(max_length=64)
    previous = CharField(max_length=64)
    hash = CharField(max_length=64, unique=True)
    # None of what the clock or a command did, and of before 2026-12.
    request = CharField(max_length=64, null=True)
    outsider = CharField(max_length=254, null=True)

    class Meta:
        table_name = "event"
        # The last by all three: by the action alone, or by its moment, SQLite would read that of every case.
        indexes = ((("action", "at"), False), (("result", "at"), False), (("case_id", "action", "at"), False))

    @classmethod
    def log(
        cls,
        action: str,
        by: Record | None = None,
        case: Any = None,
        account: Any = None,
        subject: Record | str = "",
        detail: Any = "",
        hospital: Record | int | None = None,
        process: str | None = None,
        result: str = "gelukt",
        at: Any = None,
        after: "AuditEvent | None" = None,
    ) -> "AuditEvent":
        """Add one line, in the caller's transaction: the act and its record stand or fall together.

        What it is about is a case, an account, or what `subject` says. `after`: the line that this transaction has just added,
        so that the last one need not be asked for.
        """
        kind, _ = ACTIONS[action]
        about, named = case or account, case.number if case else account.in_trail if account else subject
        if stranger := outsider.get():
            by = None  # whoever let them in did not do this
        rule = "uploadlink" if stranger else access.rule_for(by, case.process if case else process)
        # Inside the caller's transaction a savepoint would be two more trips to the database for nothing.
        with nullcontext() if db.in_transaction() else db.atomic():
            event = cls(
                at=at or clock.now(),
                actor=by,
                roles=", ".join(sorted(by.role_names)) if by else "collega" if stranger else "systeem",
                action=action,
                kind=kind,
                case_id=case and case.id,
                hospital=about.hospital_id if about else hospital,
                subject=str(named)[:200],
                rule="geen" if result == "geweigerd" else rule,
                result=result,
                detail=str(detail)[:500],
                address=origin.get()[:64],
                previous=after.hash if after else cls._head(),
                request=request_id.get() or None,
                outsider=stranger or None,
            )
            event.hash = event.digest()
            prepared_statements.insert(event)
        return event

    @classmethod
    def seen(cls, action: str, by: Record, case: Record, now: datetime | None = None) -> None:
        """Add the line that `by` read a case, unless it was added in the last minute: a page fetches parts of itself anew."""
        now = now or clock.now()
        same = (cls.action == action) & (cls.actor == by) & (cls.case_id == case.id) & (cls.address == origin.get()[:64])
        if not cls.select().where(same, cls.at > now - clock.MINUTE, cls.at <= now).exists():
            cls.log(action, by=by, case=case, at=now)

    @classmethod
    def _head(cls):
        """The hash of the last line; whoever adds next waits until this transaction is over, unless it is only tried out."""
        if on_postgresql() and not forgotten.get():
            db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (CHAIN_LOCK,))
        last = LAST.first()
        return last[0] if last else GENESIS

    def digest(self) -> str:
        """SHA-256 over the line before and everything this line says."""
        names = (
            "actor_id",
            "roles",
            "action",
            "kind",
            "case_id",
            "hospital_id",
            "subject",
            "rule",
            "result",
            "detail",
            "address",
        )
        said = [self.at.isoformat(timespec="microseconds"), *(getattr(self, name) for name in names)]
        if self.request:  # a line without one keeps the hash that it had before there were any
            said.append(self.request)
        if self.outsider:
            said.append(["outsider", self.outsider])
        return hashlib.sha256((self.previous + json.dumps(said, ensure_ascii=False)).encode()).hexdigest()

    @classmethod
    def addresses(cls, action: str, since: datetime) -> list[str]:
        """From where this was done since then, line by line."""
        return [address for (address,) in cls.select(cls.address).where(cls.action == action, cls.at > since).tuples()]

    @classmethod
    def per_period(cls, borders: Sequence[datetime], *lines: Any) -> dict[tuple[str, int], int]:
        """{(action, place): number of `lines`} between two of the moments `borders`, the first place 0; in one query."""
        place = Case(None, [(cls.at < border, number) for number, border in enumerate(borders[1:])]).alias("place")
        within = (cls.at >= borders[0]) & (cls.at < borders[-1])
        query = cls.select(cls.action, place, fn.COUNT(cls.id)).where(within, *lines).group_by(cls.action, SQL("place"))
        return {(action, number): count for action, number, count in query.tuples()}

    @classmethod
    def broken_links(cls, last: int = 0, previous: str = GENESIS) -> Iterator[str]:
        """Yield a sentence for every line after `last`, whose hash is `previous`, that was changed, removed or swapped."""
        # By the thousand: one query for all would keep all of them in memory, or the database from tidying up.
        while events := list(cls.select().where(cls.id > last).order_by(cls.id).limit(READ_AT_ONCE)):
            for event in events:
                if event.previous != previous:
                    yield f"logboek: vóór regel {event.id} ontbreekt een regel of is de volgorde veranderd"
                if event.digest() != event.hash:
                    yield f"logboek: regel {event.id} is achteraf gewijzigd"
                previous, last = event.hash, event.id

    @classmethod
    def of_case(cls, case: Record) -> ModelSelect:
        """Everything that happened to a case, oldest first."""
        actor = cls.actor.rel_model
        return cls.select(cls, actor).left_outer_join(actor).where(cls.case_id == case.id).order_by(cls.id)

    @classmethod
    def story_of(cls, case: Record) -> ModelSelect:
        """What the hospital reads in the time line of its case, newest first."""
        return cls.of_case(case).where(cls.action.in_(STORY)).order_by(cls.id.desc())

    @property
    def signed(self) -> str:
        """The name that a hospital reads: not which reviewer it was (R4)."""
        if self.actor is None:
            return self.without_account
        return self.actor.name if self.actor.hospital_id else "Perined Beoordelaar"

    @property
    def without_account(self) -> str:
        """Who did this, when it was nobody with an account."""
        return f"collega {self.outsider}" if self.outsider else "het portaal"

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def matching(cls, text: str, user: Record | None = None) -> Node:
        """What the people did that `text` names, as an expression."""
        return cls.actor.in_(cls.actor.rel_model.named(text))

    @property
    def label(self) -> str:
        return ACTION_LABELS.get(self.action, self.action)


@contextmanager
def outside(address: str) -> Iterator[None]:
    """While this lasts, every line is about what somebody without an account does: the one at this e-mail address."""
    token = outsider.set(address[:254])
    try:
        yield
    finally:
        outsider.reset(token)


AuditEvent.add_index(AuditEvent.index(AuditEvent.request, where=SQL("request IS NOT NULL"), name="event_request"))
LAST = prepared_statements.Prepared(lambda: AuditEvent.select(AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1).tuples())
