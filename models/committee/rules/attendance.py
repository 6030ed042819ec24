"""Attendance: which members of the committee are at a meeting, and whether that is enough to settle a case."""

from datetime import datetime

from peewee import BooleanField, DateTimeField, ForeignKeyField

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, PartOf, Record, Refused, db
from models.committee import conflict
from models.committee.meeting import Meeting
from models.committee.member import CommitteeMember
from models.committee.rules.committee_settings import CommitteeSettings
from models.committee.treatment import Treatment
from models.dutch import plural

# Of whom it is not known where they work, a tie cannot be ruled out either.
UNKNOWN = (conflict.NO_RECORD, conflict.NO_WORKPLACE)


class Attendance(PartOf, Record):
    """One member at one meeting, as it was noted last; without a row nobody noted anything, which counts for nothing."""

    whole = "meeting"

    meeting = ForeignKeyField(Meeting, backref="attendances", on_delete="RESTRICT")
    member = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    present = BooleanField()
    noted_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    noted_at = DateTimeField()

    class Meta:
        indexes = ((("meeting", "member"), True),)

    entrusted_to = classmethod(lambda cls, user, processes: NOBODY)
    studied_by = classmethod(lambda cls, user, processes: NOBODY)

    @classmethod
    def present_at(cls, meeting: Meeting) -> list[User]:
        """Who of the committee is there, by name; not who was noted and sits on it no longer."""
        rows = _members(meeting).join(cls, on=cls.member == User.id)
        return list(rows.where(cls.meeting == meeting, cls.present))

    @classmethod
    def note(cls, meeting: Meeting, by: User, members: list[str], now: datetime | None = None) -> str:
        """Write down who of the committee is there (ids of accounts), and so who is not; returns how many in words."""
        access.demand(by, "review", meeting.process)
        now, chosen = now or clock.now(), set(members)
        people = {str(one.id): one for one in members_of(meeting)}
        if not chosen <= set(people):
            raise Refused("Niet iedereen die u koos, zit (nog) in deze commissie. Bekijk de lijst opnieuw.")
        with db.atomic():
            query = Meeting.select(Meeting.id).where(Meeting.id == meeting.id)
            (query.for_update() if db.for_update else query).get()
            noted = {str(row.member_id): row for row in cls.select().where(cls.meeting == meeting)}
            changed = False
            for number in people:
                row = noted.get(number) or cls(meeting=meeting, member=people[number], present=None)
                if row.present != (number in chosen):
                    row.present, row.noted_by, row.noted_at, changed = number in chosen, by, now, True
                    row.save()
            said = f"{plural(len(chosen), 'lid', 'leden')} aanwezig"
            if changed:
                about = {"process": meeting.process, "subject": f"Vergadering {meeting.day}"}
                AuditEvent.log("meeting.present", by=by, detail=said, at=now, **about)
        return said


def members_of(meeting: Meeting) -> list[User]:
    """Who may be at a meeting: those who sit on its committee on that day and are active, by name."""
    return list(_members(meeting))


def in_room(treatment: Treatment, now: datetime | None = None) -> tuple[int, int, int]:
    """How many are present and (count for this case, have a tie to it, may have one: it is unknown where they work)."""
    people = Attendance.present_at(treatment.meeting)
    reasons = list(treatment.reasons_against(people, now).values()) if people else []
    tied, unknown = sum(map(conflict.conflicting, reasons)), sum(reason in UNKNOWN for reason in reasons)
    return len(people) - tied - unknown, tied, unknown


def demand_quorum(treatment: Treatment, by: User, now: datetime | None = None) -> str:
    """Who was present, for the trail. Raises Refused when fewer than the quorum are there without a tie to the case."""
    inside, tied, unknown = in_room(treatment, now)
    quorum = CommitteeSettings.of(treatment.case.process).quorum
    if quorum and inside < quorum:
        told = f"Bij casus {treatment.case.number} tellen {inside} aanwezigen mee; het quorum is {quorum}."
        if tied:
            told += f" {plural(tied, 'aanwezige heeft', 'aanwezigen hebben')} een band met de casus."
        if unknown:
            told += f" Van {unknown} is de werkplek niet vastgelegd: vraag de beheerder om die in te vullen."
        if access.may(by, "review", treatment.case.process):
            raise Refused(f"{told} Leg bij de agenda vast wie er is, of zet de casus op een andere vergadering.")
        raise Refused(f"{told} Vraag de coördinator om vast te leggen wie er is, of om een andere vergadering.")
    said = [f"{inside} aanwezig", f"{tied} met een band"] if inside or tied or unknown else []
    return ", ".join(said + ([f"van {unknown} de werkplek onbekend"] if unknown else []))


def _members(meeting):
    not_then = CommitteeMember.select(CommitteeMember.user).where(
        (CommitteeMember.term_from > meeting.day) | (CommitteeMember.term_until < meeting.day)
    )
    here = User.active & (User.committee == meeting.process) & User.id.not_in(not_then)
    return User.select().where(here).order_by(User.name)
