"""A form with answers in it: what is shown, what it adds up to, and what is still open. Pure.

A place names one field of a form: 'B3.0' is question B3, outside the repeated blocks.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any

from models.base import Refused
from models.forms.expression import evaluate, holds
from models.forms.form_structure import Block, Item, Structure

MOST_REPEATS = 10


def place(code: str, number: int = 0) -> str:
    """'B3.0': a question, in the repetition `number` of its block."""
    return f"{code}.{number}"


def sent_number(value: Any) -> int:
    """A repetition or revision that a page sent along, below 10^9. Raises Refused for anything else, '' among it."""
    if isinstance(value, str) and len(value) < 10 and value.isascii() and value.isdigit():
        return int(value)
    if not isinstance(value, int) or not 0 <= value < 10**9:
        raise Refused("Dit antwoord kwam niet goed aan. Ververs de pagina en probeer het opnieuw.")
    return value


class FilledForm(ABC):
    """What every form tells while it is being filled in: the places that are seen, and how far each section is."""

    @property
    @abstractmethod
    def sections(self) -> list:
        """The codes of the sections to list, in order."""

    @property
    @abstractmethod
    def shown(self) -> list:
        """The places that are to be seen."""

    @property
    @abstractmethod
    def wanted(self) -> Collection[str]:
        """The places that wait for a person or were answered: the 92 of '7 van 92 open'."""

    @property
    @abstractmethod
    def done(self) -> int:
        """How much of what must be there is there, in percent."""

    @abstractmethod
    def section_of(self, at: str) -> str:
        """The code of the section in which a place stands."""

    @abstractmethod
    def waiting(self) -> list:
        """[(place, why, sentence)] of what is still to be done. `why`: 'antwoord', 'toelichting' or 'tegenspraak'."""

    @property
    def still(self) -> int:
        """How many places something is still to be done at."""
        return len({at for at, _, _ in self.waiting()})

    @property
    def asked(self) -> int:
        """How many places wait for a person or were answered."""
        return len(self.wanted)

    def troubles(self, section: str) -> dict:
        """{place: {why, sentence}} of what is open in a section."""
        found = {}
        for at, why, sentence in self.waiting():
            if self.section_of(at) == section:
                before = found.get(at, {"sentence": ""})["sentence"]
                found[at] = {"why": why, "sentence": f"{before} {sentence}".strip()}
        return found

    def progress(self) -> dict:
        """{section: (open, asked)}, for the list of sections."""
        counts = {section: [0, 0] for section in self.sections}
        for at in self.wanted:
            counts[self.section_of(at)][1] += 1
        for at in {at for at, _, _ in self.waiting()}:
            counts[self.section_of(at)][0] += 1
        return {section: tuple(count) for section, count in counts.items()}


@dataclass(frozen=True)
class Given:
    """An answer as it is kept: the plain JSON, and the reason that a soft check asked for."""

    kept: object = None
    reason: str = ""


@dataclass(frozen=True)
class FormLine:
    """One question as it is shown, in the block's repetition `number` (0: the block is not repeated)."""

    item: Item
    block: Block
    number: int
    kept: object = None
    reason: str = ""

    @property
    def at(self) -> str:
        return place(self.item.code, self.number)

    @property
    def shown(self) -> str:
        """The answer for a person's eyes."""
        return self.item.shown(self.kept)


@dataclass(frozen=True)
class Open:
    """Why a line is not finished. `why`: 'antwoord', 'toelichting' (a soft check wants a reason) or 'tegenspraak'."""

    line: FormLine
    why: str
    sentence: str = ""


