"""HEIC pictures and MP4 clips: both are boxes within boxes. Only what stands beside the picture is read.

Ours, and not hachoir (3.4): it tells nothing of the Exif of a HEIC nor of the place in an MP4 of tests/files/samples.py, and
cannot take anything out.
"""

from collections.abc import Iterator
from typing import Any

from .. import media_brands, unchecked, xml
from . import clip, image

LIBRARIES = image.LIBRARIES
# Boxes at the top of a HEIC picture that it needs; a phone puts the clip of a moving photograph in others, or behind them all.
PICTURED = {b"vide", b"pict"}  # kinds of track that show something
NEEDED = {b"ftyp", b"meta", b"mdat", b"free", b"skip", b"idat"}


def passages(content: bytes) -> Iterator[Any]:
    if not media_brands.is_still(content):
        yield unchecked(image.SEEN, "echoclip")
        yield from clip.about(content)
        return
    yield unchecked(image.SEEN, "afbeelding")
    for kind, start, length in _items(content):
        yield from _about_item(kind, content[start : start + length])
    at = 0
    for kind, body, at in clip.top(content):
        if kind == b"uuid":
            yield from clip.about_own(content[body:at])
        elif kind not in NEEDED:
            yield from clip.about(content[body - 8 : at] if kind == b"moov" else content[body:at])
    yield from image.about_rest(content[at:], "metadata")


def hazards(content: bytes) -> list:
    """A recording of a phone may say by its brand that it is a clip; its tracks tell."""
    tracks = set() if media_brands.is_still(content) else clip.tracks(content)
    return [media_brands.SOUND] if b"soun" in tracks and not tracks & PICTURED else []


def cleaned(content: bytes) -> bytes:
    """A picture or clip with what the camera wrote beside it blanked. Turning and size stand elsewhere in such a file."""
    if not media_brands.is_still(content):
        return clip.cleaned(content)
    data, at = bytearray(content), 0
    for kind, start, length in _items(content):
        blank = b"\0\0\0\0" + b"II*\0\x08\0\0\0\0\0\0\0\0\0" if kind == b"Exif" else b"<x/>"
        data[start : start + length] = blank.ljust(length, b"\0" if kind == b"Exif" else b" ")[:length]
    for kind, body, at in clip.top(content):
        if kind not in NEEDED:
            clip.empty(data, kind, body, at)
    return bytes(data[:at])


def _about_item(kind: Any, data: bytes) -> Iterator[Any]:
    if kind != b"Exif":
        yield from xml.about(data, "metadata: XMP")
    elif len(data) > 12 and data[4 + int.from_bytes(data[:4]) :]:
        yield from image.about_exif(data[4 + int.from_bytes(data[:4]) :], "metadata")


def _items(content: bytes) -> Iterator[tuple[Any, Any, Any]]:
    """Yield (kind, start, length) of the EXIF and XMP parts of a HEIC picture."""
    meta = next(((body + 4, end) for kind, body, end in clip.top(content) if kind == b"meta"), None)
    inside = {kind: (body, end) for kind, body, end in clip.boxes(content, *meta)} if meta else {}
    if b"iinf" not in inside or b"iloc" not in inside:
        return
    kinds = dict(_kinds(content, *inside[b"iinf"]))
    for number, start, length in _places(content, inside[b"iloc"][0]):
        if kinds.get(number) in (b"Exif", b"mime") and start + length <= len(content):
            yield kinds[number], start, length


def _kinds(content: bytes, body: Any, end: int) -> Iterator[tuple[int, Any]]:
    skip = 6 if content[body] == 0 else 8
    for kind, start, _ in clip.boxes(content, body + skip, end):
        if kind == b"infe" and content[start] in (2, 3):
            wide = content[start] == 3
            number = int.from_bytes(content[start + 4 : start + (8 if wide else 6)])
            at = start + (10 if wide else 8)
            yield number, content[at : at + 4]


def _places(content: Any, at: Any) -> Iterator[tuple[Any, Any, Any]]:
    version, sizes = content[at], content[at + 4 : at + 6]
    offset_size, length_size, base_size = sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4
    index_size = sizes[1] & 15 if version else 0
    at += 6

    def take(size):  # type: ignore[no-untyped-def]
        nonlocal at
        at += size
        return int.from_bytes(content[at - size : at])

    for _ in range(take(4 if version == 2 else 2)):
        number, method = take(4 if version == 2 else 2), take(2) & 15 if version else 0
        take(2)
        base, extents = take(base_size), take(2)
        for _ in range(extents):
            take(index_size)
            start, length = take(offset_size), take(length_size)
            if method == 0:
                yield number, base + start, length
