"""The gate: does this case belong here? The first part of the questionnaire, asked before anything else.

The answers are the questionnaire's own. A 'nee' stops nobody: it says where the case belongs, and the doctor judges.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import clock
from models.accounts.user import User
from models.base import db
from models.cases.case import Case
from models.forms.filled_form import Filled
from models.questionnaires.definition.questionnaire import Questionnaire
from models.questionnaires.form import Form

YES_NO = "ja/nee"


@dataclass(frozen=True)
class Ask:
    """One question of the gate. `revision`: of the answer that is shown; `objection`: what a 'nee' has to say to it."""

    code: str
    label: str
    answer: str
    revision: int
    objection: str


@dataclass(frozen=True)
class Gate:
    """`asks` in their order; none when the coordinators took the first part out of the questionnaire."""

    title: str
    asks: tuple

    @property
    def answered(self) -> bool:
        return all(ask.answer for ask in self.asks)

    @property
    def objections(self) -> list:
        """Why the case may not belong here."""
        return [ask.objection for ask in self.asks if ask.objection]

    @classmethod
    def of(cls, case: Case, now: datetime | None = None) -> Any:
        """The gate of this case as it stands now; None when there is no questionnaire."""
        if form := Form.of(case):
            rows = form.rows()
            return cls._read(form.filled({place: row.given for place, row in rows.items()}, now), rows)
        questionnaire = Questionnaire.for_case(case, clock.today(now))
        version = questionnaire and questionnaire.in_force(clock.today(now))
        return cls._read(Filled(version.structure, {}, clock.today(now)), {}) if version else None

    @classmethod
    def _read(cls, filled, rows):
        first = filled.structure.blocks[0] if filled.structure.blocks else None
        lines = [line for line in filled.lines if line.block is first and line.item.answer.word == YES_NO and not line.number]
        against = {line.item.code: check.sentence for line, check in filled.violations if not check.hard}
        asks = [
            Ask(
                line.item.code,
                line.item.label,
                line.shown,
                row.revision if (row := rows.get((line.item.code, 0))) else 0,
                against.get(line.item.code, ""),
            )
            for line in lines
        ]
        return cls(first.title if first else "", tuple(asks))

    def answer(self, case: Case, by: User, given: Any, now: datetime | None = None) -> None:
        """Keep the answers in `given`, {code: (answer, revision seen)}, all or none. Raises Refused (also EditConflict)."""
        wanted = {code: given[code] for code in (ask.code for ask in self.asks) if given.get(code, ("",))[0]}
        with db.atomic():
            form = Form.start(case, by, now)
            for code, (answer, seen) in wanted.items():
                form.put(code, answer, by, seen, now=now)
