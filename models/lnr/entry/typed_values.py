"""Between what a person types and the value of an item as builder.py takes it. Pure; made from the definition alone.

A field has parts, by name: '' is the field itself. What was typed is {part: [text, …]}; a kept value is plain JSON.
"""

from models import clock
from models.base import Refused
from models.forms.answer_kinds import decimal, typed_number
from models.forms.date_answers import DateTimeAnswer, Day
from models.lnr.dataset import moment, wording
from models.lnr.dataset.definition import AGB, BSN, NULL_FLAVOUR, NULLS, PERINED, URA, definition
from models.typed_text import tidy

OTHER, TEXT, DAY, CLOCK, WEEKS, DAYS = "anders", "tekst", "dag", "tijd", "weken", "dagen"
UNKNOWN = "UNK"
LONGEST_TEXT, LONGEST_NUMBER = 500, 64
FEW = 7  # options that are shown all at once
PEOPLE = (("", "Patiëntnummer"), (BSN, "Burgerservicenummer (BSN)"))
INSTITUTIONS = ((AGB, "AGB-code"), (URA, "URA-nummer"), (PERINED, "Perined-nummer"))


def is_null(kept):
    """Whether this says that, and why, there is no value."""
    kept = kept[0] if isinstance(kept, list) and kept else kept
    return isinstance(kept, dict) and "null" in kept


class Typed:
    """The common part, and text. `nulls`: [(flavour, word)] that may be chosen instead of a value; `parts`: names of fields."""

    word = "tekst"
    parts = ("",)
    limit = LONGEST_TEXT

    def __init__(self, item, of):
        self.item, self.of = item, of
        self.nulls = [(UNKNOWN, wording.NULL_WORDS[UNKNOWN][0])] if item.nullable else []
        self.limit = int(item.high) if item.type == "tekst" and item.high else self.limit

    def read(self, typed, before=None):
        """What is kept of this, None when it says nothing; `before` is what stood there. Raises Refused with a sentence."""
        said = self._value({part: (typed.get(part) or [""])[0] for part in self.parts}, before)
        other = (typed.get(OTHER) or [""])[0]
        # Who types a number where 'onbekend' stood need not untick that as well.
        if other and (said is None or not is_null(before)):
            return self._null(other)
        return [said] if said is not None and self.item.repeats and not isinstance(said, list) else said

    def fields(self, kept):
        """{part: [text, …]} as this kept value fills them."""
        kept = kept[0] if isinstance(kept, list) and kept and self.item.type != "nummer" else kept
        if kept is None:
            return {}
        return {OTHER: [kept["null"]]} if is_null(kept) else self._fields(kept)

    def others(self, kept):
        """The reasons to offer: 'onbekend', and another one that a message already gave."""
        kept = kept[0] if isinstance(kept, list) and kept else kept
        given = kept["null"] if is_null(kept) else UNKNOWN
        return self.nulls + [(given, wording.NULL_WORDS[given][0])] * (given != UNKNOWN)

    def _null(self, flavour):
        if flavour not in NULLS or not self.item.nullable:
            raise Refused("Dit antwoord kan hier niet.")
        return [{"null": flavour}] if self.item.repeats else {"null": flavour}

    def _value(self, typed, before):
        return _line(typed[""], self.limit)

    def _fields(self, kept):
        return {"": [str(kept)]}


class Postcode(Typed):
    limit = 7

    def _value(self, typed, before):
        text = _line(typed[""], 20)
        if text and not (len(digits := text[:4]) == 4 and digits.isascii() and digits.isdigit() and digits[0] != "0"):
            raise Refused("Vul de vier cijfers van de postcode in, bijvoorbeeld 3511.")
        return text and digits


class TypedNumber(Typed):
    word = "getal"

    def _value(self, typed, before):
        return _number(typed[""], whole=self.item.type == "geheel")

    def _fields(self, kept):
        return {"": [decimal(kept)]}


class TypedWeeks(Typed):
    """A number of days that people tell in weeks and days."""

    word = "weken + dagen"
    parts = (WEEKS, DAYS)

    def _value(self, typed, before):
        weeks, days = (_number(typed[part], whole=True) for part in self.parts)
        if weeks is None and days is None:
            return None
        if weeks is None or not 0 <= (days or 0) <= 6:
            raise Refused("Vul hele weken en dagen (0 tot en met 6) in.")
        return 7 * weeks + (days or 0)

    def _fields(self, kept):
        weeks, days = divmod(int(kept), 7)
        return {WEEKS: [str(weeks)], DAYS: [str(days)]}


class Date(Typed):
    word = "datum"

    def _value(self, typed, before):
        return _day(typed[""])

    def _fields(self, kept):
        return {"": [Day().shown(kept)]}


class When(Typed):
    """A day, with a time as far as it is known."""

    word = "datum + tijd"
    parts = (DAY, CLOCK)

    def _value(self, typed, before):
        day, time = (typed[part].strip() for part in self.parts)
        if time and not day:
            raise Refused("Vul ook de datum in.")
        return f"{_day(day)}T{DateTimeAnswer().read(f'{day} {time}').partition('T')[2]}:00" if time else _day(day)

    def _fields(self, kept):
        day, _, time = by_the_clock(kept).partition("T")
        return {DAY: [Day().shown(day)], CLOCK: [time[:5]]}


