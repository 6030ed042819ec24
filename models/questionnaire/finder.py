"""Does a free text tell who somebody is? Warnings for who types it, and the text as it may go into a document. Pure."""

from datetime import date

from models.confined import patterns

SENTENCES = {
    "bsn": "Hier lijkt een burgerservicenummer te staan. Haal het weg.",
    "telefoon": "Hier lijkt een telefoonnummer te staan. Haal het weg.",
    "postcode": "Hier lijkt een postcode te staan. Haal die weg.",
    "datum": "Hier staat een volledige datum. Schrijf liever hoeveel dagen ervoor of erna.",
}


def warnings(texts):
    """Dutch sentences about what may tell who somebody is, each once."""
    found = {kind for text in texts for kind in _found(text)}
    return [sentence for kind, sentence in SENTENCES.items() if kind in found]


def _found(text):
    if any(patterns.is_bsn(hit[0]) for hit in patterns.BSN.finditer(text)) or patterns.LABELLED_BSN.search(text):
        yield "bsn"
    if any(not patterns.DATE.match(hit[0]) for hit in patterns.PHONE.finditer(text)):
        yield "telefoon"
    if patterns.POSTCODE.search(text):
        yield "postcode"
    if any(_day(hit) for hit in patterns.DATE.finditer(text)):
        yield "datum"


def veiled(text, says):
    """The text without service numbers, and with `says(date)` in place of each full date."""
    text = patterns.BSN.sub(lambda hit: "[weggelaten]" if patterns.is_bsn(hit[0]) else hit[0], text)
    return patterns.DATE.sub(lambda hit: f"[{says(day)}]" if (day := _day(hit)) else hit[0], text)


def _day(hit):
    """The date that was found; None when there is no such day."""
    day, month, year, y, m, d, day_of, name, year_of = hit.groups()
    if name:
        day, month, year = day_of, patterns.MONTHS[name.lower()], year_of
    elif y:
        day, month, year = d, m, y
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None
