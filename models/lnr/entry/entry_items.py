"""Between the fields of an item and its value as message_writer.py takes it. Pure; made from the definition alone.

The kinds of answers are those of every form; what is kept here is plain JSON in the shape of a message's value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from models import clock
from models.base import Refused
from models.forms.answer_kinds import (
    OTHER,
    AnswerKind,
    ChoiceAnswer,
    NumberAnswer,
    Several,
    Text,
    WeeksAnswer,
    YesNoAnswer,
    first,
)
from models.forms.date_answers import DateTimeAnswer, Day
from models.forms.form_structure import AnswerFields
from models.lnr.dataset import moment, wording
from models.lnr.dataset.definition import AGB, BSN, NULL_FLAVOUR, NULLS, PERINED, URA, Definition, Element, definition
from models.lnr.message import display
from models.typed_text import tidy

TEXT = "tekst"  # the field for what 'anders' is
UNKNOWN = "UNK"
LONGEST_TEXT, LONGEST_NUMBER = 500, 64
LARGEST = 999_999  # of any number; what is likely is for the rules
PEOPLE = (("", "Patiëntnummer"), (BSN, "Burgerservicenummer (BSN)"))
INSTITUTIONS = ((AGB, "AGB-code"), (URA, "URA-nummer"), (PERINED, "Perined-nummer"))


def typed(item: Element, of: Definition | None = None) -> "EntryItem":
    """How this item is typed."""
    return (WeeksItem if item.unit == "d" else ITEMS.get(item.type, EntryItem))(item, of or definition())


def is_null(kept: Any) -> bool:
    """Whether this says that, and why, there is no value."""
    kept = kept[0] if isinstance(kept, list) and kept else kept
    return isinstance(kept, dict) and "null" in kept


@dataclass(frozen=True)
class Line(Text):
    """Text on one line, as an attribute of a message holds it."""

    limit: int = LONGEST_TEXT

    def read(self, raw: Any) -> Any:
        return _line(raw, self.limit)


class EntryItem(AnswerFields):
    """An item of the dataset as somebody types it; this one is text. `others`: [(null flavour, word)] that may be chosen."""

    def __init__(self, item, of):
        self.item, self.of = item, of
        self.others = [(UNKNOWN, wording.NULL_WORDS[UNKNOWN][0])] if item.nullable else []

    @cached_property
    def answer(self) -> AnswerKind:
        return Line(limit=int(self.item.high) if self.item.type == "tekst" and self.item.high else LONGEST_TEXT)

    @property
    def named(self) -> str:
        return f"‘{self.item.nl}’"

    def read(self, parts: Mapping[str, list[str]], before: Any = None) -> Any:
        raw = self.sent(parts, before)
        if isinstance(raw, dict):
            return self._null(raw[OTHER])
        value = None if raw in ("", []) else self.answer.read(raw)
        kept = None if value is None else self._kept(value, parts, before)
        return [kept] if kept is not None and self.item.repeats and not isinstance(kept, list) else kept

    def fields(self, kept: Any) -> dict[Any, Any]:
        kept = kept[0] if self.item.repeats and isinstance(kept, list) and kept and not self.answer.chosen else kept
        return super().fields(kept)

    def shown(self, kept: Any) -> str:
        return "" if kept is None else display.text(self.item, kept)

    def others_for(self, kept: Any) -> Any:
        """The reasons to offer: 'onbekend', and another one that a message already gave."""
        given = self.other_of(kept) or UNKNOWN
        return self.others + [(given, wording.NULL_WORDS[given][0])] * (given != UNKNOWN)

    def other_of(self, kept: Any) -> Any:
        kept = kept[0] if isinstance(kept, list) and kept else kept
        return kept["null"] if is_null(kept) else None

    def is_other_word(self, text: str) -> bool:
        return text not in self.answer.options

    def word_shown(self, word: Any) -> Any:
        return wording.NULL_WORDS.get(word, ("dit",))[0]

    def _null(self, flavour):
        if flavour not in NULLS or not self.item.nullable:
            raise Refused("Dit antwoord kan hier niet.")
        return [{"null": flavour}] if self.item.repeats else {"null": flavour}

    def _kept(self, value, parts, before):
        """The value as a message has it, of what the kind of answer keeps."""
        return value


@dataclass(frozen=True)
class PostcodeDigits(Text):
    """The four digits of a postcode; its letters are not kept."""

    limit: int = 7

    def read(self, raw: Any) -> Any:
        text = _line(raw, 20)
        if text and not (len(digits := text[:4]) == 4 and digits.isascii() and digits.isdigit() and digits[0] != "0"):
            raise Refused("Vul de vier cijfers van de postcode in, bijvoorbeeld 3511.")
        return text and digits


class PostcodeItem(EntryItem):
    answer = PostcodeDigits()


class NumberItem(EntryItem):
    @cached_property
    def answer(self) -> NumberAnswer:
        return NumberAnswer(least=-LARGEST, most=LARGEST, places=0 if self.item.type == "geheel" else 6)

    def _kept(self, value, parts, before):
        return int(value) if value == int(value) else value


class WeeksItem(EntryItem):
    """A number of days that people tell in weeks and days."""

    answer = WeeksAnswer(most=99)

    def fields(self, kept: Any) -> Any:
        told = kept is None or self.other_of(kept) is not None
        return super().fields(kept if told else "{}+{}".format(*divmod(int(kept), 7)))

    def _kept(self, value, parts, before):
        weeks, days = value.split("+")
        return 7 * int(weeks) + int(days)


class DayItem(EntryItem):
    answer = Day()


@dataclass(frozen=True)
class RecordedMoment(DateTimeAnswer):
    """A day, with a time as far as it is known."""

    def fields(self, kept: Any) -> dict:
        day, _, time = by_the_clock(kept).partition("T")
        return {"dag": Day().fields(day)[""], "tijd": [time[:5]]}

    def read(self, raw: Any) -> Any:
        return f"{DateTimeAnswer.read(self, raw)}:00" if " " in raw else Day().read(raw)


class MomentItem(EntryItem):
    answer = RecordedMoment()


class YesNoItem(EntryItem):
    answer = YesNoAnswer(options=("true", "false"), labels=("ja", "nee"))

    def fields(self, kept: Any) -> Any:
        return super().fields(str(kept).lower() if isinstance(kept, bool) else kept)

    def _kept(self, value, parts, before):
        return value == "true"


class CodedItem(EntryItem):
    """A code, or several, of the item's lists. 'Anders' takes a text."""

    @cached_property
    def answer(self) -> ChoiceAnswer | Several:
        codes = [code for code in self.of.choices(self.item) if not self._is_null(code)]
        known = {"options": tuple(code.code for code in codes), "labels": tuple(code.nl for code in codes)}
        return Several(**known) if self.item.repeats else ChoiceAnswer(**known)

    @property
    def takes_text(self) -> bool:
        return "OTH" in self.answer.options

    def fields(self, kept: Any) -> dict:
        said = kept if isinstance(kept, list) else [] if kept is None else [kept]
        text = [one.get("text") or "" for one in said if isinstance(one, dict) and "code" in one]
        return {"": [_code(one) for one in said], **({TEXT: text} if text else {})}

    def _kept(self, value, parts, before):
        chosen = self.answer.joined(parts) if self.item.repeats else [value]  # in the order of the message
        if self.item.max and len(chosen) > self.item.max:
            raise Refused(f"Kies hoogstens {self.item.max}.")
        text = _line(first(parts, TEXT), LONGEST_TEXT)
        kept = [{"code": code, **({"text": text} if text else {})} if code == "OTH" else code for code in chosen]
        return kept if self.item.repeats else kept[0]

    def _is_null(self, code):
        return self.item.nullable and code.system == NULL_FLAVOUR and code.code in NULLS


