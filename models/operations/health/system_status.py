"""System status: what an operator watches, in one list that the page 'Toestand', /status and the watchdog all read.

Each Reading is a number for a monitor, words for a person, and a look: GOOD, LOOK (a person has work, no hurry) or BAD (what
should go by itself does not). Only BAD is an alarm, so that an alarm is never always on.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import fn

from models import clock, dutch
from models.audit.audit_event import AuditEvent
from models.files.document import Document
from models.files.privacy.inspection import TO_LOOK_AT
from models.files.virus_scanning import TO_SCAN
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import Supplier
from models.mail.mail_schedule import MailSchedule
from models.mail.mail_status import MAIL_STATUS_LABELS, MailStatus
from models.mail.outbox import Mail
from models.mail.outgoing_hold import OutgoingHold
from models.mail.sending_hold import SendingHold
from models.monthly.monthly_request import CATCH_UP, MonthOpening
from models.monthly.response import Requests
from models.operations import clock_guard
from models.operations.backup_run import BackupRun
from models.operations.health.heartbeat import WORK, Heartbeat, Look
from models.operations.health.integrity_run import IntegrityRun
from models.operations.health.system_check import room_on
from models.operations.siem import AuditShipment
from settings import settings

MAIL_WAITS = timedelta(minutes=30)  # of a mail whose turn it is
FILE_WAITS = timedelta(hours=1)
TRAIL_WAITS = timedelta(hours=1)
BACKUP_AGE, BACKUP_LATE = timedelta(hours=50), timedelta(days=8)  # two nights and a little; a week and a night
REHEARSAL_AGE = timedelta(days=4)
VERIFY_AGE = timedelta(days=10)
REQUEST_WAITS = timedelta(days=1)  # the request is a mail of one day: on the second one it has left
UNSENT = 0.25  # of the requests of a month: fewer is one address or another, more is the mailer


@dataclass(frozen=True)
class Reading:
    """One line. `metric` and `labels`: its name for a monitor, whose end is the unit; `value` None: unknown."""

    label: str
    said: str
    metric: str
    value: float | None
    look: Look = Look.GOOD
    labels: tuple[tuple[str, str], ...] = ()


def readings(now: datetime | None = None) -> list[Reading]:
    """Everything that is watched, as it is now."""
    now = now or clock.now()
    parts = (_workers, _clocks, _mail, _requests, _files, _disk, _backups, _verified, _time, _shipped, _deliveries)
    return [reading for part in parts for reading in part(now)]


def alarms(found: list[Reading]) -> list[str]:
    """A sentence for each of these readings that is an alarm."""
    return [f"{reading.label}: {reading.said}" for reading in found if reading.look == Look.BAD]


def _workers(now: datetime) -> Iterator[Reading]:
    workers = Heartbeat.workers()
    living = [one for one in workers if not one.is_late(now)]
    silent = [one.name for one in workers if one.is_late(now)]
    said = f"{len(living)} aan het werk" if living else "geen aan het werk: mail, virusscanner en nachtwerk staan stil"
    if silent:
        said += f"; niets meer gehoord van {dutch.listed(silent)}"
    # Beside one that works, a machine that was taken away is no alarm: its work is done.
    look = Look.BAD if not living else Look.LOOK if silent else Look.GOOD
    yield Reading("Workers", said, "workers", len(living), look)


def _clocks(now: datetime) -> Iterator[Reading]:
    for one in Heartbeat.clocks():
        said = f"liep {dutch.date_and_time(one.at)}" if one.at else "liep nog niet"
        if one.is_late(now):
            said = f"{said}; had moeten lopen om {dutch.date_and_time(one.due_at)}"
        elif one.went_wrong:
            said = f"ging mis om {dutch.date_and_time(one.failed_at)}; de reden staat in de log van de worker"
        labels = (("clock", one.name),)
        yield Reading(
            f"Vast werk: {WORK.get(one.name, one.name)}", said, "clock_age_seconds", _age(one.at, now), one.look(now), labels
        )


def _mail(now: datetime) -> Iterator[Reading]:
    due = Mail.select(fn.MIN(Mail.not_before)).where(Mail.status == MailStatus.WACHT, Mail.not_before <= now).scalar()
    held = OutgoingHold.standing()
    look = Look.BAD if due and now - due > MAIL_WAITS and not held else Look.GOOD
    said = f"de oudste wacht sinds {dutch.date_and_time(due)}" if due else "niets is te laat"
    yield Reading("Mail die weg moet", said, "mail_oldest_due_seconds", _age(due, now) or 0, look)
    undecided = Mail.undecided()
    for status in (MailStatus.ONZEKER, MailStatus.MISLUKT):
        count = undecided.get(status, 0)
        said = f"{dutch.number(count)}; een beheerder beslist in 'Uitgaande mail'" if count else "geen"
        look = Look.LOOK if count else Look.GOOD
        yield Reading(f"Mail: {MAIL_STATUS_LABELS[status].lower()}", said, "mail_undecided", count, look, (("status", status),))
    said = "staat stil na het terugzetten, tot twee beheerders vrijgeven" if held else "wordt niet vastgehouden"
    yield Reading("Mail en uitvraag", said, "outgoing_held", int(bool(held)), Look.LOOK if held else Look.GOOD)


def _requests(now: datetime) -> Iterator[Reading]:
    """How many of the requests of the latest month left; what is paused, or no longer needed, is not counted."""
    schedule = MailSchedule.current()
    month = schedule.month_due(now)
    label, metric = f"Uitvraag over {dutch.month_name(month)}", "requests_unsent"
    opened = MonthOpening.get_or_none(MonthOpening.month == month)
    since = opened.opened_at if opened else schedule.asks_from(month)
    alarming = REQUEST_WAITS < now - since < CATCH_UP and not OutgoingHold.standing()
    if opened is None:
        said = f"nog niemand gevraagd; dat had {dutch.date_and_time(since)} gemoeten"
        yield Reading(label, said, metric, None, Look.BAD if alarming else Look.LOOK)
        return
    paused = SendingHold.paused(clock.today(now))
    rows = [row for row in Requests.about([month]).rows if row[2] != MailStatus.VERVALLEN and row[0] not in paused]
    asked = sum(row[4] for row in rows)
    left = asked - sum(row[4] for row in rows if row[2] == MailStatus.VERZONDEN and not row[3])
    look = Look.GOOD if not left else Look.BAD if alarming and left >= asked * UNSENT else Look.LOOK
    said = (
        f"{dutch.number(asked - left)} van {dutch.number(asked)} verstuurd en niet teruggekomen"
        if asked
        else "niemand te vragen"
    )
    yield Reading(label, said, metric, left, look)


def _files(now: datetime) -> Iterator[Reading]:
    scan, look_at = (Document.select(fn.MIN(Document.added_at)).where(here).scalar() for here in (TO_SCAN, TO_LOOK_AT))
    for label, metric, since in (
        ("Bestanden voor de virusscanner", "scan_oldest_seconds", scan if settings.clamd_url else None),
        ("Bestanden die nog worden nagekeken", "inspection_oldest_seconds", look_at),
    ):
        late = since is not None and now - since > FILE_WAITS
        said = f"het oudste wacht sinds {dutch.date_and_time(since)}" if since else "niets wacht"
        yield Reading(label, said, metric, _age(since, now) or 0, Look.BAD if late else Look.GOOD)


def _disk(now: datetime) -> Iterator[Reading]:
    paths = [path if path.exists() else path.parent for path in (settings.data_dir, settings.documents_dir)]
    for path in {path.stat().st_dev: path for path in reversed(paths)}.values():
        use = shutil.disk_usage(path)
        said = f"nog {dutch.size(use.free)} van {dutch.size(use.total)}"
        look = Look.GOOD if room_on(use) else Look.BAD
        yield Reading(f"Schijf van {path}", said, "disk_free_bytes", use.free, look, (("path", str(path)),))


def _backups(now: datetime) -> Iterator[Reading]:
    made, tried = BackupRun.last(), BackupRun.last_rehearsed()
    if made is None:
        yield Reading("Reservekopie", "nog geen gemaakt met de opdracht backup", "backup_age_seconds", None, Look.LOOK)
        return
    age = now - made.made_at
    look = Look.BAD if age > BACKUP_LATE else Look.LOOK if age > BACKUP_AGE else Look.GOOD
    yield Reading("Reservekopie", dutch.date_and_time(made.made_at), "backup_age_seconds", _age(made.made_at, now), look)
    if tried is None:
        yield Reading("Op proef teruggezet", "nog niet", "rehearsal_age_seconds", None, Look.LOOK)
        return
    said = f"{dutch.date_and_time(tried.rehearsed_at)}, {'en dat ging mis' if tried.findings else 'en alles klopte'}"
    look = Look.BAD if tried.findings else Look.LOOK if now - tried.rehearsed_at > REHEARSAL_AGE else Look.GOOD
    yield Reading("Op proef teruggezet", said, "rehearsal_age_seconds", _age(tried.rehearsed_at, now), look)


def _verified(now: datetime) -> Iterator[Reading]:
    last = IntegrityRun.last()
    if last is None:
        yield Reading("Alles nagekeken (verify)", "nog nooit", "verify_age_seconds", None, Look.LOOK)
        return
    found = dutch.plural(last.problems, "probleem", "problemen") if last.problems else "alles klopte"
    late = now - last.at > VERIFY_AGE
    look = Look.BAD if last.problems else Look.LOOK if late else Look.GOOD
    said = f"{dutch.date_and_time(last.at)}{', met elk bestand' if last.deep else ''}: {found}"
    yield Reading("Alles nagekeken (verify)", said, "verify_age_seconds", _age(last.at, now), look)


def _time(now: datetime) -> Iterator[Reading]:
    doubt = clock_guard.doubt()
    yield Reading("Klok van de machine", doubt or "klopt", "clock_doubtful", int(bool(doubt)), Look.BAD if doubt else Look.GOOD)


def _shipped(now: datetime) -> Iterator[Reading]:
    if not settings.siem_url:
        return
    reached = AuditShipment.reached()
    oldest = AuditEvent.select(AuditEvent.at).where(AuditEvent.id > reached).order_by(AuditEvent.id).limit(1).tuples().first()
    since = oldest[0] if oldest else None
    late = since is not None and now - since > TRAIL_WAITS
    held = late and OutgoingHold.standing()
    behind = "wacht op de vrijgave na het terugzetten" if held else f"de SIEM heeft niets sinds {dutch.date_and_time(since)}"
    look = (Look.LOOK if held else Look.BAD) if late else Look.GOOD
    yield Reading("Logboek naar de SIEM", behind if late else "de SIEM is bij", "siem_lag_seconds", _age(since, now) or 0, look)


def _deliveries(now: datetime) -> Iterator[Reading]:
    """When each supplier last delivered. How often that should be nobody knows, so this is never an alarm."""
    last = ApiKey.select(ApiKey.supplier, fn.MAX(ApiKey.last_used_at)).group_by(ApiKey.supplier)
    used = dict(last.tuples())
    for supplier in Supplier.all_by_name():
        at = used.get(supplier.id)
        said = dutch.date_and_time(at) if at else "nog niets"
        labels = (("supplier", supplier.name),)
        yield Reading(f"LNR van {supplier.name}", said, "intake_age_seconds", _age(at, now), labels=labels)


def _age(since, now):
    return None if since is None else max(0.0, (now - since).total_seconds())
