"""Word and Excel files of before 2007. Their text is found as runs of letters, without knowing the format itself."""

import io
import re

import olefile

from . import Passage, Unfit, author, unchecked, xml
from .office import MACROS, PROGRAM
from .package import LOCKED

LIBRARIES = (olefile,)
NARROW = re.compile(rb"[\x20-\x7e\x80-\xff\t\r\n\x07\x0b]{6,}")
WIDE = re.compile(rb"(?:[\x20-\x7e\xa0-\xff\t\r\n]\x00){6,}")
TEXTS = ("WordDocument", "0Table", "1Table", "Workbook", "Book")
PEOPLE = {"author": "auteur", "last_saved_by": "laatst opgeslagen door", "manager": "leidinggevende", "company": "organisatie"}
OTHERS = {"title": "titel", "subject": "onderwerp", "keywords": "trefwoorden", "comments": "opmerking", "category": "categorie"}
ENCRYPTED = 0x0100  # a bit of the word at byte 10 of a Word document
PASSWORD = b"\x2f\x00"  # the record of a workbook that says it is encrypted
SAVE_ANEW = "Uit dit oude soort bestand kunnen wij deze gegevens niet halen. Sla het op als DOCX, XLSX of PDF en voeg dat toe."


def passages(content):
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


def hazards(content):
    try:
        file = _open(content)
    except Unfit as reason:
        return [str(reason)]
    names = {"/".join(path).casefold() for path in file.listdir(streams=True, storages=True)}
    found = set()
    if any("vba" in name.split("/") or "_vba_project" in name for name in names):
        found.add(MACROS)
    if any("ole10native" in name or name.startswith(("objectpool/", "mbd")) for name in names):
        found.add(PROGRAM)
    if "encryptedpackage" in names or _is_locked(file):
        found.add(LOCKED)
    return sorted(found)


def cleaned(content):
    raise Unfit(SAVE_ANEW)


def _open(content):
    try:
        return olefile.OleFileIO(io.BytesIO(content))
    except (OSError, ValueError, IndexError) as problem:
        raise Unfit(xml.BROKEN) from problem


def _is_locked(file):
    if file.exists("WordDocument"):
        return bool(int.from_bytes(file.openstream("WordDocument").read(12)[10:12], "little") & ENCRYPTED)
    book = next((name for name in ("Workbook", "Book") if file.exists(name)), None)
    data = file.openstream(book).read(4096) if book else b""
    at = 0
    while at + 4 <= len(data):
        if data[at : at + 2] == PASSWORD:
            return True
        at += 4 + int.from_bytes(data[at + 2 : at + 4], "little")
    return False


def _text(value):
    return value.decode("cp1252", "replace") if isinstance(value, bytes) else str(value or "")
