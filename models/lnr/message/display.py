"""A record in words, for people of the hospital: section by section, and what a newer version changed in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import dutch
from models.lnr.dataset import moment
from models.lnr.dataset.definition import Definition, Element, definition
from models.lnr.dataset.wording import NULL_WORDS
from models.lnr.derived import derivation
from models.lnr.message.header import KINDS

UNITS = {"d": "dagen", "Cel": "°C", "[pH]": ""}
CLASSES = {"invasive": "invasief", "noninvasive": "niet-invasief", "oxygen": "zuurstof", "none": "geen"}


@dataclass(frozen=True)
class DisplayLine:
    """One item with its value as people read it; `empty`: known to be unknown."""

    label: str
    text: str
    empty: bool = False


@dataclass(frozen=True)
class DisplayTable:
    """The rows of a repeating group."""

    label: str
    heads: list
    rows: list


@dataclass(frozen=True)
class DisplaySection:
    letter: str
    name: str
    lines: list
    tables: list


@dataclass(frozen=True)
class ValueChange:
    """What another version says about one thing; '' where it says nothing."""

    label: str
    before: str
    after: str


def sections(values: Mapping[str, int | str], of: Definition | None = None) -> Iterator[DisplaySection]:
    """The sections of a record that say something, in the order of the definition."""
    of = of or definition()
    for section, items in of.by_section():
        lines = [_line(item, values[item.name], of) for item in items if item.row_group is None and item.name in values]
        groups = dict.fromkeys(item.row_group.name for item in items if item.row_group is not None)
        tables = [_table(of.groups[name], values[name], of) for name in groups if values.get(name)]
        if lines or tables:
            yield DisplaySection(section["section"], section["nl"], lines, tables)


def derived(found: Mapping[str, int | str | None], why: Any = None) -> Iterator[DisplayLine]:
    """What the registry computed, as lines; of what is not known the reason. What is outside is left out."""
    for one in derivation.shown():
        reason = derivation.reasons().get((why or {}).get(one.value))  # type: ignore[arg-type]
        if (said := found.get(one.value)) is not None:
            yield DisplayLine(one.nl, _derived(one.value, said) + (f" ({reason.nl})" if reason else ""))
        elif reason and reason.kind == "onbekend":
            yield DisplayLine(one.nl, f"onbekend: {reason.nl}", empty=True)


def changes(before: datetime, after: Any, of: Definition | None = None) -> list:
    """The differences between two records, in the order of the definition."""
    old, new = (dict(_flat(values, of or definition())) for values in (before, after))
    return [
        ValueChange(label, old.get(label, ""), new.get(label, ""))
        for label in {**old, **new}
        if old.get(label) != new.get(label)
    ]


def text(item: Element, said: Sequence[str] | int | str, of: Definition | None = None) -> str:
    """The value of an item of a record as people read it."""
    if isinstance(said, list) and item.repeats:
        return "; ".join(_one(item, one, of or definition()) for one in said)
    return _one(item, said, of or definition())


def told(name: str, values: Mapping[str, Any], of: Definition | None = None) -> DisplayLine | None:
    """What a record says about the item or the repeating group `name`, its rows in one text; '' where it says nothing.

    An item that stands in the rows of a group is looked for in each of them. None for a name that no record has.
    """
    of = of or definition()
    if group := of.groups.get(name):
        rows = _table(group, values.get(name) or [], of).rows
        return DisplayLine(group.nl, "; ".join(", ".join(filter(None, row)) for row in rows))
    item = of.items.get(name)
    if item is None:
        return None
    places = [values] if item.row_group is None else values.get(item.row_group.name) or []
    return DisplayLine(item.nl, "; ".join(text(item, row[name], of) for row in places if name in row))


def _line(item: Element, said: Sequence[str] | int | str, of: Definition) -> DisplayLine:
    return DisplayLine(item.nl, text(item, said, of), isinstance(said, dict) and "null" in said)


def _table(group: Any, rows: Any, of: Any) -> DisplayTable:
    items = [one for one in of.items.values() if one.row_group is group and any(one.name in row for row in rows)]
    told = [[text(one, row[one.name], of) if one.name in row else "" for one in items] for row in rows]
    return DisplayTable(group.nl, [one.nl for one in items], told)


def _flat(values: Any, of: Definition) -> Iterator[tuple[str, str]]:
    for section in sections(values, of):
        yield from ((line.label, line.text) for line in section.lines)
        for table in section.tables:
            for number, row in enumerate(table.rows, 1):
                yield f"{table.label} {number}", ", ".join(filter(None, row))


def _one(item: Element, said: Any, of: Definition) -> Any:
    if isinstance(said, dict):
        return NULL_WORDS[said["null"]][0] if "null" in said else f"anders: {said.get('text') or ''}"
    if isinstance(said, bool):
        return "ja" if said else "nee"
    if item.type == "code":
        return next((code.nl for code in of.choices(item) if code.code == said), said)
    if item.type in ("moment", "datum"):
        return when(said)
    if item.type == "nummer":
        return f"{said[1]} ({KINDS[said[0]].upper()})" if said[0] in KINDS else said[1]
    return _number(item, said) if item.is_number else str(said)


def when(said: Any) -> str:
    """'10 januari 2026, 04:12' or '10 januari 2026' of a moment in a record."""
    read = moment.read(said)
    return dutch.date_and_time(read.first) if read.exact else dutch.long_date(read.day)


def _number(item: Element, said: Any) -> str:
    plain = f"{said:.10g}".replace(".", ",")
    if item.name == "gestational_age_days":
        weeks, days = divmod(int(said), 7)
        return f"{weeks} weken en {dutch.plural(days, 'dag', 'dagen')}"
    return f"{plain} {UNITS.get(item.unit, item.unit)}".strip()


def _derived(name: Any, said: Any) -> str:
    if isinstance(said, bool):
        return "ja" if said else "nee"
    return CLASSES.get(said, str(said)) if name.startswith("support_at") else str(said)
