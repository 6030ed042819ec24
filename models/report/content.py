"""What a report is made of: sections with a few sentences and tables of plain values.

Screen, PDF and spreadsheet show the same content, so a figure cannot differ between them; its hash says which content it was.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from models.dutch import number

Value = str | int | float | None


@dataclass(frozen=True)
class ReportTable:
    """One table: `head` names the columns, `rows` hold text or numbers, `note` says what counts in it."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Value]]
    note: str = ""


@dataclass(frozen=True)
class ReportPicture:
    """One picture as numbers, in units of the drawing; the same `template` draws them on the page and on paper.

    `template`: 'lnr/benchmark/funnel.svg', which reads `picture`. `alt`: what is to be seen, for who does not see it.
    """

    caption: str
    alt: str
    template: str
    picture: Mapping[str, Any]


@dataclass(frozen=True)
class ReportSection:
    """One chapter."""

    key: str
    title: str
    text: Sequence[str] = ()
    tables: Sequence[ReportTable] = ()
    pictures: Sequence[ReportPicture] = ()


@dataclass(frozen=True)
class ReportContent:
    """A whole report."""

    title: str
    about: str
    sections: Sequence[ReportSection] = field(default_factory=tuple)

    @property
    def json(self) -> str:
        """The content as JSON, always written the same way."""
        told = asdict(self)
        for section in told["sections"]:
            if not section["pictures"]:  # editions of before there were any keep their hash
                del section["pictures"]
        return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def hash(self) -> str:
        """SHA-256 of the content, 64 letters."""
        return hashlib.sha256(self.json.encode()).hexdigest()

    @classmethod
    def parsed(cls, text: str) -> "ReportContent":
        """The content that `json` wrote."""
        raw: dict[str, Any] = json.loads(text)
        sections = [
            ReportSection(
                one["key"],
                one["title"],
                one["text"],
                [ReportTable(**table) for table in one["tables"]],
                [ReportPicture(**picture) for picture in one.get("pictures", ())],
            )
            for one in raw["sections"]
        ]
        return cls(raw["title"], raw["about"], sections)


def as_text(value: object) -> str:
    """A value of a table as people read it: 1.234, 0,72, a dash for nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, int):
        return number(value)
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",") if isinstance(value, float) else str(value)


def texts(rows: Sequence[Sequence[object]]) -> list[list[str]]:
    """Rows of values as rows of text."""
    return [[as_text(value) for value in row] for row in rows]
