"""Qualification: what a supplier's test messages made of the scenarios, and its admission."""

import json
from datetime import datetime
from typing import Any

from peewee import CharField, DateTimeField, ForeignKeyField, Node, TextField

from models import access, clock
from models.access import Role
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, Refused, db
from models.lnr.message.validation_report import ValidationReport
from models.lnr.registry.message import Message, Outcome
from models.lnr.registry.registry_row import LnrRow
from models.lnr.suppliers import scenarios
from models.lnr.suppliers.scenarios import SCENARIOS, ScenarioState
from models.lnr.suppliers.supplier import Supplier, SupplierStatus
from models.mail.outbox import Mail
from settings import settings


class QualificationAttempt(LnrRow):
    """The newest message of a supplier for one step, and what it said otherwise; a step that was done stays done."""

    supplier = ForeignKeyField(Supplier, backref="attempts", on_delete="RESTRICT")
    step = CharField(max_length=40)
    message = ForeignKeyField(Message, on_delete="RESTRICT")
    differences = TextField(default="[]")
    at = DateTimeField()

    class Meta:
        table_name = "lnr_attempt"
        indexes = ((("supplier", "step"), True),)

    @classmethod
    def delivered_by(cls, hospital: Any) -> Node:
        return NOBODY

    @classmethod
    def note(cls, message: Any, verdict: ValidationReport, now: datetime) -> None:
        """Hold a test message against the step that it is about, if any; who has done every step is tested.

        In the transaction in which the message is kept.
        """
        if message.outcome == Outcome.VEROUDERD or (one := scenarios.meant(verdict)) is None:
            return
        wrong = scenarios.differences(one, verdict)
        known = {cls.message: message.id, cls.differences: json.dumps(wrong, ensure_ascii=False), cls.at: now}
        fresh = cls.insert({cls.supplier: message.supplier_id, cls.step: one.example.name, **known})
        fresh.on_conflict(conflict_target=[cls.supplier, cls.step], update=known, where=cls.differences != "[]").execute()
        if not wrong and all(state == ScenarioState.GOED for _, state, _ in progress(message.supplier)):
            _tested(message.supplier, now)

    @property
    def wrong(self) -> list:
        """What differs, see `scenario.differences`; what was noted before it was told in English is Dutch there too."""
        rows = json.loads(self.differences)
        return [{"expected_en": row["expected"], "found_en": row["found"], **row} for row in rows]

    @property
    def state(self) -> ScenarioState:
        return ScenarioState.AFWIJKEND if self.wrong else ScenarioState.GOED


def progress(supplier: Supplier) -> list:
    """[(scenario, state, [(step, Attempt or None)])] of every scenario, in order."""
    query = (
        QualificationAttempt.select(QualificationAttempt, Message)
        .join(Message)
        .where(QualificationAttempt.supplier == supplier)
    )
    made = {attempt.step: attempt for attempt in query}
    steps = {one: [(step, made.get(step)) for step in one.steps] for one in SCENARIOS}
    return [(one, _state([attempt for _, attempt in done]), done) for one, done in steps.items()]


def _state(attempts):
    states = {attempt.state if attempt else ScenarioState.OPEN for attempt in attempts}
    return next((state for state in (ScenarioState.AFWIJKEND, ScenarioState.OPEN) if state in states), ScenarioState.GOED)


def counts() -> tuple[dict[Any, Any], int]:
    """{id of supplier: how many steps it has done}, and how many steps there are."""
    done = {}
    for (supplier,) in (
        QualificationAttempt.select(QualificationAttempt.supplier).where(QualificationAttempt.differences == "[]").tuples()
    ):
        done[supplier] = done.get(supplier, 0) + 1
    return done, len(scenarios.wanted())


def as_dict(supplier: Supplier) -> dict:
    """The same for the supplier's software."""
    reached = progress(supplier)
    return {
        "supplier": supplier.name,
        "status": str(supplier.status),
        "done": sum(state == ScenarioState.GOED for _, state, _ in reached),
        "of": len(reached),
        "scenarios": [
            {
                "scenario": one.name,
                "nl": one.nl,
                "en": one.en,
                "state": str(state),
                "steps": [
                    {
                        "step": number,
                        "example": step,
                        "state": str(attempt.state if attempt else ScenarioState.OPEN),
                        "delivery_id": attempt and attempt.message.key,
                        "differences": attempt.wrong if attempt else [],
                    }
                    for number, (step, attempt) in enumerate(steps, 1)
                ],
            }
            for one, state, steps in reached
        ],
    }


def _tested(supplier, now):
    if not _move(supplier, SupplierStatus.AANGEMELD, SupplierStatus.GETEST, now):
        return
    for person in User.with_role(Role.LNR_BEHEER):
        Mail.queue("lnr_tested", person, once=f"lnr_tested:{supplier.id}:{person.id}", now=now, supplier=supplier.id)


def admit(supplier: Supplier, by: User, now: datetime | None = None) -> None:
    """Let a supplier that did every scenario send what counts, and tell it. Repeating it changes nothing.

    Raises Refused when a scenario is not done yet, or the supplier was suspended.
    """
    access.demand(by, "oversee")
    now = now or clock.now()
    with db.atomic():
        if _move(supplier, SupplierStatus.GETEST, SupplierStatus.TOEGELATEN, now, by):
            if "@" in supplier.contact:
                Mail.queue_to("lnr_admitted", supplier.contact, now=now, supplier=supplier.id)
        elif Supplier.get_by_id(supplier.id).status != SupplierStatus.TOEGELATEN:
            raise Refused("Deze leverancier heeft nog niet alle scenario's goed doorlopen, of is geschorst.")


def _move(supplier, before, after, now, by=None):
    moved = Supplier.update(status=after).where(Supplier.id == supplier.id, Supplier.status == before).execute()
    if moved:
        AuditEvent.log("lnr.supplier", by=by, subject=f"Leverancier {supplier}", detail=f"naar {after}", at=now)
        supplier.status = after
    return bool(moved)


def _about_tested(mail):
    supplier = Supplier.get_by_id(mail.facts["supplier"])
    link = f"{settings.portal_url}/lnr/kwalificatie/{supplier.id}"
    return {"supplier": supplier.name, "link": link} if supplier.status == SupplierStatus.GETEST else None


def _about_admitted(mail):
    supplier = Supplier.get_by_id(mail.facts["supplier"])
    link = f"{settings.portal_url}/lnr/specificatie/"
    told = {"name": supplier.name, "supplier": supplier.name, "link": link, "portal_name": access.LNR_NAME}
    return told if supplier.status == SupplierStatus.TOEGELATEN else None


CONTEXTS = {"lnr_tested": _about_tested, "lnr_admitted": _about_admitted}
