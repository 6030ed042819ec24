"""A version of a questionnaire, read and understood: blocks, questions, and the order in which they depend on each other. Pure.

Whatever holds `code`, `title`, `label`, … as the rows of definition.py do can be read, also the lines of a spreadsheet.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from models.base import Refused
from models.forms.answer_kinds import OTHER, AnswerKind, first
from models.forms.expression import Node

REQUIRED = ("V", "V*", "O", "")  # always, when shown, optional; nothing for what is calculated


@dataclass(frozen=True)
class Check:
    """What may not be (`hard`), or only with a reason: when `when` holds, the person reads `sentence`."""

    hard: bool
    when: Node
    sentence: str


class AnswerFields(ABC):
    """Between the fields of a question, {name: [text, …]}, and its answer.

    `answer`: its kind.
    """

    answer: AnswerKind

    @property
    @abstractmethod
    def named(self) -> str:
        """How a sentence names the question: 'vraag B3'."""

    @abstractmethod
    def read(self, raw: Any, before: Any = None) -> Any:
        """What is kept of what was sent, None when it says nothing; `before` is what stood there. Raises Refused."""

    @abstractmethod
    def shown(self, kept: Any) -> str:
        """The kept answer for a person's eyes; empty for none."""

    @abstractmethod
    def other_of(self, kept: Mapping[str, str] | str) -> str | None:
        """The word of a kept answer that is none of its kind, such as 'onbekend'; None for an answer of its kind."""

    @abstractmethod
    def is_other_word(self, text: str) -> bool:
        """Whether this choice is none of the options."""

    def word_shown(self, word: str) -> str:
        """How people read such a word."""
        return word

    def fields(self, kept: Mapping[str, str] | str) -> dict:
        """The fields as this answer fills them."""
        if kept is None or self.answer.computed:
            return {}
        if (word := self.other_of(kept)) is not None:
            return {"" if self.answer.chosen else OTHER: [word]}
        return self.answer.fields(kept)

    def sent(self, parts: dict, before: Any = None) -> Any:
        """What these fields say, for `read`; `before` is what the page was showing. Raises Refused."""
        if self.answer.chosen:
            return self._chosen(parts)
        typed, other = self.answer.joined(parts), first(parts, OTHER)
        if not other or (typed and before is not None and self.other_of(before) == other):
            # Who types a number where 'onbekend' stood need not untick that as well.
            return typed
        if typed and (not isinstance(typed, str) or typed.strip()):
            raise Refused(f"U vulde iets in en koos ook '{self.word_shown(other)}'. Haal een van beide weg.")
        return {OTHER: other}

    def _chosen(self, parts: dict[Any, Any]) -> dict[str, Any] | str:
        chosen = [text for text in dict.fromkeys(parts.get("", ())) if text]
        others = [text for text in chosen if self.is_other_word(text)]
        if others and len(chosen) > 1:
            raise Refused(f"'{self.word_shown(others[0])}' kan niet samen met een ander antwoord.")
        return {OTHER: others[0]} if others else self.answer.joined(parts)


@dataclass(frozen=True)
class Item(AnswerFields):
    """One question. `others`: answers it takes besides those of its kind, such as 'onbekend'."""

    code: str
    block: str
    label: str
    help: str
    unit: str
    required: bool
    answer: AnswerKind
    others: tuple = ()
    condition: Node = None  # type: ignore[assignment]
    formula: Node = None  # type: ignore[assignment]
    checks: tuple = ()

    @property
    def named(self) -> str:
        return f"vraag {self.code}"

    @property
    def kind(self) -> str:
        return self.answer.kind

    @property
    def options(self) -> tuple[str, ...]:
        return self.answer.options

    def other_of(self, kept: Any) -> Any:
        return kept[OTHER] if is_other(kept) else None

    def is_other_word(self, text: Any) -> bool:
        return text in self.others

    def read(self, raw: Any, before: Any = None) -> dict[str, str] | str | None:
        """What is kept of `raw`; None empties the answer. Raises Refused with a sentence."""
        if isinstance(raw, dict) and set(raw) == {"anders"}:
            raw = raw["anders"]
            if raw not in self.others:
                raise Refused("Dit antwoord kan niet bij deze vraag.")
        # An option as it is written goes before another answer that differs from it by its capitals only.
        named = {} if raw in self.options else {other.casefold(): other for other in self.others}
        if isinstance(raw, str) and len(raw) < 200 and (other := named.get(" ".join(raw.split()).casefold())):
            return {"anders": other}
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        return self.answer.read(raw)

    def value(self, kept: Any) -> date | str | None:
        """The kept answer as conditions see it; 'onbekend' and its like are None."""
        return None if kept is None or is_other(kept) else self.answer.value(kept)

    def shown(self, kept: Any) -> str:
        """The kept answer for a person's eyes, with its unit; empty for no answer."""
        if kept is None:
            return ""
        if is_other(kept):
            return kept["anders"]
        return f"{self.answer.shown(kept)} {self.unit}".strip()

    def texts(self, kept: Mapping[str, str] | str | None) -> list[str]:
        """What was typed freely."""
        return [] if kept is None or is_other(kept) else self.answer.texts(kept)

    def looks_at(self) -> set[str]:
        """The codes that must be known before this question is."""
        return set().union(*(node.codes() for node in (self.condition, self.formula) if node))


def is_other(kept: Mapping[str, str] | str) -> bool:
    return isinstance(kept, dict) and "anders" in kept


@dataclass(frozen=True)
class Block:
    """A part of the questionnaire; with `per`, it is there once for each of the number that question `per` gives."""

    code: str
    title: str
    condition: Node = None  # type: ignore[assignment]
    per: str = ""
    items: tuple = ()


@dataclass(frozen=True)
class Anchor:
    """The day from which the document counts, and how it says later, earlier and the same day; {} is the number of days."""

    code: str
    later: str
    earlier: str
    same: str

    def says(self, days: Any) -> str:
        """'dag 3 postpartum'."""
        if days == 0:
            return self.same
        text = (self.later if days > 0 else self.earlier).replace("{}", str(abs(days)))
        return text.replace("1 dagen ", "1 dag ") if abs(days) == 1 else text


@dataclass(frozen=True)
class Structure:
    """The whole version. `order`: the codes outside repeated blocks, each after what it looks at."""

    blocks: tuple
    order: tuple
    anchors: tuple = ()

    @cached_property
    def items(self) -> Any:
        return {item.code: item for block in self.blocks for item in block.items}

    @cached_property
    def block_of(self) -> dict[str, Block]:
        return {item.code: block for block in self.blocks for item in block.items}

    @cached_property
    def checks(self) -> list:
        """Every check, with the item that it belongs to."""
        return [(item, check) for item in self.items.values() for check in item.checks]

    def touches(self, check: Any, code: str) -> bool:
        """Whether the check looks at this question, itself or through what is calculated from it."""
        return code in self.looked_at(check)

    def looked_at(self, check: Any) -> set[Any]:
        """Every code that the check looks at, itself or through what is calculated from it."""
        seen, waiting = set(), set(check.when.codes())
        while waiting:
            if (one := waiting.pop()) not in seen:
                seen.add(one)
                if formula := self.items[one].formula:
                    waiting |= formula.codes()
        return seen
