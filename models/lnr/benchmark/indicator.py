"""The indicators as data (indicators.csv), and the one place of a stay in each of them.

Adding one is a line, a function in places/, its sentences in reasons.csv where they are new, and its hand-worked cases.
"""

import csv
import json
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from models.lnr.benchmark.chain import Chain, Link
from models.lnr.benchmark.places import care, outcomes, perinatal
from models.lnr.benchmark.places.answer import AMOUNTS, INDICATORS, Answer, Reason, kind_of

__all__ = [
    "Indicator",
    "all_indicators",
    "amounts",
    "care",
    "named",
    "of_days",
    "outcomes",
    "perinatal",
    "place",
    "places",
    "version",
]

FILE = Path(__file__).parent / "data" / "indicators.csv"
WEEK, LIGHT = 7, 1500  # days, grams
# population -> gestational age in days: from, and below
POPULATIONS = {
    "V34": (23 * WEEK, 34 * WEEK),
    "V32": (22 * WEEK, 32 * WEEK),
    "V30": (22 * WEEK, 30 * WEEK),
    "V27": (22 * WEEK, 27 * WEEK),
    "T36": (36 * WEEK, 50 * WEEK),
    "N": None,
}
MEASURES = {"aandeel": "percentage", "per_1000": "lijndagen"}  # of what a standard is, by kind
BETTER = {"hoger": 1, "lager": -1, "geen": 0}
MARK = 2  # letters of a place


@dataclass(frozen=True)
class Indicator:
    """A line of indicators.csv. `number` is never used again; `version` changes with what is counted.

    `unit`: 'kind' or 'opname'. `attribution`: 'keten' counts a child once, for the hospital of its first NICU stay; 'eerste'
    that stay alone; 'opname' every stay. `kind`: 'aandeel', 'per_1000' (line days) or 'mediaan' (of days). `least_known`: below
    which percentage of known answers there is no verdict, where silence is likelier of one answer than of the other; 0 for any.
    """

    number: int
    version: int
    code: str
    nl: str
    en: str
    unit: str
    population: str
    attribution: str
    direction: str
    kind: str
    teller_nl: str
    noemer_nl: str
    items: str
    source: str
    least_known: int = 0

    @property
    def better(self) -> int:
        """1 when more is better, -1 when less is, 0 when it is neither and gets no verdict."""
        return BETTER[self.direction]

    @property
    def measure(self) -> str:
        """What a standard for it is of: 'percentage', or 'lijndagen' (per 1000); '' where there is none to judge by.

        Of days as a median there is no line (benchmark.md 2): longer is neither better nor worse, they stand beside quartiles.
        """
        return MEASURES.get(self.kind, "") if self.better else ""

    @property
    def at(self) -> int:
        """Where its place stands in the row of places."""
        return self.number * MARK

    def __str__(self) -> str:
        return self.nl


@cache
def all_indicators() -> tuple[Indicator, ...]:
    """Every indicator, by number."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    whole = {field.name for field in fields(Indicator) if field.type is int}
    return tuple(Indicator(**{name: int(value) if name in whole else value for name, value in row.items()}) for row in rows)


@cache
def version() -> str:
    """Differs as soon as the version of any indicator does."""
    return " ".join(f"{one.number}:{one.version}" for one in all_indicators())


def named(code: str) -> Indicator | None:
    """The indicator with this code; None when there is none."""
    return next((one for one in all_indicators() if one.code == code), None)


@cache
def of_days() -> tuple[Indicator, ...]:
    """The indicators of days, which have no proportion."""
    return tuple(one for one in all_indicators() if one.kind != "aandeel")


def amounts(link: Link, told: str) -> str:
    """{number: [days, events]} as JSON of the indicators of days in which a stay counts, by its row of places; '' for none."""
    found = {one.number: AMOUNTS[one.code](link) for one in of_days() if told[one.at] in "tn"}
    return json.dumps(found, separators=(",", ":")) if found else ""


def places(chain: Chain, link: Link) -> str:
    """Two letters per indicator, at twice its number: the place and the reason; dashes where a number is not in use."""
    row = ["--"] * (all_indicators()[-1].number + 1)
    for one in all_indicators():
        row[one.number] = place(one, chain, link)
    return "".join(row)


def place(one: Indicator, chain: Chain, link: Link) -> str:
    """The place of a stay in an indicator, and the letter of its reason ('0' where nothing is to be said)."""
    answer = _outside(one, chain, link)
    if answer is None:
        asked = INDICATORS[one.code]
        answer = asked(chain) if one.attribution == "keten" else asked(chain, link)
        unsure = _group(one, link)
        # Of a child that may not belong to the group nothing is counted as known.
        if unsure is not None and kind_of(answer) != "b":
            answer = unsure
    return kind_of(answer) + (answer.value if isinstance(answer, Reason) else "0")


def _outside(one: Indicator, chain: Chain, link: Link) -> Answer | None:
    """Why a stay is outside before anything is asked of it; None when it belongs, or may belong."""
    first = chain.first
    if one.attribution == "keten" and first is not None and first is not link and first.stay.hospital_id in chain.nicus:
        return Reason.FIRST_ELSEWHERE if first.stay.hospital_id != link.stay.hospital_id else Reason.NOT_FIRST
    if link.stay.hospital_id not in chain.nicus:
        return Reason.NOT_NICU
    if link.stay.intensive is False or link.value("death_in_delivery_room") is True:
        return Reason.NOT_INTENSIVE
    if link.stay.intensive is None:
        if one.attribution != "opname" and first is not None and _before(first, link):
            return Reason.NOT_FIRST  # whatever the answer would be
        return _group_outside(one, link) or Reason.INPUT
    if not link.derived.get("in_scope", True):
        return Reason.OUT_OF_SCOPE
    if one.attribution != "opname" and first is None:
        return Reason.NO_FIRST
    if one.attribution != "opname" and first is not link:
        return Reason.NOT_FIRST
    return _group_outside(one, link)


def _before(first: Link, link: Link) -> bool:
    """Whether a first NICU stay is known to have begun before this stay."""
    return link.stay.admitted is not None and first.stay.admitted < link.stay.admitted


def _group_outside(one: Indicator, link: Link) -> Reason | None:
    group = _group(one, link)
    return group if group in (Reason.OTHER_AGE, Reason.NO_AGE) else None


def _group(one: Indicator, link: Link) -> Reason | None:
    """Whether the child is in the group by gestational age: None, outside, or AGE_UNKNOWN for a light child."""
    bounds = POPULATIONS[one.population]
    if bounds is None:
        return None
    if link.stay.gestation is not None:
        return None if bounds[0] <= link.stay.gestation < bounds[1] else Reason.OTHER_AGE
    weight = link.value("birth_weight_g")
    light = isinstance(weight, int | float) and weight < LIGHT
    return Reason.AGE_UNKNOWN if light and bounds[1] <= POPULATIONS["V34"][1] else Reason.NO_AGE
