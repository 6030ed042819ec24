"""Legal hold: a case of which nothing is destroyed, whatever its terms say, until somebody lifts it (bewaarplicht)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from peewee import SQL, DateTimeField, Field, ForeignKeyField, IntegrityError, Node, fn

from models import access, clock
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, PartOf, Record, Refused, db
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.encrypted_fields import SealedField
from models.typed_text import required

LONGEST = 300
ERASED = "De inhoud van deze melding is al vernietigd. Er is niets meer om te bewaren."


class Lifted:
    """What every hold knows of its end: one person asks for it, and a second one agrees.

    A hold says who sees to it (`_demand_keeper`), and what the trail calls what is done to it (`_note`).
    """

    _demand_keeper: Callable[[User], None]
    _note: Callable[[str, User, datetime], None]
    id: Any
    number: Any
    lifted_at: Any
    lift_asked_at: Any

    def __str__(self):
        return f"bewaarplicht van {self.number}"

    @property
    def state(self) -> str:
        """'geldt', 'opheffen gevraagd' or 'opgeheven'."""
        return "opgeheven" if self.lifted_at else "opheffen gevraagd" if self.lift_asked_at else "geldt"

    @classmethod
    def open(cls) -> Node:
        """Which of them stand, as an expression."""
        return cls.lifted_at.is_null()

    def ask_to_lift(self, by: User, now: datetime | None = None) -> None:
        """Ask that the terms count again: what they destroy then cannot come back, so that a second person confirms it."""
        self._demand_keeper(by)
        now = now or clock.now()
        with db.atomic():
            self._change(type(self).lift_asked_at.is_null(), "Dit is al gevraagd.", lift_asked_by=by, lift_asked_at=now)
            self._note("ask_lift_hold", by, now)

    def lift(self, by: User, now: datetime | None = None) -> None:
        """Let the terms count again, as a second person. Raises Refused for who asked, and when nobody did."""
        self._demand_keeper(by)
        model: Any = type(self)
        now, asked_by = now or clock.now(), model.get_by_id(self.id).lift_asked_by
        if asked_by == by:
            raise Refused("Iemand anders moet dit bevestigen: niemand heft alleen een bewaarplicht op.")
        with db.atomic():
            asked = (model.lift_asked_by == asked_by) & model.lift_asked_at.is_null(False)
            self._change(asked, "Vraag eerst om deze bewaarplicht op te heffen.", lifted_by=by, lifted_at=now)
            HeldChange.demand_second(by, asked_by, now)
            self._note("lift_hold", by, now)

    def keep(self, by: User, now: datetime | None = None) -> None:
        """Do not lift it after all; who asked may do this too."""
        self._demand_keeper(by)
        with db.atomic():
            nobody = {"lift_asked_by": None, "lift_asked_at": None}
            self._change(type(self).lift_asked_at.is_null(False), "Niemand vraagt dit nu.", **nobody)
            self._note("keep_hold", by, now or clock.now())

    def _change(self, expected, otherwise, **changes):
        model = type(self)
        if model.update(changes).where(model.id == self.id, model.open(), expected).execute():
            return
        lifted = model.get_by_id(self.id).lifted_at
        raise Refused("Deze bewaarplicht is al opgeheven." if lifted else otherwise)


class LegalHold(Lifted, PartOf, Record):
    """One hold on one case, with the reason; at most one stands at a time. A beheerder sees its number, and not the case."""

    case = ForeignKeyField(Case, backref="holds", on_delete="RESTRICT")
    reason = SealedField()
    placed_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    placed_at = DateTimeField()
    lifted_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    lifted_at = DateTimeField(null=True)
    lift_asked_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    lift_asked_at = DateTimeField(null=True)

    @property
    def number(self) -> str:
        return self.case.number

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def on(cls, key: Field) -> Node:
        """Whether a hold stands on the case with this number or on its whole, as an expression.

        `key` is a column of another table.
        """
        whole = cls.select(SQL("1")).join(CasePart, on=CasePart.whole == cls.case).where(CasePart.case == key, cls.open())
        return fn.EXISTS(cls.select(SQL("1")).where(cls.case == key, cls.open())) | fn.EXISTS(whole)

    @classmethod
    def of(cls, case: Case) -> "LegalHold | None":
        """The hold that stands on this case or on its whole, with who placed it."""
        here = (cls.case == case) | cls.case.in_(CasePart.select(CasePart.whole).where(CasePart.case == case))
        return cls.select(cls, User).join(User, on=cls.placed_by).where(here, cls.open()).order_by(cls.id).first()

    @classmethod
    def on_any(cls, cases: Sequence[Case]) -> set[int]:
        """The numbers of those of these cases on which, or on whose whole, a hold stands."""
        numbers = [case.id for case in cases]
        wholes = dict(CasePart.select(CasePart.case, CasePart.whole).where(CasePart.case.in_(numbers)).tuples())
        query = cls.select(cls.case).where(cls.case.in_([*numbers, *wholes.values()]), cls.open())
        held = {number for (number,) in query.tuples()}
        return {number for number in numbers if held & {number, wholes.get(number)}}

    @classmethod
    def place(cls, case: Case, by: User, reason: str, now: datetime | None = None) -> "LegalHold":
        """Destroy nothing of this case from now on. Raises Refused for the second time, and once its content is gone."""
        access.demand(by, "curate", case.process)
        reason, now = (
            required(reason, LONGEST, "De reden", "Vul in waarom deze melding bewaard moet blijven."),
            now or clock.now(),
        )
        with db.atomic():
            if Case.held(case.id).erased_at:
                raise Refused(ERASED)
            try:
                with db.atomic():
                    placed = cls.create(case=case, reason=reason, placed_by=by, placed_at=now)
            except IntegrityError:
                raise Refused("Voor deze melding geldt al een bewaarplicht.") from None
            placed._note("hold", by, now)
        return placed

    @classmethod
    def place_on(cls, number: str, by: User, reason: str, now: datetime | None = None) -> "LegalHold":
        """The same by the number of the case, for who sees no cases."""
        access.demand(by, "curate")
        case = Case.get_or_none(Case.number == number.strip().upper(), Case.process.in_(access.processes(by, "curate")))
        if case is None:
            raise Refused("Er is geen melding met dit nummer.")
        return cls.place(case, by, reason, now)

    def _demand_keeper(self, by: User) -> None:
        access.demand(by, "curate", self.case.process)

    def _note(self, act: str, by: User, now: datetime) -> None:
        AuditEvent.log(f"case.{act}", by=by, case=self.case, at=now)


LegalHold.add_index(LegalHold.index(LegalHold.case, unique=True, where=SQL("lifted_at IS NULL"), name="legal_hold_standing"))


def keeps_its_parts(whole: Case) -> None:
    """A hold covers the parts of its case: else one coordinator would take from it what two people must agree to."""
    if LegalHold.of(whole):
        raise Refused(f"Voor {whole.number} geldt een bewaarplicht, ook voor dit deel. Hef die eerst op.")
