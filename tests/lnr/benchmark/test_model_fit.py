"""`lnr-fit`: a model of expected deaths by maximum likelihood, with how good it is; the demonstration's is made by it."""

import json
import sys
from argparse import Namespace

import pytest

from commands import lnr_model
from commands.demo.neonatal import demo_model
from models.base import Refused
from models.lnr.benchmark.risk.model_file import read
from models.lnr.benchmark.statistics import calibration, casemix


def test_the_model_of_the_demonstration_is_what_its_children_give(require):
    require("statsmodels")
    kept, made = (json.loads(text) for text in (demo_model.FILE.read_text(encoding="utf-8"), demo_model.made()))
    # The last digits of a fit are those of the machine that made it; the program is of then.
    for told in (kept, made):
        del told["sha256"], told["program"]
    assert made.pop("covariance") == [pytest.approx(row, rel=1e-5, abs=1e-7) for row in kept.pop("covariance")]
    for part in ("coefficients", "knots", "weights"):
        assert {name: pytest.approx(value, rel=1e-6, abs=1e-8) for name, value in _pairs(kept.pop(part))} == dict(
            _pairs(made.pop(part))
        )
    cards = kept.pop("card"), made.pop("card")
    assert kept == made
    tenths, bands = ([card.pop(name) for card in cards] for name in ("tenths", "bands"))
    assert cards[1] == pytest.approx(cards[0], rel=1e-6, abs=1e-8)
    for old, new in (*zip(*tenths, strict=True), *((bands[0][name], bands[1][name]) for name in bands[0])):
        assert new == pytest.approx(old, rel=1e-6)


def _pairs(part):
    return part.items() if isinstance(part, dict) else enumerate(part)


def test_a_fit_of_maximum_likelihood_is_calibrated_on_its_own_children():
    """Of the kept file: the score equations hold, whoever solved them."""
    found = read(demo_model.FILE.read_bytes())
    rows = list(demo_model._children())
    risks, deaths = [found.risk(child) for child, _, _ in rows], [died for _, _, died in rows]
    table = [casemix.coded(child, found.knots, found.weights) for child, _, _ in rows]
    for name in found.coefficients:
        observed = sum(row[name] for row, died in zip(table, deaths, strict=True) if died)
        assert sum(row[name] * risk for row, risk in zip(table, risks, strict=True)) == pytest.approx(observed, abs=1e-4)
    assert calibration.calibration(risks, deaths) == pytest.approx((0, 1), abs=1e-6)
    assert found.card["auc"] == pytest.approx(calibration.auc(risks, deaths)) and found.card["deaths"] == sum(deaths)
    assert found.invented and found.shortcomings == []


def test_without_statsmodels_one_sentence_says_so(monkeypatch):
    for name in ("statsmodels", "statsmodels.genmod.generalized_linear_model"):  # as where neither is there
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(Refused, match="statsmodels nodig"):
        lnr_model.fit(Namespace(first=2023, last=2025, code="sterfte-1", by="A. Analist", out="nergens.json"))


def test_too_few_children_make_no_model():
    about = demo_model.ABOUT
    with pytest.raises(Refused, match="te weinig kinderen"):
        lnr_model.fitted([], about)
    rows = [(child, band, False) for child, band, _ in list(demo_model._children())[:300]]
    with pytest.raises(Refused, match="overleed niemand"):
        lnr_model.fitted(rows, about)
