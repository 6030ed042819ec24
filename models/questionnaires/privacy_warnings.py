"""Does a free text tell who somebody is? Warnings for who types it, and the text as it may go into a document. Pure.

Both look with the eyes that look into files (files/sandbox/patterns.py), so what is warned about never reaches the document.
"""

from collections.abc import Callable, Sequence
from datetime import date

from models.files.sandbox import patterns

SENTENCES = {
    "bsn": "Hier lijkt een burgerservicenummer te staan. Haal het weg.",
    "telefoon": "Hier lijkt een telefoonnummer te staan. Haal het weg.",
    "mail": "Hier lijkt een e-mailadres te staan. Haal het weg.",
    "postcode": "Hier lijkt een postcode te staan. Haal die weg.",
    "datum": "Hier staat een volledige datum. Schrijf liever hoeveel dagen ervoor of erna.",
}
LEFT_OUT = "weggelaten"
THIS_CENTURY = date(2099, 12, 31)  # what is told here did not happen in the one before


def warnings(texts: Sequence[str]) -> list[str]:
    """Dutch sentences about what may tell who somebody is, each once."""
    found = {kind for text in texts for kind, *_ in _found(patterns.plain(text))}
    return [sentence for kind, sentence in SENTENCES.items() if kind in found]


def veiled(text: str, says: Callable | type) -> str:
    """The text without anything that `warnings` tells of: `says(date)` in place of each full date."""
    text, parts, at = patterns.plain(text), [], 0
    for _, start, end, day in sorted(_found(text), key=lambda hit: hit[1:3]):
        if start >= at:
            parts += [text[at:start], f"[{says(day) if day else LEFT_OUT}]"]
        at = max(at, end)
    return "".join([*parts, text[at:]])


def _found(text):
    """Yield (kind, start, end, the date or None)."""
    yield from (("bsn", *span, None) for span in patterns.bsns(text))
    yield from (("telefoon", *span, None) for span in patterns.phones(text))
    yield from (("mail", *hit.span(), None) for hit in patterns.EMAIL.finditer(text))
    yield from (("postcode", *hit.span(), None) for hit in patterns.POSTCODE.finditer(text))
    for hit in patterns.DATE.finditer(text):
        if day := patterns.day_of(hit, THIS_CENTURY):
            yield ("datum", *hit.span(), day)
