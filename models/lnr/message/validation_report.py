"""What `check` says about a message: findings, who sent what, the stay; and the report of it as JSON and as XML."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

REPORT = "urn:meldportaal:lnr:verslag:1"


class Severity(StrEnum):
    FOUT = "fout"
    WAARSCHUWING = "waarschuwing"
    OPMERKING = "opmerking"


class WhoActs(StrEnum):
    """Who can do something about it."""

    LEVERANCIER = "leverancier"
    ZIEKENHUIS = "ziekenhuis"


@dataclass(frozen=True)
class Finding:
    """One thing that a rule found. No sentence and no path of it holds a value that may name a person.

    `variant`: which of the things that the rule can find, as in `sentences.csv`.
    """

    rule: str
    version: int
    severity: Severity
    path: str
    line: int | None
    column: int | None
    nl: str
    en: str
    hint_nl: str
    hint_en: str
    acts: WhoActs
    variant: str = ""


@dataclass(frozen=True)
class Header:
    """Who sent what, as found in the message, also when it is refused: then any of it may be None.

    `institution`: the sender's numbers by kind, 'agb', 'ura' and 'perined', as far as given. `version` orders the versions
    of the stay `set_id`. The roots make identifiers of different senders differ.
    """

    schema_version: str | None = None
    processing: str | None = None
    action: str | None = None
    supplier: str | None = None
    software: str | None = None
    software_version: str | None = None
    message_id: str | None = None
    message_root: str | None = None
    set_id: str | None = None
    set_root: str | None = None
    version: int | None = None
    created_at: str | None = None
    institution: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Identity:
    """What names child and mother. Apart from the stay, so that it can be replaced by pseudonyms and never printed.

    `child_numbers`, `mother_numbers`: pairs (root, number); the root of a BSN is `definition.BSN`.
    """

    child_numbers: tuple = field(default=(), repr=False)
    mother_numbers: tuple = field(default=(), repr=False)
    mother_birth_date: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ValidationReport:
    """`refused`: at least one error. `malformed`: not a message at all (400); `too_large`: because of a limit (413).

    `stay`, `derived`, `why` (a derived value is None) and `completeness` (all JSON-able) are there for every message that the
    schema holds valid, whatever the rules say, except for a withdrawal, which keeps nothing; `identity` with them. `left_out`:
    how many more findings there are than told, none of them worse than those that are.
    """

    findings: tuple = ()
    left_out: int = 0
    malformed: bool = False
    too_large: bool = False
    header: Header | None = None
    stay: dict | None = None
    derived: dict = field(default_factory=dict)
    why: dict = field(default_factory=dict)
    completeness: dict = field(default_factory=dict)
    identity: Identity | None = None

    @property
    def refused(self) -> bool:
        return any(one.severity == Severity.FOUT for one in self.findings)

    def count(self, severity: Severity) -> int:
        return sum(one.severity == severity for one in self.findings)

    def as_dict(self) -> dict[str, list[dict[str, Any]] | int | str | dict[str, Any] | None]:
        """The report: outcome, header and findings. Nothing of stay or identity."""
        return {
            "outcome": "geweigerd" if self.refused else "geaccepteerd",
            "errors": self.count(Severity.FOUT),
            "warnings": self.count(Severity.WAARSCHUWING),
            "remarks": self.count(Severity.OPMERKING),
            "message": asdict(self.header) if self.header else None,
            "findings": [asdict(one) for one in self.findings],
        } | ({"left_out": self.left_out} if self.left_out else {})

    def as_xml(self, **more: Any) -> bytes:
        """The same as XML, as bytes; `more` become attributes of the root."""
        return as_xml(self.as_dict() | more)


def as_xml(report: Mapping[str, Any]) -> bytes:
    """The XML of a report that `as_dict` made, so that a stored one can be sent again; more plain values become attributes."""
    plain = {name: str(value) for name, value in report.items() if isinstance(value, str | int)}
    root = ElementTree.Element("verslag", {"xmlns": REPORT, **{name: _clean(value) for name, value in plain.items()}})
    if message := report.get("message"):
        numbers = message.get("institution") or {}
        told = {name: value for name, value in message.items() if value is not None and name != "institution"}
        ElementTree.SubElement(root, "message", {name: _clean(str(value)) for name, value in {**told, **numbers}.items()})
    for finding in report["findings"]:
        _add(root, finding)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _add(root: Element, finding: Any) -> None:
    texts = ("nl", "en", "hint_nl", "hint_en")
    told = {name: str(value) for name, value in finding.items() if name not in texts and value is not None}
    element = ElementTree.SubElement(root, "finding", told)
    for name in texts:
        ElementTree.SubElement(element, name).text = finding[name]


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(letter for letter in text if letter >= " " and letter not in "\ufffe\uffff")
