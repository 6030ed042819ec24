"""Plain text and RTF."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl

from .. import Passage, Unfit, author, encapsulated_html, unchecked, xml
from ..allowed import (
    DESTINATIONS,
    FETCHES,
    FORM,
    PROGRAM,
    STRANGE,
    away,
    field_danger,
    is_clickable,
    is_local,
    property_danger,
    relation_danger,
)
from ..decoding import LATE_PDF, decoded, holds_pdf, is_rtf

LIBRARIES = (openpyxl,)
LINES = 50  # of one passage, so that a place says something
TOKEN = re.compile(r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|([^\\{}\r\n]+)")
SKIPPED = {"fonttbl", "colortbl", "stylesheet", "pict", "objdata", "themedata", "colorschememapping", "datastore",
           "latentstyles", "listtable", "listoverridetable", "rsidtbl", "generator", "xmlnstbl",
           "fontemb", "fontfile", "blipuid"}  # fmt: skip
ABOUT = {"author": "auteur", "operator": "laatst opgeslagen door", "manager": "leidinggevende", "company": "organisatie",
         "atnauthor": "auteur van een opmerking", "atnid": "auteur van een opmerking"}  # fmt: skip
BREAKS = {"par", "line", "row", "sect", "page"}
GAPS = {"tab", "cell", "emspace", "enspace"}
# A control word ends at the first character that is no letter; what is ignorable (\\*) may stand apart from its name.
EMBEDS = re.compile(rb"(?i)\\obj(?:ect|data|emb|link|autlink|sub|pub|icemb|ocx|html|attph)(?![a-z])")
NAMED = {*SKIPPED, *ABOUT, "title", "subject", "keywords", "doccomm"}
MARKUP = {"htmltag", "mhtmltag"}
FETCHING = {"mailmerge", "mmconnectstr", "mmquery", "mmdatasource", "xmlopen", "nextfile", "filetbl"}
CELL = re.compile(r"[=@]|[+-]\s*[^\s\d.,+-]")  # what a program for tables takes for a formula
CELLS = "In deze tabel staan formules. Sla die op als XLSX of als PDF, en voeg dat toe."


def passages(content: bytes) -> Iterator[Any]:
    if is_rtf(content):
        yield from _rtf(content.decode("latin-1"))
    else:
        yield from _by_lines(decoded(content))


def hazards(content: bytes) -> list[str]:
    if not is_rtf(content):
        return [LATE_PDF] if holds_pdf(content) else []
    source, name = content.decode("latin-1"), ""
    found: set[str | None] = {PROGRAM} if EMBEDS.search(content) else set()
    if not _starred(source) <= DESTINATIONS | FORM:
        found.add(STRANGE)
    for destination, text in _runs(source, NAMED | DESTINATIONS | FETCHING):
        if destination == "sn":
            name = text.strip()
        found.add(_danger(destination, text, name))
    if MARKUP & set(_starred(source)):
        found |= encapsulated_html.dangers(list(_as_html(source)))
    # A program may count what is inside the instruction of a field to it.
    found.update(field_danger(text) for destination, text in _runs(source, {"fldinst"}) if destination)
    return sorted(filter(None, found))


def _as_html(source: str) -> Iterator[str]:
    """What programs may make of an RTF that holds HTML: all letters, the tags alone, and what Outlook gives back.

    That leaves out what stands between `htmlrtf` and `htmlrtf0`, and in any other destination.
    """
    yield "".join(text for _, text in _runs(source, set()))
    yield "".join(text for destination, text in _runs(source, MARKUP) if destination == "htmltag")
    others = (NAMED | DESTINATIONS | FORM | {"htmlrtf"}) - {"htmltag"}
    yield "".join(text for destination, text in _runs(source, others) if not destination)


def _starred(source: str) -> set[str]:
    """What stands behind `\\*`: destinations that a program passes over when it does not know them. And raw bytes."""
    found, starred = set(), False
    for word, _, _, symbol, _, _ in TOKEN.findall(source):
        if word == "bin" or (word and starred):
            found.add(word)
        starred = symbol == "*" or (starred and not word)
    return found


def _danger(destination: str, text: str, name: str) -> str | None:
    """Why one destination of an RTF is refused; `name`: of the property whose value it may be."""
    if destination == "fldinst":
        return field_danger(text)
    if destination == "sv":
        return property_danger(name, text.strip())
    if destination == "svb":
        return _drawn(text)
    allowed = {"template": is_local, "hlinkbase": is_local, "hlsrc": is_clickable, "hlfr": is_clickable}.get(destination)
    if allowed and not allowed(text):
        return away(text)
    return FETCHES if destination in FETCHING else None


def _drawn(text: str) -> str | None:
    """Why a shape in the form of newer programs is refused: a package, of which no part may lie elsewhere."""
    try:
        with zipfile.ZipFile(io.BytesIO(bytes.fromhex(text))) as package:
            parts = [package.read(name) for name in package.namelist() if name.lower().endswith(".rels")]
    except (ValueError, zipfile.BadZipFile):
        return STRANGE
    rows = (row for part in parts for row in xml.parse(part))
    found = (relation_danger(row.get("Type", ""), row.get("Target", ""), row.get("TargetMode") == "External") for row in rows)
    return next(filter(None, found), None)


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
    body, markup, pictures = [], [], False
    for destination, text in _runs(source, NAMED | MARKUP):
        if destination in ABOUT:
            place = "auteur van een opmerking" if destination.startswith("atn") else f"metadata: {ABOUT[destination]}"
            yield from author(text, place)
        elif destination in ("title", "subject", "keywords", "doccomm"):
            yield Passage("metadata", text)
        elif destination == "pict":
            pictures = True
        elif destination in MARKUP:
            markup.append(text)
        elif destination not in SKIPPED:
            body.append(text)
    yield from _by_lines("".join(body))
    if markup:
        yield Passage("metadata: opmaak", "".join(markup))
    if pictures:
        yield unchecked("afbeeldingen in het bestand", "tekst")


def _runs(source: Any, named: Any) -> Iterator[tuple[str, str]]:
    """Yield (destination, text) of the `named` ones: the text of each in one piece, without that of those inside it."""
    body: tuple[str, list[str]] = ("", [])
    stack, current, outside, width, skip = [], body, body, 1, 0
    for word, number, code, symbol, brace, text in TOKEN.findall(source):
        piece = text
        if brace == "{":
            stack.append((current, width))
        elif brace == "}":
            ended, (current, width) = current, stack.pop() if stack else (body, 1)
            if ended is not current:
                yield ended[0], "".join(ended[1])
        elif word == "htmlrtf" and word in named:  # no destination of a group, but a switch
            if number != "0" and current[0] != word:
                outside, current = current, (word, [])
            elif number == "0" and current[0] == word:
                current = outside
        elif word in named:
            if current is not (stack[-1][0] if stack else body):
                yield current[0], "".join(current[1])
            current = (word, [])
        elif word == "uc" and number:
            width = int(number)
        elif word == "u" and number:
            piece, skip = chr(int(number) % 65536), width
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
            # Behind a Unicode letter stands what it is for programs that do not know it.
            piece, skip = piece[skip:], max(0, skip - len(piece))
        current[1].append(piece)
    left = {id(frame): frame for frame in (body, *(frame for frame, _ in stack), current)}
    yield from ((destination, "".join(gathered)) for destination, gathered in left.values())
