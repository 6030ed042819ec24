"""Which files are accepted: told by the format's own mark, never by the name (choice C16).

Only the kind is told here: what is dangerous in a file of that kind `inspection` finds. Containers (ZIP, OLE) are asked
inside the sandbox, so that nothing of a stranger's file is unpacked, or held whole, in the portal itself.
"""

import re
import struct
from collections.abc import Callable

from models.base import Refused
from models.files.sandbox import media_brands
from models.files.sandbox.decoding import LATE_PDF, decoded, holds_pdf, is_rtf, is_text
from models.files.sandbox.media_brands import SOUND
from models.files.sandbox.start import NoAnswer, start

# media type -> (extension, what a person calls it)
ACCEPTED = {
    "application/pdf": (".pdf", "PDF"),
    "image/jpeg": (".jpg", "afbeelding"),
    "image/png": (".png", "afbeelding"),
    "image/tiff": (".tif", "afbeelding"),
    "image/heic": (".heic", "afbeelding"),
    "application/msword": (".doc", "Word-document"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx", "Word-document"),
    "application/vnd.ms-excel": (".xls", "Excel-werkmap"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx", "Excel-werkmap"),
    "application/vnd.oasis.opendocument.text": (".odt", "OpenDocument-tekst"),
    "text/plain": (".txt", "tekst"),
    "application/rtf": (".rtf", "tekst"),
    "application/dicom": (".dcm", "DICOM-beeld"),
    "video/mp4": (".mp4", "echoclip"),
    "video/quicktime": (".mov", "echoclip"),
}
ACCEPTED_TEXT = "PDF, JPG, PNG, TIFF, HEIC, Word, Excel, ODT, TXT, RTF, DICOM, MP4 of MOV"
SHOWN_IN_PAGE = ("application/pdf", "image/jpeg", "image/png")
SAME = ({".jpg", ".jpeg", ".jpe"}, {".tif", ".tiff"}, {".heic", ".heif"}, {".mp4", ".m4v"}, {".mov", ".qt"},
        {".txt", ".csv", ".log", ".text"})  # fmt: skip

REFUSAL = f"Dit soort bestand kunnen wij niet aannemen. Gebruik {ACCEPTED_TEXT}."
RUNS_FIRST = "Voor het begin van dit {} staat een programma of webpagina. Sla het opnieuw op en voeg het dan toe."
PAGE = "Dit is een webpagina, script of gegevensbestand. Druk het af naar PDF en voeg dat toe."
PICTURE = "Dit soort afbeelding kunnen wij niet aannemen. Sla die op als JPG of PNG en voeg die dan toe."
CLIP = "Dit soort filmpje kunnen wij niet aannemen. Sla het op of exporteer het als MP4 en voeg dat toe."
ARCHIVE = "Een archief zoals ZIP kunnen wij niet aannemen. Pak het uit en voeg de bestanden die erin zitten los toe."
BEFORE_1997 = "Dit is een Word- of Excel-bestand van vóór 1997. Sla het op als DOCX, XLSX of PDF en voeg dat toe."
NO_BEGIN = "Dit DICOM-beeld mist zijn begin. Exporteer het opnieuw als DICOM-bestand, of als JPG of MP4, en voeg dat toe."
STEERED = "In deze tekst staan tekens die een printer of apparaat aansturen. Druk de tekst af naar PDF en voeg dat toe."
ALTERED = "Deze afbeelding is onderweg beschadigd. Haal die opnieuw van het toestel en voeg die dan toe."
BIG_TIFF = "Dit is een TIFF voor zeer grote beelden. Sla die op als gewone TIFF, als JPG of als PDF, en voeg dat toe."

OFFICE_2003 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
CONTAINERS = ((b"PK\x03\x04", "application/zip"), (OFFICE_2003, "application/x-ole-storage"))
# Formats that people have and we do not take, and what to make of them. Marks of three letters or fewer may begin a text:
# there a zero byte must follow.
INSTEAD = (
    (PICTURE, (b"GIF8", b"BM", b"8BPS", b"\xff\x0a", b"\0\0\1\0",
               b"\0\0\0\x0cjP  \r\n", b"\0\0\0\x0cJXL \r\n", b"\1\0\0\0l\0\0\0")),
    (BIG_TIFF, (b"II+\0", b"MM\0+")),
    (CLIP, (b"\x1aE\xdf\xa3", b"\0\0\1\xba", b"\0\0\1\xb3", b"0&\xb2u", b"FLV")),
    (SOUND, (b"ID3", b"OggS", b"fLaC", b"#!AMR\n")),
    (ARCHIVE, (b"PK\5\6", b"PK00PK", b"\x1f\x8b\x08", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")),
    (NO_BEGIN, (b"DICM", b"\0\x08\0")),
    (BEFORE_1997, (b"\xdb\xa5-\0", b"1\xbe\0\0", b"\t\0\4\0", b"\t\2\6\0", b"\t\4\6\0",
                   b"\t\x08\x08\0", b"\t\x08\x10\0")),
    (ALTERED, (b"\x89PNG", b"\r\n\xff\xd8\xff", b"\n\xff\xd8\xff")),
)  # fmt: skip
RIFF = {b"WEBP": PICTURE, b"AVI ": CLIP, b"WAVE": SOUND}
PDF_MARK = re.compile(rb"%PDF-\d")
MARK_WITHIN = 1024  # bytes before which the mark of a PDF stands (ISO 32000-1, annex H.3.4.1, note 13)
# How what runs by itself begins. Before its header a DICOM file or a PDF has room for anything.
RUNS = (b"MZ", b"\x7fELF", b"PK", b"#!", b"<", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", OFFICE_2003)
OTHERS = {b"avif": PICTURE, b"avis": PICTURE, b"crx ": PICTURE, b"jp2 ": PICTURE, b"jxl ": PICTURE,
          b"M4A ": SOUND, b"M4B ": SOUND, b"M4P ": SOUND}  # fmt: skip
# Text that a browser or a computer would run.
MARKUP = re.compile(
    r"(?is)\A\s*(?:<(?:!doctype|!--|\?xml|\?php|%|(?:html|head|body|script|svg|iframe|meta|title|style|table|div|math|object|embed|xsl:)\b)"
    r"|#!\s?/|%!PS|@echo(?=\s)|\[internetshortcut\]|windows registry editor|@?set\s+\w+=)"
)
STEERS = re.compile(r"[\x01-\x08\x0e-\x1b\x7f]")  # bell, escape and the like, of printers and measuring devices
FILLED = re.compile(r"(?<=\n)\0+\Z")  # with which some laboratories fill up their last record
MOST_BEFORE = 1_000_000  # bytes of empty boxes before the brands of a clip or picture
LONGEST_VALUE = 4096  # bytes of an element with which a DICOM file without its preamble begins


def detect(head: bytes, content: Callable) -> str:
    """The accepted media type of a file, from its first bytes and, for a container, its content.

    `content` is called only when needed and returns the bytes, or blocks of them. Raises Refused with the reason, and what
    to do instead, for everything else; NotStarted when the machine cannot look into a container.
    """
    if head[128:132] == b"DICM":  # before TIFF: some begin as both
        return _behind(head, "application/dicom", "DICOM-bestand")
    for magic, media_type in MAGIC:
        if head.startswith(magic):
            return media_type
    if head[4:8] == b"ftyp":
        return _from_iso_media(head)
    if head[4:8] in media_brands.OLD_FILM and head[:1] == b"\x00":
        head = _behind_empty(head, content)
        return _from_iso_media(head) if media_brands.brands(head) else "video/quicktime"
    for magic, container in CONTAINERS:
        if head.startswith(magic):
            return _from_container(content(), container)
    if head.startswith(b"%PDF-") or PDF_MARK.search(head[: MARK_WITHIN + 8]):
        return _behind(head, "application/pdf", "PDF-bestand")
    if is_rtf(head):
        return "application/rtf"
    if _is_bare_dicom(head):
        return "application/dicom"
    if not any(head[:128]) and _is_bare_dicom(head[128:]):
        raise Refused(NO_BEGIN)
    return _from_text(head)


def same_kind(one: str, other: str) -> bool:
    """Whether two extensions name the same kind of file."""
    return one == other or any({one, other} <= kind for kind in SAME)


def _behind(head, media_type, name):
    """The type of a format that allows anything before its mark, unless a program or page stands there."""
    if not head.startswith(b"%PDF") and head.lstrip(b"\xef\xbb\xbf \t\r\n\x00").startswith(RUNS):
        raise Refused(RUNS_FIRST.format(name))
    return media_type


def _behind_empty(head, content):
    """`head`, or as much more of the file as holds its brands: the reader has all of it, and must read the same ones."""
    if media_brands.begin(head) + media_brands.LONGEST <= len(head):
        return head
    more, blocks = b"", content()
    for block in (blocks,) if isinstance(blocks, bytes) else blocks:
        more += block
        if media_brands.begin(more) + media_brands.LONGEST <= len(more):
            return more
        if len(more) > MOST_BEFORE or media_brands.begin(more) > MOST_BEFORE:
            raise Refused(CLIP)
    return more


def _from_iso_media(head):
    """By the main brand, and where that says nothing of ours by those it is compatible with (ISO/IEC 14496-12, 4.3)."""
    brands = media_brands.brands(head)
    for brand in brands:
        if brand in OTHERS or (brand in media_brands.STILLS and b"avif" in brands):
            raise Refused(OTHERS.get(brand, PICTURE))
        if brand in media_brands.STILLS:
            return "image/heic"
        if brand in media_brands.CLIPS:
            return "video/mp4"
        if brand == media_brands.FILM:
            return "video/quicktime"
    raise Refused(CLIP)


def _from_container(content, container):
    try:
        (media_type, reason), _ = start({"act": "kind", "media_type": container}, content)
    except NoAnswer as problem:
        raise Refused(REFUSAL) from problem
    if media_type not in ACCEPTED:
        raise Refused(reason or REFUSAL)
    return media_type


def _is_bare_dicom(head):
    """Whether elements of DICOM stand there without the 128 bytes and 'DICM' before them, as older machines export.

    The first must be of group 2 or 8, and three must stand in rising order with a length that fits (PS3.5, 7.1).
    """
    at, last = 0, (0, 0)
    for _ in range(3):
        if len(head) < at + 8:
            return False
        tag = struct.unpack_from("<HH", head, at)
        kind = head[at + 4 : at + 6]
        known = kind.isalpha() and kind.isupper()
        long = kind in (b"OB", b"OW", b"SQ", b"UN", b"UT", b"UC", b"OF", b"OD", b"UR", b"UV", b"SV", b"OL")
        form, begin = ("<I", at + 8) if long else ("<H", at + 6) if known else ("<I", at + 4)
        if (at == 0 and tag[0] not in (2, 8)) or tag <= last or len(head) < begin + 4:
            return False
        length = struct.unpack_from(form, head, begin)[0]
        if length > LONGEST_VALUE or length % 2:
            return False
        at, last = begin + struct.calcsize(form) + length, tag
    return True


def _from_text(head):
    """Plain text, unless it is text that a browser or a computer would run."""
    for reason, marks in INSTEAD:
        if head.startswith(marks) and (b"\x00" in head[:64] or reason in (ARCHIVE, ALTERED)):
            raise Refused(reason)
    if head[:1] == head[188:189] == head[376:377] == b"G" and b"\x00" in head[:64]:  # MPEG-TS, as old echo machines record
        raise Refused(CLIP)
    if head.startswith(b"GIF8"):
        raise Refused(PICTURE)
    if head.startswith(b"RIFF") and head[8:12] in RIFF:
        raise Refused(RIFF[head[8:12]])
    text = decoded(head, whole=len(head) < 8000).lstrip("\ufeff")
    if holds_pdf(head):
        raise Refused(LATE_PDF)
    if not is_text(text := FILLED.sub("", text)):
        raise Refused(STEERED if is_text(STEERS.sub("", text)) and len(STEERS.findall(text)) * 9 < len(text) else REFUSAL)
    if MARKUP.match(text):
        raise Refused(PAGE)
    return "text/plain"
