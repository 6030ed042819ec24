"""Word and Excel files of before 2007. Their text is found as runs of letters, without knowing the format itself."""

import io
import re
from collections.abc import Iterator
from typing import Any

import olefile

from .. import Passage, Unfit, author, unchecked, xml
from ..allowed import COMMAND, FETCHES, MACROS, PROGRAM, field_danger
from .office_package import LOCKED, OTHER, SAVE_AS

LIBRARIES = (olefile,)
NARROW = re.compile(rb"[\x20-\x7e\x80-\xff\t\r\n\x07\x0b]{6,}")
WIDE = re.compile(rb"(?:[\x20-\x7e\xa0-\xff\t\r\n]\x00){6,}")
TEXTS = ("WordDocument", "0Table", "1Table", "Workbook", "Book")
PEOPLE = {"author": "auteur", "last_saved_by": "laatst opgeslagen door", "manager": "leidinggevende", "company": "organisatie"}
OTHERS = {"title": "titel", "subject": "onderwerp", "keywords": "trefwoorden", "comments": "opmerking", "category": "categorie"}
ENCRYPTED = 0x0100  # a bit of the word at byte 10 of a Word document
PASSWORD, SHEET = 0x2F, 0x85  # records of a workbook: it is encrypted; a sheet, of the kind in its sixth byte
RUNNING = {b"\x01", b"\x06"}  # kinds of sheets: macros of Excel 4.0, a module of Visual Basic
FIELD = re.compile(r"\x13\s*([^\x13\x14\x15]{1,300})")  # what Word shall do, up to its outcome
SAVE_ANEW = "Uit dit oude soort bestand kunnen wij deze gegevens niet halen. Sla het op als DOCX, XLSX of PDF en voeg dat toe."

# What stands at the root of an honest document; a folder of another name may hold a program.
ALLOWED = {"worddocument", "0table", "1table", "data", "workbook", "book", "user names", "revision log", "objectpool",
           "\x05summaryinformation", "\x05documentsummaryinformation", "\x01compobj", "\x01ole", "\x03preview", "msodatastore",
           "_sx_db_cur", "_xmlsignatures", "_signatures"}  # fmt: skip
LINKS, QUERY = 0x01AE, (0x0876, 0x01AD, 0x00DC)  # records: another workbook or a program; data from elsewhere
INSTEAD = {"powerpoint document": SAVE_AS.format("Een presentatie", "PDF"),
          "__properties_version1.0": SAVE_AS.format("Een mail", "PDF"),
          "visiodocument": SAVE_AS.format("Een tekening", "PDF"), "contents": OTHER}  # fmt: skip


def kind(content: bytes) -> str:
    """The accepted media type of an OLE container, by the streams at its root. Raises Unfit with the reason for any other."""
    names = {path[0].casefold() for path in _open(content).listdir(streams=True, storages=True)}
    if names & {"encryptedpackage", "\x06dataspaces"}:  # of whatever kind it is inside
        raise Unfit(LOCKED)
    if "worddocument" in names:
        return "application/msword"
    if names & {"workbook", "book"}:
        return "application/vnd.ms-excel"
    raise Unfit(next((reason for name, reason in INSTEAD.items() if name in names), OTHER))


def passages(content: bytes) -> Iterator[Any]:
    file = _open(content)
    about = file.get_metadata()
    for key, label in PEOPLE.items():
        yield from author(_text(getattr(about, key)), f"metadata: {label}")
    for key, label in OTHERS.items():
        if text := _text(getattr(about, key)):
            yield Passage(f"metadata: {label}", text)
    for stream in TEXTS:
        if file.exists(stream):
            data = file.openstream(stream).read()
            yield from (Passage("tekst", hit[0].decode("cp1252", "replace")) for hit in NARROW.finditer(data))
            yield from (Passage("tekst", hit[0].decode("utf-16-le")) for hit in WIDE.finditer(data))
    if file.exists("Workbook") or file.exists("Book"):
        yield unchecked("getallen en datums in cellen", "werkmap")
    if file.exists("Data"):
        yield unchecked("afbeeldingen in het bestand", "tekst")


def hazards(content: bytes) -> Any:
    try:
        file = _open(content)
    except Unfit as reason:
        return [str(reason)]
    names = {"/".join(path).casefold() for path in file.listdir(streams=True, storages=True)}
    found = set()
    if any("vba" in name.split("/") or "_vba_project" in name for name in names):
        found.add(MACROS)
    if "encryptedpackage" in names:
        found.add(LOCKED)
    elif any("ole10native" in name or name.startswith("objectpool/") or name.split("/")[0] not in ALLOWED for name in names):
        found.add((found and MACROS) or PROGRAM)
    return sorted(found.union(_of_document(file), _of_workbook(file)))


def cleaned(content: bytes) -> None:
    raise Unfit(SAVE_ANEW)


def _open(content: bytes) -> Any:
    try:
        return olefile.OleFileIO(io.BytesIO(content))
    except (OSError, ValueError, IndexError) as problem:
        raise Unfit(xml.BROKEN) from problem


def _of_document(file: Any) -> Iterator[Any]:
    text = file.openstream("WordDocument").read() if file.exists("WordDocument") else b""
    if int.from_bytes(text[10:12], "little") & ENCRYPTED:
        yield LOCKED
    # Letters of one byte and of two are alike without the zeros in between.
    for command in FIELD.findall(text.replace(b"\0", b"").decode("latin-1")):
        if reason := field_danger(command):
            yield reason


def _of_workbook(file: Any) -> Iterator[str]:
    for kind, body in _records(file):
        if kind == PASSWORD:
            yield LOCKED
        elif kind == SHEET and body[5:6] in RUNNING:
            yield MACROS
        elif kind == LINKS and b"\x03" in body[4:].replace(b"\0", b""):
            yield COMMAND  # the mark between a program and what it shall do: DDE
        elif kind in QUERY:
            yield FETCHES


def _records(file: Any) -> Iterator[tuple[int, Any]]:
    """Yield (kind, body) of every record of a workbook, in either of the places where one may be."""
    for name in filter(file.exists, ("Workbook", "Book")):
        data, at = file.openstream(name).read(), 0
        while at + 4 <= len(data):
            kind, size = int.from_bytes(data[at : at + 2], "little"), int.from_bytes(data[at + 2 : at + 4], "little")
            yield kind, data[at + 4 : at + 4 + size]
            at += 4 + size


def _text(value: Any) -> str:
    return value.decode("cp1252", "replace") if isinstance(value, bytes) else str(value or "")
