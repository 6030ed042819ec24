"""Word, Excel and OpenDocument: text, remarks, tracked changes, metadata; dangers. Cleaning: `office_clean.py`."""

import io
import re
from datetime import date, datetime
from urllib.parse import unquote

import openpyxl
from lxml import etree

from .. import Passage, Unfit, author, unchecked, xml
from . import image
from .office_clean import PATHS, PEOPLE, cleaned
from .office_package import IS_PACKAGE, IS_PICTURE, IS_XML, Package

__all__ = ["LIBRARIES", "cleaned", "hazards", "passages"]

LIBRARIES = (openpyxl, *image.LIBRARIES)
MARKED, PIVOT, SHEET = "auteur van een opmerking of wijziging", "gegevens achter een draaitabel", "werkblad"
PLACES = (
    (r"word/document\.xml|content\.xml", "tekst"), (r"word/(header|footer)\d*\.xml|styles\.xml", "kop- of voettekst"),
    (r"word/(foot|end)notes\.xml", "voetnoot"), (r".*comments?.*\.xml", "opmerking"), (r"xl/sharedStrings\.xml", "werkmap"),
    (r"xl/worksheets/.*", SHEET), (r"xl/workbook\.xml", "namen van werkbladen"), (r"xl/pivotCache/.*", PIVOT),
    (r"xl/drawings/.*|word/diagrams/.*|.*/charts?/.*", "tekening of grafiek"),
)  # fmt: skip
ABOUT = {"docProps/core.xml", "docProps/app.xml", "docProps/custom.xml", "meta.xml"}
PARAGRAPHS = {"p", "h", "si", "comment", "threadedComment", "v", "definedName", "sheet", "oddHeader", "oddFooter", "evenHeader",
              "evenFooter", "firstHeader", "firstFooter"}  # fmt: skip
SILENT = re.compile(r"(?i)\.rels$|^\[Content_Types\]|/theme/|fontTable|webSettings|/styles\.xml$|settings\.xml$|manifest")
MACROS = "In dit bestand zitten macro's. Sla het op zonder macro's, of als PDF, en voeg het dan toe."
PROGRAM = "In dit bestand zit een ander bestand of programma verstopt. Sla het op als PDF en voeg dat toe."
COMMAND = "Dit bestand voert bij het openen een opdracht uit. Sla het op als PDF en voeg dat toe."
FETCHES = "Dit bestand haalt bij het openen iets van een andere plek op. Sla het op als PDF en voeg dat toe."
ACTIVE = re.compile(r"(?i)vbaproject\.bin$|vbadata\.xml$|/macrosheets/|/activex/|^basic/|^scripts/|/customui/")
EMBEDDED = re.compile(
    r"(?i)(/embeddings/|^object ?\d+|^objectreplacements/).*|\.(exe|dll|bat|cmd|js|vbs|hta|lnk|scr|msi|ps1|jar)$"
)
FETCHED = ("/attachedTemplate", "/oleObject", "/frame", "/subDocument", "/externalLink", "/externalLinkPath", "/image",
           "/video", "/audio")  # fmt: skip
DDE = re.compile(r"(?i)\bDDE(AUTO)?\b")
# On another machine; not 'C:\\x', 'file:///C:/x', 'file:///home/x' or a name beside the file.
FAR = (
    r"(?:(?:https?|s?ftps?|smb|(?:web)?davs?|mhtml|ms-[\w-]+):"
    r"|(?:file:)?(?:[/\\]{2}|[/\\]{4,})(?![/\\]|[a-z]:|localhost[/\\]))"
)
AFAR = re.compile(rf"(?i)\s*{FAR}")
INCLUDED = re.compile(rf"(?i)\bINCLUDE(?:PICTURE|TEXT)\b\W{{0,10}}{FAR}")
HREF = "{http://www.w3.org/1999/xlink}href"
PICTURES = re.compile(r"(?i)(^|/)(media|pictures)/[^/]+$")
LOGO = 50_000  # bytes; a larger picture may be a scan or a photograph
MOST_CELLS = 300_000


def passages(content, depth=1):
    package = Package(content)
    for name in package.names:
        if name in ABOUT:
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
    if "xl/workbook.xml" in package.names:
        yield from _cells(content)


def hazards(content, depth=1):
    try:
        package = Package(content)
    except Unfit as reason:
        return [str(reason)]
    found = set()
    for name in package.names:
        if ACTIVE.search(name):
            found.add(MACROS)
        elif IS_PACKAGE.search(name) and depth:
            found.update(hazards(package.read(name), depth - 1))
        elif IS_PACKAGE.search(name) or (EMBEDDED.search(name) and not name.endswith("/") and _is_program(package, name)):
            found.add(PROGRAM)
        elif IS_XML.search(name):
            found.update(_dangers(name, xml.parse(package.read(name))))
    return sorted(found)


def _place(name):
    return next((place for form, place in PLACES if re.fullmatch(form, name)), "tekst")


def _told(root, place):
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


def _text(element):
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


def _about_picture(content):
    if len(content) > LOGO:
        yield unchecked(image.SEEN, "afbeelding in het bestand")
    try:
        yield from image.about(content, "metadata van een afbeelding in het bestand")
    except Unfit:
        yield unchecked("een beschadigde afbeelding", "afbeelding in het bestand")


def _cells(content):
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


def _is_program(package, name):
    """Whether an embedded part is more than a small document that was searched already, or its picture."""
    if (
        IS_PACKAGE.search(name)
        or IS_XML.search(name)
        or IS_PICTURE.search(name)
        or name.lower().endswith((".emf", ".wmf", ".svm"))
    ):
        return False
    return not name.lower().startswith("objectreplacements/")


def _dangers(name, root):
    # Word may cut the words of one command into pieces.
    commands = "".join(element.text or "" for element in root.iter("{*}instrText"))
    commands += " ".join(value for element in root.iter("{*}fldSimple") for value in element.attrib.values())
    if DDE.search(commands) or next(root.iter("{*}ddeLink"), None) is not None:
        yield COMMAND
    if INCLUDED.search(commands):
        yield FETCHES
    for element in root.iter():
        label = xml.name(element)
        if label == "Relationship":
            yield from _dangers_of_link(element)
        elif label in ("script", "event-listener") and "office" in (etree.QName(element).namespace or ""):
            yield MACROS
        elif label in ("object-ole", "plugin", "applet", "floating-frame"):
            yield PROGRAM
        elif label != "a" and AFAR.match(unquote(element.get(HREF, ""))):
            yield FETCHES


def _dangers_of_link(element):
    kind = element.get("Type", "")
    if kind.endswith("/aFChunk"):
        yield PROGRAM
    # A path on one's own computer leads nowhere else: Word names the template that a letter was made with.
    if element.get("TargetMode") == "External" and kind.endswith(FETCHED) and AFAR.match(unquote(element.get("Target", ""))):
        yield FETCHES
