"""MP4 and QuickTime clips: boxes within boxes (ISO/IEC 14496-12). Only what stands beside the picture is read.

An iPhone writes place, moment and device as keys and values of their own ('mdta'), an Android phone as one box each.
"""

import re
import struct
from collections.abc import Iterator
from typing import Any

from .. import Fact, Kind, Passage, Unfit, author, xml
from ..decoding import is_text

BROKEN = "Dit filmpje is beschadigd. Exporteer het opnieuw, het liefst als MP4, en voeg dat toe."
HOLDERS = {b"moov", b"udta", b"trak", b"mdia", b"minf", b"ilst", b"\xa9nam", b"\xa9ART", b"\xa9cmt", b"desc"}
TEXTS = {b"\xa9nam": "titel", b"\xa9ART": "auteur", b"\xa9cmt": "opmerking", b"\xa9aut": "auteur", b"auth": "auteur",
         b"titl": "titel", b"desc": "omschrijving", b"dscp": "omschrijving"}  # fmt: skip
KEYS = {"author": "auteur", "artist": "auteur", "director": "auteur", "producer": "auteur", "title": "titel",
        "displayname": "titel", "comment": "opmerking", "description": "omschrijving", "information": "omschrijving",
        "keywords": "trefwoorden", "copyright": "rechthebbende"}  # fmt: skip
ABOUT = {b"udta", b"meta", b"ilst", b"\xa9xyz", b"loci", b"uuid", b"XMP_"}  # with nothing of the picture in it
DEEPEST = 12
XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")  # with which a box 'uuid' says that it holds XMP (XMP part 3, 1.2.7)
LETTERS = re.compile(rb"[\x20-\x7e\xc0-\xff]{8,}")


def about(content: Any) -> Iterator[Any]:
    """All facts and passages of a clip; what does not end as it says ends there."""
    yield from _about(content, 0, len(content), b"", 0)


def cleaned(content: bytes) -> bytes:
    """The clip with what stands beside picture and sound emptied; what stands behind its last box is left out."""
    data = bytearray(content)
    for kind, body, stop in _beside(content, 0, len(content), 0):
        empty(data, kind, body, stop)
    return bytes(data[: max(stop for _, _, stop in boxes(content, 0, len(content)))])


def top(content: bytes) -> Iterator[tuple[Any, Any, int]]:
    """The boxes of the file itself, up to the first that is none: what stands behind those is no part of it."""
    at = 0
    try:
        for kind, body, at in boxes(content, 0, len(content)):
            yield kind, body, at
    except Unfit:
        if not at:
            raise


def tracks(content: bytes) -> set[bytes]:
    """Of which kinds its tracks are (the handler of 14496-12, 8.4.3), as far as they can be read."""
    found: set[bytes] = set()
    try:
        _kinds(content, 0, len(content), (b"moov", b"trak", b"mdia", b"hdlr"), found)
    except Unfit:
        return set()
    return found


def _kinds(content: bytes, start: int, end: int, below: tuple[bytes, ...], found: set[bytes]) -> None:
    for kind, body, stop in boxes(content, start, end):
        if kind == below[0] and len(below) > 1:
            _kinds(content, body, stop, below[1:], found)
        elif kind == below[0]:
            found.add(content[body + 8 : body + 12])


def empty(data: bytearray, kind: bytes, body: int, stop: int) -> None:
    """Make a box one of nothing. Its place stays: other parts are found by their distance from the start."""
    data[body:stop] = bytes(stop - body)
    where = data.index(kind, max(0, body - 16))
    data[where : where + 4] = b"free"


def _beside(content: bytes, start: int, end: int, depth: int) -> Iterator[tuple[bytes, int, int]]:
    """Every box that `about` reads something from, as (kind, where its body starts, where it ends)."""
    if depth > DEEPEST:
        raise Unfit(BROKEN)
    for kind, body, stop in boxes(content, start, end):
        if kind in ABOUT or kind in TEXTS:
            yield kind, body, stop
        elif kind in HOLDERS:
            yield from _beside(content, body, stop, depth + 1)


def boxes(content: bytes, start: int, end: int) -> Iterator[tuple[Any, int, Any]]:
    """Yield (kind, where its body starts, where it ends) of each box. Raises Unfit for one that runs over the edge."""
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", content, start)
        head = 8
        if size == 1 and start + 16 <= end:
            size, head = struct.unpack_from(">Q", content, start + 8)[0], 16
        size = end - start if size == 0 else size
        if size < head or start + size > end:
            raise Unfit(BROKEN)
        yield kind, start + head, start + size
        start += size


def _about(content: bytes, start: int, end: int, within: bytes, depth: int) -> Iterator[Any]:
    if depth > DEEPEST:
        raise Unfit(BROKEN)
    for kind, body, stop in boxes(content, start, end):
        label = TEXTS.get(within if kind == b"data" else kind)
        if kind in (b"\xa9xyz", b"loci"):
            yield Fact(Kind.LOCATION, "GPS-positie", "metadata")
        elif label and (kind not in HOLDERS or content[body + 4 : body + 8] != b"data"):
            yield from _told(label, content[body:stop])
        elif kind in (b"uuid", b"XMP_"):
            yield from about_own(content[body:stop] if kind == b"uuid" else XMP + content[body:stop])
        elif kind in HOLDERS:
            yield from _about(content, body, stop, kind, depth + 1)
        elif kind == b"meta":
            # QuickTime writes this box without the four bytes that the standard asks for.
            plain = content[body + 4 : body + 8] == b"hdlr"
            yield from _about_meta(content, body + (0 if plain else 4), stop, depth)


def about_own(body: bytes) -> Iterator[Any]:
    """A box of a maker's own, told by its first 16 bytes: XMP, or what can be read of another."""
    if body.startswith(XMP):
        yield from xml.about(body[16:], "metadata: XMP")
    else:
        yield from (Passage("metadata", hit[0].decode("latin-1")) for hit in LETTERS.finditer(body[16:]))


def _about_meta(content: bytes, start: int, end: int, depth: int) -> Iterator[Any]:
    inside = {kind: (body, stop) for kind, body, stop in boxes(content, start, end)}
    if b"keys" not in inside or b"ilst" not in inside:
        yield from _about(content, start, end, b"meta", depth + 1)
        return
    body, stop = inside[b"keys"]
    names = [content[at:past].decode("utf-8", "replace") for _, at, past in boxes(content, body + 8, stop)]
    for number, at, past in boxes(content, *inside[b"ilst"]):
        index = int.from_bytes(number) - 1
        # A box 'data' with 8 bytes that say of which kind the value is.
        yield from _about_key(names[index] if 0 <= index < len(names) else "", content[at + 16 : past])


def _about_key(name: str, value: Any) -> Iterator[Any]:
    last = name.lower().rpartition(".")[2]
    if "location" in name.lower():
        yield Fact(Kind.LOCATION, "GPS-positie", "metadata")
    elif last == "creationdate":
        yield Fact(Kind.TAKEN, "-".join(reversed(value[:10].decode("ascii", "replace").split("-"))), "metadata")
    elif last in KEYS:
        yield from _told(KEYS[last], value)


def _told(label: str, body: Any) -> list[Passage]:
    text = "".join(letter for letter in body.decode("utf-8", "replace") if is_text(letter)).strip("�")
    return author(text, "metadata: auteur") if label == "auteur" else [Passage(f"metadata: {label}", text)]
