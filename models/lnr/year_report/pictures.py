"""The pictures of the year report: those of the screen, by the same templates (benchmark/picture.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from models.accounts.hospital import Hospital
from models.lnr.benchmark import disclosure, picture
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.disclosure import Dot
from models.lnr.benchmark.figure import Figure
from models.lnr.benchmark.indicator import Indicator
from models.lnr.benchmark.limits import WARN
from models.lnr.benchmark.picture import Bar
from models.lnr.benchmark.trend import trend_picture
from models.lnr.benchmark.trend.own_trend import OwnTrend
from models.lnr.year_report.year_counts import YearCounts, share
from models.report.content import ReportPicture

FUNNEL, TREND_LINE, CATERPILLAR = (f"lnr/benchmark/{name}.svg" for name in ("funnel", "trend", "caterpillar"))


def own(
    counts: YearCounts, hospital: Hospital, figures: Sequence[Figure], trends: Mapping[int, OwnTrend]
) -> list[ReportPicture]:
    """Of each indicator the funnel, and the own quarters."""
    found = []
    for one in figures:
        if funnel := picture.funnel(one, _dots(counts, one, hospital), hospital.name):
            found.append(ReportPicture(f"{one.indicator}: naast alle NICU’s", _seen(one, hospital), FUNNEL, asdict(funnel)))
        mine = trends[one.indicator.number]
        if one.shown and (trend := trend_picture.trend(mine)):
            alt = f"{one.indicator} in {hospital.name} per kwartaal van {mine.first} tot en met {counts.year}"
            said = [*mine.breaks.values(), *mine.bases.values()]
            alt = " ".join([f"{alt}.", *said]) if said else alt
            found.append(ReportPicture(f"{one.indicator}: per kwartaal", alt, TREND_LINE, asdict(trend)))
    return found


def by_size(counts: YearCounts, hospital: Hospital, figures: Sequence[Figure]) -> list[ReportPicture]:
    """Of each indicator the hospital between the others by size; none where it may not see them."""
    found = []
    for one in figures:
        bars = picture.bars(one, _dots(counts, one, hospital), hospital.name)
        if drawn := picture.caterpillar(bars, one.target):
            alt = f"{_seen(one, hospital)} De andere NICU’s staan erbij op volgorde van hun aantal kinderen."
            found.append(ReportPicture(f"{one.indicator}: naar aantal kinderen", alt, CATERPILLAR, asdict(drawn)))
    return found


def named(one: Indicator, told: Mapping[str, Count], together: Count) -> list[ReportPicture]:
    """{name: Count} of the hospitals that everybody may see, by size, beside all together; none for fewer than two."""
    if len(told) < 2:
        return []
    bars = [
        Bar(count.children, count.events, "other", f"{name}, {count.children} kinderen", f"{name}: {share(count)}")
        for name, count in sorted(told.items())
    ]
    drawn = picture.caterpillar(bars, together.rate)
    alt = f"{one}: {', '.join(f'{bar.said}' for bar in bars)}; alle NICU’s samen {picture.percent(together.rate or 0)}"
    return [ReportPicture(f"{one}: naar aantal kinderen", alt, CATERPILLAR, asdict(drawn))] if drawn else []


def _dots(counts: YearCounts, one: Figure, hospital: Hospital) -> list[Dot]:
    """The dots that this hospital may see, in an order of what is drawn, so that a report comes out the same each time."""
    asked = {one.id for one in counts.hospitals}
    counted = {place: count for place, count in counts.counted(one.indicator).items() if place in asked}
    found = one.setting.enough(disclosure.seen_by(hospital.id, counted, counts.level))
    return sorted(found, key=lambda dot: (dot.name, dot.children, dot.rate))


def _seen(one: Figure, hospital: Hospital) -> str:
    said = f"{one.indicator}: {picture.own_said(one, hospital.name)}."
    if not one.lines or one.target is None:
        return said
    low, high = one.lines[WARN]
    return (
        f"{said} Alle NICU’s samen: {picture.percent(one.target)}. Binnen wat toeval geeft (95%): "
        f"{picture.percent(low)} tot {picture.percent(high)}."
    )
