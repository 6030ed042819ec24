"""Alarms on use that stands out in the audit trail: throttling, mass reading, reading at night or in a weekend (ASVS 16.3.4).

A signal, no verdict: whether it was right only a person can say.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from peewee import fn

from models import clock
from models.access import Role
from models.accounts.hospital import FIELD_LABELS
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import any_of, db
from models.mail.outbox import Mail

THROTTLED = 10  # refusals in an hour
MANY = 60  # different cases, or stays of the LNR, that one person opens in a day
AT_NIGHT = 20  # readings of one person in a night, or on a day of a weekend
SATURDAY = 5
NIGHT_BEGINS, NIGHT_ENDS = 22, 6  # local hours

OF_STAYS = ("lnr.read", "lnr.original", "lnr.form_read", "lnr.indicator", "lnr.export")

# What opens cases and waits for nobody; a second person hears of it. Of a member of a committee everything may lift a tie.
OPENED = AuditEvent.action.in_(("committee.member", "committee.settings")) | (
    (AuditEvent.action == "row.update")
    & any_of([AuditEvent.detail.contains(FIELD_LABELS[name]) for name in ("lza1_kept_apart", "region")])
)

SAID = {
    "throttled": "In een uur moest {count} keer iemand wachten na te veel verkeerde wachtwoorden of codes.",
    "many": "{who} opende vandaag {count} verschillende meldingen.",
    "opened": "{who} wijzigde wie er meldingen kan lezen, bij: {subject}.",
    "stays": "{who} opende vandaag {count} verschillende opnamen van de LNR.",
    "night": "{who} bekeek deze nacht {count} keer gegevens van meldingen of van de LNR.",
    "weekend": "{who} bekeek op deze dag in het weekend {count} keer gegevens van meldingen of van de LNR.",
}


def found(now: datetime) -> Iterator[tuple[str, str]]:
    """(key, Dutch sentence) of what stands out at `now`; the same key is told once."""
    day, read = clock.today(now), AuditEvent.kind == "R"
    hour = (AuditEvent.at > now - timedelta(hours=1)) & (AuditEvent.at <= now)
    count = AuditEvent.select().where(AuditEvent.action == "user.throttled", hour).count()
    if count >= THROTTLED:
        yield f"throttled:{day}:{clock.local(now).hour}", SAID["throttled"].format(count=count)
    for event in (
        AuditEvent.select().where(OPENED, AuditEvent.at > now - clock.DAY, AuditEvent.at <= now).order_by(AuditEvent.id)
    ):
        who = event.actor.name if event.actor else "Wie de machine beheert"
        yield f"opened:{event.id}", SAID["opened"].format(who=who, subject=event.subject)
    # One search may show a piece of sixty cases; opening them is what stands out.
    about_cases = read & AuditEvent.case_id.is_null(False) & (AuditEvent.action != "search.read")
    since = (AuditEvent.at >= clock.start_of(day)) & (AuditEvent.at <= now)
    about_stays = read & AuditEvent.action.in_(OF_STAYS)
    yield from _by_person("many", day, fn.COUNT(AuditEvent.case_id.distinct()), MANY, about_cases & since)
    yield from _by_person("stays", day, fn.COUNT(AuditEvent.subject.distinct()), MANY, about_stays & since)
    if day.weekday() >= SATURDAY:
        yield from _by_person("weekend", day, fn.COUNT(AuditEvent.id), AT_NIGHT, (about_cases | about_stays) & since)
    if clock.local(now).hour < NIGHT_ENDS or clock.local(now).hour >= NIGHT_BEGINS:
        evening = day if clock.local(now).hour >= NIGHT_BEGINS else day - timedelta(days=1)
        night = (AuditEvent.at >= clock.start_of(evening, NIGHT_BEGINS)) & (AuditEvent.at <= now)
        yield from _by_person("night", evening, fn.COUNT(AuditEvent.id), AT_NIGHT, (about_cases | about_stays) & night)


def _by_person(kind, day, counted, border, clause):
    rows = AuditEvent.select(AuditEvent.actor, counted).where(clause, AuditEvent.actor.is_null(False))
    for person, count in rows.group_by(AuditEvent.actor).having(counted >= border).tuples():
        who = User.get_by_id(person)
        yield f"{kind}:{day}:{person}", SAID[kind].format(who=f"{who.name} ({who.email})", count=count)


def sound(now: datetime | None = None) -> int:
    """Mail every active beheerder what stands out, each thing once; returns how many mails were queued."""
    now, queued = now or clock.now(), 0
    with db.atomic():
        for key, sentence in found(now):
            for person in User.with_role(Role.BEHEERDER):
                once = f"unusual:{key}:{person.id}"
                queued += Mail.queue("unusual_access", person, once=once, now=now, sentence=sentence) is not None
    return queued


CONTEXTS = {"unusual_access": lambda mail: mail.facts}
