"""Remarks of the coordinator about a hospital: dated, read by coordinators only, and changed by who wrote them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, IntegrityError

from models import access, clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, NOBODY, Record, Refused, db
from models.encrypted_fields import SealedField
from models.typed_text import required

LONGEST_NOTE, SHOWN = 2000, 50


class HospitalNote(Record):
    """One remark about a hospital. `round` goes up with every change of its words."""

    key = CharField(max_length=43, unique=True)  # made by the page, so that a double click is one remark
    hospital = ForeignKeyField(Hospital, backref="+", on_delete="RESTRICT")
    text = SealedField()
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()
    changed_at = DateTimeField(null=True)
    round = IntegerField(default=1)

    class Meta:
        indexes = ((("hospital", "at"), False),)

    def __str__(self):
        return f"Opmerking over {self.hospital}"

    @classmethod
    def owned_by(cls, hospital: Hospital, processes: Collection[str]) -> Any:
        return NOBODY

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Any:
        return EVERYBODY if Process.NETHOSS in processes else NOBODY

    @classmethod
    def of_hospital(cls, hospital: Hospital) -> list["HospitalNote"]:
        """The latest remarks about a hospital, the last first, each with who wrote it."""
        found = cls.select(cls, User).join(User).where(cls.hospital == hospital)
        return list(found.order_by(cls.at.desc(), cls.id.desc()).limit(SHOWN))

    @classmethod
    def write(cls, hospital: Hospital, by: User, key: str, text: str, now: datetime | None = None) -> "HospitalNote":
        """Keep a remark about `hospital`. The same `key` twice is the same remark."""
        access.demand(by, "follow")
        now, text = now or clock.now(), _words(text)
        try:
            with db.atomic():
                made = cls.create(key=key, hospital=hospital, text=text, by=by, at=now)
                AuditEvent.log("hospital_note.write", by=by, hospital=hospital, subject=str(made), at=now)
        except IntegrityError:
            if earlier := cls.get_or_none(cls.key == key, cls.hospital == hospital, cls.by == by):
                return earlier
            raise Refused("Dit formulier is al gebruikt. Open de pagina opnieuw en schrijf de opmerking daar.") from None
        return made

    def amend(self, by: User, text: str, round: Any, now: datetime | None = None) -> None:
        """Give the remark other words. `round`: as the page showed it. Raises Refused for who did not write it."""
        access.demand(by, "follow")
        now, text = now or clock.now(), _words(text)
        if self.by_id != by.id:
            raise Refused("Alleen wie deze opmerking schreef, kan die wijzigen.")
        if text == self.text:
            return
        with db.atomic():
            here = (HospitalNote.id == self.id) & (HospitalNote.round == self.round)
            change = {"text": text, "changed_at": now, "round": self.round + 1}
            if str(self.round) != str(round) or not HospitalNote.update(**change).where(here).execute():
                raise Refused("Deze opmerking is intussen gewijzigd. Bekijk die opnieuw.")
            AuditEvent.log("hospital_note.amend", by=by, hospital=self.hospital_id, subject=str(self), at=now)


def _words(text):
    return required(text, LONGEST_NOTE, "De opmerking", "Schrijf eerst de opmerking.")
