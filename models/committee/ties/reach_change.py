"""Changes by which somebody reads more cases, without any account changing: each waits for a second beheerder, or a day.

A hospital whose LZA1 cases all colleagues will see, a hospital that leaves a region, and what is written of a member of a
committee: works in no hospital, a first workplace, the end of one, the chair, or who sits again. What keeps more away is done
at once. A hospital lies in one region: another one waits, and until then both tie.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from peewee import SQL, CharField, DateField, ForeignKeyField

from models import access, clock
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.approval.change_kind import ChangeOutcome
from models.approval.four_eyes import FourEyes
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, Refused, db
from models.committee.member import TERM, CommitteeMember, Workplace
from models.dutch import long_date

OTHER_GROUND = "Wat er stond, is intussen gewijzigd. Houd dit tegen, en vraag het opnieuw aan als het nog nodig is."


class ReachKind(StrEnum):
    APART = "apart"
    REGION = "region"
    OUTSIDE = "outside"
    CHAIR = "chair"
    FIRST = "first"
    PLACE = "place"
    TERM = "term"


REACH_LABELS = {
    ReachKind.APART: "LZA1-meldingen",
    ReachKind.REGION: "Opvangregio",
    ReachKind.OUTSIDE: "Werk",
    ReachKind.CHAIR: "Voorzitter",
    ReachKind.FIRST: "Eerste werkplek",
    ReachKind.PLACE: "Werkplek",
    ReachKind.TERM: "Zittingstermijn",
}
# The field of a hospital or a member that opens -> the kind of change.
OF_FIELD = {
    "lza1_kept_apart": ReachKind.APART,
    "region": ReachKind.REGION,
    "outside": ReachKind.OUTSIDE,
    "chair": ReachKind.CHAIR,
    "term": ReachKind.TERM,
}


class ReachChange(FourEyes):
    """One such change, of a hospital, a member, or a workplace of a member. Only a beheerder confirms it."""

    mail_name, ability, once = "reach_change", "manage", "reach"
    demand_second = HeldChange.demand_second

    kind = CharField(max_length=10, choices=list(REACH_LABELS.items()))
    hospital = ForeignKeyField(Hospital, null=True, backref="+", on_delete="RESTRICT")  # that changes, or where a member works
    member = ForeignKeyField(CommitteeMember, null=True, backref="+", on_delete="RESTRICT")
    workplace = ForeignKeyField(Workplace, null=True, backref="+", on_delete="RESTRICT")
    region = CharField(max_length=40, default="")
    since = DateField(null=True)
    until = DateField(null=True)
    ground = CharField(max_length=60, null=True)  # what stood there when it was asked for

    @classmethod
    def owned_by(cls, hospital: Hospital, processes: Collection[str]) -> Any:
        return NOBODY

    @property
    def _now_there(self):
        """What would be overwritten, in short; None for what is no more than on or off."""
        if self.kind == ReachKind.REGION:
            return self.hospital.region or ""
        if self.kind == ReachKind.PLACE:
            return f"{self.workplace.since} {self.workplace.until}"
        again = self.kind == ReachKind.TERM or (self.since and self.kind == ReachKind.CHAIR)
        return f"{self.member.term_from} {self.member.term_until}" if again else None

    # ---- asking ------------------------------------------------------------------------------------------------------

    @classmethod
    def amend_hospital(cls, hospital: Hospital, by: User, now: datetime | None = None, **fields: Any) -> list["ReachChange"]:
        """Correct the hospital; returns what of it waits for a second person."""
        with db.atomic():
            hospital.hold()
            opening = hospital.opens(**fields)
            if "region" in fields.keys() - opening and fields["region"] != hospital.region:
                cls._overtake(cls.hospital == hospital, cls.kind == ReachKind.REGION, now=now)
            hospital.amend(by, **{name: value for name, value in fields.items() if name not in opening})
            about = {name: {"region": fields["region"]} if name == "region" else {} for name in opening}
            asked = cls._ask_together(by, now, about, hospital=hospital)
            if "region" in opening:
                hospital.await_region(fields["region"], by)
            return asked

    @classmethod
    def _ask_together(cls, by, now, about, **of):
        """Ask for a change of each of these fields, {name: what it becomes}, and tell everybody of all of them at once."""
        asked = [cls._ask(OF_FIELD[name], by, now, tell=False, **of, **more) for name, more in sorted(about.items())]
        if asked:
            cls.tell_of(asked, now)
        return asked

    @classmethod
    def _ask(cls, kind, by, now, tell=True, **wanted):
        return super()._ask(kind, by, now, tell, ground=cls(kind=kind, **wanted)._now_there, **wanted)

    @classmethod
    def add_member(cls, by: User, now: datetime | None = None, **fields: Any) -> tuple[CommitteeMember, list["ReachChange"]]:
        """Write down who sits on a committee; returns the record, and what of it waits."""
        with db.atomic():
            made = CommitteeMember.add(by, **fields | {"outside": False, "chair": False})
            return made, cls._ask_of(made, by, now, fields)

    @classmethod
    def amend_member(cls, member: CommitteeMember, by: User, now: datetime | None = None, **fields: Any) -> list["ReachChange"]:
        """Correct the record of a member; returns what of it waits."""
        with db.atomic():
            member.hold()
            opening = member.opens(**fields)
            member.amend(by, **{name: value for name, value in fields.items() if name not in opening})
            return cls._ask_of(member, by, now, fields)

    @classmethod
    def _ask_of(cls, member, by, now, fields):
        opening, term = member.opens(**fields), {}
        if opening & TERM:
            since, until = (fields.get(name, getattr(member, name)) for name in ("term_from", "term_until"))
            # Of who leads, or will, in one: neither counts without the other.
            name = "chair" if fields.get("chair", member.chair) else "term"
            opening, term = opening - TERM | {name}, {"since": since, "until": until}
        return cls._ask_together(by, now, {name: term if name in ("chair", "term") else {} for name in opening}, member=member)

    @classmethod
    def _overtake(cls, *which, now):
        """What waits is of before: a correction that is done at once overtakes it."""
        for change in cls.select().where(*which, cls.open()):
            change.lapse("het is intussen gewijzigd", now or clock.now())

    @classmethod
    def add_workplace(cls, by: User, now: datetime | None = None, **fields: Any) -> "Workplace | ReachChange":
        """Write down where a member works; returns the workplace, or for a first one what waits."""
        access.demand(by, "manage")
        if fields["member"].is_placed:
            return Workplace.add(by, **fields)
        Workplace.demand_period(**fields)
        return cls._ask(ReachKind.FIRST, by, now, **fields)

    @classmethod
    def amend_workplace(cls, place: Workplace, by: User, now: datetime | None = None, **fields: Any) -> "ReachChange | None":
        """Correct a workplace; returns what waits. What ends a tie waits as a whole, whatever else of it changes."""
        access.demand(by, "manage")
        if not place.opens(**fields):
            with db.atomic():
                if (fields["since"], fields["until"]) != (place.since, place.until):
                    cls._overtake(cls.workplace == place, now=now)
                place.amend(by, **fields)
            return None
        place.demand_own(fields["member"], fields["hospital"])
        Workplace.demand_period(**fields)
        return cls._ask(ReachKind.PLACE, by, now, workplace=place, **fields)

    def _people(self):
        """Who could know better: all beheerders, the person or the melders of the hospital, and who sees to the committee."""
        people = list(User.with_role(Role.BEHEERDER))
        if member := self.about:
            keeper = Role.LZA1_COORDINATOR if member.committee == Process.LZA1 else Role.COORDINATOR
            people += [*([member] if member.is_known else []), *User.with_role(keeper)]
        else:
            lza1 = User.with_role(Role.LZA1_MELDER).where(User.hospital == self.hospital)
            people += [*User.melders_of(self.hospital), *lza1]
        if self.kind == ReachKind.REGION:
            people += [*User.with_role(Role.COORDINATOR), *User.with_role(Role.LZA1_COORDINATOR)]
        return list({person.id: person for person in people}.values())

    # ---- deciding ----------------------------------------------------------------------------------------------------

    def _demand_asker(self):
        access.demand(self.asked_by, "manage")

    @property
    def _gains(self):
        if self.kind == ReachKind.APART:
            return {person.id for person in User.melders_of(self.hospital) if Role.LZA1_MELDER not in person.role_names}
        return {self.about.id} if self.about else set()

    def _decide(self, outcome, by, now):
        super()._decide(outcome, by, now)
        if self.kind == ReachKind.REGION:
            self.hospital.await_region(None, by)

    def _carry_out(self, by, now):
        if self.ground not in (None, self._now_there):
            raise Refused(OTHER_GROUND)
        place = {"hospital": self.hospital, "since": self.since, "until": self.until}
        if self.kind == ReachKind.APART:
            self.hospital.amend(by, agreed=True, lza1_kept_apart=False)
        elif self.kind == ReachKind.REGION:
            self.hospital.amend(by, agreed=True, region=self.region)
        elif self.kind == ReachKind.FIRST:
            Workplace.add(by, agreed=True, member=self.member, **place)
        elif self.kind == ReachKind.PLACE:
            self.workplace.amend(by, agreed=True, **place)
        elif self.kind == ReachKind.TERM:
            self.member.amend(by, agreed=True, term_from=self.since, term_until=self.until)
        else:
            term = {"term_from": self.since, "term_until": self.until} if self.since else {}
            self.member.amend(by, agreed=True, **{str(self.kind): True} | term)
        if self.kind in (ReachKind.FIRST, ReachKind.OUTSIDE):
            self._take_along(by, now)
        # Who asked may have been confirmed before the mails about it left.
        self._tell("gedaan", self._people(), now)

    def _take_along(self, by, now):
        """Where else this member works ties: what opens cases never takes effect without it. One, which takes the next.

        By nobody's word of its own: it opens nothing, and closes more.
        """
        others = (ReachChange.member == self.member) & (ReachChange.kind == ReachKind.FIRST)
        if other := ReachChange.select().where(others, ReachChange.open()).first():
            other._decide(ChangeOutcome.ELAPSED, None, now)
            AuditEvent.log("change.effect", by=by, detail=other._line, at=now, **other._in_trail)
            other._carry_out(by, now)

    # ---- in words ----------------------------------------------------------------------------------------------------

    @property
    def about(self) -> User | None:
        return self.member.user if self.member_id else None

    @property
    def named(self) -> str:
        return (self.about or self.hospital).name

    @property
    def _in_trail(self):
        return (
            {"account": self.about} if self.about else {"hospital": self.hospital, "subject": f"Ziekenhuizen: {self.hospital}"}
        )

    @property
    def label(self) -> str:
        """What kind of change it is."""
        return REACH_LABELS[self.kind]

    @property
    def what(self) -> str:
        """What changes, in words: 'Noord (nu Oost)', 'Ziekenhuis Oost, vanaf 1 mei 2024'."""
        if self.kind == ReachKind.APART:
            return "alle melders en invoerders van het ziekenhuis zien ze"
        if self.kind == ReachKind.REGION:
            return (self.region or "geen") + (f" (nu {self.hospital.region or 'geen'})" if self.outcome is None else "")
        if self.kind == ReachKind.TERM:
            return f"in de commissie {_period(self)}"
        if self.kind in (ReachKind.OUTSIDE, ReachKind.CHAIR):
            if self.since:
                return f"is voorzitter, en in de commissie {_period(self)}"
            return "niet in een ziekenhuis" if self.kind == ReachKind.OUTSIDE else "wordt voorzitter van de commissie"
        return _place(self) + (f" (nu {_place(self.workplace)})" if self.workplace_id and self.outcome is None else "")

    @property
    def what_in_public(self) -> str:
        return self.what

    @property
    def whose(self) -> str:
        """What it is a change of."""
        return f"de gegevens van {self.named}"


def _place(place):
    return f"{place.hospital.name}, {_period(place)}"


def _period(place):
    until = f" tot en met {long_date(place.until)}" if place.until else ""
    return f"vanaf {long_date(place.since)}{until}"


def _one_each(name: str, *key: Any, where: str) -> None:
    waits = SQL(f"decided_at IS NULL AND {where}")
    ReachChange.add_index(ReachChange.index(*key, unique=True, where=waits, name=f"reachchange_standing_{name}"))


_one_each("hospital", ReachChange.hospital, ReachChange.kind, where="member_id IS NULL")
_one_each("member", ReachChange.member, ReachChange.kind, where="workplace_id IS NULL AND hospital_id IS NULL")
_one_each("first", ReachChange.member, ReachChange.kind, ReachChange.hospital, where="workplace_id IS NULL")
_one_each("workplace", ReachChange.workplace, where="workplace_id IS NOT NULL")
# For the clock, which asks for those of a day ago.
_undecided = SQL("decided_at IS NULL")
ReachChange.add_index(ReachChange.index(ReachChange.asked_at, where=_undecided, name="reachchange_undecided"))
