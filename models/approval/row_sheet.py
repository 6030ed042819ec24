"""Rows from a spreadsheet: read it, rehearse every row, and then take all rows in one transaction or none.

A rehearsal does what taking does, by the same verbs, and takes it back: so what it foretells is what happens.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, ClassVar

from models import access
from models.accounts.user import User
from models.base import Refused, db
from models.typed_text import keepable

LARGEST = 2 * 1024 * 1024  # bytes
UNPACKED = 20 * 1024 * 1024  # bytes; a workbook is a ZIP, and may be a bomb
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 500, 40, 300
WIDEST = 16_384  # columns of a workbook, as Excel makes it
BEYOND = 50  # rows read above the most: among them may be empty ones
UNREADABLE = "Dit bestand is niet te lezen. Bewaar het in Excel als xlsx of als CSV en kies het opnieuw."


@dataclass(frozen=True)
class RowFate:
    """What becomes of one row: `kind` is 'nieuw', 'bekend' (left as it is) or 'fout'; `said` tells it in words."""

    number: int  # as the spreadsheet numbers its rows
    name: str
    kind: str
    said: str


class Sheet:
    """One kind of spreadsheet, made anew for each that comes: its columns, and what becomes of a row.

    `columns`: heading, in small letters, to field. `alone`: a column besides those is refused, else it is left out.
    `most`: rows in one file.
    """

    ability = "manage"
    columns: ClassVar[Mapping[str, str]] = {}
    needed: ClassVar[Sequence[str]] = ()
    alone = False
    most = MOST_ROWS

    def called(self, cells: Mapping[str, str]) -> str:
        """What a row is called where its fate is told."""
        return cells.get("name", "")

    def add(self, cells: Mapping[str, str], by: User) -> tuple[Any, bool]:
        """(what the row says, whether that is new). Raises Refused for a row that cannot be."""
        raise NotImplementedError

    def told(self, found: Any, new: bool) -> str:
        """What becomes of a row that can be, in words."""
        return "Wordt toegevoegd." if new else "Staat er al en blijft zoals het is."

    def finish(self, made: Sequence[Any], by: User) -> None:
        """What all new rows together ask for, in the same transaction."""


class _Undone(Exception):
    """Ends a rehearsal."""


def read_sheet(content: bytes, most: int | None = None) -> list[list[str]]:
    """The rows of the first sheet of a workbook, or of a CSV, as tidy texts; the heading first. Raises Refused."""
    most = most or MOST_ROWS
    if not content:
        raise Refused("Kies eerst een bestand.")
    if len(content) > LARGEST:
        raise Refused(f"Dit bestand is groter dan 2 MB. Zet hoogstens {most} regels in een bestand.")
    try:
        rows = list((_of_workbook if content.startswith(b"PK") else _of_csv)(content, most + BEYOND))
    except Refused:
        raise
    except Exception:  # openpyxl lets whatever it stumbles over pass
        raise Refused(UNREADABLE) from None
    rows = [row for row in rows if any(row)]
    while rows and rows[0] and not any(row[-1] for row in rows if len(row) == len(rows[0])):  # beside the table
        rows = [row[: len(rows[0]) - 1] for row in rows]
    if len(rows) > most + 1:
        raise Refused(f"Dit bestand heeft meer dan {most} regels. Verdeel het over meer bestanden.")
    if len(rows) < 2:
        raise Refused("In dit bestand staat geen regel onder de kopregel.")
    return rows


def _of_workbook(content: bytes, last: int) -> Iterator[list[str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        # zipfile reads no more of a part than it says to be.
        if sum(part.file_size for part in archive.infolist()) > UNPACKED:
            raise Refused(UNREADABLE)
    from openpyxl import load_workbook  # noqa: PLC0415  6 MB

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    for row in book.worksheets[0].iter_rows(max_row=last, max_col=WIDEST, values_only=True):
        yield _narrow(row)


def _of_csv(content: bytes, last: int) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")  # what Excel writes by default
    heading = text.partition("\n")[0]
    mark = max(";,\t", key=heading.count)
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=mark)):
        if number > last:
            break
        yield _narrow(row)


def _narrow(row: Sequence[Any]) -> list[str]:
    if any(_cell(value) for value in row[MOST_COLUMNS:] if value is not None):
        raise Refused(f"Dit bestand heeft meer dan {MOST_COLUMNS} kolommen. Verwijder wat er niet in hoort.")
    return [_cell(value) for value in row[:MOST_COLUMNS]]


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(str("" if value is None else value).split())
    # Our own exports put this mark before what a spreadsheet would take for a formula.
    return (text[1:] if text[:2] in ("'=", "'+", "'-", "'@") else text)[:LONGEST_CELL]


def rehearse(sheet: Sheet, rows: list[list[str]], by: User) -> list[RowFate]:
    """What would become of every row; nothing is kept. Raises Refused without the right."""
    fates: list[RowFate] = []
    try:
        with db.atomic():
            fates, made = _do(sheet, rows, by)
            if made and not _wrong(fates):
                sheet.finish(made, by)
            raise _Undone
    except _Undone:
        return fates


def take(sheet: Sheet, rows: list[list[str]], by: User, after: Callable = lambda made: None) -> list:
    """Make every new row, with its line in the trail, and do `after` with each; all of them or none.

    Returns what was made. Raises Refused when a row cannot be.
    """
    with db.atomic():
        fates, made = _do(sheet, rows, by)
        if wrong := _wrong(fates):
            raise Refused(f"Regel {wrong[0].number} kan niet: {wrong[0].said} Er is niets toegevoegd.")
        for one in made:
            after(one)
        if made:
            sheet.finish(made, by)
    return made


def _wrong(fates: list[RowFate]) -> list[RowFate]:
    return [fate for fate in fates if fate.kind == "fout"]


def _do(sheet: Sheet, rows: list[list[str]], by: User) -> tuple[list[RowFate], list]:
    access.demand(by, sheet.ability)
    known = sheet.columns
    rows = [[_cell(text) for text in row] for row in rows]
    heading = [text.casefold() for text in rows[0]]
    if missing := [name for name in sheet.needed if name not in heading]:
        raise Refused(f"De kolom ‘{missing[0].capitalize()}’ ontbreekt. De eerste regel van het bestand noemt de kolommen.")
    if sheet.alone:
        _demand_alone(heading, rows, known)
    fates, made = [], []
    for number, row in enumerate(rows[1:], 2):
        row = [*row, *[""] * (len(heading) - len(row))]
        cells = {known[name]: row[place] for place, name in enumerate(heading) if name in known}
        told = (number, sheet.called(cells))
        try:
            if not all(map(keepable, row)):
                raise Refused("Deze regel bevat tekens die niet opgeslagen kunnen worden.")
            with db.atomic():
                found, new = sheet.add(cells, by)
        except Refused as reason:
            fates.append(RowFate(*told, "fout", str(reason)))
            continue
        if new:
            made.append(found)
        fates.append(RowFate(*told, "nieuw" if new else "bekend", sheet.told(found, new)))
    return fates, made


def _demand_alone(heading: list[str], rows: list[list[str]], known: Mapping[str, str]) -> None:
    for place, column in enumerate(zip_longest(*rows, fillvalue=""), 1):
        name = heading[place - 1] if place <= len(heading) else ""
        if any(column) and (name not in known or heading.index(name) < place - 1):
            raise Refused(
                f"Kolom {place} hoort niet in dit bestand. Alleen {_listed(known)} mogen erin staan, elk één keer. "
                "Verwijder de kolom en kies het bestand opnieuw."
            )


def _listed(names: Mapping[str, str]) -> str:
    *first, last = names
    return f"{', '.join(first)} en {last}"
