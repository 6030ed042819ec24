"""The numbers by which a case is found: its own, given out here, and the hospital's own patient number, kept sealed."""

import re
from typing import Any

from peewee import CharField, IntegerField, ModelSelect, Node

from models import access
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, Record, any_of, db
from models.cases.status import Status
from models.encrypted_fields import fingerprint, fingerprints
from models.typed_text import one_line

SERIES = {Process.NETHOSS: "N", Process.LZA1: "L"}


class Series(Record):
    """The last number given out in each process; LZA1 counts apart."""

    process = CharField(max_length=10, unique=True)
    last = IntegerField(default=0)

    @classmethod
    def next_number(cls, process: Any) -> str:
        cls.insert(process=process).on_conflict_ignore().execute()
        cls.update(last=cls.last + 1).where(cls.process == process).execute()
        return f"{SERIES[process]}-{cls.get(cls.process == process).last:05d}"


class FoundByNumber:
    """What `Case` knows about being looked up. Every way is one look-up in an index."""

    @staticmethod
    def numbers_meant(text: str) -> list[str]:
        """The numbers of cases that a person may mean who types 'N-00012', 'n12', '12' or, of a part, '12-2'."""
        meant = re.fullmatch(r"([NL]?)-?0*(\d{1,9})(-\d{1,2})?", text.strip().upper(), re.ASCII)
        if not meant:
            return []
        series = [meant[1]] if meant[1] else sorted(SERIES.values())
        return [f"{letter}-{int(meant[2]):05d}{meant[3] or ''}" for letter in series]

    @classmethod
    def numbered(cls, text: str) -> Node | None:
        """Which case a person means by `numbers_meant`, as an expression; None when it is no number."""
        return cls.number.in_(numbers) if (numbers := cls.numbers_meant(text)) else None

    @classmethod
    def ids_numbered(cls, text: str) -> ModelSelect:
        """The ids of the cases that `text` means, as a sub-query."""
        meant = cls.numbered(text)
        return cls.select(cls.id).where(NOBODY if meant is None else meant)

    @classmethod
    def ids_in(cls, process: Any) -> ModelSelect:
        """The ids of the cases of a process, as a sub-query."""
        return cls.select(cls.id).where(cls.process == process)

    @classmethod
    def matching(cls, text: Any, user: User) -> Node:
        """The case with this number, the own hospital's cases with this patient number, or the cases of hospitals so named.

        Every way is one look-up in an index: this table may be long.
        """
        ways = [] if (meant := cls.numbered(text)) is None else [meant]
        if user.hospital_id:
            ways.append(cls.with_patient_number(user.hospital_id, text))
        elif not ways:
            ways.append(cls.hospital.in_(Hospital.named(text)))
        return any_of(ways)

    @staticmethod
    def hash_of(hospital: int, patient_number: str | None) -> str | None:
        """What `patient_hash` holds; None without a number."""
        return patient_number and fingerprint(f"{int(hospital)}:{patient_number.casefold()}")

    @classmethod
    def with_patient_number(cls, hospital: Any, patient_number: str) -> Node:
        """Which cases of this hospital carry exactly this number, as an expression."""
        number = " ".join((patient_number or "").split()).casefold()
        return (cls.hospital == hospital) & cls.patient_hash.in_(fingerprints(f"{int(hospital)}:{number}"))

    @classmethod
    def alike(cls, by: Any, theme: Any, patient_number: str) -> list:
        """Cases of the own hospital with this theme and patient number, for the warning (R29, not a block)."""
        number = tidy_patient_number(patient_number)
        if number is None:
            return []
        own = cls.select().where(access.reach(cls, by), cls.with_patient_number(by.hospital_id, number))
        return list(own.where(cls.theme == theme, cls.status != Status.INGETROKKEN))

    def set_patient_number(self, by: Any, patient_number: Any) -> None:
        """Correct the hospital's own reference. The trail tells that it changed, never the number."""
        self.open_for(by, True, "")
        number, model = tidy_patient_number(patient_number), type(self)
        if number == self.patient_number:
            return
        sealed = {model.patient_number: number, model.patient_hash: self.hash_of(self.hospital_id, number)}
        with db.atomic():
            model.update(sealed).where(model.id == self.id).execute()
            AuditEvent.log("case.patient_number", by=by, case=self)
        self.patient_number = number


def tidy_patient_number(text: str) -> str | None:
    """The hospital's own reference, tidied; None when left empty."""
    return one_line(text, 64, "Het patiëntnummer") or None
