"""`lnr-fit`: a model of expected deaths by maximum likelihood, with how good it is; the demonstration's is made by it."""

import json
import sys
from argparse import Namespace
from types import SimpleNamespace

import pytest

from commands import lnr_model
from commands.demo.neonatal import demo_model
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.encrypted_fields import CannotDecrypt
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.risk import risk_cell
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.benchmark.risk.cohort import cohort, cohort_size
from models.lnr.benchmark.risk.model_file import read
from models.lnr.benchmark.statistics import calibration, casemix
from tests.lnr.benchmark.test_case_mix import model
from tests.lnr.benchmark.test_smr import Nicus


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


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What somebody asks of `lnr-fit`, where statsmodels is there and nobody opens a record: `opened` tells who tried."""
    monkeypatch.setattr(lnr_model, "library", lambda: None)
    opened = []
    monkeypatch.setattr(lnr_model, "cohort", lambda *years: opened.append(_trail()) or [])
    told = {"first": 2023, "last": 2025, "code": "sterfte-1", "by": "A. Analist", "out": str(tmp_path / "model.json")}
    return SimpleNamespace(told=told, opened=opened, folder=tmp_path)


def _trail():
    return [(one.action, one.subject, one.detail) for one in AuditEvent.select()]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"code": "Sterfte 1"}, "naam en een versie"),
        ({"code": "sterfte-9"}, "Er is al een model sterfte-9"),
        ({"first": 23}, "vier cijfers"),
        ({"last": 2022}, "niet voor het eerste"),
        ({"by": ""}, "wie het model maakt"),
        ({"by": "A.\nAnalist"}, "wie het model maakt"),
        ({"out": "er/is/geen/map/model.json"}, "kan geen bestand komen"),
        ({"out": "."}, "kan geen bestand komen"),
    ],
)
def test_what_cannot_become_a_model_is_refused_before_a_record_is_opened(asked, managers, wrong, sentence):
    CaseMixModel.propose(managers[0], model(code="sterfte-9", invented=False).encode())
    before = _trail()
    with pytest.raises(Refused, match=sentence):
        lnr_model.fit(Namespace(**asked.told | wrong))
    assert asked.opened == [] and _trail() == before


def test_a_fit_leaves_a_line_before_it_opens_a_record_also_where_no_model_comes_of_it(asked):
    with pytest.raises(Refused, match="te weinig kinderen"):
        lnr_model.fit(Namespace(**asked.told))
    line = ("lnr.model_fit", "LNR-model sterfte-1", "opnamejaren 2023 tot en met 2025, 0 kinderen, door A. Analist")
    assert asked.opened == [[line]] and list(asked.folder.iterdir()) == []


def test_a_card_tells_how_many_draws_gave_a_model_and_who_was_left_out(monkeypatch):
    """Two of five draws give no model. Five weights are unknown, one child was not opened, two are of a rare week."""
    fits = []

    def regression(table, deaths, offset=None):
        fits.append(len(table[0]) > 2)
        if sum(fits) in (2, 4) and fits[-1]:  # the first is of all children
            raise Refused("Geen uitkomst.")
        return [0.1 * place for place in range(len(table[0]))], [[1.0] * len(table[0])] * len(table[0])

    monkeypatch.setattr(lnr_model, "_regression", regression)
    children = list(demo_model._children())[:400]
    rare = [({**children[0][0], "age": 39.0}, "", False)] * 2
    silent = [({**child, "weight": None}, band, died) for child, band, died in children[:5]]
    text = lnr_model.fitted([*children, *rare, *silent, ({}, "", False)], demo_model.ABOUT, 5)
    card = json.loads(text)["card"]
    assert card["bootstraps"] == 3 and card["left_out"] == 8 and card["children"] == 400


def test_a_record_that_cannot_be_opened_is_among_those_left_out(managers, monkeypatch):
    nicus = Nicus()
    assert len(list(cohort(2025, 2025))) == cohort_size(2025, 2025) == 12
    first = StayFact.select().order_by(StayFact.stay).get().stay_id
    monkeypatch.setattr(risk_cell.MessageContent, "standing_records", _all_but(first))
    told = list(cohort(2025, 2025))
    assert len(told) == 12 and told[0][0] == {} and all(child for child, _, _ in told[1:]) and nicus.sent


def _all_but(number):
    real = risk_cell.MessageContent.standing_records

    def opened(stays):
        if any(one.id == number for one in stays):
            raise CannotDecrypt("no key")
        return real(stays)

    return opened
