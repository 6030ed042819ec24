"""Holding back what the clock sends: a hospital that is paused, or one kind of mail to one person, until a day, with a reason.

The clocks ask `paused` and `held`; what waits in the outbox is asked by `stops`. So the rehearsal and the clock agree.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from peewee import SQL, CharField, Check, DateField, DateTimeField, ForeignKeyField, IntegrityError, ModelSelect, Node, fn

from models import access, clock
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, NOBODY, Record, Refused, db
from models.dutch import long_date
from models.mail.mail_status import MAIL_LABELS
from models.typed_text import one_line

# What can be held for one person, and what a pause holds in the outbox. Reminders of cases wait before they become a mail:
# so after a pause only the latest term counts.
HELD = ("monthly_request", "monthly_reminder", "reminder", "question_reminder", "committee_reminder")
PAUSED = ("monthly_request", "monthly_reminder")
RECEIVERS = (Role.MELDER, Role.INVOERDER, Role.COMMISSIELID)
LONGEST, FURTHEST = 200, timedelta(days=366)


class SendingHold(Record):
    """One hold, until and with a day: of a hospital, or of the mails of one kind to one person."""

    hospital = ForeignKeyField(Hospital, null=True, backref="+", on_delete="RESTRICT")
    user = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=40, null=True, choices=[(name, MAIL_LABELS[name]) for name in HELD])
    until = DateField(index=True)
    reason = CharField(max_length=LONGEST)
    by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    at = DateTimeField()
    ended_at = DateTimeField(null=True)
    ended_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")

    class Meta:
        constraints = [
            Check("(hospital_id IS NULL) <> (user_id IS NULL) AND (user_id IS NULL) = (name IS NULL)", "sending_hold_of_one")
        ]

    def __str__(self):
        return str(self.hospital) if self.hospital_id else f"{MAIL_LABELS[self.name]} aan {self.user.name}"

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return EVERYBODY if Process.NETHOSS in processes else NOBODY

    def stands(self, today: date | None = None) -> bool:
        """Whether it holds back on this day."""
        return self.ended_at is None and self.until >= (today or clock.today())

    @classmethod
    def standing(cls, today: date | None = None) -> ModelSelect:
        """The holds that hold back on this day, as a query."""
        return cls.select().where(cls.ended_at.is_null(), cls.until >= (today or clock.today()))

    @classmethod
    def paused(cls, today: date | None = None) -> "dict[int, SendingHold]":
        """{hospital id: its pause} on this day."""
        return {hold.hospital_id: hold for hold in cls.standing(today).where(cls.hospital.is_null(False))}

    @classmethod
    def of_hospital(cls, hospital: Hospital, today: date | None = None) -> "SendingHold | None":
        """The pause of this hospital on this day, or None."""
        return cls.standing(today).where(cls.hospital == hospital).first()

    @classmethod
    def held(cls, name: str, today: date | None = None) -> set[int]:
        """The ids of the people to whom no mail of this kind leaves on this day."""
        return {user for (user,) in cls.standing(today).where(cls.name == name).select(cls.user).tuples()}

    @classmethod
    def spans(cls, name: str, since: date) -> list[tuple[int, datetime, date]]:
        """(account id, from, until and with) of holds of mails of this kind that stood on `since` or later, ended or not."""
        rows = cls.select(cls.user, cls.at, cls.until, cls.ended_at).where(cls.name == name, cls.until >= since).tuples()
        return [(user, at, min(until, clock.local_date(ended)) if ended else until) for user, at, until, ended in rows]

    @classmethod
    def stops(cls, mail: Any, now: datetime) -> Any:
        """Which rows of the outbox (the model `mail`) are held back at `now`, as an expression."""
        standing = cls.standing(clock.today(now)).select(SQL("1"))
        of_hospital = fn.EXISTS(standing.where(cls.hospital == mail.hospital)) & mail.name.in_(PAUSED)
        # Not reminders, which are held before they are queued: one mail may be about LZA1 as well.
        of_person = standing.where(cls.user == mail.user, cls.name == mail.name, cls.name != "reminder")
        return of_hospital | fn.EXISTS(of_person)

    @classmethod
    def pause(cls, hospital: Hospital, by: User, until: date | None, reason: str, now: datetime | None = None) -> "SendingHold":
        """Ask and remind this hospital of nothing, until and with a day. Raises Refused when it is paused already."""
        return cls._hold(by, until, reason, now, f"{hospital} is al gepauzeerd.", hospital=hospital)

    @classmethod
    def hold(
        cls, by: User, person: int | None, name: str, until: date | None, reason: str, now: datetime | None = None
    ) -> "SendingHold":
        """Keep the mails of one kind to `person` (account id) back, until and with a day.

        Raises Refused for a kind that cannot wait, and for somebody who gets none of these mails.
        """
        access.demand(by, "follow")
        if name not in HELD:
            raise Refused("Deze soort mail kunt u niet tegenhouden.")
        user = User.with_role(*RECEIVERS).where(User.id == person).first() if person and 0 < person < 1 << 31 else None
        if user is None or user.committee == Process.LZA1:
            raise Refused("Deze persoon krijgt zulke mails niet.")
        taken = f"Deze mail aan {user.name} wordt al tegengehouden."
        return cls._hold(by, until, reason, now, taken, user=user, name=name)

    @classmethod
    def _hold(cls, by, until, reason, now, taken, **whom):
        access.demand(by, "follow")
        now = now or clock.now()
        today = clock.today(now)
        if until is None or not today <= until <= today + FURTHEST:
            raise Refused("Kies een dag vanaf vandaag, hoogstens een jaar vooruit.")
        if not (reason := one_line(reason, LONGEST, "De reden")):
            raise Refused("Vul in waarom. Uw collega's lezen dit ook.")
        try:
            with db.atomic():
                over = cls.update(ended_at=now).where(cls.ended_at.is_null(), cls.until < today)
                over.execute()  # else the hold that ended by itself would stand in the way of a new one
                made = cls.create(until=until, reason=reason, by=by, at=now, **whom)
                told = f"tot en met {long_date(until)}"
                AuditEvent.log("mail.hold", by=by, hospital=whom.get("hospital"), subject=str(made), detail=told, at=now)
        except IntegrityError:
            raise Refused(taken) from None
        return made

    @classmethod
    def resume(cls, hospital: Hospital, by: User, now: datetime | None = None) -> None:
        """End the pause of this hospital before its day. Raises Refused when there is none."""
        access.demand(by, "follow")
        if not (pause := cls.of_hospital(hospital, clock.today(now))):
            raise Refused(f"{hospital} is niet gepauzeerd.")
        pause.lift(by, now)

    def lift(self, by: User, now: datetime | None = None) -> None:
        """End this hold before its day; what waited leaves with the next round of the clock."""
        access.demand(by, "follow")
        now = now or clock.now()
        with db.atomic():
            mine = (SendingHold.id == self.id) & SendingHold.ended_at.is_null() & (SendingHold.until >= clock.today(now))
            if not SendingHold.update(ended_at=now, ended_by=by).where(mine).execute():
                raise Refused("Dit wordt niet meer tegengehouden.")
            AuditEvent.log("mail.lift", by=by, hospital=self.hospital_id, subject=str(self), at=now)


for whom in ((SendingHold.hospital,), (SendingHold.user, SendingHold.name)):
    names = "_".join(field.name for field in whom)
    SendingHold.add_index(
        SendingHold.index(*whom, unique=True, where=SQL("ended_at IS NULL"), name=f"sending_hold_standing_{names}")
    )
