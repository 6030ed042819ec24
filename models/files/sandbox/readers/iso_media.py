"""HEIC pictures and MP4 clips: both are boxes within boxes. Only what stands beside the picture is read."""

import struct

from .. import Fact, Kind, Passage, Unfit, unchecked, xml
from . import image

LIBRARIES = image.LIBRARIES
HOLDERS = {b"moov", b"udta", b"trak", b"mdia", b"minf", b"ilst", b"\xa9nam", b"\xa9ART", b"\xa9cmt", b"desc"}
CLIP_TEXTS = {b"\xa9nam": "titel", b"\xa9ART": "auteur", b"\xa9cmt": "opmerking", b"\xa9aut": "auteur", b"auth": "auteur",
              b"titl": "titel", b"desc": "omschrijving", b"dscp": "omschrijving"}  # fmt: skip
DEEPEST = 12


def passages(content):
    if content[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        yield unchecked(image.SEEN, "afbeelding")
        for kind, start, length in _items(content):
            yield from _about_item(kind, content[start : start + length])
    else:
        yield unchecked(image.SEEN, "echoclip")
        yield from _about_clip(content, 0, len(content), b"", 0)


def hazards(content):
    return []


def cleaned(content):
    """A HEIC picture with what the camera wrote beside it blanked. Turning and size stand elsewhere in such a file."""
    if content[8:12] not in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        raise Unfit("Uit een echoclip kunnen wij deze gegevens niet halen. Exporteer de clip opnieuw zonder patiëntgegevens.")
    data = bytearray(content)
    for kind, start, length in _items(content):
        blank = b"\0\0\0\0" + b"II*\0\x08\0\0\0\0\0\0\0\0\0" if kind == b"Exif" else b"<x/>"
        data[start : start + length] = blank.ljust(length, b"\0" if kind == b"Exif" else b" ")[:length]
    return bytes(data)


def _boxes(content, start, end):
    """Yield (kind, where its body starts, where it ends)."""
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", content, start)
        head = 8
        if size == 1 and start + 16 <= end:
            size, head = struct.unpack_from(">Q", content, start + 8)[0], 16
        size = end - start if size == 0 else size
        if size < head or start + size > end:
            raise Unfit(image.BROKEN)
        yield kind, start + head, start + size
        start += size


def _about_clip(content, start, end, within, depth):
    if depth > DEEPEST:
        raise Unfit(image.BROKEN)
    for kind, body, stop in _boxes(content, start, end):
        if kind in (b"\xa9xyz", b"loci"):
            yield Fact(Kind.LOCATION, "GPS-positie", "metadata")
        elif ((label := CLIP_TEXTS.get(within if kind == b"data" else kind)) and kind not in HOLDERS | {b"meta"}) or (
            label and kind in HOLDERS and content[body + 4 : body + 8] != b"data"
        ):
            yield from _told(label, content[body:stop])
        elif kind in HOLDERS:
            yield from _about_clip(content, body, stop, kind, depth + 1)
        elif kind == b"meta":
            # QuickTime writes this box without the four bytes that the standard asks for.
            plain = content[body + 4 : body + 8] == b"hdlr"
            yield from _about_clip(content, body + (0 if plain else 4), stop, kind, depth + 1)


def _told(label, body):
    text = "".join(letter for letter in body.decode("utf-8", "replace") if letter.isprintable()).strip("�")
    return image.author(text, "metadata: auteur") if label == "auteur" else [Passage(f"metadata: {label}", text)]


def _about_item(kind, data):
    if kind != b"Exif":
        yield from xml.about(data, "metadata: XMP")
    elif len(data) > 12 and data[4 + int.from_bytes(data[:4]) :]:
        yield from image.about_exif(data[4 + int.from_bytes(data[:4]) :], "metadata")


def _items(content):
    """Yield (kind, start, length) of the EXIF and XMP parts of a HEIC picture."""
    meta = next(((body + 4, end) for kind, body, end in _boxes(content, 0, len(content)) if kind == b"meta"), None)
    inside = {kind: (body, end) for kind, body, end in _boxes(content, *meta)} if meta else {}
    if b"iinf" not in inside or b"iloc" not in inside:
        return
    kinds = dict(_kinds(content, *inside[b"iinf"]))
    for number, start, length in _places(content, inside[b"iloc"][0]):
        if kinds.get(number) in (b"Exif", b"mime") and start + length <= len(content):
            yield kinds[number], start, length


def _kinds(content, body, end):
    skip = 6 if content[body] == 0 else 8
    for kind, start, _ in _boxes(content, body + skip, end):
        if kind == b"infe" and content[start] in (2, 3):
            wide = content[start] == 3
            number = int.from_bytes(content[start + 4 : start + (8 if wide else 6)])
            at = start + (10 if wide else 8)
            yield number, content[at : at + 4]


def _places(content, at):
    version, sizes = content[at], content[at + 4 : at + 6]
    offset_size, length_size, base_size = sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4
    index_size = sizes[1] & 15 if version else 0
    at += 6

    def take(size):
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
