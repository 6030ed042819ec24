"""The small language in which conditions, calculations and checks of a questionnaire are written. Pure; nothing is executed.

    B3 <> "zwanger" en dagen(B5, B2) <= 366        G1 bevat "eclampsie" of K1 = "bloeding"        C7 / ((C6 / 100) * (C6 / 100))

Values: numbers, texts (a choice is its text), sets of texts (several choices), dates, date-times, truth. A code such as B3 is
the answer to that question. What is not answered, or 'onbekend', is None, and None stays None through every operation but
`of`, `en` and `ingevuld`: so a condition about something unknown does not hold, and nothing is calculated from it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:[.,]\d+)?)|"(?P<text>[^"]*)"|[“”„](?P<curly>[^“”„"]*)[“”]"""
    r"""|(?P<code>[A-Za-z]{1,4}\d{1,3}[A-Za-z]?\b)|(?P<word>[A-Za-z]+)"""
    r"""|(?P<sign><=|>=|<>|[=≠<>≤≥+\-*/×(),]))"""
)
SAME = {"≠": "<>", "≤": "<=", "≥": ">=", "×": "*"}
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
# How strongly the parts of an expression hold together.
RANK = {"of": 1, "en": 2, "niet": 3, **dict.fromkeys((*COMPARISONS, "bevat", "ingevuld"), 4), "+": 5, "-": 5, "*": 6, "/": 6}

NUMBER, TEXT, SET, DATE, MOMENT, TRUTH, TABLE = (
    "getal",
    "tekst",
    "meerkeuze",
    "datum",
    "datum en tijd",
    "waar of niet waar",
    "lijst",
)
ORDERED = (NUMBER, DATE, MOMENT)


class ExpressionError(ValueError):
    """The expression cannot be; the message is a Dutch sentence for who wrote it."""


@dataclass(frozen=True)
class Node:
    """One operation and what it works on; a leaf carries its value."""

    kind: str
    parts: tuple = ()
    value: object = None

    def codes(self) -> Any:
        """The questions this expression looks at."""
        mine = {self.value} if self.kind == "code" else set()
        return mine.union(*(part.codes() for part in self.parts))


def parse(source: str) -> Node:
    """The expression as a tree. Raises ExpressionError naming what was not understood."""
    return _Parser(source).whole()


class _Parser:
    def __init__(self, source: str) -> None:
        if len(source) > 1000:
            raise ExpressionError("De formule is langer dan 1000 tekens.")
        self.tokens, at = [], 0
        source = source.strip()
        while at < len(source):
            found = TOKEN.match(source, at)
            if not found:
                raise ExpressionError(f"'{source[at : at + 12].strip()}' wordt niet begrepen.")
            kind = found.lastgroup
            self.tokens.append(("text" if kind == "curly" else kind, _plain(kind, found.group(kind))))  # type: ignore[arg-type]
            at = found.end()
        self.at, self.depth = 0, 0

    def whole(self) -> Node:
        if not self.tokens:
            raise ExpressionError("De formule is leeg.")
        node = self._or()
        if self.at < len(self.tokens):
            raise ExpressionError(f"Bij '{self.tokens[self.at][1]}' wordt de formule niet meer begrepen.")
        return node

    def _take(self, kind: str, *texts: str) -> str | None:
        if self.at < len(self.tokens):
            found, text = self.tokens[self.at]
            if found == kind and (not texts or text in texts):
                self.at += 1
                return text
        return None

    def _need(self, sign: str) -> None:
        if not self._take("sign", sign):
            raise ExpressionError(f"Er ontbreekt een '{sign}'.")

    def _chain(self, lower: Callable, kind: str, *texts: str) -> Node:
        node = lower()
        while text := self._take(kind, *texts):
            node = Node(text, (node, lower()))
        return node

    def _or(self) -> Node:
        self.depth += 1
        if self.depth > 30:
            raise ExpressionError("De formule heeft te veel haakjes in elkaar.")
        node = self._chain(lambda: self._chain(self._not, "word", "en"), "word", "of")
        self.depth -= 1
        return node

    def _not(self) -> Node:
        if self._take("word", "niet"):
            return Node("niet", (self._not(),))
        left = self._sum()
        if sign := self._take("sign", *COMPARISONS):
            return Node(sign, (left, self._sum()))
        if self._take("word", "bevat"):
            return Node("bevat", (left, self._sum()))
        return Node("ingevuld", (left,)) if self._take("word", "ingevuld") else left

    def _sum(self) -> Node:
        return self._chain(lambda: self._chain(self._single, "sign", "*", "/"), "sign", "+", "-")

    def _single(self) -> Node:
        if (text := self._take("number")) is not None:
            return Node("number", value=float(text.replace(",", ".")))
        if (text := self._take("text")) is not None:
            return Node("text", value=text)
        if code := self._take("code"):
            return Node("code", value=code)
        if self._take("sign", "("):
            node = self._or()
            self._need(")")
            return node
        if name := self._take("word"):
            return self._call(name)
        rest = self.tokens[self.at][1] if self.at < len(self.tokens) else "het einde"
        raise ExpressionError(f"Bij '{rest}' ontbreekt een waarde.")

    def _call(self, name: str) -> Node:
        if name not in FUNCTIONS:
            raise ExpressionError(f"'{name}' bestaat niet. Teksten staan tussen aanhalingstekens.")
        self._need("(")
        parts = []
        while not self._take("sign", ")"):
            if parts:
                self._need(",")
            parts.append(self._or())
        if len(parts) != len(FUNCTIONS[name][0]):
            raise ExpressionError(f"'{name}' wil {len(FUNCTIONS[name][0])} waarden tussen de haakjes.")
        return Node(name, tuple(parts))