class Filled(FilledForm):
    """A questionnaire. `given`: (code, number) -> Given. What is hidden does not count, though it is kept."""

    def __init__(self, structure: Structure, given: Mapping[tuple[str, int], Given], today: date) -> None:
        self.structure, self.given, self.today = structure, given, today
        self.values, self.shows = {}, set()
        for code in structure.order:
            self._settle(structure.items[code], 0, self.values)
        self.local = {}
        for block in structure.blocks:
            for number in self.numbers(block) if block.per else ():
                self.local[block.code, number] = values = dict(self.values)
                for item in block.items:
                    values[item.code] = None
                for item in _after_another(block.items):
                    self._settle(item, number, values)

    def _settle(self, item: Item, number: int, values: dict[str, str | None]) -> None:
        block = self.structure.block_of[item.code]
        conditions = [node for node in (block.condition, item.condition) if node]
        values[item.code] = None
        if all(holds(node, values, self.today) for node in conditions):
            self.shows.add((item.code, number))
            values[item.code] = self._value(item, number, values)

    def _value(self, item: Item, number: int, values: Mapping[str, str | None]) -> Any:
        if item.formula:
            return evaluate(item.formula, values, self.today)
        given = self.given.get((item.code, number))
        return item.value(given.kept) if given else None

    def numbers(self, block: Block) -> range | tuple[int]:
        """The repetitions of a block: 0 alone when it is not repeated. As long as the number is not known, there is one."""
        if not block.per:
            return (0,)
        count = self.values.get(block.per)
        return range(1, 1 + (1 if count is None else max(0, min(int(count), MOST_REPEATS))))

    def values_at(self, item: Item, number: int) -> dict[str, str | None]:
        """All that the conditions of this question may look at."""
        return self.local[item.block, number] if number else self.values

    @cached_property
    def lines(self) -> list[FormLine]:
        """Everything that is shown, in order."""
        return [
            self._line(item, block, number)
            for block in self.structure.blocks
            for number in self.numbers(block)
            for item in block.items
            if (item.code, number) in self.shows
        ]

    @property
    def parts(self) -> list:
        """[(block, number, lines)] of all that is shown, for who reads it."""
        together = groupby(self.lines, key=lambda line: (line.block, line.number))
        return [(block, number, list(lines)) for (block, number), lines in together]

    def _line(self, item: Item, block: Block, number: int) -> FormLine:
        given = self.given.get((item.code, number), Given())
        kept = self.values_at(item, number)[item.code] if item.formula else given.kept
        return FormLine(item, block, number, kept, given.reason)

    @cached_property
    def violations(self) -> list:
        """(line, check) for each check that fails now."""
        return [
            (line, check)
            for line in self.lines
            for check in line.item.checks
            if holds(check.when, self.values_at(line.item, line.number), self.today)
        ]

    @cached_property
    def open(self) -> list[Open]:
        """What is still to be done before the questionnaire is complete."""
        missing = [Open(line, "antwoord") for line in self.lines if line.item.required and line.kept is None]
        for line, check in self.violations:
            if check.hard:
                missing.append(Open(line, "tegenspraak", check.sentence))
            elif not line.reason:
                missing.append(Open(line, "toelichting", check.sentence))
        return missing

    def waiting(self) -> list:
        return [(one.line.at, one.why, one.sentence) for one in self.open]

    @property
    def shown(self) -> list:
        return [line.at for line in self.lines]

    @cached_property
    def wanted(self) -> list[str]:
        waiting = {one.line.at for one in self.open}
        return [line.at for line in self.lines if line.at in waiting or not line.item.answer.computed]

    @property
    def sections(self) -> list:
        asked = {self.section_of(at) for at in self.wanted}
        return [block.code for block in self.structure.blocks if block.code in asked]

    def section_of(self, at: str) -> str:
        return self.structure.block_of[at.partition(".")[0]].code

    @property
    def done(self) -> int:
        required = sum(line.item.required for line in self.lines)
        return round(100 * max(0, required - self.still) / required) if required else 100


def _after_another(items: Any) -> Iterator[Item]:
    """The items of a repeated block, each after those of the block that it looks at."""
    left, known = list(items), set()
    mine = {item.code for item in items}
    while left:
        ready = [item for item in left if not (item.looks_at() & mine) - known] or left
        yield ready[0]
        known.add(ready[0].code)
        left.remove(ready[0])
