"""Taking out of Word, Excel and OpenDocument files who made, changed and remarked on them."""

import re
from typing import Any

from lxml import etree

from .. import Unfit, xml
from . import image
from .office_package import IS_PACKAGE, IS_PICTURE, IS_XML, Package

NOBODY = "auteur"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
CORE = b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
EMPTY = {
    "docProps/core.xml": CORE,
    "docProps/app.xml": f'<Properties xmlns="{OFFICE}/extended-properties"/>'.encode(),
    "docProps/custom.xml": f'<Properties xmlns="{OFFICE}/custom-properties"/>'.encode(),
    "meta.xml": b'<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.3"/>',
}
SMALL_PICTURE = re.compile(r"(?i)^(docProps/thumbnail\.|Thumbnails/)")
SIGNATURE = re.compile(r"(?i)^_xmlsignatures/|signatures\.xml$")
SIGNED = (
    "Dit bestand is digitaal ondertekend; de gegevens eruit halen breekt de ondertekening. Sla het op als PDF en voeg dat toe."
)
LINKED = ("/attachedTemplate",)
PEOPLE = {"author", "userName"}  # attributes that name a person wherever they stand
PATHS = {"absPath"}  # elements that say in whose folder the file lay
NAMING = {"creator", "initial-creator", "printed-by", "creator-initials", "sender-initials"}
DATES = {"date", "dateUtc", "dT"}  # attributes that say when somebody changed or remarked


def cleaned(content: bytes, depth: int = 1) -> Any:
    package = Package(content)
    if any(SIGNATURE.search(name) for name in package.names):
        raise Unfit(SIGNED)

    def change(name, part):  # type: ignore[no-untyped-def]
        if SMALL_PICTURE.search(name):
            return None
        if name in EMPTY:
            return b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + EMPTY[name]
        if IS_PACKAGE.search(name) and depth:
            return cleaned(part, depth - 1)
        if IS_PICTURE.search(name):
            return image.cleaned(part) if part.startswith((image.PNG, image.JPEG)) else part
        return _clean_xml(part) if IS_XML.search(name) else part

    return package.rewritten(change)


def _clean_xml(part: Any) -> Any:
    root = xml.parse(part)
    before = etree.tostring(root)
    names = {element.text for element in root.iter("{*}author") if element.text}
    for element in list(root.iter(etree.Element)):
        if _points_nowhere(element):
            element.getparent().remove(element)
        else:
            _forget(element, names)
    # A part that names nobody stays as it was, byte for byte.
    if etree.tostring(root) == before:
        return part
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _points_nowhere(element: etree._Element) -> bool:
    """Whether it tells only where the file lay, who was on line, or names a part that is left out."""
    label = xml.name(element)
    if label == "Relationship":
        return element.get("Type", "").endswith(("/thumbnail", *LINKED))
    if label == "file-entry":
        return any(value.startswith("Thumbnails/") for value in element.attrib.values())
    # Word's list of people (`people`) holds accounts beside names, and no document needs it.
    return label in PATHS | {"attachedTemplate"} or (label == "person" and xml.name(element.getparent()) == "people")


def _forget(element: etree._Element, names: set[Any]) -> None:
    """Put NOBODY where a person is named. `names`: the authors of this part, whom Excel repeats in the remark itself."""
    label = xml.name(element)
    for key in element.attrib:
        local = etree.QName(key).localname
        if local in PEOPLE | {"initials"} or (label == "person" and local in ("displayName", "userId")):
            element.set(key, NOBODY)
        elif local in DATES and element.get(key[: -len(local)] + "author") is not None:
            del element.attrib[key]
    if label in NAMING or (label == "author" and len(element) == 0):
        element.text = NOBODY
        for inner in list(element):
            element.remove(inner)
    elif label == "t":
        for name in names:
            if (element.text or "").lstrip().startswith(f"{name}:"):
                element.text = element.text.replace(name, NOBODY, 1)
