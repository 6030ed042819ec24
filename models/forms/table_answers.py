"""Answers that are a list of rows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.base import Refused
from models.forms.answer_kinds import AnswerKind, within
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

    def read(self, raw: Any) -> Any:
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

    def fields(self, kept: Any) -> dict[Any, Any]:
        filled = {}
        for number, row in enumerate(kept):
            number = self.rows.index(row[self.lead]) if self.rows else number
            for column, (name, cell) in enumerate(self.columns):
                if name in row:
                    start = f"{number}.{column}"
                    texts = cell.fields(row[name])
                    filled |= {f"{start}.{part}" if part else start: said for part, said in texts.items()}
        return filled

    def row_numbers(self, parts: Any) -> list[int]:
        """The numbers of the rows that have a field in `parts`."""
        starts = {name.partition(".")[0] for name in parts}
        return sorted(int(start) for start in starts if start.isascii() and start.isdigit() and len(start) < 4)

    def shown_rows(self, parts: Any) -> Any:
        """The numbers of the rows to show: those with something in them and an empty one behind, or the rows that are given."""
        if self.rows:
            return range(len(self.rows))
        there = self.row_numbers(parts)
        return [*there, there[-1] + 1 if there else 0] if len(there) < MOST_ROWS else there

    def joined(self, parts: Any) -> Any:
        numbers = self.row_numbers(parts)
        if len(numbers) > MOST_ROWS + 1 or (self.rows and numbers and numbers[-1] >= len(self.rows)):
            raise Refused(f"Een lijst heeft hoogstens {len(self.rows) or MOST_ROWS} regels.")
        return [row for place, number in enumerate(numbers, 1) if (row := self._joined_row(parts, number, place))]

    def _joined_row(self, parts: Any, number: int, place: int) -> dict[Any, Any]:
        row = {}
        for column, (name, cell) in enumerate(self.columns):
            try:
                typed = cell.joined(within(parts, f"{number}.{column}"))
            except Refused as reason:
                raise Refused(f"Regel {place}, {name}: {reason}") from None
            if typed and (not isinstance(typed, str) or typed.strip()):
                row[name] = typed
        return {self.lead: self.rows[number], **row} if row and self.rows else row

    def _row(self, given: Mapping[str, int | list[str] | str], number: int) -> dict[str, int | str]:
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

    def shown(self, kept: Any) -> str:
        return "\n".join("; ".join(f"{name}: {self._cell(name, cell)}" for name, cell in row.items()) for row in kept)

    def _cell(self, name: str, cell: int | str) -> Any:
        kinds = dict(self.columns)
        return kinds[name].shown(cell) if name in kinds else cell

    def texts(self, kept: Any) -> list:
        kinds = dict(self.columns)
        return [text for row in kept for name, cell in row.items() if name in kinds for text in kinds[name].texts(cell)]
