"""Every sentence with which models/, the commands and the screens refuse, read from their source, and acts that try them.

A pair is one function `act(earns)`: with True it earns the sentence, with False it does its nearest neighbour, which passes.
Advice is a generator: it yields the act that is refused, does what the sentence says, and yields the act that then passes.
"""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from models.base import Refused
from settings import ROOT
from tests import source

HOLE = "{}"
FOLDERS = "models", "commands", "tasks", "admin_views"
# Functions that refuse with a sentence they are told, and the place of it among their arguments.
TOLD = {"required": 3, "open_for": 2, "demand_adding": 3, "_text": 2}
# What fills a hole is told elsewhere: shorter than this and nothing is left to recognise a sentence by.
SHORTEST, FEWEST = 12, 4
# With what advice begins that leads elsewhere. 'Kies', 'Vul in' and 'Schrijf' are of the field at which the sentence stands.
LEADS = """Bekijk Beslis Beëindig Bel Bewaar Corrigeer Doe Druk Ga Gebruik Haal Hef Heropen Installeer Kijk Laat Log Lees Maak
Neem Nomineer Open Overleg Probeer Sla Sluit Stel Stuur Teken Trek Verbeter Verdeel Verklaar Ververs Verwijder Voeg Voer Wacht
Werk Wis Zeg Zet""".split()
ADVISES = re.compile(rf"(?:^|[.?!:;] )(?:(?:{'|'.join(LEADS)})\b|Geef (?:die|het) |Vraag (?!{{))")


class Acts(dict):
    """Sentences (or the part that tells them apart) and the act of each; a decorator that fills itself."""

    def __call__(self, sentence):
        def keep(act):
            assert sentence not in self, sentence
            self[sentence] = act
            return act

        return keep


class Pairs(Acts):
    """Each act is a Callable[[bool], None]."""

    def check(self, sentence):
        said = _refusal(lambda: self[sentence](True))
        assert said is not None, "nothing was refused"
        assert sentence in said, said
        if (said := _refusal(lambda: self[sentence](False))) is not None:
            pytest.fail(f"its neighbour is refused too: {said}", pytrace=False)


class Advice(Acts):
    """Each act is a Callable[[], Iterator[Callable[[], None]]]."""

    def check(self, sentence):
        steps: Iterator[Callable[[], None]] = self[sentence]()
        said = _refusal(next(steps))
        assert said is not None, "nothing was refused"
        assert sentence in said, said
        if (said := _refusal(lambda: next(steps)())) is not None:
            pytest.fail(f"what it advises was done, and then: {said}", pytrace=False)
        assert next(steps, None) is None


def _refusal(act: Callable[[], object]) -> str | None:
    """With what an act is refused; None when it passes."""
    try:  # not pytest.raises, which keeps the frames, and with them what the database was still reading
        act()
    except Refused as reason:
        return str(reason)
    return None


def advises(sentence: str) -> bool:
    """Whether a sentence says what to do elsewhere, or first, or again."""
    return ADVISES.search(sentence) is not None


def sentences() -> dict[str, str]:
    """Each literal text with which a refusal of FOLDERS is made, `{}` where something is filled in: and the first file of it.

    Read through constants, either branch of a choice, every value of a table, and `format`. What a rule or another process
    says is not a literal of the refusal; who says it is tested there.
    """
    found: dict[str, str] = {}
    for path in _files():
        for node in ast.walk(source.tree(path)):
            for said in _refused(node) if isinstance(node, ast.Call) else ():
                for text in _texts(said, path):
                    if len(text.replace(HOLE, "").strip()) >= SHORTEST:
                        found.setdefault(text, path.relative_to(ROOT).as_posix())
    return found


def says(part: str, sentence: str) -> bool:
    """Whether `part`, as somebody reads it, is a piece of this sentence, whatever fills its holes."""
    pieces = sentence.split(HOLE)
    ends = [(first, last) for first in range(len(pieces)) for last in range(first + 1, len(pieces))]
    return any(part in piece for piece in pieces) or any(_spans(part, pieces[first : last + 1]) for first, last in ends)


