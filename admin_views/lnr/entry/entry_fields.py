"""A stay that is typed in, as its pages show it: the fields of a section, and what a page follows after each answer."""

from dataclasses import dataclass, field

from flask import request

from admin_views.forms.answer_fields import mark
from models.lnr.dataset import wording
from models.lnr.dataset.definition import Element, definition
from models.lnr.entry.draft_message import ENVELOPE, place
from models.lnr.entry.typed_values import FEW, OTHER, TEXT, Typed, typed
from models.lnr.message import display
from models.lnr.message.validation_report import Severity


@dataclass
class ItemField:
    """One field. `values`: {part: [text]} that stands in it; `trouble`: why it was not saved; `findings`: what rules say."""

    item: Element
    row: int
    kind: Typed
    kept: object
    revision: int
    display: bool
    open: bool
    values: dict
    findings: list
    options: list = field(default_factory=list)
    trouble: str = ""
    clash: object = None

    @property
    def at(self):
        return place(self.item, self.row)

    @property
    def id(self):
        return anchor(self.at)

    @property
    def mark(self):
        return mark(self.kept)

    @property
    def others(self):
        return self.kind.others(self.kept)

    @property
    def many(self):
        """Whether the choice is among too many to show them all."""
        return self.kind.word in ("keuze", "verwijzing") and len(self.options) > FEW

    @property
    def required(self):
        return self.item.required and self.item.row_group is None

    @property
    def unit(self):
        return "" if self.item.unit == "d" else display.UNITS.get(self.item.unit, self.item.unit)

    @property
    def range(self):
        """'300 tot en met 7000', and what is usual where that is narrower."""
        if not self.item.is_number:
            return ""
        low, high = (one / 7 if one and self.item.unit == "d" else one for one in (self.item.low, self.item.high))
        words = (
            wording.span(low and round(low), high and round(high), wording.NL)
            if self.item.unit == "d"
            else self._span(low, high)
        )
        return f"{words} weken" if words and self.item.unit == "d" else words

    def _span(self, low, high):
        usual = wording.unusual(self.item, wording.NL)
        return wording.span(low, high, wording.NL) + (f"; meestal {usual}" if usual else "")

    def first(self, part=""):
        return (self.values.get(part) or [""])[0]

    @property
    def error(self):
        """What is wrong with what stands here."""
        return self.trouble or (_said(self.findings, (Severity.FOUT,)) if self.kept is not None else "")

    @property
    def warnings(self):
        return cautions(self.findings) if self.kept is not None else []


