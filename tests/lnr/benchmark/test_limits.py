"""What holds for every number: line and verdict agree, chance is never underestimated, and nonsense is refused."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.lnr.benchmark import limits
from models.lnr.benchmark.statistics import chance

CHANCES = st.floats(0.002, 0.998)
LEVELS = st.sampled_from([limits.WARN, limits.SIGNAL, 0.00135])
SOME = settings(max_examples=60, deadline=None)


def exact_binomial(n, p):
    """P(O = k) for k = 0..n as fractions: no rounding at all."""
    p = Fraction(p)
    return [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]


@SOME
@given(st.integers(1, 60), CHANCES, st.data())
def test_binomial_tails_are_those_of_exact_fractions(n, p, data):
    events = data.draw(st.integers(0, n))
    weights = exact_binomial(n, p)
    below, above = limits.tails(events, n, p)
    assert below == pytest.approx(float(sum(weights[: events + 1])), rel=1e-11, abs=1e-35)
    assert above == pytest.approx(float(sum(weights[events:])), rel=1e-11, abs=1e-35)


@SOME
@given(st.integers(0, 150), st.floats(0.01, 120))
def test_poisson_tails_are_those_of_sixty_decimals(observed, expected):
    with localcontext() as context:
        context.prec = 60
        mean = Decimal(expected)
        term = total = (-mean).exp()
        for k in range(1, observed + 1):
            term = term * mean / k
            total += term
        above = 1 - total + term
    assert limits.ratio_tails(observed, expected) == (
        pytest.approx(float(total), rel=1e-11, abs=1e-35),
        pytest.approx(float(above), rel=1e-11, abs=1e-35),
    )


@SOME
@given(st.integers(1, 400), CHANCES, LEVELS)
def test_line_and_verdict_of_a_proportion_agree(n, p, q):
    lower, upper = limits.proportion_limits(n, p, q)
    for events in range(n + 1):
        few, many = limits.tails(events, n, p)
        assert (events / n < lower) == (few < q)
        assert (events / n > upper) == (many < q)


@SOME
@given(st.floats(0.05, 200), LEVELS)
def test_line_and_verdict_of_a_ratio_agree(expected, q):
    lower, upper = limits.ratio_limits(expected, q)
    for observed in range(int(2 * expected) + 30):
        few, many = limits.ratio_tails(observed, expected)
        assert (observed / expected < lower) == (few < q)
        assert (observed / expected > upper) == (many < q)


@pytest.mark.parametrize("p", (0.02, 0.08, 0.3, 0.85))
def test_false_alarms_never_exceed_the_level(p):
    for n in range(1, 394):
        for q in (limits.WARN, limits.SIGNAL):
            lower, upper = limits.proportion_limits(n, p, q)
            weights = chance.binomial(n, p)
            low = sum(w for k, w in enumerate(weights.weights, weights.first) if k / n < lower)
            high = sum(w for k, w in enumerate(weights.weights, weights.first) if k / n > upper)
            assert low < q and high < q
            assert limits.outside_by_chance([(n, p)], q) == pytest.approx(low + high, rel=1e-12, abs=1e-300)


def test_false_alarms_that_the_line_of_one_case_lower_would_give():
    # benchmark.md 3.1: on the high side at p = 0.08, nominal 0.025.
    for n, ours in ((60, 0.020), (250, 0.0174), (120, 0.015)):
        _, upper = limits.proportion_limits(n, 0.08, 0.025)
        assert limits.tails(math.floor(upper * n) + 1, n, 0.08)[1] == pytest.approx(ours, abs=6e-4)


@SOME
@given(st.integers(1, 500), CHANCES, LEVELS)
def test_mirrored_targets_give_mirrored_lines(n, p, q):
    lower, upper = limits.proportion_limits(n, p, q)
    assert limits.proportion_limits(n, 1 - p, q) == pytest.approx((1 - upper, 1 - lower), abs=1e-9)


@SOME
@given(st.lists(st.tuples(st.integers(0, 40), st.floats(1, 80)), min_size=2, max_size=12), st.floats(0.1, 4))
def test_z_scores_of_proportions_do_not_hang_on_the_order(units, _):
    counted = [(o, o + int(e)) for o, e in units]
    z, cut, phi, tau2 = limits.overdispersion_proportion(*zip(*counted, strict=True))
    turned = limits.overdispersion_proportion(*zip(*reversed(counted), strict=True))
    assert (list(reversed(turned[0])), turned[2], turned[3]) == (
        pytest.approx(z, abs=1e-9),
        pytest.approx(phi, abs=1e-9),
        pytest.approx(tau2, abs=1e-9),
    )
    assert max(cut) <= max(z) and min(cut) >= min(z) and tau2 >= 0


@SOME
@given(st.integers(1, 100), st.floats(0.1, 200), st.floats(1.1, 20))
def test_intervals_of_ratios_scale(observed, expected, factor):
    found = limits.ratio_interval(observed, expected)
    assert found[0] < observed / expected < found[1]
    assert limits.ratio_interval(observed, expected * factor) == pytest.approx([value / factor for value in found])


@SOME
@given(st.integers(1, 2000), st.data())
def test_wilson_holds_the_rate(n, data):
    events = data.draw(st.integers(0, n))
    lower, upper = limits.rate_interval(events, n)
    assert 0 <= lower <= events / n <= upper <= 1
    mirrored = limits.rate_interval(n - events, n)
    assert mirrored == pytest.approx((1 - upper, 1 - lower), abs=1e-12)


def test_edges():
    assert limits.proportion_limits(40, 0, 0.025) == (0, 0) and limits.proportion_limits(40, 1, 0.001) == (1, 1)
    assert limits.tails(0, 40, 0) == (1, 1) and limits.tails(3, 40, 0) == (1, 0) and limits.tails(40, 40, 1) == (1, 1)
    assert limits.ratio_interval(0, 1) == (0, pytest.approx(-math.log(0.05)))
    assert limits.overdispersion_ratio([3], [4])[3] == 0
    assert limits.overdispersion_proportion([0, 0], [10, 12])[:2] == ([0, 0], [0, 0])
    # A low proportion cannot be noticed below 45 children at 8% (95%), 83 (99.8%); a ratio below E = 3.69 and 6.91.
    assert [limits.too_small_for_low(n, 0.08, 0.025) for n in (44, 45)] == [True, False]
    assert [limits.too_small_for_low(n, 0.08, 0.001) for n in (82, 83)] == [True, False]
    assert limits.ratio_limits(3.68, 0.025)[0] == 0 < limits.ratio_limits(3.69, 0.025)[0]
    assert limits.ratio_limits(6.90, 0.001)[0] == 0 < limits.ratio_limits(6.91, 0.001)[0]


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    "call",
    (
        lambda: limits.proportion_limits(0, 0.1, 0.025),
        lambda: limits.proportion_limits(-3, 0.1, 0.025),
        lambda: limits.proportion_limits(NAN, 0.1, 0.025),
        lambda: limits.proportion_limits(10, 1.1, 0.025),
        lambda: limits.proportion_limits(10, NAN, 0.025),
        lambda: limits.proportion_limits(10, 0.1, NAN),
        lambda: limits.proportion_limits(10.5, 0.1, 0.025),
        lambda: limits.proportion_limits(10, 0.1, 0.975),
        lambda: limits.ratio_limits(0, 0.025),
        lambda: limits.ratio_limits(NAN, 0.025),
        lambda: limits.ratio_limits(INF, 0.025),
        lambda: limits.ratio_interval(-1, 3),
        lambda: limits.ratio_interval(3, 0),
        lambda: limits.ratio_interval(NAN, 3),
        lambda: limits.rate_interval(11, 10),
        lambda: limits.rate_interval(-1, 10),
        lambda: limits.rate_interval(0, 0),
        lambda: limits.tails(11, 10, 0.5),
        lambda: limits.tails(1, 10, -0.1),
        lambda: limits.ratio_tails(1, -1),
        lambda: limits.ratio_tails(-1, 1),
        lambda: limits.overdispersion_ratio([1], [0]),
        lambda: limits.overdispersion_ratio([1, 2], [3]),
        lambda: limits.overdispersion_ratio([], []),
        lambda: limits.overdispersion_proportion([5], [4]),
        lambda: limits.overdispersion_proportion([], []),
        lambda: limits.median_interval([]),
        lambda: limits.mean_interval(NAN),
        lambda: limits.rate(1, 0),
    ),
)
def test_what_means_nothing_is_refused(call):
    with pytest.raises(ValueError):
        call()


def test_a_verdict_that_hangs_on_the_method():
    # 9 of 60 (15%) at 8%: P(O >= 9) = 0.048, inside by the exact lines; the upper normal line is 14.9%.
    assert limits.tails(9, 60, 0.08)[1] == pytest.approx(0.048, abs=5e-4)
    assert limits.other_methods(9, 60, 0.08) == {"exact": 0, "normal": 1, "adjusted": 0}
    assert limits.other_methods(30, 12)["exact"] == 2 and limits.other_methods(30, 12, tau2=0.2)["adjusted"] < 2


def test_overdispersion_is_believed_from_five_units():
    assert limits.dispersion_p([5, -5, 4, -4]) is None
    assert limits.dispersion_p([0, 0, 0, 0, 0]) == 1 and limits.dispersion_p([5, -5, 4, -4, 0]) < 1e-6
    # A chi-square of 9.4877 with four degrees of freedom is the well-known 5% point.
    assert limits.dispersion_p([math.sqrt(9.4877), 0, 0, 0, 0]) == pytest.approx(0.05, abs=1e-5)


def test_median_with_its_interval():
    # n = 10: ranks 2 and 9 of the textbook table, 97.9%.
    assert limits.median_interval(range(1, 11)) == (2, 5.5, 9)
    assert limits.median_interval([7]) == (7, 7, 7)


def test_a_difference_has_the_interval_of_newcombe():
    """His own example (1998, table II, method 10): 56 of 70 and 48 of 80 differ 0.2, from 0.0524 to 0.3339."""
    assert [round(limit, 4) for limit in limits.difference_interval((48, 80), (56, 70))] == [0.0524, 0.3339]
