"""Does an expression make sense for these questions? Unknown questions, wrong kinds, options that do not exist, circles."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.forms.expression import (
    COMPARISONS,
    DATE,
    FUNCTIONS,
    MOMENT,
    NUMBER,
    ORDERED,
    SET,
    TEXT,
    TRUTH,
    ExpressionError,
    Node,
)
from models.forms.form_structure import Item


def check(node: Node, questions: Mapping[str, Item], expected: Any) -> None:
    """Raise ExpressionError unless `node` gives `expected` over `questions` (code -> object with `kind` and `options`)."""
    kind = kind_of(node, questions)
    if kind != expected:
        raise ExpressionError(f"De formule geeft {kind}, maar hier hoort {expected}.")


def kind_of(node: Any, questions: Any) -> str:
    """What kind of value the expression gives."""
    kind, parts = node.kind, node.parts
    if kind == "number":
        return NUMBER
    if kind == "text":
        return TEXT
    if kind == "code":
        if node.value not in questions:
            raise ExpressionError(f"Vraag {node.value} bestaat niet in deze versie.")
        return questions[node.value].kind
    kinds = [kind_of(part, questions) for part in parts]
    if kind in FUNCTIONS:
        return _function(kind, kinds)
    if kind in ("of", "en", "niet"):
        _all(kinds, (TRUTH,), kind)
        return TRUTH
    if kind == "ingevuld":
        return TRUTH
    if kind == "bevat":
        return _contains(parts, kinds, questions)
    if kind in COMPARISONS:
        return _comparison(kind, parts, kinds, questions)
    _all(kinds, (NUMBER,), kind)
    return NUMBER


def _function(name: str, kinds: Sequence[str]) -> str:
    for place, (kind, allowed) in enumerate(zip(kinds, FUNCTIONS[name][0], strict=True), 1):
        if kind not in allowed:
            raise ExpressionError(f"Waarde {place} van '{name}' is {kind}, maar moet {' of '.join(allowed)} zijn.")
    return FUNCTIONS[name][1]


def _all(kinds: Sequence[str], allowed: tuple[str], name: str) -> None:
    for kind in kinds:
        if kind not in allowed:
            raise ExpressionError(f"Rond '{name}' staat {kind}, maar daar hoort {' of '.join(allowed)}.")


def _contains(parts: tuple[Node, Node], kinds: Sequence[str], questions: Mapping[str, Item]) -> str:
    if kinds != [SET, TEXT]:
        raise ExpressionError(f"'bevat' hoort tussen een meerkeuzevraag en een tekst, niet tussen {kinds[0]} en {kinds[1]}.")
    _option_exists(parts[0], parts[1], questions)
    return TRUTH


def _comparison(sign: str, parts: tuple[Node, Node], kinds: Sequence[str], questions: Mapping[str, Item]) -> str:
    left, right = kinds
    dates = {left, right} <= {DATE, MOMENT}
    if left != right and not dates:
        raise ExpressionError(f"{left.capitalize()} en {right} kunnen niet met '{sign}' vergeleken worden.")
    if sign not in ("=", "<>") and left not in ORDERED:
        raise ExpressionError(f"'{sign}' kan niet bij {left}.")
    for question, text in (parts, parts[::-1]):
        _option_exists(question, text, questions)
    return TRUTH


def _option_exists(question: Any, text: Node, questions: Any) -> None:
    """A slip in an option would make a condition that never holds: say so when it is saved."""
    if question.kind == "code" and text.kind == "text":
        options = questions[question.value].options
        if options and text.value not in options:
            raise ExpressionError(f"Vraag {question.value} kent het antwoord '{text.value}' niet.")


class Circle(ExpressionError):
    """Questions that look at each other; `codes` are theirs."""

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes = codes
        super().__init__(f"De vragen {' > '.join(codes)} verwijzen in een kring naar elkaar.")


def order(depends: Mapping[str, set[str]]) -> list[str]:
    """The codes of `depends` (code -> codes it looks at), each after what it needs. Raises Circle."""
    done, ordered = set(), []

    def visit(code, trail):  # type: ignore[no-untyped-def]
        if code in done:
            return
        if code in trail:
            circle = [*trail[trail.index(code) :], code]
            raise Circle(circle)
        for needed in sorted(depends.get(code, ())):
            visit(needed, [*trail, code])
        done.add(code)
        ordered.append(code)

    for code in depends:
        visit(code, [])
    return ordered
