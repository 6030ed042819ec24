"""PDF: text layer, form fields, remarks, metadata, images inside; dangers; cleaning."""

import contextlib
import io
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import PIL
import pypdf
import pypdfium2
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NullObject, StreamObject, TextStringObject

from .. import Passage, Unfit, author, unchecked, xml
from ..allowed import is_clickable, is_local
from . import clip, image

LIBRARIES = (pypdf, pypdfium2, PIL)
BROKEN = "Dit PDF-bestand is beschadigd. Open het, druk het af naar PDF, en voeg het opnieuw toe."
MOST_PAGES = 500
MOST_OBJECTS = 60_000
FEW_WORDS, LARGE_PICTURE = 40, 500_000  # on a page; pixels
EMPTY_PAGE = "een pagina zonder doorzoekbare tekst, zoals een scan"
PRINT = "Druk het af naar PDF ('Afdrukken', dan 'Opslaan als PDF') en voeg het resultaat toe."
LOCKED = (
    "Dit PDF-bestand is beveiligd of met een wachtwoord versleuteld. Sla het op zonder beveiliging en voeg het opnieuw toe."
)
SCRIPT = f"In dit PDF-bestand zit een script of een opdracht voor de computer. {PRINT}"
INSIDE = "In dit PDF-bestand zitten andere bestanden verstopt. Haal die eruit en voeg ze los toe."
MEDIA = f"In dit PDF-bestand zit een ingebouwd beeld- of geluidsfragment. {PRINT}"
SENDS = f"Dit PDF-bestand kan gegevens naar buiten sturen. {PRINT}"
SIGNED = f"Dit PDF-bestand is digitaal ondertekend; de gegevens eruit halen breekt de ondertekening. {PRINT}"
LABELS = {
    "/Title": "titel",
    "/Subject": "onderwerp",
    "/Keywords": "trefwoorden",
    "/Creator": "programma",
    "/Producer": "programma",
}
# Actions that move within the document or the page, wherever they stand; and those behind a click.
QUIET = {"/GoTo", "/Named", "/Hide", "/SetOCGState", "/Thread", "/Trans", "/ResetForm", "/GoTo3DView", "/NOP", "/GoToDp"}
CLICKED = QUIET | {"/URI", "/GoToR"}
NOTES = {"/Text", "/Link", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline",
         "/Squiggly", "/StrikeOut", "/Stamp", "/Caret", "/Ink", "/Popup", "/Widget", "/PrinterMark", "/TrapNet", "/Watermark",
         "/Redact"}  # fmt: skip
FETCHES = f"Dit PDF-bestand haalt bij het openen iets van een andere plek op. {PRINT}"
HIDES = {"/FileAttachment": INSIDE}
DANGEROUS = {"/JavaScript": SCRIPT, "/Launch": SCRIPT, "/ImportData": SENDS, "/SubmitForm": SENDS, "/Rendition": MEDIA,
             "/Movie": MEDIA, "/Sound": MEDIA, "/RichMediaExecute": MEDIA, "/GoToE": INSIDE}  # fmt: skip


def passages(content: bytes) -> Iterator[Any]:
    reader = _open(content)
    numbers = _numbers(reader)
    yield from _about(reader)
    yield from _fields(reader)
    count = len(reader.pages)
    for number in range(1, min(count, MOST_PAGES) + 1):
        yield from _page(reader.pages[number - 1], f"bladzijde {number}")
    if count > MOST_PAGES:
        yield unchecked("te veel bladzijden", f"bladzijde {MOST_PAGES + 1} tot en met {count}")
    for thing in _objects(reader, numbers):
        yield from _buried(thing)
    yield from _around(content)


def _around(content: bytes) -> Iterator[Passage]:
    """What readers pass over before the mark of a PDF and behind its end; `cleaned` leaves it out."""
    begin, end = max(content.find(b"%PDF-"), 0), content.rfind(b"%%EOF")
    for place, part in (("vóór het begin", content[:begin]), ("achter het einde", content[end + 5 :] if end >= 0 else b"")):
        yield from (Passage(place, hit[0].decode("latin-1")) for hit in clip.LETTERS.finditer(part))


def hazards(content: bytes) -> list[str]:
    try:
        return sorted(_all_dangers(_open(content)))
    except Unfit as reason:
        return [str(reason)]
    except Exception:
        return sorted(_all_dangers(_read(_repaired(content))))


