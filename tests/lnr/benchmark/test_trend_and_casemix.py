"""Charts in time, and the machinery of expected deaths, on numbers worked by hand."""

import json
import math
import random
from datetime import date

import pytest

from models.base import Refused
from models.lnr.benchmark.statistics import casemix, trend


def test_run_and_crossings_of_24_points():
    assert (trend.longest_run(24), trend.fewest_crossings(24)) == (8, 8)


def test_a_chart_needs_twelve_quarters():
    assert trend.p_chart([1] * 11, [50] * 11) is None
    assert trend.p_chart([1] * 16, [50] * 16, rebased_at=5) is None
    assert trend.p_chart([0] * 12, [0] * 12) is None


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


def test_a_spline_is_straight_beyond_its_knots():
    knots = [24, 26, 29, 31]
    assert casemix.spline(20, knots) == [20, 0, 0]
    one, two, three = (casemix.spline(age, knots) for age in (33, 34, 35))
    for place in range(3):
        assert three[place] - two[place] == pytest.approx(two[place] - one[place])


def model(**other):
    terms = {"intercept": -3.0, "age0": 0.0, "age1": 0.0, **dict.fromkeys(casemix.TERMS, 0.0)}
    told = {
        "code": "proef-1",
        "coefficients": terms | {"male": 0.5},
        "knots": [24, 28, 31],
        "weights": {"27": [6.9, 0.2]},
        "card": {"deaths": 200, "auc": 0.8, "slope": 1.0},
        "invented": True,
    } | other
    return json.dumps(told | {"sha256": casemix.fingerprint(told)})


def test_a_risk_is_a_dot_product():
    found = casemix.RiskModel.read(model())
    assert found.risk({"age": 27.3, "weight": 990}) == pytest.approx(1 / (1 + math.exp(3)))
    assert found.risk({"age": 27.3, "weight": 990, "sex": "male"}) == pytest.approx(1 / (1 + math.exp(2.5)))
    assert (
        found.risk({"age": 27.3}) is None
        and found.risk({"weight": 900}) is None
        and found.risk({"age": 50, "weight": 1}) is None
    )
    assert found.shortcomings == []


@pytest.mark.parametrize(
    "text, said",
    (
        ("niets", "geen modelbestand"),
        ("[]", "geen modelbestand"),
        ("{}", "geen modelbestand"),
        (model().replace("0.5", "0.6"), "controlesom"),
        (model(coefficients={"intercept": 1.0}), "termen"),
        (model(knots=[24, math.nan, 31]), "geen getal"),
        (model(weights={"27": ["x", 1]}), "geen getal"),
    ),
)
def test_a_strange_model_file_is_refused(text, said):
    with pytest.raises(Refused, match=said):
        casemix.RiskModel.read(text)


def test_a_poor_model_says_why_it_may_not_be_used():
    poor = casemix.RiskModel.read(model(card={"deaths": 20, "auc": 0.7, "slope": 1.3}))
    assert len(poor.shortcomings) == 3


def test_discrimination_and_calibration():
    assert casemix.auc([0.1, 0.2, 0.3, 0.4], [False, False, True, True]) == 1
    assert casemix.auc([0.5, 0.5], [True, False]) == 0.5
    # Pairs (died, lived): (0.3, 0.1) and (0.3, 0.2) right, (0.15, 0.1) right, (0.15, 0.2) wrong.
    assert casemix.auc([0.1, 0.2, 0.3, 0.15], [False, False, True, True]) == 0.75
    assert casemix.brier([0.5, 0.1], [True, False]) == pytest.approx(0.13)
    with pytest.raises(ValueError):
        casemix.auc([0.1], [False])


def test_a_true_model_is_calibrated_and_a_blunt_one_is_not():
    chance = random.Random(2026)
    risks = [chance.betavariate(1, 8) * 0.98 + 0.01 for _ in range(20_000)]
    deaths = [chance.random() < risk for risk in risks]
    intercept, slope = casemix.calibration(risks, deaths)
    assert abs(intercept) < 0.12 and abs(slope - 1) < 0.06  # three standard errors
    blunt = [casemix.logistic(math.log(risk / (1 - risk)) / 2) for risk in risks]
    assert casemix.calibration(blunt, deaths)[1] == pytest.approx(2 * slope, abs=1e-6)
    groups = casemix.by_decile(risks, deaths)
    assert sum(n for n, _, _ in groups) == 20_000 and sum(o for _, o, _ in groups) == sum(deaths)
