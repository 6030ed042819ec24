"""The chain of a child: its stays in all hospitals, from the first in a NICU to the last that is known."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from models.lnr.registry.message import MessageContent
from models.lnr.registry.stay import Stay

FIRST_NICU = timedelta(days=28)  # a first NICU stay begins within so long of birth


class End(StrEnum):
    """How a chain ends, as far as is known: at home, by death, abroad; open while a message must still tell."""

    THUIS = "thuis"
    OVERLEDEN = "overleden"
    BUITENLAND = "buitenland"
    OPEN = "open"


DESTINATIONS = {"306689006": End.THUIS, "L35-3": End.BUITENLAND}


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


class Chain:
    """`links`: every accepted stay of a child that counts, by admission."""

    def __init__(self, links: list[Link]):
        self.links = sorted(links, key=lambda link: (link.stay.admitted or link.stay.born or datetime.max, link.stay.id))

    @classmethod
    def of(cls, stays: list[Stay]) -> "Chain":
        """The chain of these stays of one child; their records are opened."""
        records = MessageContent.standing_records(stays)
        return cls([Link(stay, records[stay.id]) for stay in stays if stay.id in records])

    @cached_property
    def first(self) -> Link | None:
        """The first NICU stay: the earliest in intensive care that began within 28 days of birth."""
        return next((link for link in self.links if _is_early_nicu(link.stay)), None)

    @cached_property
    def following(self) -> list[Link]:
        """The first NICU stay and what came after it; without one, every stay."""
        return self.links[self.links.index(self.first) :] if self.first else self.links

    @cached_property
    def end(self) -> End:
        """By the last stay; a death after going home does not change that the child went home."""
        last = self.following[-1]
        if last.derived["discharged_alive"] is False:
            return End.OVERLEDEN
        ended = DESTINATIONS.get(last.values.get("discharge_destination"), End.OPEN)
        if ended is End.OPEN and last.values.get("deceased") is True:
            return End.OVERLEDEN
        return ended if last.derived["discharged_alive"] else End.OPEN


def _is_early_nicu(stay):
    return bool(stay.intensive and stay.admitted and stay.born and stay.admitted - stay.born < FIRST_NICU)
