"""The fields of one question on a page: what stands in them for an answer, and the answer in what was sent.

`at` names a question with its repetition, as 'B3.0'; the names of its fields begin with it.
"""

import json
from hashlib import sha256

from werkzeug.datastructures import MultiDict

from models.base import Refused
from models.forms.answer_kinds import decimal
from models.forms.form_structure import is_other
from models.forms.table_answers import MOST_ROWS

CHOSEN = ("keuze", "ja/nee", "meer")
OTHER = ".anders"


def place(code, number):
    """'B3.0': a question, in the repetition `number` of its block."""
    return f"{code}.{number}"


def split(at):
    """(code, number) of a place that a page sent."""
    code, _, number = at.partition(".")
    return code, number


def mark(kept):
    """A short word for an answer, with which a page tells whether its fields were touched."""
    return sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]


def standing(item, kept, at):
    """The fields of the question as this answer fills them."""
    fields = MultiDict()
    if kept is None or item.answer.computed:
        return fields
    if is_other(kept):
        fields[at if item.answer.word in CHOSEN else at + OTHER] = kept["anders"]
    else:
        _fill(fields, item.answer, kept, at)
    return fields


def _fill(fields, kind, kept, at):
    if kind.word == "meer":
        fields.setlist(at, kept)
    elif kind.word == "weken + dagen":
        fields[at + ".weken"], fields[at + ".dagen"] = kept.split("+")
    elif kind.word == "datum + tijd":
        day, _, fields[at + ".tijd"] = kept.partition("T")
        fields[at + ".dag"] = _day(day)
    elif kind.word == "datum":
        fields[at] = _day(kept)
    elif kind.word == "lijst":
        _fill_rows(fields, kind, kept, at)
    else:
        fields[at] = decimal(kept) if kind.word == "getal" else kept


def _day(kept):
    """'5-3-2026'. Typed as text: what a browser's own date field shows depends on the language of the browser."""
    year, month, day = kept.split("-")
    return f"{int(day)}-{int(month)}-{year}"


def _fill_rows(fields, kind, kept, at):
    for number, row in enumerate(kept):
        number = kind.rows.index(row[kind.lead]) if kind.rows else number
        for column, (name, cell) in enumerate(kind.columns):
            if name in row:
                _fill(fields, cell, row[name], f"{at}.{number}.{column}")


def rows_of(kind, fields, at):
    """The numbers of the rows that have a field in `fields`."""
    starts = (name.removeprefix(f"{at}.").partition(".")[0] for name in fields if name.startswith(f"{at}."))
    return sorted({int(start) for start in starts if start.isascii() and start.isdigit() and len(start) < 4})


def sent(item, fields, at, before=None):
    """The answer in these fields, for `Item.read`; `before` is what the page was showing. Raises Refused."""
    if item.answer.word in CHOSEN:
        return _chosen(item, fields.getlist(at))
    typed, other = _typed(item.answer, fields, at), fields.get(at + OTHER)
    # Who types a number where 'onbekend' stood need not untick that as well.
    return {"anders": other} if other and not (typed and before is not None and is_other(before)) else typed


def _chosen(item, chosen):
    chosen = [text for text in dict.fromkeys(chosen) if text]
    others = [text for text in chosen if text in item.others]
    if others and len(chosen) > 1:
        raise Refused(f"'{others[0]}' kan niet samen met een ander antwoord.")
    if others:
        return {"anders": others[0]}
    return chosen if item.answer.word == "meer" or len(chosen) > 1 else "".join(chosen)


def _typed(kind, fields, at):
    if kind.word == "lijst":
        return _rows(kind, fields, at)
    if kind.word == "weken + dagen":
        weeks, days = fields.get(at + ".weken", "").strip(), fields.get(at + ".dagen", "").strip()
        return f"{weeks}+{days}" if days else weeks
    if kind.word == "datum + tijd":
        day, time = fields.get(at + ".dag", "").strip(), fields.get(at + ".tijd", "").strip()
        if time and not day:
            raise Refused("Vul ook de datum in.")
        return f"{day} {time}".strip()
    return fields.get(at, "")


def _rows(kind, fields, at):
    numbers = rows_of(kind, fields, at)
    if len(numbers) > MOST_ROWS + 1 or (kind.rows and numbers and numbers[-1] >= len(kind.rows)):
        raise Refused(f"Een lijst heeft hoogstens {len(kind.rows) or MOST_ROWS} regels.")
    return [row for place, number in enumerate(numbers, 1) if (row := _row(kind, fields, at, number, place))]


def _row(kind, fields, at, number, place):
    row = {}
    for column, (name, cell) in enumerate(kind.columns):
        try:
            typed = _typed(cell, fields, f"{at}.{number}.{column}")
        except Refused as reason:
            raise Refused(f"Regel {place}, {name}: {reason}") from None
        if typed.strip():
            row[name] = typed
    return {kind.lead: kind.rows[number], **row} if row and kind.rows else row
