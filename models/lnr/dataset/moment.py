"""Dates and times of a message (N3): absolute, with or without a time of day, without an offset by the Dutch clock."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
# The same in the XSD: every lawful date and time but a year alone, and a century in which nobody of now was born.
DAY = r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
ZONE = r"(Z|[+\-](0[0-9]|1[0-4]):[0-5][0-9])?"
CLOCK = r"(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?|24:00:00(\.0+)?)"
DATE = f"{DAY}{ZONE}"
MOMENT = re.compile(f"{DAY}(T{CLOCK})?{ZONE}")
MIDNIGHT = re.compile(r"T24:00:00(\.0+)?")


@dataclass(frozen=True)
class Moment:
    """Between `first` and `last` (UTC, without a zone): the same for a time, a whole Dutch day for a date, and the two that it
    may be for a time without a zone in the hour that autumn has twice.

    `day`: the date on the Dutch calendar. Two moments are in the wrong order only when that is certain.
    """

    first: datetime
    last: datetime
    day: date

    @property
    def exact(self) -> bool:
        return self.first == self.last

    def surely_before(self, other: "Moment", slack: timedelta = timedelta(0)) -> bool:
        return self.last + slack < other.first

    def __str__(self) -> str:
        if self.exact:
            return f"{self.first.isoformat()}Z"
        if self.last - self.first == timedelta(hours=1):
            return self.first.replace(tzinfo=UTC).astimezone(AMSTERDAM).replace(tzinfo=None).isoformat()
        return self.day.isoformat()


def read(text: str) -> Moment:
    """The Moment that `text` says. ValueError for anything else."""
    if not MOMENT.fullmatch(text):
        raise ValueError("not a date or a date with a time")
    if "T" not in text:
        return of_day(date.fromisoformat(text[:10]))  # whatever its zone: a day on the calendar
    # fromisoformat of 3.11 takes every number of decimals and Z, but not the midnight at the end of a day.
    said = datetime.fromisoformat(MIDNIGHT.sub("T00:00:00", text)) + timedelta(days=bool(MIDNIGHT.search(text)))
    if said.tzinfo:
        return at(said.astimezone(UTC).replace(tzinfo=None))
    first, last = _to_utc(said), _to_utc(said.replace(fold=1))
    return Moment(min(first, last), max(first, last) if _is_twice(said) else min(first, last), said.date())


def _is_twice(local: datetime) -> bool:
    """Whether the Dutch clock shows this time twice, as it does for an hour in autumn."""
    there = _to_utc(local.replace(fold=1)).replace(tzinfo=UTC).astimezone(AMSTERDAM).replace(tzinfo=None)
    return _to_utc(local) != _to_utc(local.replace(fold=1)) and there == local.replace(fold=0)


def at(moment: datetime) -> Moment:
    """The Moment of a time in UTC without a zone."""
    return Moment(moment, moment, moment.replace(tzinfo=UTC).astimezone(AMSTERDAM).date())


def of_day(day: date) -> Moment:
    """The Moment of a whole Dutch day."""
    return Moment(_utc(day, time.min), _utc(day, time.max), day)


def _utc(day: date, hour: time) -> datetime:
    return _to_utc(datetime.combine(day, hour))


def _to_utc(local: Any) -> datetime:
    """A time by the Dutch clock; of the two that one hour in autumn has the first, with fold=1 the second."""
    return local - local.replace(tzinfo=AMSTERDAM).utcoffset()
