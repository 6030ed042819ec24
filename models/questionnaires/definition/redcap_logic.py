"""Branching logic and calculations of REDCap, to and from the language of conditions. Pure.

Where the two differ the difference is written out: with us nothing follows from what is not answered or unknown, so
B3 <> "thuis" becomes ([b3] <> '' and [b3] <> '99' and [b3] <> '1').
"""

import re
from dataclasses import dataclass, field
from typing import Any

from models.forms.expression import COMPARISONS, ExpressionError, Node, source

UNKNOWN_CODE = "99"
TOKEN = re.compile(
    r"""\s*(?:\[(?P<variable>[a-z]\w*)(?:\((?P<choice>-?\w+)\))?\]|'(?P<single>[^']*)'|"(?P<double>[^"]*)\""""
    r"""|(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z]+)|(?P<sign><=|>=|<>|!=|[=<>+\-*/(),]))"""
)
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


# ---- to REDCap -----------------------------------------------------------------------------------------------------------


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
            return self._contains(parts, "1")
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
            return self._contains(node.parts, "0")
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

    def _contains(self, parts, ticked):
        one = self._variable(parts[0])
        return f"[{one.name}({one.code_of(parts[1].value)})] = '{ticked}'"

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


# ---- from REDCap ---------------------------------------------------------------------------------------------------------


def from_redcap(text: str, variables: dict[str, Variable]) -> str:
    """The expression, as we write it, for REDCap's logic; `variables` by name. Raises Untranslatable."""
    node = _Reader(text, variables).whole()
    left = _kinds(node) & {"is onbekend", "niet onbekend"}
    if left:
        raise Untranslatable("of een antwoord ‘onbekend’ is, kan hier geen voorwaarde zijn")
    return source(node)


def _kinds(node):
    return {node.kind}.union(*(_kinds(part) for part in node.parts))


