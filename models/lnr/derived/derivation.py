"""The table of what the registry derives: `derived.csv` as objects, for the documentation, the screens, exports and tests.

A change of a rule raises the version of its row; `version()` then differs, and `lnr-recompute` derives every stay anew.
"""

import csv
import hashlib
from dataclasses import dataclass
from functools import cache

from models.lnr.dataset.definition import DATA


@dataclass(frozen=True)
class Derivation:
    """One derived value. `kind`: 'janee', 'geheel' or 'tekst'; `shown`: on pages and in files, else for rules only.

    `reasons`: why it may be unknown, outside its population, or 'no' though suspected.
    """

    value: str
    version: int
    kind: str
    shown: bool
    nl: str
    en: str
    population_nl: str
    population_en: str
    moment_nl: str
    moment_en: str
    rule_nl: str
    rule_en: str
    reasons: tuple
    source: str


@dataclass(frozen=True)
class UnknownReason:
    """Why a value is not known or does not count. `kind`: 'onbekend', 'buiten' (not in the population) or 'vermoed'."""

    reason: str
    kind: str
    nl: str
    en: str


@cache
def derivations() -> dict[str, Derivation]:
    """Every derived value by name, in the order of the page."""
    return {
        row["value"]: Derivation(
            **(
                row  # type: ignore[arg-type]
                | {
                    "version": int(row["version"]),
                    "shown": bool(row["shown"]),
                    "reasons": tuple(row["reasons"].split()),
                }
            )
        )
        for row in _rows("derived")
    }


@cache
def reasons() -> dict[str, UnknownReason]:
    """Every reason by name."""
    return {row["reason"]: UnknownReason(**row) for row in _rows("derived_reasons")}


@cache
def version() -> str:
    """Differs as soon as the version of any rule does."""
    told = " ".join(f"{one.value}:{one.version}" for one in derivations().values())
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def shown() -> list[Derivation]:
    """What people see, in order."""
    return [one for one in derivations().values() if one.shown]


def _rows(name: str) -> list[dict[str, str]]:
    with open(DATA / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
