"""The machinery of expected deaths: a model's file, its terms, what is known of a child, and how good a model is."""

import json
import math
import random

import pytest

from models.base import Refused
from models.lnr.benchmark.risk import model_file
from models.lnr.benchmark.risk.predictors import predictors
from models.lnr.benchmark.statistics import calibration, casemix
from tests.lnr.benchmark.children import CONFIRMED, SUSPECTED, stay

CHILD = {"age": 27.3, "weight": 990, "sex": "female", "multiple": False, "steroids": False, "outborn": False, "anomaly": False}
MYELOMENINGOCELE, OTHER = "414667000", "09"
CARD = {
    "children": 2000, "deaths": 200, "left_out": 12, "bootstraps": 200, "auc": 0.8, "auc_low": 0.77, "auc_high": 0.83,
    "auc_corrected": 0.79, "brier": 0.08, "intercept": 0.0, "intercept_low": -0.1, "intercept_high": 0.1, "slope": 1.0,
    "slope_low": 0.9, "slope_high": 1.1, "slope_corrected": 0.97, "in_the_large": 0.0, "in_the_large_low": -0.1,
    "in_the_large_high": 0.1, "tenths": [[200, 20, 20.0]] * 10, "bands": {"26+0-27+6": [2000, 200, 200.0]},
}  # fmt: skip


def told(**other):
    """What a model file says, before its sum: log odds of −3, boys half more."""
    terms = dict.fromkeys(casemix.terms(3), 0.0) | {"intercept": -3.0, "male": 0.5}
    return {
        "code": "proef-1", "outcome": "sterfte", "population": "V32", "first": 2023, "last": 2025, "rows_sha256": "0" * 64,
        "coefficients": terms, "covariance": [[0.0] * len(terms)] * len(terms), "knots": [24, 28, 31],
        "weights": {"27": [6.9, 0.2], "28": [7.0, 0.2], "30": [7.3, 0.2]}, "card": CARD, "made_on": "2026-01-10",
        "made_by": "A. Analist", "program": "meldportaal 2026", "invented": True,
    } | other  # fmt: skip


def model(**other):
    return model_file.written(told(**other))


def test_a_spline_is_straight_beyond_its_knots():
    knots = [24, 26, 29, 31]
    assert casemix.spline(20, knots) == [20, 0, 0]
    one, two, three = (casemix.spline(age, knots) for age in (33, 34, 35))
    for place in range(3):
        assert three[place] - two[place] == pytest.approx(two[place] - one[place])


def test_a_risk_is_a_dot_product():
    found = model_file.read(model())
    assert found.risk(CHILD) == pytest.approx(1 / (1 + math.exp(3)))
    assert found.risk(CHILD | {"sex": "male"}) == pytest.approx(1 / (1 + math.exp(2.5)))
    assert found.shortcomings == [] and found.name == "model proef, versie 1 (verzonnen model)"
    heavier = model(coefficients=told()["coefficients"] | {"weight": -1.0, "small": -2.0, "steroids_unknown": 0.25})
    # z of 600 g at 27 weeks = (6.3969297 - 6.9) / 0.2 = -2.5153517: -3 + 2.5153517 + 2 × 1.5153517 = 2.5460551.
    assert model_file.read(heavier).risk(CHILD | {"weight": 600}) == pytest.approx(1 / (1 + math.exp(-2.5460551)), abs=1e-7)
    unknown = model_file.read(heavier).risk(CHILD | {"weight": math.exp(6.9), "steroids": None})
    assert unknown == pytest.approx(1 / (1 + math.exp(2.75)))  # a level of its own, and not 'no'


@pytest.mark.parametrize("name", casemix.KNOWN)
def test_of_whom_a_predictor_is_unknown_nothing_is_expected(name):
    assert model_file.read(model()).risk(CHILD | {name: None}) is None


def test_a_week_that_the_model_does_not_know_has_no_risk():
    found = model_file.read(model())
    assert found.risk(CHILD | {"age": 29.0}) is None and found.risk(CHILD | {"weight": 0}) is None


