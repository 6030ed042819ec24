"""The own figures in time on the page of an indicator, and in its file, for BenchmarkView."""

from collections.abc import Iterable, Mapping

from admin_views.grid.scoped_views import who
from models import access, clock
from models.lnr.benchmark import counting, limits
from models.lnr.benchmark.indicator import Indicator
from models.lnr.benchmark.statistics.trend import gap_chart
from models.lnr.benchmark.trend import trend_picture
from models.lnr.benchmark.trend.event_gaps import event_gaps
from models.lnr.benchmark.trend.own_trend import SPAN, OwnTrend
from models.lnr.benchmark.trend.rebase import Rebase, by_place


def years(year: int) -> range:
    """The years of a trend until this one: all, for what is no longer drawn still sets the baseline."""
    return counting.years_until(year, SPAN)


def own_trends(indicators: Iterable[Indicator], asked: Mapping) -> dict[int, OwnTrend]:
    """{number of the indicator: its trend} in the hospital that is asked for."""
    over = years(asked["year"])
    lines = counting.sparks(over, asked["hospital"].id, asked["band"])
    bases = by_place(Rebase.standing(asked["hospital"].id), over)
    return {one.number: _trend(one, asked, lines[one.number], bases) for one in indicators}


def own_trend(one: Indicator, asked: Mapping) -> OwnTrend:
    """The trend of one indicator."""
    own, over = asked["hospital"].id, years(asked["year"])
    quarters = counting.by_quarter(over, one.number, asked["band"], own)[own]
    return _trend(one, asked, quarters, by_place(Rebase.standing(own, one), over))


def _trend(one, asked, quarters, bases):
    signed = {place: row.signed for place, row in bases[one.number].items()}
    return OwnTrend.of(asked["year"], quarters, asked["course"].by_quarter(one), signed, clock.today())


def between(one: Indicator, asked: Mapping, own: OwnTrend) -> list[int]:
    """How many children came between two rare events; [] where they are not rare."""
    return event_gaps(one, asked["hospital"].id, own, asked["band"])


def told(one: Indicator, asked: Mapping) -> dict:
    """What the card shows."""
    own = own_trend(one, asked)
    counted = between(one, asked, own)
    seen = gap_chart(counted)
    return {
        "mine": access.may(who(), "deliver"),
        "own_trend": own,
        "trend": trend_picture.trend(own),
        "between": counted,
        "gap_chart": seen,
        "gaps": trend_picture.gaps(counted, seen),
        "interval": limits.rate_interval,
    }
