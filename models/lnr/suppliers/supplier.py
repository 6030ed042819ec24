"""Makers of record systems that send messages for hospitals."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from peewee import CharField, Check, DateTimeField, IntegrityError, ModelSelect, Node

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, Refused, db
from models.lnr.registry.registry_row import LnrRow
from models.typed_text import one_line


class SupplierStatus(StrEnum):
    """How far a supplier is; only the third may send what counts."""

    AANGEMELD = "aangemeld"
    GETEST = "getest"
    TOEGELATEN = "toegelaten"
    GESCHORST = "geschorst"


STATUS_LABELS = {status: status.capitalize() for status in SupplierStatus}
STATUS_MEANING = {
    SupplierStatus.AANGEMELD: "mag testberichten sturen",
    SupplierStatus.GETEST: "heeft de scenario's doorlopen en wacht op toelating",
    SupplierStatus.TOEGELATEN: "mag ook productieberichten sturen",
    SupplierStatus.GESCHORST: "mag niets sturen",
}


SHORTEST, REASON = 3, 200  # letters of a reason
NO_NAME = "Geef de leverancier een naam van hoogstens 80 tekens."
# Why a step wants a reason, by the status before it.
WHY = {
    SupplierStatus.AANGEMELD: "Deze leverancier heeft de scenario's niet doorlopen. Schrijf op waarom de status toch zo wordt.",
    SupplierStatus.GESCHORST: "Deze leverancier is geschorst. Schrijf op waarom de schorsing eindigt.",
}


class Supplier(LnrRow):
    """One maker of software. One that stops is suspended: what it delivered stays."""

    name = CharField(max_length=80, unique=True)
    contact = CharField(max_length=254, default="")
    status = CharField(
        max_length=12,
        default=SupplierStatus.AANGEMELD,
        choices=list(STATUS_LABELS.items()),
        constraints=[Check("status IN ({})".format(", ".join(f"'{status}'" for status in SupplierStatus)))],
    )
    created_at = DateTimeField(default=clock.now)

    def __str__(self):
        return self.name

    @classmethod
    def delivered_by(cls, hospital: Any) -> Node:
        return NOBODY

    @classmethod
    def all_by_name(cls) -> ModelSelect:
        return cls.select().order_by(cls.name)

    @classmethod
    def named(cls, name: str) -> "Supplier | None":
        """The supplier of this name; None when there is none."""
        return cls.get_or_none(cls.name == " ".join(name.split()))

    @classmethod
    def enrol(cls, name: str, contact: str = "", by: User | None = None, now: datetime | None = None) -> "Supplier":
        """Register a supplier, for tests only until it is admitted. Raises Refused when the name is empty or taken."""
        _demand(by)
        name, contact = one_line(name, 80, "De naam van de leverancier"), one_line(contact, 254, "Het adres")
        if not name:
            raise Refused(NO_NAME)
        try:
            with db.atomic():
                supplier = cls.create(name=name, contact=contact, created_at=now or clock.now())
                AuditEvent.log("lnr.supplier", by=by, subject=f"Leverancier {name}", detail="aangemeld", at=now)
                return supplier
        except IntegrityError:
            raise Refused(f"Er is al een leverancier met de naam {name}.") from None

    def move(self, status: SupplierStatus, by: User | None = None, reason: str = "", now: datetime | None = None) -> None:
        """Bring the supplier to `status`; repeating it changes nothing. Its keys follow at their next message.

        A person who lets it past the scenarios gives a `reason`, which the trail keeps; else Refused.
        """
        _demand(by)
        if status not in set(SupplierStatus):
            raise Refused("Kies een van de vier statussen.")
        reason = one_line(reason, REASON, "De reden")
        with db.atomic():
            before = Supplier.get_by_id(self.id).status
            if by is not None and len(reason) < SHORTEST and _past_the_scenarios(before, status):
                raise Refused(WHY[before])
            moved = Supplier.update(status=status).where(Supplier.id == self.id, Supplier.status == before)
            if before != status and moved.execute():
                detail = f"naar {status}" + (f": {reason}" if reason else "")
                AuditEvent.log("lnr.supplier", by=by, subject=f"Leverancier {self}", detail=detail, at=now)
        self.status = status

    @property
    def meaning(self) -> Any:
        return STATUS_MEANING[self.status]


def _past_the_scenarios(before, status):
    """Whether this step is one that only the scenarios, or a decision with a reason, can bring."""
    ahead = (SupplierStatus.GETEST, SupplierStatus.TOEGELATEN)
    return status in ahead and before not in ahead


def _demand(by):
    # Nobody: the operator, at the command line.
    if by is not None:
        access.demand(by, "oversee")
