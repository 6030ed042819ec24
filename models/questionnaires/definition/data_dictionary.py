"""A version as a REDCap data dictionary (CSV, 18 columns), out and in: researchers bring their own form, or take ours along.

What REDCap has no column for stands in its field annotation, one 'name: value' a line, so that our own file comes back the
same. In a file from elsewhere those lines are simply absent. What cannot be translated is refused in a sentence that names
the question; then nothing is read. Format: the data dictionary of REDCap's Online Designer.
"""

import csv
import io
import re

from models.forms.answer_kinds import UNKNOWN
from models.forms.expression import ExpressionError, parse
from models.forms.form_structure import Item
from models.forms.kind_notation import kind_from
from models.questionnaires.definition.definition_csv import RETIRED, harmless
from models.questionnaires.definition.definition_parser import read
from models.questionnaires.definition.questionnaire import Version
from models.questionnaires.definition.redcap_logic import UNKNOWN_CODE, Untranslatable, Variable, to_redcap

COLUMNS = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)", "Required Field?",
    "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?", "Field Annotation",
)  # fmt: skip
(NAME, FORM, HEADER, TYPE, LABEL, CHOICES, NOTE, VALIDATION, LEAST, MOST, IDENTIFIER, LOGIC, REQUIRED, _, NUMBER, _, _,
 ANNOTATION) = COLUMNS  # fmt: skip
WORDS = (HEADER, LABEL, NOTE)  # what people typed; the rest is a notation of REDCap's own, that may begin as a formula does
RECORD = {NAME: "record_id", FORM: "deel_a", TYPE: "text", LABEL: "Nummer"}
MARKS = ("naam", "inleiding", "tijdlijn", "onderdeel", "onderdeel-als", "onderdeel-per", "soort", "verplicht", "controle",
         "bron", "als", RETIRED)  # fmt: skip
NEWLINE = " ¶ "
UNIT = re.compile(r"(.*?)\s*\[([^\[\]]+)\]", re.S)
ALONE = re.compile(r"@NONEOFTHEABOVE='([^']*)'")
PLAIN = {"datum": "date_dmy", "tijd": "time", "datum + tijd": "datetime_dmy"}
DATES = ("date_", "datetime_")


# ---- out -----------------------------------------------------------------------------------------------------------------


