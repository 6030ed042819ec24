"""What is wrong in a stay, and since when: the standing list. A finding that a later message no longer has is solved."""

from collections.abc import Sequence
from datetime import datetime

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, ModelSelect, Node, fn

from models.accounts.hospital import Hospital
from models.lnr.message.validation_report import Finding, Severity
from models.lnr.registry.message import Message
from models.lnr.registry.registry_row import LnrRow
from models.lnr.registry.stay import Stay

ERROR, WARNING = Severity.FOUT, Severity.WAARSCHUWING


class OpenFinding(LnrRow):
    """One finding at one place. It keeps its first day while message after message has it; without a stay it is history."""

    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    test = BooleanField()
    stay = ForeignKeyField(Stay, null=True, backref="flaws", on_delete="RESTRICT")
    message = ForeignKeyField(Message, backref="flaws", on_delete="RESTRICT")
    rule = CharField(max_length=12)
    rule_version = CharField(max_length=10)
    severity = CharField(max_length=14)
    path = CharField(max_length=300)
    first_at = DateTimeField()
    resolved_at = DateTimeField(null=True)
    resolved_by = ForeignKeyField(Message, null=True, on_delete="RESTRICT")

    class Meta:
        table_name = "lnr_flaw"
        indexes = (
            (("hospital", "test", "resolved_at", "first_at"), False),
            (("test", "resolved_at", "first_at"), False),
            (("test", "first_at", "rule", "severity"), False),
        )

    @classmethod
    def standing(cls) -> ModelSelect:
        """What is still wrong in stays that count, oldest first, with the stay at hand."""
        return cls.select(cls, Stay).join(Stay).where(cls.still_open()).order_by(cls.first_at, cls.id)

    @classmethod
    def still_open(cls) -> Node:
        """Which findings are still there in stays that count, as an expression."""
        return cls.resolved_at.is_null() & (cls.test == 0) & cls.stay.is_null(False)

    @classmethod
    def stays_with(cls, severity: Severity) -> Node:
        """Which stays have an open finding of this severity, as an expression; by way of the open ones, which are few."""
        return Stay.id.in_(cls.select(cls.stay).where(cls.still_open(), cls.severity == severity))

    @classmethod
    def of_stay(cls, stay: Stay) -> "list[OpenFinding]":
        """What is still wrong in one stay, the errors first, with the messages in which it was found."""
        query = cls.select(cls, Message).join(Message, on=cls.message).where(cls.stay == stay, cls.resolved_at.is_null())
        return list(query.order_by(cls.severity, cls.id))

    @classmethod
    def counts_by_rule(cls, since: datetime) -> list:
        """[(rule, severity, times)] of everything that arrived since, most frequent first."""
        times = fn.COUNT(cls.id)
        query = cls.select(cls.rule, cls.severity, times).where(cls.first_at >= since, cls.test == 0)
        return list(query.group_by(cls.rule, cls.severity).order_by(times.desc(), cls.rule).tuples())

    @classmethod
    def note(cls, message: Message, findings: Sequence[Finding]) -> None:
        """Keep the findings of a message that belongs to no stay, or came too late for its own."""
        cls._add(message, None, _worth(findings))

    @classmethod
    def renew(
        cls, stay: Stay, message: Message, findings: Sequence[Finding], solving: Sequence[Severity] = (ERROR, WARNING)
    ) -> None:
        """The findings of the newest message: what it no longer has, of the severities `solving`, is solved by it.

        Sets the counts of the stay, which the caller saves.
        """
        found, still = _worth(findings), {}
        if stay.errors or stay.warnings:
            still = {(flaw.rule, flaw.path): flaw for flaw in stay.flaws.where(cls.resolved_at.is_null())}
        gone = {place for place, flaw in still.items() if place not in found and flaw.severity in solving}
        if gone:
            solved = [still.pop(place).id for place in gone]
            cls.update(resolved_at=message.received_at, resolved_by=message).where(cls.id.in_(solved)).execute()
        cls._add(message, stay, {place: finding for place, finding in found.items() if place not in still})
        severities = [wrong.severity for wrong in {**found, **still}.values()]
        counts = severities.count(ERROR), severities.count(WARNING)
        if counts != (stay.errors, stay.warnings):
            stay.errors, stay.warnings = counts

    @classmethod
    def _add(cls, message, stay, findings):
        about = {"hospital": message.hospital_id, "test": message.test, "stay": stay, "message": message}
        rows = [
            {
                **about,
                "rule": finding.rule,
                "rule_version": str(finding.version),
                "severity": finding.severity,
                "path": path,
                "first_at": message.received_at,
            }
            for (_, path), finding in findings.items()
        ]
        if rows:
            cls.insert_many(rows).execute()

    @classmethod
    def forget(cls, stay: Stay) -> None:
        """Nothing is wrong, or ever was, in a stay that was withdrawn."""
        cls.delete().where(cls.message.in_(Message.select(Message.id).where(Message.stay == stay))).execute()


def _worth(findings):
    """{(rule, path): finding} of what somebody has to do something about."""
    acted = [finding for finding in findings if finding.severity in (ERROR, WARNING)]
    return {(finding.rule, (finding.path or "")[:300]): finding for finding in acted}
