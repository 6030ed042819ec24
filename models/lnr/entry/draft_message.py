"""A stay as it is being typed in: its message, what the rules say at each field, and which fields are asked for. Pure.

A place names a field: 'apgar_5', or 'infections.2.infection_code' in a row of a group. Everything follows from the definition.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from models import clock
from models.base import Refused
from models.forms.filled_form import FilledForm
from models.lnr.dataset.definition import CORE, Definition, Element, definition
from models.lnr.message import message_writer
from models.lnr.message.validation import check
from models.lnr.message.validation_context import ALONE
from models.lnr.message.validation_report import Finding, Severity, ValidationReport
from models.lnr.rules.registry import finding

# The form writes the envelope itself.
ENVELOPE = "A"
# What the schema demands beside a value that is there, and nobody knows.
NOT_TOLD = {"null": "NI"}
MOST_ROWS = 50
SPLIT = re.compile(r"(\w+)(?:\.([1-9][0-9]{0,3})\.(\w+))?", re.A)


def place(item: Any, row: int = 0) -> str:
    """The place of an item, in this row of its group."""
    return f"{item.row_group.name}.{row}.{item.name}" if item.row_group else item.name


def split(at: Any, of: Definition | None = None) -> tuple[Element, int]:
    """(item, row) of a place. Raises Refused for what no form has."""
    found = SPLIT.fullmatch(at) if isinstance(at, str) else None
    item = (of or definition()).items.get(found[3] or found[1]) if found else None
    row = int(found[2] or 0) if found else 0
    if item is None or item.section == ENVELOPE or place(item, row) != at:
        raise Refused("Dit veld bestaat niet in deze versie van het formulier. Ververs de pagina.")
    return item, row


class Entered(FilledForm):
    """A stay. `given`: {place: kept value or None}; `envelope`: the items of section A; `context` answers what rules ask."""

    def __init__(self, given, envelope, context=ALONE, now=None, of=None):
        self.of, self.now, self.context, self.envelope = of or definition(), now or clock.now(), context, envelope
        self.given, self.used = {}, {}
        for at, kept in given.items():
            try:
                item, row = split(at, self.of)
            except Refused:
                continue  # an item that this version of the dataset no longer has
            if row:
                group = item.row_group.name
                self.used[group] = max(row, self.used.get(group, 0))
            if kept is not None and self._is_known(item, kept):
                self.given[at] = kept

    def _is_known(self, item, kept):
        """Whether every code in it still exists."""
        if item.type != "code":
            return True
        codes = {_value(one) for one in (kept if isinstance(kept, list) else [kept])} - {None}
        return codes <= {code.code for code in self.of.choices(item)}

    # ---- the message ----------------------------------------------------------------------------------------------------

    @cached_property
    def numbers(self) -> dict:
        """{group: the numbers of its rows that hold something, in order}"""
        found = {}
        for at in self.given:
            item, row = split(at, self.of)
            if row:
                found.setdefault(item.row_group.name, set()).add(row)
        return {group: sorted(rows) for group, rows in found.items()}

    @cached_property
    def missing(self) -> list[Element]:
        """The items without which there is no message at all, as far as they are not there."""
        needed = [one for one in self.of.items.values() if one.min and not one.nullable and one.section != ENVELOPE]
        return [one for one in needed if one.row_group is None and one.name not in self.given]

    @cached_property
    def raw(self) -> bytes:
        """The message as bytes; where something indispensable is missing, with a stand-in that `verdict` judges around."""
        values = {**self._values(), **{one.name: self._stand_in(one) for one in self.missing}}
        _complete(self.of.tree, values)
        return message_writer.build({**values, **self.envelope}, self.of)

    def _values(self):
        values, rows = {}, {group: {row: {} for row in numbers} for group, numbers in self.numbers.items()}
        pointed = set()
        for at, kept in self.given.items():
            item, row = split(at, self.of)
            (rows[item.row_group.name][row] if row else values)[item.name] = kept
            if item.type == "verwijzing" and isinstance(kept, str):
                pointed.add(kept)
        for group, found in rows.items():
            marks = {row: {"id": mark} if (mark := f"{group}.{row}") in pointed else {} for row in found}
            values[group] = [found[row] | marks[row] for row in self.numbers[group]]
        return values

    def _stand_in(self, item):
        if item.type == "code":
            return self.of.choices(item)[0].code
        if item.type == "moment":
            told = [kept for at, kept in self.given.items() if split(at, self.of)[0].type == "moment" and isinstance(kept, str)]
            return min(told, default=clock.today(self.now).isoformat())
        return [["", "onbekend"]]

    # ---- what the rules say -----------------------------------------------------------------------------------------------

    @cached_property
    def verdict(self) -> ValidationReport:
        return check(self.raw, self.now, self.context)

    @cached_property
    def findings(self) -> dict[str, list[Finding]]:
        """{place: [Finding]}; what is wrong with the stay as a whole is at ''."""
        found = {one.name: [finding("R-46", "", one.full_path, words={"item": one})] for one in self.missing}
        for one in self.verdict.findings:
            at = self._place_of(one.path)
            if at not in {item.name for item in self.missing}:
                found.setdefault(at, []).append(one)
        return found

    @property
    def errors(self) -> list:
        """[(place, Finding)] of what must be put right before the stay can be sent."""
        return [(at, one) for at, told in self.findings.items() for one in told if one.severity == Severity.FOUT]

    def _place_of(self, path):
        bare, row = [], {}
        for part in path.partition(f"/{CORE}/")[2].split("/"):
            tag, _, number = part.partition("[")
            bare.append(tag)
            row["/".join(bare)] = int(number.rstrip("]") or 1)
        element = self.of.by_path.get("/".join(bare))
        if element is None or element is self.of.tree:
            return ""
        item = next((one for one in self.of.items.values() if one is element or _around(element, one)), None)
        if item is None or item.section == ENVELOPE:
            return ""
        rows = self.numbers.get(item.row_group.name, []) if item.row_group else []
        number = row.get(item.row_group.path, 1) if item.row_group else 0
        return place(item, rows[number - 1] if 0 < number <= len(rows) else 1)

    # ---- what is asked for ------------------------------------------------------------------------------------------------

    def kept(self, item: Any, row: int = 0) -> Any:
        return self.given.get(place(item, row))

    def holds(self, item: Any, row: Any = 0) -> bool:
        """Whether the item is asked for here, given the other answers."""
        condition = item.condition
        if condition is None:
            return True
        other = self.of.items.get(condition.item)
        if other is None:
            return condition.holds(self.verdict.derived.get(condition.item))
        value = _value(self.kept(other, row if other.row_group is item.row_group else 0))
        code = next((one for one in self.of.choices(other) if one.code == value), None) if other.lists else None
        return condition.holds(value, code.meaning if code else frozenset())

    def shows(self, item: Element, row: int = 0) -> Any:
        """Whether its field is there: it is asked for, may still be, or holds something that somebody may want to take back."""
        return self.kept(item, row) is not None or self.holds(item, row) or self._is_undecided(item)

    def _is_undecided(self, item):
        """Whether what decides on this item comes only later in the form, or cannot be computed yet."""
        other = self.of.items.get(item.condition.item)
        if other is None:
            return self._is_unfinished and self.verdict.derived.get(item.condition.item) is None
        return other.section > item.section and other.name not in self.given

    @cached_property
    def _is_unfinished(self):
        """Whether something is not there that every stay has."""
        needed = [one for one in self.of.items.values() if one.required and one.section != ENVELOPE and one.row_group is None]
        return any(one.name not in self.given and self.holds(one) for one in needed)

    def rows(self, group: Element, more: bool = False) -> list[int]:
        """The numbers of the rows to show: those with something, and an empty one when there is none or `more` is asked."""
        there = self.numbers.get(group.name, [])
        room = len(there) < (group.max or MOST_ROWS)
        return [*there, self.used.get(group.name, 0) + 1] if room and (more or not there) else there

    def fields(self) -> Iterator[tuple[Element, int]]:
        """Every (item, row) that may be on a page now, hidden ones too."""
        for item in self.of.items.values():
            if item.section != ENVELOPE:
                yield from ((item, row) for row in (self.rows(item.row_group, more=True) if item.row_group else [0]))

    @cached_property
    def shown(self) -> list:
        """The places that are to be seen."""
        return [place(item, row) for item, row in self.fields() if self.shows(item, row)]

    @cached_property
    def open(self) -> list:
        """The places where somebody still has something to do, in order: wrong, wanted, or a question that leads on."""
        leading = {one.condition.item for one in self.of.items.values() if one.condition}
        return [
            at
            for item, row in self.fields()
            if self._is_wrong(at := place(item, row))
            or (item.name in leading and item.type == "janee" and item.conformance == "R" and at in self._unanswered)
        ]

    def _is_wrong(self, at):
        """Whether an error stands here, or a warning that nothing was filled in; another warning may be as it is."""
        severities = {one.severity for one in self.findings.get(at, ())}
        return Severity.FOUT in severities or (Severity.WAARSCHUWING in severities and at not in self.given)

    @cached_property
    def _unanswered(self):
        return set(self.shown) - set(self.given)

    @cached_property
    def wanted(self) -> set[str]:
        return {*self.open, *self.given}

    @property
    def sections(self) -> list:
        return [letter for letter in self.of.sections if letter != ENVELOPE]

    def section_of(self, at: Any) -> str:
        return split(at, self.of)[0].section

    @property
    def done(self) -> int:
        return round(100 * len(self.given.keys() - set(self.open)) / max(1, self.asked))

    def waiting(self) -> list:
        return [(at, "tegenspraak" if (said := self.error(at)) else "antwoord", said) for at in self.open]

    def error(self, at: datetime) -> str:
        """What is wrong with what stands here; empty when nothing is, or when nothing stands here."""
        return self.said(at, (Severity.FOUT,)) if at in self.given else ""

    def cautions(self, at: Any) -> list:
        """What the rules remark about what stands here."""
        return [_sentence(one) for one in self.findings.get(at, ()) if one.severity != Severity.FOUT and at in self.given]

    def said(self, at: Any, severities: Any) -> str:
        """The sentences of the findings of these severities at a place."""
        return " ".join(_sentence(one) for one in self.findings.get(at, ()) if one.severity in severities)

    def why_open(self, at: datetime) -> str:
        """Why a place is open. The hints for what is absent are about messages; here its name says enough."""
        if at in self.given:
            return self.said(at, (Severity.FOUT, Severity.WAARSCHUWING))
        return "verplicht" if self.said(at, (Severity.FOUT,)) else ""

    def can_grow(self, group: Element) -> bool:
        """Whether a row more of this group may be asked for."""
        rows, there = self.rows(group, more=True), self.numbers.get(group.name)
        grows = not there or rows != there
        return grows and any(self.holds(one, rows[-1]) for one in self.of.items.values() if one.row_group is group)


def _sentence(one):
    return f"{one.nl} {one.hint_nl} ({one.rule})"


def _value(kept):
    """A kept value as conditions see it."""
    kept = kept[0] if isinstance(kept, list) and kept else kept
    return (None if "null" in kept else kept["code"]) if isinstance(kept, dict) else kept


def _around(element, item):
    above = item.parent
    while above is not None and above is not element:
        above = above.parent
    return above is element and element.path != ""


def _complete(group, values):
    """Say 'no information' where the schema demands something beside what is there; returns whether anything is."""
    there = False
    for one in group.children.values():
        if one.is_group and one.repeats and one.name:
            rows = values.get(one.name, ())
            there = any([_complete(one, row) for row in rows]) or there
        else:
            there = (_complete(one, values) if one.is_group else values.get(one.name) is not None) or there
    for one in group.children.values():
        if there and one.min and not one.is_group and one.nullable and one.section != ENVELOPE:
            values[one.name] = NOT_TOLD if values.get(one.name) is None else values[one.name]
    return there
