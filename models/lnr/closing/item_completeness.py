"""How well each item is filled in over a year: of how many stays it was asked, and of how many it is known."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.method.indicator_setting import SMALLEST
from models.lnr.dataset.definition import Element, definition
from models.lnr.rules.complete import KNOWN, MISSING, NOT_ASKED, UNKNOWN, order

FEWEST_HOSPITALS = 3  # of two, each could reckon the figure of the other


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

    `others` is None where there are too few hospitals, and lacks what the others were asked of fewer than SMALLEST stays.
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
    every, own, seen = [], [], set()
    for place, answers in facts.tuples():
        seen.add(place)
        if place in nicus:
            every.append(answers)
        if hospital in (None, place):
            own.append(answers)
    told = [one for one in own if one]
    beside = hospital is not None and len(seen & {*nicus}) >= FEWEST_HOSPITALS
    shares = _shares(told)
    others = _together([one for one in every if one], shares if hospital in nicus else []) if beside else None
    return YearCompleteness(shares, len(own), len(own) - len(told), others)


def _together(every, own):
    """The items of all, but those that the others than one's own were asked of few stays: each could be told from the rest."""
    mine = {one.item.name: one.asked for one in own}
    return {one.item.name: one for one in _shares(every) if one.asked - mine.get(one.item.name, 0) >= SMALLEST}


def _shares(answers: list[str]) -> list[ItemShare]:
    items, found = order(), []
    for item, letters in zip(items, zip(*(one.ljust(len(items), NOT_ASKED) for one in answers), strict=True), strict=False):
        count = Counter(letters)
        if count[NOT_ASKED] < len(answers):
            found.append(ItemShare(item, count[KNOWN], count[UNKNOWN], count[MISSING]))
    return sorted(found, key=lambda one: PLACE[one.item.name])


PLACE = {name: place for place, name in enumerate(definition().items)}
