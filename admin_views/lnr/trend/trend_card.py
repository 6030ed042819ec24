"""The own figures in time on the page of an indicator, and in its file, for BenchmarkView."""

from collections.abc import Mapping, Sequence

from models.lnr.benchmark import counting, limits
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.indicator import Indicator
from models.lnr.benchmark.statistics.trend import gap_chart
from models.lnr.benchmark.trend import trend_picture
from models.lnr.benchmark.trend.event_gaps import event_gaps
from models.lnr.benchmark.trend.own_trend import SPAN, OwnTrend


def years(year: int) -> range:
    """The years of a trend until this one."""
    return range(year - SPAN + 1, year + 1)


def of_all(asked: Mapping) -> dict[int, Sequence[Count]]:
    """{number of the indicator: Counts by quarter} of the hospital that is asked for; one query."""
    return counting.sparks(years(asked["year"]), asked["hospital"].id, asked["band"])


def own_trend(one: Indicator, asked: Mapping, quarters: Sequence[Count] | None = None) -> OwnTrend:
    """The trend of an indicator, from its counts by quarter where these are at hand."""
    if quarters is None:
        own = asked["hospital"].id
        quarters = counting.by_quarter(years(asked["year"]), one.number, asked["band"], own)[own]
    return OwnTrend.of(asked["year"], quarters, asked["course"].by_quarter(one), {})


def between(one: Indicator, asked: Mapping, own: OwnTrend) -> list[int]:
    """How many children came between two rare events; [] where they are not rare."""
    return event_gaps(one, asked["hospital"].id, own, asked["band"])


def told(one: Indicator, asked: Mapping) -> dict:
    """What the card shows."""
    own = own_trend(one, asked)
    counted = between(one, asked, own)
    seen = gap_chart(counted)
    return {
        "own_trend": own,
        "trend": trend_picture.trend(own),
        "between": counted,
        "gap_chart": seen,
        "gaps": trend_picture.gaps(counted, seen),
        "interval": limits.rate_interval,
    }
