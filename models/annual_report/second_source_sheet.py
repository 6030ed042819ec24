"""The list of a second source as a spreadsheet: theme, month and hospital of each case, and nothing that tells whose it is.

Only what the portal knows can be kept: a theme, a month of a year that is over, a hospital. Whatever else stands in a cell is
refused, and not repeated on the page where it may be of a person.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from models import clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.annual_report.births import FIRST_YEAR
from models.annual_report.second_source import SecondSourceList
from models.approval.row_sheet import Sheet
from models.base import Refused
from models.cases.theme import Theme
from models.dutch import MONTHS, month_name
from models.monthly import response

NUMBERS = re.compile(r"(\d{4})[-/](\d\d?)|(\d\d?)[-/](\d{4})", re.ASCII)
FIRST_DAY = re.compile(r"(\d{4}-\d\d)-01( 00:00:00)?", re.ASCII)  # what a spreadsheet makes of a month
WRITTEN = re.compile(r"([a-z]+)\.?[ -](\d{4})", re.ASCII)
NAMED = {name[:letters]: number for number, name in enumerate(MONTHS, 1) for letters in (3, len(name))} | {"mrt": 3}
# Five digits or more, with marks between them or without: no name of a theme or a hospital has them.
OF_SOMEBODY = re.compile(r"(?:\d[ .,/-]?){5}|@")
SOMEBODY = (
    "Hier staat iets dat op een nummer, een datum of een adres van een persoon lijkt. "
    "In dit bestand mogen alleen thema, maand en ziekenhuis staan."
)
NOT_SHOWN = "(niet getoond)"


class ListedCase(NamedTuple):
    """What one row says."""

    hospital: int
    theme: int
    month: str


class SecondSourceSheet(Sheet):
    """A list of cases of one year. `source`: which registration it comes from."""

    ability = "follow"
    columns = {"thema": "theme", "maand": "month", "ziekenhuis": "hospital"}
    needed = ("thema", "maand", "ziekenhuis")
    alone = True
    most = 1_000  # cases of a year: at 12 in 10,000 births the Netherlands has some 200

    def __init__(self, source: str = "") -> None:
        self.source = source
        self.year: str | None = None  # of the first row that can be

    @cached_property
    def _themes(self):
        return {theme.name.casefold(): theme.id for theme in Theme.select().where(Theme.process == Process.NETHOSS)}

    @cached_property
    def _hospitals(self):
        found = list(Hospital.select(Hospital.id, Hospital.name, Hospital.code))
        names = {hospital.name.casefold(): hospital.id for hospital in found}
        return {hospital.code.casefold(): hospital.id for hospital in found} | names

    @cached_property
    def _asked(self):
        months = clock.months_until(f"{self.year}-12", 12)
        return {(hospital, month) for hospital, month, _ in response.asked_months(None, months)}

    def called(self, cells: Mapping[str, str]) -> str:
        hospital, theme = cells["hospital"], cells["theme"]
        shown = [hospital if self._known(hospital, self._hospitals) else "", theme if self._known(theme, self._themes) else ""]
        return ", ".join(filter(None, shown)) or NOT_SHOWN

    def _known(self, text, known):
        return text.casefold() in known or not OF_SOMEBODY.search(text)

    def add(self, cells: Mapping[str, str], by: User) -> tuple[ListedCase, bool]:
        if not all(cells.values()):
            raise Refused("Vul in elke regel een thema, een maand en een ziekenhuis in.")
        found = {}
        for name, known, article in (("theme", self._themes, "Het thema"), ("hospital", self._hospitals, "Het ziekenhuis")):
            text = cells[name]
            if not self._known(text, known):
                raise Refused(SOMEBODY)
            if (id := known.get(text.casefold())) is None:
                raise Refused(f"{article} ‘{text[:80]}’ is er niet. Gebruik de naam zoals die in het portaal staat.")
            found[name] = id
        return ListedCase(month=self._month(cells["month"]), **found), True

    def _month(self, text):
        month = month_of(text)
        # While a year goes on its list has months to come, which would seem to be reported here only.
        if not FIRST_YEAR <= int(month[:4]) < clock.today().year:
            raise Refused(f"Een lijst gaat over een jaar dat voorbij is, vanaf {FIRST_YEAR}.")
        self.year = self.year or month[:4]
        if month[:4] != self.year:
            raise Refused(f"Deze lijst gaat over {self.year}. Zet regels over een ander jaar in een eigen bestand.")
        return month

    def told(self, found: ListedCase, new: bool) -> str:
        said = f"Telt mee bij {month_name(found.month)}."
        if (found.hospital, found.month) in self._asked:
            return said
        return f"Over {month_name(found.month)} is dit ziekenhuis niets gevraagd: deze regel wordt niet vergeleken."

    def finish(self, made: Sequence[ListedCase], by: User) -> None:
        SecondSourceList.keep(self.source, made, by)


def month_of(text: str) -> str:
    """'2026-03' for what people and spreadsheets write for a month. Raises Refused for anything else, and for a day."""
    text = text.casefold()
    if first := FIRST_DAY.fullmatch(text):
        text = first[1]
    if hit := NUMBERS.fullmatch(text):
        year, number = (hit[1], int(hit[2])) if hit[1] else (hit[4], int(hit[3]))
    elif (hit := WRITTEN.fullmatch(text)) and hit[1] in NAMED:
        year, number = hit[2], NAMED[hit[1]]
    else:
        raise Refused(SOMEBODY if OF_SOMEBODY.search(text) else "Schrijf de maand als 2026-03, 03-2026 of maart 2026.")
    if not 1 <= number <= 12:
        raise Refused("Schrijf de maand als 2026-03, 03-2026 of maart 2026.")
    return f"{year}-{number:02d}"
