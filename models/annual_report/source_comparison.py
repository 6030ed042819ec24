"""The portal against a second source: what is in both, in one of them only, and how many cases that lets expect.

Matching is by counts: of n1 cases in the list and n2 here, of the same theme, month and hospital, the lesser number matches. A
month about which the hospital was never asked is neither in both nor missing: it stays outside, and is counted apart.
Two-source capture-recapture after Chapman (1951), with the variance of Seber (1970).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from math import sqrt

from peewee import fn

from models import access, clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.annual_report.second_source import ListedCount, SecondSourceList
from models.base import EVERYBODY
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.cases.status import Status
from models.cases.theme import Theme
from models.dutch import number, plural
from models.monthly import response
from models.report.content import ReportSection, ReportTable

FEWEST_MATCHED = 7  # below it the estimate comes out too low (Robson and Regier 1964)
HEAD = ("In de lijst", "Hier gemeld", "In beide", "Lijkt te ontbreken", "Alleen hier", "Niet gevraagd", "Schatting", "±")
COUNTED = (
    "Vergeleken wordt op aantallen per thema, maand en ziekenhuis, niet op personen: twee verschillende casussen in dezelfde "
    "maand tellen als dezelfde, en een casus die in de lijst bij een andere maand of een ander ziekenhuis staat, lijkt te "
    "ontbreken. ‘Lijkt te ontbreken’ is dus een reden om na te vragen, geen bewijs. Een casus van twee ziekenhuizen telt hier "
    "alleen bij het ziekenhuis dat de casus meldde. Ingetrokken casussen tellen niet mee."
)
UNNAMED = (
    "Niet vergeleken: {}. De lijst heeft daarover geen enkele regel. Misschien telt die registratie zulke casussen niet. Ze "
    "tellen hier daarom niet mee, ook niet in de schatting."
)
UNASKED = (
    "Niet gevraagd: regels van de lijst over maanden waarin het ziekenhuis geen uitvraag kreeg. Of daarvan iets ontbreekt, is "
    "niet te zeggen; zulke maanden tellen in geen van de andere kolommen mee."
)
INDEPENDENT = (
    "De schatting zegt hoeveel casussen er in werkelijkheid waren, ook die in geen van beide bronnen staan (methode van "
    "Chapman). Ze gaat ervan uit dat de twee bronnen los van elkaar zijn: dat een casus in de lijst staat, maakt de kans dat "
    "die hier gemeld is niet groter of kleiner. Dat is zelden helemaal waar. Staan vooral de ernstigste casussen in allebei, "
    "dan waren er meer dan de schatting zegt. Komen er minder dan "
    f"{FEWEST_MATCHED} overeen, dan valt de schatting te laag uit."
)
ERROR = "±: de standaardfout van de schatting. Bij kleine aantallen zegt de schatting weinig."


def chapman(listed: int, here: int, both: int) -> tuple[float, float]:
    """(estimated number of all cases, its standard error). ValueError where more match than there are."""
    if not 0 <= both <= min(listed, here):
        raise ValueError(f"{both} of {listed} and {here}")
    first, second = listed + 1, here + 1
    spread = first * second * (listed - both) * (here - both) / ((both + 1) ** 2 * (both + 2))
    return first * second / (both + 1) - 1, sqrt(spread)


@dataclass(frozen=True)
class Overlap:
    """Cases in the list and here. `unasked`: of the list, in months about which nobody asked; they are in no other count."""

    listed: int = 0
    here: int = 0
    both: int = 0
    unasked: int = 0

    @classmethod
    def of(cls, cells: Iterable["Overlap"]) -> "Overlap":
        """Several together: what matches is not matched anew over their borders."""
        cells = list(cells)
        return cls(*(sum(getattr(one, name) for one in cells) for name in ("listed", "here", "both", "unasked")))

    @property
    def missing(self) -> int:
        """In the list only: what seems to be missing here."""
        return self.listed - self.both

    @property
    def row(self) -> list[int | float]:
        estimate, error = chapman(self.listed, self.here, self.both)
        counts = (self.listed, self.here, self.both, self.missing, self.here - self.both, self.unasked)
        return [*counts, round(estimate, 1), round(error, 1)]


@dataclass(frozen=True)
class SourceComparison:
    """One standing list against the cases of its year. `cells`: by (hospital id, theme id, month)."""

    listed: SecondSourceList
    cells: dict[tuple[int, int, str], Overlap]

    @classmethod
    def of(cls, year: int, user: User, hospital: Hospital | None = None) -> "SourceComparison | None":
        """The comparison of `year`; None without a standing list.

        The coordinator compares all hospitals. A hospital may see what seems to be missing at itself: of its own patients it
        may know everything already, and nobody else can look it up. Raises Refused for everybody else.
        """
        if hospital is None or hospital.id != user.hospital_id or not access.may(user, "complete", Process.NETHOSS):
            access.demand(user, "follow")
        if (listed := SecondSourceList.standing(year)) is None:
            return None
        months = clock.months_until(f"{year}-12", 12)
        asked = {(one, month) for one, month, _ in response.asked_months([hospital.id] if hospital else None, months)}
        theirs = {key: count for *key_, count in ListedCount.of_list(listed, hospital) for key in [tuple(key_)]}
        ours = _reported(months, hospital)
        cells = {}
        for key in theirs.keys() | ours.keys():
            there, here = theirs.get(key, 0), ours.get(key, 0)
            if (key[0], key[2]) in asked:
                cells[key] = Overlap(there, here, min(there, here))
            elif there:
                cells[key] = Overlap(unasked=there)
        return cls(listed, cells)

    @property
    def total(self) -> Overlap:
        return Overlap.of(self.cells.values())

    def of_themes(self, themes: Collection[int]) -> "SourceComparison":
        """The same of these themes only."""
        return replace(self, cells={key: one for key, one in self.cells.items() if key[1] in themes})

    def by(self, *places: int) -> dict[tuple, Overlap]:
        """The cells together by parts of their key: 0 the hospital, 1 the theme, 2 the month."""
        found = defaultdict(list)
        for key, one in self.cells.items():
            found[tuple(key[place] for place in places)].append(one)
        return {key: Overlap.of(some) for key, some in found.items()}


def _reported(months, hospital):
    themes = Theme.select(Theme.id).where(Theme.process == Process.NETHOSS)
    within = Case.month.between(months[0], months[-1]) & Case.theme.in_(themes) & (Case.status != Status.INGETROKKEN)
    within &= ~CasePart.there(Case.id)  # a case of two hospitals counts once
    within &= (Case.hospital == hospital) if hospital else EVERYBODY
    found = Counter(Case.select(Case.hospital, Case.theme, Case.month).where(within).tuples())
    if hospital:  # what it completed for a case of another is not missing at itself
        whole = Case.alias()
        within = (Case.hospital == hospital) & (Case.status != Status.INGETROKKEN) & (whole.hospital != hospital)
        month = fn.COALESCE(Case.month, whole.month)  # who was invited has none; who reported it itself did so in its own month
        within &= month.between(months[0], months[-1]) & whole.theme.in_(themes)
        parts = Case.select(Case.hospital, whole.theme, month).join(CasePart, on=CasePart.case == Case.id)
        found.update(parts.join(whole, on=CasePart.whole == whole.id).where(within).tuples())
    return found


def comparison_section(year: int, user: User) -> ReportSection | None:
    """The chapter of the annual report; None without a standing list."""
    if (found := SourceComparison.of(year, user)) is None:
        return None
    themes = {theme.id: theme.name for theme in Theme.select().order_by(Theme.position, Theme.id)}
    hospitals = dict(Hospital.select(Hospital.id, Hospital.name).order_by(Hospital.name).tuples())
    named = {theme for (theme,), one in found.by(1).items() if one.listed or one.unasked}
    # Whether the other registration counts such cases at all is not known: none of them is missing there.
    unnamed = [name for id, name in themes.items() if (id,) in found.by(1) and id not in named]
    found = found.of_themes(named)
    by_theme, by_both, total = found.by(1), found.by(0, 1), found.total
    rows = [[name, *by_theme[id,].row] for id, name in themes.items() if (id,) in by_theme]
    rows.append(["Alle vergeleken thema’s", *total.row])
    each = [
        [hospital, theme, *by_both[one, other].row]
        for one, hospital in hospitals.items()
        for other, theme in themes.items()
        if (one, other) in by_both
    ]
    lead = (
        f"De lijst ({found.listed.source}) noemt over {year} {plural(total.listed + total.unasked, 'casus', 'casussen')}. "
        f"Daarvan {'staat' if total.both == 1 else 'staan'} er {number(total.both)} ook hier; {number(total.missing)} "
        f"{'lijkt' if total.missing == 1 else 'lijken'} te ontbreken."
    )
    return ReportSection(
        "tweede-bron",
        "Vergelijking met een tweede bron",
        [lead, *([UNNAMED.format(", ".join(unnamed))] if unnamed else []), COUNTED, INDEPENDENT],
        [
            ReportTable("Tweede bron per thema", ("Thema", *HEAD), rows, UNASKED),
            ReportTable("Tweede bron per ziekenhuis", ("Ziekenhuis", "Thema", *HEAD), each, ERROR),
        ],
    )
