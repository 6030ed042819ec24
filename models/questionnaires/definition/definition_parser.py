"""From rows to a Structure, with everything that is wrong with them, in sentences that name the question. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.forms.answer_kinds import UNKNOWN, Text
from models.forms.expression import DATE, MOMENT, NUMBER, TRUTH, ExpressionError, parse
from models.forms.filled_form import MOST_REPEATS
from models.forms.form_structure import REQUIRED, Anchor, Block, Check, Item, Structure
from models.forms.kind_notation import kind_from
from models.forms.type_check import Circle, order
from models.forms.type_check import check as demand

if TYPE_CHECKING:
    from models.questionnaires.definition.definition_csv import BlockLine, QuestionLine
    from models.questionnaires.definition.questionnaire import Question, Section

CODE = re.compile(r"[A-Z]{1,4}\d{1,3}[a-z]?")
BLOCK_CODE = re.compile(r"[A-Z]{1,4}")
CHECK = re.compile(r"(weiger|vraag) als (.+?) \| (.+)", re.I)
ANCHOR = re.compile(r"([A-Z]{1,4}\d{1,3}[a-z]?): ([^/]+) / ([^/]+) / ([^/]+)")
LONGEST = {"label": 300, "help": 1000, "unit": 30, "source": 200, "title": 200}


@dataclass(frozen=True)
class Problem:
    """What is wrong: with which question or block, in which column, as a Dutch sentence. `also`: the others it is about."""

    code: str
    field: str
    sentence: str
    also: tuple = ()

    def __str__(self):
        return f"{self.code}: {self.sentence}"


def read(
    blocks: "Sequence[BlockLine | Section]", questions: "Sequence[Question | QuestionLine]", timeline: str = ""
) -> tuple[Structure, list]:
    """(Structure, problems) of these rows. With problems the Structure is only good for looking at."""
    return _Reading(list(blocks), [row for row in questions if not row.retired], timeline).whole()


class _Reading:
    def __init__(self, blocks, questions, timeline):
        self.blocks, self.questions, self.timeline = blocks, questions, timeline
        self.problems, self.items = [], {}

    def whole(self) -> tuple[Structure, list]:
        for row in self.questions:
            self._item(row)
        self.conditions = {row.code: self._try(row, "shown_when", parse, row.shown_when) for row in self.blocks}
        for row in self.blocks:
            self._block(row)
        self.repeated = {item.code: item.block for item in self.items.values() if self._per(item.block)}
        for row in self.questions:
            self._meaning(row)
        structure = Structure(tuple(self._blocks()), tuple(self._order()), tuple(self._anchors()))
        return structure, self.problems

    def _wrong(self, row, field, sentence):
        self.problems.append(Problem(getattr(row, "code", ""), field, str(sentence)))

    def _try(self, row, field, read, text, *more):
        """What `read` makes of a text that may be empty; a problem is written down."""
        try:
            return read(text, *more) if text else None
        except ExpressionError as reason:
            self._wrong(row, field, reason)
            return None

    def _lengths(self, row, *fields):
        for field in fields:
            text = getattr(row, field)
            if len(text) > LONGEST[field] or "\x00" in text:
                self._wrong(row, field, f"De tekst in deze kolom is langer dan {LONGEST[field]} tekens.")

    def _item(self, row):
        self._lengths(row, "label", "help", "unit", "source")
        if not CODE.fullmatch(row.code):
            self._wrong(row, "code", f"'{row.code[:20]}' is geen code. Een code is een letter met een nummer, zoals B3 of B3a.")
        if row.code in self.items:
            self._wrong(row, "code", "Deze code staat er twee keer.")
        if not row.label.strip():
            self._wrong(row, "label", "De vraag heeft geen tekst.")
        if row.required not in REQUIRED:
            self._wrong(row, "required", "Vul V (verplicht), V* (verplicht als deze getoond wordt) of O (niet verplicht) in.")
        if not row.answer:
            self._wrong(row, "answer", "Vul in wat voor antwoord er gevraagd wordt, bijvoorbeeld ja/nee of datum.")
        answer, others = self._try(row, "answer", kind_from, row.answer) or (Text(), ())
        if answer.computed != (row.required == ""):
            self._wrong(row, "required", "Alleen wat berekend wordt, heeft hier niets staan.")
        if not answer.computed and UNKNOWN not in answer.options:
            others = (*others, UNKNOWN)
        self._look_alikes(row, answer.options, others)
        self.items[row.code] = Item(
            row.code,
            row.block_code,
            row.label,
            row.help,
            row.unit,
            row.required.startswith("V"),
            answer,
            others,
            self._try(row, "shown_when", parse, row.shown_when),
            self._try(row, "answer", parse, answer.formula) if answer.computed else None,
            tuple(self._checks(row)),
        )

    def _look_alikes(self, row, options, others):
        named = {other.casefold(): other for other in others}
        for option in options:
            if other := named.get(option.casefold()):
                self._wrong(row, "answer", f"Het antwoord '{option}' staat er al als '{other}'. Haal '{option}' weg.")

    def _checks(self, row):
        for line in filter(None, (line.strip() for line in row.checks.splitlines())):
            found = CHECK.fullmatch(line)
            if not found:
                self._wrong(row, "checks", "Schrijf een controle als: weiger als B5 > B2 | De zin voor de invuller.")
            elif when := self._try(row, "checks", parse, found[2]):
                yield Check(found[1].lower() == "weiger", when, found[3].strip())

    def _block(self, row):
        self._lengths(row, "title")
        if not BLOCK_CODE.fullmatch(row.code):
            self._wrong(row, "code", f"'{row.code[:20]}' is geen code voor een onderdeel. Gebruik hoofdletters, zoals B.")
        if not row.title.strip():
            self._wrong(row, "title", "Het onderdeel heeft geen titel.")
        if row.per and (row.per not in self.items or self.items[row.per].kind != NUMBER):
            self._wrong(row, "per", f"Dit onderdeel wordt herhaald per {row.per}, maar dat is geen vraag naar een getal.")
        elif row.per and self._per(self.items[row.per].block):
            self._wrong(row, "per", f"Vraag {row.per} staat zelf in een onderdeel dat herhaald wordt.")
        elif row.per and getattr(self.items[row.per].answer, "most", 0) > MOST_REPEATS:
            self._wrong(
                row,
                "per",
                f"Een onderdeel komt hoogstens {MOST_REPEATS} keer terug. Geef vraag {row.per} een bovengrens van "
                f"{MOST_REPEATS} of minder, zoals (0-{MOST_REPEATS}).",
            )
        if condition := self.conditions[row.code]:
            self._demand(row, "shown_when", condition, TRUTH, outside=True)

    def _meaning(self, row):
        """Conditions, calculations and checks, now that every question is known."""
        item = self.items[row.code]
        if item.condition:
            self._demand(row, "shown_when", item.condition, TRUTH)
        if item.formula:
            self._demand(row, "answer", item.formula, NUMBER)
        for check in item.checks:
            self._demand(row, "checks", check.when, TRUTH)
            if item.formula and not check.hard:
                near = " of ".join(sorted(item.formula.codes())) or "een andere vraag"
                sentence = f"Wat berekend wordt, heeft geen veld voor een toelichting. Zet deze controle bij {near}."
                self._wrong(row, "checks", sentence)

    def _demand(self, row, field, node, expected, outside=False):
        here = None if outside else self.repeated.get(row.code)
        near = {code: item for code, item in self.items.items() if self._per(item.block) in ("",) or item.block == here}
        for code in sorted(node.codes() & (set(self.items) - set(near))):
            return self._wrong(row, field, f"Vraag {code} wordt herhaald en telt alleen binnen het eigen onderdeel.")
        try:
            demand(node, near, expected)
        except ExpressionError as reason:
            self._wrong(row, field, reason)

    def _per(self, block):
        return next((row.per for row in self.blocks if row.code == block), "")

    def _order(self):
        depends = {}
        for item in self.items.values():
            condition = self.conditions.get(item.block)
            depends[item.code] = item.looks_at() | (condition.codes() if condition else set())
            if self._per(item.block):
                depends[item.code].add(self._per(item.block))
        try:
            return [code for code in order(depends) if code in self.items and code not in self.repeated]
        except Circle as reason:
            first, *others = reason.codes
            field = "answer" if self.items[first].formula else "shown_when"
            self.problems.append(Problem(first, field, str(reason), tuple(others)))
            return []

    def _blocks(self):
        for row in self.blocks:
            items = tuple(item for item in self.items.values() if item.block == row.code)
            if items:
                yield Block(row.code, row.title, self.conditions[row.code], row.per, items)

    def _anchors(self):
        for part in filter(None, (part.strip() for part in self.timeline.split(";"))):
            found = ANCHOR.fullmatch(part)
            if not found:
                sentence = "Schrijf de tijdlijn als: B5: dag {} postpartum / {} dagen ervoor / op de dag zelf."
            elif found[1] not in self.items or self.items[found[1]].kind not in (DATE, MOMENT) or found[1] in self.repeated:
                sentence = f"De tijdlijn telt vanaf {found[1]}, maar dat is geen vraag naar een datum."
            else:
                yield Anchor(*(text.strip() for text in found.groups()))
                continue
            self.problems.append(Problem("*", "answer", sentence))
