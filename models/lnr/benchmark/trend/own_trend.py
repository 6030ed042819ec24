"""An indicator of a hospital by quarter: what may be compared with what, and whether its events are too rare for a chart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise

from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.statistics.trend import BASELINE, TELLING, Chart, is_rare, p_chart, rolling

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

    By the place of a quarter: `breaks`, by which other method it starts; `bases`, why a person had the baseline start anew,
    with the place of the first below 0 where that lies before what is drawn. `before`: the quarters before these, from where
    their baseline starts. `running`: whether the last quarter has not ended.
    """

    first: int
    quarters: Sequence[Count]
    breaks: Mapping[int, str] = field(default_factory=dict)
    bases: Mapping[int, str] = field(default_factory=dict)
    before: Sequence[Count] = ()
    running: bool = False

    @classmethod
    def of(
        cls,
        until: int,
        quarters: Sequence[Count],
        breaks: Mapping[int, str],
        bases: Mapping[int, str],
        today: date | None = None,
    ) -> "OwnTrend":
        """Of all quarters until the end of this year: SPAN years of them, from the first year with a child.

        What is no longer drawn still sets the baseline, for that moves only where a person or another method has it start
        anew. Of a year that has not ended on `today`, until the quarter of that day.
        """
        begin = until + 1 - len(quarters) // 4
        start = next((place for place, count in enumerate(quarters) if count.children), len(quarters))
        cut = max(len(quarters) - 4 * SPAN, min(start // 4 * 4, len(quarters) - 4 * LEAST))
        since = max(breaks, default=0)
        bases = {place: text for place, text in bases.items() if place >= since}
        governing = max((place for place in (*breaks, *bases) if place <= cut), default=0)
        told = {place - cut: text for place, text in bases.items() if place >= governing}
        end = 4 * (today.year - begin) + (today.month + 2) // 3 if today else len(quarters) + 1
        return cls(
            begin + cut // 4,
            list(quarters[cut:end]),
            {place - cut: text for place, text in breaks.items() if place > cut},
            told,
            quarters[governing:cut],
            end <= len(quarters),
        )

    @cached_property
    def names(self) -> list[str]:
        """'1e kwartaal 2026' of each."""
        return [self._name(place) for place in range(len(self.quarters))]

    def _name(self, place):
        return f"{place % 4 + 1}e kwartaal {self.first + place // 4}"

    def said(self, place: int) -> list[str]:
        """What starts at a quarter; at the first also the baseline that started before."""
        return [text for told in (self.breaks, self.bases) for at, text in told.items() if max(at, 0) == place]

    @property
    def starts(self) -> list[int]:
        """Where a baseline starts, since the last break: over a change of method nothing is reckoned."""
        return sorted({max(self.breaks, default=0), *(max(place, 0) for place in self.bases)})

    @property
    def since(self) -> int:
        """The place where the newest baseline starts, below 0 where that lies before what is drawn."""
        return self.starts[-1] or -len(self.before)

    @property
    def begin(self) -> str:
        """The name of that quarter."""
        return self._name(self.since)

    @property
    def undecided(self) -> bool:
        """Whether too few quarters have ended since the newest baseline to know whether the events are rare."""
        return len(self._baseline(self.starts[-1])) < TELLING

    @property
    def rare(self) -> bool:
        """Whether so few events come in a quarter, by the newest baseline, that a chart of quarters tells nothing."""
        return is_rare([count.events for count in self._baseline(self.starts[-1])])

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
    def earlier(self) -> list[tuple[str, Chart]]:
        """(the quarter before which it ends, the chart) of each baseline before the newest."""
        return [(self.names[end], self.charts[start]) for start, end in pairwise(self.starts) if start in self.charts]

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

    def _baseline(self, start):
        """The quarters that set the centre from a start on; they go on beyond a later start, which is to wipe no signal."""
        ended = self.quarters[start : len(self.quarters) - self.running]
        known = ended if start else [*self.before, *ended]
        return [count for count in known if count.children][:BASELINE]

    def _chart(self, start, end):
        baseline = self._baseline(start)
        if len(baseline) < BASELINE or is_rare([count.events for count in baseline]):
            return None
        drawn = self.quarters[:end]
        centred = [(one.events, one.children) for one in baseline]
        return p_chart([one.events for one in drawn], [one.children for one in drawn], start, centred)
