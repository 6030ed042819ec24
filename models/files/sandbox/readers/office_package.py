"""Word, Excel and OpenDocument files: a ZIP of XML parts, opened with bounds and written back without dates."""

import io
import re
import zipfile

from .. import Unfit, xml

MOST_PARTS = 10_000
LARGEST_PART = 100_000_000  # bytes, unpacked
LARGEST = 300_000_000  # bytes, unpacked, of all parts together
HIGHEST_RATIO = 200  # unpacked to packed, for parts that are large enough to hurt
LARGE = 20_000_000
BOMB = "Dit bestand wordt bij het openen onredelijk groot. Sla het opnieuw op, het liefst als PDF, en voeg dat toe."
LOCKED = "Dit bestand is met een wachtwoord beveiligd. Verwijder het wachtwoord en voeg het bestand opnieuw toe."
EPOCH = (1980, 1, 1, 0, 0, 0)
IS_XML = re.compile(r"(?i)\.(xml|rels|vml|rdf)$")
IS_PACKAGE = re.compile(r"(?i)\.(docx|xlsx|pptx|odt|ods)$")
IS_PICTURE = re.compile(r"(?i)\.(jpe?g|png)$")


class Package:
    """The parts of such a file. Raises Unfit for one that is locked, broken, or unpacks to more than the bounds."""

    def __init__(self, content):
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
            or any(map(_swells, self.infos))
        ):
            raise Unfit(BOMB)
        if len(set(self.names)) < len(self.names):
            # Two parts of one name: programs differ in which of them they show.
            raise Unfit(xml.BROKEN)
        if any(name.endswith("manifest.xml") and b"encryption-data" in self.read(name) for name in self.names):
            raise Unfit(LOCKED)

    def read(self, name):
        try:
            return self.zip.read(name)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, KeyError, ValueError) as problem:
            raise Unfit(xml.BROKEN) from problem
        except zipfile.zlib.error as problem:
            raise Unfit(xml.BROKEN) from problem

    def rewritten(self, change):
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


def _swells(info):
    if info.file_size > LARGEST_PART:
        return True
    return info.file_size > LARGE and info.file_size > HIGHEST_RATIO * max(info.compress_size, 1)
