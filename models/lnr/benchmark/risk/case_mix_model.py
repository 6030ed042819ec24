"""Models of expected deaths: one person of the LNR's management proposes a file, another approves it, and only then it counts.

Until then there is no SMR. A model of invented children can be used in a demonstration only. Withdrawn, a model counts no more;
what a closed year was closed with stays in its report.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from peewee import BooleanField, CharField, Check, DateTimeField, ForeignKeyField, IntegrityError, Node, TextField

from models import access, clock
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import Refused, db, new_key
from models.lnr.benchmark.cell import UncountedYear
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.risk import model_file
from models.lnr.benchmark.statistics.casemix import RiskModel
from models.lnr.registry.closed_year import ClosedYear
from models.lnr.registry.registry_row import LnrRow
from models.typed_text import one_line
from settings import settings

LONGEST = 400  # letters of a reason
USED = "Er is al een model {}. Geef een ander model een nieuw versienummer."
TWO_PEOPLE = "NOT approved OR (decided_by_id IS NOT NULL AND decided_by_id <> proposed_by_id)"


class CaseMixModel(LnrRow):
    """One model. `text`: its file; `approved` None: nobody decided yet. The newest approved one is used."""

    key = CharField(max_length=22, unique=True, default=new_key)
    code = CharField(max_length=30, unique=True)
    text = TextField()
    proposed_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    proposed_at = DateTimeField()
    decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    approved = BooleanField(null=True)
    reason = TextField(default="")
    withdrawn_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    withdrawn_at = DateTimeField(null=True)
    withdrawal_reason = TextField(default="")

    class Meta:
        constraints = [Check(TWO_PEOPLE, "case_mix_model_two_people")]

    @classmethod
    def delivered_by(cls, hospital: Any) -> Node:
        return cls.approved  # by what its figures are judged is no secret

    def __str__(self):
        return self.parsed.name

    @property
    def parsed(self) -> RiskModel:
        return _parsed(self.text)

    @property
    def subject(self) -> str:
        return f"LNR-model {self.code}"

    @property
    def state(self) -> str:
        """'voorgesteld', 'afgewezen', 'goedgekeurd', 'vervangen' by a later one, or 'ingetrokken'."""
        if not self.approved:
            return "voorgesteld" if self.approved is None else "afgewezen"
        return "ingetrokken" if self.withdrawn_at else "vervangen" if self._replaced() else "goedgekeurd"

    def _replaced(self):
        at, number = CaseMixModel.decided_at, CaseMixModel.id
        later = (at > self.decided_at) | ((at == self.decided_at) & (number > self.id))
        return CaseMixModel.select().where(CaseMixModel.approved, later).exists()

    @classmethod
    def propose(cls, by: User, file: bytes, now: datetime | None = None) -> "CaseMixModel":
        """Propose the model of a file. Raises Refused for no model, one of invented children, or a code that was used."""
        access.demand(by, "oversee")
        if not file:
            raise Refused("Kies eerst een modelbestand.")
        model, now = model_file.read(file), now or clock.now()
        if model.invented and not settings.demo:
            raise Refused("Dit model is van verzonnen kinderen. Dat kan alleen in een demonstratie.")
        try:
            with db.atomic():
                made = cls.create(code=model.code, text=file.decode(), proposed_by=by, proposed_at=now)
                AuditEvent.log("lnr.model_propose", by=by, subject=made.subject, detail=f"SHA-256 {model.sha256}", at=now)
        except IntegrityError:
            raise Refused(USED.format(model.code)) from None
        return made

    @classmethod
    def demand_new(cls, code: str) -> None:
        """Raises Refused for a code that was used: `propose` would."""
        if cls.select().where(cls.code == code).exists():
            raise Refused(USED.format(code))

    def decide(self, by: User, approved: bool, reason: str = "", now: datetime | None = None) -> None:
        """Approve or reject, as a second person. Raises Refused for who proposed it, and for a model below the bounds."""
        access.demand(by, "oversee")
        now, reason = now or clock.now(), one_line(reason, LONGEST, "De reden")
        if by.id == self.proposed_by_id:
            raise Refused("Iemand anders van het LNR-beheer moet dit model beoordelen: niemand keurt het eigen voorstel goed.")
        if not approved and not reason:
            raise Refused("Schrijf erbij waarom het model wordt afgewezen.")
        if approved and (wrong := self.parsed.shortcomings):
            raise Refused(f"Dit model voldoet niet: {' '.join(wrong)}")
        told = {"approved": approved, "decided_by": by, "decided_at": now, "reason": reason}
        with db.atomic():
            if approved:
                HeldChange.demand_second(by, self.proposed_by, now)
            if not self._changed(CaseMixModel.decided_at.is_null(), told):
                raise Refused("Over dit model is al beslist.")
            AuditEvent.log(
                "lnr.model_decide",
                by=by,
                subject=self.subject,
                detail="goedgekeurd" if approved else f"afgewezen: {reason}",
                at=now,
            )
            if approved:
                _count_anew()

    def withdraw(self, by: User, reason: str = "", now: datetime | None = None) -> None:
        """Use an approved model no more, from now on; one person can do this. Raises Refused without a reason."""
        access.demand(by, "oversee")
        now, reason = now or clock.now(), one_line(reason, LONGEST, "De reden")
        if not reason:
            raise Refused("Schrijf erbij waarom het model wordt ingetrokken.")
        told = {"withdrawn_by": by, "withdrawn_at": now, "withdrawal_reason": reason}
        standing = CaseMixModel.approved & CaseMixModel.withdrawn_at.is_null()
        with db.atomic():
            if not self._changed(standing, told):
                raise Refused("Alleen een goedgekeurd model dat nog geldt kan worden ingetrokken.")
            AuditEvent.log("lnr.model_withdraw", by=by, subject=self.subject, detail=reason, at=now)
            _count_anew()

    def _changed(self, still, told):
        return CaseMixModel.update(told).where(CaseMixModel.id == self.id, still).execute()

    @classmethod
    def usable(cls, withdrawn: bool = False) -> list["CaseMixModel"]:
        """The approved models that were not withdrawn, the newest first; of invented children in a demonstration only.

        `withdrawn`: those that were too, for the reports of years that were closed with them.
        """
        query = cls.select().where(cls.approved).order_by(cls.decided_at.desc(), cls.id.desc())
        query = query if withdrawn else query.where(cls.withdrawn_at.is_null())
        return [one for one in query if settings.demo or not one.parsed.invented]

    @classmethod
    def standing(cls) -> "CaseMixModel | None":
        """The model by which open years are counted; None without one, and then there is no SMR.

        It is the newest that was approved. Where that was withdrawn none is: one that it replaced does not come back by itself.
        """
        newest = next(iter(cls.usable(withdrawn=True)), None)
        return newest if newest and not newest.withdrawn_at else None


@lru_cache(maxsize=8)
def _parsed(text):
    return model_file.read(text)


def _count_anew():
    """Have every open year reckoned by the model of now, within the transaction that changes which that is."""
    closed = ClosedYear.standing()
    for hospital, year in StayFact.select(StayFact.hospital, StayFact.year).distinct().order_by(StayFact.year).tuples():
        if year not in closed:
            UncountedYear.mark(hospital, year)
