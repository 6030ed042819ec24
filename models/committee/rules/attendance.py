"""Attendance: which members of the committee are at a meeting, and whether that is enough to settle a case."""

from datetime import datetime

from peewee import BooleanField, DateTimeField, ForeignKeyField

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, PartOf, Record, Refused, db
from models.committee import conflict
from models.committee.meeting import Meeting
from models.committee.rules.committee_settings import CommitteeSettings
from models.committee.treatment import Treatment
from models.dutch import plural

# Of whom it is not known where they work, a tie cannot be ruled out either.
OUT_OF_ROOM = (conflict.OWN, conflict.REGION, conflict.TIE, conflict.NO_RECORD, conflict.NO_WORKPLACE)


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
        """Who is there, by name."""
        rows = User.select().join(cls, on=cls.member == User.id)
        return list(rows.where(cls.meeting == meeting, cls.present).order_by(User.name))

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
    """Who may be at a meeting: the members of its committee now, by name."""
    return list(User.select().where(User.active, User.committee == meeting.process).order_by(User.name))


def in_room(treatment: Treatment, now: datetime | None = None) -> tuple[int, int]:
    """(how many are present and counted for this case, how many are present and have a tie to it, or may have)."""
    people = Attendance.present_at(treatment.meeting)
    reasons = treatment.reasons_against(people, now) if people else {}
    out = sum(reason in OUT_OF_ROOM for reason in reasons.values())
    return len(people) - out, out


def demand_quorum(treatment: Treatment, now: datetime | None = None) -> str:
    """Who was present, for the trail. Raises Refused when fewer than the quorum are there without a tie to the case."""
    inside, outside = in_room(treatment, now)
    quorum = CommitteeSettings.of(treatment.case.process).quorum
    if quorum and inside < quorum:
        raise Refused(
            f"Bij casus {treatment.case.number} tellen {inside} aanwezigen mee; het quorum is {quorum}. Leg bij de agenda vast "
            "wie er is, of zet de casus op een andere vergadering. Wie een band met de casus heeft, telt niet mee."
        )
    return f"{inside} aanwezig, {outside} met een band" if inside or outside else ""
