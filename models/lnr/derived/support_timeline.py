"""The time line of respiratory support of one stay: per class the periods, laid out from admission to discharge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models import dutch
from models.lnr.dataset import moment
from models.lnr.dataset.definition import definition
from models.lnr.dataset.moment import Moment
from models.lnr.derived.clinical import first_and_last, last_day
from models.lnr.message import display

WIDE = 1000  # units of the picture, from the first day to the last
CLASSES = {
    "ecmo": "Hart-longmachine (ECMO)", "invasive": "Invasieve beademing", "noninvasive": "Niet-invasief",
    "oxygen": "Zuurstof",
}  # fmt: skip
WEEKS_36 = 252


@dataclass(frozen=True)
class SupportPeriod:
    """One period: what was given, when in words, and where it lies in the picture."""

    label: str
    said: str
    days: int | None  # None when its end is not known
    x: int
    width: int


@dataclass(frozen=True)
class Mark:
    label: str
    day: str
    x: int


@dataclass(frozen=True)
class Picture:
    """`tracks`: (class, its name, its periods) for every class that was given, the strongest first."""

    first: str
    last: str
    tracks: list
    marks: list


def picture(values: Any, now: datetime) -> Picture | None:
    """The Picture of a record; None when no period of support has a known start. Days as the derived ones."""
    found = [row for row in values.get("respiratory_supports", ()) if isinstance(row.get("respiratory_support_start"), str)]
    if not found:
        return None
    until = _read(values, "discharge_datetime") or _read(values, "death_datetime") or moment.at(now)
    spans = [(row, *_span(row, until)) for row in found]
    admitted = _read(values, "admission_datetime")
    first = min([start for _, start, _ in spans] + ([admitted.day] if admitted else []))
    last = max([end or start for _, start, end in spans] + [last_day(until), first])
    scale = WIDE / ((last - first).days + 1)
    return Picture(
        dutch.short_date(first), dutch.short_date(last), _tracks(spans, first, scale), _marks(values, first, last, scale)
    )


def _read(row: Any, name: Any) -> Moment | None:
    said = row.get(name)
    return moment.read(said) if isinstance(said, str) else None


def _span(row: Any, until: Any) -> tuple[Any, Any]:
    """The first and the last day of a row, the last None when it was sent as unknown."""
    start, end = _read(row, "respiratory_support_start"), _read(row, "respiratory_support_end")
    first, last = first_and_last(start, end, end is None and "respiratory_support_end" in row, until)
    return first, last and max(first, last)  # type: ignore[type-var]


def _tracks(spans: list[tuple[Any, ...]], first: Any, scale: Any) -> list:
    tracks = {}
    for row, start, end in sorted(spans, key=lambda span: (span[1], span[2] or span[1])):
        tracks.setdefault(_class(row), []).append(_period(row, start, end, first, scale))
    return [(name, label, tracks[name]) for name, label in {**CLASSES, "other": "Anders of onbekend"}.items() if name in tracks]


def _class(row: Any) -> str:
    item, said = definition().items["respiratory_support_type"], row.get("respiratory_support_type")
    code = next((code for code in definition().choices(item) if code.code == said), None)
    return next((name for name in CLASSES if code and name in code.meaning), "other")


def _period(row: Any, start: Any, end: Any, first: Any, scale: Any) -> SupportPeriod:
    items, said = definition().items, row.get("respiratory_support_type")
    label = display.text(items["respiratory_support_type"], said) if said else "niet opgegeven"
    days = end and (end - start).days + 1
    x, width = round((start - first).days * scale), max(4, round((days or 1) * scale))
    return SupportPeriod(label, _said(row, start, end), days, x, width)


def _said(row: Any, start: Any, end: Any) -> str:
    if end is None:
        return f"vanaf {dutch.short_date(start)}, einde onbekend"
    if "respiratory_support_end" not in row:
        return f"vanaf {dutch.short_date(start)}, zonder einde"
    return f"{dutch.short_date(start)} tot en met {dutch.short_date(end)}"


def _marks(values: Mapping[str, int | str], first: Any, last: Any, scale: Any) -> list:
    born, age = _read(values, "birth_datetime"), values.get("gestational_age_days")
    if born is None:
        return []
    days = {"28 dagen oud": 28} | ({"36 weken": WEEKS_36 - int(age)} if isinstance(age, int | float) else {})
    placed = [(label, born.day + timedelta(days=count)) for label, count in days.items()]
    inside = [(label, day) for label, day in placed if first <= day <= last]
    return [Mark(label, dutch.short_date(day), round((day - first).days * scale)) for label, day in inside]
