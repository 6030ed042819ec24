"""DICOM: what stands in the header about patient, hospital and doctors. What is burnt into the picture is not read."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import PIL
import pydicom
from pydicom import uid
from pydicom.config import settings as reading
from pydicom.datadict import dictionary_has_tag
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.filereader import data_element_generator, read_dataset
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from .. import Fact, Kind, Passage, Unfit, author, unchecked
from . import dicom_picture, image

LIBRARIES = (pydicom, PIL)
reading.reading_validation_mode = pydicom.config.IGNORE
PATIENT, ENCAPSULATED, PIXELS = 0x0010, 0x00420011, {(0x7FE0, 0x0008), (0x7FE0, 0x0009), (0x7FE0, 0x0010)}
FIRST = 0x0008  # the lowest group of what is no preamble
PADDING = {0xFFFAFFFA, 0xFFFCFFFC}  # signatures, and what fills up the file, which may stand behind the pixels
UNTOLD, ITEM = 0xFFFFFFFF, b"\xfe\xff\x00\xe0"  # the length of compressed pixels, which are a row of items
INSIDE = "In dit DICOM-bestand zit een ander document, geen beeld. Haal het eruit, het liefst als PDF, en voeg dat toe."
LABELS = {0x00100010: "naam", 0x00100020: "nummer", 0x00100030: "geboortedatum", 0x00101040: "adres", 0x00102154: "telefoon"}
NOT_TELLING = {0x00100040, 0x00101010, 0x00101020, 0x00101030, 0x001021C0, 0x001021D0}  # sex, age, length, weight, pregnancy
PLACES = {0x00080050, 0x00080080, 0x00080081, 0x00081010, 0x00081040, 0x00181000, 0x00200010}
TIMES = {"DA", "DT", "TM"}
TEXTS = {"LO", "LT", "SH", "ST", "UC", "UT"}
MOST = 200  # of one kind; sequences may hold thousands


def passages(content: bytes) -> Iterator[Any]:
    yield unchecked(image.SEEN, "DICOM-beeld")
    # What stands behind may be anything: the patient is told first.
    yield from _about_header(content)
    try:
        _, at = _behind(content)
        yield from image.about_rest(content[at:], "metadata")
    except Unfit:
        yield unchecked("wat achter het beeld staat", "metadata: achter het beeld")


def _about_header(content: bytes) -> Iterator[Any]:
    for element in _elements(_read(content, stop_before_pixels=True)):
        text = " ".join(str(element.value if element.value is not None else "").replace("^", " ").split())
        if not text or text.casefold() == "anoniem":
            continue
        if element.tag.group == PATIENT and element.tag not in NOT_TELLING:
            yield Fact(Kind.PATIENT, text, f"metadata: {LABELS.get(int(element.tag), 'patiënt')}")
        elif element.VR == "PN":
            yield from author(text, "metadata: arts of laborant")
        elif element.tag in PLACES:
            yield Fact(Kind.DEVICE, text, "metadata: ziekenhuis, toestel of onderzoeksnummer")
        elif element.tag in (0x00080020, 0x00080012):
            yield Fact(Kind.TAKEN, f"{text[6:8]}-{text[4:6]}-{text[:4]}", "metadata")
        elif element.VR in TEXTS:
            yield Passage("metadata", text)


def picture(content: bytes, within: Callable[[int], int]) -> tuple[int, Any]:
    """(how many pictures there are, one of them); `within` says which of that many."""
    file = _read(content[: _end(content)], stop_before_pixels=False)
    _complete(file)
    count = dicom_picture.frames(file)
    return count, dicom_picture.picture(file, within(count))


def hazards(content: bytes) -> list:
    """A document stands in the header, or behind the pixels with the elements that readers still go on to."""
    inside, _ = _behind(content)
    return [INSIDE] if inside or ENCAPSULATED in _read(content, stop_before_pixels=True) else []


def cleaned(content: bytes) -> bytes:
    """The picture with every name, patient detail, number, date and private part blanked."""
    file = _read(content[: _end(content)], stop_before_pixels=False)
    file.remove_private_tags()
    for element in list(_elements(file)):
        telling = element.tag.group == PATIENT and element.tag not in NOT_TELLING
        if telling or element.VR == "PN" or element.tag in PLACES or element.VR in TIMES:
            element.value = ""
    _complete(file)
    result = io.BytesIO()
    file.save_as(result, enforce_file_format=True)
    # Before its header such a file has room for anything.
    return bytes(128) + result.getvalue()[128:]


def _complete(file: Any) -> None:
    """Give a file that came without them the preamble's own details, so that readers open it."""
    about = file.file_meta = getattr(file, "file_meta", None) or FileMetaDataset()
    implicit, little = file.original_encoding
    kinds = {(True, True): uid.ImplicitVRLittleEndian, (False, True): uid.ExplicitVRLittleEndian}
    about.TransferSyntaxUID = about.get("TransferSyntaxUID") or kinds.get((implicit, little), uid.ExplicitVRBigEndian)
    file.SOPClassUID = file.get("SOPClassUID") or uid.SecondaryCaptureImageStorage
    file.SOPInstanceUID = file.get("SOPInstanceUID") or uid.generate_uid()


