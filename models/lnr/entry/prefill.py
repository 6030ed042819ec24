"""A message turned back into what somebody could have typed, to correct it. Pure."""

from typing import Any

from models.lnr.dataset.definition import Definition, definition
from models.lnr.entry.draft_message import ENVELOPE, split
from models.lnr.entry.entry_items import by_the_clock
from models.lnr.message import message_reader
from models.lnr.message.xml_tree import grow


def values_of(raw: Any) -> dict[Any, Any]:
    """The values of a valid message as builder.py takes them, with the numbers of its people."""
    scope = message_reader.read(grow(raw).root)
    named = [values for values in scope.values.values() if values[0].item.identifying and values[0].item.section != ENVELOPE]
    return message_reader.plain(scope) | {values[0].item.name: _named(values) for values in named}


def _named(values):
    if values[0].value is None:
        return {"null": values[0].null}
    return [list(one.value) for one in values] if values[0].item.type == "nummer" else str(values[0].value)


def taken_over(values: Any, of: Definition | None = None) -> dict:
    """{place: kept} of the values of a message."""
    of, given = of or definition(), {}
    for name, said in values.items():
        if name in of.items and of.items[name].section != ENVELOPE:
            given[name] = _as_typed(of.items[name], said)
        elif name in of.groups:
            given |= {
                f"{name}.{number}.{inner}": _as_typed(of.items[inner], told)
                for number, row in enumerate(said, 1)
                for inner, told in row.items()
                if inner in of.items
            }
    marks = _marks(values, of)
    return {at: marks.get(kept, kept) if _points(at, kept, of) else kept for at, kept in given.items()}


def _marks(values, of):
    """{the id of a row in the message: the row that it is in the form}"""
    rows = ((name, number, row) for name in of.groups for number, row in enumerate(values.get(name, ()), 1))
    return {row["id"]: f"{name}.{number}" for name, number, row in rows if "id" in row}


def _points(at, kept, of):
    return split(at, of)[0].type == "verwijzing" and isinstance(kept, str)


def _as_typed(item, said):
    return by_the_clock(said) if item.type in ("moment", "datum") and isinstance(said, str) else said
