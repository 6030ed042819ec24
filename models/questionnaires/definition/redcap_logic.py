"""Branching logic and calculations for REDCap, from the language of conditions; back is redcap_conditions.py. Pure.

Where the two differ the difference is written out: with us nothing follows from what is not answered or unknown, so
B3 <> "thuis" becomes ([b3] <> '' and [b3] <> '99' and [b3] <> '1').
"""

from dataclasses import dataclass, field
from typing import Any

from models.forms.expression import COMPARISONS, ExpressionError, Node

UNKNOWN_CODE = "99"
OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
FUNCTIONS = {"dagen": "datediff", "afgerond": "round"}


class Untranslatable(ExpressionError):
    """What the other language has no words for; the message ends a sentence that names the question."""


@dataclass(frozen=True)
class Variable:
    """A question as REDCap's logic knows it. `choices`: {code: label}; `several`: a checkbox, asked as [name(code)]."""

    name: str
    code: str
    choices: dict = field(default_factory=dict)
    several: bool = False
    numeric: bool = False
    has_unknown: bool = False

    def code_of(self, label: str) -> Any:
        return next((code for code, known in self.choices.items() if known == label), None)


def other_boxes(variable: "Variable", code: Node, label: Node) -> list[Node]:
    """The boxes of this question beside the one with this text."""
    return [Node("bevat", (code, Node("text", value=one))) for one in variable.choices.values() if one != label.value]


def to_redcap(node: Node, variables: dict[str, Variable]) -> str:
    """The logic for an expression; `variables` by code. Raises Untranslatable."""
    return _Writer(variables).text(node)


class _Writer:
    def __init__(self, variables):
        self.variables = variables

    def text(self, node: Node) -> str:
        kind, parts = node.kind, node.parts
        if kind == "number":
            return f"{node.value:.10g}"
        if kind == "text":
            return f"'{node.value}'"
        if kind == "code":
            return f"[{self.variables[node.value].name}]"
        if kind in ("en", "of"):
            return f" {'and' if kind == 'en' else 'or'} ".join(self._inside(part) for part in parts)
        if kind == "niet":
            return self._opposite(parts[0])
        if kind == "ingevuld":
            return self._filled(parts[0], True)
        if kind == "bevat":
            return self._contains(parts)
        if kind in COMPARISONS:
            return self._comparison(kind, *parts)
        if kind == "dagen":
            return f"datediff({self.text(parts[0])}, {self.text(parts[1])}, 'd', true)"
        if kind == "afgerond":
            return f"round({self.text(parts[0])}, {self.text(parts[1])})"
        if kind == "vandaag":
            return "'today'"
        if kind in ("+", "-", "*", "/"):
            return f" {kind} ".join(self._inside(part) for part in parts)
        raise Untranslatable(f"REDCap kent ‘{kind}’ niet")

    def _inside(self, node):
        text = self.text(node)
        plain = node.kind in ("number", "text", "code", "bevat", *FUNCTIONS) or (node.kind == "<>" and text[0] == "(")
        return text if plain else f"({text})"

    def _opposite(self, node):
        if node.kind == "ingevuld":
            return self._filled(node.parts[0], False)
        if node.kind == "bevat":
            return self._without(node.parts)
        if node.kind in OPPOSITE:
            return self._comparison(OPPOSITE[node.kind], *node.parts)
        if node.kind in ("en", "of"):
            turned = tuple(Node("niet", (part,)) for part in node.parts)
            return self.text(Node("of" if node.kind == "en" else "en", turned))
        return self.text(node.parts[0]) if node.kind == "niet" else self.text(node)

    def _variable(self, node):
        if node.kind != "code":
            raise Untranslatable("REDCap vraagt dit alleen van een vraag zelf")
        return self.variables[node.value]

    def _filled(self, node, wanted):
        one = self._variable(node)
        if one.several:
            raise Untranslatable("REDCap kan niet vragen of een vraag met meer antwoorden is ingevuld")
        signs = ("<>", "and") if wanted else ("=", "or")
        tests = [f"[{one.name}] {signs[0]} '{code}'" for code in ("", *([UNKNOWN_CODE] if one.has_unknown else []))]
        return f" {signs[1]} ".join(tests)

    def _contains(self, parts, ticked=1):
        one = self._variable(parts[0])
        return f"[{one.name}({one.code_of(parts[1].value)})] = '{ticked}'"

    def _without(self, parts):
        """With another box on: where nothing was answered, or 'onbekend', all of them are off."""
        others = other_boxes(self._variable(parts[0]), *parts)
        return f"{self._contains(parts, 0)} and ({' or '.join(self._contains(one.parts) for one in others)})"

    def _comparison(self, sign, left, right):
        if left.kind == "text":
            left, right, sign = right, left, {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(sign, sign)
        if right.kind == "text" and left.kind == "code" and self.variables[left.value].choices:
            one = self.variables[left.value]
            test = f"[{one.name}] {sign} '{one.code_of(right.value)}'"
        else:
            test = f"{self._inside(left)} {sign} {self._inside(right)}"
        if sign == "<>" and left.kind == "code":
            return f"({self._filled(left, True)} and {test})"
        return test
