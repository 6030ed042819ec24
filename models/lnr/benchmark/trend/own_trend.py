"""An indicator of a hospital by quarter: what may be compared with what, and whether its events are too rare for a chart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.statistics.trend import BASELINE, Chart, is_rare, p_chart, rolling

SPAN, LEAST = 6, 3  # years: as many as there are children in, and never fewer than the least


@dataclass(frozen=True)
class Together:
    """Quarters in a row counted together: the names of the first and the last of them."""

    first: str
    last: str
    count: Count


@dataclass(frozen=True)
class OwnTrend:
    """Counts by quarter, from the first quarter of the year `first` on.

    By the place of a quarter: `breaks`, by which other method it starts; `bases`, why a person had the baseline start anew.
    """

    first: int
    quarters: Sequence[Count]
    breaks: Mapping[int, str] = field(default_factory=dict)
    bases: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, until: int, quarters: Sequence[Count], breaks: Mapping[int, str], bases: Mapping[int, str]) -> "OwnTrend":
        """Of SPAN years until this one; what lies before the first child is left out, in whole years."""
        start = next((place for place, count in enumerate(quarters) if count.children), len(quarters))
        skipped = 4 * min(start // 4, SPAN - LEAST)
        first = until - SPAN + 1 + skipped // 4
        return cls(first, list(quarters[skipped:]), _from(breaks, skipped), _from(bases, skipped))

    @cached_property
    def names(self) -> list[str]:
        """'1e kwartaal 2026' of each."""
        return [f"{place % 4 + 1}e kwartaal {self.first + place // 4}" for place in range(len(self.quarters))]

    @property
    def starts(self) -> list[int]:
        """Where a baseline starts, since the last break: over a change of method nothing is reckoned."""
        since = max(self.breaks, default=0)
        return sorted({since, *(place for place in self.bases if place > since)})

    @property
    def rare(self) -> bool:
        """Whether so few events come in a quarter, by the newest baseline, that a chart of quarters tells nothing."""
        return is_rare([count.events for count in self._baseline(self.starts[-1], len(self.quarters))])

    @cached_property
    def charts(self) -> dict[int, Chart]:
        """{where it starts: the chart of a baseline}: each ends where the next starts, and keeps the centre that it had."""
        spans = pairwise([*self.starts, len(self.quarters)])
        return {start: chart for start, end in spans if (chart := self._chart(start, end))}

    @property
    def chart(self) -> Chart | None:
        """The chart of the newest baseline, by which what is seen is judged; None where it has too few quarters or events."""
        return self.charts.get(self.starts[-1])

    @property
    def together(self) -> list[Together]:
        """Of rare events: three years in a row together, one year further each time; all there is while that is less."""
        return list(self._together()) if self.rare else []

    def _together(self) -> Iterator[Together]:
        since = self.starts[-1]
        counted = self.quarters[since:]
        events, children = ([getattr(one, name) for one in counted] for name in ("events", "children"))
        width = min(BASELINE, len(counted))
        sums = list(zip(rolling(events, width), rolling(children, width), strict=True))
        for place in range((len(sums) - 1) % 4, len(sums), 4):
            names = self.names[since + place], self.names[since + place + width - 1]
            yield Together(*names, Count(events=sums[place][0], children=sums[place][1]))

    def _baseline(self, start, end):
        return [count for count in self.quarters[start:end] if count.children][:BASELINE]

    def _chart(self, start, end):
        if is_rare([count.events for count in self._baseline(start, end)]):
            return None
        return p_chart([one.events for one in self.quarters[:end]], [one.children for one in self.quarters[:end]], start)


def _from(told, skipped):
    return {place - skipped: text for place, text in told.items() if place > skipped}
