"""Answers that are a list of rows. Pure."""

from dataclasses import dataclass

from models.base import Refused
from models.forms.answer_kinds import AnswerKind
from models.forms.expression import TABLE

MOST_ROWS = 60


@dataclass(frozen=True)
class TableAnswer(AnswerKind):
    """Rows of cells. `columns`: (name, kind) each; with `rows` the first column is given, and each of these comes once."""

    kind = TABLE
    word = "lijst"
    columns: tuple = ()
    rows: tuple = ()
    lead: str = ""

    def read(self, raw):
        if raw in (None, ""):
            return None
        if not isinstance(raw, (list, tuple)) or not all(isinstance(row, dict) for row in raw):
            raise Refused("Deze lijst wordt niet begrepen. Vul deze opnieuw in.")
        if len(raw) > MOST_ROWS:
            raise Refused(f"Een lijst heeft hoogstens {MOST_ROWS} regels.")
        kept = [row for number, given in enumerate(raw, 1) if (row := self._row(given, number))]
        if self.rows:
            names = [row[self.lead] for row in kept]
            if len(set(names)) < len(names):
                raise Refused("Een regel van deze lijst komt dubbel voor.")
            kept.sort(key=lambda row: self.rows.index(row[self.lead]))
        return kept or None

    def _row(self, given, number):
        known = {name for name, _ in self.columns} | ({self.lead} if self.rows else set())
        if set(given) - known:
            raise Refused("Deze lijst heeft een kolom die niet bestaat.")
        row = {}
        for name, kind in self.columns:
            try:
                kept = kind.read("" if (cell := given.get(name)) is None else cell)
            except Refused as reason:
                raise Refused(f"Regel {number}, {name}: {reason}") from None
            if kept is not None:
                row[name] = kept
        if not row or not self.rows:
            return row
        if (lead := given.get(self.lead)) not in self.rows:
            raise Refused(f"Regel {number} van deze lijst bestaat niet.")
        return {self.lead: lead, **row}

    def shown(self, kept):
        return "\n".join("; ".join(f"{name}: {self._cell(name, cell)}" for name, cell in row.items()) for row in kept)

    def _cell(self, name, cell):
        kinds = dict(self.columns)
        return kinds[name].shown(cell) if name in kinds else cell

    def texts(self, kept):
        kinds = dict(self.columns)
        return [text for row in kept for name, cell in row.items() if name in kinds for text in kinds[name].texts(cell)]
