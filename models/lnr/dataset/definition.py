"""The one definition of the dataset (N1): `data/*.csv` as objects. Everything that knows items asks it here.

`dataset.csv` has one line for each element in the order of the message; a line with a type other than `groep` is an item.
Adding an item is adding a line: XSD, reader, entry form, documentation, code book and rules of range and condition follow.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from models.lnr.dataset.condition import Condition

DATA = Path(__file__).parent / "data"
NAMESPACE = "urn:meldportaal:lnr:1"
ROOT, CORE = "lnr_aanlevering", "kernset_neonatologie"

SNOMED = "2.16.840.1.113883.6.96"
NULL_FLAVOUR = "2.16.840.1.113883.5.1008"
NULLS = ("NI", "UNK", "ASKU", "MSK", "NA")
# The other null flavours of HL7; each is read as UNK, with a remark. OTH as a code means 'other'.
LOOSE_NULLS = ("INV", "DER", "OTH", "NINF", "PINF", "UNC", "NAV", "NASK", "QS", "TRC", "NP")
AGB, URA, PERINED = "2.16.840.1.113883.2.4.6.1", "2.16.528.1.1007.3.3", "2.16.840.1.113883.2.4.3.22.93.2"
BSN = "2.16.840.1.113883.2.4.6.3"


@dataclass(frozen=True)
class Code:
    """One value of a code list. `meaning`: words by which rules and derived values know it ('invasive', 'rop3')."""

    list: str
    code: str
    system: str
    nl: str
    en: str
    meaning: frozenset
    since: str
    note: str


@dataclass(frozen=True)
class Unit:
    """A spelling of a unit that is taken; value x `factor` is in `unit`. `remarked`: a supplier's own spelling (N11)."""

    unit: str
    spelling: str
    factor: int
    remarked: bool


@dataclass(eq=False)
class Element:
    """One line of the definition. `max` None: any number. `low`, `high`: hard limits; `usual`: outside them is a warning."""

    path: str
    min: int
    max: int | None
    name: str
    type: str
    unit: str
    low: float | None
    high: float | None
    usual_low: float | None
    usual_high: float | None
    lists: tuple
    conformance: str
    required: bool
    condition: Condition | None
    asked_by: str
    identifying: bool
    since: str
    section: str
    nl: str
    en: str
    concept: str
    parent: "Element | None" = field(default=None, repr=False)
    children: dict = field(default_factory=dict, repr=False)

    @cached_property
    def tag(self) -> str:
        """Its name in the message, without the namespace."""
        return self.path.rpartition("/")[2]

    @cached_property
    def by_tag(self) -> "dict[str, Element]":
        """The children by their full names, as the parser gives them."""
        return {f"{{{NAMESPACE}}}{name}": child for name, child in self.children.items()}

    @cached_property
    def is_group(self) -> bool:
        return self.type == "groep"

    @cached_property
    def is_number(self) -> bool:
        return self.type in ("geheel", "getal")

    @cached_property
    def is_attribute(self) -> bool:
        """Whether it stands as an attribute of the root."""
        return self.path.startswith("@")

    @cached_property
    def repeats(self) -> bool:
        return self.max is None or self.max > 1

    @cached_property
    def nullable(self) -> bool:
        """Whether a null flavour may stand instead of a value."""
        return self.conformance != "M" and self.name != "sex"

    @cached_property
    def row_group(self) -> Any:
        """The nearest repeating group with a name of its own around it, or None."""
        above = self.parent
        while above and not (above.repeats and above.name):
            above = above.parent
        return above

    @cached_property
    def full_path(self) -> str:
        return f"/{ROOT}/{self.path}" if self.is_attribute else f"/{ROOT}/{CORE}/{self.path}".rstrip("/")


class Definition:
    """`elements` in order and `by_path`, `items` by name, `lists` and `codes`; `tree` is the element `kernset_neonatologie`."""

    def __init__(self, folder: Path = DATA) -> None:
        self.folder = folder
        self.codes = [_code(row) for row in _rows(folder, "codes")]
        self.lists = {row["list"]: row for row in _rows(folder, "lists")}
        self.sections = {row["section"]: row for row in _rows(folder, "sections")}
        self.versions = list(_rows(folder, "versions"))
        self.units = {}
        for row in _rows(folder, "units"):
            unit = Unit(row["unit"], row["spelling"], int(row["factor"]), bool(row["supplier"]))
            self.units.setdefault(unit.unit, {})[unit.spelling] = unit
        self.elements = [_element(row) for row in _rows(folder, "dataset")]
        self.tree = _element(dict.fromkeys(_rows(folder, "dataset")[0], "") | {"min": "1", "max": "1", "type": "groep"})
        self._join()
        # The parts of a practitioner's name share a name; nothing of them is kept.
        self.items = {one.name: one for one in self.elements if not one.is_group}
        self.groups = {one.name: one for one in self.elements if one.is_group and one.name}
        self.head = [one for one in self.elements if one.is_attribute]
        self.by_rule = {}
        for one in self.items.values():
            self.by_rule.setdefault(one.asked_by, []).append(one)
        self.by_list = {name: {(c.code, c.system): c for c in self.codes if c.list == name} for name in self.lists}

    def _join(self) -> None:
        self.by_path = {"": self.tree}
        for one in self.elements:
            if not one.is_attribute:
                one.parent = self.by_path[one.path.rpartition("/")[0]]
                one.parent.children[one.tag] = one
                self.by_path[one.path] = one

    def by_section(self) -> Iterator[tuple[dict[str, str], list[Element]]]:
        """The items of each section in order, as pairs (section row, items): for forms, documentation and code books."""
        for letter, section in self.sections.items():
            yield section, [one for one in self.items.values() if one.section == letter]

    def code(self, item: Element, code: str, system: str) -> Code | None:
        """The Code of this item with this code and system, or None."""
        for name in item.lists:
            if found := self.by_list[name].get((code, system)):
                return found
        return None

    def choices(self, item: Any) -> list[Code]:
        """The codes of an item, as (code, system) once each, in the order of its lists."""
        return list({(c.code, c.system): c for name in item.lists for c in self.by_list[name].values()}.values())


@cache
def definition() -> Definition:
    """The definition of this version of the program."""
    return Definition()


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _code(row: Any) -> Code:
    return Code(**(row | {"meaning": frozenset(row["meaning"].split())}))


def _number(text: str) -> float | None:
    return float(text) if text else None


def _element(row: Any) -> Element:
    limits = {name: _number(row[name]) for name in ("low", "high", "usual_low", "usual_high")}
    return Element(
        **(
            row
            | limits
            | {
                "min": int(row["min"]),
                "max": int(row["max"]) if row["max"] else None,
                "lists": tuple(row["lists"].split()),
                "required": bool(row["required"]),
                "identifying": bool(row["identifying"]),
                "condition": Condition(row["condition"]) if row["condition"] else None,
            }
        )
    )