def _spans(part, pieces):
    """Whether `part` is: an end of the first piece, what fills a hole, the pieces between, a hole, a beginning of the last."""
    first, *between, last = pieces
    begins = next((size for size in range(len(first), -1, -1) if part.startswith(first[len(first) - size :])), 0)
    ends = next((size for size in range(len(last), -1, -1) if part.endswith(last[:size])), 0)
    if begins < min(len(first), FEWEST) or ends < min(len(last), FEWEST):
        return False
    said = begins + ends + sum(map(len, between))
    filled = part[begins : len(part) - ends]
    return said >= SHORTEST and re.fullmatch(".+".join(["", *map(re.escape, between), ""]), filled, re.S) is not None


@cache
def refusals() -> frozenset[str]:
    """The names of Refused and of what is derived from it."""
    names = {"Refused"}
    classes = [node for path in _files() for node in ast.walk(source.tree(path)) if isinstance(node, ast.ClassDef)]
    while more := {one.name for one in classes if names & set(map(_name, one.bases))} - names:
        names |= more
    return frozenset(names)


@cache
def _files() -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


@cache
def _constants() -> dict[tuple[Path | None, str], ast.expr]:
    """The value of each constant of a file, and of each that has its name alone in all of FOLDERS."""
    found: dict[tuple[Path | None, str], ast.expr] = {}
    twice = set()
    for path in _files():
        for node in source.tree(path).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if (None, name) in found:
                    twice.add(name)
                found[path, name] = found[None, name] = node.value
    return {key: value for key, value in found.items() if key[0] or key[1] not in twice}


def _name(node: ast.AST) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def _answers(name: str, path: Path) -> list[ast.expr]:
    """What a function of this file returns."""
    functions = [node for node in ast.walk(source.tree(path)) if isinstance(node, ast.FunctionDef) and node.name == name]
    returned = [part.value for one in functions for part in ast.walk(one) if isinstance(part, ast.Return)]
    return [value for value in returned if value is not None and not isinstance(value, ast.Call)]


def _refused(node: ast.Call) -> list[ast.expr]:
    """What a call refuses with: itself, or by way of a function that is told the sentence."""
    called = _name(node.func)
    told = [one.value for one in node.keywords if one.arg == "otherwise"]
    place = 0 if called in refusals() else TOLD.get(called)
    return told + (node.args[place : place + 1] if place is not None else [])


def _texts(node: ast.expr | None, path: Path) -> list[str]:
    match node:
        case ast.Constant(value=str()):
            return [node.value]
        case ast.JoinedStr():
            return ["".join(part.value if isinstance(part, ast.Constant) else HOLE for part in node.values)]
        case ast.IfExp():
            return _texts(node.body, path) + _texts(node.orelse, path)
        case ast.BoolOp() | ast.Dict():
            return [text for part in node.values for text in _texts(part, path)]
        case ast.List() | ast.Tuple():
            return [text for part in node.elts for text in _texts(part, path)]
        case ast.BinOp():
            return [first + last for first in _texts(node.left, path) for last in _texts(node.right, path)]
        case ast.Subscript():
            return _texts(node.value, path)
        case ast.Call(func=ast.Attribute(attr="format" | "strip")):
            return [re.sub(r"\{\w*\}", HOLE, text) for text in _texts(node.func.value, path)]
        case ast.Call() if answers := _answers(_name(node.func), path):
            return [text for answer in answers for text in _texts(answer, path)]
        case ast.Name() | ast.Attribute():
            name = _name(node)
            known = _constants().get((path, name)) or (_constants().get((None, name)) if name.isupper() else None)
            return _texts(known, path) if known else [HOLE]
        case _:
            return [HOLE]
