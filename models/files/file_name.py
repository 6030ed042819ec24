"""The name of a file, made safe to show and to save."""

import unicodedata

from models.files import file_type

LONGEST = 200  # bytes of a name: disks take 255, and a browser writes something behind it when a name is taken
RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{digit}" for port in ("COM", "LPT") for digit in range(1, 10))}


def tidy_name(name, media_type):
    """A name that is safe to show and to save on any computer: one line, no direction marks, a fitting extension."""
    text = unicodedata.normalize("NFC", (name or "").replace("\\", "/").rsplit("/", 1)[-1])
    kept = "".join(letter for letter in text if unicodedata.category(letter)[0] not in "CZ" or letter == " ")
    kept = "".join("-" if letter in '<>:"|?*' else letter for letter in kept).strip(" .")
    extension = file_type.ACCEPTED[media_type][0]
    stem, dot, ending = kept.rpartition(".")
    fits = dot and file_type.same_kind(f".{ending.lower()}", extension)
    stem = (stem if fits else kept).strip(" .-") or "bestand"
    if stem.upper().split(".")[0] in RESERVED:
        stem = f"{stem}-bestand"
    ending = f".{ending.lower()}" if fits else extension
    return _short(stem, LONGEST - len(ending)) + ending


def _short(text, most):
    """The first letters of `text` that are at most `most` bytes of UTF-8, none of them cut in two."""
    return text.encode()[:most].decode("utf-8", "ignore").strip(" .")
