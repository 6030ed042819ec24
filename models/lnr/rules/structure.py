"""R-01: what the parser and the schema find, said plainly. Values are never repeated, names only when they are ours."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Sequence
from functools import cache
from typing import Any

from lxml import etree

from models.lnr.dataset.definition import CORE, ROOT, definition
from models.lnr.message import not_a_message
from models.lnr.message.validation_report import Finding
from models.lnr.message.xml_tree import Tree, UnreadableMessage, is_ours, path_in_definition
from models.lnr.message.xml_tree import name as name_of
from models.lnr.message.xml_tree import path as path_of
from models.lnr.rules.registry import finding

MOST = 50  # a message with a wrong order gives one error for everything behind it
FORMS = {
    "janee": ("true, false of UNK", "true, false or UNK"),
    "geheel": ("een geheel getal", "a whole number"),
    "getal": ("een getal met een punt, zoals 7.25", "a number with a point, such as 7.25"),
    "moment": ("een datum zoals 2026-03-05 of 2026-03-05T13:30:00", "a date such as 2026-03-05 or 2026-03-05T13:30:00"),
    "datum": ("een datum zoals 2026-03-05", "a date such as 2026-03-05"),
    "postcode": ("een postcode zoals 1234 AB of 1234", "a postcode such as 1234 AB or 1234"),
    "nullFlavor": ("NI, UNK, ASKU, MSK of NA", "NI, UNK, ASKU, MSK or NA"),
    "root": ("een OID zoals 2.16.840.1.113883.2.4.6.1", "an OID such as 2.16.840.1.113883.2.4.6.1"),
    "id": ("een id van 1 tot 64 tekens", "an id of 1 to 64 characters"),
    "verwerking": ("P of T", "P or T"),
    "actie": ("nieuw, vervanging of intrekking", "nieuw, vervanging or intrekking"),
}
TEXT = ("tekst van een toegestane lengte", "text of an allowed length")
# Where the form is right and something else is wrong with the value, that is said.
NO_SUCH_DAY = ("een dag die bestaat, zoals 2026-03-05", "a day that exists, such as 2026-03-05")
TOO_MANY_DIGITS = {"geheel": ("hoogstens zes cijfers", "at most six digits"),
                   "getal": ("hoogstens zes cijfers voor de punt", "at most six digits before the point")}  # fmt: skip
LONGEST = re.compile(r"maximum length of '(\d+)'")
NUMBER = re.compile(r"[+\-]?\d+(\.\d*)?")
DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
# libxml2's message -> the variant of our sentence, tried in order
KINDS = (
    ("root", re.compile("No matching global declaration")),
    ("missing", re.compile("Missing child element")),
    ("unexpected", re.compile("This element is not expected")),
    ("attribute", re.compile(r"The attribute '(\w+)' is required")),
    ("strange", re.compile("attribute .* is not allowed")),
    ("form", re.compile(r"attribute '(\w+)'")),
    ("text", re.compile("Character content|Text content|[Cc]haracters|content type is empty|content is not allowed")),
    ("other", re.compile("")),
)
EXPECTED = re.compile(r"Expected is (?:one of )?\( ([^)]*?)(?:, )?\)")
NAME = re.compile(r"\{[^}]*\}(\w+)")
STEP = re.compile(r"(?:[^/:\[]+:)?([^/\[]+)(?:\[(\d+)\])?$")


def unreadable(problem: UnreadableMessage) -> tuple[Finding]:
    """The findings of a message that the tree refused."""
    return (finding("R-01", problem.reason, "/", problem.line, problem.column, problem.words),)


def invalid(tree: Tree, problems: Sequence[Any]) -> tuple[Finding, ...]:
    """The findings of what libxml2 found by the schema; one for each place and attribute."""
    found = {}
    for problem in problems[: 4 * MOST]:
        node = node_at(tree.root, problem.path)
        variant, attribute = _kind(problem.message)
        found.setdefault((node, attribute or variant), (variant, attribute, problem.message))
    return tuple(_finding(tree, node, *rest) for (node, _), rest in list(found.items())[:MOST])


def node_at(root: etree._Element, path: str) -> etree._Element:
    """The node that libxml2 means: it names a node of a default namespace `*`, and counts all its siblings then."""
    node = root
    for step in (path or "").strip("/").split("/")[1:]:
        if step.startswith("@"):
            break
        name, number = STEP.match(step).groups()  # type: ignore[union-attr]
        alike = [child for child in node if name in ("*", name_of(child))]
        if len(alike) < int(number or 1):
            break
        node = alike[int(number or 1) - 1]
    return node


def _kind(message: Any) -> tuple[str, str | None]:  # type: ignore[return]
    for variant, pattern in KINDS:
        if match := pattern.search(message):
            return variant, match[1] if match.lastindex else None


def _finding(tree: Tree, node: etree._Element, variant: str, attribute: str | None, message: str) -> Finding:
    names = [name for name in NAME.findall((EXPECTED.search(message) or ("", ""))[1]) if name in _names()]
    wanted = (f"; verwacht wordt {' of '.join(names)}", f"; expected: {' or '.join(names)}") if names else ""
    if variant == "root":
        variant, kind = not_a_message.root(node)
        return finding("R-01", variant, _path(node), *tree.place(node), {"kind": kind or ("", "")})
    if variant == "text" and not _shows(node):
        variant = "invisible"
    if variant == "form" and attribute in ("value", "code") and not node.get(attribute, "").strip():
        variant = "blank"
    before = node.getprevious()
    if variant == "unexpected" and _is_known(node) and before is not None and before.tag == node.tag:
        variant = "repeated"  # where one more may follow its like, it is expected
    words = {"name": _named(node), "attribute": f"'{attribute}'", "expected": wanted, "form": _form(node, attribute, message)}
    return finding("R-01", variant, _path(node), *tree.place(node), words)


def _named(node: etree._Element) -> tuple[str, str]:
    """The tag, and what people call the item if it is one: 'gewicht' (Gewicht bij ontslag)."""
    if not _is_known(node):
        return "dit element", "this element"
    item = definition().by_path.get(path_in_definition(node))
    nl, en = (f" ({item.nl.rstrip('?')})", f" ({item.en.rstrip('?')})") if item and item.nl else ("", "")
    return f"'{name_of(node)}'{nl}", f"'{name_of(node)}'{en}"


def _shows(node: etree._Element) -> bool:
    """Whether the text in this element is anything that people can see."""
    texts = [node.text or "", *(child.tail or "" for child in node)]
    return any(unicodedata.category(letter)[0] not in "CZ" for letter in "".join(texts))


@cache
def _names() -> set[str]:
    return {one.tag for one in definition().elements} | {ROOT, CORE}


def _is_known(node: etree._Element) -> bool:
    return is_ours(node) and name_of(node) in _names()


def _path(node: etree._Element) -> str:
    """The path of a node, as far as its names are ours: a strange name may be anything."""
    while node.getparent() is not None and not _is_known(node):
        node = node.getparent()
    return path_of(node) if _is_known(node) else "/"


def _form(node: etree._Element, attribute: str | None, message: str) -> tuple[str, str]:
    """What is wanted of the value; libxml2 tells apart what is too long, and the value what only looks right."""
    if attribute == "schemaversie":
        known = [row["version"] for row in definition().versions]
        return " of ".join(known), " or ".join(known)
    item = definition().by_path.get(path_in_definition(node))
    if attribute == "unit" and item and item.unit:
        return item.unit, item.unit
    if attribute == "codeSystem" and item and item.lists:
        system = definition().choices(item)[0].system
        return f"een OID zoals {system}", f"an OID such as {system}"
    if longest := LONGEST.search(message):
        return f"hoogstens {longest[1]} tekens", f"at most {longest[1]} characters"
    if attribute != "value":
        return FORMS.get(attribute or "", TEXT)
    return _looks_right(node.get("value", "").strip(), item.type if item else "") or FORMS.get(item.type if item else "", TEXT)


def _looks_right(value: str, kind: str) -> tuple[str, str] | None:
    """What is wrong with a value that has the form of its kind; None where it is the form itself."""
    if kind in ("geheel", "getal") and (number := NUMBER.fullmatch(value)) and (kind == "getal" or not number[1]):
        return TOO_MANY_DIGITS[kind]
    if kind in ("datum", "moment") and (day := DAY.match(value)):
        year, month, in_month = map(int, day.groups())
        if 1 <= month <= 12 and monthrange(year, month)[1] < in_month <= 31:
            return NO_SUCH_DAY
    return None