@dataclass(frozen=True)
class Numbers(AnswerKind):
    """Numbers by kind: those of people, or those of an institution. `kinds`: (root, label) of each of the fields."""

    word = "nummers"
    kinds: tuple = ()

    def fields(self, kept: Any) -> dict:
        known = {root: str(at) for at, (root, _) in enumerate(self.kinds)}
        return {known.get(root, "0"): [number] for root, number in kept}

    def joined(self, parts: Any) -> Any:
        return [[root, number] for at, (root, _) in enumerate(self.kinds) if (number := first(parts, str(at)))]

    def read(self, raw: Any) -> Any:
        return [[root, number] for root, typed_in in raw if (number := _line(typed_in, LONGEST_NUMBER))] or None


class NumbersItem(EntryItem):
    """A root that a message gave stays with its number."""

    @cached_property
    def answer(self) -> Numbers:
        return Numbers(kinds=PEOPLE if self.item.identifying else INSTITUTIONS)

    def fields(self, kept: Any) -> dict[Any, Any]:
        return AnswerFields.fields(self, kept)

    def _kept(self, value, parts, before):
        roots = {} if is_null(before) else {number: root for root, number in before or ()}
        return [[roots.get(number, "") if root == "" else root, number] for root, number in value]


class ReferenceItem(EntryItem):
    """The row of a problem in the same part; `group.row` names it."""

    @cached_property
    def answer(self) -> "RowChoice":
        return RowChoice(limit=LONGEST_NUMBER)


@dataclass(frozen=True)
class RowChoice(Line):
    word = "verwijzing"


ITEMS = {
    "janee": YesNoItem, "code": CodedItem, "geheel": NumberItem, "getal": NumberItem, "moment": MomentItem, "datum": DayItem,
    "nummer": NumbersItem, "postcode": PostcodeItem, "verwijzing": ReferenceItem,
}  # fmt: skip


def by_the_clock(kept: str) -> str:
    """'2026-03-05T14:20:00' by the Dutch clock, of a moment of a record or of a message; a day stays a day."""
    read = moment.read(kept)
    return clock.local(read.first).strftime("%Y-%m-%dT%H:%M:%S") if "T" in kept else read.day.isoformat()


def _code(one):
    return (one.get("null") or one["code"]) if isinstance(one, dict) else one


def _line(text, limit):
    """Text on one line; None when there is nothing."""
    return " ".join(tidy(text, limit).split()) or None
