"""What kind of answer a question takes: how what a person gave is read, kept and shown. Pure.

A kept answer is plain JSON. {"anders": "onbekend"} is an answer too, and another one than no answer at all.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from re import Match
from typing import Any

from models.base import Refused
from models.dutch import plural
from models.forms.expression import NUMBER, SET, TEXT
from models.typed_text import tidy

UNKNOWN = "onbekend"
OTHER = "anders"  # the field for an answer besides those of the kind
TIME = "tijd"

NUMBER_FORM = re.compile(r"(-?\d{1,9})(?:[.,](\d{1,9}))?", re.A)
THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d{1,9})?", re.A)
EITHER_WAY = re.compile(r"(-?[1-9]\d{0,2})[.,](\d{3})", re.A)


def decimal(value: Any) -> str:
    """'12,5': a number as the Dutch write it, without needless zeros."""
    return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")


def typed_number(text: str, whole: bool) -> Match | None:
    """A match of NUMBER_FORM with a number as somebody typed it, None when it is none.

    '1.000' is a thousand where whole numbers are asked. Raises Refused where it may as well be one and no thousandths:
    a thousandfold of blood is not for us to guess.
    """
    either = EITHER_WAY.fullmatch(text)
    if either and (("," in text) if whole else ("." in text)):
        fraction = decimal(float(f"{either[1]}.{either[2]}"))
        raise Refused(
            f"Bedoelt u {either[1]}{either[2]} of {fraction}? Schrijf een groot getal zonder punt of komma"
            + ("." if whole else ", en zet een komma voor de decimalen.")
        )
    return NUMBER_FORM.fullmatch(text.replace(".", "") if THOUSANDS.fullmatch(text) else text)


def first(parts: dict, part: str = "") -> str:
    """The text in one field of `parts` ({name: [text, …]}), without spaces around it; empty when it is not there."""
    return (parts.get(part) or [""])[0].strip()


def within(parts: dict, start: str) -> dict:
    """The fields whose names begin with `start`, by the rest of their names."""
    return {name[len(start) + 1 :]: said for name, said in parts.items() if name == start or name.startswith(f"{start}.")}


@dataclass(frozen=True)
class AnswerKind(ABC):
    """The common part. `kind` is what the language of conditions sees; `options` the texts it may be compared with.

    An answer is typed in fields by name, {name: [text, …]}; '' is the only field of most kinds.
    """

    kind = TEXT
    word = ""
    computed = False
    free_text = False
    chosen = False  # from a list, in which any other answer stands as well
    options: tuple = ()
    labels: tuple = ()  # how people read the options, where that differs

    @property
    def choices(self) -> list:
        """[(option, how people read it)]"""
        return list(zip(self.options, self.labels or self.options, strict=True))

    def fields(self, kept: Any) -> dict:
        """The fields as this kept answer fills them."""
        return {"": [kept]}

    def joined(self, parts: dict) -> str:
        """What these fields say together, for `read`. Raises Refused."""
        return (parts.get("") or [""])[0]

    @abstractmethod
    def read(self, raw: Any) -> Any:
        """What is kept of `raw`, None when it says nothing. Raises Refused with a sentence."""

    def value(self, kept: Any) -> str:
        """The kept answer as the language of conditions sees it."""
        return kept

    def shown(self, kept: str) -> str:
        """The kept answer for a person's eyes."""
        return str(kept)

    def texts(self, kept: Any) -> list[str]:
        """What was typed freely."""
        return [kept] if self.free_text else []


class ChoiceAnswer(AnswerKind):
    """One of the options."""

    word = "keuze"
    chosen = True

    def joined(self, parts: Any) -> Any:
        texts = [text for text in dict.fromkeys(parts.get("", ())) if text]
        return texts if len(texts) > 1 else "".join(texts)

    def read(self, raw: Any) -> Any:
        text = tidy(raw, 200)
        if text and text not in self.options:
            raise Refused("Dit antwoord staat niet in de lijst. Kies een van de antwoorden.")
        return text or None


class YesNoAnswer(ChoiceAnswer):
    word = "ja/nee"


