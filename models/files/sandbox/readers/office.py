"""Word, Excel and OpenDocument: text, remarks, tracked changes, metadata; dangers. Cleaning: `office_clean.py`.

Ours, and not oletools: of 78 of the 79 hostile office files of tests/files/corpus.py its olevba, msodde and oleobj (0.60.2) saw
12, nothing in Excel or OpenDocument, and of the 47 honest ones they suspected 6. Here it is 79 and 0: what is not on the list
of what is allowed (`allowed.py`) counts as dangerous. RTF, with a list of its own, is counted apart.
"""

import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import openpyxl
from lxml import etree

from .. import Passage, Unfit, author, unchecked, xml
from ..allowed import (
    ACTS,
    COMMAND,
    FETCHES,
    MACROS,
    NAMESPACES,
    ODF_PARTS,
    PROGRAM,
    STRANGE,
    away,
    field_danger,
    is_clickable,
    is_local,
    relation_danger,
    type_danger,
)
from ..formulas import formula_danger
from . import image
from .office_clean import PATHS, PEOPLE, cleaned
from .office_package import EXCEL, IS_PACKAGE, IS_XML, MAIN, TYPES, Package, folded

__all__ = ["LIBRARIES", "cleaned", "hazards", "passages"]

LIBRARIES = (openpyxl, *image.LIBRARIES)
MARKED, PIVOT, SHEET = "auteur van een opmerking of wijziging", "gegevens achter een draaitabel", "werkblad"
PLACES = (
    (r"word/document\.xml|content\.xml", "tekst"), (r"word/(header|footer)\d*\.xml|styles\.xml", "kop- of voettekst"),
    (r"word/(foot|end)notes\.xml", "voetnoot"), (r".*comments?.*\.xml", "opmerking"), (r"xl/sharedStrings\.xml", "werkmap"),
    (r"xl/worksheets/.*", SHEET), (r"xl/workbook\.xml", "namen van werkbladen"), (r"xl/pivotCache/.*", PIVOT),
    (r"xl/drawings/.*|word/diagrams/.*|.*/charts?/.*", "tekening of grafiek"),
)  # fmt: skip
ABOUT = {"docprops/core.xml", "docprops/app.xml", "docprops/custom.xml", "meta.xml"}
PROPERTIES = ("core-properties+xml", "extended-properties+xml", "custom-properties+xml")
PARAGRAPHS = {"p", "h", "si", "comment", "threadedComment", "v", "definedName", "sheet", "oddHeader", "oddFooter", "evenHeader",
              "evenFooter", "firstHeader", "firstFooter"}  # fmt: skip
SILENT = re.compile(r"(?i)\.rels$|^\[Content_Types\]|/theme/|fontTable|webSettings|/styles\.xml$|settings\.xml$|manifest")
EMBEDDED = re.compile(r"(?i)(/embeddings/|^object ?\d+|^objectreplacements/).*")
RUNS = {"customUI": MACROS, "script": COMMAND, "foreignObject": PROGRAM}  # elements of menus of one's own, and of SVG
NESTED = " {veld} "  # where in the instruction of a field the outcome of another one comes
HREF = "{http://www.w3.org/1999/xlink}href"
PICTURES = re.compile(r"(?i)(^|/)(media|pictures)/[^/]+$")
LOGO = 50_000  # bytes; a larger picture may be a scan or a photograph
MOST_CELLS = 300_000


def passages(content: bytes, depth: int = 1) -> Iterator[Any]:
    package = Package(content)
    for name in package.names:
        if _is_about(package, name):
            yield from xml.about(package.read(name), "metadata")
        elif IS_XML.search(name) and not SILENT.search(name):
            yield from _told(xml.parse(package.read(name)), _place(name))
        elif PICTURES.search(name):
            yield from _about_picture(package.read(name))
        elif IS_PACKAGE.search(name) and depth:
            yield from passages(package.read(name), depth - 1)
        elif IS_PACKAGE.search(name):
            yield unchecked("een bestand in een ingesloten bestand", name.rpartition("/")[2])
        elif EMBEDDED.search(name) and not name.endswith("/"):
            yield unchecked("een ingesloten bestand", name.rpartition("/")[2])
    if MAIN.get(package.type_of(package.main or "")) == EXCEL:
        yield from _cells(content)


