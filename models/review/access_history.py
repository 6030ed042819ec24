"""Who could see a case on a day, reckoned back from the trail: what is so now, with each later change undone."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import chunked, fn

from models import clock
from models.access import ABILITIES, HOSPITAL_ROLES, ROLE_LABELS, Process, Role
from models.accounts.hospital import FIELD_LABELS, Hospital
from models.accounts.user import User
from models.accounts.user_role import UserRole
from models.audit.audit_event import AuditEvent
from models.audit.audit_log import READS
from models.base import any_of
from models.cases.case import Case
from models.cases.case_colleague import CaseColleague
from models.cases.case_reader import CaseReader

CHANGES = ("user.roles", "user.activate", "user.deactivate", "user.suspend")
BY_ITSELF = "einddatum bereikt"  # such an account opens nothing since its day began, before the line was written
AT_ONCE = 25  # accounts that one question to the trail names
Change = tuple[datetime, Callable[[Any], Any]]


@dataclass(frozen=True)
class CouldSee:
    """One person: as what, by which rule, and how often they opened the case on that day."""

    name: str
    roles: str
    rule: str
    looked: int


def could_see(case: Case, day: date, of: Hospital | None = None) -> list[CouldSee]:
    """Everybody who could see the case at some moment of this local day, who looked most first.

    `of` a hospital: people who are not of it are told by their work alone. Of the committee only who was named for the case
    at the latest, and who looked: what kept a member from it then is not reckoned back. An account is of the hospital of now.
    """
    start, end = clock.start_of(day), clock.start_of(day + clock.DAY)
    if case.created_at >= end:
        return []
    looked, readers = _looked(case, start, end), _readers(case, start, end)
    colleagues = _colleagues(case, start, end)
    people = _people(case, start, end, readers | looked.keys())
    changes, roles_now = _changes(people, start), defaultdict(set)
    for user_id, name in UserRole.select(UserRole.user, UserRole.name).where(UserRole.user.in_(people)).tuples():
        roles_now[user_id].add(name)
    found = []
    for user in people:
        states = in_force((user.is_active, frozenset(roles_now[user.id])), changes[user.id], start, end)
        roles = frozenset().union(*(roles for active, roles in states if active))
        rule = _rule(case, user, roles, readers, colleagues)
        if rule or user.id in looked:
            found.append(_told(user, roles, rule, looked[user.id], of))
    return sorted(found, key=lambda one: -one.looked)


def in_force(value: Any, changes: Iterable[Change], start: datetime, end: datetime) -> list[Any]:
    """What held between `start` and `end`: of a value as it is now, and its changes, (when, what was before), latest first."""
    found = []
    for at, before in changes:
        if at < end:
            found.append(value)
        if at <= start:
            return found
        value = before(value)
    return [*found, value]


def _people(case, start, end, known):
    """Whoever the answer can name: of the hospital, with a role that reviews now or lost since, or `known` (account ids)."""
    roles = [role for role, processes in ABILITIES["review"].items() if case.process in processes]
    lost = AuditEvent.select(AuditEvent.subject).where(
        AuditEvent.action == "user.roles",
        AuditEvent.at > start,
        any_of([AuditEvent.detail.contains(f"-{role}") for role in roles]),
    )
    ids = known | {_account(subject) for (subject,) in lost.tuples()}
    there = (User.hospital == case.hospital_id) | User.id.in_(UserRole.holders(*roles)) | User.id.in_(ids)
    return list(User.select().where(there, User.created_at < end).order_by(User.name, User.id))


def _account(subject):
    """The number in `User.in_trail`."""
    return int(subject.partition(":")[0].removeprefix("account "))


def _changes(people, start):
    """{account id: the changes since}."""
    found = defaultdict(list)
    for block in chunked(people, AT_ONCE):
        theirs = any_of([AuditEvent.subject.startswith(f"account {user.id}:") for user in block])
        lines = AuditEvent.select().where(AuditEvent.action.in_(CHANGES), AuditEvent.at > start, theirs)
        for line in lines.order_by(AuditEvent.id.desc()):
            at = clock.start_of(clock.local_date(line.at)) if line.detail == BY_ITSELF else line.at
            found[_account(line.subject)].append((at, _undo(line)))
    return found


def _undo(line):
    if line.action != "user.roles":
        return lambda state: (line.action != "user.activate", state[1])
    gained, lost = ({word[1:] for word in line.detail.split() if word[0] == sign} for sign in "+-")
    return lambda state: (state[0], (state[1] - gained) | lost)


def _colleagues(case, start, end):
    """The ids of whom the hospital let see the case; None where all of it did, if only for a part of the day."""
    label, flip = FIELD_LABELS["lza1_kept_apart"], lambda apart: not apart
    lines = AuditEvent.select().where(
        AuditEvent.action == "row.update", AuditEvent.hospital == case.hospital_id, AuditEvent.at > start
    )
    flips = [(line.at, flip) for line in lines.order_by(AuditEvent.at.desc()) if label in line.detail.split(", ")]
    if case.process != Process.LZA1 or not all(in_force(case.hospital.lza1_kept_apart, flips, start, end)):
        return None
    emails = dict(User.select(User.email, User.id).where(User.hospital == case.hospital_id).tuples())
    now = frozenset(user for (user,) in CaseColleague.select(CaseColleague.user).where(CaseColleague.case == case).tuples())
    lines = AuditEvent.select().where(
        AuditEvent.case_id == case.id, AuditEvent.action.in_(("case.entrust", "case.withhold")), AuditEvent.at > start
    )
    changes = [(line.at, _unname(line, emails.get(line.detail))) for line in lines.order_by(AuditEvent.id.desc())]
    return frozenset({case.reporter_id}).union(*in_force(now, changes, start, end))


def _unname(line, user_id):
    return lambda people: people - {user_id} if line.action == "case.entrust" else people | {user_id}


def _readers(case, start, end):
    rows = CaseReader.select(CaseReader.user).where(CaseReader.case == case, CaseReader.since < end)
    return {user for (user,) in rows.where(CaseReader.ended_at.is_null() | (CaseReader.ended_at > start)).tuples()}


def _looked(case, start, end):
    lines = AuditEvent.select(AuditEvent.actor, fn.COUNT(AuditEvent.id)).where(
        AuditEvent.case_id == case.id, AuditEvent.action.in_(READS), AuditEvent.at >= start, AuditEvent.at < end
    )
    counts = lines.where(AuditEvent.actor.is_null(False)).group_by(AuditEvent.actor)
    return Counter(dict(counts.tuples()))


def _may(roles, ability, process):
    return any(process in ABILITIES[ability].get(role, ()) for role in roles)


def _rule(case, user, roles, readers, colleagues):
    if user.hospital_id == case.hospital_id and _may(roles, "complete", case.process):
        if colleagues is None:
            return "eigen ziekenhuis"
        return "melder of aangewezen collega" if user.id in colleagues else ""
    if _may(roles, "review", case.process):
        return "landelijk coördinator"
    return "commissie, genoemd voor deze casus" if user.id in readers and Role.COMMISSIELID in roles else ""


def _told(user, roles, rule, looked, of):
    said = ", ".join(label for role, label in ROLE_LABELS.items() if role in roles)
    if of is None or user.hospital_id == of.id:
        return CouldSee(user.name, said, rule, looked)
    if user.hospital_id or roles & HOSPITAL_ROLES:
        return CouldSee("Iemand van een ander ziekenhuis", "", rule, looked)
    name = "Lid van de commissie" if Role.COMMISSIELID in roles else "Perined Beoordelaar"
    return CouldSee(name, "", rule, looked)
