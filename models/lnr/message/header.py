"""Who sent what, read from any tree, valid or not; and what names child and mother, read from a valid one."""

import re
from typing import Any
from unicodedata import normalize

from lxml import etree

from models.lnr.dataset.definition import AGB, PERINED, URA
from models.lnr.message.message_reader import Scope
from models.lnr.message.validation_report import Header, Identity
from models.lnr.message.xml_tree import find_all, name

KINDS = {AGB: "agb", URA: "ura", PERINED: "perined"}
DIGITS = {"agb": 8, "ura": 8, "perined": 4}
LONGEST = 64
DOCUMENT = "kernset_neonatologie/documentgegevens"
INSTITUTION = "kernset_neonatologie/zorgaanbieder/zorgaanbieder_identificatienummer"


def read_header(root: etree._Element) -> Header:
    """The Header of a message; what is not there or makes no sense is None. Its text is composed (NFC), as in the record."""
    told, document = root.attrib, _document(root)
    mark, of_set, version = (document.get(part, {}) for part in ("identificatie", "set_identificatie", "versienummer"))
    number = version.get("value", "").strip()
    return Header(
        schema_version=_short(told.get("schemaversie")),
        processing=_one_of(told.get("verwerking"), "P", "T"),
        action=_one_of(told.get("actie"), "nieuw", "vervanging", "intrekking"),
        supplier=_short(told.get("leverancier")),
        software=_short(document.get("software_naam", {}).get("value")),
        software_version=_short(told.get("softwareversie")),
        message_id=_short(mark.get("value")),
        message_root=_short(mark.get("root")),
        set_id=_short(of_set.get("value")),
        set_root=_short(of_set.get("root")),
        version=int(number) if re.fullmatch(r"[+-]?0*[0-9]{1,6}", number) else None,
        created_at=_short(document.get("document_datum", {}).get("value")),
        institution=_institution(root),
    )


def numbers_of(pairs: Any) -> list[tuple[str, str]]:
    """The numbers of an institution as pairs (kind, number), from pairs (root, number); those of a kind that we know."""
    return [(KINDS[root], number) for root, number in pairs if root in KINDS]


def is_number(kind: str, number: str) -> bool:
    """Whether a number has the digits of its kind."""
    return re.fullmatch(f"[0-9]{{{DIGITS[kind]}}}", number) is not None


def identity(stay: Scope) -> Identity:
    """The Identity of a valid message."""
    born = stay.one("mother_birth_date")
    return Identity(tuple(stay.all("child_ids")), tuple(stay.all("mother_ids")), born and str(born))


def _document(root: etree._Element) -> dict[str, Any]:
    """The attributes of what stands in `documentgegevens`, by name."""
    nodes = find_all(root, DOCUMENT)
    return {name(node): node.attrib for node in nodes[0]} if nodes else {}


def _institution(root: etree._Element) -> dict[str, str]:
    nodes = find_all(root, INSTITUTION)
    numbers = numbers_of((node.get("root", "").strip(), node.get("value", "").strip()) for node in nodes)
    return dict(pair for pair in numbers if is_number(*pair))


def _short(text: str | None) -> str | None:
    return normalize("NFC", (text or "").strip())[:LONGEST] or None


def _one_of(text: str, *allowed: str) -> Any:
    text = (text or "").strip()
    return text if text in allowed else None
