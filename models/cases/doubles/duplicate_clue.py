"""Duplicate clues: what a hospital tells of a case so that the report of another hospital about the same woman is found.

Nothing of it identifies her: a band of ages and the hospital of a transfer. Two cases may be one when they have the same theme
and another hospital, and the clues meet: either in one month, with the same band, and one names the hospital of the other; or
in neighbouring months, when both name each other. By chance, at 80 hospitals and 600 cases a year, of which 15 in 100 were
transferred to one of 8 large hospitals, that is so for 1 to 2 in 100 cases (`tests/review/test_duplicates.py`). Theme and month
alone, as it was before, warned at nearly every case.
"""

from collections.abc import Callable
from datetime import datetime

from peewee import CharField, DateTimeField, ForeignKeyField

from models import clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import PartOf, Record, Refused, db
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.cases.status import Status

AGE_BANDS = ("jonger dan 20", "20-24", "25-29", "30-34", "35-39", "40 of ouder")
MOST = 5

# Told (case, the hospital of transfer before, by, now) in the transaction in which a hospital says where the woman was too.
# Filled by `models/__init__.py`.
clue_watchers: list[Callable[[Case, Hospital | None, User, datetime], None]] = []


class DuplicateClue(PartOf, Record):
    """The clues of one case; what is not known is empty."""

    case = ForeignKeyField(Case, unique=True, backref="clues", on_delete="RESTRICT")
    age_band = CharField(max_length=20, default="")
    transfer = ForeignKeyField(Hospital, null=True, backref="+", on_delete="RESTRICT")
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()

    @classmethod
    def tell(
        cls, case: Case, by: User, age_band: str = "", transfer: Hospital | None = None, now: datetime | None = None
    ) -> None:
        """Keep the clues of a case, from its own hospital; empty ones are taken back."""
        case.open_for(by, case.may_add, "Bij een melding met de status {} kan dit niet meer.")
        if age_band and age_band not in AGE_BANDS:
            raise Refused("Kies een leeftijd uit de lijst.")
        if case.process != Process.NETHOSS or (transfer is not None and transfer.id == case.hospital_id):
            raise Refused("Kies een ander ziekenhuis dan uw eigen.")
        now = now or clock.now()
        told = {"age_band": age_band, "transfer": transfer, "by": by, "at": now}
        with db.atomic():
            Case.held(case.id)
            before = cls.of(case)
            if transfer is not None and not transfer.active and (before is None or before.transfer_id != transfer.id):
                raise Refused("Kies een ander ziekenhuis dat meedoet.")
            if not cls.update(told).where(cls.case == case).execute():
                cls.create(case=case, **told)
            left = before.transfer if before else None
            # Where she was keeps people from reading the case, so the trail says it; her age is nothing for a trail.
            moved = f"{left.code if left else 'geen'} > {transfer.code if transfer else 'geen'}" if left != transfer else ""
            AuditEvent.log("case.clues", by=by, case=case, detail=moved, at=now)
            for watch in clue_watchers:
                watch(case, left, by, now)

    @classmethod
    def of(cls, case: Case) -> "DuplicateClue | None":
        return cls.get_or_none(cls.case == case)

    @classmethod
    def meets(cls, case: Case) -> list[int]:
        """The ids of earlier cases of other hospitals that may be the same woman, at most MOST, same month first.

        Earlier only: of two reports the second carries the warning, so that one double is told once.
        """
        mine = cls.of(case)
        if mine is None or case.month is None or CasePart.of(case):
            return []
        near = {clock.add_months(case.month, step) for step in (-1, 0, 1)}
        theirs = cls.select(cls, Case.id, Case.month, Case.hospital).join(Case, on=cls.case)
        theirs = theirs.where(
            Case.theme == case.theme_id,
            Case.month.in_(near),
            Case.id < case.id,
            Case.hospital != case.hospital_id,
            Case.status != Status.INGETROKKEN,
            (cls.transfer == case.hospital_id) | (Case.hospital == mine.transfer_id),
            ~CasePart.there(Case.id),
        )
        found = [clue for clue in theirs if _meet(case, mine, clue.case, clue)]
        return [clue.case.id for clue in sorted(found, key=lambda clue: (clue.case.month != case.month, clue.case.id))[:MOST]]


def _meet(case, mine, other, theirs):
    """Whether the clues of two cases of one theme meet; one names the hospital of the other already."""
    same_band = mine.age_band == theirs.age_band
    if case.month == other.month:
        return bool(mine.age_band) and same_band
    each_other = mine.transfer_id == other.hospital_id and theirs.transfer_id == case.hospital_id
    return each_other and (same_band or not (mine.age_band and theirs.age_band))
