"""Text that a person typed, before it is kept."""

import re
import unicodedata
from typing import Any

from models.base import Refused

LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def plain(raw: str) -> str:
    """`raw` as people see it: every kind of blank is a space, every line end a newline, and letters that only steer the
    layout (Unicode Cf: marks of direction, soft hyphens, joiners) are gone. All else stays, a tab too."""
    composed = unicodedata.normalize("NFC", LINE_END.sub("\n", raw))
    return "".join(
        " " if unicodedata.category(letter) == "Zs" else letter for letter in composed if unicodedata.category(letter) != "Cf"
    )


def keepable(text: str) -> bool:
    """Whether no control letters or halves of letters stand in it: what no person types, and no database keeps."""
    return not any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t" for letter in text)


def tidy(raw: Any, limit: int, what: str = "Dit antwoord") -> str:
    """`raw` as it is kept, at most `limit` characters: `plain`, and nothing around it.

    Raises Refused, in a sentence about `what`, when it is no text, is too long, or holds characters that no person types.
    """
    if not isinstance(raw, str):
        raise Refused(f"{what} wordt niet begrepen. Vul het opnieuw in.")
    if len(raw) > max(2 * limit, 1000):
        raise Refused(f"{what} is te lang: hoogstens {limit} tekens.")
    text = plain(raw).strip()
    if not keepable(text):
        raise Refused(f"{what} bevat tekens die niet opgeslagen kunnen worden. Typ het opnieuw, zonder te plakken.")
    if len(text) > limit:
        raise Refused(f"{what} is te lang: {len(text)} tekens, hoogstens {limit}.")
    return text


def required(raw: str, limit: int, what: str, otherwise: str) -> str:
    """The same of a text that may not be left empty: then Refused says `otherwise`."""
    if not (text := tidy(raw or "", limit, what)):
        raise Refused(otherwise)
    return text


def one_line(raw: str, limit: int, what: str) -> str:
    """The same of a text that is one line, however it was typed; empty when it was left empty."""
    return " ".join(tidy(raw or "", limit, what).split())


def tidy_address(email: Any) -> str:
    """An e-mail address as it is kept and looked up: what a copy from a mail or a table put around it is gone."""
    return plain(email).strip().lower()


def mailable(email: Any) -> None:
    """Raise Refused unless mail servers everywhere take this address."""
    if not email.isascii():
        raise Refused("Gebruik een e-mailadres zonder accenten of andere bijzondere letters: daarheen gaat geen mail.")
