"""Funnel limits, confidence intervals and overdispersion: pure functions of numbers (benchmark.md 3.1 to 3.4).

o events among n children, or o observed where E are expected; p the target; q the chance on one side: 0.025 for the 95% lines,
0.001 for the 99.8% lines. A number that means nothing (n or E not positive, o < 0, o > n, p outside [0, 1], NaN) raises
ValueError.
"""

import math
from collections.abc import Iterable, Sequence
from statistics import NormalDist

from models.lnr.benchmark.statistics.chance import binomial, chi_square_above, chi_square_quantile, gamma_below, poisson, where

Limits = tuple[float, float]
Z95 = NormalDist().inv_cdf(0.975)
WARN, SIGNAL = 0.025, 0.001  # q of the 95% and of the 99.8% lines
DISPERSED, FEWEST_UNITS = 0.05, 5  # below this p, and with at least so many units, overdispersion is believed


def _positive(number: float, name: str) -> float:
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{name} is not a positive number: {number}")
    return number


def _whole(number: float, name: str, least: int = 0) -> int:
    if not math.isfinite(number) or number != int(number) or number < least:
        raise ValueError(f"{name} is not a whole number of at least {least}: {number}")
    return int(number)


def _chance(number: float, name: str) -> float:
    if not 0 <= number <= 1:
        raise ValueError(f"{name} does not lie between 0 and 1: {number}")
    return number


def _level(q: float) -> float:
    if not 0 < q < 0.5:
        raise ValueError(f"q is the chance on one side, between 0 and one half: {q}")
    return q


def _counted(events: float, n: float) -> tuple[int, int]:
    events, n = _whole(events, "o"), _whole(n, "n", 1)
    if events > n:
        raise ValueError(f"more events than children: {events} of {n}")
    return events, n


def proportion_limits(n: float, target: float, q: float) -> Limits:
    """The exact binomial funnel at n children: o/n < lower exactly when P(O <= o) < q, o/n > upper when P(O >= o) < q.

    With a target of 0 or 1 both lines equal it.
    """
    n, target, q = _whole(n, "n", 1), _chance(target, "p"), _level(q)
    if target in (0, 1):
        return float(target), float(target)
    lower, upper = binomial(n, float(target)).lines(q)
    return lower / n, min(1.0, upper / n)


def ratio_limits(expected: float, q: float) -> Limits:
    """The exact Poisson funnel of o/E at E expected events; line and verdict agree as in `proportion_limits`."""
    expected, q = _positive(expected, "E"), _level(q)
    lower, upper = poisson(float(expected)).lines(q)
    return lower / expected, upper / expected


def tails(events: float, n: float, target: float) -> Limits:
    """P(O <= o) and P(O >= o) among n children when the chance of each is the target."""
    events, n = _counted(events, n)
    if _chance(target, "p") in (0, 1):
        sure = int(n * target)
        return float(events >= sure), float(events <= sure)
    spread = binomial(n, float(target))
    return spread.at_most(events), spread.at_least(events)


def ratio_tails(observed: float, expected: float) -> Limits:
    """P(O <= o) and P(O >= o) where E are expected."""
    spread = poisson(float(_positive(expected, "E")))
    return spread.at_most(_whole(observed, "o")), spread.at_least(_whole(observed, "o"))


def outside_by_chance(points: Iterable[tuple[int, float]], q: float) -> float:
    """How many of these points (n, target) chance alone puts outside the lines of q (3.2); exact, at most 2q each."""
    return math.fsum(binomial(n, p).outside(q) for n, p in points if 0 < p < 1)


def too_small_for_low(n: int, target: float, q: float) -> bool:
    """Whether even no event at all among n children stays inside the lower line."""
    return tails(0, n, target)[0] >= q


def rate(events: float, n: float) -> float:
    """o/n."""
    events, n = _counted(events, n)
    return events / n


# ---- intervals ------------------------------------------------------------------------------------------------------------


