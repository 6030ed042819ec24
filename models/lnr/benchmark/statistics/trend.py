"""Figures in time: p-charts (statistical process control), rare events, cumulative mortality (benchmark.md 3.6)."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, groupby, pairwise
from statistics import NormalDist

from models.lnr.benchmark.limits import Limits, normal_limits, proportion_limits
from models.lnr.benchmark.statistics.chance import binomial

BASELINE = 12  # quarters that set the centre; with fewer there are no limits
SPC = 0.00135  # the chance on either side, about that of three sigma
THREE_SIGMA = NormalDist().cdf(-3)
ENOUGH = 5  # expected events a quarter, below which events are rare
TELLING = 4  # quarters, with fewer of which that is not known yet
SPARSE = 0.1  # the most events a child at which about half of the gaps lie above their median: the signals rest on that


@dataclass(frozen=True)
class Chart:
    """A p-chart. `outside`, `run` (the longest on one side) and `crossings` are only signals where `signals` names them."""

    centre: float
    limits: list[Limits]
    three_sigma: list[Limits]  # as others draw them
    outside: list[int]  # the places of points beyond their limits
    run: int
    longest: int  # that chance allows
    crossings: int
    fewest: int  # that chance allows

    @property
    def signals(self) -> list[str]:
        """Which of 'outside', 'run' and 'crossings' chance alone does not explain."""
        told = {"outside": self.outside, "run": self.run > self.longest, "crossings": self.crossings < self.fewest}
        return [name for name, found in told.items() if found]


def p_chart(
    events: Sequence[int], n: Sequence[int], rebased_at: int = 0, baseline: Iterable[tuple[int, int]] | None = None
) -> Chart | None:
    """The chart of o events among n per quarter, the oldest first; BASELINE quarters from `rebased_at` on set the centre.

    `baseline`: (o, n) of the quarters that set it, where these are others. Quarters without children count for nothing. None
    with fewer than BASELINE others to set the centre.
    """
    events, n = list(events[rebased_at:]), list(n[rebased_at:])
    filled = [(o, size) for o, size in baseline or zip(events, n, strict=True) if size][:BASELINE]
    if len(filled) < BASELINE:
        return None
    centre = sum(o for o, _ in filled) / sum(size for _, size in filled)
    exact = [proportion_limits(size, centre, SPC) if size else (0.0, 1.0) for size in n]
    rates = [o / size if size else None for o, size in zip(events, n, strict=True)]
    outside = [
        rebased_at + place
        for place, (rate, (low, high)) in enumerate(zip(rates, exact, strict=True))
        if rate is not None and not low <= rate <= high
    ]
    return Chart(
        centre,
        exact,
        [normal_limits(size, centre, THREE_SIGMA) if size else (0.0, 1.0) for size in n],
        outside,
        **_runs([rate > centre for rate in rates if rate is not None and rate != centre]),
    )


def _runs(sides: Sequence[bool]) -> dict[str, int]:
    """Of the useful points, each above the centre or below it: the longest run and the crossings, and what chance allows."""
    return {
        "run": max((len(list(group)) for _, group in groupby(sides)), default=0),
        "longest": longest_run(len(sides)),
        "crossings": sum(one != other for one, other in pairwise(sides)),
        "fewest": fewest_crossings(len(sides)),
    }


def longest_run(points: int) -> int:
    """The longest run on one side of the centre that is no signal, with so many useful points (qicharts2)."""
    return round(math.log2(points) + 3) if points else 0


def fewest_crossings(points: int) -> int:
    """The fewest crossings of the centre that are no signal: the 5% point of Binomial(points - 1, 1/2)."""
    return binomial(points - 1, 0.5).quantile(0.05) if points > 1 else 0


def is_rare(events: Sequence[int]) -> bool:
    """Whether so few events come in a quarter that a p-chart says nothing; of fewer than TELLING quarters nobody knows."""
    return len(events) >= TELLING and sum(events) / len(events) < ENOUGH


def rolling(counts: Sequence[int], window: int = BASELINE) -> list[int]:
    """The sum of every `window` quarters in a row, the oldest first."""
    sums = [0, *accumulate(counts)]
    return [later - earlier for earlier, later in zip(sums, sums[window:], strict=False)]


def children_between(outcomes: Sequence[bool]) -> list[int]:
    """How many children without the event came between two with it, in order; the last number is still growing."""
    between = [0]
    for event in outcomes:
        if event:
            between.append(0)
        else:
            between[-1] += 1
    return between


def sparse(between: Sequence[int]) -> bool:
    """Whether so few children have the event that gaps tell something: by the first BASELINE that ended."""
    first = between[1:-1][:BASELINE]
    return len(first) <= SPARSE * (sum(first) + len(first))


def gap_chart(between: Sequence[int]) -> Chart | None:
    """The chart of what `children_between` gives, of rare events, held beside the first BASELINE gaps.

    What came before the first event is no gap and has no place; the last one grows still, and only counts where it is beyond
    the upper limit already. None with fewer than BASELINE gaps that ended, and where these are not `sparse`.

    How rare the events are is only known by the baseline itself. So the limits are those of one gap among BASELINE others when
    it is known how many children there were in all of them together: then every way to share these out is as likely, and how
    rare the events are no longer matters. Of two changes at once that chance gives as easily as one, crossings are not told,
    and a run is only longer than chance when it is by one more: the whole chart then cries wolf in no more series than so
    many points would by SPC alone (tests/lnr/benchmark/test_trend.py).
    """
    *ended, growing = between[1:] or [0]
    first = ended[:BASELINE]
    if len(first) < BASELINE or not sparse(between):
        return None
    total = sum(first)
    p = BASELINE / (total + BASELINE)
    centre, mean, sigma = math.log(0.5) / math.log1p(-p), (1 - p) / p, math.sqrt(1 - p) / p
    within, after = _gap_limits(total, BASELINE - 1, whole=True), _gap_limits(total, BASELINE)
    exact = [*[within] * BASELINE, *[after] * (len(ended) + 1 - BASELINE)]
    outside = [place for place, (gap, (low, high)) in enumerate(zip(ended, exact, strict=False)) if not low <= gap <= high]
    outside += [len(ended)] if growing > after[1] else []
    runs = _runs([gap > centre for gap in ended if gap != centre])
    return Chart(
        centre,
        exact,
        [(max(0.0, mean - 3 * sigma), mean + 3 * sigma)] * len(exact),
        outside,
        **runs | {"longest": runs["longest"] + 1, "fewest": 0},
    )


def _gap_limits(total: int, others: int, whole: bool = False) -> Limits:
    """Beyond which a gap lies among so many others exactly when chance gives less than SPC on that side, as in the funnel.

    `total`: the children of the others, or of all of them with this gap where it is the `whole`. The chance that a gap holds
    at least so many of them is that of sharing out what is left.
    """

    def at_least(gap):
        left, everything = (total - gap, total) if whole else (total, total + gap)
        return math.comb(left + others, others) / math.comb(everything + others, others) if left >= 0 else 0.0

    gaps = range(total + 2)  # the longest that is inside lies well below the total, for it is of twelve or more
    high = bisect_left(gaps, True, key=lambda gap: at_least(gap) < SPC) - 1
    return float(bisect_left(gaps, True, key=lambda gap: 1 - at_least(gap + 1) >= SPC)), float(high)


def days_between(days: Sequence[date]) -> list[int]:
    """How many days lie between two events."""
    return [(later - earlier).days for earlier, later in pairwise(sorted(days))]


def expected_minus_observed(risks: Sequence[float], deaths: Sequence[bool]) -> list[float]:
    """The running sum of risk minus outcome by admission: how many fewer died than the model expected."""
    return list(accumulate(risk - died for risk, died in zip(risks, deaths, strict=True)))
