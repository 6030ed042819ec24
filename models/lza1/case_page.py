"""All that the page of one LZA1 case shows beyond what every case shows."""

from dataclasses import dataclass, field

from models.access import Process
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.case_colleague import CaseColleague
from models.cases.deadline import Deadline, DeadlineState
from models.cases.status import Status
from models.lza1.committee_steps import CommitteeStep, StepKind
from models.lza1.eligibility import Gate

ASKED = "De commissie heeft een vraag. Voeg uw antwoord als bestand toe en dien de melding opnieuw in."
TAKEN_UP = "De commissie LZA1 neemt de casus in behandeling. U hoeft niets te doen."
JUDGED = "De commissie LZA1 heeft de casus beoordeeld. Het oordeel staat hieronder."


@dataclass
class Matter:
    """Made by `of`, for one person at one case. `read`: step key -> who of the hospital read that verdict, and when first."""

    standing: DeadlineState
    gate: Gate | None
    steps: list
    kept_apart: bool
    may_read: bool
    may_name: bool
    named: list = field(default_factory=list)
    colleagues: list = field(default_factory=list)
    read: dict = field(default_factory=dict)

    def meaning(self, case: Case) -> str | None:
        """What the status means here, where LZA1 differs; None where it means what it always means."""
        if case.status == Status.GOEDGEKEURD:
            return JUDGED if self.verdicts else TAKEN_UP
        asked = case.status == Status.ONVOLLEDIG and any(step.at == case.status_since for step in self.questions)
        return ASKED if asked else None

    @property
    def questions(self) -> list:
        return [step for step in self.steps if step.kind == StepKind.VRAAG]

    @property
    def verdicts(self) -> list:
        return [step for step in self.steps if step.kind == StepKind.OORDEEL]

    @classmethod
    def of(cls, case: Case, by: User) -> "Matter | None":
        """The matter of `case` as `by` may see it; None for a case of another process."""
        if case.process != Process.LZA1:
            return None
        steps, kept_apart, may_name = CommitteeStep.of_case(case), case.kept_apart, case.may_name(by)
        named = CaseColleague.people(case)
        return cls(
            standing=Deadline.standings([case])[case.id],
            gate=Gate.of(case) if case.may_add else None,
            steps=steps,
            kept_apart=kept_apart,
            may_name=may_name,
            may_read=by.hospital_id is None or case.entrusts(by),
            named=named,
            colleagues=case.colleagues(named) if may_name else [],
            read=_receipts(case) if steps else {},
        )


def _receipts(case):
    """{step key: [(name, moment)]}: who of the hospital read a verdict, each once, the first first."""
    found = {}
    reads = AuditEvent.of_case(case).where(AuditEvent.action == "verdict.read", User.hospital.is_null(False))
    for event in reads:
        people = found.setdefault(event.detail, {})
        people.setdefault(event.actor.name, event.at)
    return {key: list(people.items()) for key, people in found.items()}