@pytest.mark.parametrize(
    ("text", "said"),
    (
        ("niets", "geen leesbare JSON"),
        ("\ufeff{}", "geen leesbare JSON"),
        ("[" * 90_000, "geen leesbare JSON"),
        (model(knots=[24, math.nan, 31]), "geen leesbare JSON"),
        (model().replace('"code": "proef-1"', '"code": "proef-1", "code": "proef-2"'), "geen leesbare JSON"),
        ("[]", "ontbreken"),
        ("{}", "ontbreken"),
        (model(shoes=1), "shoes"),
        (" " * (model_file.LARGEST + 1), "hoogstens 100 kB"),
        (model().replace("0.5", "0.6"), "controlesom"),
        (model(coefficients={"intercept": 1.0}, covariance=[[0.0]]), "termen"),
        (model(coefficients=told()["coefficients"] | {"male": "veel"}), "‘coefficients’"),
        (model(coefficients=told()["coefficients"] | {"male": True}), "‘coefficients’"),
        (model(covariance=[[1.0]]), "‘covariance’"),
        (model(knots=[24, 31, 28]), "‘knots’"),
        (model(weights={"27": ["x", 1]}), "‘weights’"),
        (model(weights={"27": [6.9, 0]}), "‘weights’"),
        (model(weights={"27": [6.9, 0.2], "027": [7.9, 0.2]}), "‘weights’"),
        (model(weights={"27": [10**400, 0.2]}), "‘weights’"),
        (model(outcome="bpd"), "‘outcome’"),
        (model(code="../proef-1"), "‘code’"),
        (model(first=2026, last=2025), "‘last’"),
        (model(made_on="gisteren"), "‘made_on’"),
        (model(card=CARD | {"auc": 1.2}), "‘auc’"),
        (model(card=CARD | {"auc": 0.76}), "‘auc’"),
        (model(card=CARD | {"slope_high": 0.99}), "‘slope’"),
        (model(card=CARD | {"slope": 10**400}), "‘slope’"),
        (model(card=CARD | {"deaths": 2.5}), "‘deaths’"),
        (model(card=CARD | {"tenths": [[200, 20, 20.0]] * 9}), "‘tenths’"),
        (model(card=CARD | {"deaths": 201}), "‘tenths’"),
        (model(card=CARD | {"bands": {"": [2000, 200, -1]}}), "‘bands’"),
        (model(card=CARD | {"bands": {"": [2000, 200, 201.0]}}), "‘bands’"),
    ),
    ids=range(32),
)
def test_a_strange_model_file_is_refused(text, said):
    with pytest.raises(Refused, match=said):
        model_file.read(text)


def test_a_file_reads_as_it_was_written():
    found = model_file.read(model())
    assert json.loads(model())["sha256"] == found.sha256 == model_file.fingerprint(told())
    assert (found.first, found.last, found.card) == (2023, 2025, CARD) and found.weights[27] == (6.9, 0.2)


def test_a_poor_model_says_why_it_may_not_be_used():
    few = {"deaths": 50, "tenths": [[200, 5, 5.0]] * 10, "bands": {"": [2000, 50, 50.0]}}
    poor = model_file.read(model(card=CARD | few | {"auc_corrected": 0.7, "slope_corrected": 1.3}))
    assert poor.shortcomings == [
        "50 overleden kinderen zijn te weinig voor 11 coëfficiënten.",
        "Het onderscheidt te weinig: AUC 0,70.",
        "De helling van de kalibratie is 1,30.",
    ]


# ---- what is known of a child -------------------------------------------------------------------------------------------

RIGHT = {"sex": "M", "multiple_birth": False, "congenital_present": False}


