"""A version as one file for a spreadsheet, out and in. What goes in comes out the same; a file with a mistake changes nothing.

A line whose code is '*' gives the name, the introduction (help) and the timeline (type_and_options). A line whose code is that
of its block gives the block: its condition (shown_when), and 'per F2' when it is repeated (type_and_options).
"""

import csv
import io
import re
from dataclasses import dataclass, replace
from typing import Any

from models import dutch
from models.base import Refused
from models.questionnaires.definition.definition_parser import read
from models.questionnaires.definition.questionnaire import Version

COLUMNS = (
    "code",
    "block",
    "block_title",
    "label",
    "help",
    "type_and_options",
    "unit",
    "required",
    "shown_when",
    "check",
    "source",
)
FIELDS = {
    "type_and_options": "answer",
    "shown_when": "shown_when",
    "check": "checks",
    "block_title": "title",
    "block": "block_code",
}
LARGEST = 2_000_000  # bytes
MOST_PROBLEMS = 30
RETIRED = "vervallen"
# A spreadsheet would take a cell that begins like this for a formula; an apostrophe before it makes it text.
FORMULA = re.compile(r"'*[=+\-@\t\r]")


class Mistakes(Refused):
    """A file that cannot be read in; `found` holds every mistake as a sentence with its line and column."""

    def __init__(self, found):
        self.found = found
        super().__init__(" ".join(found))


@dataclass(frozen=True)
class BlockLine:
    line: int
    code: str
    title: str
    shown_when: str = ""
    per: str = ""


@dataclass(frozen=True)
class QuestionLine:
    line: int
    code: str
    block_code: str
    label: str
    help: str
    answer: str
    unit: str
    required: str
    shown_when: str
    checks: str
    source: str
    retired: bool


@dataclass(frozen=True)
class DefinitionContent:
    """What a file says: rows as draft.write takes them."""

    name: str
    intro: str
    timeline: str
    blocks: list
    questions: list


def dump(version: Version, mark: str = ",") -> str:
    """The version as the text of a file, for download as UTF-8; `mark` stands between the cells."""
    blocks, questions = version.rows()
    sink = io.StringIO()
    writer = csv.DictWriter(sink, COLUMNS, restval="", lineterminator="\n", delimiter=mark)
    writer.writeheader()

    def put(**cells):
        writer.writerow({name: harmless(text) for name, text in cells.items()})

    put(code="*", label=version.questionnaire.name, help=version.intro, type_and_options=version.timeline)
    for block in blocks:
        head = {"block": block.code, "block_title": block.title}
        put(code=block.code, **head, type_and_options=f"per {block.per}" if block.per else "", shown_when=block.shown_when)
        for row in questions:
            if row.block_code == block.code:
                put(
                    code=row.code,
                    **head,
                    label=row.label,
                    help=row.help,
                    type_and_options=row.answer,
                    unit=row.unit,
                    required=RETIRED if row.retired else row.required,
                    shown_when=row.shown_when,
                    check=row.checks,
                    source=row.source,
                )
    return sink.getvalue()


def for_spreadsheet(version: Version) -> Any:
    """The version as the bytes of a file that a Dutch spreadsheet opens by itself: semicolons, and a mark for UTF-8."""
    return dump(version, ";").encode("utf-8-sig")


def load(content: bytes) -> DefinitionContent:
    """What the bytes of a file say, as Content. Raises Refused: Mistakes when it is a file, each with its line and column."""
    lines = _lines(_text(content))
    title = next((cells for _, cells in lines if cells["code"] == "*"), dict.fromkeys(COLUMNS, ""))
    blocks = {}
    questions = []
    for number, cells in lines:
        if cells["code"] == "*":
            continue
        if cells["code"] == cells["block"]:
            blocks[cells["block"]] = _block(number, cells, blocks.get(cells["block"]))
        else:
            blocks.setdefault(cells["block"], BlockLine(number, cells["block"], cells["block_title"]))
            questions.append(_question(number, cells))
    made = DefinitionContent(title["label"], title["help"], title["type_and_options"], list(blocks.values()), questions)
    demand_sound(made)
    return made


def _text(content):
    if len(content) > LARGEST:
        raise Refused(f"Dit bestand is groter dan {dutch.size(LARGEST)}. Sla alleen het blad met de vragen op als CSV.")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Refused("Dit bestand is geen CSV-bestand. Sla het in uw spreadsheet op als CSV (UTF-8).")


def _lines(text):
    """(line number, cells by column) for each line that holds something."""
    text = text.replace("\r\n", "\n")
    mark = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    reader = csv.reader(io.StringIO(text), delimiter=mark, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if missing := [name for name in COLUMNS if name not in header]:
            raise Refused(f"Regel 1: in dit bestand ontbreken kolommen: {', '.join(missing)}.")
        lines = []
        while (row := next(reader, None)) is not None:
            cells = dict(zip(header, row + [""] * (len(header) - len(row)), strict=False))
            if any(cell.strip() for cell in row):
                lines.append((reader.line_num, {name: as_typed(cells[name].strip()) for name in COLUMNS}))
    except csv.Error as reason:
        raise Refused(f"Regel {reader.line_num}: deze regel kan niet gelezen worden ({reason}).") from None
    if not lines:
        raise Refused("Dit bestand bevat geen vragen.")
    return lines


def harmless(text: str) -> str:
    """Text that a spreadsheet does not take for a formula; `as_typed` gives back what it was."""
    return f"'{text}" if FORMULA.match(text) else text


def as_typed(text: str) -> str:
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def _block(number, cells, known):
    per = cells["type_and_options"].removeprefix("per").strip()
    if known and known.shown_when + known.per:
        raise Refused(f"Regel {number}, kolom code: onderdeel {cells['code']} staat er twee keer.")
    return BlockLine(number, cells["code"], cells["block_title"] or cells["label"], cells["shown_when"], per)


def _question(number, cells):
    retired = cells["required"] == RETIRED
    row = QuestionLine(
        number,
        cells["code"],
        cells["block"],
        cells["label"],
        cells["help"],
        cells["type_and_options"],
        cells["unit"],
        cells["required"],
        cells["shown_when"],
        cells["check"],
        cells["source"],
        retired,
    )
    return replace(row, required="O") if retired else row


def demand_sound(content: DefinitionContent) -> None:
    """Raise Mistakes when these rows make no questionnaire."""
    _, problems = read(content.blocks, content.questions, content.timeline)
    codes = [row.code for row in content.questions]
    at = {row.code: row.line for row in [*content.blocks, *content.questions]}
    columns = {field: column for column, field in FIELDS.items()} | {"per": "type_and_options"}
    found = (
        [f"Regel {at.get(one.code, 1)}, kolom {columns.get(one.field, one.field)}: {one}" for one in problems]
        + [
            f"Regel {row.line}, kolom code: {row.code} staat er twee keer."
            for row in content.questions
            if row.retired and codes.count(row.code) > 1
        ]
        + [
            f"Regel {row.line}, kolom code: de code is te lang."
            for row in [*content.blocks, *content.questions]
            if len(row.code) > (4 if isinstance(row, BlockLine) else 8)
        ]
    )
    if not content.questions:
        found.append("Dit bestand bevat geen vragen.")
    if found:
        more = [f"En nog {len(found) - MOST_PROBLEMS} andere."] if len(found) > MOST_PROBLEMS else []
        raise Mistakes(found[:MOST_PROBLEMS] + more)
