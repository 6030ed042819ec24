"""Answers as numbers for analysis: one row for each case, and the code book that says what every column holds. Pure.

Days are told as in the document (interval.py), counted from the anchor of the case; with `exact` they are dates, and texts
stand as they were typed. What a case does not have stays empty.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.forms.filled_form import Filled
from models.forms.form_structure import Item, is_other
from models.questionnaires.export.relative_days import Timeline

UNKNOWN, NOT_SHOWN = -9001, -9002  # far from every number that is asked for
OTHERS = -9010  # and down: the other answers that a question takes, in their order
MEANING = f"{UNKNOWN} = onbekend; {NOT_SHOWN} = niet gevraagd in deze casus"
REPEATED = re.compile(r"([^_]+)_nr(\d+)(?:_|$)")
LINE = re.compile(r"(.+?)_r(\d+)_")


@dataclass(frozen=True)
class CodedColumn:
    """One column of the export, as the code book describes it."""

    name: str
    code: str
    block: str
    label: str
    kind: str
    values: str
    unit: str
    condition: str
    required: str


class Coding:
    """How the answers of one version are coded. `blocks` and `rows`: as it has them, for the words of their conditions."""

    def __init__(self, structure, blocks, rows, exact=False):
        self.structure, self.exact = structure, exact
        self.blocks = {block.code: block.shown_when for block in blocks}
        self.rows = {row.code: row for row in rows}

    def coded(self, filled: Filled) -> dict[str, int | str]:
        """{column name: value} of one case; columns without a value are left out."""
        timeline = Timeline(filled)
        cells = {}
        for block in self.structure.blocks:
            for number in filled.numbers(block):
                for item in block.items:
                    shown = (item.code, number) in filled.shows
                    kept = self._kept(filled, item, number) if shown else None
                    cells.update(self._cells(_Place(item, number, timeline), kept, shown))
                    given = filled.given.get((item.code, number))
                    if shown and given and given.reason:
                        reason = given.reason if self.exact else timeline.veil(given.reason)
                        cells[f"{_base(item, number)}_toelichting"] = reason
        if timeline.anchor:
            cells |= {"dag0": timeline.anchor.code, "jaar": timeline.start.year}
        return cells

    @staticmethod
    def _kept(filled, item, number):
        if item.formula:
            return filled.values_at(item, number)[item.code]
        given = filled.given.get((item.code, number))
        return given.kept if given else None

    def _cells(self, place, kept, shown):
        item, base = place.item, place.base
        if not shown:
            return dict.fromkeys(self._coded_names(item, base), NOT_SHOWN)
        if kept is None:
            return {}
        if is_other(kept):
            names = self._coded_names(item, base)
            return dict.fromkeys(names, missing(item, kept["anders"])) if names else {base: kept["anders"]}
        if item.answer.word == "lijst":
            return self._table(place, kept)
        return self._answer(item.answer, kept, base, place.timeline)

    def _coded_names(self, item, base):
        """The columns of this question in which a code can stand for what is missing."""
        word = item.answer.word
        if word in ("keuze", "ja/nee", "getal", "tijd") or (self.exact and word.startswith("datum")):
            return [base]
        if word == "meer":
            return [f"{base}_{at}" for at in range(1, 1 + len(item.options))]
        if word.startswith("datum"):
            return [f"{base}_dag"]
        return {"weken + dagen": [f"{base}_weken", f"{base}_dagen"], "lijst": [f"{base}_aantal"]}.get(word, [])

    def _answer(self, kind, kept, base, timeline):
        word = kind.word
        if word in ("keuze", "ja/nee"):
            return {base: kind.options.index(kept) + 1}
        if word == "meer":
            return {f"{base}_{at}": int(option in kept) for at, option in enumerate(kind.options, 1)}
        if word == "weken + dagen":
            weeks, days = kept.split("+")
            return {f"{base}_weken": int(weeks), f"{base}_dagen": int(days)}
        if word.startswith("datum"):
            return self._moment(kept, base, timeline)
        if kind.free_text:
            return {base: kept if self.exact else timeline.veil(kept)}
        return {base: round(kept, 6) if kind.computed else kept}

    def _moment(self, kept, base, timeline):
        if self.exact:
            return {base: datetime.fromisoformat(kept) if "T" in kept else date.fromisoformat(kept)}
        day, _, clock = kept.partition("T")
        cells = {f"{base}_tijd": clock} if clock else {}
        if timeline.start:
            cells[f"{base}_dag"] = (date.fromisoformat(day) - timeline.start).days
        return cells

    def _table(self, place, kept):
        kind, cells = place.item.answer, {f"{place.base}_aantal": len(kept)}
        for line, row in enumerate(kept, 1):
            at = kind.rows.index(row[kind.lead]) + 1 if kind.rows else line
            for slug, name, column in _slugs(kind):
                if name in row:
                    cells |= self._answer(column, row[name], f"{place.base}_r{at}_{slug}", place.timeline)
        return cells

    def columns(self, seen: Collection[str] = ()) -> Iterator[CodedColumn]:
        """Every Column in order. `seen`: the names that have a value somewhere, for how often blocks and lists repeat."""
        repeats, lines = self._extent(seen)
        yield from self._head()
        for block in self.structure.blocks:
            for number in range(1, 1 + repeats.get(block.code, 1)) if block.per else (0,):
                for item in block.items:
                    yield from self._columns(item, block, number, lines)

    def _extent(self, seen):
        """(block code -> how often it repeats, base -> how many lines a list has) among these column names."""
        repeats, lines = {}, {}
        for name in seen:
            if found := REPEATED.match(name):
                block = self.structure.block_of[found[1]].code
                repeats[block] = max(repeats.get(block, 0), int(found[2]))
            if found := LINE.match(name):
                lines[found[1]] = max(lines.get(found[1], 0), int(found[2]))
        return repeats, lines

    def _head(self):
        if self.structure.anchors and not self.exact:
            yield CodedColumn("dag0", "", "", "Vraag vanaf welke de dagen tellen", "tekst", "", "", "", "")
            yield CodedColumn("jaar", "", "", "Jaar van dag 0", "getal", "", "", "", "")

    def _columns(self, item, block, number, lines):
        base, kind = _base(item, number), item.answer
        if kind.word == "lijst":
            yield self._column(f"{base}_aantal", item, block, "aantal regels", "getal", _missings(item))
            for line in range(1, 1 + (len(kind.rows) or lines.get(base, 1))):
                for slug, name, column in _slugs(kind):
                    what = f"{kind.rows[line - 1] if kind.rows else f'regel {line}'}: {name}"
                    yield from self._parts(f"{base}_r{line}_{slug}", item, block, column, what)
        else:
            yield from self._parts(base, item, block, kind)
        if any(not check.hard for check in item.checks):
            yield self._column(f"{base}_toelichting", item, block, "toelichting", "tekst")

    def _parts(self, base, item, block, kind, what=""):
        """The columns of one kind of answer; `what`: of which line and column of a list."""
        more, own = f" · {what}" if what else "", "" if what else _missings(item)
        if kind.word in ("keuze", "ja/nee"):
            options = "; ".join(f"{at} = {option}" for at, option in enumerate(kind.options, 1))
            yield self._column(base, item, block, what, kind.word, "; ".join(filter(None, (options, own))))
        elif kind.word == "meer":
            for at, option in enumerate(kind.options, 1):
                yield self._column(f"{base}_{at}", item, block, option + more, kind.word, f"1 = ja; 0 = nee; {own}")
        elif kind.word == "weken + dagen":
            for part in ("weken", "dagen"):
                yield self._column(f"{base}_{part}", item, block, part + more, "getal", own)
        elif kind.word.startswith("datum") and not self.exact:
            yield self._column(f"{base}_dag", item, block, f"dag{more}", "getal", own)
            if kind.word == "datum + tijd":
                yield self._column(f"{base}_tijd", item, block, f"tijd{more}", "tijd")
        else:
            word = "berekend getal" if kind.computed else kind.word
            coded = kind.word in ("getal", "tijd") or kind.word.startswith("datum")
            yield self._column(base, item, block, what, word, own if coded else "")

    def _column(self, name, item, block, what, kind, values=""):
        row = self.rows[item.code]
        label = f"{item.label} [{what}]" if what else item.label
        shown_when = " en ".join(f"({text})" for text in (self.blocks.get(block.code), row.shown_when) if text)
        return CodedColumn(
            name, item.code, f"{block.code}. {block.title}", label, kind, values, item.unit, shown_when, row.required
        )


@dataclass(frozen=True)
class _Place:
    item: object
    number: int
    timeline: Timeline

    @property
    def base(self) -> str:
        return _base(self.item, self.number)


def missing(item: Item, word: Any) -> int:
    """The code of an answer outside those of its kind."""
    others = [other for other in item.others if other != "onbekend"]
    return UNKNOWN if word == "onbekend" else OTHERS - others.index(word)


def _missings(item):
    others = [f"{missing(item, word)} = {word}" for word in item.others if word != "onbekend"]
    return "; ".join([MEANING, *others])


def _base(item, number):
    return f"{item.code}_nr{number}" if number else item.code


def _slugs(kind):
    """(short name, name, kind) of each column of a list, the short names all different."""
    taken = []
    for at, (name, column) in enumerate(kind.columns, 1):
        plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
        slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:24] or f"kolom{at}"
        taken.append(f"{slug}{at}" if slug in taken else slug)
        yield taken[-1], name, column
