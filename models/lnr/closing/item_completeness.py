"""How well each item is filled in over a year: of how many stays it was asked, and of how many it is known."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from models.lnr.benchmark import disclosure
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.figure import FEWEST
from models.lnr.dataset.definition import Element, definition
from models.lnr.rules.complete import KNOWN, MISSING, NOT_ASKED, UNKNOWN, order


@dataclass(frozen=True)
class ItemShare:
    """One item. `unknown`: answered with 'onbekend'; `missing`: not sent. Neither is filled in, and they stand apart."""

    item: Element
    known: int
    unknown: int
    missing: int

    @property
    def asked(self) -> int:
        """Of how many stays the item was asked."""
        return self.known + self.unknown + self.missing

    @property
    def percent(self) -> int:
        """The part that is known, rounded down: 100 only where nothing lacks."""
        return 100 * self.known // self.asked


@dataclass(frozen=True)
class YearCompleteness:
    """`items` that were asked of any stay, in the order of the dataset; `others` {name: ItemShare} of all NICUs together.

    `others` is None where there are too few hospitals, and lacks what was asked of so few of their stays, or in so few of
    them, that it may not be told of how many: who was asked for more has the condition that the item is about.
    `uncounted`: stays of which no letters are kept.
    """

    items: list[ItemShare]
    stays: int
    uncounted: int
    others: dict[str, ItemShare] | None = None

    @property
    def by_section(self) -> list[tuple[str, list[ItemShare]]]:
        """[(name of the section, its items)]."""
        names = {letter: section["nl"] for letter, section in definition().sections.items()}
        found: dict[str, list[ItemShare]] = {}
        for one in self.items:
            found.setdefault(names[one.item.section], []).append(one)
        return list(found.items())

    def lowest(self, most: int = 5) -> list[ItemShare]:
        """What is filled in least, and not wholly."""
        return sorted((one for one in self.items if one.percent < 100), key=lambda one: one.known / one.asked)[:most]

    @property
    def total(self) -> Counter[str]:
        """{"known", "unknown", "missing": over all items}."""
        return Counter({name: sum(getattr(one, name) for one in self.items) for name in ("known", "unknown", "missing")})


def of_year(year: int, hospital: int | None, nicus: Collection[int]) -> YearCompleteness:
    """Of one hospital beside all `nicus`, or of all of them together; one query."""
    hospitals = {*nicus} if hospital is None else {*nicus, hospital}
    facts = StayFact.select(StayFact.hospital, StayFact.answers).where(
        StayFact.hospital.in_(sorted(hospitals)), StayFact.year == year
    )
    by_place: dict[int, list[str]] = {}
    for place, answers in facts.tuples():
        by_place.setdefault(place, []).append(answers)
    own = [answers for place, rows in by_place.items() if hospital in (None, place) for answers in rows]
    told = [one for one in own if one]
    every = {place: [one for one in rows if one] for place, rows in by_place.items() if place in nicus}
    beside = hospital is not None and len(every) >= FEWEST
    return YearCompleteness(_shares(told), len(own), len(own) - len(told), _together(every) if beside else None)


def _together(every: Mapping[int, list[str]]) -> dict[str, ItemShare]:
    """The items of all, as far as of how many stays they were asked may be told."""
    shares = {place: {one.item.name: one for one in _shares(answers)} for place, answers in every.items()}
    asked = {
        name: {place: Count(children=found[name].asked) for place, found in shares.items() if name in found} for name in PLACE
    }
    told = {name for name, counted in asked.items() if disclosure.published(counted)}
    return {one.item.name: one for one in _shares([row for rows in every.values() for row in rows]) if one.item.name in told}


def _shares(answers: list[str]) -> list[ItemShare]:
    items, found = order(), []
    for item, letters in zip(items, zip(*(one.ljust(len(items), NOT_ASKED) for one in answers), strict=True), strict=False):
        count = Counter(letters)
        if count[NOT_ASKED] < len(answers):
            found.append(ItemShare(item, count[KNOWN], count[UNKNOWN], count[MISSING]))
    return sorted(found, key=lambda one: PLACE[one.item.name])


PLACE = {name: place for place, name in enumerate(definition().items)}
