"""A rule is a line in `rules.csv`, its sentences in `sentences.csv`, and one function that yields hits."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from models.lnr.dataset.definition import DATA, Element
from models.lnr.message.validation_report import Finding, Severity, WhoActs
from models.lnr.message.xml_tree import Tree
from models.lnr.message.xml_tree import path as path_of


@dataclass(frozen=True)
class Sentence:
    severity: Severity
    acts: WhoActs
    nl: str
    en: str
    hint_nl: str
    hint_en: str


@dataclass(frozen=True)
class Rule:
    """`nl`, `en`: what must hold. `sentences`: what is said when it does not, by variant."""

    rule: str
    version: int
    nl: str
    en: str
    sentences: dict


@dataclass(frozen=True)
class Hit:
    """Where a rule does not hold: a node, and below it `missing` (an Element that should have stood there)."""

    node: object
    variant: str = ""
    missing: Element | None = None
    words: dict | None = None


def rule(number: str, withdrawal: bool = False) -> Callable:
    """Mark a function of a RuleSubject that yields Hits. `withdrawal`: it also looks at messages that withdraw a stay."""

    def mark(function: Any) -> Any:
        function.rule, function.withdrawal = number, withdrawal
        return function

    return mark


def marked(*modules: ModuleType) -> dict[str, Any]:
    """The functions of these modules that are marked as a rule, by number, in order. Raises ValueError for a number twice."""
    found = {}
    for function in (thing for module in modules for thing in vars(module).values() if isinstance(thing, FunctionType)):
        if (number := getattr(function, "rule", None)) and found.setdefault(number, function) is not function:
            raise ValueError(f"Two functions for {number}")
    return dict(sorted(found.items()))


@cache
def rules() -> dict[str, Rule]:
    """Every rule by number, in order."""
    found = {}
    for row in _rows("rules"):
        found[row["rule"]] = Rule(row["rule"], int(row["version"]), row["nl"], row["en"], {})
    for row in _rows("sentences"):
        told = {name: row[name] for name in ("nl", "en", "hint_nl", "hint_en")}
        found[row["rule"]].sentences[row["variant"]] = Sentence(Severity(row["severity"]), WhoActs(row["acts"]), **told)
    return found


def _rows(name: str) -> list[dict[str, str]]:
    with open(DATA / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def finding(
    number: Any, variant: Any = "", path: str = "/", line: int | None = None, column: Any = None, words: Any = None
) -> Finding:
    """What is reported for a hit of this rule."""
    of = rules()[number]
    said = of.sentences[variant]
    nl, en = ({name: _said(word, tongue) for name, word in (words or {}).items()} for tongue in ("nl", "en"))
    nl, en = _capital(said.nl.format_map(nl)), _capital(said.en.format_map(en))
    where = (path, line, column)
    return Finding(number, of.version, said.severity, *where, nl, en, said.hint_nl, said.hint_en, said.acts, variant)


def severity(number: str, hit: Hit) -> Severity:
    """How bad a Hit is."""
    return rules()[number].sentences[hit.variant].severity


def report(number: str, hit: Hit, tree: Tree) -> Finding:
    """The Finding of a Hit."""
    path = path_of(hit.node)
    if hit.missing:
        path = hit.missing.full_path if hit.missing.row_group is None else _below(path, hit.missing)
    return finding(number, hit.variant, path, *tree.place(hit.node), hit.words)


def _below(path: Any, missing: Any) -> str:
    return path + missing.path.removeprefix(missing.row_group.path)


def _said(word: Element | int, tongue: str) -> str:
    if isinstance(word, Element):
        return getattr(word, tongue).rstrip("?")
    if isinstance(word, tuple):
        return word[tongue == "en"]
    if isinstance(word, float):
        text = f"{word:.6f}".rstrip("0").rstrip(".")
        return text.replace(".", ",") if tongue == "nl" else text
    return str(word)


def _capital(sentence: str) -> Any:
    return sentence[0].upper() + sentence[1:]
