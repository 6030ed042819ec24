"""Taking out of a file what camera and program wrote beside its content: authors, places, devices, dates."""

from collections.abc import Iterator
from typing import Any

from models.base import Refused
from models.files.sandbox.start import NoAnswer, start

OFFICE = "application/vnd.openxmlformats-officedocument"
STRIPPABLE = frozenset(
    {
        "application/pdf",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "image/heic",
        "video/mp4",
        "video/quicktime",
        "application/dicom",
        f"{OFFICE}.wordprocessingml.document",
        f"{OFFICE}.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.text",
    }
)
IMPOSSIBLE = "Uit dit soort bestand kunnen wij deze gegevens niet halen. Sla het op als PDF en voeg dat toe."
UNREADABLE = "Dit bestand is te groot of te ingewikkeld om gegevens uit te halen. Sla het op als PDF en voeg dat toe."


class CannotStrip(Refused):
    """Nothing was changed; the sentence says what the reporter can do instead."""


def strip(content: Iterator[bytes], media_type: str) -> Any:
    """The bytes of the same file without data about people beside its content; text and pictures stay as they are.

    `content`: bytes, or blocks of at most 100 MB together. The result was read again and held nothing of the kind, else
    CannotStrip. Raises NotStarted when the machine cannot start the process, and what the blocks themselves raise.
    """
    if media_type not in STRIPPABLE:
        raise CannotStrip(IMPOSSIBLE)
    try:
        reason, result = start({"act": "clean", "media_type": media_type}, content)
    except NoAnswer as problem:
        raise CannotStrip(UNREADABLE) from problem
    if reason or not result:
        raise CannotStrip(reason or UNREADABLE)
    return result
