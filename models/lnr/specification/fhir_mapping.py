"""Where each item of a message would stand in HL7 FHIR (R4 4.0.1, JSON): a proposal of this portal, no national standard.

Messages in FHIR are not taken yet; suppliers prepare with it. `status` says what exists today: a profile of nl-core
(zib2020, Nictiz, 0.12.1-beta.1), of plain R4, only a Dutch maternity profile in STU3, or nothing, so that ours is needed.
`origin`: Z read from the profile itself, F from the mapping of the STU3 profiles, I our own reading.
"""

import csv
from collections import Counter
from dataclasses import dataclass
from functools import cache

from models.lnr.dataset.definition import DATA

STATUSES = {
    "nl-core": ("profiel van nl-core (zib2020, R4)", "profile of nl-core (zib2020, R4)"),
    "base": ("gewoon element van R4", "plain element of R4"),
    "core-ext": ("extensie van R4 zelf", "extension of R4 itself"),
    "stu3": ("Nederlands profiel alleen in STU3", "Dutch profile in STU3 only"),
    "stu3-ext": ("Nederlandse extensie alleen in STU3", "Dutch extension in STU3 only"),
    "own": ("bestaat nog niet: eigen code of profiel", "does not exist yet: a code or profile of our own"),
    "own-ext": ("bestaat nog niet: eigen extensie", "does not exist yet: an extension of our own"),
}


@dataclass(frozen=True)
class FhirPlace:
    """One line of fhir.csv. `code` may begin with {C}, the canonical address that is not chosen yet."""

    item: str
    resource: str
    profile: str
    element: str
    code: str
    status: str
    origin: str


@cache
def mapping() -> dict[str, FhirPlace]:
    """{name of the item: its place}."""
    with (DATA / "fhir.csv").open(encoding="utf-8", newline="") as file:
        return {row["item"]: FhirPlace(**row) for row in csv.DictReader(file)}


def by_status() -> dict[str, int]:
    """{status: how many items}, in the order of STATUSES."""
    found = Counter(place.status for place in mapping().values())
    return {status: found[status] for status in STATUSES}
