"""JPEG and PNG: what camera and program wrote beside the picture; cleaned without touching the picture itself."""

import io
import itertools
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import PIL
from PIL import Image, IptcImagePlugin

from .. import Fact, Kind, Passage, Unfit, author, unchecked, xml
from . import clip

LIBRARIES = (PIL,)
Image.MAX_IMAGE_PIXELS = None  # the bound below is told in a sentence; nothing here decodes a picture
MOST_PIXELS = 250_000_000
TOO_LARGE = "Deze afbeelding heeft meer dan 250 miljoen beeldpunten. Sla die kleiner op en voeg die opnieuw toe."
BROKEN = "Deze afbeelding is beschadigd. Sla die opnieuw op en voeg die dan toe."
SEEN = "wat op het beeld zelf te zien of te lezen is"

EXIF_IFD, GPS_IFD = 0x8769, 0x8825
ORIENTATION, X_RESOLUTION, Y_RESOLUTION, UNIT = 0x0112, 0x011A, 0x011B, 0x0128
PEOPLE = {0x013B: "auteur", 0x8298: "rechthebbende", 0x9C9D: "auteur", 0xA430: "eigenaar van de camera"}
TEXTS = {
    0x010E: "omschrijving",
    0x9C9B: "titel",
    0x9C9C: "opmerking",
    0x9C9E: "trefwoorden",
    0x9C9F: "onderwerp",
    0x9286: "opmerking",
}
DEVICES = {0x013C: "naam van het toestel", 0xA431: "serienummer", 0xA435: "serienummer van de lens", 0xA420: "beeldnummer"}
TIMES = (0x9003, 0x9004, 0x0132)
IPTC_PEOPLE, IPTC_TEXTS = {(2, 80), (2, 85), (2, 110), (2, 115), (2, 122)}, {(2, 5), (2, 25), (2, 90), (2, 105), (2, 120)}

