"""Branching logic and calculations of REDCap, in the language of conditions. Pure.

What REDCap holds of an unanswered question too, with us does not hold of it: that is written out.
"""

import re
from typing import Any

from models.forms.expression import COMPARISONS, Node, source
from models.questionnaires.definition.redcap_logic import FUNCTIONS, UNKNOWN_CODE, Untranslatable, Variable, other_boxes

TOKEN = re.compile(
    r"""\s*(?:\[(?P<variable>[a-z]\w*)(?:\((?P<choice>-?\w+)\))?\]|'(?P<single>[^']*)'|"(?P<double>[^"]*)\""""
    r"""|(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z]+)|(?P<sign><=|>=|<>|!=|[=<>+\-*/(),]))"""
)
EMPTY_TOO = "ook als er niets is ingevuld"


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
        nodes = self._meaning(kind, nodes)
        made = nodes[0]
        for node in nodes[1:]:
            made = Node(kind, (made, node))
        return made

    def _meaning(self, kind, nodes):
        """As we write it: our comparison asks by itself that the answer is known, REDCap's <> and box that is off do not."""
        nodes = list(dict.fromkeys(one for node in nodes for one in (_either_of(node) if kind == "of" else [node])))
        if kind == "of":
            empty = {one.parts[0].parts[0] for one in nodes if one.kind == "niet" and one.parts[0].kind == "ingevuld"}
            return [one for one in nodes if not (one.kind == "is onbekend" and one.parts[0] in empty)]
        filled = {one.parts[0] for one in nodes if one.kind == "ingevuld"}
        nodes = [one for one in nodes if not (one.kind == "niet onbekend" and one.parts[0] in filled)]
        beside, groups = [self._beside(one) for one in nodes], [set(_either_of(one)) for one in nodes]
        known = filled | {_denied(one) for one, others in zip(nodes, beside, strict=True) if others in groups}
        nodes = [one for one, group in zip(nodes, groups, strict=True) if group not in beside]
        denied = {_denied(one) for one in nodes}
        nodes = [one for one in nodes if not (one.kind == "ingevuld" and one.parts[0] in denied)]
        return [self._told(one, _denied(one), known) for one in nodes]

    def _told(self, node, denied, known):
        plain = Node(node.kind, node.parts) if denied else node
        return plain if denied is None or denied in known else Node("of", (_empty(denied), plain))

    def _beside(self, node):
        """The other boxes, one of which is on where this says of a known answer that its box is off."""
        return (
            set(other_boxes(self.variables_of(_denied(node)), *node.parts[0].parts))
            if node.kind == "niet" and _denied(node)
            else None
        )

    def _test(self):
        left, variable = self._sum()
        if not (sign := self._take("sign", "!=", *COMPARISONS)):
            return left
        sign = "<>" if sign == "!=" else sign
        right, other = self._sum()
        if variable is None and other is not None:
            left, right, variable, sign = right, left, other, {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(sign, sign)
        return _tested(self._meant(left, sign, right, variable))

    def _meant(self, left, sign, right, variable):
        """A comparison as we write it: the codes of choices become their texts."""
        if left.kind == "bevat":
            if right.value not in (0, 1, "0", "1") or sign not in ("=", "<>"):
                raise Untranslatable("een vakje is alleen aan (1) of uit (0)")
            return left if (str(right.value)[0] == "1") == (sign == "=") else Node("niet", (left,))
        if right == Node("text", value=""):
            return Node("ingevuld", (left,)) if sign == "<>" else _empty(left)
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


def _either_of(node):
    return [one for part in node.parts for one in _either_of(part)] if node.kind == "of" else [node]


def _empty(code):
    return Node("niet", (Node("ingevuld", (code,)),))


def _denied(node):
    """The question of which REDCap says in this test that it is something else, or nothing; None for any other."""
    if node.value != EMPTY_TOO:
        return None
    return node.parts[0].parts[0] if node.kind == "niet" else node.parts[0]


def _tested(node):
    denies = (node.kind, node.parts[0].kind if node.parts else "") in (("<>", "code"), ("niet", "bevat"))
    return Node(node.kind, node.parts, EMPTY_TOO) if denies else node
