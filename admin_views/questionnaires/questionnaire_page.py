"""A questionnaire on the screen: the questions of its sections, and its answers for who reads them beside the files."""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from admin_views.forms.form_page import FormField, FormPage, parts_of
from models.files.document import Document
from models.forms.answer_kinds import decimal
from models.forms.filled_form import Filled, Given, place
from models.forms.form_structure import Item
from models.questionnaires.privacy_warnings import warnings
from models.questionnaires.progress import FormProgress
from models.questionnaires.query import DataQuery


def split(at):
    """(code, number) of a place that a page sent."""
    code, _, number = at.partition(".")
    return code, number


def anchor(code, number):
    return f"{code}-{number}" if number else code


@dataclass
class QuestionField(FormField):
    """One question, in the repetition `number` of its block."""

    question: Item
    number: int = 0
    reason: str = ""
    inquiries: list = field(default_factory=list)

    @property
    def code(self):
        return self.question.code

    @property
    def label(self):
        return self.question.label

    @property
    def help(self):
        return self.question.help

    @property
    def unit(self):
        return self.question.unit

    @property
    def required(self):
        return self.question.required

    @property
    def choices(self):
        return self.kind.choices

    @property
    def others(self):
        return [(word, word) for word in self.question.others]

    @property
    def computed(self):
        return self.question.formula is not None

    @property
    def calculated(self):
        return self.question.shown(self.kept)

    @property
    def asks_reason(self):
        return not self.computed and any(not check.hard for check in self.question.checks)

    @property
    def warnings(self):
        return warnings(self.question.texts(self.kept))

    @property
    def range(self):
        """'12 t/m 60', for a number that has bounds worth telling."""
        told = self.kind.word == "getal" and self.kind.most < 99_999
        return f"{decimal(self.kind.least)} t/m {decimal(self.kind.most)}" if told else ""

    def read(self, fields):
        return None if self.computed else self.question.read(self.question.sent(parts_of(fields, self.at), self.kept))


class QuestionnairePage(FormPage):
    """A questionnaire with its answers. `inquiries`: what the coordinator asks about them."""

    made = QuestionField  # what a question of it becomes

    def __init__(self, form, inquiries=(), now=None):
        self.form, self.inquiries, self.now = form, inquiries, now

    @cached_property
    def rows(self):
        """(code, number) -> Answer, of which the revisions are wanted."""
        return self.form.rows()

    @cached_property
    def filled(self):
        return self.form.filled({at: row.given for at, row in self.rows.items()}, self.now)

    @property
    def version_key(self):
        return self.form.version.key

    def block(self, section):
        """The block with this code, or None."""
        return next((block for block in self.form.structure.blocks if block.code == section), None)

    def has(self, section):
        return self.block(section) is not None

    def title_of(self, section):
        return self.block(section).title

    def fields(self, section, spare=False):
        block, troubles = self.block(section), self.filled.troubles(section)
        return [self._field(item, at, troubles) for at in self.filled.numbers(block) for item in block.items]

    def field(self, at):
        code, number = split(at)
        item = self.form.structure.items[code]
        return self._field(item, int(number), self.filled.troubles(self.form.structure.block_of[code].code))

    def put(self, at, fields, seen, by, before=None, reason=None):
        code, number = split(at)
        item = self.form.structure.items.get(code)
        raw = item.sent(parts_of(fields, at), before) if item else None
        return self.form.put(code, raw, by, seen, number, reason)

    def calculated(self, section):
        return {line.at: line.shown for line in self.filled.lines if line.item.formula and line.block.code == section}

    def parts(self, fields):
        """{number: [field]} of the fields of a section; a block that is not repeated has the number 0."""
        return {number: list(those) for number, those in groupby(fields, key=lambda one: one.number)}

    def _waiting(self):
        for one in self.filled.open:
            item, number = one.line.item, one.line.number
            name = f"{item.code}. {item.label}" + (f" ({number})" if number else "")
            yield one.line.block.code, f"vraag-{anchor(item.code, number)}", name, one.sentence

    def _field(self, item, number, troubles):
        at, row = place(item.code, number), self.rows.get((item.code, number))
        given = row.given if row else Given()
        kept = self.filled.values_at(item, number)[item.code] if item.formula else given.kept
        return self.made(
            item,
            at,
            f"vraag-{anchor(item.code, number)}",
            kept,
            row.revision if row else 0,
            (item.code, number) in self.filled.shows,
            troubles.get(at),
            number=number,
            reason=given.reason,
            inquiries=[one for one in self.inquiries if (one.code, one.repeat) == (item.code, number)],
        )


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
