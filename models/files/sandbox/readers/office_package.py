"""Word, Excel and OpenDocument files: a ZIP of XML parts, opened with bounds and written back without dates.

A package of the Open Packaging Conventions (ISO/IEC 29500-2) says itself which part is the document: `_rels/.rels` points at
it, `[Content_Types].xml` says what it is. Names of parts are compared as that standard says, whatever their capitals.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from functools import cached_property
from typing import Any
from urllib.parse import unquote

import lxml

from .. import Unfit, xml
from ..allowed import MACROS

LIBRARIES = (lxml,)

MOST_PARTS = 10_000
LARGEST_PART = 100_000_000  # bytes, unpacked
LARGEST = 300_000_000  # bytes, unpacked, of all parts together
HIGHEST_RATIO = 200  # unpacked to packed, for parts that are large enough to hurt
LONGEST_LIST = 1_000_000  # bytes of the list of contents
LARGE = 20_000_000
BOMB = "Dit bestand wordt bij het openen onredelijk groot. Sla het opnieuw op, het liefst als PDF, en voeg dat toe."
LOCKED = "Dit bestand is met een wachtwoord beveiligd. Verwijder het wachtwoord en voeg het bestand opnieuw toe."
EPOCH = (1980, 1, 1, 0, 0, 0)
IS_XML = re.compile(r"(?i)\.(xml|rels|vml|rdf)$")
IS_PACKAGE = re.compile(r"(?i)\.(docx|xlsx|pptx|odt|ods)$")
IS_PICTURE = re.compile(r"(?i)\.(jpe?g|png)$")


OPENDOCUMENT = "application/vnd.oasis.opendocument."
OFFICE = "application/vnd.openxmlformats-officedocument."
WORD, EXCEL, TEXT = f"{OFFICE}wordprocessingml.document", f"{OFFICE}spreadsheetml.sheet", f"{OPENDOCUMENT}text"
SAVE_AS = "{} kunnen wij niet aannemen. Sla het op als {} en voeg dat toe."
# What the main part says it is: accepted, or what to do instead.
MAIN = {f"{WORD}.main+xml": WORD, f"{EXCEL}.main+xml": EXCEL}
INSTEAD = (
    ("macroenabled", MACROS), ("presentation", SAVE_AS.format("Een presentatie", "PDF")),
    ("template", SAVE_AS.format("Een sjabloon", "DOCX, XLSX of PDF")), ("spreadsheet", SAVE_AS.format("Deze werkmap",
    "XLSX of PDF")),
    ("graphics", SAVE_AS.format("Een tekening", "PDF")), ("sheet", SAVE_AS.format("Deze werkmap", "XLSX of PDF")),
)  # fmt: skip
A_ZIP = "Een ZIP-bestand kunnen wij niet aannemen. Pak het uit en voeg de bestanden die erin zitten los toe."
OTHER = "Dit soort document kunnen wij niet aannemen. Sla het op als PDF en voeg dat toe."
MANIFEST = "meta-inf/manifest.xml"
TYPES, LEAD = "[content_types].xml", "_rels/.rels"


def kind(content: bytes) -> str:
    """The accepted media type of a ZIP. Raises Unfit with the reason, and what to do, for any other."""
    package = Package(content)
    said = package.mimetype or package.type_of(package.main or "")
    if found := {**MAIN, TEXT: TEXT}.get(said):
        return found
    if said:
        raise Unfit(next((reason for word, reason in INSTEAD if word in said.lower()), OTHER))
    document = {TYPES, LEAD} & package.parts.keys() or any(name.endswith(".iwa") for name in package.parts)  # Pages, Numbers
    raise Unfit(OTHER if document else A_ZIP)


def folded(name: str) -> str:
    """The name of a part as it is compared: without the slash before it, whatever its capitals."""
    return unquote(name.replace("\\", "/")).lstrip("/").casefold()


class Package:
    """The parts of such a file. Raises Unfit for one that is locked, broken, or unpacks to more than the bounds."""

    def __init__(self, content: bytes) -> None:
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError) as problem:
            raise Unfit(xml.BROKEN) from problem
        self.infos = self.zip.infolist()
        self.names = [info.filename for info in self.infos]
        if any(info.flag_bits & 1 for info in self.infos):
            raise Unfit(LOCKED)
        if (
            len(self.infos) > MOST_PARTS
            or sum(info.file_size for info in self.infos) > LARGEST
            or sum(46 + len(info.filename) + len(info.extra) + len(info.comment) for info in self.infos) > LONGEST_LIST
            or any(map(_swells, self.infos))
        ):
            raise Unfit(BOMB)
        if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in self.infos):
            raise Unfit(xml.BROKEN)  # no program packs a document otherwise, and it cannot be undone in part
        self.parts = {folded(name): name for name in self.names}
        if len(self.parts) < len(self.names):
            # Two parts of one name: programs differ in which of them they show.
            raise Unfit(xml.BROKEN)
        if any(name.endswith("manifest.xml") and b"encryption-data" in self.read(name) for name in self.names):
            raise Unfit(LOCKED)

    @cached_property
    def mimetype(self) -> Any:
        """What an OpenDocument file says it is, first or in its list of parts (ODF 1.3, part 2, 3.2 and 3.3); else empty."""
        if "mimetype" in self.parts:
            return self.read("mimetype")[:100].decode("ascii", "replace").strip()
        root = xml.parse(self.read(self.parts[MANIFEST])) if MANIFEST in self.parts else ()
        rows = [{key.rpartition("}")[2]: said for key, said in row.attrib.items()} for row in root]
        return next((row.get("media-type", "") for row in rows if row.get("full-path") == "/"), "")

    @cached_property
    def types(self) -> Any:
        """({folded name: content type}, {ending: content type}) as [Content_Types].xml says."""
        root = xml.parse(self.read(self.parts[TYPES])) if TYPES in self.parts else ()
        rows = [(xml.name(row), row.attrib) for row in root]
        named = {folded(row.get("PartName", "")): row.get("ContentType", "") for label, row in rows if label == "Override"}
        ending = {row.get("Extension", "").casefold(): row.get("ContentType", "") for label, row in rows if label == "Default"}
        return named, ending

    def type_of(self, name: str) -> str:
        """The content type of the part with this name, without its parameters; empty when none is told."""
        named, ending = self.types
        said = named.get(folded(name)) or ending.get(name.rpartition(".")[2].casefold(), "")
        return said.partition(";")[0].strip()

    @cached_property
    def main(self) -> str | None:
        """The name of the part that is the document, as the package's own relationship says; None when none is."""
        root = xml.parse(self.read(self.parts[LEAD])) if LEAD in self.parts else ()
        for row in root:
            if row.get("Type", "").endswith("/relationships/officeDocument") and row.get("TargetMode") != "External":
                return self.parts.get(folded(row.get("Target", "").removeprefix("./")))
        return None

    def read(self, name: str) -> bytes:
        try:
            return self.zip.read(name)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, KeyError, ValueError) as problem:
            raise Unfit(xml.BROKEN) from problem
        except zlib.error as problem:
            raise Unfit(xml.BROKEN) from problem

    def rewritten(self, change: Callable[[Any, Any], Any]) -> bytes:
        """The file with every part put through `change(name, content)`; None leaves the part out."""
        result = io.BytesIO()
        with zipfile.ZipFile(result, "w") as target:
            for info in self.infos:
                if info.is_dir() or (content := change(info.filename, self.read(info.filename))) is None:
                    continue
                part = zipfile.ZipInfo(info.filename, EPOCH)
                # Kept as it was: the first part of an OpenDocument file may not be compressed.
                part.compress_type = info.compress_type and zipfile.ZIP_DEFLATED
                target.writestr(part, content)
        return result.getvalue()


def _swells(info: Any) -> bool:
    if info.file_size > LARGEST_PART:
        return True
    return info.file_size > LARGE and info.file_size > HIGHEST_RATIO * max(info.compress_size, 1)
