"""Three-valued logic for problems: present, absent or not known, and why (see `derived.csv` and `derived_reasons.csv`).

A problem counts when its status is 'confirmed present'. Suspected is no event, and is counted apart. A row without a usable
status, or without a name, leaves open whatever it could be. 'No' comes from an answer, never from silence.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.lnr.message.message_reader import Scope


class Why(StrEnum):
    """Why a value is not known, does not apply, or is 'no' though something was suspected: a row of `derived_reasons.csv`."""

    SECTION = "section"
    STATUS = "status"
    NAME = "name"
    GRADE = "grade"
    COMMITTEE = "committee"
    INPUT = "input"
    PERIOD = "period"
    ONSET = "onset"
    SCREENING = "screening"
    ELSEWHERE = "elsewhere"
    NOT_REACHED = "not_reached"
    NOT_YET = "not_yet"
    NOT_DUE = "not_due"
    NONE = "none"
    SUSPECTED = "suspected"


@dataclass(frozen=True)
class Told:
    """A value that is known, with what has to be said about it."""

    value: object
    why: Why


class Occurrence:
    """One row of problems. `state`: 'confirmed', 'suspected', 'absent', or None when no usable status was sent.

    `words`: the meaning of its code; `named`: whether it says what the problem is.
    """

    def __init__(self, row: Scope, code: str, status: str) -> None:
        sent, said = row.sent(code), row.means(status)
        self.row, self.words = row, row.means(code)
        self.named = sent is not None and sent.known is not None and sent.null is None
        self.state = next((word for word in ("absent", "suspected", "confirmed") if word in said), None)
        if "suspected" in self.words and self.state != "absent":
            self.state = "suspected"  # a code that says so itself is never an event

    @property
    def open(self) -> bool:
        """Whether it may be an event without being surely one."""
        return self.state is None or (self.state == "confirmed" and not self.named)


class Problems:
    """What a stay says in one part, or in more parts that say the same: `parts` are (group, code, status, question)."""

    def __init__(self, stay: Scope, *parts: tuple[str, str, str, str]) -> None:
        self.found = [Occurrence(row, code, status) for group, code, status, _ in parts for row in stay.each(group)]
        self.asked = [stay.sent(question) for _, _, _, question in parts]

    def of(self, word: str) -> list[Occurrence]:
        """The rows about a problem with this word of meaning."""
        return [one for one in self.found if word in one.words]

    @property
    def nameless(self) -> Why | None:
        """NAME when a row does not say what it is about, and may be anything."""
        return Why.NAME if any(one.open and not one.named for one in self.found) else None

    def has(self, word: str) -> Any:
        """Whether this problem was there: True, False (Told when suspected) or Why."""
        mine = self.of(word)
        if any(one.state == "confirmed" for one in mine):
            return True
        if any(one.state is None for one in mine):
            return Why.STATUS
        return self.nameless or self.without(mine)

    def without(self, mine: list[Occurrence], no: int = False) -> Any:
        """`no`, when that was answered; `mine`: the rows that speak of the problem, of which none is an event.

        A row about something else is a 'no' of this problem only where the question above it was answered.
        """
        if any(one.state == "suspected" for one in mine):
            return Told(no, Why.SUSPECTED)
        answers = [sent.value for sent in self.asked if sent is not None]
        unknown = any(sent is not None and sent.null is not None for sent in self.asked)
        others = any(one.named and one.state != "absent" for one in self.found)
        if mine or False in answers or (others and True in answers and not unknown):
            return no
        return Why.NAME if True in answers and not others else Why.SECTION


class Graded:
    """A problem with grades. `grade` gives the number of a row from its words, None where it says none."""

    def __init__(self, problems: Problems, word: str, grade: Callable) -> None:
        self.problems, self.mine = problems, problems.of(word)
        self.grades = {one: grade(one.words) for one in self.mine}
        sure = [number for one, number in self.grades.items() if one.state == "confirmed" and number is not None]
        self.top = max(sure, default=None)

    def doubt(self, least: int) -> Why | None:
        """Why this grade or a higher one is not excluded, though it was not confirmed; None when it is."""
        for one, number in self.grades.items():
            may_be = number >= least if number is not None else self.top is None
            if may_be and one.state is None:
                return Why.STATUS
            if may_be and one.state == "confirmed" and number is None:
                return Why.GRADE
        return self.problems.nameless


def highest(words: Collection[str], prefix: str) -> int | None:
    """The highest number behind this prefix among words such as 'rop3'; None without any."""
    found = [int(word[len(prefix) :]) for word in words if word.startswith(prefix) and word[len(prefix) :].isdigit()]
    return max(found, default=None)


def split(found: dict) -> tuple[dict, dict]:
    """({name: value or None}, {name: reason}) of what was derived; JSON can hold both."""
    told = {name: one.value if isinstance(one, Told) else one for name, one in found.items()}
    reasons = {
        name: str(one.why if isinstance(one, Told) else one) for name, one in found.items() if isinstance(one, Why | Told)
    }
    return {name: None if isinstance(one, Why) else one for name, one in told.items()}, reasons
