"""A form on the screen, whatever asks its questions: its sections with what is open, and the fields of one section."""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from hashlib import sha256

from werkzeug.datastructures import MultiDict

from models.forms.answer_kinds import within
from models.forms.answer_saving import SavedAnswer
from models.forms.filled_form import FilledForm
from models.forms.form_structure import AnswerFields

FEW = 7  # options that are shown all at once


def mark(kept) -> str:
    """A short word for an answer, with which a page tells whether its fields were touched."""
    return sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]


def parts_of(fields: MultiDict, at: str) -> dict:
    """{name: [text, …]} of the fields of one question in what a page sent; `at` begins their names."""
    return within({name: fields.getlist(name) for name in fields if name.startswith(at)}, at)


def named(parts: dict, at: str) -> MultiDict:
    """The opposite of `parts_of`."""
    return MultiDict((f"{at}.{part}" if part else at, text) for part, said in parts.items() for text in said)


@dataclass
class FormField:
    """One question of a page, and the common part of what templates/forms/field.html reads.

    `values`: what stands in its fields; `open`: {why, sentence} when something is to be done; `trouble`: a sentence why it
    was not saved; `clash`: the answer of a colleague.
    """

    question: AnswerFields
    at: str
    id: str
    kept: object = None
    revision: int = 0
    shown: bool = True
    open: dict | None = None
    values: MultiDict | None = None
    trouble: str = ""
    clash: object = None

    # What only some forms have.
    code = help = unit = range = reason = calculated = ""
    asks_reason = computed = takes_text = False
    inquiries = ()

    def __post_init__(self):
        if self.values is None:
            self.values = named(self.question.fields(self.kept), self.at)

    @property
    def kind(self):
        return self.question.answer

    @property
    def mark(self):
        return mark(self.kept)

    @property
    def many(self):
        """Whether the choice is among too many to show them all."""
        return False

    def read(self, fields):
        """What is kept of what a page sent. Raises Refused."""
        raise NotImplementedError

    @property
    def error(self):
        """What is wrong with what stands here."""
        return self.trouble or (self.open["sentence"] if self.open and self.open["why"] == "tegenspraak" else "")

    @property
    def rows(self):
        """The numbers of a list's rows: those with something in them and an empty one behind, or the rows that are given."""
        return self.kind.shown_rows(parts_of(self.values, self.at))


@dataclass(frozen=True)
class Step:
    """A section in the list of sections."""

    code: str
    title: str
    still: int
    asked: int

    @property
    def done(self):
        return self.still == 0


class FormPage(ABC):
    """A form as its screens show it; `filled` is what it says of itself."""

    filled: FilledForm
    version_key = ""  # of the version that the page shows

    @abstractmethod
    def has(self, section: str) -> bool:
        """Whether there is such a section."""

    @abstractmethod
    def title_of(self, section: str) -> str:
        """The name of a section."""

    @abstractmethod
    def fields(self, section: str, spare: bool = False) -> list[FormField]:
        """Every field of a section, hidden ones too; with `spare` those that may be asked for as well."""

    @abstractmethod
    def field(self, at: str) -> FormField:
        """The field at a place."""

    @abstractmethod
    def put(self, at: str, fields: MultiDict, seen: str, by, before=None, reason: str | None = None) -> SavedAnswer:
        """Keep what a page sent for this place. Raises EditConflict, or Refused."""

    @abstractmethod
    def _waiting(self) -> list:
        """[(section, id of the field, its name, sentence)] of what is open."""

    @property
    def steps(self):
        return [Step(code, self.title_of(code), *count) for code, count in self.filled.progress().items()]

    @property
    def following(self):
        """The first section with something open, or the first of all."""
        steps = self.steps
        return next((step for step in steps if step.still), steps[0])

    def around(self, section):
        """(the section before, the section after); None at the ends. One that is not shown leads to what is open."""
        steps = self.steps
        here = next((number for number, step in enumerate(steps) if step.code == section), None)
        if here is None:
            return None, self.following
        return (steps[here - 1] if here else None), (steps[here + 1] if here + 1 < len(steps) else None)

    @property
    def listed(self):
        """{section: [(id of the field, its name, sentence)]}, for the list of what is still open."""
        found = {}
        for section, *told in self._waiting():
            found.setdefault(section, []).append(told)
        return found

    def calculated(self, section):
        """{place: text} of what is calculated in a section."""
        return {}

    def shown(self, section):
        """The places of a section that are to be seen."""
        return [at for at in self.filled.shown if self.filled.section_of(at) == section]

    def state(self, section):
        """What a page of this section follows after each answer, for its script."""
        filled = self.filled
        return {
            "shown": self.shown(section),
            "calculated": self.calculated(section),
            "open": filled.troubles(section),
            "progress": filled.progress(),
            "still": filled.still,
            "asked": filled.asked,
            "done": filled.done,
        }
