"""What in a text may tell who somebody is: numbers, dates, addresses, names. Pure; times and names are arguments."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from re import Match
from typing import Any

from . import Kind
from .names import Names

BSN = re.compile(
    r"(?<![\w.,-])(?:\d{9}|\d{3}([ .-])\d{3}\1\d{3}|\d{4}([ .])\d{2}\2\d{3}|\d{2}([ .])\d{3}\3\d{4})(?!\w|[.,-]\d)"
)
LABELLED_BSN = re.compile(
    r"(?i)\b(?:bsn|burgerservicenummer|burger service nummer|sofi-?nummer)\W{0,4}(?:nr\W{0,2})?((?:\d[ .-]?){7,8}\d)(?!\d)"
)

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari jan",
            "februari feb febr",
            "maart mrt mar",
            "april apr",
            "mei",
            "juni jun",
            "juli jul",
            "augustus aug",
            "september sep sept",
            "oktober okt oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
DAY = r"(?:[0-3]?\d)"
YEAR = r"['’‘]?(\d{4}|\d{2})"
WRITTEN_YEAR = r"['’‘]?(\d{4}|(?<=['’‘])\d{2})"  # two digits behind a month may be of anything: '5 mei 20 mg'
DATE = re.compile(
    rf"(?i)(?<![\w.,/-])(?:({DAY})\s{{0,3}}[-/.]\s{{0,3}}([01]?\d)\s{{0,3}}[-/.]\s{{0,3}}{YEAR}"
    rf"|(\d{{4}})\s?[-/.]\s?([01]?\d)\s?[-/.]\s?({DAY})"
    rf"|({DAY})(?:\s?(?:e|de|ste))?[\s-]{{1,3}}({'|'.join(sorted(MONTHS, key=len, reverse=True))})\.?"
    rf"[\s-]{{1,3}}{WRITTEN_YEAR})"
    r"(?:(?=T\d)|(?![\w/-]|[.,]\d))"
)
BORN = re.compile(
    r"(?i)\b(?:geb(?:\.|oren|oortedatum|oortedag|\.?\s?dat(?:um)?\.?)?|d\.o\.b\.?|dob|date of birth)(?![\w])[^\d\n]{0,25}$"
)
YOUNGEST, OLDEST = 10, 70  # years: a full date this long ago is taken for a birth date

EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}\b", re.I)
ABROAD = r"(?:\+|00)31[ .-]?(?:\(0\)[ .-]?)?"
PHONE = re.compile(
    rf"(?<![\w+.,/-])(?:{ABROAD}[1-9](?:[ .-]{{0,2}}\d){{8}}|06(?:\s?[-.]\s?|\s)?[1-58](?:[ .-]?\d){{7}}"
    r"|\(?0(?:[1-57]\d{1,2}|8[4578]|[89]00)\)?(?: ?- ?| )\d(?:[ .]?\d){3,7})(?!\w|[.,/-]\d)"
)
POSTCODE = re.compile(r"(?<!\w)([1-9]\d{3}) ?(?!SA|SD|SS|ML|MG|MM|CC|CM|IE|IU|KG|GR|UM|HZ)([A-Z]{2})(?!\w)")
HOUSE_BEFORE = re.compile(r"[A-Za-zÀ-ÿ]{3,}\.? \d{1,5}(?: ?[-/]? ?[A-Za-z0-9]{1,4})?[,;]?\s{1,4}$")
HOUSE_AFTER = re.compile(r"^[ ,]{1,3}\d{1,5}(?![\d.,/-]|\s?[a-z]{2})")
NUMBER = re.compile(
    r"(?i)\b(?:pati[eë]nt(?:en)?\W?(?:nummer|nr|id)|pat\W{0,2}nr|pid|mrn|zis\W?(?:nummer|nr)|z-nummer|epd\W?nummer|dossiernummer)"
    r"(?!\w)\W{0,4}([a-z]{0,2}\d[\d.-]{3,11}\d)(?!\w)"
)
PARTICLE = r"(?:(?:van|de|der|den|ter|ten|te|het|in|'t|von|el|al|ben|bin|d')[ -]?){0,3}"
SURNAME = rf"(?:[A-Z]\.\s?){{0,4}}{PARTICLE}[A-ZÀ-Þ][\w'’]+(?:\s?-\s?{PARTICLE}[A-ZÀ-Þ][\w'’]+)?"
MRS = re.compile(rf"\b(?:[Mm]evrouw|[Mm]evr\.?|[Mm]w\.?|[Dd]e heer|[Dd]hr\.?|[Mm]w\s?/\s?[Dd]hr)\s+({SURNAME})")
FIRST = r"(?:[A-ZÀ-Þ][\w'’-]+|[A-Z]\.) ?"
LABELLED_NAME = re.compile(
    r"(?:\b(?:[Nn]aam|[Vv]oornamen|[Vv]oornaam|[Aa]chternaam|[Rr]oepnaam|[Mm]eisjesnaam|[Gg]eslachtsnaam"
    rf"|[Nn]aam pati[eë]nte?|[Pp]ati[eë]nt(?:en)?naam)\s?:\s?)((?:{FIRST})?{SURNAME})"
)
PATIENT = re.compile(rf"\b[Pp]ati[eë]nte?\s?:\s?({FIRST}{SURNAME})")
NOT_NAMES = {"patiente", "patient", "moeder", "echtgenote", "echtgenoot", "partner", "werd", "is", "heeft", "was", "kwam"}


class Search:
    """Looks for everything at once. `names`: of people who are known here; `today`: what ages are counted from."""

    def __init__(self, names: Any, today: date) -> None:
        self.names, self.today = Names(names), today

    def text(self, text: str) -> Iterator[Any]:
        """Yield (kind, what was found) from running text."""
        text = plain(text)
        yield from ((Kind.BSN, text[start:end]) for start, end in bsns(text))
        yield from ((Kind.BIRTH, day) for day in self._births(text))
        yield from ((Kind.EMAIL, hit[0]) for hit in EMAIL.finditer(text))
        yield from ((Kind.PHONE, text[start:end]) for start, end in phones(text))
        yield from ((Kind.ADDRESS, place) for place in _addresses(text))
        yield from ((Kind.NUMBER, hit[1]) for hit in NUMBER.finditer(text))
        yield from ((Kind.KNOWN_NAME, name) for name in self.names.within(text))
        yield from (
            (Kind.NAME, hit[1]) for form in (MRS, LABELLED_NAME, PATIENT) for hit in form.finditer(text) if _is_name(hit[1])
        )

    def title(self, text: str) -> Iterator[Any]:
        """Yield (kind, what was found) from a file name or a title, where `_` stands for a space and a surname says enough."""
        spaced = re.sub(r"[_+]|(?<=\w)\.(?=[^\d\s])|(?<!\d)-|-(?!\d)", " ", text)
        seen = set(self.text(spaced)) | set(self.text(text))
        seen |= {(Kind.KNOWN_NAME, name) for name in self.names.within(spaced, alone=True)}
        yield from sorted(seen)

    def _births(self, text: str) -> Iterator[Any]:
        for hit in DATE.finditer(text):
            day = day_of(hit, self.today)
            if day is None:
                continue
            born = BORN.search(text[max(0, hit.start() - 45) : hit.start()])
            written_out = len(hit[3] or "four") == 4
            if born or (written_out and YOUNGEST <= _years(day, self.today) <= OLDEST):
                yield hit[0]


DASHES = "‐‑‒–—−"


def plain(text: str) -> str:
    """The text as everything here searches it: what looks like a dash or a space is one, and what nobody sees is gone."""
    text = unicodedata.normalize("NFC", text)
    return text.translate({ord(letter): _alike(letter) for letter in set(text)})


def _alike(letter: str) -> str | None:
    """What this letter looks like; None for one that is not seen. Asked of Unicode: a list of ours would not be whole."""
    category = unicodedata.category(letter)
    return "-" if letter in DASHES else " " if category == "Zs" else None if category == "Cf" else letter


def is_bsn(number: str) -> bool:
    """Whether nine digits pass the 11-test: nine times the first, eight times the second, … minus the last, by 11."""
    digits = [int(letter) for letter in number if letter.isdigit()]
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return len(digits) == 9 and any(digits) and sum(w * d for w, d in zip(weights, digits, strict=True)) % 11 == 0


def bsns(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each service number."""
    for hit in BSN.finditer(text):
        separator = hit[1] or hit[2] or hit[3]
        if is_bsn(hit[0]) and not (separator and _goes_on(text, hit, separator)):
            yield hit.span()
    for hit in LABELLED_BSN.finditer(text):
        # Old systems drop the leading zero.
        digits = "".join(letter for letter in hit[1] if letter.isdigit()).zfill(9)
        if is_bsn(digits):
            yield hit.span(1)


