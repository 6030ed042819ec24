"""After a restore: erasing again what was erased on request since the copy, as the trail of then tells it.

The restored database knows nothing of it. The trail does, where it was taken outside: what the SIEM holds (`SIEM_URL`), or what
`audit-export` wrote. Two people agreed to each of them then, so nobody is asked again.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from models import clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Record, Refused, db
from models.cases.case import Case
from models.files import storage
from models.retention import case_erasure, erasure_request, stay_erasure
from models.retention.stay_hold import StayHold, held_stay

GRANTED = ("erasure.grant", "lnr.erasure_grant")
# A line as models/operations/siem.py ships it, whatever the SIEM wrote before it.
SHIPPED = re.compile(r'<\d+>1 (?P<at>\S+) \S+ meldportaal - (?P<action>\S+) \[.*? subject="(?P<subject>(?:[^"\\]|\\.)*)"')
NO_TRAIL = "In dit bestand staat geen logboek: geen regel van audit-export, en geen zoals het portaal die naar een SIEM stuurt."
ACCOUNT, STAY = re.compile(r"account (\d+)\b"), re.compile(r"LNR-(\d+)")


def told(lines: Iterable[str], since: datetime) -> list[str]:
    """What was erased on request after `since` (UTC), in its words: a number of a case or a stay, or an account.

    Raises Refused where no line of a trail is.
    """
    read = list(_read(lines))
    if not read:
        raise Refused(NO_TRAIL)
    granted = [subject for at, action, subject in read if action in GRANTED and at >= since]
    return list(dict.fromkeys(granted))


def _read(lines: Iterable[str]) -> Iterator[tuple[datetime, str, str]]:
    for line in lines:
        if shipped := SHIPPED.search(line):
            yield _moment(shipped["at"]), shipped["action"], shipped["subject"]
        elif line.lstrip().startswith("{"):
            try:
                event: dict[str, Any] = json.loads(line)
                yield _moment(event["recorded"]), event["subtype"][0]["code"], event["entity"][0].get("name", "")
            except (ValueError, KeyError, IndexError, TypeError, AttributeError):
                continue


def _moment(said):
    return datetime.fromisoformat(said).astimezone(UTC).replace(tzinfo=None)


def repeat(
    subjects: Iterable[str], copied_at: datetime, tables: Collection[type[Record]], now: datetime | None = None
) -> Iterator[str]:
    """Erase each of these again, in a transaction of its own; yields what became of it, in Dutch.

    What was made after the copy is another thing under the same number.
    """
    now = now or clock.now()
    for subject in subjects:
        try:
            with db.atomic():
                said, blobs = _erase(subject, copied_at, tables, now)
        except Refused as reason:
            said, blobs = f"NIET gewist: {reason}", []
        for blob in blobs:
            storage.delete(blob)
        yield f"{subject}: {said}"


AGAIN, ALREADY, ABSENT, HELD = (
    "opnieuw gewist",
    "was al gewist",
    "is niet in de kopie",
    "NIET gewist: er geldt een bewaarplicht",
)


def _erase(subject, copied_at, tables, now):
    if account := ACCOUNT.match(subject):
        return _account(int(account[1]), copied_at, now), []
    if stay := STAY.fullmatch(subject):
        return _stay(int(stay[1]), copied_at, now), []
    return _case(subject, copied_at, tables, now)


def _case(number, copied_at, tables, now):
    case = Case.get_or_none(Case.number == number, Case.created_at <= copied_at)
    if case is None:
        return ABSENT, []
    case = Case.held(case.id)
    if case.erased_at:
        return ALREADY, []
    if erasure_request.is_held(case):
        return HELD, []
    AuditEvent.log("restore.erase", case=case, at=now)
    return AGAIN, case_erasure.erase(case, "op verzoek, opnieuw na terugzetten", now, tables)


def _stay(number, copied_at, now):
    stay = held_stay(number)
    if stay is None or stay.first_at > copied_at:
        return ABSENT
    if stay.erased_at:
        return ALREADY
    if StayHold.of(stay):
        return HELD
    AuditEvent.log("restore.erase", hospital=stay.hospital_id, subject=stay.number, at=now)
    stay_erasure.erase(stay, now)
    return AGAIN


def _account(number, copied_at, now):
    account = User.get_or_none(User.id == number, User.created_at <= copied_at)
    if account is None:
        return ABSENT
    if erasure_request.is_nobody(account):
        return ALREADY
    if account.active:
        account.deactivate(now=now)
    AuditEvent.log("restore.erase", account=account, at=now)
    erasure_request.forget_person(account)
    return AGAIN
