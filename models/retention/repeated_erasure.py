"""After a restore: doing again what was erased on request or withdrawn since the copy, as the trail of then tells it.

The restored database knows nothing of it. The trail does, where it was taken outside: what the SIEM holds (`SIEM_URL`), or what
`audit-export` wrote. Two people agreed to each of them then, so nobody is asked again. A hold that was placed since is not made
anew, as its reason stands in no trail: it is told until somebody placed it again.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from peewee import fn

from models import clock, dutch
from models.accounts.user import User
from models.audit.audit_event import GENESIS, AuditEvent
from models.base import Record, Refused, db
from models.cases.case import Case
from models.files import storage
from models.lnr.registry.stay import Stay, StayState
from models.retention import case_erasure, erasure_request, stay_erasure
from models.retention.legal_hold import LegalHold
from models.retention.stay_hold import StayHold, held_stay

# The last is that of an earlier restore: after the next one it has to be done once more.
GRANTED = ("erasure.grant", "lnr.erasure_grant", "restore.erase")
WITHDRAWN_HELD = "intrekking onder bewaarplicht van"
WITHDRAWN, HELD_SINCE = "intrekking van", "bewaarplicht van"  # what is to be done again, ahead of what it is about
HOLDS, LIFTS = ("case.hold", "lnr.hold"), ("case.lift_hold", "lnr.lift_hold")
WITHDRAWALS, SENT_ANEW = ("lnr.withdraw", "restore.withdraw"), ("lnr.deliver", "lnr.replace")
UNDER_WAY = timedelta(minutes=10)  # a grant may have begun so long before the copy that does not have it
# A line as models/operations/siem.py ships it, whatever the SIEM wrote before it.
SHIPPED = re.compile(r"<\d+>1 (?P<at>\S+) \S+ meldportaal - (?P<action>\S+) \[")
FACT = re.compile(r' (subject|hash|previous)="((?:[^"\\]|\\.)*)"')
SAID = ("subject", "hash", "previous")
NO_TRAIL = "In dit bestand staat geen logboek: geen regel van audit-export, en geen zoals het portaal die naar een SIEM stuurt."
ACCOUNT, STAY = re.compile(r"account (\d+)\b"), re.compile(r"LNR-(\d+)")


@dataclass(frozen=True)
class TrailOfThen:
    """What a trail tells: `subjects` (a number of a case or a stay, or an account) were erased on request since the copy.

    Behind WITHDRAWN a stay that its hospital withdrew, behind HELD_SINCE what a hold was placed on that still stood. `gap`:
    which lines are missing, in Dutch; empty when every line follows another one from the last of the restored database on.
    """

    subjects: list[str]
    gap: str
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
    moments = [line.at for line in read]
    of_then = [line for line in read if line.at >= copied_at - UNDER_WAY]
    counts = len(read), len(written) - len(read), min(moments), max(moments)
    trail = TrailOfThen(_to_do(of_then), _gap(read, restored_at), *counts)
    if not any(copied_at <= at < restored_at for at in moments):
        raise Refused(f"In dit logboek staat niets van na de kopie en van voor het terugzetten. {trail.read}")
    return trail


def _to_do(lines):
    """What happened in these lines that has to be done again, each once: the erasures first, the holds last.

    What is held is not emptied, whenever it was withdrawn; what was sent anew after its withdrawal began again.
    """
    erased = dict.fromkeys(line.subject for line in lines if line.action in GRANTED)
    withdrawn: dict[str, None] = {}
    held: dict[str, None] = {}
    for line in sorted(lines, key=lambda line: line.at):
        if line.action in HOLDS:
            held[line.subject] = None
        elif line.action in LIFTS:
            held.pop(line.subject, None)
        elif line.action in WITHDRAWALS:
            withdrawn[line.subject] = None
        elif line.action in SENT_ANEW:
            withdrawn.pop(line.subject, None)
    again = [f"{WITHDRAWN_HELD if subject in held else WITHDRAWN} {subject}" for subject in withdrawn if subject not in erased]
    return [*erased, *again, *(f"{HELD_SINCE} {subject}" for subject in held)]


def _gap(lines, restored_at):
    """Which lines are missing between the last one of the restored database and the last one that was read."""
    begun = AuditEvent.select(fn.MIN(AuditEvent.id)).where(AuditEvent.at >= restored_at).scalar()
    here = AuditEvent.select().order_by(AuditEvent.id.desc())
    here = here.where(AuditEvent.id < begun) if begun else here
    last = here.limit(1).first()
    # Not by the moment alone: lines of one act, and of who waited for another, have one that is no later.
    near = {line.hash for line in here.where(AuditEvent.at >= last.at - UNDER_WAY)} if last else set()
    later = (line for line in lines if last is None or (line.at > last.at - UNDER_WAY and line.hash not in near))
    since = sorted(later, key=lambda line: line.at)
    following: dict[str, list[TrailLine]] = {}
    for line in since:
        following.setdefault(line.previous, []).append(line)  # two where an earlier restore began anew from the same line
    reached = [last.hash if last else GENESIS]
    for number in reached:
        reached += [line.hash for line in following.pop(number, ())]
    lost = [line.at for lines in following.values() for line in lines]
    if not lost:
        return ""
    found = set(reached)
    whole = [line.at for line in since if line.hash in found and line.at < min(lost)]
    begin = max([*whole, *([last.at] if last else [])], default=restored_at)
    return f"Er ontbreken regels van {dutch.date_and_time(begin)} tot {dutch.date_and_time(min(lost))}."


@dataclass(frozen=True)
class TrailLine:
    """When, what and about whom, and where in the chain of the trail it stands."""

    at: datetime
    action: str
    subject: str
    hash: str
    previous: str


def _read(line: str) -> TrailLine | None:
    """What a line tells; None where it tells none of it."""
    try:
        if shipped := SHIPPED.search(line):
            facts: dict[str, str] = dict(FACT.findall(line, shipped.end() - 1))
            return TrailLine(_moment(shipped["at"]), shipped["action"], *(facts.get(name, "") for name in SAID))
        event: dict[str, Any] = json.loads(line)
        about = event["entity"][0]
        facts = {fact["type"]: fact["valueString"] for fact in about.get("detail", ())} | {"subject": about.get("name", "")}
        return TrailLine(_moment(event["recorded"]), event["subtype"][0]["code"], *(facts.get(name, "") for name in SAID))
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
                said, blobs = _do_again(subject, restored_at, tables, now)
                settled = said not in OPEN
        except Refused as reason:
            said, blobs, settled = f"NIET gewist: {reason}", [], False
        for blob in blobs:
            storage.delete(blob)
        yield f"{subject}: {said}", settled


AGAIN, ALREADY, ABSENT, HELD = (
    "opnieuw gewist",
    "was al gewist",
    "is niet in de kopie",
    "NIET gewist: er geldt een bewaarplicht van voor de kopie; hef die op, en lees dit bestand nog een keer",
)
WITHDRAWN_AGAIN = "opnieuw ingetrokken; het ziekenhuis kan de opname als nieuw aanleveren"
HELD_WITHDRAWN = "NIET gewist: er geldt een bewaarplicht; het ziekenhuis kan de opname opnieuw intrekken"
STANDS, NOT_HELD = "geldt", "geldt NIET meer: stel die opnieuw in, en lees dit bestand nog een keer"
OPEN = (HELD, NOT_HELD)


def without_address(subject: str) -> str:
    """What may be kept of a subject: the trail names an account by its address too, which may not outlive the erasing."""
    account = ACCOUNT.match(subject)
    return account[0] if account else subject


def _do_again(subject, restored_at, tables, now):
    if subject.startswith(HELD_SINCE):
        return _hold(subject.removeprefix(HELD_SINCE).strip(), restored_at), []
    if subject.startswith(WITHDRAWN_HELD):
        return HELD_WITHDRAWN, []
    if subject.startswith(WITHDRAWN):
        return _withdrawal(subject.removeprefix(WITHDRAWN).strip(), restored_at, now), []
    if account := ACCOUNT.match(subject):
        return _account(int(account[1]), restored_at, now), []
    if stay := STAY.fullmatch(subject):
        return _stay(int(stay[1]), restored_at, now), []
    return _case(subject, restored_at, tables, now)


def _hold(number, restored_at):
    """Whether what was placed after the copy stands again, or has nothing left to keep."""
    if stay := STAY.fullmatch(number):
        found = Stay.get_or_none(Stay.id == int(stay[1]), Stay.first_at <= restored_at)
        standing = found and StayHold.of(found)
    else:
        found = Case.get_or_none(Case.number == number, Case.created_at <= restored_at)
        standing = found and LegalHold.of(found)
    if found is None:
        return ABSENT
    gone = found.erased_at or getattr(found, "state", None) == StayState.INGETROKKEN
    return STANDS if standing else ALREADY if gone else NOT_HELD


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


def _withdrawal(number, restored_at, now):
    """The hospital withdrew it: so nothing that was said of the child stays, whoever asks."""
    stay = held_stay(int(STAY.fullmatch(number)[1])) if STAY.fullmatch(number) else None
    if stay is None or stay.first_at > restored_at:
        return ABSENT
    if stay.state == StayState.INGETROKKEN:
        return ALREADY
    if StayHold.of(stay):
        return HELD_WITHDRAWN
    AuditEvent.log("restore.withdraw", hospital=stay.hospital_id, subject=stay.number, at=now)
    stay_erasure.withdraw(stay, now)
    return WITHDRAWN_AGAIN


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