class _Reader:
    def __init__(self, text, variables):
        self.variables, self.tokens, at = variables, [], 0
        text = text.strip()
        while at < len(text):
            found = TOKEN.match(text, at)
            if not found:
                raise Untranslatable(f"‘{text[at : at + 20]}’ wordt niet begrepen")
            self.tokens.append(found)
            at = found.end()
        self.at = 0

    def whole(self) -> Any:
        node = self._either()
        if self.at < len(self.tokens):
            raise Untranslatable(f"‘{self.tokens[self.at][0].strip()}’ wordt hier niet begrepen")
        return node

    def _peek(self, group, *texts):
        if self.at < len(self.tokens):
            said = self.tokens[self.at][group]
            if said is not None and (not texts or said.lower() in texts):
                return said
        return None

    def _take(self, group, *texts):
        said = self._peek(group, *texts)
        self.at += said is not None
        return said

    def _need(self, sign):
        if not self._take("sign", sign):
            raise Untranslatable(f"er ontbreekt een ‘{sign}’")

    def _either(self):
        return self._chain("of", "or", lambda: self._chain("en", "and", self._test))

    def _chain(self, kind, word, lower):
        nodes = [lower()]
        while self._take("word", word):
            nodes.append(lower())
        nodes = _without_needless(kind, nodes)
        made = nodes[0]
        for node in nodes[1:]:
            made = Node(kind, (made, node))
        return made

    def _test(self):
        left, variable = self._sum()
        if not (sign := self._take("sign", "!=", *COMPARISONS)):
            return left
        sign = "<>" if sign == "!=" else sign
        right, other = self._sum()
        if variable is None and other is not None:
            left, right, variable, sign = right, left, other, {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(sign, sign)
        return self._meant(left, sign, right, variable)

    def _meant(self, left, sign, right, variable):
        """A comparison as we write it: the codes of choices become their texts."""
        if left.kind == "bevat":
            if right.value not in (0, 1, "0", "1") or sign not in ("=", "<>"):
                raise Untranslatable("een vakje is alleen aan (1) of uit (0)")
            return left if (str(right.value)[0] == "1") == (sign == "=") else Node("niet", (left,))
        if right == Node("text", value=""):
            filled = Node("ingevuld", (left,))
            return filled if sign == "<>" else Node("niet", (filled,))
        if variable is None or right.kind not in ("text", "number"):
            return Node(sign, (left, right))
        said = right.value if right.kind == "text" else f"{right.value:g}"
        if variable.has_unknown and said == UNKNOWN_CODE and sign in ("=", "<>"):
            return Node("is onbekend" if sign == "=" else "niet onbekend", (left,))
        if variable.choices:
            if said not in variable.choices:
                raise Untranslatable(f"vraag {variable.code} heeft geen keuze met code {said}")
            return Node(sign, (left, Node("text", value=variable.choices[said])))
        if variable.numeric and right.kind == "text":
            if not re.fullmatch(r"\d+(\.\d+)?", said):
                raise Untranslatable(f"‘{said}’ is geen getal")
            right = Node("number", value=float(said))
        return Node(sign, (left, right))

    def _sum(self):
        return self._count(("+", "-"), lambda: self._count(("*", "/"), self._single))

    def _count(self, signs, lower):
        node, variable = lower()
        while sign := self._take("sign", *signs):
            node, variable = Node(sign, (node, lower()[0])), None
        return node, variable

    def _single(self):
        if (number := self._take("number")) is not None:
            return Node("number", value=float(number)), None
        if self._peek("variable"):
            return self._asked(self.tokens[self.at])
        for group in ("single", "double"):
            if (text := self._take(group)) is not None:
                return (Node("vandaag") if text == "today" else Node("text", value=text)), None
        if self._take("sign", "("):
            node = self._either()
            self._need(")")
            return node, self.variables_of(node)
        if name := self._take("word"):
            return self._call(name.lower()), None
        raise Untranslatable("er ontbreekt een waarde")

    def variables_of(self, node: Any) -> Any:
        return next((one for one in self.variables.values() if node.kind == "code" and one.code == node.value), None)

    def _asked(self, token):
        self.at += 1
        one = self.variables.get(token["variable"])
        if one is None:
            raise Untranslatable(f"de variabele [{token['variable']}] staat niet in dit bestand")
        code = Node("code", value=one.code)
        if not one.several:
            return code, one
        if token["choice"] not in one.choices:
            raise Untranslatable(f"vraag {one.code} heeft geen keuze met code {token['choice']}")
        return Node("bevat", (code, Node("text", value=one.choices[token["choice"]]))), None

    def _call(self, name):
        if name not in FUNCTIONS.values():
            raise Untranslatable(f"de functie ‘{name}’ bestaat hier niet")
        self._need("(")
        parts = [self._either()]
        while self._take("sign", ","):
            parts.append(Node("word", value=word) if (word := self._take("word", "true", "false")) else self._either())
        self._need(")")
        if name == "round":
            return Node("afgerond", (parts[0], parts[1] if len(parts) > 1 else Node("number", value=0.0)))
        if len(parts) < 3 or parts[2].value != "d" or parts[-1].value != "true":
            raise Untranslatable("alleen het verschil in dagen met teken kan: datediff(a, b, 'd', true)")
        return Node("dagen", tuple(parts[:2]))


def _without_needless(kind, nodes):
    """Leave out what says again that an answer is known: with us a comparison already asks for that."""
    nodes = list(dict.fromkeys(nodes))
    filled = {one.parts[0] for one in nodes if one.kind == "ingevuld"}
    empty = {one.parts[0].parts[0] for one in nodes if one.kind == "niet" and one.parts[0].kind == "ingevuld"}
    if kind == "en":
        nodes = [one for one in nodes if not (one.kind == "niet onbekend" and one.parts[0] in filled)]
        compared = {one.parts[0] for one in nodes if one.kind == "<>"}
        return [one for one in nodes if not (one.kind == "ingevuld" and one.parts[0] in compared)]
    return [one for one in nodes if not (one.kind == "is onbekend" and one.parts[0] in empty)]
