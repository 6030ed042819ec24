"""Showing what was found so that its finder knows it again, and a reader over the shoulder does not."""

import hashlib
import re

from . import Kind

NAMES = {Kind.KNOWN_NAME, Kind.NAME, Kind.AUTHOR}
PLAIN = {Kind.UNCHECKED, Kind.LOCATION}
DATES = {Kind.BIRTH, Kind.TAKEN}
LONGEST = 60
DOT = "•"


def mark(text: str, salt: str) -> str:
    """A keyed hash that is equal for the same thing twice in one case, whose `salt` (at most 64 bytes) is its key."""
    plain = " ".join(text.split()).casefold().encode("utf-8", "surrogatepass")
    return hashlib.blake2b(plain, key=salt.encode(), digest_size=8).hexdigest()


def masked(kind: Kind, text: str) -> str:
    """The text with most letters and figures hidden: of a name the first letters stay, of a date the year, else the end."""
    if kind in PLAIN:
        return text
    text = " ".join(text.split())[:LONGEST]
    if kind == Kind.EMAIL:
        return text[0] + DOT * 4 + text[text.index("@") :]
    if kind in NAMES:
        return re.sub(r"\w+", lambda word: word[0][0] + DOT * (len(word[0]) - 1), text)
    if kind in DATES:
        return re.sub(r"\b(?!\d{4}\b)\w+", lambda word: DOT * len(word[0]), text)
    shown = {at for at, letter in enumerate(text) if letter.isalnum()}
    hidden = sorted(shown)[: max(len(shown) - 3, 1)]
    return "".join(DOT if at in hidden else letter for at, letter in enumerate(text))
