"""A package as bytes: one PDF that can be printed or read offline, or a ZIP of the files themselves with an index.

In the PDF a stranger's file is never itself: its pages are the pixels that the sandbox drew (models/files/page_view.py), or its
text. Only what the portal made itself, the index and the questionnaire, goes in as it is. pypdf puts the parts behind each
other and gives each a bookmark; the tags of the parts (PDF/UA) do not survive that, so who reads by ear takes the ZIP.
"""

import base64
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime

from models import dutch
from models.accounts.user import User
from models.base import Refused
from models.committee.package.package_contents import PackageContents
from models.files import page_view, storage
from models.files.page_view import PageView
from models.pdf.typesetting import pdf

MOST_PAGES = 300  # drawn pages of one package: 340 kB and 1.2 s of processor time each, so 100 MB and 6 minutes
AT_ONCE = 10  # pages that are typeset together: 3.4 MB
LONGEST_ALT = 4000  # letters of a page that stand beside its pixels, for who does not see them
TOO_MANY = "staat in de ZIP: in deze PDF passen niet meer bladzijden"
IN_ZIP = "staat in de ZIP: {}"
WHOLE = "geheel"


def index_pdf(contents: PackageContents, pages: dict[str, str], made: datetime) -> bytes:
    """The first pages: what is in the package, what is not and why, and what happened to the case, without names of people.

    `pages`: by name of a file what is said of its pages; empty for a ZIP, which has every file whole.
    """
    case = contents.case
    data = {
        "about": f"{case.theme.name} · gemaakt op {dutch.long_date(made)}",
        "files": [[one.name, one.label, dutch.size(one.document.size), pages.get(one.name, WHOLE)] for one in contents.entries],
        "held_back": [[one.name, one.label, one.reason] for one in contents.held_back],
        "without": [list(one) for one in contents.open_lines],
        "events": [list(one) for one in contents.events],
    }
    return pdf("committee/package_index.typ", data, f"Dossier van casus {case.number}", made)


def package_pdf(contents: PackageContents, reader: User, step: Callable[[bool], None], made: datetime) -> Iterator[bytes]:
    """The whole dossier as one PDF, in blocks. `step(whole)` is called after each page, and with True after each file.

    `reader`: who asked for it. Raises page_view.DrawingBusy when the machine cannot draw now.
    """
    from pypdf import PdfWriter  # noqa: PLC0415  6 MB

    parts, pages, left = [], {}, MOST_PAGES
    for entry in contents.entries:
        content, count, said = _part(entry, reader, left, made, step)
        left -= count
        pages[entry.name] = said
        if content:
            parts.append((entry, content))
        step(True)
    whole = PdfWriter()
    whole.append(io.BytesIO(index_pdf(contents, pages, made)), outline_item="Inhoud", import_outline=False)
    for entry, content in parts:
        start = len(whole.pages)
        for one in content:
            whole.append(io.BytesIO(one), import_outline=False)
        whole.add_outline_item(title=f"{entry.label}: {entry.name}", page_number=start)
    whole.add_metadata({"/Title": f"Dossier van casus {contents.case.number}", "/Author": "mijnPerined"})
    finished = io.BytesIO()
    whole.write(finished)
    finished.seek(0)
    return iter(lambda: finished.read(storage.BLOCK), b"")


def _part(entry, reader, left, made, step):
    """(its pages as PDFs, how many were drawn, what the index says of them)."""
    document = entry.document
    if document.generated:
        from pypdf import PdfReader  # noqa: PLC0415

        content = b"".join(storage.read(document.blob, document.sha256))
        return [content], 0, dutch.plural(len(PdfReader(io.BytesIO(content)).pages), "bladzijde", "bladzijden")
    drawn, content, number, count = [], [], 1, 1
    try:
        while number <= min(count, left):
            page = page_view.draw(document, number, reader)
            drawn.append(page)
            count, number = page.count, number + 1
            step(False)
            if len(drawn) == AT_ONCE:
                content.append(_sheets(entry, drawn, made))
                drawn = []
    except page_view.DrawingBusy:
        raise
    except Refused as reason:
        if number == 1:
            return [], 0, IN_ZIP.format(str(reason).removesuffix("."))
    if drawn:
        content.append(_sheets(entry, drawn, made))
    done = number - 1
    if done == count:
        return content, done, dutch.plural(count, "bladzijde", "bladzijden")
    return (
        content,
        done,
        f"{done} van {count} bladzijden; de rest {TOO_MANY if done == left else IN_ZIP.format('niet te tekenen')}",
    )


def _sheets(entry, pages, made):
    data = {"sheets": [{"head": f"{entry.name}, bladzijde {page.number} van {page.count}", **_sheet(page)} for page in pages]}
    return pdf("committee/package_pages.typ", data, entry.name, made)


def _sheet(page: PageView) -> dict[str, str]:
    text = page.text.strip()
    if not page.jpeg:
        return {"svg": "", "text": text}
    picture = base64.b64encode(page.jpeg).decode()
    size = f'width="{page.width}" height="{page.height}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><image {size} href="data:image/jpeg;base64,{picture}"/></svg>'
    return {"svg": svg, "text": text[:LONGEST_ALT] or "Bladzijde zonder leesbare tekst"}


class _Taken:
    """What the ZIP has written since the last look: it cannot go back, and nothing is kept longer than a block."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self.parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        taken, self.parts = b"".join(self.parts), []
        return taken


def package_zip(contents: PackageContents, reader: User, step: Callable[[bool], None], made: datetime) -> Iterator[bytes]:
    """The files of the dossier under their new names, and the index, as a ZIP in blocks: whatever its size in little memory."""
    out = _Taken()
    with zipfile.ZipFile(out, "w") as archive:  # type: ignore[call-overload]
        archive.writestr(f"{contents.case.number}_inhoud.pdf", index_pdf(contents, {}, made))
        for entry in contents.entries:
            with archive.open(zipfile.ZipInfo(entry.name), "w", force_zip64=True) as member:
                for block in storage.read(entry.document.blob, entry.document.sha256):
                    member.write(block)
                    yield out.take()
            step(True)
    yield out.take()


class BlockSource:
    """Blocks as a file to read from, for `storage.save`."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.blocks, self.rest = blocks, b""

    def read(self, most: int) -> bytes:
        """At most `most` bytes; none at the end."""
        while not self.rest:
            block = next(self.blocks, None)
            if block is None:
                return b""
            self.rest = block
        taken, self.rest = self.rest[:most], self.rest[most:]
        return taken
