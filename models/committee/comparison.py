"""The forms of assessors side by side: what differs, and what differs so much that a third looks along."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models import access
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.committee.assessment import OTHER_THEME, Assessment
from models.committee.committee_form import NOT_JUDGED, CommitteeForm
from models.committee.meeting import IN_LESSONS
from models.committee.rules.committee_settings import FEWEST
from models.committee.treatment import Treatment
from models.forms.filled_form import FormLine
from models.forms.form_structure import Item, is_other
from models.questionnaires.definition.questionnaire import Version

NOT_THERE = "fase niet aan de orde"  # outside the scale of a phase
OVERALL, PHASES = "C10", tuple(f"C{number}" for number in range(1, 10))
ORDINAL = (*PHASES, OVERALL, "E1", "E2", "M9", "M14", "M17")
NOMINAL = ("B1", "B2", "B3", "B4", "D1", "D4", "D5", "M2", "M4", "M8")
ALWAYS_BIG = ("B1", "B2", "B4", "M2", "M4")  # which case it is, and of what
ACROSS = {OVERALL: 2, "E1": 1, "M9": 2}  # at which place of the scale a line runs
PHASES_APART = 2  # phases that differ by two steps, before that is big
NOT_YET = "De beoordelingen zijn nog niet allebei binnen: tot dan ziet niemand wat er staat."


@dataclass(frozen=True)
class Compared:
    """One question beside the answers of each assessor, in words."""

    item: Item
    answers: tuple
    differs: bool
    big: bool


@dataclass
class Comparison:
    """The forms that may be laid side by side, with their assessors in the order in which they were named."""

    treatment: Treatment
    assessments: list
    forms: list
    rows: list = field(default_factory=list)

    @classmethod
    def of(cls, treatment: Treatment, by: User) -> "Comparison":
        """Compare for who may see it; the first look of each person is in the trail. Raises Refused before both are in."""
        if not treatment.at_table(by):
            access.demand(by, "study", treatment.case.process)
        _demand_sight(treatment, by)
        (made,) = judged_together([treatment])
        AuditEvent.seen("treatment.compare", by, treatment.case)
        return made

    @classmethod
    def of_other_themes(cls, treatment: Treatment, by: User) -> list["Comparison"]:
        """What was handed in on the form of another theme, the latest first, for who may see what counts now."""
        _demand_sight(treatment, by)
        mine = (
            (Assessment.treatment == treatment) & (Assessment.ended_why == OTHER_THEME) & Assessment.handed_in_at.is_null(False)
        )
        rows = Assessment.select(Assessment, User).join(User, on=Assessment.assessor).where(mine)
        together: dict[datetime, list[Assessment]] = {}
        for row in rows.order_by(Assessment.ended_at.desc(), Assessment.third, Assessment.id):
            together.setdefault(row.ended_at, []).append(row)
        return [_side_by_side(treatment, found, _forms_of(found)) for found in together.values()]

    def _compared(self):
        filled = [form.filled() for form in self.forms]
        graded = self._graded
        apart = [code for code in PHASES if _steps(filled[: self.first], code) >= 2]
        known = {}
        for one in filled:
            known.update({line.item.code: line.item for line in one.lines if line.item.code not in known})
        for code, item in known.items():
            lines = [next((line for line in one.lines if line.item.code == code), None) for one in filled]
            answers = tuple(in_words(line) for line in lines)
            differs = len(set(answers[: self.first])) > 1
            yield Compared(item, answers, differs, graded and differs and self._is_big(code, filled[: self.first], apart))

    @property
    def first(self) -> int:
        """How many of them looked first, whose differences count: a third comes after."""
        return max(FEWEST, sum(not one.third for one in self.assessments))

    @property
    def _graded(self):
        """Whether the codes of its forms mean what this module knows of them. What weighs for LZA1, nobody has said yet."""
        return self.treatment.case.process in IN_LESSONS

    @staticmethod
    def _is_big(code, filled, apart):
        if code in ALWAYS_BIG:
            return True
        if code in ACROSS:
            places = [_place(one, code) for one in filled]
            return None not in places and (_steps(filled, code) >= 2 or len({at >= ACROSS[code] for at in places}) > 1)
        return code in apart and len(apart) >= PHASES_APART

    @property
    def big(self) -> list[Compared]:
        """What differs so much that it stops a hamerstuk."""
        return [row for row in self.rows if row.big]

    @property
    def third_wanted(self) -> bool:
        """Whether the portal proposes a third: a big difference, doubt about a tie, or a dossier that is not enough."""
        if not self._graded:
            return False
        doubts = [form.value("A4") == "nee" or str(form.value("A1")).startswith("twijfel") for form in self.forms]
        return len(self.forms) == self.first and (bool(self.big) or any(doubts))

    @property
    def formality(self) -> bool:
        """Whether the meeting can settle it without talk: all want that, and nobody doubts, asks or differs much.

        Nor is it of a theme that is always discussed.
        """
        if (
            not self._graded
            or len(self.forms) < 2
            or self.big
            or self.third_wanted
            or self.treatment.case.theme.always_discussed
        ):
            return False
        wishes = [(form.value("F6"), form.value("A4") == "nee", form.value("A6")) for form in self.forms]
        return all(wish == ("hamerstuk", False, None) for wish in wishes)

    @property
    def agrees(self) -> bool:
        """Whether the first chose the same wherever there is something to choose. Nobody has the same own words."""
        return not any(row.differs for row in self.rows if row.item.answer.chosen)


def judged(treatment: Treatment) -> Comparison:
    """The same for the verbs of the meeting, which ask for their own right; nothing of it is shown."""
    (made,) = judged_together([treatment])
    return made


def judged_together(treatments: Sequence[Treatment]) -> list[Comparison]:
    """The same of several, in this order and in a fixed number of queries."""
    people = Assessment.select(Assessment, User).join(User, on=Assessment.assessor)
    of_these = Assessment.treatment.in_([one.id for one in treatments]) & Assessment.ended_at.is_null()
    there: dict[int, list[Assessment]] = {one.id: [] for one in treatments}
    for row in people.where(of_these, Assessment.handed_in_at.is_null(False)).order_by(Assessment.third, Assessment.id):
        there[row.treatment_id].append(row)
    forms = _forms_of([row for rows in there.values() for row in rows])
    return [_side_by_side(treatment, there[treatment.id], forms) for treatment in treatments]


def _forms_of(rows):
    """{assessment id: its form}, with its version at hand; one query."""
    forms = CommitteeForm.select(CommitteeForm, Version).join(Version)
    return {form.assessment_id: form for form in forms.where(CommitteeForm.assessment.in_([row.id for row in rows]))}


def _side_by_side(treatment, rows, forms):
    made = Comparison(treatment, rows, [forms[row.id] for row in rows])
    made.rows = sorted(made._compared(), key=lambda row: (not row.big, not row.differs))
    return made


def scale_of(item: Item) -> list[str]:
    """The grades of an ordinal question in their order."""
    return [option for option in item.options if option != NOT_THERE]


def _demand_sight(treatment, by):
    fresh = Treatment.get_by_id(treatment.id)
    own = next((one for one in Assessment.of(treatment) if one.assessor_id == by.id), None)
    # A third who is still busy sees neither form.
    if fresh.compared_at is None or (own and not own.handed_in_at):
        raise Refused(NOT_YET)
    if not access.may(by, "review", treatment.case.process) and fresh.is_tied(by):
        raise Refused("U hebt een band met deze casus. U doet hier niet mee.")
    if not Case.select().where(Case.id == treatment.case_id, access.reach(Case, by)).exists():
        raise Refused("Deze casus is voor u niet (meer) in te zien.")


def _place(filled, code):
    value, item = filled.values.get(code), filled.structure.items.get(code)
    return scale_of(item).index(value) if item and value in scale_of(item) else None


def _steps(filled, code):
    """How many grades they lie apart; 0 where one of them gave none."""
    places = [_place(one, code) for one in filled]
    return max(places) - min(places) if len(places) >= FEWEST and None not in places else 0


def in_words(line: FormLine | None) -> str:
    """An answer as people read it."""
    kept: Any = line and line.kept
    if line is None or kept is None:
        return "–"
    if is_other(kept):
        return NOT_JUDGED if kept["anders"] == "onbekend" else kept["anders"]
    return line.shown
