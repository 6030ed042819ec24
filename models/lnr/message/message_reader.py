"""A valid tree as typed values by item identifier, each with its place in the message."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from unicodedata import normalize

from lxml import etree

from models.lnr.dataset import moment
from models.lnr.dataset.definition import LOOSE_NULLS, NULL_FLAVOUR, NULLS, Definition, Element, definition

# A practitioner's name is not kept, and their number neither: the registry has no use for them.
LEFT_OUT = {"practitioner_name", "practitioner_id"}


@dataclass(slots=True)
class Value:
    """One item as it was sent. `value` is None where nothing usable stands; `null` is the null flavour, if that was sent.

    `known`: the Code of a coded item, None when it is outside its list. `text`: its originalText. `spelling`: the unit sent.
    """

    item: object
    node: object
    value: object = None
    null: str | None = None
    known: object = None
    text: str | None = None
    spelling: str | None = None
    loose: str | None = None  # the null flavour sent, where another one stands for it

    @property
    def answered(self) -> bool:
        return self.value is not None or self.null is not None


@dataclass(slots=True)
class Scope:
    """The stay itself (`group` is None) or one row of a repeating group; `rows` are its repeating groups by name."""

    node: object
    group: object = None
    values: dict = field(default_factory=dict)
    rows: dict = field(default_factory=dict)
    # Of the stay: every Value in it and in its rows.
    everything: list = field(default_factory=list)

    def sent(self, name: str) -> Value | None:
        """The first Value of an item here, or None when its element is absent."""
        found = self.values.get(name)
        return found[0] if found else None

    def one(self, name: str) -> Any:
        """The value of an item here; None when it is absent, unknown or null."""
        found = self.values.get(name)
        return found[0].value if found else None

    def all(self, name: str) -> list[str | tuple[str, str]]:
        """Every usable value of an item that may be given more than once."""
        return [one.value for one in self.values.get(name, ()) if one.value is not None]

    def means(self, name: str) -> frozenset[str]:
        """The words of meaning of the code of an item here."""
        found = self.values.get(name)
        return found[0].known.meaning if found and found[0].known else frozenset()

    def each(self, group: str) -> list:
        """The rows of a repeating group."""
        return self.rows.get(group, [])


def read(root: etree._Element, of: Definition | None = None) -> Scope:
    """The Scope of a whole message. The tree must be valid against the XSD."""
    of = of or definition()
    stay = Scope(root)
    for one in of.head:
        if (text := root.get(one.tag[1:])) is not None:
            _keep(Value(one, root, normalize("NFC", text.strip())), stay, stay)
    _walk(root[0], of.tree, stay, stay, of)
    return stay


def _walk(node: etree._Element, group: Element, scope: Scope, stay: Scope, of: Definition) -> None:
    known = group.by_tag
    for child in node:
        one = known[child.tag]
        if not one.is_group:
            value = READERS[one.type](one, child, child.get, of)
            # An empty yes or no is the same as none (K lets it through).
            if value.value is not None or value.null is not None or one.type != "janee":
                _keep(value, scope, stay)
        elif one.repeats and one.name:
            row = Scope(child, one)
            scope.rows.setdefault(one.name, []).append(row)
            _walk(child, one, row, stay, of)
        else:
            _walk(child, one, scope, stay, of)


def _keep(value: Any, scope: Scope, stay: Scope) -> None:
    name = value.item.name
    if name in scope.values:
        scope.values[name].append(value)
    else:
        scope.values[name] = [value]
    stay.everything.append(value)


def _null(get: Callable) -> Any:
    """(null flavour, the one that was sent when it is read as another)."""
    text = (get("nullFlavor") or "").strip()
    return ("UNK", text) if text in LOOSE_NULLS else (text or None, None)


def _plain(convert: Any) -> Callable:
    def read(item, node, get, of):  # type: ignore[no-untyped-def]
        (null, loose), text = _null(get), get("value")
        return Value(item, node, None if text is None or null is not None else convert(text), null, loose=loose)

    return read


YES_NO = {"true": True, "false": False, "1": True, "0": False}


def _yes_no(item: Element, node: etree._Element, get: Callable, of: Definition) -> Value:
    text, (null, loose) = (get("value") or "").strip(), _null(get)
    if null is None and text == "UNK":
        null = text
    return Value(item, node, YES_NO.get(text) if null is None else None, null, loose=loose)


def _number(item: Element, node: Any, get: Callable, of: Definition) -> Value:
    (null, loose), text = _null(get), get("value")
    if text is None or null is not None:
        return Value(item, node, None, null, loose=loose)
    number, spelling = Decimal(text.strip()), None
    if item.unit:
        spelling = get("unit", "").strip()
        unit = of.units[item.unit].get(spelling)
        number = number * unit.factor if unit else None  # type: ignore[assignment]
    return Value(item, node, number if number is None else _light(number), spelling=spelling)


def _light(number: Decimal) -> Any:
    return int(number) if number == number.to_integral_value() else float(number)


def _coded(item: Element, node: etree._Element, get: Callable, of: Definition) -> Value:
    code, system, text = get("code").strip(), get("codeSystem").strip(), get("originalText")
    known = of.code(item, code, system)
    is_null = system == NULL_FLAVOUR and code in NULLS and item.nullable
    value, null = (None, code) if is_null else (code if known else None, None)
    loose = None
    if system == NULL_FLAVOUR and known is None and code in LOOSE_NULLS and item.nullable:
        null, loose = "UNK", code
    return Value(item, node, value, null, known, None if text is None else normalize("NFC", text), loose=loose)


def _named(item: Element, node: etree._Element, get: Callable, of: Definition) -> Value:
    number = get("value")
    pair = (get("root", "").strip(), normalize("NFC", number.strip())) if number else None
    null, loose = _null(get)
    return Value(item, node, pair if null is None else None, null, loose=loose)


def _text(text: str) -> str:
    return normalize("NFC", text)


READERS = {
    "janee": _yes_no, "geheel": _plain(lambda text: int(text)), "getal": _number, "code": _coded, "nummer": _named,
    "moment": _plain(lambda text: moment.read(text.strip())), "datum": _plain(lambda text: moment.read(text.strip())),
    "tekst": _plain(_text), "naam": _plain(lambda text: None), "verwijzing": _plain(lambda text: text.strip()),
    # Four digits say enough about where a child lives.
    "postcode": _plain(lambda text: text.strip()[:4]),
}  # fmt: skip


def plain(scope: Scope) -> Any:
    """The stay as JSON can hold it, without what names a person: values by item, lists of rows by group.

    A value that is known to be unknown is {"null": "UNK"}; a code that says 'other' is {"code": "OTH", "text": "…"}.
    """
    kept = {}
    for name, values in scope.values.items():
        item = values[0].item
        if item.identifying or item.section == "A":
            continue
        if said := [_as_json(value) for value in values if value.value is not None or value.null is not None]:
            kept[name] = said if item.repeats else said[0]
    for name, rows in scope.rows.items():
        kept[name] = [plain(row) | _mark(row) for row in rows]
    return kept


def _mark(row: Any) -> dict[str, str]:
    """What a procedure refers to its problem by."""
    mark = row.node.get("id")
    return {} if mark is None else {"id": mark}


def _as_json(value: Value) -> Any:
    if value.null is not None:
        return {"null": value.null}
    if value.value == "OTH":
        return {"code": "OTH", "text": value.text}
    if isinstance(value.value, moment.Moment):
        return str(value.value)
    return list(value.value) if isinstance(value.value, tuple) else value.value
