"""Where the trend of an indicator breaks: between two years that were not counted and judged by the same method."""

import json
from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise

from models.lnr.benchmark.indicator import Indicator
from models.lnr.benchmark.method.indicator_setting import YearMethod
from models.lnr.registry.closed_year import ClosedYear

JUDGING = ("active", "target", "wider", "smallest")  # a source that is written otherwise changes no figure


class MethodHistory:
    """The `methods` {year: how the indicators are used} of years in a row."""

    def __init__(self, methods: Mapping[int, YearMethod]):
        self.methods = methods

    def breaks(self, one: Indicator) -> dict[int, str]:
        """{the first year by another method: which it is, as a Dutch sentence}; of a closed year also when that is unknown."""
        found = ((year, self._other(one, before, year)) for before, year in pairwise(sorted(self.methods)))
        return {year: f"{year} begint volgens een andere methode: {told}." for year, told in found if told}

    def by_quarter(self, one: Indicator) -> dict[int, str]:
        """The same by the place of the first quarter of the year, counted from the first quarter of the first year."""
        return {4 * (year - min(self.methods)): told for year, told in self.breaks(one).items()}

    def _other(self, one, before, year):
        told = []
        old, new = self._version(one, before), self._version(one, year)
        if old is None or new is None:
            told.append("van welke versie van de indicator de cijfers zijn, is niet van beide jaren bewaard")
        elif old != new:
            told.append(f"versie {new} van de indicator, daarvoor versie {old}")
        was, becomes = self.methods[before].setting(one), self.methods[year].setting(one)
        if any(getattr(was, name) != getattr(becomes, name) for name in JUDGING):
            told.append(f"{becomes}; daarvoor {was}")
        return "; ".join(told)

    def _version(self, one, year):
        """By which version a year is counted: an open one by that of now. None where it is unknown."""
        if one.version == 1:  # a version only rises: it never was another one
            return 1
        return self._closed[year].get(str(one.number)) if year in self._closed else one.version

    @cached_property
    def _closed(self):
        query = ClosedYear.select(ClosedYear.year, ClosedYear.versions).where(ClosedYear.year.in_(list(self.methods)))
        return {year: json.loads(versions or "{}") for year, versions in query.tuples()}
