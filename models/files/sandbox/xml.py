"""Reading XML of strangers: no document types, no entities, no network, no depth."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from . import Fact, Kind, Passage, Unfit, author, unchecked

BROKEN = "Dit bestand is beschadigd of anders opgebouwd dan verwacht. Sla het opnieuw op, het liefst als PDF, en voeg dat toe."
AUTHORS = {"creator": "auteur", "initial-creator": "auteur", "lastModifiedBy": "laatst opgeslagen door",
           "manager": "leidinggevende", "Manager": "leidinggevende", "Company": "organisatie", "printed-by": "afgedrukt door",
           "Author": "auteur", "OwnerName": "eigenaar", "author": "auteur"}  # fmt: skip


def parse(content: bytes) -> Any:
    """The root element. Raises Unfit for what is no well-formed XML, or declares a document type."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise Unfit(BROKEN) from problem
    if root.getroottree().docinfo.doctype:
        raise Unfit(BROKEN)
    return root


def name(element: etree._Element) -> str:
    """The name without its namespace."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def about(content: Any, place: str) -> Iterator[Any]:
    """What a metadata document (XMP, core properties, ODF meta) says: authors as facts, the rest as passages."""
    try:
        root = parse(content.strip(b"\x00 \t\r\n"))
    except Unfit:
        yield unchecked("beschadigde metadata", place)
        return
    for element in root.iter():
        label = name(element)
        if label in AUTHORS:
            yield from author("".join(element.itertext()), f"{place.partition(':')[0]}: {AUTHORS[label]}")
        elif label.startswith("GPS"):
            yield Fact(Kind.LOCATION, element.text or "", place)
        elif element.text and element.text.strip():
            yield Passage(place, f"{label}: {element.text.strip()}")
        for key, value in element.attrib.items():
            key = etree.QName(key).localname
            if key in AUTHORS:
                yield from author(value, f"{place.partition(':')[0]}: {AUTHORS[key]}")
            elif key.startswith("GPS"):
                yield Fact(Kind.LOCATION, value, place)
            elif value.strip() and key != "about":
                yield Passage(place, f"{key}: {value}")