JPEG = b"\xff\xd8"
PNG = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = set(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT pHYs bKGD hIST acTL fcTL fdAT".split())
BEGINS = re.compile(rb"\xff\xd8\xff[\xdb\xe0-\xef]|\x89PNG\r\n\x1a\n|\x00\x00.{2}ftyp", re.DOTALL)
MOST_BEHIND = 20
NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def passages(content: bytes) -> Iterator[Any]:
    yield unchecked(SEEN, "afbeelding")
    yield from about(content, "metadata")


def hazards(content: bytes) -> list:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            width, height = picture.size
    except (OSError, SyntaxError, ValueError, struct.error):
        return [BROKEN]
    return [TOO_LARGE] if width * height > MOST_PIXELS else []


def cleaned(content: bytes) -> str:
    if content.startswith(PNG):
        return _clean_png(content)
    with Image.open(io.BytesIO(content)) as picture:
        exif, kept = picture.getexif(), Image.Exif()
    # Only how to hold it and how large to print it: without those a picture would turn or change its size.
    for tag in (ORIENTATION, X_RESOLUTION, Y_RESOLUTION, UNIT):
        if tag in exif:
            kept[tag] = exif[tag]
    return without_segments(content, kept.tobytes() if len(kept) else b"")


def about(content: Any, place: str) -> Any:
    """All facts and passages beside the picture of one JPEG or PNG; nothing for another kind of picture."""
    if content.startswith(PNG):
        return _about_png(content, place)
    return _about_jpeg(content, place) if content.startswith(JPEG) else ()


def about_rest(rest: Any, place: Any, depth: Any = 2) -> Iterator[Any]:
    """What stands behind the end of a picture: a second picture, a clip of a moving photograph, or other text.

    A phone writes these; `cleaned` leaves all of it out.
    """
    starts = [hit.start() for hit in BEGINS.finditer(rest)][:MOST_BEHIND] if depth else []
    # What comes before the first of them, and each of them up to the next.
    for start, end in itertools.pairwise([0, *(at for at in starts if at), len(rest)]):
        part = rest[start:end]
        if part.startswith((JPEG, PNG)):
            yield from about(part, place)
        elif part[4:8] == b"ftyp":
            # Some phones put a list of what they added behind their clip.
            part, rest_of_part = _parted(part)
            yield from clip.about(part)
            yield from _letters(rest_of_part, place)
        else:
            yield from _letters(part, place)


def _parted(part: bytes) -> tuple[bytes, bytes]:
    """A clip, and what stands behind its last box."""
    end = max(stop for _, _, stop in clip.top(part))
    return part[:end], part[end:]


def _letters(part: bytes, place: str) -> Iterator[Passage]:
    yield from (Passage(f"{place}: achter het beeld", hit[0].decode("latin-1")) for hit in clip.LETTERS.finditer(part))


def about_exif(data: bytes, place: str) -> Iterator[Fact | Passage]:
    """The facts in one EXIF block, which starts at its TIFF header."""
    exif = Image.Exif()
    exif.load(data)
    tags = {**exif, **exif.get_ifd(EXIF_IFD)}
    for tag, label in PEOPLE.items():
        yield from author(as_text(tags.get(tag)), f"{place}: {label}")
    for tag, label in TEXTS.items():
        if text := as_text(tags.get(tag)):
            yield Passage(f"{place}: {label}", text)
    for tag, label in DEVICES.items():
        if text := as_text(tags.get(tag)):
            yield Fact(Kind.DEVICE, text, f"{place}: {label}")
    if taken := next((as_text(tags[tag]) for tag in TIMES if tags.get(tag)), ""):
        yield Fact(Kind.TAKEN, "-".join(reversed(taken[:10].split(":"))), place)
    if exif.get_ifd(GPS_IFD):
        yield Fact(Kind.LOCATION, "GPS-positie", place)


def without_segments(content: bytes, exif: bytes) -> Any:
    """The JPEG with its picture as it is, and of all that stands beside it only colours, size and `exif`."""
    result = [b"\xff\xd8"]
    for marker, start, end in segments(content):
        body = content[start:end]
        if marker == 0xE0 and body[4:9] == b"JFIF\0":
            # The last two bytes say how large the small picture behind them is: none.
            result.append(b"\xff\xe0\x00\x10" + body[4:16] + b"\0\0")
        elif marker == 0xEE or (marker == 0xE2 and body[4:16] == b"ICC_PROFILE\0") or not _beside(marker):
            result.append(body)
    if exif:
        at = 2 if result[1][:2] == b"\xff\xe0" else 1
        result.insert(at, b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif)
    return b"".join(result)


def segments(content: bytes) -> Iterator[tuple[Any, Any, Any]]:
    """Yield (marker, start, end) of each part of a JPEG from its start to its end; what follows is left out."""
    at = 2
    while marker := NEXT_MARKER.search(content, at):
        kind, start = content[marker.start() + 1], marker.start()
        if kind == 0xD9:
            yield kind, start, start + 2
            return
        end = start + 2 + int.from_bytes(content[start + 2 : start + 4])
        if end > len(content) or end < start + 4:
            raise Unfit(BROKEN)
        if kind == 0xDA:
            # The picture itself has no length; it goes on until the next marker.
            behind = NEXT_MARKER.search(content, end)
            end = behind.start() if behind else len(content)
        yield kind, start, end
        at = end


def _beside(marker: Any) -> bool:
    return 0xE0 <= marker <= 0xEF or marker == 0xFE


def _about_jpeg(content: bytes, place: Any) -> Iterator[Any]:
    for marker, start, end in segments(content):
        body = content[start + 4 : end]
        if marker == 0xE1 and body.startswith(b"Exif\0\0"):
            yield from about_exif(body[6:], place)
        elif marker == 0xE1 and b"ns.adobe.com/xap/1.0/\0" in body[:40]:
            yield from xml.about(body.partition(b"\0")[2], f"{place}: XMP")
        elif marker == 0xED:
            yield from _about_iptc(content, place)
        elif marker == 0xFE:
            yield Passage(f"{place}: opmerking", body.decode("utf-8", "replace"))
        elif marker == 0xD9:
            yield from about_rest(content[end:], place)


def _about_iptc(content: bytes, place: Any) -> Iterator[Passage]:
    with Image.open(io.BytesIO(content)) as picture:
        notes = IptcImagePlugin.getiptcinfo(picture) or {}
    for key, value in notes.items():
        for text in value if isinstance(value, list) else [value]:
            if key in IPTC_PEOPLE:
                yield from author(as_text(text), f"{place}: auteur")
            elif key in IPTC_TEXTS:
                yield Passage(f"{place}: omschrijving", as_text(text))


def _about_png(content: bytes, place: Any) -> Iterator[Any]:
    ends = [len(content)]
    for kind, data, end in _chunks(content):
        ends.append(end)
        if kind == b"eXIf":
            yield from about_exif(data, place)
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            yield from _about_text(kind, data, place)
    yield from about_rest(content[ends[-1] :], place)


def _about_text(kind: Any, data: bytes, place: Any) -> Iterator[Any]:
    key, _, rest = data.partition(b"\0")
    label = key.decode("latin-1")
    if kind == b"iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
    else:
        packed, rest = kind == b"zTXt", rest[1:] if kind == b"zTXt" else rest
    if packed:
        rest = zlib.decompressobj().decompress(rest, 1_000_000)
    if label == "XML:com.adobe.xmp":
        yield from xml.about(rest, f"{place}: XMP")
    elif label in ("Author", "Artist"):
        yield from author(rest.decode("utf-8", "replace"), f"{place}: auteur")
    else:
        yield Passage(f"{place}: {label[:40]}", rest.decode("utf-8", "replace"))


def _clean_png(content: bytes) -> Any:
    result = [PNG]
    for kind, data, _ in _chunks(content):
        if kind == b"eXIf":
            exif, kept = Image.Exif(), Image.Exif()
            exif.load(data)
            kept[ORIENTATION] = exif.get(ORIENTATION, 1)
            data = kept.tobytes().removeprefix(b"Exif\0\0")
        if kind in PNG_KEPT or kind == b"eXIf":
            result.append(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))
    return b"".join(result)


def _chunks(content: bytes) -> Iterator[tuple[Any, Any, Any]]:
    at = len(PNG)
    while at + 12 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if at + 12 + length > len(content):
            raise Unfit(BROKEN)
        yield kind, content[at + 8 : at + 8 + length], at + 12 + length
        at += 12 + length
        if kind == b"IEND":
            return


def as_text(value: Any) -> str:
    """A tag's value as text: these come as str, as bytes (UTF-16 for Windows' own tags) or as numbers."""
    if isinstance(value, tuple):
        value = bytes(value) if all(isinstance(part, int) and part < 256 for part in value) else ""
    if isinstance(value, bytes):
        value = value.removeprefix(b"ASCII\0\0\0").removeprefix(b"UNICODE\0")
        wide = len(value) > 3 and value[1::2].count(0) * 2 >= len(value[1::2])
        value = value.decode("utf-16-le" if wide else "utf-8", "replace")
    return str(value or "").replace("\0", "").strip()