class TypedYesNo(Typed):
    word = "ja/nee"

    @property
    def options(self):
        return [("true", "ja"), ("false", "nee")]

    def read(self, typed, before=None):
        chosen = (typed.get("") or [""])[0]
        if chosen in ("", "true", "false"):
            return {"": None, "true": True, "false": False}[chosen]
        return self._null(chosen)

    def fields(self, kept):
        return {} if kept is None else {"": [kept["null"] if is_null(kept) else str(kept).lower()]}


class Coded(Typed):
    """A code, or several, of the item's lists. 'Anders' takes a text."""

    parts = ("", TEXT)

    @property
    def word(self):
        return "meer" if self.item.repeats else "keuze"

    @property
    def options(self):
        return [(code.code, code.nl) for code in self.of.choices(self.item) if not self._is_null(code)]

    @property
    def takes_text(self):
        return any(code == "OTH" for code, _ in self.options)

    def read(self, typed, before=None):
        chosen = list(dict.fromkeys(text for text in typed.get("", ()) if text))
        known = {code for code, _ in self.options}
        if nulls := [text for text in chosen if text not in known]:
            if len(chosen) > 1:
                raise Refused(f"‘{wording.NULL_WORDS.get(nulls[0], ('dit',))[0]}’ kan niet samen met een ander antwoord.")
            return self._null(nulls[0])
        if self.item.max and len(chosen) > self.item.max:
            raise Refused(f"Kies hoogstens {self.item.max}.")
        text = _line((typed.get(TEXT) or [""])[0], LONGEST_TEXT)
        kept = [{"code": code, **({"text": text} if text else {})} if code == "OTH" else code for code in chosen]
        return (kept or None) if self.item.repeats else next(iter(kept), None)

    def fields(self, kept):
        said = kept if isinstance(kept, list) else [] if kept is None else [kept]
        text = [one.get("text") or "" for one in said if isinstance(one, dict) and "code" in one]
        return {"": [_code(one) for one in said], **({TEXT: text} if text else {})}

    def _is_null(self, code):
        return self.item.nullable and code.system == NULL_FLAVOUR and code.code in NULLS


class Numbers(Typed):
    """Numbers by kind: those of people, or those of an institution. A root that a message gave stays with its number."""

    word = "nummers"

    def __init__(self, item, of):
        super().__init__(item, of)
        self.kinds = PEOPLE if item.identifying else INSTITUTIONS
        self.parts = tuple(str(place) for place in range(len(self.kinds)))

    def _value(self, typed, before):
        roots = {number: root for root, number in before or ()} if not is_null(before) else {}
        told = [(root, _line(typed[part], LONGEST_NUMBER)) for part, (root, _) in zip(self.parts, self.kinds, strict=True)]
        return [[roots.get(number, "") if root == "" else root, number] for root, number in told if number] or None

    def _fields(self, kept):
        known = {root: part for part, (root, _) in zip(self.parts, self.kinds, strict=True)}
        return {known.get(root, self.parts[0]): [number] for root, number in kept}


class Reference(Typed):
    """The row of a problem in the same part; `group.row` names it."""

    word = "verwijzing"

    def _value(self, typed, before):
        return _line(typed[""], LONGEST_NUMBER)


KINDS = {
    "janee": TypedYesNo, "code": Coded, "geheel": TypedNumber, "getal": TypedNumber, "moment": When, "datum": Date,
    "nummer": Numbers, "postcode": Postcode, "verwijzing": Reference,
}  # fmt: skip


def typed(item, of=None):
    """How this item is typed."""
    return (TypedWeeks if item.unit == "d" else KINDS.get(item.type, Typed))(item, of or definition())


def by_the_clock(kept):
    """'2026-03-05T14:20:00' by the Dutch clock, of a moment of a record or of a message; a day stays a day."""
    read = moment.read(kept)
    return clock.local(read.first).strftime("%Y-%m-%dT%H:%M:%S") if "T" in kept else read.day.isoformat()


def _code(one):
    return (one.get("null") or one["code"]) if isinstance(one, dict) else one


def _line(text, limit):
    """Text on one line, as an attribute of a message holds it; None when there is nothing."""
    return " ".join(tidy(text, limit).split()) or None


def _number(text, whole):
    text = tidy(text, 30)
    if not text:
        return None
    found = typed_number(text, whole)
    if not found or len(found[1].lstrip("-")) > 6 or len(found[2] or "") > 6:
        raise Refused("Vul een getal in, bijvoorbeeld 12" + ("." if whole else " of 12,5."))
    if whole and (found[2] or "").strip("0"):
        raise Refused("Vul een heel getal in.")
    value = float(f"{found[1]}.{found[2] or 0}")
    return int(value) if value == int(value) else value


def _day(text):
    day = Day().read(text)
    if day and not "1900" <= day[:4] <= "2099":
        raise Refused("Controleer het jaar van deze datum.")
    return day