def hazards(content: bytes, depth: int = 1) -> Any:
    """Why a document is refused: whatever is not on the lists of what honest documents hold (`allowed`)."""
    try:
        package = Package(content)
    except Unfit as reason:
        return [str(reason)]
    dangers = _dangers_of_opendocument if package.mimetype else _dangers_of_office
    found = set(dangers(package))
    for name in package.names:
        if IS_PACKAGE.search(name) and depth:
            found.update(hazards(package.read(name), depth - 1))
        elif IS_PACKAGE.search(name):
            found.add(PROGRAM)
    return sorted(found)


def _is_about(package: Package, name: str) -> Any:
    """Whether a part says who made the document: by its usual name, or by what the package says it is."""
    return folded(name) in ABOUT or package.type_of(name).endswith(PROPERTIES)


def _place(name: str) -> str:
    return next((place for form, place in PLACES if re.fullmatch(form, name, re.IGNORECASE)), "tekst")


def _told(root: Any, place: Any) -> Iterator[Passage]:
    """The text of a part, paragraph by paragraph, and the people that its attributes and change marks name."""
    for element in root.iter():
        label = xml.name(element)
        for key, value in element.attrib.items():
            if etree.QName(key).localname in PEOPLE or (label == "person" and key == "displayName"):
                yield from author(value, MARKED)
            elif place == PIVOT and key == "v":
                yield Passage(place, value)
        if label == "creator" or (label == "author" and len(element) == 0):
            yield from author(element.text, MARKED)
        elif label in PATHS:
            yield Passage("metadata: map waarin het bestand stond", element.get("url", ""))
        elif label in PARAGRAPHS and not (label == "v" and place == SHEET):
            yield Passage(place, _text(element))


def _text(element: etree._Element) -> str:
    """The text of one paragraph; a tab or a line break in it separates words."""
    parts = []
    for inner in element.iter():
        if xml.name(inner) in ("tab", "br", "line-break", "s", "cr"):
            parts.append(" ")
        if inner.text and isinstance(inner.tag, str):
            parts.append(inner.text)
        if inner is not element and inner.tail:
            parts.append(inner.tail)
    return "".join(parts) or element.get("name", "")


def _about_picture(content: bytes) -> Iterator[Any]:
    if len(content) > LOGO:
        yield unchecked(image.SEEN, "afbeelding in het bestand")
    try:
        yield from image.about(content, "metadata van een afbeelding in het bestand")
    except Unfit:
        yield unchecked("een beschadigde afbeelding", "afbeelding in het bestand")


def _cells(content: bytes) -> Iterator[Any]:
    """Cells as Excel shows them: a date is a number in the file."""
    book, seen = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True), 0
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                seen += 1
                if isinstance(cell.value, date):
                    day = cell.value.date() if isinstance(cell.value, datetime) else cell.value
                    yield Passage(f"blad {sheet.title}, cel {cell.coordinate}", day.strftime("%d-%m-%Y"))
                elif isinstance(cell.value, str | int):
                    yield Passage(f"blad {sheet.title}, cel {cell.coordinate}", str(cell.value))
            if seen > MOST_CELLS:
                yield unchecked("te veel cellen", f"blad {sheet.title}, vanaf rij {row[0].row}")
                return


def _dangers_of_office(package: Package) -> Iterator[Any]:
    for name in package.names:
        if name.endswith("/") or folded(name) == TYPES:
            continue
        said = package.type_of(name)
        if (reason := type_danger(said) if said else _untold(name)) or (reason := _belied(name)):
            yield reason
        if IS_XML.search(name) or said.endswith("xml"):
            yield from _dangers_of_part(xml.parse(package.read(name)))
    root = xml.parse(package.read(package.parts[TYPES])) if TYPES in package.parts else ()
    # Also what is told of parts that are not there: it says what the package was made for.
    told = (type_danger(row.get("ContentType", "").partition(";")[0].strip()) for row in root if xml.name(row) == "Override")
    yield from filter(None, told)