def _goes_on(text: str, hit: Match[str], separator: str) -> Match[str] | None:
    """Whether groups of digits before or behind make it part of a longer number."""
    s = re.escape(separator)
    before, behind = text[max(0, hit.start() - 8) : hit.start()], text[hit.end() : hit.end() + 8]
    return re.search(rf"(?<![\d-])\d{{1,6}}{s}$", before) or re.match(rf"{s}\d{{1,6}}(?![\d-])", behind)


def day_of(hit: Match, today: date) -> date | None:
    """The date of a match of DATE, a year of two digits being at most that of `today`; None when there is no such day."""
    day, month, year, y, m, d, day_number, name, year_of = hit.groups()
    try:
        if y:
            return date(int(y), int(m), int(d))
        if name:
            return date(_year(year_of, today), MONTHS[name.lower()], int(day_number))
        return date(_year(year, today), int(month), int(day))
    except ValueError:
        return None


def _year(digits: str, today: date) -> int:
    century = 0 if len(digits) == 4 else (2000 if int(digits) <= today.year % 100 else 1900)
    return century + int(digits)


def _years(day: date, today: date) -> Any:
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def phones(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each telephone number."""
    yield from (hit.span() for hit in PHONE.finditer(text) if _is_phone(hit[0]))


def _is_phone(text: str) -> bool:
    if DATE.match(text):
        return False
    digits = re.sub(r"\D", "", re.sub(rf"^{ABROAD}", "0", text))
    return len(digits) == 10 or (digits.startswith(("0800", "0900")) and len(digits) == 8)


def _addresses(text: str) -> Iterator[Any]:
    for hit in POSTCODE.finditer(text):
        before = HOUSE_BEFORE.search(text[max(0, hit.start() - 60) : hit.start()])
        behind = HOUSE_AFTER.match(text[hit.end() : hit.end() + 12])
        if before:
            yield (before[0].strip(" ,;\n") + ", " + hit[0]).replace("\n", " ")
        elif behind:
            yield hit[0] + behind[0].rstrip()


def _is_name(text: str) -> bool:
    return text.split()[-1].casefold().replace("ë", "e") not in NOT_NAMES
