"""A questionnaire on the screen: its sections with what is open, and the questions of one section."""

from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from admin_views.forms.answer_fields import mark, place, rows_of, standing
from models.files.document import Document
from models.forms.answer_kinds import decimal
from models.forms.filled_form import Filled, Given
from models.forms.form_structure import Block, Item
from models.forms.table_answers import MOST_ROWS
from models.questionnaires.privacy_warnings import warnings
from models.questionnaires.progress import FormProgress
from models.questionnaires.query import DataQuery

EMPTY = Given()


@dataclass
class QuestionField:
    """One question of a page. `values`: what stands in its fields; `trouble`: a sentence why it was not saved."""

    item: Item
    at: str
    number: int = 0
    kept: object = None
    reason: str = ""
    revision: int = 0
    shown: bool = True
    open: dict = None
    values: MultiDict = None
    trouble: str = ""
    clash: object = None
    inquiries: list = field(default_factory=list)

    @property
    def id(self):
        return "vraag-" + anchor(self.item.code, self.number)

    @property
    def mark(self):
        return mark(self.kept)

    @property
    def warnings(self):
        return warnings(self.item.texts(self.kept))

    @property
    def shows(self):
        return self.item.shown(self.kept)

    @property
    def range(self):
        """'12 t/m 60', for a number that has bounds worth telling."""
        kind = self.item.answer
        told = kind.word == "getal" and kind.most < 99_999
        return f"{decimal(kind.least)} t/m {decimal(kind.most)}" if told else ""

    @property
    def rows(self):
        """The numbers of a list's rows: those with something in them and an empty one behind, or the rows that are given."""
        kind = self.item.answer
        if kind.rows:
            return range(len(kind.rows))
        there = rows_of(kind, self.values, self.at)
        return [*there, there[-1] + 1 if there else 0] if len(there) < MOST_ROWS else there


@dataclass(frozen=True)
class Step:
    """A section in the list of sections."""

    block: Block
    still: int
    asked: int

    @property
    def done(self):
        return self.still == 0


class FormPage:
    """A form as its screens show it. `rows`: (code, number) -> Answer, of which the revisions are wanted."""

    def __init__(self, form, now=None):
        self.form = form
        self.rows = form.rows()
        self.filled = form.filled({at: Given(row.kept, row.reason or "") for at, row in self.rows.items()}, now)

    @property
    def steps(self):
        counts = self.filled.progress()
        return [Step(block, *counts[block.code]) for block in self.form.structure.blocks if block.code in counts]

    @property
    def following(self):
        """The first section with something open, or the first of all."""
        steps = self.steps
        return next((step for step in steps if step.still), steps[0]).block

    def around(self, block):
        """(the section before, the section after); None at the ends."""
        shown = [step.block for step in self.steps]
        here = shown.index(block)
        return (shown[here - 1] if here else None), (shown[here + 1] if here + 1 < len(shown) else None)

    @property
    def open_by_block(self):
        """Block code -> [(anchor, item, number, sentence)], for the list of what is still open."""
        listed = {}
        for one in self.filled.open:
            at = (anchor(one.line.item.code, one.line.number), one.line.item, one.line.number, one.sentence)
            listed.setdefault(one.line.block.code, []).append(at)
        return listed

    def fields(self, block, inquiries=()):
        """Every question of the block in every repetition, also those that are hidden now. {repetition: [Field]}"""
        trouble = troubles(self.filled, block)
        return {
            number: [self._field(item, number, trouble, inquiries) for item in block.items]
            for number in self.filled.numbers(block)
        }

    def field_of(self, item, number, inquiries=()):
        """One question."""
        return self._field(item, number, troubles(self.filled, self.form.structure.block_of[item.code]), inquiries)

    def _field(self, item, number, trouble, inquiries):
        at, row = place(item.code, number), self.rows.get((item.code, number))
        kept = row.kept if row else None
        if item.formula:
            kept = self.filled.values_at(item, number)[item.code]
        return QuestionField(
            item,
            at,
            number,
            kept,
            row.reason or "" if row else "",
            row.revision if row else 0,
            shown=(item.code, number) in self.filled.shows,
            open=trouble.get(at),
            values=standing(item, kept, at),
            inquiries=[one for one in inquiries if (one.code, one.repeat) == (item.code, number)],
        )


def anchor(code, number):
    return f"{code}-{number}" if number else code


def troubles(filled, block):
    """{place: {why, sentence}} of what is open in a block."""
    found = {}
    for one in filled.open:
        if one.line.block.code == block.code:
            at = place(one.line.item.code, one.line.number)
            before = found.get(at, {"sentence": ""})["sentence"]
            found[at] = {"why": one.why, "sentence": f"{before} {one.sentence}".strip()}
    return found


def state(filled, block):
    """What a page of this block follows after each answer, for its script."""
    lines = [line for line in filled.lines if line.block.code == block.code]
    return {
        "shown": [place(line.item.code, line.number) for line in lines],
        "calculated": {place(line.item.code, line.number): line.shown for line in lines if line.item.formula},
        "open": troubles(filled, block),
        "progress": filled.progress(),
        "still": len(filled.open),
        "asked": filled.asked,
        "done": done(filled),
    }


def done(filled):
    """How much of what must be answered is answered, in percent."""
    required = sum(line.item.required for line in filled.lines)
    return round(100 * max(0, required - len(filled.open)) / required) if required else 100


@dataclass(frozen=True)
class Read:
    """The questionnaire of a case for who reads it beside the files, with what was asked about it and about them."""

    standing: FormProgress | None
    filled: Filled | None = None
    inquiries: list = ()
    earlier: list = ()

    @classmethod
    def of(cls, case):
        """Nothing before the hospital handed the case in."""
        if case.submitted_at is None:
            return cls(None)
        found = FormProgress.of(case)
        filled = found.form.filled() if found and found.form else None
        return cls(found, filled, DataQuery.of_case(case), Document.earlier(case) if filled else ())

    @property
    def waiting(self):
        return [one for one in self.inquiries if one.state == "open"]

    def about(self, code, number):
        return [one for one in self.inquiries if (one.code, one.repeat) == (code, number)]

    def of_file(self, document):
        return [one for one in self.inquiries if one.document_id == document.id]

    def opened(self, over):
        """(block, number) of the parts that stand open: where somebody is asking, or waits for a reply."""
        wanted = {(one.code, one.repeat) for one in self.inquiries if one.code and one.state != "afgehandeld"}
        shown = {place(line.item.code, line.number): line for line in self.filled.lines}
        lines = [line for at, line in shown.items() if at == over or (line.item.code, line.number) in wanted]
        return {(line.block.code, line.number) for line in lines}
