"""A questionnaire as a PDF for the committee: only what is shown, no names, no dates (relative_days.py).

templates/questionnaires/answers.typ lays it out; here is what it says.
"""

from models.forms.filled_form import Filled, FormLine
from models.forms.form_structure import is_other
from models.pdf.typesetting import pdf
from models.questionnaires.export.relative_days import Timeline
from models.questionnaires.form import Form

LONG = 600  # letters; a longer answer may go on to the next page
LETTERS_A_LINE = 110  # small letters of a list that fit beside each other


def answers_pdf(form: Form, filled: Filled) -> bytes:
    """The bytes of the document of `form` with the answers `filled`."""
    version, number = form.version, form.case.number
    timeline = Timeline(filled)
    data = {
        "under": f"Casus {number} · versie {version.number} van de vragenlijst",
        "parts": [_part(block, repeat, lines, filled, timeline) for block, repeat, lines in filled.parts],
    }
    return pdf("questionnaires/answers.typ", data, f"{version.questionnaire.name}, casus {number}")


def _part(block, repeat, lines, filled, timeline):
    """A block: its answers in their order, lists apart from the rest, and then the questions without an answer by name."""
    count = f" {repeat} van {len(filled.numbers(block))}" if repeat else ""
    groups = []
    for line in lines:
        if line.kept is None and not line.reason:
            continue
        if _is_list(line):
            groups.append({"kind": "list", "line": _list(line, timeline)})
        elif groups and groups[-1]["kind"] == "lines":
            groups[-1]["lines"].append(_answer(line, timeline))
        else:
            groups.append({"kind": "lines", "lines": [_answer(line, timeline)]})
    unanswered = [_question(line, timeline) for line in lines if line.kept is None and not line.reason]
    return {"title": f"{block.code}. {block.title}{count}", "groups": groups, "unanswered": unanswered}


def _is_list(line):
    return line.item.answer.word == "lijst" and line.kept is not None and not is_other(line.kept)


def _question(line: FormLine, timeline):
    reason = timeline.veil(line.reason) if line.reason else ""
    return {"code": line.item.code, "label": line.item.label, "reason": reason}


def _answer(line, timeline):
    several = line.item.answer.word == "meer" and line.kept is not None and not is_other(line.kept)
    said = "–" if line.kept is None else timeline.told(line)
    options = list(line.kept) if several else []
    return _question(line, timeline) | {"answer": said, "options": options, "long": len(said) > LONG or "\n" in said}


def _list(line, timeline):
    kind = line.item.answer
    columns = [(kind.lead, None)] if kind.rows else []
    columns += [(name, column) for name, column in kind.columns if any(name in row for row in line.kept)]
    shares = [_share(column) for _, column in columns]
    return _question(line, timeline) | {
        "head": [name.replace(" (", "\n(") for name, _ in columns],
        "rows": [[_cell(column, row.get(name), timeline) for name, column in columns] for row in line.kept],
        "shares": shares,
        "longest": LETTERS_A_LINE // (len(columns) + 2),
    }


def _cell(column, kept, timeline):
    return "–" if kept is None else kept if column is None else timeline.cell(column, kept)


def _share(column):
    """The part of the line that a column of words takes beside the others; 0 for one that is as wide as its figures."""
    if column is None or column.word in ("datum", "datum + tijd"):
        return 2
    return 1 + min(column.limit, 300) / 150 if column.word in ("tekst", "lang") else 0