def _all_dangers(reader: ModuleType) -> set:
    return {sentence for thing in _objects(reader, _numbers(reader)) for sentence in _dangers(thing)}


def cleaned(content: bytes) -> bytes:
    reader = _open(content)
    _numbers(reader)
    writer = pypdf.PdfWriter(clone_from=reader)
    writer.metadata = None
    for number, thing in enumerate(writer._objects):
        if isinstance(thing, StreamObject) and _at(thing, "/Type") == "/Metadata":
            # What points at it is taken out below; without this it would stay behind, unreferenced.
            writer._objects[number] = NullObject()
        else:
            _clean(thing)
    result = io.BytesIO()
    writer.write(result)
    return result.getvalue()


def _open(content: bytes) -> Any:
    """The document, repaired where this library gives up on it and the readers that people use do not."""
    try:
        reader = _read(content)
        if len(reader.pages):
            return reader
    except Unfit:
        raise
    except Exception:
        pass  # whatever a broken file leads to in the library
    return _read(_repaired(content))


def _read(content: Any) -> Any:
    reader = pypdf.PdfReader(io.BytesIO(content), strict=False)
    # Without a password it opens for reading: it was only given one for changing it (ISO 32000-1, 7.6.3.1).
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unfit(LOCKED)
    return reader


def _repaired(content: bytes) -> bytes:
    """The file as PDFium, the reader in Chrome, puts it together. Raises Unfit when that cannot either."""
    result = io.BytesIO()
    try:
        with contextlib.closing(pypdfium2.PdfDocument(content)) as document:
            document.save(result)
    except pypdfium2.PdfiumError as problem:
        raise Unfit(BROKEN) from problem
    return result.getvalue()


def _about(reader: ModuleType) -> Iterator[Passage]:
    about = reader.metadata or {}
    for key in about:
        if key == "/Author":
            yield from author(about[key], "metadata: auteur")
        elif text := str(about[key] or ""):
            yield Passage(f"metadata: {LABELS.get(key, key[1:])}", text)


def _fields(reader: ModuleType) -> Iterator[Passage]:
    for name, field in (reader.get_fields() or {}).items():
        value = _at(field, "/V")
        if isinstance(value, str) and not isinstance(value, NameObject):
            yield Passage(f"formulierveld '{name[:40]}'", f"{name}: {value}")


def _page(page: Any, place: str) -> Iterator[Any]:
    try:
        text = page.extract_text()
        scanned = len(text.split()) < FEW_WORDS and (not text.strip() or _has_large_picture(page))
    except Exception:
        # One page with a strange font must not keep the others from being searched.
        yield unchecked("een pagina die niet te lezen is", place)
        return
    yield Passage(place, text)
    if scanned:
        yield unchecked(EMPTY_PAGE, place)


def _has_large_picture(page: int) -> bool:
    """Whether the page may be a scan with only a stamp or a page number in letters."""
    pictures = _at(_at(page, "/Resources") or {}, "/XObject") or {}
    sizes = (pictures[name] for name in pictures)
    return any((_at(size, "/Width") or 0) * (_at(size, "/Height") or 0) >= LARGE_PICTURE for size in sizes)


def _numbers(reader: ModuleType) -> list[tuple[Any, Any]]:
    """(number, generation) of every object. Raises Unfit for a file of so many that reading it would take minutes."""
    numbers = {(number, generation) for generation, found in reader.xref.items() for number in found}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        raise Unfit(f"Dit PDF-bestand heeft te veel onderdelen om te controleren. {PRINT}")
    return sorted(numbers)


def _objects(reader: ModuleType, numbers: Any) -> Iterator[Any]:
    """Every object of the file, also what no page shows."""
    for number, generation in numbers:
        if number:
            yield reader.get_object(pypdf.generic.IndirectObject(number, generation, reader))


def _at(part: Any, key: str) -> Any:
    """The value itself: `get` of this library gives a reference where one stands, which equals no name."""
    return part[key] if key in part else None  # noqa: SIM401


def _nested(thing: Any) -> Iterator[Any]:
    """The dictionaries within one object, itself included; references are not followed."""
    waiting = [thing]
    while waiting:
        at = waiting.pop()
        if isinstance(at, DictionaryObject):
            yield at
            waiting.extend(at.raw_get(key) for key in at)
        elif isinstance(at, ArrayObject):
            waiting.extend(list.__iter__(at))


