"""What changed between two versions of a questionnaire, question by question and column by column. Pure."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.questionnaires.definition.questionnaire import Version

BLOCK_FIELDS = ("title", "shown_when", "per")
QUESTION_FIELDS = ("block_code", "label", "help", "answer", "unit", "required", "shown_when", "checks")
FIELD_LABELS = {
    "title": "Titel", "block_code": "Onderdeel", "label": "Vraag", "help": "Uitleg", "answer": "Soort antwoord",
    "unit": "Eenheid", "required": "Verplicht", "shown_when": "Tonen als", "checks": "Controles", "per": "Herhalen per",
    "source": "Bron", "code": "Code", "intro": "Inleiding", "timeline": "Tijdlijn",
}  # fmt: skip


@dataclass(frozen=True)
class VersionChange:
    """One column of one question (or block, or of the version itself: '*') that reads otherwise than before."""

    code: str
    field: str
    before: str
    after: str

    @property
    def field_label(self) -> str:
        return FIELD_LABELS[self.field]


@dataclass(frozen=True)
class Difference:
    """`added` and `removed`: questions; `changed`: Change rows; `moved`: codes that stand elsewhere among the same others."""

    added: list
    removed: list
    changed: list
    moved: list

    def __bool__(self):
        return bool(self.added or self.removed or self.changed or self.moved)


def between(older: Any, newer: "Version") -> Difference:
    """The Difference from version `older` to version `newer`."""
    (old_blocks, old_rows), (new_blocks, new_rows) = older.rows(), newer.rows()
    then, now = _asked(old_rows), _asked(new_rows)
    changed = [
        *_changes({"*": older}, {"*": newer}, ("intro", "timeline")),
        *_changes(_by_code(old_blocks), _by_code(new_blocks), BLOCK_FIELDS),
        *_changes(then, now, QUESTION_FIELDS),
    ]
    return Difference(
        [now[code] for code in now if code not in then],
        [then[code] for code in then if code not in now],
        changed,
        _moved([code for code in then if code in now], [code for code in now if code in then]),
    )


def _by_code(rows):
    return {row.code: row for row in rows}


def _asked(rows):
    return _by_code(row for row in rows if not row.retired)


def _changes(then, now, fields):
    for code in now:
        for field in fields if code in then else ():
            before, after = getattr(then[code], field), getattr(now[code], field)
            if before != after:
                yield VersionChange(code, field, before, after)


def _moved(before, after):
    """The fewest codes that have to move to come from one order to the other."""
    place = {code: number for number, code in enumerate(before)}
    best = []  # of each length: the run of codes in the old order that ends lowest
    for code in after:
        at = sum(place[run[-1]] < place[code] for run in best)
        run = [*(best[at - 1] if at else ()), code]
        best[at : at + 1] = [run]
    stayed = set(best[-1]) if best else set()
    return [code for code in after if code not in stayed]
