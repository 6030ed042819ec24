"""How many children came between two rare events, in the order in which they were admitted."""

from peewee import JOIN, fn

from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.indicator import Indicator
from models.lnr.benchmark.statistics.trend import children_between, sparse
from models.lnr.benchmark.trend.own_trend import OwnTrend
from models.lnr.registry.stay import Stay


def event_gaps(one: Indicator, hospital: int, own: OwnTrend, band: str = "") -> list[int]:
    """The children before the first rare event of the newest baseline, between each two, and since the last.

    [] where the events are not rare, or so many of the children have one that there is hardly a gap.
    """
    if not own.rare:
        return []
    year, quarter = divmod(own.since, 4)
    since = StayFact.year * 100 + StayFact.month >= (own.first + year) * 100 + 3 * quarter + 1
    letter = fn.SUBSTR(StayFact.places, one.at + 1, 1)
    years = range(own.first + year, own.first + (len(own.quarters) + 3) // 4)
    wanted = [StayFact.hospital == hospital, StayFact.year.in_(list(years)), StayFact.month > 0, since, letter.in_(("t", "n"))]
    if band:
        wanted.append(StayFact.band == band)
    # By the month of the fact, which a closed year keeps; a stay that was removed or corrected since moves no other.
    order = StayFact.year, StayFact.month, Stay.admitted.is_null(), Stay.admitted, StayFact.stay
    query = StayFact.select(letter).join(Stay, JOIN.LEFT_OUTER, on=StayFact.stay == Stay.id).where(*wanted).order_by(*order)
    between = children_between([found == "t" for (found,) in query.tuples()])
    return between if sparse(between) else []