def rate_interval(events: float, n: float) -> Limits:
    """Wilson's 95% interval of a proportion."""
    events, n = _counted(events, n)
    middle, spread = events + Z95**2 / 2, Z95 * math.sqrt(events * (n - events) / n + Z95**2 / 4)
    return (
        0.0 if events == 0 else (middle - spread) / (n + Z95**2),
        1.0 if events == n else (middle + spread) / (n + Z95**2),
    )


def difference_interval(before: tuple[int, int], now: tuple[int, int]) -> Limits:
    """The 95% interval of how much higher the rate of `now` (o, n) is than that of `before`: Newcombe's, of two of Wilson."""
    (low_before, high_before), (low, high) = rate_interval(*before), rate_interval(*now)
    was, rate = before[0] / before[1], now[0] / now[1]
    return rate - was - math.hypot(rate - low, high_before - was), rate - was + math.hypot(high - rate, was - low_before)


def ratio_interval(observed: float, expected: float) -> Limits:
    """The mid-P 95% interval of o/E; without events it runs from 0 to -ln(0.05)/E."""
    observed, expected = _whole(observed, "o"), _positive(expected, "E")

    def from_here(mean: float) -> float:  # P(O > o) + half P(O = o): rises with the mean
        return (gamma_below(observed + 1, mean) + (gamma_below(observed, mean) if observed else 1.0)) / 2

    lower = where(from_here, WARN, observed) if observed else 0.0
    return lower / expected, where(from_here, 1 - WARN, observed + 1) / expected


def mean_interval(observed: float, q: float = WARN) -> Limits:
    """The exact Poisson interval of the mean behind o events, with a chance of q on either side."""
    observed, q = _whole(observed, "o"), _level(q)
    return chi_square_quantile(q, 2 * observed) / 2, chi_square_quantile(1 - q, 2 * observed + 2) / 2


def median_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """The median with its 95% interval by order statistics: (lower, median, upper); the range itself below six values."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    n = len(ordered)
    outer = max(0, binomial(n, 0.5).quantile(WARN) - 1)
    return ordered[outer], quantile(ordered, 0.5), ordered[n - 1 - outer]


# ---- overdispersion -------------------------------------------------------------------------------------------------------


def quantile(values: Iterable[float], level: float) -> float:
    """The quantile with linear interpolation (type 7 of R, the default of numpy)."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * level
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def overdispersion_proportion(events: Sequence[float], n: Sequence[float]) -> tuple[list[float], list[float], float, float]:
    """(z, winsorised z, phi, tau²) of units with o events among n, on the arcsine scale, against their joint proportion."""
    counted = [_counted(*pair) for pair in zip(events, n, strict=True)]
    if not counted:
        raise ValueError("no units")
    target = _angle(sum(o for o, _ in counted) / sum(n for _, n in counted))
    return _overdispersion([_angle(o / n) - target for o, n in counted], [1 / (2 * math.sqrt(n)) for _, n in counted])


def overdispersion_ratio(observed: Sequence[float], expected: Sequence[float]) -> tuple[list[float], list[float], float, float]:
    """(z, winsorised z, phi, tau²) of units with o observed and E expected, on the scale of the logarithm, against 1."""
    pairs = [(_whole(o, "o"), _positive(e, "E")) for o, e in zip(observed, expected, strict=True)]
    if not pairs:
        raise ValueError("no units")
    return _overdispersion([math.log((o or 0.5) / e) for o, e in pairs], [1 / math.sqrt(e) for _, e in pairs])


def _overdispersion(deviations: list[float], errors: list[float]) -> tuple[list[float], list[float], float, float]:
    z = [deviation / error for deviation, error in zip(deviations, errors, strict=True)]
    low, high = quantile(z, 0.1), quantile(z, 0.9)
    cut = [min(max(value, low), high) for value in z]
    units, weights = len(z), [1 / error**2 for error in errors]
    phi = math.fsum(value**2 for value in cut) / units
    room = sum(weights) - sum(weight**2 for weight in weights) / sum(weights)
    tau2 = max(0.0, (units * phi - (units - 1)) / room) if units > 1 else 0.0
    return z, cut, phi, tau2


