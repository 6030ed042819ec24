"""A REDCap data dictionary read as the rows of a questionnaire; its columns are explained in data_dictionary."""

import csv
import io
from dataclasses import dataclass

from models.forms.expression import ExpressionError, parse
from models.questionnaires.definition.data_dictionary import (
    ANNOTATION,
    CHOICES,
    COLUMNS,
    FORM,
    HEADER,
    IDENTIFIER,
    LABEL,
    LOGIC,
    MARKS,
    NAME,
    NEWLINE,
    NOTE,
    NUMBER,
    RETIRED,
    TYPE,
    UNIT,
    WORDS,
    choices_of,
    is_unknown,
    kind_of,
    required_of,
)
from models.questionnaires.definition.definition_csv import (
    BlockLine,
    DefinitionContent,
    Mistakes,
    QuestionLine,
    as_typed,
    demand_sound,
)
from models.questionnaires.definition.definition_parser import CODE
from models.questionnaires.definition.redcap_conditions import from_redcap
from models.questionnaires.definition.redcap_logic import Variable, to_redcap


def load(content: bytes) -> DefinitionContent:
    """What the bytes of a data dictionary say. Raises Mistakes, each a sentence that names the question and its line."""
    return _Reading(content.decode("utf-8-sig")).whole()


@dataclass
class _Field:
    line: int
    cells: dict
    marks: dict
    code: str = ""
    block: str = ""
    help: str = ""


class _Reading:
    def __init__(self, text):
        mark = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
        rows = csv.DictReader(io.StringIO(text.replace("\r\n", "\n")), delimiter=mark, restval="")
        known = [({name: (row.get(name) or "").strip() for name in COLUMNS}, rows.line_num) for row in rows]
        for cells, _ in known:
            cells.update({name: as_typed(cells[name]) for name in WORDS})
        self.fields = [_Field(line, cells, _marks(cells[ANNOTATION])) for cells, line in known if cells[NAME]]
        self.found, self.blocks = [], {}

    def whole(self) -> DefinitionContent:
        if not self.fields:
            raise Mistakes(["Dit bestand bevat geen vragen."])
        first, *fields = self.fields  # the first field of REDCap is the number of the record
        fields = self._told(fields)
        for one in fields:
            self._place(one)
        kinds = {id(one): self._answer(one) for one in fields}
        self.variables = {one.cells[NAME]: self._known(one, kinds[id(one)]) for one in fields}
        questions = [self._question(one, kinds[id(one)]) for one in fields]
        if self.found:
            raise Mistakes(self.found)
        title = [first.marks.get(name, "") for name in ("naam", "inleiding", "tijdlijn")]
        made = DefinitionContent(*title, list(self.blocks.values()), questions)  # type: ignore[call-arg]
        demand_sound(made)
        return made

    def _told(self, fields):
        """Without the fields that only tell something: their text becomes the help of the next question."""
        kept, said = [], []
        for one in fields:
            if one.cells[TYPE] == "descriptive":
                said.append(one.cells[LABEL])
            else:
                one.help = "\n".join([*said, one.cells[NOTE]]).strip()
                kept.append(one)
                said = []
        return kept

    def _place(self, one):
        """The block and the code of a question; what comes from elsewhere gets the next of its block."""
        if "onderdeel" in one.marks or one.cells[HEADER] or not self.blocks or one.cells[FORM] != self.form:
            code = one.marks.get("onderdeel") or _letter(len(self.blocks))
            title = one.cells[HEADER] or one.cells[FORM].replace("_", " ").capitalize()
            about = one.marks.get("onderdeel-als", ""), one.marks.get("onderdeel-per", "")
            self.blocks[code] = BlockLine(one.line, code, title, *about)
            self.count = 0
        self.form, self.count = one.cells[FORM], self.count + 1
        one.block = list(self.blocks)[-1]
        ours = one.cells[NUMBER]
        one.code = ours if CODE.fullmatch(ours) and ours.lower() == one.cells[NAME] else f"{one.block}{self.count}"

    def _wrong(self, one, sentence):
        self.found.append(f"Regel {one.line}, vraag {one.code} ([{one.cells[NAME]}]): {sentence}")

    def _answer(self, one):
        problems = []
        text = one.marks.get("soort") or kind_of(one.cells, problems)
        for sentence in problems:
            self._wrong(one, sentence)
        if one.cells[IDENTIFIER].lower() == "y":
            self._wrong(one, "is in REDCap aangemerkt als herkenbaar. Vragen naar wie iemand is, horen hier niet.")
        return text

    def _known(self, one, text):
        choices = {code: label for code, label in choices_of(one.cells[CHOICES]).items() if not is_unknown(code, label)}
        kind = one.cells[TYPE]
        if kind in ("yesno", "truefalse"):
            choices = {"1": "ja", "0": "nee"} if kind == "yesno" else {"1": "waar", "0": "niet waar"}
        numeric = text.startswith(("getal", "weken", "auto"))
        unknown = any(is_unknown(*pair) for pair in choices_of(one.cells[CHOICES]).items())
        listed = choices if kind in ("yesno", "truefalse", "radio", "dropdown", "checkbox") else {}
        return Variable(one.cells[NAME], one.code, listed, kind == "checkbox", numeric, unknown and bool(listed))

    def _question(self, one, text):
        cells, marks = one.cells, one.marks
        unit = UNIT.fullmatch(one.help)
        help_, unit = unit.groups() if unit else (one.help, "")
        if cells[TYPE] == "calc" and "soort" not in marks:
            text = f"auto: {self._translated(one, cells[CHOICES])}"
        retired = RETIRED in marks
        shown = marks["als"] if "als" in marks else self._shown(one)
        required = marks.get("verplicht", required_of(cells)) if not text.startswith("auto") else ""
        checks = marks.get("controle", "").replace(NEWLINE, "\n")
        source = marks.get("bron") or ("" if one.code.lower() == cells[NAME] else f"REDCap: {cells[NAME]}")
        return QuestionLine(
            one.line, one.code, one.block, cells[LABEL], help_, text, unit, required, shown, checks, source, retired
        )

    def _shown(self, one):
        """The condition of the question alone: what its block asks already is left out."""
        logic, block = one.cells[LOGIC], self.blocks[one.block]
        if block.shown_when and logic:
            by_code = {known.code: known for known in self.variables.values()}
            try:
                outer = to_redcap(parse(block.shown_when), by_code)
            except (ExpressionError, KeyError):
                outer = None
            if logic == outer:
                return ""
            if outer and logic.startswith(f"({outer}) and (") and logic.endswith(")"):
                logic = logic[len(outer) + 8 : -1]
        return self._translated(one, logic) if logic else ""

    def _translated(self, one, logic):
        try:
            return from_redcap(logic, self.variables)
        except ExpressionError as reason:
            self._wrong(one, f"‘{logic[:80]}’ kan niet worden overgenomen: {reason}.")
            return ""


def _marks(annotation):
    """{name: value} of our own lines in an annotation."""
    lines = (line.partition(": ") for line in annotation.splitlines())
    return {name: text.replace(NEWLINE, "\n") if name != "controle" else text for name, _, text in lines if name in MARKS}


def _letter(count):
    return (chr(64 + count // 26) if count >= 26 else "") + chr(65 + count % 26)
