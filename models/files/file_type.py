"""Which files are accepted: told by their content, never by their name (choice C16).

Only the kind is told, without unpacking anything: what is dangerous in a file of that kind `looking` finds.
"""

import io
import struct
import zipfile
import zlib

import puremagic

from models.base import Refused
from models.files import zip_directory

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
}
ACCEPTED_TEXT = "PDF, JPG, PNG, TIFF, HEIC, Word, Excel, ODT, TXT, RTF, DICOM of MP4"
SHOWN_IN_PAGE = ("application/pdf", "image/jpeg", "image/png")

REFUSAL = f"Dit soort bestand kunnen wij niet aannemen. Gebruik {ACCEPTED_TEXT}."
LOCKED = "Dit bestand is met een wachtwoord beveiligd. Verwijder het wachtwoord en voeg het bestand opnieuw toe."

MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"{\\rtf", "application/rtf"),
)
OFFICE_2003 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OFFICE_PARTS = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SAME = ({".jpg", ".jpeg", ".jpe"}, {".tif", ".tiff"}, {".heic", ".heif"}, {".mp4", ".m4v"}, {".txt", ".csv", ".log", ".text"})
UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error)
TAIL = 1_200_000  # bytes of the end of a file that are held: the list of contents, and what may stand behind it
LIST = 1_000_000  # bytes of the list of contents of an Office file, which is read as one
OPENDOCUMENT = "application/vnd.oasis.opendocument.text"
# How what runs by itself begins. Before its header a DICOM file has room for anything; TIFF is what the standard allows there.
RUNS = (b"MZ", b"\x7fELF", b"PK", b"#!", b"<", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", OFFICE_2003)


def detect(head, blocks):
    """The accepted media type of a file, from its first bytes and, where those do not tell, its content.

    `blocks` is called only when needed and gives all bytes, in blocks: at most TAIL of them are held at a time, because
    eight files of 100 MB may come in at once. Raises Refused with the reason for everything else.
    """
    for magic, media_type in MAGIC:
        if head.startswith(magic):
            return media_type
    if head[128:132] == b"DICM":
        return _from_dicom(head)
    if head[4:8] == b"ftyp":
        return _from_iso_media(head[8:12])
    if head.startswith(OFFICE_2003):
        return _from_office_2003(blocks())
    if head.startswith(b"PK\x03\x04"):
        return _from_zip(head, blocks())
    return _from_text(head)


def same_kind(one, other):
    """Whether two extensions name the same kind of file."""
    return one == other or any({one, other} <= kind for kind in SAME)


def _from_iso_media(brand):
    if brand in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        return "image/heic"
    if brand in (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"):
        return "video/mp4"
    raise Refused(REFUSAL)


def _from_dicom(head):
    if head.lstrip().startswith(RUNS):
        raise Refused(REFUSAL)
    return "application/dicom"


def _from_office_2003(blocks):
    # Names of streams inside the container are UTF-16.
    sought = {name: name.encode("utf-16-le") for name in ("EncryptedPackage", "WordDocument", "Workbook")}
    found, before = set(), b""
    for block in blocks:
        window = before + bytes(block)
        found |= {name for name, letters in sought.items() if letters in window}
        before = window[-64:]  # a name may lie over two blocks
    if "EncryptedPackage" in found:  # of whatever kind it is inside
        raise Refused(LOCKED)
    if "WordDocument" in found:
        return "application/msword"
    if "Workbook" in found:
        return "application/vnd.ms-excel"
    raise Refused(REFUSAL)


class Ends(io.RawIOBase):
    """A file of which only the beginning and the end are here, to be read by place; the middle is an OSError."""

    def __init__(self, head, blocks):
        self.head, self.length, self.tail, self.at = bytes(head), 0, bytearray(), 0
        for block in blocks:
            self.length += len(block)
            self.tail += block
            del self.tail[: max(0, len(self.tail) - TAIL)]

    def seekable(self):
        return True

    def readable(self):
        return True

    def tell(self):
        return self.at

    def seek(self, offset, whence=io.SEEK_SET):
        self.at = max(0, (0, self.at, self.length)[whence] + offset)
        return self.at

    def read(self, size=-1):
        end = self.length if size is None or size < 0 else min(self.at + size, self.length)
        start, self.at = self.at, max(self.at, end)
        if start >= end:
            return b""
        begins = self.length - len(self.tail)
        if start >= begins:
            return bytes(self.tail[start - begins : end - begins])
        if end <= len(self.head):
            return self.head[start:end]
        raise OSError("the middle of the file is not here")


def _from_zip(head, blocks):
    content = Ends(head, blocks)
    if not 0 < (zip_directory.size(content.tail) or 0) <= LIST:
        raise Refused(REFUSAL)
    try:
        with zipfile.ZipFile(content) as package:
            names = set(package.namelist())
            mimetype = _mimetype(package) if "mimetype" in names else b""
    except (*UNREADABLE, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as problem:
        raise Refused(REFUSAL) from problem
    if mimetype == OPENDOCUMENT.encode():
        return OPENDOCUMENT
    if "[Content_Types].xml" in names:
        for part, media_type in OFFICE_PARTS.items():
            if part in names:
                return media_type
    raise Refused(REFUSAL)


def _mimetype(package):
    # The standard wants it as it is, and some programs pack it; the other ways of packing cannot be undone in part.
    if package.getinfo("mimetype").compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return b""
    with package.open("mimetype") as member:
        return member.read(100)


def _from_text(head):
    """Plain text, unless it is text that a browser or a computer would run."""
    if puremagic.what(None, head) is not None or b"\x00" in head:
        raise Refused(REFUSAL)
    try:
        text = head.decode("utf-8", "strict" if len(head) < 8000 else "ignore")
    except UnicodeDecodeError:
        text = head.decode("cp1252", "replace")
    start = text.lstrip("\ufeff \t\r\n").lower()
    if start.startswith(("<", "#!", "mz", "@echo", "[internetshortcut]")) or "<script" in start or "<html" in start:
        raise Refused(REFUSAL)
    if not all(letter.isprintable() or letter in "\t\r\n\f\ufeff" for letter in text):
        raise Refused(REFUSAL)
    return "text/plain"