def _buried(thing: Any) -> Iterator[Any]:
    """Metadata and remarks, wherever in the file they are."""
    for part in _nested(thing):
        if isinstance(part, StreamObject) and _at(part, "/Type") == "/Metadata":
            yield from xml.about(part.get_data(), "metadata: XMP")
        elif isinstance(part, StreamObject) and _is_jpeg(part):
            yield from image.about(part._data, "metadata van een afbeelding in het bestand")
        elif "/Subtype" in part and "/Rect" in part:
            yield from author(_at(part, "/T") if _at(part, "/Subtype") != "/Widget" else "", "auteur van een opmerking")
            if isinstance(_at(part, "/Contents"), str):
                yield Passage("opmerking", part["/Contents"])


def _dangers(thing: Any) -> Iterator[str]:
    for part in _nested(thing):
        if _at(part, "/S") in DANGEROUS:
            yield DANGEROUS[part["/S"]]
        if "/JS" in part or "/XFA" in part:
            yield SCRIPT
        # By the key that gives it to a reader, as its type may be left out (ISO 32000-1, 7.11.3 and 7.11.4).
        if {"/EF", "/EmbeddedFiles", "/AF", "/RF"} & part.keys() or _at(part, "/Type") == "/EmbeddedFile":
            yield INSIDE
        if isinstance(part, StreamObject) and (
            "/F" in part or _at(part, "/Subtype") == "/PS" or "/Ref" in part or "/OPI" in part
        ):
            yield FETCHES
        if "/Subtype" in part and ("/Rect" in part or _at(part, "/Type") == "/Annot") and _at(part, "/Subtype") not in NOTES:
            yield HIDES.get(part["/Subtype"], MEDIA)
        yield from _of_actions(part)


def _of_actions(part: Any) -> Iterator[Any]:
    """Actions that are not among those that a document needs: by themselves, on opening it or a page, fewer than by a click."""
    for key, allowed in (("/OpenAction", QUIET), ("/A", CLICKED), ("/PA", CLICKED), ("/Next", QUIET)):
        yield from _of_action(_at(part, key), allowed)
    triggers = _at(part, "/AA")
    if isinstance(triggers, DictionaryObject):
        for key in triggers:
            yield from _of_action(_at(triggers, key), QUIET)


def _of_action(action: str, allowed: set[str]) -> Iterator[str]:
    for one in action if isinstance(action, ArrayObject) else [action]:
        one = one.get_object() if one is not None else None  # type: ignore[attr-defined]
        # Structure elements have an '/A' too: attributes, which have an owner and no kind of action.
        if isinstance(one, DictionaryObject) and isinstance(_at(one, "/S"), NameObject) and "/O" not in one:
            if one["/S"] not in allowed:
                yield DANGEROUS.get(one["/S"], FETCHES)  # type: ignore[call-overload]
            elif one["/S"] == "/URI" and not is_clickable(str(_at(one, "/URI") or "")):
                yield SCRIPT
            elif not is_local(_name_of(_at(one, "/F"))):
                yield FETCHES


def _name_of(target: Any) -> str:
    """The path of a file specification, in either of its forms."""
    if isinstance(target, DictionaryObject):
        target = _at(target, "/UF") or _at(target, "/F")
    return str(target or "")


def _clean(thing: Any) -> None:
    for part in _nested(thing):
        if _at(part, "/FT") == "/Sig" and "/V" in part:
            raise Unfit(SIGNED)
        for key in ("/Metadata", "/PieceInfo", "/LastModified"):
            part.pop(key, None)
        if isinstance(part, StreamObject) and _is_jpeg(part):
            part._data = image.without_segments(part._data, b"")
        elif "/Subtype" in part and "/Rect" in part and _at(part, "/Subtype") != "/Widget":
            if "/T" in part:
                part[NameObject("/T")] = TextStringObject("auteur")
            for key in ("/M", "/CreationDate"):
                part.pop(key, None)


def _is_jpeg(part: Any) -> bool:
    return _at(part, "/Subtype") == "/Image" and _at(part, "/Filter") in ("/DCTDecode", ["/DCTDecode"])
