"""The retention schedule: one row per kind of data with its term, which a beheerder changes within bounds."""

from datetime import date, datetime, timedelta

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, Node

from models import access, clock
from models.access import Role
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, Refused, db
from models.dutch import date_and_time, plural
from models.mail.outbox import Mail
from models.retention.retention_kind import KIND_LABELS, KINDS, KindFacts, RetentionKind

NOTICE = timedelta(days=7)  # one person shortens a term alone, and destroying cannot be undone


class RetentionTerm(Record):
    """How many days one kind is kept. Who changed it when stands in the trail."""

    kind = CharField(max_length=20, unique=True, choices=list(KIND_LABELS.items()))
    days = IntegerField()
    days_before = IntegerField(null=True)  # until NOTICE after a change, the longer of the two counts
    changed_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    changed_at = DateTimeField(null=True)

    def __str__(self):
        return self.facts.label

    @property
    def facts(self) -> KindFacts:
        return KINDS[RetentionKind(self.kind)]

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def days_of(cls, kind: RetentionKind, now: datetime) -> int:
        """How many days this kind is kept, at `now`."""
        term = cls.get_or_none(cls.kind == kind)
        return term.in_force(now) if term else KINDS[kind].days

    @classmethod
    def before(cls, kind: RetentionKind, now: datetime) -> datetime:
        """What is older than this moment has had its term."""
        return now - timedelta(days=cls.days_of(kind, now))

    @classmethod
    def first_day(cls, kind: RetentionKind, since: datetime) -> date:
        """From which day on what began its term at `since` may be gone, as far as is known now."""
        return clock.local_date(since) + timedelta(days=cls.days_of(kind, clock.now()))

    def in_force(self, now: datetime) -> int:
        """The term that counts at `now`: a shorter one not before NOTICE has passed, so that others can still object."""
        lately = self.changed_at is not None and now < self.changed_at + NOTICE
        return max(self.days, self.days_before or 0) if lately else self.days

    @property
    def shorter_from(self) -> datetime | None:
        """From when the shorter term counts, while the longer one still does."""
        return self.changed_at + NOTICE if self.in_force(clock.now()) != self.days else None

    def amend(self, by: User, days: int | None, now: datetime | None = None) -> None:
        """Keep this kind another number of days. Raises Refused outside the bounds, and for a fixed term."""
        access.demand(by, "manage")
        facts, was = self.facts, self.days
        if days == was:
            return
        if facts.fixed:
            raise Refused(f"De termijn van ‘{facts.label}’ ligt vast op {plural(was, 'dag', 'dagen')}.")
        if days is None or not facts.least <= days <= facts.most:
            raise Refused(f"Kies een termijn van {facts.least} tot en met {facts.most} dagen.")
        now = now or clock.now()
        with db.atomic():
            changed = {"days": days, "days_before": self.in_force(now), "changed_by": by, "changed_at": now}
            if not RetentionTerm.update(changed).where(RetentionTerm.id == self.id, RetentionTerm.days == was).execute():
                raise Refused("Iemand heeft deze termijn intussen gewijzigd. Bekijk die opnieuw.")
            AuditEvent.log("retention.term", by=by, subject=facts.label, detail=f"{was} > {days} dagen", at=now)
            if days < was:
                self._warn(by, days, now)

    def _warn(self, by, days, now):
        """Tell everybody who could object: what has its term then is destroyed, and cannot come back."""
        sentence = (
            f"{by.name} ({by.email}) verkortte de bewaartermijn van ‘{self.facts.label}’ tot {plural(days, 'dag', 'dagen')}. "
            f"Dit gaat in op {date_and_time(now + NOTICE)}; wat dan ouder is, wordt ’s nachts vernietigd."
        )
        for person in User.with_role(Role.BEHEERDER, Role.COORDINATOR, Role.LZA1_COORDINATOR):
            once = f"unusual:term:{self.kind}:{now.isoformat()}:{person.id}"
            Mail.queue("unusual_access", person, once=once, now=now, sentence=sentence)

    @classmethod
    def changes(cls, most: int = 60) -> list[AuditEvent]:
        """Who changed which term, the latest first."""
        told = AuditEvent.select(AuditEvent, User).join(User, on=AuditEvent.actor).where(AuditEvent.action == "retention.term")
        return list(told.order_by(AuditEvent.at.desc()).limit(most))