def _plain(kind: Any, text: str) -> str:
    """A token as the rest of the language knows it, however a word processor or a telephone wrote it."""
    if kind == "code":
        return text[:-1].upper() + text[-1].lower()
    return {"sign": SAME.get(text, text), "word": text.lower()}.get(kind, text)


def _days(start: date, end: date) -> float:
    return float((_day(end) - _day(start)).days)


def _rounded(value: float, places: float) -> float:
    """Half up, as people round: 24,25 becomes 24,3."""
    if not abs(value) < 1e15:
        return value
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-int(max(0, min(places, 6)))), ROUND_HALF_UP)
    return float(exact)


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


# name -> (kinds of its values, kind of its result, what it does)
FUNCTIONS = {
    "dagen": (((DATE, MOMENT), (DATE, MOMENT)), NUMBER, _days),
    "afgerond": (((NUMBER,), (NUMBER,)), NUMBER, _rounded),
    "aantal": (((SET, TABLE),), NUMBER, lambda value: float(len(value))),
    "vandaag": ((), DATE, None),
    "dag": (((MOMENT, DATE),), DATE, _day),
}


def evaluate(node: Any, answers: Any, today: date | None = None) -> Any:
    """The value of the expression for `answers` (code -> value; absent or None: unknown). `today` is what vandaag() gives."""
    kind, parts = node.kind, node.parts
    if kind in ("number", "text"):
        return node.value
    if kind == "code":
        return answers.get(node.value)
    if kind == "vandaag":
        return today or date.today()
    if kind in ("of", "en"):
        return _logic(kind, [evaluate(part, answers, today) for part in parts])
    if kind == "ingevuld":
        return evaluate(parts[0], answers, today) is not None
    values = [evaluate(part, answers, today) for part in parts]
    if any(value is None for value in values):
        return None
    return FUNCTIONS[kind][2](*values) if kind in FUNCTIONS else _operation(kind, values)  # type: ignore[misc, operator]


def holds(node: Node, answers: Mapping[str, date | float | str | None], today: date | None = None) -> bool:
    """Whether the condition is certainly true."""
    return evaluate(node, answers, today) is True


def _logic(kind: str, values: Sequence[bool | None]) -> bool | None:
    decisive = kind == "of"
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def _operation(kind: str, values: Sequence[Any]) -> float | None:
    if kind == "niet":
        return not values[0]
    left, right = values
    if isinstance(left, datetime) != isinstance(right, datetime):
        left, right = _day(left), _day(right)
    return {
        "=": lambda: left == right,
        "<>": lambda: left != right,
        "<": lambda: left < right,
        "<=": lambda: left <= right,
        ">": lambda: left > right,
        ">=": lambda: left >= right,
        "bevat": lambda: right in left,
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: left / right if right else None,
    }[kind]()


def source(node: Node) -> str:
    """The expression as people write it."""
    kind, parts = node.kind, node.parts
    if kind == "number":
        return f"{node.value:.10g}".replace(".", ",")
    if kind == "text":
        return f'"{node.value}"'
    if kind == "code":
        return node.value  # type: ignore[return-value]
    if kind == "ingevuld":
        return f"{_within(parts[0], 5)} ingevuld"
    if kind == "niet":
        return f"niet {_within(parts[0], 3)}"
    if kind in RANK:
        rank = RANK[kind]
        return f"{_within(parts[0], rank + (rank == 4))} {kind} {_within(parts[1], rank + 1)}"
    return f"{kind}({', '.join(source(part) for part in parts)})"


def _within(node: Node, rank: int) -> str:
    return source(node) if RANK.get(node.kind, 9) >= rank else f"({source(node)})"
