"""Text that a person typed, before it is kept."""

import unicodedata

from models.base import Refused

# Marks that turn the direction of writing show a text otherwise than it is.
TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])


def tidy(raw, limit, what="Dit antwoord"):
    """`raw` as it is kept, at most `limit` characters: composed (NFC), one kind of line end, nothing around it.

    Raises Refused, in a sentence about `what`, when it is no text, is too long, or holds characters that no person types.
    """
    if not isinstance(raw, str):
        raise Refused(f"{what} wordt niet begrepen. Vul het opnieuw in.")
    if len(raw) > max(2 * limit, 1000):
        raise Refused(f"{what} is te lang: hoogstens {limit} tekens.")
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n")).translate(TURNS).strip()
    if any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t" for letter in text):
        raise Refused(f"{what} bevat tekens die niet bewaard kunnen worden. Typ het opnieuw, zonder te plakken.")
    if len(text) > limit:
        raise Refused(f"{what} is te lang: {len(text)} tekens, hoogstens {limit}.")
    return text


def required(raw, limit, what, otherwise):
    """The same of a text that may not be left empty: then Refused says `otherwise`."""
    if not (text := tidy(raw or "", limit, what)):
        raise Refused(otherwise)
    return text


def one_line(raw, limit, what):
    """The same of a text that is one line, however it was typed; empty when it was left empty."""
    return " ".join(tidy(raw or "", limit, what).split())


def mailable(email):
    """Raise Refused unless mail servers everywhere take this address."""
    if not email.isascii():
        raise Refused("Gebruik een e-mailadres zonder accenten of andere bijzondere letters: daarheen gaat geen mail.")
