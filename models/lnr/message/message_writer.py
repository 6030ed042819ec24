"""A message from values by item identifier: what the reader makes of one, the other way round.

Values are those of `record.plain`, plus the envelope, the numbers of child and mother, and their institution as pairs
(root, number). Several values of an item, and rows of a group, are lists. {"null": "UNK"} is a null flavour, {"code": "OTH",
"text": "…"} another one than the list has; `Raw` is written as it is, for messages that must be wrong.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from models.lnr.dataset.definition import CORE, NAMESPACE, NULL_FLAVOUR, ROOT, Definition, Element, definition


@dataclass(frozen=True)
class Raw:
    """The attributes of one element, whatever they are."""

    attributes: dict


def build(values: Mapping[str, Any], of: Definition | None = None) -> bytes:
    """The message as bytes, in the order of the definition. A name that is no item and no group raises KeyError."""
    of = of or definition()
    if strange := values.keys() - of.items.keys() - of.groups.keys():
        raise KeyError(f"Not in the dataset: {', '.join(sorted(strange))}")
    head = {one.tag[1:]: values[one.name] for one in of.elements if one.is_attribute and one.name in values}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<{ROOT}{_attributes({'xmlns': NAMESPACE} | head)}>"]
    lines += [f"  <{CORE}>", *_inside(of.tree, values, of, "    "), f"  </{CORE}>", f"</{ROOT}>", ""]
    return "\n".join(lines).encode()


def _inside(group: Element, values: Mapping[str, Any], of: Definition, pad: str) -> Iterator[str]:
    for one in group.children.values():
        if not one.is_group:
            yield from _items(one, values, of, pad)
        elif one.repeats and one.name:
            for row in values.get(one.name, ()):
                mark = {"id": row["id"]} if "id" in row else {}
                yield from _group(one, row, of, pad, mark)
        else:
            yield from _group(one, values, of, pad, {})


def _group(one: Element, values: Mapping[str, Any], of: Definition, pad: str, mark: Mapping) -> Iterator[str]:
    inside = list(_inside(one, values, of, pad + "  "))
    if inside or mark:
        yield f"{pad}<{one.tag}{_attributes(mark)}>"
        yield from inside
        yield f"{pad}</{one.tag}>"


def _items(one: Element, values: Mapping[str, Any], of: Definition, pad: str) -> Iterator[str]:
    if (said := values.get(one.name)) is None:
        return
    for value in said if isinstance(said, list) else [said]:
        yield f"{pad}<{one.tag}{_attributes(_of_value(one, value, of))}/>"


def _of_value(one: Element, value: Any, of: Definition) -> dict[str, str]:
    if isinstance(value, Raw):
        return value.attributes
    if one.type == "code":
        return _of_code(one, value, of)
    if isinstance(value, dict):
        return {"nullFlavor": value["null"]}
    if one.type == "nummer":
        root, number = value
        return {"value": number} | ({"root": root} if root else {})
    if one.type == "janee":
        return {"value": str(value).lower()}
    return {"value": str(value)} | ({"unit": one.unit} if one.unit else {})


def _of_code(one: Element, value: Any, of: Definition) -> dict[str, str]:
    said = value if isinstance(value, dict) else {"code": value}
    if "null" in said:
        return {"code": said["null"], "codeSystem": NULL_FLAVOUR}
    known = next(choice for choice in of.choices(one) if choice.code == said["code"])
    told = {"code": known.code, "codeSystem": known.system, "displayName": known.nl}
    return told | ({"originalText": said["text"]} if "text" in said else {})


def _attributes(attributes: Mapping[str, str]) -> str:
    return "".join(f" {name}={quoteattr(str(value))}" for name, value in attributes.items())
