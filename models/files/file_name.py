"""The name of a file, made safe to show and to save."""

import unicodedata

from models.files import file_type
from models.typed_text import plain

LONGEST = 200  # bytes of a name: disks take 255, and a browser writes something behind it when a name is taken
SHORTENED = "De naam van dit bestand was te lang en is ingekort. Het is toegevoegd als '{}'."
RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{digit}" for port in ("COM", "LPT") for digit in "123456789¹²³")}


def tidy_name(name: str, media_type: str) -> str:
    """A name that is safe to show and to save on any computer: one line, no direction marks, a fitting extension."""
    stem, ending = _parts(name, media_type)
    return _short(stem, LONGEST - len(ending)) + ending


def shortened(name: str, media_type: str) -> str:
    """A sentence for who added a file of which `tidy_name` leaves out the end of the name; empty when it does not."""
    stem, ending = _parts(name, media_type)
    return SHORTENED.format(tidy_name(name, media_type)) if len(stem.encode()) + len(ending) > LONGEST else ""


def _parts(name, media_type):
    text = plain((name or "").replace("\\", "/").rsplit("/", 1)[-1]).replace("\t", " ")
    kept = "".join(letter for letter in text if unicodedata.category(letter)[0] not in "CZ" or letter == " ")
    kept = "".join("-" if letter in '<>:"|?*' else letter for letter in kept).strip(" ").rstrip(" .")
    extension = file_type.ACCEPTED[media_type][0]
    stem, dot, ending = kept.rpartition(".")
    fits = dot and file_type.same_kind(f".{ending.lower()}", extension)
    stem = (stem if fits else kept).strip(" .-") or "bestand"
    if stem.upper().split(".")[0] in RESERVED:
        stem = f"{stem}-bestand"
    ending = f".{ending.lower()}" if fits else extension
    return stem, ending


def _short(text, most):
    """The first letters of `text` that are at most `most` bytes of UTF-8, none of them cut in two."""
    return text.encode()[:most].decode("utf-8", "ignore").strip(" .")
