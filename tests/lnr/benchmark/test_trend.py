"""Charts in time, on numbers worked by hand."""

from datetime import date

from models.lnr.benchmark.statistics import trend


def test_run_and_crossings_of_24_points():
    assert (trend.longest_run(24), trend.fewest_crossings(24)) == (8, 8)


def test_a_chart_needs_twelve_quarters():
    assert trend.p_chart([1] * 11, [50] * 11) is None
    assert trend.p_chart([1] * 16, [50] * 16, rebased_at=5) is None
    assert trend.p_chart([0] * 12, [0] * 12) is None
    # Quarters without children are none of the twelve.
    assert trend.p_chart([5] * 11 + [0], [50] * 11 + [0]) is None
    late = trend.p_chart([0, *[5] * 12, 20], [0, *[50] * 13])
    assert (late.centre, late.outside) == (0.1, [13])


def test_a_point_outside_a_run_and_too_few_crossings():
    chart = trend.p_chart([5] * 12 + [20], [50] * 13)
    assert (chart.centre, chart.outside, chart.signals) == (0.1, [12], ["outside"])
    # Twelve quarters of alternating 4 and 6, then ten in a row above: a run of ten with 22 useful points (7 allowed).
    shifted = trend.p_chart([4, 6] * 6 + [7] * 10, [50] * 22)
    assert (shifted.run, shifted.longest, shifted.signals) == (11, 7, ["run"])
    slow = trend.p_chart([4] * 6 + [6] * 6, [50] * 12)
    assert (slow.crossings, slow.fewest, slow.signals) == (1, 3, ["crossings"])


def test_a_rebase_moves_the_centre_and_keeps_the_numbers_of_the_quarters():
    chart = trend.p_chart([1] * 4 + [10] * 12 + [30], [50] * 17, rebased_at=4)
    assert (chart.centre, chart.outside) == (0.2, [16])


def test_rare_events():
    assert trend.is_rare([4, 5, 5]) and not trend.is_rare([5, 5]) and trend.is_rare([])
    assert trend.rolling([1, 2, 3, 4], 3) == [6, 9]
    assert trend.children_between([False, False, True, True, False]) == [2, 0, 1]
    assert trend.days_between([date(2026, 3, 1), date(2026, 1, 1)]) == [59]
    assert trend.expected_minus_observed([0.5, 0.25], [False, True]) == [0.5, -0.25]
