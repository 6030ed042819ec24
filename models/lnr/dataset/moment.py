"""Dates and times of a message (N3): absolute, with or without a time of day, without an offset by the Dutch clock."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
# The same in the XSD: no year alone, no 24:00, no century in which nobody of now was born.
DAY = r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+\-](0[0-9]|1[0-4]):[0-5][0-9])?"
MOMENT = re.compile(f"{DAY}(T{CLOCK})?")


@dataclass(frozen=True)
class Moment:
    """Between `first` and `last` (UTC, without a zone): the same for a time, a whole Dutch day for a date.

    `day`: the date on the Dutch calendar. Two moments are in the wrong order only when that is certain.
    """

    first: datetime
    last: datetime
    day: date

    @property
    def exact(self):
        return self.first == self.last

    def surely_before(self, other, slack=timedelta(0)):
        return self.last + slack < other.first

    def __str__(self):
        return f"{self.first.isoformat()}Z" if self.exact else self.day.isoformat()


def read(text):
    """The Moment that `text` says. ValueError for anything else."""
    if not MOMENT.fullmatch(text):
        raise ValueError("not a date or a date with a time")
    if "T" not in text:
        return of_day(date.fromisoformat(text))
    # fromisoformat of 3.11 takes every number of decimals and Z.
    said = datetime.fromisoformat(text)
    if said.tzinfo:
        return at(said.astimezone(UTC).replace(tzinfo=None))
    moment = _to_utc(said)
    return Moment(moment, moment, said.date())


def at(moment):
    """The Moment of a time in UTC without a zone."""
    return Moment(moment, moment, moment.replace(tzinfo=UTC).astimezone(AMSTERDAM).date())


def of_day(day):
    """The Moment of a whole Dutch day."""
    return Moment(_utc(day, time.min), _utc(day, time.max), day)


def _utc(day, hour):
    return _to_utc(datetime.combine(day, hour))


def _to_utc(local):
    """A time by the Dutch clock; the first of the two that one hour in autumn has."""
    return local - local.replace(tzinfo=AMSTERDAM).utcoffset()
