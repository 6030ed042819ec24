"""Addresses that did not come whole out of a mail: programs add a full stop or a bracket, break lines, write capitals.

Only what was added is taken away. What was lost is not guessed: then the page of 'Niet gevonden' says how to go on.
"""

import re
import unicodedata
from urllib.parse import unquote

SOFT_BREAK = re.compile(r"=(3D|\r?\n)?", re.IGNORECASE)  # quoted-printable: '=' at the end of a line, and '=' itself
AROUND = re.compile(r"^[^\w/.-]+|[^\w/-]+$")
ADDRESS = re.compile(r"/[\w./-]*", re.ASCII)  # the letters of this portal's own addresses


def unbroken(text: str) -> str:
    """`text` with its escapes read once more, and without line ends, blanks and invisible letters."""
    joined = SOFT_BREAK.sub("", unquote(text))
    return "".join(letter for letter in joined if letter not in "\t\r\n" and not _is_blank(letter))


def _is_blank(letter):
    return unicodedata.category(letter) in ("Cf", "Zs", "Zl", "Zp")


def bare(text: str) -> str:
    """One part of an address without what was put around it."""
    return AROUND.sub("", unbroken(text))


def mended(path: str) -> str | None:
    """The path within this portal that `path` most likely was; None when nothing was added to it, or nothing is left."""
    text = unbroken(path)
    if text.isupper():
        text = text.lower()
    given = text.split("/")[1:]
    parts = [AROUND.sub("", part) for part in given]
    kept = [part for part in parts if part]
    # Nothing between two slashes is thrown away, and no step up is taken.
    if not kept or ".." in given or any(part and not whole for part, whole in zip(given[:-1], parts, strict=False)):
        return None
    address = "/" + "/".join([kept[0].lower(), *kept[1:]]) + ("" if parts[-1] else "/")
    return address if address != path and ADDRESS.fullmatch(address) else None