def dump(version: Version) -> bytes:
    """The version as the bytes of a data dictionary."""
    blocks, questions = version.rows()
    structure, _ = read(blocks, questions, version.timeline)
    variables = {code: _variable(item) for code, item in structure.items.items()}
    sink = io.StringIO()
    writer = csv.DictWriter(sink, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    head = {"naam": version.questionnaire.name, "inleiding": version.intro, "tijdlijn": version.timeline}
    writer.writerow(RECORD | {ANNOTATION: _annotated(head)})
    for block in blocks:
        header = block.title
        about = {"onderdeel": block.code, "onderdeel-als": block.shown_when, "onderdeel-per": block.per}
        for row in (one for one in questions if one.block_code == block.code):
            writer.writerow(_row(row, block, header, about, structure.items.get(row.code), variables))
            header, about = "", {}
    return sink.getvalue().encode("utf-8-sig")


def _row(row, block, header, about, item, variables):
    answer, _ = kind_from(row.answer)
    cells = {NAME: row.code.lower(), FORM: f"deel_{block.code.lower()}", HEADER: header, LABEL: row.label, NUMBER: row.code}
    cells[NOTE] = f"{row.help} [{row.unit}]".strip() if row.unit else row.help
    cells |= _typed(answer, item and variables[row.code], variables)
    marks = dict(about)
    logic = _logic(row, block, variables, marks) if item else ""
    cells[LOGIC], cells[REQUIRED] = logic, "y" if row.required.startswith("V") else ""
    if kind_of(cells, []) != row.answer:
        marks["soort"] = row.answer
    if row.required != required_of(cells):
        marks["verplicht"] = row.required
    marks |= {"controle": row.checks, "bron": row.source}
    if row.retired or item is None:
        marks |= {RETIRED: "ja", "als": row.shown_when}
    hidden = "@HIDDEN\n" if row.retired else ""
    alone = [str(at) for at, option in enumerate(answer.options, 1) if option in getattr(answer, "alone", ())]
    none = f"@NONEOFTHEABOVE='{','.join(alone)}'\n" if alone else ""
    cells |= {name: harmless(cells[name]) for name in WORDS}
    return cells | {ANNOTATION: (hidden + none + _annotated(marks)).strip()}


def _annotated(marks):
    return "\n".join(f"{name}: {NEWLINE.join(text.splitlines())}" for name, text in marks.items() if text)


def _variable(item: Item) -> Variable:
    labels = {"1": "ja", "0": "nee"} if item.answer.word == "ja/nee" else _coded(item.answer.options)
    # REDCap's yes/no has no third answer.
    unknown = item.answer.word == "keuze" and UNKNOWN in item.others
    numeric = item.kind == "getal"
    return Variable(item.code.lower(), item.code, labels, item.answer.word == "meer", numeric, unknown)


def _coded(options):
    return {str(at): option for at, option in enumerate(options, 1)}


def _typed(answer, variable, variables):
    """The columns of type, choices and validation."""
    word = answer.word
    if word == "ja/nee":
        return {TYPE: "yesno"}
    if word in ("keuze", "meer"):
        unknown = {UNKNOWN_CODE: UNKNOWN} if UNKNOWN not in answer.options else {}
        listed = _coded(answer.options) | unknown
        told = " | ".join(f"{code}, {label.replace('|', '/')}" for code, label in listed.items())
        return {TYPE: "radio" if word == "keuze" else "checkbox", CHOICES: told}
    if word == "getal":
        kind = f"number_{answer.places}dp" if answer.places else "integer"
        return {TYPE: "text", VALIDATION: kind, LEAST: f"{answer.least:g}", MOST: f"{answer.most:g}"}
    if word == "weken + dagen":
        return {TYPE: "text", VALIDATION: "number", LEAST: f"{answer.least}", MOST: f"{answer.most + 1}"}
    if word == "auto":
        return {TYPE: "calc", CHOICES: to_redcap(parse(answer.formula), variables)} if variable else {TYPE: "text"}
    if word in PLAIN:
        return {TYPE: "text", VALIDATION: PLAIN[word]}
    return {TYPE: "notes" if word == "lijst" or answer.long else "text"}


def _logic(row, block, variables, marks):
    """The conditions of the block and of the question together; one that REDCap cannot say stays in the annotation alone."""
    told = []
    for name, text in (("onderdeel", block.shown_when), ("als", row.shown_when)):
        try:
            told += [to_redcap(parse(text), variables)] if text else []
        except (Untranslatable, ExpressionError):
            marks |= {} if name == "onderdeel" else {"als": text}
    return " and ".join(f"({text})" for text in told) if len(told) > 1 else "".join(told)


def is_dictionary(text: str) -> bool:
    """Whether a file begins with the heading of a data dictionary."""
    return text.lstrip("\ufeff\"' ").startswith(NAME)


# ---- what the columns mean ------------------------------------------------------------------------------------------------


def choices_of(text: str) -> dict:
    """{code: label} of '1, thuis | 2, ziekenhuis'."""
    parts = (part.strip().partition(",") for part in text.split("|") if "," in part)
    return {code.strip(): label.strip() for code, _, label in parts}


def is_unknown(code: str, label: str) -> bool:
    """Whether this choice is our 'onbekend'."""
    return code == UNKNOWN_CODE and label.casefold() == UNKNOWN


def required_of(cells: dict) -> str:
    """Whether an answer must be there, as we write it."""
    if cells[TYPE] == "calc":
        return ""
    if cells[REQUIRED].lower() != "y":
        return "O"
    return "V*" if cells[LOGIC] else "V"


def kind_of(cells: dict, problems: list) -> str:
    """The kind of answer that the columns say, in our notation; what we do not have is told in `problems`."""
    kind, check = cells.get(TYPE, ""), cells.get(VALIDATION, "")
    if kind == "yesno":
        return "ja/nee"
    if kind == "truefalse":
        return "keuze: waar; niet waar"
    if kind in ("radio", "dropdown", "checkbox"):
        found = ALONE.search(cells.get(ANNOTATION, ""))
        alone = found[1].split(",") if found else []
        listed = {code: label for code, label in choices_of(cells[CHOICES]).items() if not is_unknown(code, label)}
        options = [label.replace(";", ",") + "!" * (code in alone) for code, label in listed.items()]
        return ("meer: " if kind == "checkbox" else "keuze: ") + "; ".join(options)
    if kind == "slider":
        return "getal (0-100)"
    if kind == "notes":
        return "lang"
    if kind == "calc":
        return "auto: "
    if kind != "text":
        problems.append(f"het veldtype ‘{kind}’ bestaat hier niet. Haal deze vraag weg, of maak er een ander type van.")
        return "tekst"
    if check == "integer" or check.startswith("number"):
        return _number(cells, check, problems)
    if check.startswith(DATES):
        return "datum" if check.startswith("date_") else "datum + tijd"
    return "tijd" if check.startswith("time") else "tekst"


def _number(cells, check, problems):
    least, most = cells.get(LEAST) or "0", cells.get(MOST) or "999999"
    if not all(re.fullmatch(r"\d+(?:[.,]\d+)?", text) for text in (least, most)):
        problems.append(f"de grenzen {least} en {most} kunnen hier niet; gebruik getallen vanaf 0.")
        return "tekst"
    places = "" if check == "integer" else (re.search(r"(\d)dp", check) or ["", "2"])[1]
    decimals = f", {places} {'decimaal' if places == '1' else 'decimalen'}" if places else ""
    return f"getal ({least.replace('.', ',')}-{most.replace('.', ',')}{decimals})"
