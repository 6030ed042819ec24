"""Mail preferences: what somebody gets at once, once a day, or not at all. KINDS says where there is a choice.

Every other mail always comes, at once: it asks, has a term, opens something, or tells of something wrong.
"""

from enum import StrEnum
from typing import TYPE_CHECKING

from peewee import CharField, ForeignKeyField

from models.access import Role
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Record, Refused, db
from models.mail.mail_status import MAIL_LABELS, MailStatus

if TYPE_CHECKING:
    from collections.abc import Mapping


class Way(StrEnum):
    AT_ONCE = "meteen"
    DAILY = "dagelijks"
    NEVER = "niet"


WAY_LABELS = {Way.AT_ONCE: "Meteen", Way.DAILY: "Eén keer per dag", Way.NEVER: "Niet"}
NOT_WANTED = "De ontvanger heeft gekozen om deze mail niet te krijgen."

_WORK, _NEWS = (Way.AT_ONCE, Way.DAILY), (Way.AT_ONCE, Way.DAILY, Way.NEVER)
_HOSPITAL = frozenset({Role.MELDER, Role.INVOERDER, Role.LZA1_MELDER})
# name of the mail -> the ways to choose from, and the roles that get it
KINDS: dict[str, tuple[tuple[Way, ...], frozenset[Role]]] = {
    "case_incomplete": (_WORK, _HOSPITAL),
    "case_question": (_WORK, _HOSPITAL),
    "case_reopened": (_WORK, _HOSPITAL),
    "case_closed": (_WORK, _HOSPITAL),
    "case_theme": (_WORK, _HOSPITAL),
    "case_submitted": (_NEWS, _HOSPITAL),
    "case_approved": (_NEWS, _HOSPITAL),
    "committee_question": (_WORK, _HOSPITAL),
    "committee_letter": (_NEWS, _HOSPITAL),
    "case_use": (_NEWS, _HOSPITAL),
    "births_request": (_WORK, frozenset({Role.MELDER})),
    "case_assigned": (_NEWS, frozenset({Role.COORDINATOR, Role.LZA1_COORDINATOR})),
    "question_answered": (_NEWS, frozenset({Role.COORDINATOR, Role.LZA1_COORDINATOR})),
    "committee_verdict": (_WORK, _HOSPITAL),
    "committee_named": (_WORK, frozenset({Role.COMMISSIELID})),
    "committee_term": (_WORK, frozenset({Role.COMMISSIELID})),
    "committee_withdrawn": (_WORK, frozenset({Role.COMMISSIELID})),
    "committee_reminder": (_WORK, frozenset({Role.COMMISSIELID})),
    "committee_news": (_WORK, frozenset({Role.COMMISSIELID})),
    "lnr_tested": (_WORK, frozenset({Role.LNR_BEHEER})),
}
# What often comes several in a row, and so once a day for who chose nothing.
DAILY_AT_FIRST = frozenset({"committee_news", "question_answered"})


class MailPreference(Record):
    """A choice that somebody made about one kind of mail. No row means at once, or daily for what often comes in a row."""

    user = ForeignKeyField(User, backref="mail_preferences", on_delete="CASCADE")
    name = CharField(max_length=40, choices=[(name, MAIL_LABELS[name]) for name in KINDS])
    way = CharField(max_length=10, choices=list(WAY_LABELS.items()))

    class Meta:
        indexes = ((("user", "name"), True),)

    @classmethod
    def of(cls, user: User) -> dict[str, Way]:
        """{name of the mail: way} of every kind about which this person may choose, by their roles."""
        mine = [name for name, (_, roles) in KINDS.items() if roles & user.role_names]
        chosen = dict(cls.select(cls.name, cls.way).where(cls.user == user).tuples())
        return {name: Way(chosen.get(name, _delivered(name))) for name in mine}

    @classmethod
    def choose(cls, user: User, ways: "Mapping[str, str]") -> None:
        """Keep what somebody chose for themselves: {name of the mail: way}. Raises Refused for what is no choice of theirs."""
        before = cls.of(user)
        for name, way in ways.items():
            if name not in before or way not in KINDS[name][0]:
                raise Refused("Voor deze mail kunt u dat niet kiezen. Ververs de pagina en kies opnieuw.")
        changed = {name: Way(way) for name, way in ways.items() if before[name] != way}
        with db.atomic():
            for name, way in changed.items():
                target = [cls.user, cls.name]
                cls.insert(user=user, name=name, way=way).on_conflict(conflict_target=target, update={cls.way: way}).execute()
            if changed:
                said = ", ".join(f"{MAIL_LABELS[name]}: {WAY_LABELS[way]}" for name, way in changed.items())
                AuditEvent.log("row.update", by=user, subject="Welke mail u krijgt", detail=said[:500])

    @classmethod
    def beginning(cls, user: User | None, name: str) -> dict[str, str]:
        """How a mail of this kind to `user` begins in the outbox: waiting, kept for the daily mail, or not needed."""
        if user is None or name not in KINDS:
            return {}
        way = cls.select(cls.way).where(cls.user == user, cls.name == name).scalar() or _delivered(name)
        if way == Way.DAILY:
            return {"status": MailStatus.DAGMAIL}
        if way == Way.NEVER and Way.NEVER in KINDS[name][0]:
            return {"status": MailStatus.VERVALLEN, "error": NOT_WANTED}
        return {}


def _delivered(name):
    return Way.DAILY if name in DAILY_AT_FIRST else Way.AT_ONCE
