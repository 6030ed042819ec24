"""After a restore: erasing again what was erased on request since the copy, as the trail of then tells it.

The restored database knows nothing of it. The trail does, where it was taken outside: what the SIEM holds (`SIEM_URL`), or what
`audit-export` wrote. Two people agreed to each of them then, so nobody is asked again.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from models import clock, dutch
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Record, Refused, db
from models.cases.case import Case
from models.files import storage
from models.retention import case_erasure, erasure_request, stay_erasure
from models.retention.stay_hold import StayHold, held_stay

# The last is that of an earlier restore: after the next one it has to be done once more.
GRANTED = ("erasure.grant", "lnr.erasure_grant", "restore.erase")
UNDER_WAY = timedelta(minutes=10)  # a grant may have begun so long before the copy that does not have it
# A line as models/operations/siem.py ships it, whatever the SIEM wrote before it.
SHIPPED = re.compile(r"<\d+>1 (?P<at>\S+) \S+ meldportaal - (?P<action>\S+) \[")
SUBJECT = re.compile(r' subject="((?:[^"\\]|\\.)*)"')
NO_TRAIL = "In dit bestand staat geen logboek: geen regel van audit-export, en geen zoals het portaal die naar een SIEM stuurt."
ACCOUNT, STAY = re.compile(r"account (\d+)\b"), re.compile(r"LNR-(\d+)")


@dataclass(frozen=True)
class TrailOfThen:
    """What a trail tells: `subjects` (a number of a case or a stay, or an account) were erased on request since the copy."""

    subjects: list[str]
    lines: int
    unread: int
    first: datetime
    last: datetime

    @property
    def read(self) -> str:
        """Of when the lines are, and how many were none, in Dutch."""
        span = f"van {dutch.date_and_time(self.first)} tot en met {dutch.date_and_time(self.last)}"
        unread = dutch.plural(self.unread, "regel was", "regels waren")
        return f"Gelezen: {dutch.plural(self.lines, 'regel', 'regels')} van het logboek, {span}. {unread} niet te lezen."


def told(lines: Iterable[str], copied_at: datetime, restored_at: datetime) -> TrailOfThen:
    """What a trail tells about the time between a copy and its restore (UTC).

    Raises Refused where no line of a trail is, or none of that time: such a file does not say that nothing was erased.
    """
    written = [_read(line) for line in lines if line.strip()]
    read = [one for one in written if one is not None]
    if not read:
        raise Refused(NO_TRAIL)
    granted = [subject for at, action, subject in read if action in GRANTED and at >= copied_at - UNDER_WAY]
    moments = [at for at, _, _ in read]
    trail = TrailOfThen(list(dict.fromkeys(granted)), len(read), len(written) - len(read), min(moments), max(moments))
    if not any(copied_at <= at < restored_at for at in moments):
        raise Refused(f"In dit logboek staat niets van na de kopie en van voor het terugzetten. {trail.read}")
    return trail


def _read(line: str) -> tuple[datetime, str, str] | None:
    """When, what and about whom; None where the line tells none of it."""
    try:
        if shipped := SHIPPED.search(line):
            subject = SUBJECT.search(line, shipped.end() - 1)
            return _moment(shipped["at"]), shipped["action"], subject[1] if subject else ""
        event: dict[str, Any] = json.loads(line)
        return _moment(event["recorded"]), event["subtype"][0]["code"], event["entity"][0].get("name", "")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
        return None


def _moment(said):
    return datetime.fromisoformat(said).astimezone(UTC).replace(tzinfo=None)


def repeat(
    subjects: Iterable[str], restored_at: datetime, tables: Collection[type[Record]], now: datetime | None = None
) -> Iterator[tuple[str, bool]]:
    """Erase each of these again, in a transaction of its own; yields what became of it, in Dutch, and whether it may stay so.

    What was made after the restore is another thing under the same number.
    """
    now = now or clock.now()
    for subject in subjects:
        try:
            with db.atomic():
                (said, blobs), settled = _erase(subject, restored_at, tables, now), True
        except Refused as reason:
            said, blobs, settled = f"NIET gewist: {reason}", [], False
        for blob in blobs:
            storage.delete(blob)
        yield f"{subject}: {said}", settled


AGAIN, ALREADY, ABSENT, HELD = (
    "opnieuw gewist",
    "was al gewist",
    "is niet in de kopie",
    "NIET gewist: er geldt een bewaarplicht",
)


def without_address(subject: str) -> str:
    """What may be kept of a subject: the trail names an account by its address too, which may not outlive the erasing."""
    account = ACCOUNT.match(subject)
    return account[0] if account else subject


def _erase(subject, restored_at, tables, now):
    if account := ACCOUNT.match(subject):
        return _account(int(account[1]), restored_at, now), []
    if stay := STAY.fullmatch(subject):
        return _stay(int(stay[1]), restored_at, now), []
    return _case(subject, restored_at, tables, now)


def _case(number, restored_at, tables, now):
    case = Case.get_or_none(Case.number == number, Case.created_at <= restored_at)
    if case is None:
        return ABSENT, []
    case = Case.held(case.id)
    if case.erased_at:
        return ALREADY, []
    if erasure_request.is_held(case):
        return HELD, []
    AuditEvent.log("restore.erase", case=case, at=now)
    return AGAIN, case_erasure.erase(case, "op verzoek, opnieuw na terugzetten", now, tables)


def _stay(number, restored_at, now):
    stay = held_stay(number)
    if stay is None or stay.first_at > restored_at:
        return ABSENT
    if stay.erased_at:
        return ALREADY
    if StayHold.of(stay):
        return HELD
    AuditEvent.log("restore.erase", hospital=stay.hospital_id, subject=stay.number, at=now)
    stay_erasure.erase(stay, now)
    return AGAIN


def _account(number, restored_at, now):
    account = User.get_or_none(User.id == number, User.created_at <= restored_at)
    if account is None:
        return ABSENT
    if erasure_request.is_nobody(account):
        return ALREADY
    if account.active:
        account.deactivate(now=now)
    AuditEvent.log("restore.erase", account=account, at=now)
    erasure_request.forget_person(account)
    return AGAIN