def _end(content: bytes) -> int:
    """Where the pixels end, or without those the elements: there ends what belongs to the picture (PS3.5, 7.1)."""
    stream = io.BytesIO(content)
    file = _read(content, stop_before_pixels=True, stream=stream)
    implicit, little = file.original_encoding
    if file.file_meta.get("TransferSyntaxUID") == uid.DeflatedExplicitVRLittleEndian:
        return _packed_end(content, stream)
    at, order = stream.tell(), "<" if little else ">"
    begin = at + (8 if implicit else 12)
    if len(content) < begin or struct.unpack_from(f"{order}HH", content, at) not in PIXELS:
        return _cut_off(file, at)
    (length,) = struct.unpack_from(f"{order}I", content, begin - 4)
    if length != UNTOLD:
        return begin + length
    while content[begin : begin + 4] == ITEM and len(content) >= begin + 8:
        begin += 8 + struct.unpack_from("<I", content, begin + 4)[0]
    return begin + 8  # behind what ends the row of items


def _cut_off(file: Any, end: int) -> int:
    """`end`, or where the last element begins when it runs over it: what was put behind the file is taken for one."""
    last: Any = file.get_item(list(file.keys())[-1]) if len(file) else None
    if isinstance(last, RawDataElement) and last.length != UNTOLD and last.value_tell + last.length > end:
        return last.value_tell - (12 if last.VR in EXPLICIT_VR_LENGTH_32 else 8)
    return end


def _packed_end(content: bytes, stream: io.BytesIO) -> int:
    """Where the stream ends in which all but the first group is packed."""
    stream.seek(132 if content[128:132] == b"DICM" else 0)
    read_dataset(stream, is_implicit_VR=False, is_little_endian=True, stop_when=lambda tag, *_: tag.group != 2)
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    unpacking.decompress(stream.read())
    return len(content) - len(unpacking.unused_data)


def _behind(content: bytes) -> tuple[bool, int]:
    """(whether elements of an even group stand behind the pixels, where what is no element begins).

    There is room for signatures, for what fills up, and for the parts of the maker of the machine: echo machines keep
    megabytes of their own there, in which nothing is text.
    """
    at, even, stream = _end(content), False, io.BytesIO(content)
    implicit, little = _read(content, stop_before_pixels=True).original_encoding
    stream.seek(at)
    try:
        for element in data_element_generator(stream, implicit, little, defer_size=0):
            tag = element.tag
            private = tag.is_private and tag.group > max(PIXELS)[0]
            if stream.tell() > len(content) or tag.group < FIRST or not (private or dictionary_has_tag(tag)):
                break
            at, even = stream.tell(), even or not (private or tag in PADDING)
    except Exception:  # as in `_read`: there was no element
        return even, at
    return even, at


def _read(content: Any, stop_before_pixels: bool, stream: io.BytesIO | None = None) -> Any:
    try:
        # Older machines leave out the preamble and what says how the rest is written: that is told by the first element.
        source, bare = stream or io.BytesIO(content), content[128:132] != b"DICM"
        return pydicom.dcmread(source, stop_before_pixels=stop_before_pixels, force=bare)
    except Exception as problem:  # the library raises whatever a broken header leads to
        raise Unfit(image.BROKEN) from problem


def _elements(file: Any) -> Iterator[Any]:
    return (element for element in file.iterall() if element.VR != "SQ")
