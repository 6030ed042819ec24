"""A valid tree as typed values by item identifier, each with its place in the message."""

from dataclasses import dataclass, field
from decimal import Decimal
from unicodedata import normalize

from models.lnr import moment
from models.lnr.definition import NULL_FLAVOUR, NULLS, definition

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

    @property
    def answered(self):
        return self.value is not None or self.null is not None


@dataclass(slots=True)
class Scope:
    """The stay itself (`group` is None) or one row of a repeating group; `rows` are its repeating groups by name."""

    node: object
    group: object = None
    outer: "Scope | None" = None
    values: dict = field(default_factory=dict)
    rows: dict = field(default_factory=dict)

    def sent(self, name):
        """The first Value of an item here, or None when its element is absent."""
        found = self.values.get(name)
        return found[0] if found else None

    def one(self, name):
        """The value of an item here; None when it is absent, unknown or null."""
        found = self.values.get(name)
        return found[0].value if found else None

    def all(self, name):
        """Every usable value of an item that may be given more than once."""
        return [one.value for one in self.values.get(name, ()) if one.value is not None]

    def means(self, name):
        """The words of meaning of the code of an item here."""
        found = self.values.get(name)
        return found[0].known.meaning if found and found[0].known else frozenset()

    def each(self, group):
        """The rows of a repeating group."""
        return self.rows.get(group, [])

    def all_values(self):
        """Every Value of this scope and the rows below it."""
        for found in self.values.values():
            yield from found
        for rows in self.rows.values():
            for row in rows:
                yield from row.all_values()


def read(root, of=None):
    """The Scope of a whole message. The tree must be valid against the XSD."""
    of = of or definition()
    stay = Scope(root)
    for one in of.elements:
        if one.is_attribute and (text := root.attributes.get(one.tag[1:])) is not None:
            stay.values[one.name] = [Value(one, root, normalize("NFC", text.strip()))]
    _walk(root.children[0], of.tree, stay, of)
    return stay


def _walk(node, group, scope, of):
    for child in node.children:
        one = group.children[child.tag]
        if not one.is_group:
            value = READERS[one.type](Value(one, child), child.attributes, of)
            # An empty yes or no is the same as none (K lets it through).
            if one.type != "janee" or value.answered:
                scope.values.setdefault(one.name, []).append(value)
        elif one.repeats and one.name:
            row = Scope(child, one, scope)
            scope.rows.setdefault(one.name, []).append(row)
            _walk(child, one, row, of)
        else:
            _walk(child, one, scope, of)


def _null(attributes):
    text = attributes.get("nullFlavor")
    return text.strip() if text is not None else None


def _plain(convert):
    def read(value, attributes, of):
        value.null = _null(attributes)
        text = attributes.get("value")
        if text is not None and value.null is None:
            value.value = convert(text)
        return value

    return read


def _yes_no(value, attributes, of):
    text = attributes.get("value", "")
    value.null = _null(attributes) or ("UNK" if text == "UNK" else None)
    value.value = {"true": True, "false": False}.get(text) if value.null is None else None
    return value


def _number(value, attributes, of):
    value.null, text = _null(attributes), attributes.get("value")
    if text is None or value.null is not None:
        return value
    number = Decimal(text.strip())
    if value.item.unit:
        value.spelling = attributes.get("unit", "").strip()
        unit = of.units[value.item.unit].get(value.spelling)
        number = number * unit.factor if unit else None
    value.value = number if number is None else _light(number)
    return value


def _light(number):
    return int(number) if number == number.to_integral_value() else float(number)


def _coded(value, attributes, of):
    code, system = attributes["code"].strip(), attributes["codeSystem"].strip()
    value.text = normalize("NFC", attributes["originalText"]) if "originalText" in attributes else None
    value.known = of.code(value.item, code, system)
    if system == NULL_FLAVOUR and code in NULLS and value.item.nullable:
        value.null = code
    elif value.known:
        value.value = code
    return value


def _named(value, attributes, of):
    value.value = (
        (attributes.get("root", "").strip(), normalize("NFC", attributes["value"].strip())) if attributes.get("value") else None
    )
    value.null = _null(attributes)
    return value


def _text(text):
    return normalize("NFC", text)


READERS = {
    "janee": _yes_no, "geheel": _plain(lambda text: int(text)), "getal": _number, "code": _coded, "nummer": _named,
    "moment": _plain(lambda text: moment.read(text.strip())), "datum": _plain(lambda text: moment.read(text.strip())),
    "tekst": _plain(_text), "naam": _plain(lambda text: None), "verwijzing": _plain(lambda text: text.strip()),
    # Four digits say enough about where a child lives.
    "postcode": _plain(lambda text: text.strip()[:4]),
}  # fmt: skip


def plain(scope):
    """The stay as JSON can hold it, without what names a person: values by item, lists of rows by group.

    A value that is known to be unknown is {"null": "UNK"}; a code that says 'other' is {"code": "OTH", "text": "…"}.
    """
    kept = {}
    for name, values in scope.values.items():
        item = values[0].item
        if item.identifying or item.section == "A" or not any(value.answered for value in values):
            continue
        said = [_as_json(value) for value in values if value.answered]
        kept[name] = said if item.repeats else said[0]
    for name, rows in scope.rows.items():
        kept[name] = [plain(row) | _mark(row) for row in rows]
    return kept


def _mark(row):
    """What a procedure refers to its problem by."""
    return {"id": row.node.attributes["id"]} if "id" in row.node.attributes else {}


def _as_json(value):
    if value.null is not None:
        return {"null": value.null}
    if value.value == "OTH":
        return {"code": "OTH", "text": value.text}
    if isinstance(value.value, moment.Moment):
        return str(value.value)
    return list(value.value) if isinstance(value.value, tuple) else value.value