@dataclass(frozen=True)
class Several(AnswerKind):
    """Any of the options; an option in `alone` excludes the others."""

    kind = SET
    word = "meer"
    chosen = True
    alone: tuple = ()

    def fields(self, kept: str) -> dict:
        return {"": list(kept)}

    def joined(self, parts: Any) -> Any:
        return [text for text in dict.fromkeys(parts.get("", ())) if text]

    def read(self, raw: Any) -> Any:
        if not isinstance(raw, (list, tuple, set, frozenset)) or len(raw) > 100:
            raw = [raw]
        chosen = {tidy(text, 200) for text in raw} - {""}
        if chosen - set(self.options):
            raise Refused("Een van deze antwoorden staat niet in de lijst. Kies uit de lijst.")
        if len(chosen) > 1 and (only := chosen & set(self.alone)):
            raise Refused(f"'{sorted(only)[0]}' kan niet samen met een ander antwoord.")
        return [option for option in self.options if option in chosen] or None

    def value(self, kept: str) -> Any:
        return frozenset(kept)

    def shown(self, kept: Sequence[str]) -> str:
        return "; ".join(kept)


@dataclass(frozen=True)
class NumberAnswer(AnswerKind):
    """A number between `least` and `most`, with at most `places` decimals."""

    kind = NUMBER
    word = "getal"
    least: float = 0
    most: float = 999_999
    places: int = 0

    @property
    def _example(self) -> str:
        """Such as somebody can type here: within the bounds."""
        start = 12 if self.least <= 12 < self.most else self.least
        return decimal(start) + (f" of {decimal(start + 0.5)}" if self.places and start + 0.5 <= self.most else "")

    def read(self, raw: Any) -> Any:
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            found = NUMBER_FORM.fullmatch(repr(raw) if abs(raw) < 1e9 else "te groot")
        elif text := tidy(raw, 30):
            found = typed_number(text, whole=not self.places)
        else:
            return None
        if not found:
            raise Refused(f"Vul een getal in, bijvoorbeeld {self._example}.")
        rest = (found[2] or "").rstrip("0")
        if len(rest) > self.places:
            told = plural(self.places, "cijfer", "cijfers")
            raise Refused(f"Vul hoogstens {told} achter de komma in." if self.places else "Vul een heel getal in.")
        value = float(f"{found[1]}.{rest or 0}")
        if not self.least <= value <= self.most:
            raise Refused(f"Vul een getal in van {decimal(self.least)} tot en met {decimal(self.most)}.")
        return value if self.places else int(value)

    def fields(self, kept: str) -> dict:
        return {"": [decimal(kept)]}

    def value(self, kept: Any) -> Any:
        return float(kept)

    def shown(self, kept: Any) -> str:
        return decimal(kept)


@dataclass(frozen=True)
class WeeksAnswer(AnswerKind):
    """Whole weeks and days, kept as '32+4'; a number of weeks to the conditions."""

    kind = NUMBER
    word = "weken + dagen"
    least: int = 0
    most: int = 45

    @property
    def _example(self) -> str:
        return f"{32 if self.least <= 32 <= self.most else self.least}+4"

    def fields(self, kept: str) -> dict:
        return dict(zip(("weken", "dagen"), ([part] for part in kept.split("+")), strict=True))

    def joined(self, parts: Mapping[str, list[str]]) -> str:
        weeks, days = first(parts, "weken"), first(parts, "dagen")  # type: ignore[arg-type]
        return f"{weeks}+{days}" if days else weeks

    def read(self, raw: Any) -> Any:
        if isinstance(raw, dict):
            raw = "+".join(tidy(part, 2) for name in ("weken", "dagen") if (part := raw.get(name)) not in (None, ""))
        found = re.fullmatch(r"(\d{1,2})(?: ?\+ ?(\d))?", text, re.A) if (text := tidy(raw, 20)) else None
        if not text:
            return None
        if not found or not self.least <= int(found[1]) <= self.most or int(found[2] or 0) > 6:
            bounds = f"{self.least} tot en met {self.most}"
            raise Refused(f"Vul hele weken ({bounds}) en dagen (0 tot en met 6) in, bijvoorbeeld {self._example}.")
        return f"{int(found[1])}+{int(found[2] or 0)}"

    def value(self, kept: Any) -> Any:
        weeks, days = kept.split("+")
        return int(weeks) + int(days) / 7

    def shown(self, kept: str) -> str:
        weeks, days = kept.split("+")
        return f"{weeks} weken + {days} {'dag' if days == '1' else 'dagen'}"


@dataclass(frozen=True)
class Text(AnswerKind):
    """What a person types, at most `limit` characters."""

    word = "tekst"
    free_text = True
    limit: int = 300
    long: bool = False

    def read(self, raw: Any) -> Any:
        return tidy(raw, self.limit) or None


@dataclass(frozen=True)
class Calculated(AnswerKind):
    """A number that follows from other answers by `formula`."""

    kind = NUMBER
    word = "auto"
    computed = True
    formula: str = ""

    def read(self, raw: Any) -> None:
        raise Refused("Dit antwoord wordt berekend en kan niet ingevuld worden.")

    def shown(self, kept: str) -> str:
        return decimal(kept)
