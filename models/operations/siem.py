"""Shipping the audit trail to a SIEM, so that an intruder here cannot take away what was already told (ASVS 16.4.3).

Syslog (RFC 5424) over verified TLS with octet counting (RFC 5425). Nothing is lost while the SIEM is down: how far it came
stands in the database, and moves on only when the SIEM closed the connection after reading all of it. What broke off in
between is sent again; each line carries its number and its hash, by which the SIEM knows a second copy.
"""

import logging
import socket
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from peewee import CharField, DateTimeField, IntegerField

from models import clock, outgoing
from models.audit.audit_event import AuditEvent
from models.base import Record, db
from models.long_work import shutdown
from models.mail.outgoing_hold import OutgoingHold
from settings import settings

log = logging.getLogger(__name__)

FACILITY = 13  # log audit
SEVERITY = {"gelukt": 6, "geweigerd": 4, "mislukt": 3}  # informational, warning, error
SEQUENCE = "meldportaal@32473"  # the structured data; the number of RFC 5612 for who has none of their own
AT_ONCE = 500  # lines of one connection
TIMEOUT = 20  # seconds
LONGEST = 40  # seconds of sending in one run: the next minute goes on
LEASE = timedelta(minutes=5)  # whoever holds the line for longer than this died


class AuditShipment(Record):
    """How far the trail was taken by the SIEM at `target`."""

    target = CharField(max_length=200, unique=True)
    last = IntegerField()
    at = DateTimeField()
    taken_at = DateTimeField(null=True)  # by who is sending now

    @classmethod
    def ship(cls, url: str | None = None, now: datetime | None = None) -> int:
        """Send what the SIEM has not had yet; returns how many lines it took. One that is down gets them later.

        One at a time over all workers, and for `LONGEST` seconds: a SIEM that was away for weeks keeps nobody from other work.
        """
        url = settings.siem_url if url is None else url
        if not url or OutgoingHold.standing():
            return 0
        parts, target, shipped, until = urlsplit(url), _target(url), 0, time.monotonic() + LONGEST
        if not cls._due(target) or not cls._take(target, now or clock.now()):
            return 0
        try:
            while lines := cls._due(target):
                _send(parts, [message(event) for event in lines])
                with db.atomic():
                    further = (cls.target == target) & (cls.last < lines[-1].id)
                    cls.update(last=lines[-1].id, at=now or clock.now()).where(further).execute()
                shipped += len(lines)
                if shutdown.asked.is_set() or time.monotonic() >= until:
                    break
        except OSError as problem:
            log.error("The SIEM at %s did not take the trail: %s", target, problem)
        finally:
            cls.update(taken_at=None).where(cls.target == target).execute()
        return shipped

    @classmethod
    def _take(cls, target, now):
        """Whether nobody else is sending; from now on this run is."""
        with db.atomic():
            cls.insert(target=target, last=0, at=now).on_conflict_ignore().execute()
            free = cls.taken_at.is_null() | (cls.taken_at < now - LEASE)
            return bool(cls.update(taken_at=now).where(cls.target == target, free).execute())

    @classmethod
    def reached(cls, url: str | None = None) -> int:
        """The number of the last line that the SIEM took; 0 when it took none."""
        row = cls.get_or_none(cls.target == _target(settings.siem_url if url is None else url))
        return row.last if row else 0

    @classmethod
    def _due(cls, target):
        reached = cls.get_or_none(cls.target == target)
        query = AuditEvent.select().where(AuditEvent.id > (reached.last if reached else 0))
        return list(query.order_by(AuditEvent.id).limit(AT_ONCE))


def _target(url):
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 6514}"


def message(event: AuditEvent) -> bytes:
    """One line as a message of RFC 5424, without its length."""
    severity = SEVERITY.get(event.result, 5)
    facts = {
        "line": event.id,
        "epoch": OutgoingHold.epoch(),
        "hash": event.hash,
        "previous": event.previous,
        "actor": event.actor_id,
        "outsider": event.outsider,
        "roles": event.roles,
        "kind": event.kind,
        "case": event.case_id,
        "hospital": event.hospital_id,
        "subject": event.subject,
        "rule": event.rule,
        "result": event.result,
        "detail": event.detail,
        "address": event.address,
        "request": event.request,
    }
    data = "".join(f' {name}="{_escaped(value)}"' for name, value in facts.items() if value not in (None, ""))
    stamp = event.at.replace(tzinfo=UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    head = f"<{FACILITY * 8 + severity}>1 {stamp} {settings.host} meldportaal - {event.action} [{SEQUENCE}{data}]"
    return f"{head} \ufeff{event.label}".encode()


def _escaped(value):
    text = "".join(letter if letter.isprintable() else " " for letter in str(value))
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


def _send(parts, messages):
    """Hand the messages over; OSError when it is not sure that all of them were read."""
    with socket.create_connection((parts.hostname, parts.port or 6514), TIMEOUT) as line:
        secured = outgoing.context().wrap_socket(line, server_hostname=parts.hostname)
        secured.settimeout(TIMEOUT)
        secured.sendall(b"".join(b"%d %s" % (len(one), one) for one in messages))
        # Says that nothing more follows, and waits until the other side says so too: it reads in order, so it had everything.
        secured.unwrap()