def _untold(name: str) -> str | None:
    """Of a part without a content type, which no program may open: the reason is guessed from its name."""
    low = name.casefold()
    if IS_PACKAGE.search(low):
        return None
    return MACROS if "vba" in low or "macro" in low else PROGRAM if "/embeddings/" in low or "activex" in low else STRANGE


def _belied(name: str) -> str | None:
    """A part whose name alone tells that it runs, whatever the package says of it."""
    low = name.casefold()
    return MACROS if re.search(r"vbaproject|vbadata|/macrosheets/|customui/|/activex/", low) else None


def _dangers_of_part(root: str) -> Any:
    return filter(None, _each_danger(root))


def _each_danger(root: Any) -> Iterator[Any]:
    yield from map(field_danger, _fields(root))
    for element in root.iter(etree.Element):
        label = xml.name(element)
        if label == "Relationship":
            outside = element.get("TargetMode") == "External"
            yield relation_danger(element.get("Type", ""), element.get("Target", ""), outside)
        elif label in ("f", "formula", "formula1", "formula2", "definedName") and element.text:
            yield formula_danger(element.text)
        elif label in ("ddeLink", "oleLink"):
            yield COMMAND
        elif label in RUNS:
            yield RUNS[label]
        yield from _pointing_away(element)


def _fields(root: Any) -> Iterator[str]:
    """The instruction of each field, as Word puts it together: it may cut the words of one into pieces, and nest them."""
    within, loose = [], []  # of the fields that are open, the pieces of their instruction; None behind it, where the outcome is
    for element in root.iter(etree.Element):
        label, local = xml.name(element), {etree.QName(key).localname: value for key, value in element.attrib.items()}
        if label == "fldSimple":
            yield local.get("instr", "")
        elif label == "fldChar" and local.get("fldCharType") == "begin":
            if within and within[-1] is not None:
                within[-1].append(NESTED)
            within.append([])
        elif label == "fldChar" and within:
            if within[-1] is not None:
                yield "".join(within[-1])
            within[-1] = None
            if local.get("fldCharType") == "end":
                within.pop()
        elif label in ("instrText", "delInstrText"):
            (within[-1] if within and within[-1] is not None else loose).append(element.text or "")
    yield from ("".join(pieces) for pieces in (loose, *filter(None, within)))


def _pointing_away(element: etree._Element) -> Iterator[str]:
    """Pictures drawn in VML or SVG name what they show by themselves, without a relationship, by keys of any namespace."""
    if xml.name(element) in ("imagedata", "image", "fill", "use", "stroke"):
        for key, target in element.attrib.items():
            if etree.QName(key).localname in ("src", "href", "althref") and not _held(target):
                yield FETCHES


def _held(target: Any) -> Any:
    return target.startswith(("#", "data:image/")) or is_local(target)


def _dangers_of_opendocument(package: Package) -> Iterator[str]:
    for name in package.names:
        if name.casefold().startswith(("basic/", "scripts/")):
            yield MACROS
        elif name.casefold().startswith("configurations2/") and not name.endswith("/"):
            # Menus and keys of one's own: LibreOffice writes an empty list of them.
            if package.read(name).strip():
                yield MACROS
        elif not ODF_PARTS.match(name) and not IS_PACKAGE.search(name):
            yield PROGRAM if EMBEDDED.search(name) else STRANGE
        if IS_XML.search(name) and (part := package.read(name)).strip():
            yield from _dangers_of_odf_part(xml.parse(part), folded(name))


def _dangers_of_odf_part(root: Any, name: str) -> Iterator[str]:
    for element in root.iter(etree.Element):
        label, space = xml.name(element), etree.QName(element).namespace or ""
        used = {space, *(etree.QName(key).namespace or "" for key in element.attrib)}
        # The declaration of a namespace is in every file that LibreOffice writes; what counts is its use.
        if strange := used - NAMESPACES:
            yield MACROS if any("script" in one for one in strange) else STRANGE
        elif label in ACTS and (label not in ("scripts", "event-listeners") or len(element)):
            yield ACTS[label]
        elif target := element.get(HREF, ""):
            allowed = is_clickable if label == "a" else _held
            if not allowed(target):
                yield away(target)
