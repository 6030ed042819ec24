"""The retention schedule: one row per kind of data with its term, which a beheerder changes within bounds."""

from datetime import datetime, timedelta

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, Node

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, Refused, db
from models.dutch import plural
from models.retention.retention_kind import KIND_LABELS, KINDS, KindFacts, RetentionKind


class RetentionTerm(Record):
    """How many days one kind is kept. Who changed it when stands in the trail."""

    kind = CharField(max_length=20, unique=True, choices=list(KIND_LABELS.items()))
    days = IntegerField()
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
    def before(cls, kind: RetentionKind, now: datetime) -> datetime:
        """What is older than this moment has had its term."""
        days = cls.select(cls.days).where(cls.kind == kind).scalar()
        return now - timedelta(days=days if days is not None else KINDS[kind].days)

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
        with db.atomic():
            changed = {"days": days, "changed_by": by, "changed_at": now or clock.now()}
            if not RetentionTerm.update(changed).where(RetentionTerm.id == self.id, RetentionTerm.days == was).execute():
                raise Refused("Iemand heeft deze termijn intussen gewijzigd. Bekijk haar opnieuw.")
            AuditEvent.log("retention.term", by=by, subject=facts.label, detail=f"{was} > {days} dagen", at=now)

    @classmethod
    def changes(cls, most: int = 60) -> list[AuditEvent]:
        """Who changed which term, the latest first."""
        told = AuditEvent.select(AuditEvent, User).join(User, on=AuditEvent.actor).where(AuditEvent.action == "retention.term")
        return list(told.order_by(AuditEvent.at.desc()).limit(most))
