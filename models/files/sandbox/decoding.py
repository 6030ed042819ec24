"""Text that does not say how it was written down: which encoding, and whether it is text. Used on both sides of the door."""

import codecs
import re
import unicodedata
from typing import Any

# The longer marks first: that of UTF-32 begins as that of UTF-16 does.
MARKS = ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF8, "utf-8"),
         (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
# Control letters of text: the end of a file of MS-DOS, marks between records and the hyphens of Word (1C to 1F), and letters of
# Windows that another program took over as they were (80 to 9F).
LAYOUT = "\t\r\n\f\v\x1a\x1c\x1d\x1e\x1f" + "".join(map(chr, range(0x80, 0xA0)))
PDF_MARK, PDF_PART = re.compile(rb"(?m)^%PDF-\d\.\d"), re.compile(rb"(?m)^\d{1,9} \d{1,5} obj\b")
LATE_PDF = "Voor het begin van dit PDF-bestand staat te veel tekst. Maak de PDF opnieuw en voeg die toe."

RTF = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*\{\\rt")  # Word takes it by these four letters, behind blanks and whatever the name


def is_rtf(content: bytes) -> bool:
    """Whether this is RTF. The gate sees the first bytes only: behind more blanks than that it is text, and searched as RTF."""
    return RTF.match(content) is not None


def decoded(content: Any, whole: bool = True) -> str:
    """`content` as text: by its byte order mark, else UTF-16 where every other byte is zero, UTF-8, or Windows-1252.

    `whole`: whether it is the whole file; otherwise half a letter at its end is left out.
    """
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _cut(content[len(mark) :], encoding, whole)
    if encoding := _wide(content):  # type: ignore[assignment]
        return _cut(content, encoding, whole)
    try:
        return codecs.getincrementaldecoder("utf-8")("strict").decode(content, whole)
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def is_text(text: str) -> bool:
    """Whether this is what a person wrote: no control letters but those of layout."""
    return not any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in LAYOUT for letter in text)


def holds_pdf(content: bytes) -> bool:
    """Whether a PDF stands in what is otherwise text, further on than readers of PDF look."""
    mark = PDF_MARK.search(content)
    return mark is not None and PDF_PART.search(content, mark.end()) is not None


def _cut(content: bytes, encoding: str, whole: bool) -> Any:
    return codecs.getincrementaldecoder(encoding)("replace").decode(content, whole)


def _wide(content: bytes) -> str | None:
    """UTF-16 without a mark: of Dutch text half the bytes are zero, and always the same half."""
    even, odd = content[:2000:2].count(0), content[1:2000:2].count(0)
    many = len(content[:2000]) // 4
    if len(content) < 4 or min(even, odd):
        return None
    return "utf-16-le" if odd > many else "utf-16-be" if even > many else None
