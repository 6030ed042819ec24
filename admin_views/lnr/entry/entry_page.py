"""A stay that is typed in, as its pages show it: the items of each section, row by row where they come in rows."""

from dataclasses import dataclass, field
from functools import cached_property

from admin_views.forms.form_page import FEW, FormField, FormPage, parts_of
from models.base import Refused
from models.lnr.dataset import wording
from models.lnr.dataset.definition import definition
from models.lnr.entry.draft_message import ENVELOPE, place, split
from models.lnr.entry.entry_items import EntryItem, typed
from models.lnr.message import display

UNREAD = "Dit antwoord kwam niet goed aan. Ververs de pagina en probeer het opnieuw."


@dataclass
class ItemField(FormField):
    """One item, in row `row` of its group (0: of no group)."""

    question: EntryItem
    row: int = 0
    choices: list = field(default_factory=list)
    warnings: list = field(default_factory=list)

    @property
    def item(self):
        return self.question.item

    @property
    def label(self):
        return self.item.nl

    @property
    def others(self):
        return self.question.others_for(self.kept) if self.kind.word != "verwijzing" else []

    @property
    def many(self):
        return self.kind.word in ("keuze", "verwijzing") and len(self.choices) > FEW

    @property
    def required(self):
        return self.item.required and self.item.row_group is None

    @property
    def takes_text(self):
        return getattr(self.question, "takes_text", False)

    @property
    def unit(self):
        return "" if self.item.unit == "d" else display.UNITS.get(self.item.unit, self.item.unit)

    @property
    def range(self):
        """'300 tot en met 7000', and what is usual where that is narrower."""
        if not self.item.is_number:
            return ""
        low, high = (one / 7 if one and self.item.unit == "d" else one for one in (self.item.low, self.item.high))
        if self.item.unit == "d":
            words = wording.span(low and round(low), high and round(high), wording.NL)
            return f"{words} weken" if words else ""
        usual = wording.unusual(self.item, wording.NL)
        return wording.span(low, high, wording.NL) + (f"; meestal {usual}" if usual else "")

    def read(self, fields):
        return self.question.read(parts_of(fields, self.at), self.kept)


class EntryPage(FormPage):
    """A draft with its fields. `more`: the group in which an empty row was asked for."""

    def __init__(self, entry, more=""):
        self.entry, self.more, self.of = entry, more, definition()
        self.cells = entry.cells()

    @cached_property
    def filled(self):
        return self.entry.entered()

    def title_of(self, section):
        return self.of.sections[section]["nl"]

    def has(self, section):
        return section in self.of.sections and section != ENVELOPE

    def fields(self, section, spare=False):
        items = [item for item in self.of.items.values() if item.section == section]
        return [self._field(item, row) for item in items for row in self._rows(item.row_group, spare)]

    def field(self, at):
        return self._field(*split(at))

    def put(self, at, fields, seen, by, before=None, reason=None):
        split(at)
        if not (seen.isascii() and seen.isdigit() and len(seen) < 8):
            raise Refused(UNREAD)
        return self.entry.put(at, parts_of(fields, at), by, int(seen))

    def shown(self, section):
        groups = {one.row_group for one in self.of.items.values() if one.section == section and one.row_group}
        return super().shown(section) + [group.name for group in groups if self.filled.can_grow(group)]

    def parts(self, fields):
        """[(group or None, {row: [field]})] of the fields of a section in order; what is in no group stands in row 0."""
        parts, groups = {}, 0
        for one in fields:
            group = one.item.row_group
            groups += group is not None
            # What stands between two groups is a part by itself.
            rows = parts.setdefault(group.name if group else groups, (group, {}))[1]
            rows.setdefault(one.row, []).append(one)
        return list(parts.values())

    def _rows(self, group, spare):
        return [0] if group is None else self.filled.rows(group, more=spare or group.name == self.more)

    def _field(self, item, row):
        at, question = place(item, row), typed(item)
        kept, revision = self.cells.get(at, (None, 0))
        return ItemField(
            question,
            at,
            anchor(at),
            kept,
            revision,
            self.filled.shows(item, row),
            self._open.get(at),
            row=row,
            choices=self._problems(item) if item.type == "verwijzing" else question.answer.choices,
            warnings=self.filled.cautions(at),
        )

    @cached_property
    def _open(self):
        return {at: {"why": why, "sentence": said} for at, why, said in self.filled.waiting()}

    def _problems(self, item):
        """[(mark of a row, its name)] of the problems at which a reference may point."""
        there = {one.row_group for one in self.of.items.values() if one.section == item.section and one.row_group is not None}
        groups = [group for group in there if group is not item.row_group]
        rows = [(group, row) for group in groups for row in self.filled.numbers.get(group.name, ())]
        return [(f"{group.name}.{row}", self._row_name(group, row)) for group, row in rows]

    def _row_name(self, group, row):
        """'Gastro-intestinaal probleem 1: …' with the first code of the row in words."""
        coded = [one for one in self.of.items.values() if one.row_group is group and one.type == "code"]
        said = next((kept for one in coded if (kept := self.filled.kept(one, row)) is not None), None)
        number = self.filled.numbers[group.name].index(row) + 1
        return f"{group.nl} {number}" + (f": {display.text(coded[0], said)}" if said is not None else "")

    def _waiting(self):
        waiting = set(self.filled.open)
        for item, row in self.filled.fields():
            if (at := place(item, row)) in waiting:
                yield item.section, anchor(at), item.nl + (f" ({row})" if row else ""), self.filled.why_open(at)


def anchor(at):
    return "veld-" + at.replace(".", "-")