def dispersion_p(z: Sequence[float]) -> float | None:
    """The p of the test that chance alone explains how far units lie apart; None below five units, which tell nothing."""
    return chi_square_above(sum(value**2 for value in z), len(z) - 1) if len(z) >= FEWEST_UNITS else None


def adjusted_proportion_limits(n: float, target: float, q: float, tau2: float) -> Limits:
    """The funnel of a proportion widened by the variance tau² between units."""
    centre, error = _angle(_chance(target, "p")), math.sqrt(1 / (4 * _whole(n, "n", 1)) + tau2)
    reach = NormalDist().inv_cdf(1 - _level(q)) * error
    lower, upper = (math.sin(min(max(value, 0.0), math.pi / 2)) ** 2 for value in (centre - reach, centre + reach))
    return lower, upper


def wider_proportion_limits(n: float, target: float, q: float, tau2: float) -> Limits:
    """The exact funnel, or where it lies further out the one widened by tau²: on neither side ever inside the exact one.

    On the arcsine scale the widened one is an approximation, that with few children and a small tau² can lie inside it.
    """
    exact, wide = proportion_limits(n, target, q), adjusted_proportion_limits(n, target, q, tau2)
    return min(exact[0], wide[0]), max(exact[1], wide[1])


def adjusted_ratio_limits(expected: float, q: float, tau2: float) -> Limits:
    """The funnel of o/E widened by the variance tau² between units."""
    reach = NormalDist().inv_cdf(1 - _level(q)) * math.sqrt(1 / _positive(expected, "E") + tau2)
    return math.exp(-reach), math.exp(reach)


def wider_ratio_limits(expected: float, q: float, tau2: float) -> Limits:
    """The exact funnel of o/E, or where it lies further out the one widened by tau²: as wider_proportion_limits."""
    exact, wide = ratio_limits(expected, q), adjusted_ratio_limits(expected, q, tau2)
    return min(exact[0], wide[0]), max(exact[1], wide[1])


def _angle(proportion: float) -> float:
    return math.asin(math.sqrt(proportion))


# ---- what others draw -----------------------------------------------------------------------------------------------------


def normal_limits(n: float, target: float, q: float) -> Limits:
    """The limits of PHEindicatormethods: p ± z √(p(1−p)/n), cut to [0, 1]."""
    n, target = _whole(n, "n", 1), _chance(target, "p")
    reach = NormalDist().inv_cdf(1 - _level(q)) * math.sqrt(target * (1 - target) / n)
    return max(0.0, target - reach), min(1.0, target + reach)


def chi_square_limits(expected: float, q: float) -> Limits:
    """The limits of o/E that FunnelPlotR draws."""
    expected, q = _positive(expected, "E"), _level(q)
    return (
        chi_square_quantile(q, 2 * expected) / 2 / expected,
        chi_square_quantile(1 - q, 2 * expected + 2) / 2 / expected,
    )


def other_methods(observed: float, size: float, target: float | None = None, tau2: float = 0.0) -> dict[str, int]:
    """{method: 0 inside, ±1 outside 95%, ±2 outside 99.8%} of one unit, the sign its side; 'exact' is the verdict that counts.

    With a target the unit is o of n = `size` children; without one o is observed where E = `size` are expected.
    """
    if target is None:
        methods = {
            "exact": ratio_limits,
            "chi_square": chi_square_limits,
            "adjusted": lambda e, q: adjusted_ratio_limits(e, q, tau2),
        }
        return {name: _side(observed / size, [limits(size, q) for q in (WARN, SIGNAL)]) for name, limits in methods.items()}
    _counted(observed, size)
    ways = {"exact": proportion_limits, "normal": normal_limits}
    ways["adjusted"] = lambda n, p, q: adjusted_proportion_limits(n, p, q, tau2)  # type: ignore[assignment]
    return {name: _side(observed / size, [limits(size, target, q) for q in (WARN, SIGNAL)]) for name, limits in ways.items()}


def _side(value: float, lines: Sequence[Limits]) -> int:
    low, high = (sum(value < lower for lower, _ in lines), sum(value > upper for _, upper in lines))
    return high - low