def test_predictors_of_a_boy_of_27_weeks():
    assert predictors(stay(said=RIGHT)) == {
        "age": 192 / 7, "weight": 1010, "sex": "male", "multiple": False, "steroids": True, "outborn": False, "anomaly": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "name", "value"),
    (
        ({"sex": {"null": "UNK"}}, "sex", None),
        ({"sex": "F"}, "sex", "female"),
        ({"sex": "UN"}, "sex", "undifferentiated"),
        ({"multiple_birth": {"null": "UNK"}}, "multiple", None),
        ({"multiple_birth": None}, "multiple", None),
        ({"antenatal_steroids_given": {"null": "UNK"}}, "steroids", None),
        ({"birth_weight_g": {"null": "UNK"}}, "weight", None),
        ({"congenital_present": None}, "anomaly", None),
        ({"congenital_present": True}, "anomaly", None),
    ),
)
def test_unknown_is_not_no(said, name, value):
    assert predictors(stay(said=RIGHT | said))[name] == value
    assert predictors(stay(said=RIGHT, derived={"outborn": None}))["outborn"] is None


@pytest.mark.parametrize(
    ("code", "status", "value"),
    (
        (MYELOMENINGOCELE, CONFIRMED, True),
        (MYELOMENINGOCELE, SUSPECTED, None),
        (MYELOMENINGOCELE, "410516002", False),  # known absent
        (MYELOMENINGOCELE, None, None),
        (MYELOMENINGOCELE, {"null": "UNK"}, None),
        (None, CONFIRMED, None),
        (OTHER, CONFIRMED, None),  # whether it is a major one is not said
        (OTHER, None, None),
        (OTHER, "410516002", False),
    ),
)
def test_a_major_anomaly(code, status, value):
    row = {"congenital_anomaly_code": code, "congenital_anomaly_status": status}
    said = {"congenital_present": True, "congenital_anomalies": [{name: one for name, one in row.items() if one is not None}]}
    assert predictors(stay(said=RIGHT | said))["anomaly"] is value


# ---- how good a model is ------------------------------------------------------------------------------------------------


def test_discrimination_and_calibration():
    assert calibration.auc([0.1, 0.2, 0.3, 0.4], [False, False, True, True]) == 1
    assert calibration.auc([0.5, 0.5], [True, False]) == 0.5
    # Pairs (died, lived): (0.3, 0.1) and (0.3, 0.2) right, (0.15, 0.1) right, (0.15, 0.2) wrong.
    assert calibration.auc([0.1, 0.2, 0.3, 0.15], [False, False, True, True]) == 0.75
    assert calibration.brier([0.5, 0.1], [True, False]) == pytest.approx(0.13)
    with pytest.raises(ValueError):
        calibration.auc([0.1], [False])


def test_the_interval_of_a_c_statistic():
    # Hanley and McNeil, A = 0.8, 50 died, 100 lived: Q1 = 0.666667, Q2 = 0.711111;
    # (0.16 + 49 × 0.026667 + 99 × 0.071111) / 5000 = 0.0017013, of which the root is 0.041247.
    assert calibration.auc_interval(0.8, 50, 100) == pytest.approx((0.719157, 0.880843), abs=1e-6)
    assert calibration.auc_interval(1.0, 3, 3) == (1.0, 1.0)
    with pytest.raises(ValueError):
        calibration.auc_interval(0.8, 0, 10)


def test_a_true_model_is_calibrated_and_a_blunt_one_is_not():
    chance = random.Random(2026)
    risks = [chance.betavariate(1, 8) * 0.98 + 0.01 for _ in range(20_000)]
    deaths = [chance.random() < risk for risk in risks]
    intercept, slope = calibration.calibration(risks, deaths)
    assert abs(intercept) < 0.12 and abs(slope - 1) < 0.06  # three standard errors
    blunt = [calibration.logistic(math.log(risk / (1 - risk)) / 2) for risk in risks]
    assert calibration.calibration(blunt, deaths)[1] == pytest.approx(2 * slope, abs=1e-6)
    groups = calibration.by_decile(risks, deaths)
    assert sum(n for n, _, _ in groups) == 20_000 and sum(o for _, o, _ in groups) == sum(deaths)
