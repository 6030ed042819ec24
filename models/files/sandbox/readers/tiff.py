"""TIFF: its pages and tags; cleaned by building it anew from the picture's own parts, without packing those again.

Ours, and not hachoir (3.4): of the seven values in the TIFF of tests/files/samples.py that tell who, where, when and with what,
it finds one, the description.
"""

import struct
from collections.abc import Iterator
from typing import Any

from .. import Fact, Kind, Passage, Unfit, author, unchecked, xml
from . import image

LIBRARIES = image.LIBRARIES
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
FORMS = {1: "B", 3: "H", 4: "I", 13: "I"}
WIDTH, HEIGHT, COMPRESSION, SUB_FOLDERS, XMP, ICC = 256, 257, 259, 330, 700, 34675
STRIPS, TILES = (273, 279), (324, 325)  # where the parts of the picture are, and how many bytes each
OLD_JPEG = 6
TELLING = {269, 270, 271, 272, 285, 305, 306, 315, 316, SUB_FOLDERS, XMP}  # names, texts, times, devices, small copies
NEEDED = {ICC, 32995, 32996, 32997, 32998}  # of the tags that anyone may add, those that the picture needs
MOST_PAGES = 1000
MOST_PARTS = 1_000_000
MOST_PIXELS = 4_000_000_000  # of all pages together
TOO_MANY = "Deze afbeelding heeft te veel of te grote bladzijden. Sla die op als PDF en voeg dat toe."
OLD = "Uit dit oude soort TIFF kunnen wij deze gegevens niet halen. Sla de afbeelding op als PDF en voeg dat toe."


class Tiff:
    """The pages of a TIFF file, each a folder ('IFD') of tags, found by walking them once each."""

    def __init__(self, content: bytes) -> None:
        self.data = content
        self.order = "<" if content[:2] == b"II" else ">"

    def number(self, form: str, at: Any) -> Any:
        try:
            return struct.unpack_from(self.order + form, self.data, at)[0]
        except struct.error as problem:
            raise Unfit(image.BROKEN) from problem

    def pages(self) -> Iterator[Any]:
        """Yield {tag: (type, count, where the value starts)} of each page."""
        seen, at = set(), self.number("I", 4)
        while at and at not in seen:
            seen.add(at)
            if len(seen) > MOST_PAGES:
                raise Unfit(TOO_MANY)
            count = self.number("H", at)
            yield dict(self._tag(at + 2 + 12 * index) for index in range(count))
            at = self.number("I", at + 2 + 12 * count)

    def _tag(self, at: Any) -> Any:
        tag, kind, count = self.number("H", at), self.number("H", at + 2), self.number("I", at + 4)
        size = SIZES.get(kind, 1) * count
        start = at + 8 if size <= 4 else self.number("I", at + 8)
        if start + size > len(self.data):
            raise Unfit(image.BROKEN)
        return tag, (kind, count, start)

    def value(self, kind: Any, count: int, start: int) -> Any:
        return self.data[start : start + count * SIZES.get(kind, 1)]

    def numbers(self, kind: Any, count: int, start: int) -> list:
        if kind not in FORMS or count > MOST_PARTS:
            raise Unfit(image.BROKEN)
        return list(struct.unpack_from(f"{self.order}{count}{FORMS[kind]}", self.data, start))


def passages(content: bytes) -> Iterator[Any]:
    yield unchecked(image.SEEN, "afbeelding")
    yield from image.about_exif(content, "metadata")
    tiff, end = Tiff(content), 8
    for number, page in enumerate(tiff.pages(), 1):
        end = max([end, *_ends(tiff, page)])
        place = "metadata" if number == 1 else f"metadata van bladzijde {number}"
        for tag, where in page.items():
            if tag == XMP:
                yield from xml.about(tiff.value(*where), f"{place}: XMP")
            elif tag == image.GPS_IFD and number > 1:
                yield Fact(Kind.LOCATION, "GPS-positie", place)
            elif tag in image.PEOPLE and number > 1:
                yield from author(image.as_text(tiff.value(*where)), f"{place}: {image.PEOPLE[tag]}")
            elif tag in image.TEXTS and number > 1:
                yield Passage(f"{place}: {image.TEXTS[tag]}", image.as_text(tiff.value(*where)))
    yield from image.about_rest(content[end:], "metadata")


def _ends(tiff: Any, page: Any) -> Iterator[int]:
    """Where each value of a page ends, and each part of its picture."""
    yield from (start + SIZES.get(kind, 1) * count for kind, count, start in page.values())
    for places, sizes in (STRIPS, TILES):
        if places in page and sizes in page:
            yield from map(sum, zip(tiff.numbers(*page[places]), tiff.numbers(*page[sizes]), strict=False))


def hazards(content: bytes) -> list:
    tiff, pixels = Tiff(content), 0
    for page in tiff.pages():
        width, height = ((tiff.numbers(*page[tag]) or [0])[0] if tag in page else 0 for tag in (WIDTH, HEIGHT))
        pixels += width * height
        if width * height > image.MOST_PIXELS:
            return [image.TOO_LARGE]
        if pixels > MOST_PIXELS:
            return [TOO_MANY]
    return []


def cleaned(content: bytes) -> bytes:
    """Only what the picture needs is taken over, so that nothing stays behind that no tag points at any more."""
    tiff = Tiff(content)
    result, link = bytearray(content[:4] + bytes(4)), 4
    for page in tiff.pages():
        if tiff.numbers(*page.get(COMPRESSION, (3, 0, 0))) == [OLD_JPEG]:
            raise Unfit(OLD)
        kept = {tag: (where[0], where[1], tiff.value(*where)) for tag, where in page.items() if _needed(tag)}
        kept |= _parts(tiff, page, result)
        struct.pack_into(tiff.order + "I", result, link, _even(result))
        link = _write(tiff.order, kept, result)
    return bytes(result)


def _needed(tag: Any) -> bool:
    return tag in NEEDED or (tag < 0x8000 and tag not in TELLING)


def _parts(tiff: Any, page: Any, result: Any) -> dict:
    """Copy the parts of the picture; returns the tag that says where they are now."""
    places, sizes = next((pair for pair in (STRIPS, TILES) if pair[0] in page and pair[1] in page), (None, None))
    if not places:
        raise Unfit(image.BROKEN)
    now = []
    for start, size in zip(tiff.numbers(*page[places]), tiff.numbers(*page[sizes]), strict=True):
        now.append(_even(result))
        result += tiff.data[start : start + size]
    return {places: (4, len(now), struct.pack(f"{tiff.order}{len(now)}I", *now))}


def _write(order: str, tags: Any, result: Any) -> int:
    """Append a folder; returns where the address of the next one belongs."""
    folder = len(result)
    room = 2 + 12 * len(tags)
    result += struct.pack(order + "H", len(tags)) + bytes(room + 2)
    for index, (tag, (kind, count, value)) in enumerate(sorted(tags.items())):
        at = folder + 2 + 12 * index
        struct.pack_into(order + "HHI", result, at, tag, kind, count)
        if len(value) <= 4:
            result[at + 8 : at + 8 + len(value)] = value
        else:
            struct.pack_into(order + "I", result, at + 8, _even(result))
            result += value
    return folder + room


def _even(result: Any) -> int:
    """The length, made even: addresses in this format are."""
    result += bytes(len(result) % 2)
    return len(result)
