"""Hospitals and people from a spreadsheet: read it, rehearse every row, and then take all rows in one transaction or none.

A rehearsal does what taking does, by the same verbs, and takes it back: so what it foretells is what happens.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from openpyxl import load_workbook

from models import access
from models.access import PROCESS_LABELS, ROLE_LABELS
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.base import Refused, db
from models.typed_text import keepable

LARGEST = 2 * 1024 * 1024  # bytes
UNPACKED = 20 * 1024 * 1024  # bytes; a workbook is a ZIP, and may be a bomb
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 500, 40, 300
HOSPITAL_COLUMNS = {
    "naam": "name", "code": "code", "telefoon": "phone", "agb-nummer": "agb", "ura-nummer": "ura",
    "perined-nummer": "perined", "heeft een nicu": "nicu",
}  # fmt: skip
PERSON_COLUMNS = {
    "naam": "name", "e-mailadres": "email", "telefoon": "phone", "ziekenhuis": "hospital", "rollen": "roles",
    "commissie": "committee",
}  # fmt: skip
NEEDED = {"hospitals": ("naam", "code"), "people": ("naam", "e-mailadres", "rollen")}
UNREADABLE = "Dit bestand is niet te lezen. Bewaar het in Excel als xlsx of als CSV en kies het opnieuw."
YES, NO = ("ja", "1", "waar", "true"), ("nee", "0", "onwaar", "false", "")


@dataclass(frozen=True)
class RowFate:
    """What becomes of one row: `kind` is 'nieuw', 'bekend' (left as it is) or 'fout'; `said` tells it in words."""

    number: int  # as the spreadsheet numbers its rows
    name: str
    kind: str
    said: str


class _Undone(Exception):
    """Ends a rehearsal."""


def read_sheet(content: bytes) -> list[list[str]]:
    """The rows of the first sheet of a workbook, or of a CSV, as tidy texts; the heading first. Raises Refused."""
    if not content:
        raise Refused("Kies eerst een bestand.")
    if len(content) > LARGEST:
        raise Refused("Dit bestand is groter dan 2 MB. Zet hoogstens 500 regels in een bestand.")
    try:
        rows = list(_of_workbook(content) if content.startswith(b"PK") else _of_csv(content))
    except Refused:
        raise
    except Exception:  # openpyxl lets whatever it stumbles over pass
        raise Refused(UNREADABLE) from None
    rows = [row for row in rows if any(row)]
    while rows and rows[0] and not any(row[-1] for row in rows if len(row) == len(rows[0])):  # beside the table
        rows = [row[: len(rows[0]) - 1] for row in rows]
    if len(rows) > MOST_ROWS + 1:
        raise Refused(f"Dit bestand heeft meer dan {MOST_ROWS} regels. Verdeel het over meer bestanden.")
    if len(rows) < 2:
        raise Refused("In dit bestand staat geen regel onder de kopregel.")
    return rows


def _of_workbook(content: bytes) -> Iterator[list[str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        # zipfile reads no more of a part than it says to be.
        if sum(part.file_size for part in archive.infolist()) > UNPACKED:
            raise Refused(UNREADABLE)
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    for row in book.worksheets[0].iter_rows(max_row=MOST_ROWS + 50, max_col=MOST_COLUMNS, values_only=True):
        yield [_cell(value) for value in row]


def _of_csv(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")  # what Excel writes by default
    heading = text.partition("\n")[0]
    mark = max(";,\t", key=heading.count)
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=mark)):
        if number > MOST_ROWS + 50:
            break
        yield [_cell(value) for value in row[:MOST_COLUMNS]]


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(str("" if value is None else value).split())
    # Our own exports put this mark before what a spreadsheet would take for a formula.
    return (text[1:] if text[:2] in ("'=", "'+", "'-", "'@") else text)[:LONGEST_CELL]


def rehearse(kind: str, rows: list[list[str]], by: User) -> list[RowFate]:
    """What would become of every row of `kind` ('hospitals' or 'people'); nothing is kept. Raises Refused without the right."""
    fates: list[RowFate] = []
    try:
        with db.atomic():
            fates, _ = _do(kind, rows, by)
            raise _Undone
    except _Undone:
        return fates


def take(kind: str, rows: list[list[str]], by: User, after: Callable = lambda made: None) -> list:
    """Make every new row, with its line in the trail, and do `after` with each; all of them or none.

    Returns what was made. Raises Refused when a row cannot be.
    """
    with db.atomic():
        fates, made = _do(kind, rows, by)
        if wrong := [fate for fate in fates if fate.kind == "fout"]:
            raise Refused(f"Regel {wrong[0].number} kan niet: {wrong[0].said} Er is niets toegevoegd.")
        for one in made:
            after(one)
        if held := [one.held for one in made if isinstance(one, User)]:
            HeldChange.tell_of(held)
    return made


def _do(kind: str, rows: list[list[str]], by: User) -> tuple[list[RowFate], list]:
    access.demand(by, "manage")
    known = HOSPITAL_COLUMNS if kind == "hospitals" else PERSON_COLUMNS
    heading = [text.casefold() for text in rows[0]]
    if missing := [name for name in NEEDED[kind] if name not in heading]:
        raise Refused(f"De kolom ‘{missing[0].capitalize()}’ ontbreekt. De eerste regel van het bestand noemt de kolommen.")
    fates, made = [], []
    for number, row in enumerate(rows[1:], 2):
        row = [*map(_cell, row), *[""] * (len(heading) - len(row))]
        cells = {known[name]: row[place] for place, name in enumerate(heading) if name in known}
        told = (number, cells.get("name", ""))
        try:
            if not all(map(keepable, row)):
                raise Refused("Deze regel bevat tekens die niet bewaard kunnen worden.")
            with db.atomic():
                found, new = (_hospital if kind == "hospitals" else _person)(cells, by)
        except Refused as reason:
            fates.append(RowFate(*told, "fout", str(reason)))
            continue
        if new:
            made.append(found)
        fates.append(RowFate(*told, "nieuw", "Wordt toegevoegd.") if new else RowFate(*told, "bekend", _as_is(found)))
    return fates, made


def _as_is(found: Hospital | User) -> str:
    ended = isinstance(found, User) and not found.active
    return "Dit account is beëindigd en blijft zo." if ended else "Staat er al en blijft zoals het is."


def _hospital(cells: dict[str, str], by: User) -> tuple[Hospital, bool]:
    if found := Hospital.get_or_none(Hospital.code == cells["code"]):
        return found, False
    nicu = cells.get("nicu", "").casefold()
    if nicu not in (*YES, *NO):
        raise Refused("Vul bij ‘Heeft een NICU’ ja of nee in.")
    numbers = {name: cells.get(name) for name in ("agb", "ura", "perined")}
    made = Hospital.enrol(cells["code"], cells["name"], by, **numbers)
    if more := {name: value for name, value in (("phone", cells.get("phone", "")), ("nicu", nicu in YES)) if value}:
        made.amend(by, **more)
    return made, True


def _person(cells: dict[str, str], by: User) -> tuple[User, bool]:
    if found := User.by_email(cells["email"]):
        return found, False
    if not cells["name"]:
        raise Refused("De naam ontbreekt.")
    roles = {role.casefold(): name for name, label in ROLE_LABELS.items() for role in (name, label)}
    named = [role.strip().casefold() for role in cells["roles"].split(",") if role.strip()]
    if not named or (strange := [role for role in named if role not in roles]):
        raise Refused(f"De rol ‘{strange[0]}’ is er niet." if named else "De rol ontbreekt.")
    committees = {label.casefold(): process for process, label in PROCESS_LABELS.items()}
    committee = cells.get("committee", "").casefold()
    if committee and committee not in committees:
        raise Refused(f"De commissie ‘{cells['committee']}’ is er niet.")
    wanted = {roles[role] for role in named}
    fields = (cells["email"], cells["name"], cells.get("phone", ""))
    return HeldChange.invite(by, *fields, wanted, _place(cells), committees.get(committee), tell=False), True


def _place(cells: dict[str, str]) -> Hospital | None:
    if not (named := cells.get("hospital", "")):
        return None
    if found := Hospital.get_or_none((Hospital.code == named) | (Hospital.name == named)):
        return found
    raise Refused(f"Het ziekenhuis ‘{named}’ is er niet. Gebruik de naam of de code uit de lijst van ziekenhuizen.")
