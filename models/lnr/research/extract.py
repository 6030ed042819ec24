"""What a research file holds: no numbers, no names, no free text, no dates; moments are days from birth.

Children, mothers and hospitals have names of this one file, under a key that nobody keeps, and the stays stand in the order of
those names: so that two files cannot be laid next to each other, also two of one request.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from models import clock
from models.base import new_key
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.indicator import MARK, Indicator, all_indicators
from models.lnr.benchmark.method.indicator_setting import YearMethod
from models.lnr.benchmark.places.answer import PLACES, sentence
from models.lnr.dataset import moment
from models.lnr.dataset.definition import Definition, definition
from models.lnr.dataset.wording import NULL_WORDS
from models.lnr.derived import derivation
from models.lnr.registry.message import Message, MessageContent, Outcome
from models.lnr.registry.pseudonym import pseudonym
from models.lnr.registry.stay import Stay, StayState

BLOCK = 500
SMALLEST = 10  # children in a cell that may be published
YES_NO, NUMBER, TEXT = "ja/nee", "getal", "tekst"
# What can tell who somebody is, whatever the question: free text, numbers of institutions, where a child lives.
LEFT_OUT = {"tekst", "nummer", "postcode", "naam"}
ABOUT = (
    ("opname", "Naam van de opname in dit bestand"),
    ("kind", "Naam van het kind in dit bestand"),
    ("moeder", "Naam van de moeder in dit bestand"),
    ("ziekenhuis", "Naam van het ziekenhuis in dit bestand"),
    ("jaar", "Jaar van opname; is dat onbekend, dan van ontslag, anders van geboorte"),
)
ALWAYS = ("opname", "kind", "jaar")  # without these no row can be used
MORE = ("opname", "groep", "rij", "gegeven", "waarde")


@dataclass(frozen=True)
class ExtractColumn:
    """One column of the stays, with what the code book says of it."""

    name: str
    kind: str
    label: str
    values: str


def columns(of: Definition | None = None) -> list[ExtractColumn]:
    """The columns of the table of stays: who, the items that come once, what was derived, the places in the indicators."""
    of = of or definition()
    told = [ExtractColumn(name, NUMBER if name == "jaar" else TEXT, label, "") for name, label in ABOUT]
    told += [_column(item, of) for item in _items(of) if item.row_group is None]
    for one in derivation.shown():
        kind, values = TEXT if one.kind == "tekst" else NUMBER, "1 = ja, 0 = nee" if one.kind == "janee" else ""
        told.append(ExtractColumn(f"d_{one.value}", kind, f"Berekend: {one.nl}", values))
    words = "; ".join(PLACES.values())
    return told + [ExtractColumn(_of(one), TEXT, f"Indicator: {one.nl}", words) for one in all_indicators()]


def _of(indicator):
    """The column of an indicator, as programs for statistics take it."""
    return f"i_{indicator.code.replace('-', '_')}"


def book(of: Definition | None = None) -> Iterator[tuple[str, ...]]:
    """(column or item, group, kind, label, values) of everything in the file."""
    of = of or definition()
    yield from ((one.name, "", one.kind, one.label, one.values) for one in columns(of))
    for item in _items(of):
        if item.row_group is not None:
            one = _column(item, of)
            yield item.name, item.row_group.name, one.kind, one.label, one.values


def _every():
    return tuple(dict.fromkeys(row[0] for row in book()))


def _items(of):
    return [
        item
        for item in of.items.values()
        if item.section != "A" and not item.identifying and item.type not in LEFT_OUT and item.name != "birth_datetime"
    ]


def _column(item, of):
    if item.type == "janee":
        return ExtractColumn(item.name, YES_NO, item.nl, "")
    if item.type in ("moment", "datum"):
        return ExtractColumn(item.name, NUMBER, item.nl, "dagen vanaf de geboorte")
    if item.type == "code" or not item.is_number:
        values = "; ".join(f"{code.code} = {code.nl}" for code in of.choices(item)) if item.type == "code" else ""
        return ExtractColumn(item.name, TEXT, item.nl, values + (" (meer codes gescheiden door |)" if item.repeats else ""))
    return ExtractColumn(item.name, NUMBER, item.nl, item.unit)


class StaysChanged(Exception):
    """A message came, or a stay was counted anew, between two readings of one extract."""


class Extract:
    """The stays that one request is about; `count` of them. Read again for each table, a block at a time.

    Not those that came after it was asked: who approves sees how many children leave. Each reading ends with StaysChanged
    where it differs from the first, so that what is written is what was counted.
    """

    def __init__(self, research, of=None):
        self.research, self.of, self.first, self.key = research, of or definition(), None, new_key()
        self.chosen = set(research.fields.split())
        self.names = {item.name: item for item in _items(self.of) if self.holds(item.name)}
        self.indicators = [one for one in all_indicators() if self.holds(_of(one))]
        self.methods = YearMethod.of_years(range(research.first, research.last + 1))
        self.columns = [one for one in columns(self.of) if self.holds(one.name)]
        self.wanted = (
            Stay.counting() & (Stay.state == StayState.ONTVANGEN) & (Stay.year >= research.first) & (Stay.year <= research.last)
        )
        self.wanted &= Stay.first_at <= research.asked_at
        if research.youngest is not None:
            self.wanted &= Stay.gestation >= research.youngest
        if research.oldest is not None:
            self.wanted &= Stay.gestation < research.oldest
        if research.hospitals:
            self.wanted &= Stay.hospital.in_([int(number) for number in research.hospitals.split()])

    def holds(self, name: str) -> bool:
        """Whether this column or item leaves."""
        return not self.chosen or name in self.chosen or name in ALWAYS

    def used(self, year: int) -> list[Indicator]:
        """The indicators of the file that are used in a year; of the others nothing is told."""
        return [one for one in self.indicators if year not in self.methods or self.methods[year].uses(one)]

    def book(self) -> list:
        """The data dictionary of exactly what leaves: (column or item, group, kind, label, values)."""
        told = [row for row in book(self.of) if self.holds(row[0])]
        if not self.indicators:
            return told
        label = "Versie van de methode van de indicatoren, per jaar van opname, en wat daarin anders is dan geleverd"
        return [*told, ("methode", "", TEXT, label, "; ".join(map(self._method, self.methods.values())))]

    def _method(self, method):
        """'2025: 2 (i_bpd staat uit)': else an indicator that is off could not be told from one that is not known."""
        changed = "; ".join(f"{_of(one)} {setting}" for one, setting in method.changed if one in self.indicators)
        return f"{method.year}: {method.number}" + (f" ({changed})" if changed else "")

    def records(self) -> Iterator[tuple[Stay, dict]]:
        """Each stay of the request with its values under the names of their columns, without that of its mother."""
        for block in self._blocks():
            for stay, record, facts in block:
                values = record["stay"] | {f"d_{name}": said for name, said in record["derived"].items()}
                values |= {_of(one): PLACES[mark[0]] for one, mark in facts}
                yield stay, values | {"jaar": stay.year, "ziekenhuis": stay.hospital_id}

    def count(self) -> int:
        return Stay.select().where(self.wanted).count()

    def stays(self) -> Iterator[list[list[Any]]]:
        """Blocks of rows for `self.columns`."""
        for block in self._blocks():
            yield [[row.get(one.name) for one in self.columns] for row in (self._stay(*one) for one in block)]

    def more(self) -> Iterator[list[Any]]:
        """Blocks of rows for MORE: rows of groups, and why an item of the stay is not known."""
        for block in self._blocks():
            if rows := [row for one in block for row in self._rest(*one)]:
                yield rows

    def _blocks(self):
        read: dict[int, bytes] = {}
        numbers = sorted((number for (number,) in Stay.select(Stay.id).where(self.wanted).tuples()), key=self._stay_name)
        for begin in range(0, len(numbers), BLOCK):
            found = {content.message.stay_id: content for content in self._query(numbers[begin : begin + BLOCK])}
            block = [found[number] for number in numbers[begin : begin + BLOCK] if number in found]
            facts = self._facts([content.message.stay for content in block])
            told = [(content.message.stay, content.record, facts.get(content.message.stay_id, ())) for content in block]
            read |= {stay.id: _mark(stay, record, places) for stay, record, places in told}
            if self.first is not None and any(self.first.get(stay.id) != read[stay.id] for stay, _, _ in told):
                raise StaysChanged
            yield [(stay, json.loads(record), places) for stay, record, places in told]
        if self.first is None:
            self.first = read
        elif self.first != read:
            raise StaysChanged

    def _query(self, numbers):
        standing = (Message.outcome == Outcome.AANVAARD) & (Message.version == Stay.version) & (Message.action != "intrekking")
        query = MessageContent.select(MessageContent.record, Message.id, Stay).join(Message).join(Stay)
        return query.where(self.wanted, standing, Stay.id.in_(numbers), MessageContent.record.is_null(False))

    def _stay_name(self, number):
        return self._name("opname", str(number))

    def _name(self, kind, number):
        told = number and pseudonym(f"onderzoek {self.key} {kind}", number)
        return told and told[:16]

    def _facts(self, stays):
        """{stay: [(indicator, its two letters)]} of what the benchmark counts, in a closed year as it was closed."""
        if not self.indicators:
            return {}
        query = StayFact.select(StayFact.stay, StayFact.year, StayFact.places)
        rows = query.where(StayFact.stay.in_([stay.id for stay in stays]), StayFact.places != "").tuples()
        return {stay: [(one, places[one.at : one.at + MARK]) for one in self.used(year)] for stay, year, places in rows}

    def _stay(self, stay, record, facts):
        values = record["stay"]
        row = {
            "opname": self._stay_name(stay.id),
            "kind": self._name("kind", stay.child or stay.own_number),
            "moeder": self._name("moeder", stay.mother),
            "ziekenhuis": self._name("ziekenhuis", str(stay.hospital_id)),
            "jaar": stay.year,
        }
        born = _born(values)
        row |= {name: self._told(name, said, born) for name, said in values.items() if name in self.names}
        told = record["derived"]
        row |= {_of(one): PLACES[mark[0]] for one, mark in facts}
        return row | {f"d_{one.value}": _derived(one, told.get(one.value)) for one in derivation.shown()}

    def _rest(self, stay, record, facts):
        values = record["stay"]
        name, born = self._stay_name(stay.id), _born(values)
        for derived, why in record.get("why", {}).items():
            shown = derivation.derivations()[derived].shown and self.holds(f"d_{derived}")
            if shown and (reason := derivation.reasons().get(why)):
                yield [name, "", 0, f"d_{derived}", f"{reason.kind}: {reason.nl}"]
        for one, mark in facts:
            if why := sentence(mark[1]):
                yield [name, "", 0, _of(one), why]
        for item, said in values.items():
            if item in self.of.groups:
                for number, row in enumerate(said, 1):
                    told = ((one, self._told(one, value, born)) for one, value in row.items() if one in self.names)
                    yield from ([name, item, number, one, _plain(value)] for one, value in told if value is not None)
            elif item in self.names and isinstance(said, dict) and "null" in said:
                yield [name, "", 0, item, f"{said['null']}: {NULL_WORDS[said['null']][0]}"]

    def _told(self, name, said, born):
        if isinstance(said, list):
            told = (self._told(name, one, born) for one in said)
            return "|".join(str(one) for one in told if one is not None)
        if isinstance(said, dict):
            return said.get("code")  # the words of 'other' are free text
        return _days(said, born) if self.names[name].type in ("moment", "datum") else said


def _mark(stay, record, places):
    """What tells whether two readings of a stay are the same."""
    told = (record, stay.child or stay.own_number, stay.mother, stay.hospital_id, stay.year)
    told += tuple((one.code, mark) for one, mark in places)
    return hashlib.sha256(repr(told).encode()).digest()


def _born(values):
    said = values.get("birth_datetime")
    return moment.read(said) if isinstance(said, str) else None


def _days(said, born):
    """Days from birth: with thousandths when both have a time, whole days of the calendar otherwise."""
    if born is None:
        return None
    then = moment.read(said)
    if then.exact and born.exact:
        return round((then.first - born.first) / clock.DAY, 3)
    return (then.day - born.day).days


def _derived(one, said):
    return said if said is None or one.kind == "tekst" else float(said)


def _plain(value):
    return str(int(value)) if isinstance(value, bool) else f"{value:.10g}" if isinstance(value, float) else str(value)


EVERYTHING = _every()  # every name that can be chosen
