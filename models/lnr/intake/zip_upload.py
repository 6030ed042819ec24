"""What an uploaded file holds: one message, or a ZIP of many, opened with bounds and never unpacked to the disk."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from models import dutch
from models.base import Refused
from models.lnr.dataset.definition import ROOT
from models.lnr.intake import zip_directory
from models.lnr.message.xml_tree import SIZE
from models.typed_text import keepable, plain

LARGEST = 50_000_000  # bytes of an upload
MOST = 20_000  # messages in a ZIP
UNPACKED = 2_000_000_000  # bytes of all of them together
DIRECTORY = 8_000_000  # bytes of the list of contents at the end of a ZIP, which is read as one
LONGEST_NAME = 200
# What programs add to a ZIP by themselves.
LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
BROKEN = "Dit ZIP-bestand is beschadigd of niet volledig. Maak het opnieuw."
BOMB = (
    "Dit ZIP-bestand is uitgepakt groter dan {}: niets is verwerkt. "
    "Haal eruit wat geen bericht is, of verdeel de berichten over meer ZIP-bestanden."
)
TOO_MANY = "Er zitten meer dan {} bestanden in dit ZIP-bestand. Verdeel ze over meer ZIP-bestanden."
TOO_LARGE = (
    f"Dit bestand is groter dan {LARGEST // 1_000_000} MB. Eén bericht is hoogstens {SIZE // 1_000_000} MB: "
    "verdeel de berichten over meer XML- of ZIP-bestanden."
)
NEITHER = (
    "Dit is geen XML-bericht en geen ZIP-bestand met XML-berichten. "
    "Sla het bericht in uw EPD op als XML, en stuur dat of een ZIP-bestand ermee."
)
EMPTY = "In dit ZIP-bestand zit geen enkel XML-bericht. Maak er een met de XML-bestanden erin, en stuur dat."
ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Found:
    """One message by its name in the file; `problem` says why it was not even read, and then there is no content."""

    name: str
    content: bytes | None = None
    problem: str = ""


def read(name: str, content: bytes, most: int | None = None, unpacked: int = UNPACKED) -> Iterator[Found]:
    """Yield what is Found in an upload, one after another. Raises Refused when the file as a whole cannot be used.

    What is wrong with a ZIP as a whole, such as more than `most` messages or `unpacked` bytes, shows before the first message
    is yielded.
    """
    if len(content) > LARGEST:
        raise Refused(TOO_LARGE)
    if content.startswith((ZIP, zip_directory.END)):
        yield from _unpack(content, MOST if most is None else most, unpacked)
    elif content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or name.lower().endswith(".xml"):
        yield Found(tidy(name), content[: SIZE + 1])
    elif zip_directory.size(content) is not None:  # with something before it, which readers of ZIP pass over
        yield from _unpack(content, MOST if most is None else most, unpacked)
    elif ROOT.encode() in content[:1024].replace(b"\0", b""):  # in another encoding, say: the check of the message tells
        yield Found(tidy(name), content[: SIZE + 1])
    else:
        raise Refused(NEITHER)


def _unpack(content, most, unpacked):
    _demand_sane(content, most)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError) as problem:
        raise Refused(BROKEN) from problem
    wanted = [info for info in archive.infolist() if not _is_folder(info) and not _is_litter(info.filename)]
    _demand_bounds(wanted, len(content), most, unpacked)
    for info in wanted:
        yield _found(archive, info)


def _demand_sane(content, most):
    """The list of contents is read as one: its size is looked at first."""
    size = zip_directory.size(content)
    if size is None:
        raise Refused(BROKEN)
    if size > DIRECTORY:
        raise Refused(_too_many(most))


def _demand_bounds(infos, size, most, unpacked):
    if not infos:
        raise Refused(EMPTY)
    if len(infos) > most:
        raise Refused(_too_many(most))
    if sum(info.file_size for info in infos) > unpacked:
        raise Refused(BOMB.format(dutch.size(unpacked)))
    # More packed bytes than there are: the messages lie over each other.
    if sum(info.compress_size for info in infos) > size:
        raise Refused(BROKEN)


def _too_many(most):
    return TOO_MANY.format(f"{most:,}".replace(",", "."))


def _found(archive, info):
    name = tidy(info.filename)
    if problem := _problem(info):
        return Found(name, None, problem)
    try:
        with archive.open(info) as part:
            # One byte more than is allowed, whatever the ZIP says of its size: the check of the message refuses it.
            return Found(name, part.read(SIZE + 1))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return Found(name, None, "Dit bestand in de ZIP is beschadigd.")


def _problem(info):
    # Windows packs with backslashes; that is unusual, not unsafe.
    path = PurePosixPath(info.orig_filename.replace("\\", "/"))
    drive = path.parts and path.parts[0].endswith(":")
    if path.is_absolute() or drive or ".." in path.parts or not keepable(info.filename):
        return "De naam van dit bestand in de ZIP is niet veilig (zoals ‘../’). Maak de ZIP opnieuw met gewone namen."
    if len(info.filename) > LONGEST_NAME:
        return "De naam van dit bestand in de ZIP is te lang."
    if info.flag_bits & 1:
        return "Dit bestand is met een wachtwoord beveiligd."
    if info.compress_type not in METHODS:
        return "Dit bestand is ingepakt op een manier die het portaal niet kent. Maak een gewone ZIP."
    if not info.orig_filename.lower().endswith(".xml"):
        return "Alleen bestanden die op .xml eindigen worden verwerkt; een ZIP in een ZIP niet."
    return ""


def _is_folder(info):
    return info.is_dir() or info.orig_filename.endswith("\\")


def _is_litter(name):
    return any(part in LITTER or part.startswith("._") for part in PurePosixPath(name.replace("\\", "/")).parts)


def tidy(name: str) -> str:
    """A name that can stand on a page."""
    shown = plain(name) if keepable(name) else "".join(letter if keepable(letter) else "?" for letter in name)
    return " ".join(shown.split())[:LONGEST_NAME] or "zonder naam"