class EntryPage:
    """A draft with its fields. `more`: the group in which an empty row was asked for."""

    def __init__(self, entry, more=""):
        self.entry, self.more, self.of = entry, more, definition()
        self.cells, self.entered = entry.cells(), entry.entered()

    def section(self, letter):
        """(its line, the one before it, the one after it); None when there is no such section."""
        found = [section for section, _ in self.of.by_section() if section["section"] != ENVELOPE]
        here = next((number for number, one in enumerate(found) if one["section"] == letter), None)
        if here is None:
            return None
        return found[here], (found[here - 1] if here else None), (found[here + 1] if here + 1 < len(found) else None)

    @property
    def steps(self):
        """[(section, open, open and answered)]"""
        counts = self.entered.progress()
        return [(one, *counts[one["section"]]) for one, _ in self.of.by_section() if one["section"] in counts]

    @property
    def asked(self):
        """How many fields are open or answered."""
        return asked(self.entered)

    @property
    def following(self):
        return next((section for section, still, _ in self.steps if still), self.steps[0][0])

    def parts(self, letter):
        """[(group or None, {row: [Field]})] of a section in order; fields of their own stand in row 0."""
        items = next(items for section, items in self.of.by_section() if section["section"] == letter)
        parts = {}
        for item in items:
            group = item.row_group
            for row in [0] if group is None else self.entered.rows(group, more=group.name == self.more):
                # What stands between two groups is a part by itself.
                parts.setdefault(group.name if group else self._stretch(items, item), (group, {}))[1].setdefault(
                    row, []
                ).append(self.field(item, row))
        return list(parts.values())

    def _stretch(self, items, item):
        before = items[: items.index(item)]
        return len([one for one in before if one.row_group is not None])

    def field(self, item, row):
        at, kind = place(item, row), typed(item)
        kept, revision = self.cells.get(at, (None, 0))
        return ItemField(
            item,
            row,
            kind,
            kept,
            revision,
            self.entered.shows(item, row),
            at in self.entered.open,
            kind.fields(kept),
            self.entered.findings.get(at, []),
            self._options(item, kind),
        )

    def _options(self, item, kind):
        if item.type != "verwijzing":
            return getattr(kind, "options", [])
        there = {one.row_group for one in self.of.items.values() if one.section == item.section and one.row_group is not None}
        rows = [
            (group, row) for group in there if group is not item.row_group for row in self.entered.numbers.get(group.name, ())
        ]
        return [(f"{group.name}.{row}", self._row_name(group, row)) for group, row in rows]

    def _row_name(self, group, row):
        """'Gastro-intestinaal probleem 1: …' with the first code of the row in words."""
        coded = [one for one in self.of.items.values() if one.row_group is group and one.type == "code"]
        said = next((kept for one in coded if (kept := self.entered.kept(one, row)) is not None), None)
        number = self.entered.numbers[group.name].index(row) + 1
        return f"{group.nl} {number}" + (f": {display.text(coded[0], said)}" if said is not None else "")

    def room(self, group):
        """Whether a row more may be asked for."""
        return can_grow(self.entered, group)

    @property
    def listed(self):
        """{section: [(place, name, sentence)]} of what is open."""
        found = {}
        for item, row in self.entered.fields():
            if (at := place(item, row)) in self.entered.open:
                said = self._why(at)
                found.setdefault(item.section, []).append((anchor(at), item.nl + (f" ({row})" if row else ""), said))
        return found

    def _why(self, at):
        """Why a place is open. The hints for what is absent are about messages; here its name says enough."""
        found = self.entered.findings.get(at, ())
        if at in self.entered.given:
            return _said(found, (Severity.FOUT, Severity.WAARSCHUWING))
        return "verplicht" if any(one.severity == Severity.FOUT for one in found) else ""


def anchor(at):
    return "veld-" + at.replace(".", "-")


def can_grow(entered, group):
    rows = entered.rows(group, more=True)
    grows = not entered.numbers.get(group.name) or rows != entered.numbers.get(group.name)
    return grows and any(entered.holds(one, rows[-1]) for one in entered.of.items.values() if one.row_group is group)


def asked(entered):
    return len({*entered.open, *entered.given})


def cautions(findings):
    return [_sentence(one) for one in findings if one.severity != Severity.FOUT]


def _said(findings, severities):
    return " ".join(_sentence(one) for one in findings if one.severity in severities)


def _sentence(one):
    return f"{one.nl} {one.hint_nl} ({one.rule})"


def state(entered):
    """What a page follows after each answer, for its script."""
    groups = [group.name for group in entered.of.groups.values() if can_grow(entered, group)]
    return {
        "shown": entered.shown + groups,
        "calculated": {},
        "open": {at: _trouble(entered, at) for at in entered.open},
        "progress": entered.progress(),
        "still": len(entered.open),
        "asked": asked(entered),
        "done": entered.done,
    }


def _trouble(entered, at):
    said = _said(entered.findings.get(at, ()), (Severity.FOUT,))
    return {"why": "tegenspraak" if said and at in entered.given else "leeg", "sentence": said}


def sent(item, row):
    """{part: [text]} of what the request says in the field of this item."""
    at = place(item, row)
    names = {part: f"{at}.{part}" if part else at for part in {*typed(item).parts, OTHER, TEXT}}
    return {part: request.form.getlist(name) for part, name in names.items()}
