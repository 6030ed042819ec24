"""Assignment: which coordinator sees to a case. It says whose turn it is and takes no right from anybody."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from peewee import SQL, DateTimeField, ForeignKeyField, ModelSelect, Node, fn

from models import access, clock
from models.access import PROCESS_LABELS
from models.accounts.deputies.absence import Absence, coordinators
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Record, Refused, db
from models.cases.case import Case
from models.dutch import listed, plural
from models.mail.outbox import Mail
from settings import settings

MOST = 200  # cases at once: more than a page of the work list
TERM = timedelta(days=14)  # within which a case that was handed in is judged
SOON = 3  # days before the term on which the list says so


class Whose(StrEnum):
    """Whose cases the work list shows."""

    MINE = "mij"
    NOBODYS = "niemand"


WHOSE_LABELS = {Whose.MINE: "Van mij", Whose.NOBODYS: "Van niemand"}


class CaseAssignment(Record):
    """The coordinator who sees to a case; without a row nobody in particular does."""

    case = ForeignKeyField(Case, unique=True, backref="+", on_delete="RESTRICT")
    coordinator = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    at = DateTimeField()

    @classmethod
    def assign(cls, by: User, cases: Collection[str], to: int | None, now: datetime | None = None) -> int:
        """Let the coordinator `to` (account id) see to these cases (keys), or nobody when it is None. Returns how many changed.

        Who gets them from somebody else is told by mail, and so is who stands in for them. Raises Refused for no cases, and
        for somebody who is no coordinator of all of them.
        """
        access.demand(by, "review")
        own, now = access.processes(by, "review"), now or clock.now()
        wanted = list(dict.fromkeys(cases))[:MOST]
        with db.atomic():
            rows = list(access.visible(Case, by).where(Case.key.in_(wanted), Case.process.in_(own)).order_by(Case.id))
            if not rows:
                raise Refused("Kies eerst een of meer meldingen.")
            person = next((one for one in coordinators(own) if one.id == to), None)
            if to is not None and not (person and {row.process for row in rows} <= access.processes(person, "review")):
                raise Refused("Kies een coördinator die deze meldingen mag beoordelen.")
            changed = [row for row in rows if cls._give(row, person, by, now)]
            if person and changed and person != by:
                for one in (person, *Absence.deputies(person, clock.today(now))):
                    if one != by:
                        Mail.queue("case_assigned", one, now=now, cases=[row.id for row in changed], of=person.id)
        return len(changed)

    @classmethod
    def _give(cls, case, person, by, now):
        """Whether it changed anything."""
        Case.held(case.id)  # so that of two who assign at once one is second
        had = cls.get_or_none(cls.case == case)
        if (had.coordinator_id if had else None) == (person.id if person else None):
            return False
        cls.delete().where(cls.case == case).execute()
        if person:
            cls.create(case=case, coordinator=person, by=by, at=now)
        AuditEvent.log("case.assign", by=by, case=case, detail=person.in_trail if person else "", at=now)
        return True

    @classmethod
    def of(cls, case: Case) -> "CaseAssignment | None":
        """Who sees to the case, or None."""
        return cls.select(cls, User).join(User, on=cls.coordinator).where(cls.case == case).first()

    @classmethod
    def name(cls) -> ModelSelect:
        """The name of who sees to a row of `Case`, as a sub-query of one value."""
        return cls.select(User.name).join(User, on=cls.coordinator).where(cls.case == Case.id)

    @classmethod
    def whose(cls, whose: Whose, people: Collection[int]) -> Node:
        """Which rows of `Case` are seen to by one of `people` (account ids), or by nobody, as an expression."""
        here = cls.select(SQL("1")).where(cls.case == Case.id)
        return ~fn.EXISTS(here) if whose == Whose.NOBODYS else fn.EXISTS(here.where(cls.coordinator.in_(list(people))))


@dataclass(frozen=True)
class JudgeBy:
    """Until when a case that was handed in should be judged: the day, how far that is in words, and '', 'soon' or 'late'."""

    on: date
    said: str
    press: str

    @classmethod
    def of(cls, case: Case, today: date) -> "JudgeBy":
        on = clock.local_date(case.status_since) + TERM
        left = (on - today).days
        if left < 0:
            return cls(on, f"{plural(-left, 'dag', 'dagen')} te laat", "late")
        if left > SOON:
            return cls(on, "", "")
        return cls(on, f"nog {plural(left, 'dag', 'dagen')}" if left else "vandaag", "soon")


def people_of(user: User, today: date) -> tuple[list[int], list[Absence]]:
    """Whose work is that of `user` today: (their account ids, the absences in which `user` stands in)."""
    covered = Absence.covered_by(user, today)
    return [user.id, *(one.person_id for one in covered)], covered


def _assigned(mail):
    """The cases that are still theirs at the moment of sending; none left means no mail."""
    row, person = CaseAssignment, User.get_by_id(mail.facts["of"])
    own = Case.process.in_(access.processes(mail.user, "review"))
    found = Case.select().join(row, on=(row.case == Case.id)).where(Case.id.in_(mail.facts["cases"]), own)
    cases = list(found.where(row.coordinator == person, Case.erased_at.is_null()).order_by(Case.id))
    if not cases:
        return None
    return {
        "process": listed(sorted({PROCESS_LABELS[case.process] for case in cases})),
        "cases": [case.mail_facts for case in cases],
        "stands_in_for": person.name if person != mail.user else "",
        "link": f"{settings.portal_url}/beoordelen/?van=mij",
    }


CONTEXTS = {"case_assigned": _assigned}
