"""What the year report tells beside the cells of its own year: read when the year closes, and kept with it.

Earlier years may be open still, a hospital may get another name or lose its NICU, and a withdrawal takes a fact away: none
of that may change a report that was settled.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.accounts.hospital import Hospital
from models.lnr.benchmark import counting, figure
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.indicator import all_indicators
from models.lnr.benchmark.method.indicator_setting import YearMethod
from models.lnr.benchmark.method.method_history import MethodHistory
from models.lnr.benchmark.trend.own_trend import SPAN
from models.lnr.registry import year_figures

TREND = 3  # years of the table of the trend
Reasons = Mapping[tuple[int, str, str], int]


@dataclass(frozen=True)
class KeptForReport:
    """`course`: the years of the trends by quarter, `quarters` {hospital: {indicator: Counts}} over them; `breaks`

    {indicator: {year: by which other method it starts}}; `before` {year: {indicator: {hospital: Count}}}. Of a Count only
    `events` and `children` are kept. `nicus`: the ids of every hospital with a NICU, also where no stay came.

    `delays`: {hospital: median of days from discharge to the first message that tells of it}.
    """

    hospitals: list[Hospital]
    volumes: Mapping[int, Mapping[str, tuple[int, int, int]]]
    reasons: Mapping[int, Reasons]
    course: range
    quarters: Mapping[int, Mapping[int, list[Count]]]
    breaks: Mapping[int, Mapping[int, str]]
    before: Mapping[int, Mapping[int, Mapping[int, Count]]]
    nicus: frozenset[int]
    delays: Mapping[int, float]

    @classmethod
    def now(cls, year: int) -> "KeptForReport":
        """As it stands now."""
        volumes, course = counting.volumes(year), counting.years_until(year, SPAN)
        hospitals = [one for one in figure.nicus() if one.id in volumes]
        history = MethodHistory(YearMethod.of_years(course))
        return cls(
            hospitals,
            volumes,
            {one.id: counting.reasons(year, one.id) for one in hospitals},
            course,
            {one.id: counting.sparks(course, one.id) for one in hospitals},
            {one.number: history.breaks(one) for one in all_indicators()},
            {one: counting.counts([one]) for one in range(year - TREND + 1, year + 1)},
            frozenset(Hospital.nicus()),
            year_figures.median_delays(year),
        )

    @classmethod
    def read(cls, text: str) -> "KeptForReport":
        """From what `written` kept."""
        kept = json.loads(text)
        return cls(
            [Hospital(id=number, name=name) for number, name in kept["hospitals"]],
            _numbered(kept["volumes"], lambda bands: {band: tuple(told) for band, told in bands.items()}),
            _numbered(kept["reasons"], lambda rows: {(at, letter, why): times for at, letter, why, times in rows}),
            range(*kept["course"]),
            _numbered(kept["quarters"], lambda lines: _numbered(lines, lambda pairs: [Count(*pair) for pair in pairs])),
            _numbered(kept["breaks"], lambda told: _numbered(told, str)),
            _numbered(kept["before"], lambda lines: _numbered(lines, lambda row: _numbered(row, lambda pair: Count(*pair)))),
            # Of a year that was closed before they were kept: those of now, and those that had stays then.
            frozenset(kept["nicus"] if "nicus" in kept else [*Hospital.nicus(), *(number for number, _ in kept["hospitals"])]),
            _numbered(kept.get("delays", {}), float),
        )

    @property
    def written(self) -> str:
        """As JSON, to keep with the closing."""
        return json.dumps(
            {
                "hospitals": [(one.id, one.name) for one in self.hospitals],
                "volumes": self.volumes,
                "reasons": {place: [(*key, times) for key, times in found.items()] for place, found in self.reasons.items()},
                "course": (self.course.start, self.course.stop),
                "quarters": {
                    place: {number: list(map(_pair, counts)) for number, counts in lines.items()}
                    for place, lines in self.quarters.items()
                },
                "breaks": self.breaks,
                "before": {
                    year: {number: {place: _pair(count) for place, count in row.items()} for number, row in counted.items()}
                    for year, counted in self.before.items()
                },
                "nicus": sorted(self.nicus),
                "delays": self.delays,
            },
            separators=(",", ":"),
        )


def _pair(count):
    return count.events, count.children


def _numbered(told: Mapping[str, Any], read: Any) -> dict[int, Any]:
    return {int(number): read(one) for number, one in told.items()}
