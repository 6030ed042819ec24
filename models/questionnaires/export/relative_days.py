"""How a document tells days without dates: counted from an anchor, and the year once. Pure."""

from datetime import date
from typing import Any

from models.forms.form_structure import is_other
from models.questionnaires.privacy_warnings import veiled


class Timeline:
    """Days as seen from the first anchor that is answered; without one only the year is told."""

    def __init__(self, filled):
        known = ((anchor, filled.values.get(anchor.code)) for anchor in filled.structure.anchors)
        self.anchor, start = next(((anchor, value) for anchor, value in known if value is not None), (None, None))
        self.start = start and date(start.year, start.month, start.day)

    def says(self, day: date) -> str:
        """'dag 3 postpartum'."""
        return self.anchor.says((day - self.start).days) if self.anchor else f"in {day.year}"

    def told(self, line: Any) -> str:
        """The answer of a line as a committee may read it; a list is told cell by cell with `cell`."""
        if line.kept is None or is_other(line.kept):
            return line.shown
        text = self.cell(line.item.answer, line.kept)
        if self.anchor and line.item.code == self.anchor.code:
            text += f" ({self.start.year})"
        return f"{text} {line.item.unit}".strip()

    def cell(self, kind: Any, kept: str) -> Any:
        if kind.word in ("datum", "datum + tijd"):
            day, _, clock = kept.partition("T")
            said = self.says(date.fromisoformat(day))
            return f"{said}, {clock}" if clock else said
        return self.veil(kept) if kind.free_text else kind.shown(kept)

    def veil(self, text: str) -> str:
        """A free text without full dates and service numbers."""
        return veiled(text, self.says)
