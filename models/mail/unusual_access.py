"""Alarms on use that stands out in the audit trail: guessing, mass reading, reading at night or in a weekend (ASVS 16.3.4).

A signal, no verdict: whether it was right only a person can say.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from peewee import fn

from models import clock
from models.access import Role
from models.accounts.hospital import FIELD_LABELS, WAITED
from models.accounts.rate_limit import subscriber
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.audit.audit_log import EXPORTS
from models.base import any_of, db
from models.mail.outbox import Mail

# What is refused or asked, {action: (how often in an hour from everywhere, how often from one address)}.
HAMMERED = {
    "user.throttled": (10, None),
    "user.login_refused": (100, 30),
    "user.reset_asked": (None, 20),
    "lnr.key_refused": (None, 10),  # the trail holds one line a minute of an address
}
MANY = 60  # different cases, or stays of the LNR, that one person opens in a day
LISTED = 300  # stays that one person is shown in a day by lists and files
EXPORTED = 5_000  # lines of cases, answers, people or the trail that one person takes out as files in a day
EXPORTED_LATE = 300  # the same in a night, or on a day of a weekend
AT_NIGHT = 20  # readings of one person in a night, or on a day of a weekend
SATURDAY = 5
NIGHT_BEGINS, NIGHT_ENDS = 22, 6  # local hours

OPENED_ONE = ("lnr.read", "lnr.original", "lnr.form_read")  # a stay, which the line names
SHOWN_MANY = ("lnr.indicator", "lnr.export")  # as many as the line says
TAKEN_OUT = tuple(one for one in EXPORTS if one not in SHOWN_MANY)
COUNTED = re.compile(r"(\d[\d.]*) (?:opnamen|regels|meldingen)")

# What opens cases and waited for no beheerder: settings that a second coordinator confirmed, and what the operator does.
OPENED = any_of(
    [
        (AuditEvent.action == "committee.settings") & AuditEvent.detail.startswith("bevestigd: "),
        AuditEvent.actor.is_null()
        & ~AuditEvent.detail.endswith(WAITED)
        & (
            (AuditEvent.action == "committee.member")
            | (AuditEvent.action == "row.update")
            & any_of([AuditEvent.detail.contains(FIELD_LABELS[name]) for name in ("lza1_kept_apart", "region")])
        ),
    ]
)

SAID = {
    "user.throttled": "In een uur moest {count} keer iemand wachten na te veel verkeerde wachtwoorden of codes.",
    "user.login_refused": "In een uur mislukte het inloggen {count} keer{place}.",
    "user.reset_asked": "In een uur werd {count} keer een nieuw wachtwoord aangevraagd{place}.",
    "lnr.key_refused": "In een uur waren er {count} minuten waarin een LNR-sleutel werd geweigerd{place}.",
    "many": "{who} opende vandaag {count} verschillende meldingen.",
    "opened": "{who} wijzigde wie er meldingen kan lezen, bij: {subject}.",
    "stays": "{who} opende vandaag {count} verschillende opnamen van de LNR.",
    "listed": "{who} kreeg vandaag {count} keer een opname van de LNR te zien in een lijst of bestand.",
    "exported": "{who} haalde vandaag {count} regels als bestand uit het portaal.",
    "exported_night": "{who} haalde deze nacht {count} regels als bestand uit het portaal.",
    "exported_weekend": "{who} haalde op deze dag in het weekend {count} regels als bestand uit het portaal.",
    "night": "{who} bekeek deze nacht {count} keer gegevens van meldingen of van de LNR.",
    "weekend": "{who} bekeek op deze dag in het weekend {count} keer gegevens van meldingen of van de LNR.",
}


def found(now: datetime) -> Iterator[tuple[str, str]]:
    """(key, Dutch sentence) of what stands out at `now`; the same key is told once."""
    day, read = clock.today(now), AuditEvent.kind == "R"
    for action in HAMMERED:
        yield from _hammered(action, now)
    today = (AuditEvent.at > now - clock.DAY) & (AuditEvent.at <= now)
    for event in AuditEvent.select().where(OPENED, today).order_by(AuditEvent.id):
        who = event.actor.name if event.actor else "Wie de machine beheert"
        yield f"opened:{event.id}", SAID["opened"].format(who=who, subject=event.subject)
    # One search may show a piece of sixty cases; opening them is what stands out.
    about_cases = read & AuditEvent.case_id.is_null(False) & (AuditEvent.action != "search.read")
    since = (AuditEvent.at >= clock.start_of(day)) & (AuditEvent.at <= now)
    one_stay = read & AuditEvent.action.in_(OPENED_ONE)
    about_stays = read & AuditEvent.action.in_((*OPENED_ONE, *SHOWN_MANY))
    yield from _by_person("many", day, fn.COUNT(AuditEvent.case_id.distinct()), MANY, about_cases & since)
    yield from _by_person("stays", day, fn.COUNT(AuditEvent.subject.distinct()), MANY, one_stay & since)
    yield from _in_all("listed", SHOWN_MANY, LISTED, day, since)
    yield from _in_all("exported", TAKEN_OUT, EXPORTED, day, since)
    if day.weekday() >= SATURDAY:
        yield from _by_person("weekend", day, fn.COUNT(AuditEvent.id), AT_NIGHT, (about_cases | about_stays) & since)
        yield from _in_all("exported_weekend", TAKEN_OUT, EXPORTED_LATE, day, since)
    if clock.local(now).hour < NIGHT_ENDS or clock.local(now).hour >= NIGHT_BEGINS:
        evening = day if clock.local(now).hour >= NIGHT_BEGINS else day - timedelta(days=1)
        night = (AuditEvent.at >= clock.start_of(evening, NIGHT_BEGINS)) & (AuditEvent.at <= now)
        yield from _by_person("night", evening, fn.COUNT(AuditEvent.id), AT_NIGHT, (about_cases | about_stays) & night)
        yield from _in_all("exported_night", TAKEN_OUT, EXPORTED_LATE, evening, night)


def _hammered(action, now):
    """Once a day from everywhere, and once a week from one address: a machine with an old password or key goes on for days."""
    in_all, from_one = HAMMERED[action]
    hour = (AuditEvent.at > now - timedelta(hours=1)) & (AuditEvent.at <= now)
    lines = AuditEvent.select(AuditEvent.address, fn.COUNT(AuditEvent.id)).where(AuditEvent.action == action, hour)
    counts: Counter[str] = Counter()
    for address, count in lines.group_by(AuditEvent.address).tuples():
        counts[subscriber(address)] += count
    if in_all and (count := counts.total()) >= in_all:
        yield f"{action}:{clock.today(now)}", SAID[action].format(count=count, place="")
    year, week, _ = clock.today(now).isocalendar()
    for address, count in counts.items():
        if from_one and count >= from_one:
            yield f"{action}:{year}-{week}:{address}", SAID[action].format(count=count, place=f" vanaf {address}")


def _in_all(kind, actions, border, day, since):
    """Who saw or took out very much by lists and files, of which one line tells how many they held."""
    shown: Counter[int] = Counter()
    lines = AuditEvent.select(AuditEvent.actor, AuditEvent.detail).where(AuditEvent.action.in_(actions), since)
    for person, detail in lines.where(AuditEvent.actor.is_null(False)).tuples():
        shown[person] += int(count[1].replace(".", "")) if (count := COUNTED.search(detail)) else 1
    for person, count in sorted(shown.items()):
        if count >= border:
            yield _about(kind, day, person, count)


def _about(kind, day, person, count):
    who = User.get_by_id(person)
    return f"{kind}:{day}:{person}", SAID[kind].format(who=f"{who.name} ({who.email})", count=count)


def _by_person(kind, day, counted, border, clause):
    rows = AuditEvent.select(AuditEvent.actor, counted).where(clause, AuditEvent.actor.is_null(False))
    for person, count in rows.group_by(AuditEvent.actor).having(counted >= border).tuples():
        yield _about(kind, day, person, count)


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
