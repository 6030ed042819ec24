"""Reading files of strangers, in a process that can do little harm: little memory, few seconds, nothing to open.

Everything here but `start` runs inside that process, which knows nothing of the database, the settings or the keys.
There is one reader for each family of file types. A reader may have:

    passages(content)  yields Passage and Fact: all that can be searched or that tells about a person
    hazards(content)   returns why the file is refused: sentences, in Dutch, that say what to do
    cleaned(content)   returns the bytes without data about people; raises Unfit with the reason
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What was found; the value is what a person reads."""

    BSN = "burgerservicenummer"
    BIRTH = "geboortedatum"
    EMAIL = "e-mailadres"
    PHONE = "telefoonnummer"
    ADDRESS = "adres"
    NUMBER = "patiëntnummer"
    KNOWN_NAME = "naam van een medewerker"
    NAME = "mogelijke naam"
    AUTHOR = "auteur"
    LOCATION = "plaats van opname"
    TAKEN = "datum van opname"
    DEVICE = "toestel"
    DESCRIPTION = "omschrijving"
    PATIENT = "patiëntgegevens"
    UNCHECKED = "niet te controleren"


METADATA = {Kind.AUTHOR, Kind.LOCATION, Kind.TAKEN, Kind.DEVICE, Kind.DESCRIPTION, Kind.PATIENT}


@dataclass(frozen=True)
class Passage:
    """A piece of text to search, and where it stands ('bladzijde 3', 'metadata: titel')."""

    place: str
    text: str


@dataclass(frozen=True)
class Fact:
    """Something that needs no searching: a named author, a GPS position, a page without text."""

    kind: Kind
    text: str
    place: str


class Unfit(Exception):
    """The file cannot be handled; the message is a Dutch sentence that says what to do instead."""


# What programs fill in by themselves tells nothing about a person.
NOBODY = {
    "auteur", "anonymous", "(anonymous)", "unspecified", "(unspecified)", "unknown", "onbekend", "openpyxl", "python-docx",
    "un-named", "meldportaal", "microsoft office user", "gebruiker", "user", "administrator", "none",
}  # fmt: skip


def author(text: str, place: str) -> list:
    """The author as a Fact, in a list; an empty list when the text names nobody."""
    text = " ".join(str(text or "").replace("\x00", "").split())
    return [] if not text or text.casefold() in NOBODY else [Fact(Kind.AUTHOR, text, place)]


def unchecked(what: str, place: str) -> Fact:
    return Fact(Kind.UNCHECKED, what, place)
