"""Plain text and RTF."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import openpyxl

from .. import Passage, Unfit, author, unchecked
from ..allowed import FETCHES, PROGRAM, field_danger, is_local
from ..decoding import LATE_PDF, decoded, holds_pdf

LIBRARIES = (openpyxl,)
LINES = 50  # of one passage, so that a place says something
TOKEN = re.compile(r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z'])|([{}])|([^\\{}\r\n]+)")
SKIPPED = {"fonttbl", "colortbl", "stylesheet", "pict", "objdata", "themedata", "colorschememapping", "datastore",
           "latentstyles", "listtable", "listoverridetable", "rsidtbl", "generator", "xmlnstbl",
           "fontemb", "fontfile", "blipuid"}  # fmt: skip
ABOUT = {"author": "auteur", "operator": "laatst opgeslagen door", "manager": "leidinggevende", "company": "organisatie",
         "atnauthor": "auteur van een opmerking", "atnid": "auteur van een opmerking"}  # fmt: skip
BREAKS = {"par", "line", "row", "sect", "page"}
GAPS = {"tab", "cell", "emspace", "enspace"}
# A control word ends at the first character that is no letter; what is ignorable (\\*) may stand apart from its name.
EMBEDS = re.compile(rb"(?i)\\obj(?:ect|data|emb|link|autlink|sub|pub|icemb|ocx|html|attph)(?![a-z])")
FETCHING = {"mailmerge", "mmconnectstr", "mmquery", "mmdatasource", "xmlopen", "nextfile", "filetbl"}
CELL = re.compile(r"[=@]|[+-]\s*[^\s\d.,+-]")  # what a program for tables takes for a formula
CELLS = "In deze tabel staan formules. Sla die op als XLSX of als PDF, en voeg dat toe."


def is_rtf(content: bytes) -> bool:
    """Whether it begins as RTF does, behind blanks and the mark of UTF-8 as Word allows them."""
    return content[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{\\rt")


def passages(content: bytes) -> Iterator[Any]:
    if is_rtf(content):
        yield from _rtf(content.decode("latin-1"))
    else:
        yield from _by_lines(decoded(content))


def hazards(content: bytes) -> list[str]:
    if not is_rtf(content):
        return [LATE_PDF] if holds_pdf(content) else []
    found = {PROGRAM} if EMBEDS.search(content) else set()
    for destination, text in _runs(content.decode("latin-1"), FETCHING | {"fldinst", "template"}):
        if destination in FETCHING or (destination == "template" and not is_local(text)):
            found.add(FETCHES)
        elif destination == "fldinst" and (reason := field_danger(text)):
            found.add(reason)
    return sorted(found)


def table_hazards(content: bytes) -> list:
    """Why a file whose name makes a program for tables open it (CSV) is refused: a cell that such a program would work out."""
    rows = csv.reader(io.StringIO(decoded(content)), delimiter=_delimiter(content))
    try:
        return [CELLS] if any(CELL.match(cell.strip()) for row in rows for cell in row) else []
    except csv.Error:
        return [CELLS]


def _delimiter(content: bytes) -> str:
    first = decoded(content[:4000], whole=False).partition("\n")[0]
    return max(";,\t|", key=first.count)


def cleaned(content: bytes) -> None:
    raise Unfit("Uit dit soort bestand kunnen wij deze gegevens niet halen. Sla het op als PDF en voeg dat toe.")


def _by_lines(text: str) -> Iterator[Passage]:
    lines = text.splitlines()
    for start in range(0, len(lines), LINES):
        # A line more than the next one starts with: what runs over the edge is found too.
        end = min(start + LINES, len(lines))
        yield Passage(f"regel {start + 1} tot en met {end}", "\n".join(lines[start : end + 1]))


def _rtf(source: Any) -> Iterator[Any]:
    body, pictures = [], False
    for destination, text in _runs(source):
        if destination in ABOUT:
            place = "auteur van een opmerking" if destination.startswith("atn") else f"metadata: {ABOUT[destination]}"
            yield from author(text, place)
        elif destination in ("title", "subject", "keywords", "doccomm"):
            yield Passage("metadata", text)
        elif destination == "pict":
            pictures = True
        elif destination not in SKIPPED:
            body.append(text)
    yield from _by_lines("".join(body))
    if pictures:
        yield unchecked("afbeeldingen in het bestand", "tekst")


def _runs(source: Any, also: Any = frozenset()) -> Iterator[tuple[str, str]]:
    """Yield (destination, text); the text of a named destination comes in one piece. `also`: destinations to tell apart."""
    named = {*SKIPPED, *ABOUT, "title", "subject", "keywords", "doccomm", *also}
    stack, destination, gathered, skip = [], "", [], 0
    for word, number, code, symbol, brace, text in TOKEN.findall(source):
        piece = text
        if brace == "{":
            stack.append(destination)
        elif brace == "}":
            ended, destination = destination, stack.pop() if stack else ""
            if ended != destination:
                yield ended, "".join(gathered)
                gathered = []
        elif word in named:
            if destination:
                continue
            yield destination, "".join(gathered)
            destination, gathered = word, []
        elif word == "u" and number:
            piece, skip = chr(int(number) % 65536), 1
        elif word in BREAKS:
            piece = "\n"
        elif word in GAPS or symbol == "~":
            piece = " "
        elif code:
            piece = bytes.fromhex(code).decode("cp1252", "replace")
        elif symbol == "_":
            piece = "-"
        elif symbol in ("\\", "{", "}"):
            piece = symbol
        if piece and skip and not (word == "u" and number):
            # Behind a Unicode letter stands one for programs that do not know it.
            piece, skip = piece[1:], 0
        gathered.append(piece)
    yield destination, "".join(gathered)
