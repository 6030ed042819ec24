"""The chain of a child: its stays in all hospitals, from the first in a NICU to the last that is known."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from models import clock
from models.lnr.dataset import moment
from models.lnr.registry.message import MessageContent
from models.lnr.registry.stay import Stay

FIRST_NICU = timedelta(days=28)  # a first NICU stay begins within so long of birth
TERM = 252  # days: 36+0 weeks


class End(StrEnum):
    """How a chain ends, as far as is known: at home, by death, abroad; open while a message must still tell."""

    THUIS = "thuis"
    OVERLEDEN = "overleden"
    BUITENLAND = "buitenland"
    OPEN = "open"


HOME, ABROAD = "306689006", "L35-3"
NOTHING: dict = {"stay": {}, "derived": {}}  # the record of a stay that does not open
DESTINATIONS = {HOME: End.THUIS, ABROAD: End.BUITENLAND}


@dataclass(frozen=True)
class Link:
    """One accepted stay with its sealed record: `values` by item, `derived`, and `why` a derived value is not told."""

    stay: Stay
    record: dict

    @property
    def values(self) -> dict:
        return self.record["stay"]

    @property
    def derived(self) -> dict:
        return self.record["derived"]

    @property
    def why(self) -> dict:
        return self.record.get("why", {})

    def value(self, name: str) -> object:
        """What was said of an item; None when it is absent or said to be unknown."""
        return None if self.said_unknown(name) else self.values.get(name)

    def said_unknown(self, name: str) -> bool:
        """Whether an item was sent as unknown."""
        said = self.values.get(name)
        return isinstance(said, Mapping) and "null" in said

    def codes(self, name: str) -> list[str]:
        """The codes of an item that may be given more than once."""
        said = self.values.get(name)
        return [code for one in (said if isinstance(said, list) else [said]) if (code := _code(one))]

    def rows(self, group: str) -> list[dict]:
        """The rows of a repeating group."""
        return self.values.get(group) or []

    def moment(self, name: str) -> moment.Moment | None:
        """When an item says something happened."""
        said = self.value(name)
        return moment.read(said) if isinstance(said, str) else None

    @property
    def died(self) -> bool:
        """Whether its message says that the child died."""
        return bool(self.value("deceased")) or self.value("death_datetime") is not None

    @property
    def lives(self) -> bool | None:
        """Whether the child lived, as far as its message says; None when it does not say."""
        if self.died:
            return False
        return True if self.value("deceased") is False or self.derived.get("discharged_alive") else None


def _code(said: object) -> str | None:
    return said.get("code") if isinstance(said, Mapping) else said if isinstance(said, str) else None


class Chain:
    """`links`: every accepted stay of a child that counts, by admission. `nicus`: {id: AGB} of the hospitals with a NICU.

    `sealed`: the ids of the stays whose record does not open. They keep their place in it, and tell nothing.
    """

    def __init__(self, links: list[Link], nicus: Mapping[int, str] | None = None, sealed: Collection[int] = ()):
        self.links = sorted(links, key=lambda link: (link.stay.admitted or link.stay.born or datetime.max, link.stay.id))
        self.nicus, self.sealed = nicus or {}, sealed

    @classmethod
    def of(cls, stays: list[Stay], nicus: Mapping[int, str]) -> "Chain":
        """The chain of these stays of one child; their records are opened."""
        records, sealed = MessageContent.readable_records(stays)
        records |= {number: NOTHING for number in sealed}
        return cls([Link(stay, records[stay.id]) for stay in stays if stay.id in records], nicus, sealed)

    @staticmethod
    def of_one_child(stay: Stay, found: Sequence[Stay]) -> list[Stay]:
        """Of the stays that share a name with this one those of the same child.

        A hospital may give twins one own number. Where the citizen service numbers differ it is of no use, and a stay that
        has nothing else stands alone.
        """
        if len({one.child for one in found if one.child}) < 2:
            return list(found)
        return [one for one in found if one.child == stay.child] if stay.child else [stay]

    @cached_property
    def first(self) -> Link | None:
        """The first NICU stay: the earliest in intensive care that began within 28 days of birth."""
        return next((link for link in self.links if _is_early_nicu(link.stay)), None)

    @cached_property
    def following(self) -> list[Link]:
        """The first NICU stay and what came after it; without one, every stay."""
        return self.links[self.links.index(self.first) :] if self.first else self.links

    @property
    def last(self) -> Link:
        return self.following[-1]

    @property
    def moved(self) -> bool:
        """Whether the child left the last known hospital for a place from which nothing was heard yet."""
        return self.end is End.OPEN and self.last.stay.discharged is not None

    @cached_property
    def end(self) -> End:
        """By the last stay; a death after going home does not change that the child went home."""
        last = self.last
        alive = last.derived.get("discharged_alive")
        if alive is False:
            return End.OVERLEDEN
        ended = next((DESTINATIONS[code] for code in last.codes("discharge_destination") if code in DESTINATIONS), End.OPEN)
        if ended is End.OPEN and any(link.value("deceased") is True for link in self.following):
            return End.OVERLEDEN
        return ended if alive else End.OPEN

    @cached_property
    def born_on(self) -> date | None:
        """The day of birth in the Netherlands."""
        born = next((link.stay.born for link in self.following if link.stay.born), None)
        return born and clock.local_date(born)

    @cached_property
    def died_on(self) -> date | None:
        """The day of death; None when the child lives, or the day is unknown."""
        moments = (link.moment("death_datetime") for link in self.following)
        return next((found.day for found in moments if found), None)

    @cached_property
    def known_until(self) -> date:
        """The last day of which anything is known: of discharge, or of the newest accepted message of who is still admitted."""
        stays = [link.stay for link in self.following]
        return clock.local_date(max(stay.discharged or stay.told_at or stay.last_at for stay in stays))

    def age_on(self, day: date) -> int | None:
        """Whole days after birth."""
        return (day - self.born_on).days if self.born_on else None

    def before_36_weeks(self, day: date) -> bool | None:
        """Whether this day came before 36+0 weeks; None without a gestational age or a day of birth."""
        gestation = next((link.stay.gestation for link in self.following if link.stay.gestation is not None), None)
        age = self.age_on(day)
        return None if age is None or gestation is None else gestation + age < TERM


def _is_early_nicu(stay):
    return bool(stay.intensive and stay.admitted and stay.born and stay.admitted - stay.born < FIRST_NICU)
