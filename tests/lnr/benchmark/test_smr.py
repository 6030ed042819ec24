"""The SMR: only by a model that two people approved, of children with a known outcome and predictors, told as other figures."""

import math
import random
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest

from commands.demo.neonatal.newborn import Newborn
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.encrypted_fields import CannotDecrypt
from models.lnr.benchmark import counting, disclosure, recompute
from models.lnr.benchmark.agreement import Level
from models.lnr.benchmark.cell import UncountedYear
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.figure import Judgement
from models.lnr.benchmark.indicator import named
from models.lnr.benchmark.method.indicator_setting import DELIVERED
from models.lnr.benchmark.risk import case_mix_model, risk_cell, risk_disclosure
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.benchmark.risk.risk_cell import Expectation, RiskCell, by_hospital, risks_of_years, together
from models.lnr.benchmark.risk.risk_figure import risk_figure
from models.lnr.benchmark.risk.risk_picture import risk_funnel
from models.lnr.closing import year_closing
from models.lnr.closing.year_closing import YearClosing
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.message.message_writer import build
from models.lnr.registry.message import MessageContent
from models.lnr.rules.envelope import is_bsn
from models.lnr.specification.examples import MALE
from models.lnr.year_report.smr import own_smr
from tasks.lnr import reckon_what_could_not_be_opened
from tests.lnr import messages
from tests.lnr.benchmark.test_case_mix import model

DEATH = named("sterfte")
NOW, TODAY = datetime(2026, 6, 1, 12), date(2026, 6, 1)
WEIGHTS = {str(week): [6.9, 0.5] for week in range(24, 32)}
GIRL, BOY = (round(1 / (1 + math.exp(x)), 6) for x in (3, 2.5))  # by the model of test_case_mix.py


def propose(by, **about):
    return CaseMixModel.propose(by, model(**{"invented": False, "weights": WEIGHTS} | about).encode())


class Nicus:
    """Three NICUs of which the first delivered twelve children of 2025; `sent`: what was told of each."""

    def __init__(self):
        self.places = [messages.hospital(agb=f"0699000{number}", nicu=True, name=f"NICU {number}") for number in (1, 2, 3)]
        self.maker, luck = messages.supplier(), random.Random(5)
        numbers = (f"{number:09}" for number in range(400_000_000, 500_000_000) if is_bsn(f"{number:09}"))
        agbs = {place.code: place.agb for place in self.places}
        self.sent = []
        for number in range(12):
            child = Newborn(
                self.places[0].code, f"kind-{number}", next(numbers), date(2025, 3, 1 + number), luck, agbs, {"moved": 0}
            )
            child.dies = number < 2
            child.last = 9 if child.dies else 90
            ((_, _, values),) = child.messages(TODAY)
            self.sent.append(values)
            self.send(number)

    def send(self, number, version=1, now=NOW, **other):
        """Tell of a child, or tell of it anew."""
        told = self.sent[number] | {"message_id": ("", f"bericht-{number}-{version}"), "version_number": version} | other
        told |= {"action": "vervanging"} if version > 1 else {}
        answer = deliver(Delivery(self.places[0], self.maker), build(told), now)
        assert answer.status == 200, answer


def own(nicus):
    (bands,), _ = risks_of_years([2025], [one.code for one in CaseMixModel.usable()])
    return by_hospital([bands]).get(nicus.places[0].id, Expectation())


def test_no_smr_before_two_people_approved_a_model(managers):
    nicus, (anna, bert) = Nicus(), managers
    counting.refresh()
    assert RiskCell.select().count() == 0 and own(nicus) == Expectation()
    made = propose(anna)
    counting.refresh()
    assert CaseMixModel.standing() is None and RiskCell.select().count() == 0  # a proposal counts nothing
    with pytest.raises(Refused, match="niemand keurt"):
        made.decide(anna, True)
    made.decide(bert, True)
    counting.refresh()
    boys = sum(values["sex"] == MALE for values in nicus.sent)
    found = own(nicus)
    assert (found.children, found.events, found.unknown) == (12, 2, 0)
    assert found.expected == pytest.approx(boys * BOY + (12 - boys) * GIRL, abs=1e-9)
    assert found.smr == pytest.approx(2 / found.expected)
    assert list(counting.differences()) == [] and list(recompute.differences()) == []
    assert [one.action for one in AuditEvent.select().where(AuditEvent.action.startswith("lnr.model"))] == [
        "lnr.model_propose", "lnr.model_decide",
    ]  # fmt: skip


def test_what_comes_later_is_reckoned_anew_and_an_unknown_predictor_stands_apart(managers):
    nicus, (anna, bert) = Nicus(), managers
    propose(anna).decide(bert, True)
    counting.refresh()
    before = own(nicus)
    nicus.send(0, 2, multiple_birth={"null": "UNK"})  # of one who died; no place of it moves
    counting.refresh()
    after, risk = own(nicus), BOY if nicus.sent[0]["sex"] == MALE else GIRL
    assert (after.children, after.events, after.unknown, after.unknown_events) == (11, 1, 1, 1)
    assert after.expected == pytest.approx(before.expected - risk, abs=1e-9)
    nicus.send(0, 3)
    counting.refresh()
    assert own(nicus) == before
    StayFact.update(risk=0.5).where(StayFact.risk.is_null(False)).execute()
    assert any("cellen" in one for one in counting.differences())


def test_a_risk_that_does_not_follow_from_the_model_is_found_and_mended(managers):
    nicus, (anna, bert) = Nicus(), managers
    propose(anna).decide(bert, True)
    assert list(recompute.differences()) == []  # what was not reckoned yet is no difference
    counting.refresh()
    before, wrong = own(nicus), StayFact.get(StayFact.risk.is_null(False))
    for risk in (0.5, None):
        StayFact.update(risk=risk).where(StayFact.stay == wrong.stay_id).execute()
        UncountedYear.mark(nicus.places[0].id, 2025)
        counting.refresh()
        assert list(counting.differences()) == [] and own(nicus) != before  # cells alone do not tell
        (told,) = recompute.differences()
        assert str(wrong.stay) in told and "lnr-recompute --all" in told
        recompute.rebuild()
        counting.refresh()
        assert list(recompute.differences()) == [] and own(nicus) == before


def test_a_record_that_cannot_be_opened_is_reckoned_once_it_can(managers, monkeypatch):
    nicus, (anna, bert) = Nicus(), managers
    propose(anna).decide(bert, True)
    sealed, opened = StayFact.get().stay_id, MessageContent.standing_records

    def opens(stays):
        if sealed in [stay.id for stay in stays]:
            raise CannotDecrypt("another key")
        return opened(stays)

    with monkeypatch.context() as other_key:
        other_key.setattr(MessageContent, "standing_records", opens)
        counting.refresh()
        reckon_what_could_not_be_opened.call_local()  # the key is still away
        assert counting.refresh() == 1 and own(nicus).children == 11
    found = own(nicus)
    assert (found.children, found.unknown) == (11, 0) and StayFact.get(StayFact.stay == sealed).model == ""
    assert list(counting.differences()) == []
    reckon_what_could_not_be_opened.call_local()
    assert counting.refresh() == 1 and own(nicus).children == 12
    reckon_what_could_not_be_opened.call_local()
    assert counting.refresh() == 0  # nothing is open any more


def test_what_is_told_anew_while_a_year_is_reckoned_is_reckoned_anew(managers, monkeypatch):
    nicus, (anna, bert) = Nicus(), managers
    propose(anna).decide(bert, True)
    opened = risk_cell.children_of

    def opens(stays):
        told = opened(stays)
        monkeypatch.setattr(risk_cell, "children_of", opened)
        nicus.send(0, 2, NOW + timedelta(seconds=1), multiple_birth={"null": "UNK"})  # no place of it moves
        return told

    monkeypatch.setattr(risk_cell, "children_of", opens)
    counting.refresh()
    assert own(nicus).children == 11 and UncountedYear.select().count() == 1
    counting.refresh()
    found = own(nicus)
    assert (found.children, found.events, found.unknown, found.unknown_events) == (11, 1, 1, 1)
    nicus.send(0, 3, NOW + timedelta(seconds=2))
    counting.refresh()
    assert own(nicus).children == 12 and UncountedYear.select().count() == 0
    StayFact.update(risk=None, model="").execute()  # as it stands while the year is counted by another
    nicus.send(0, 4, NOW + timedelta(seconds=3), multiple_birth={"null": "UNK"})
    assert UncountedYear.select().count() == 1


def test_a_withdrawn_model_makes_no_smr_and_another_takes_its_place(managers):
    nicus, (anna, bert) = Nicus(), managers
    first = propose(anna)
    first.decide(bert, True)
    counting.refresh()
    first.withdraw(anna, "De kalibratie klopt niet meer.")
    assert own(nicus) == Expectation()  # at once, before anything is counted anew
    counting.refresh()
    assert RiskCell.select().count() == 0 and not StayFact.select().where(StayFact.model != "").exists()
    second = propose(bert, code="proef-2")
    second.decide(anna, True)
    counting.refresh()
    assert {one.model for one in RiskCell.select()} == {"proef-2"} and own(nicus).children == 12
    third = propose(anna, code="proef-3", coefficients={**second.parsed.coefficients, "intercept": -1.0})
    third.decide(bert, True)
    counting.refresh()
    assert {one.model for one in RiskCell.select()} == {"proef-3"} and own(nicus).expected > 3


def test_a_closed_year_keeps_what_it_was_closed_with(managers):
    nicus, (anna, bert) = Nicus(), managers
    propose(anna).decide(bert, True)
    YearClosing.propose(2025, anna, now=NOW).confirm(bert, now=NOW)
    before = own(nicus)
    propose(bert, code="proef-2").decide(anna, True)
    counting.refresh()
    assert own(nicus) == before and {one.model for one in RiskCell.select()} == {"proef-1"}
    assert list(year_closing.differences()) == []
    RiskCell.update(expected=1.0).execute()
    assert any("cellen" in one for one in year_closing.differences())


def test_an_invented_model_counts_in_a_demonstration_only(managers, monkeypatch):
    anna, bert = managers
    monkeypatch.setattr(case_mix_model, "settings", SimpleNamespace(demo=True))
    propose(anna, invented=True).decide(bert, True)
    assert "verzonnen" in str(CaseMixModel.standing())
    monkeypatch.setattr(case_mix_model, "settings", SimpleNamespace(demo=False))
    assert CaseMixModel.standing() is None


# ---- the figure ---------------------------------------------------------------------------------------------------------


def figure(*pairs, place=1, told=None):
    counted = {number: Expectation(60, events, expected) for number, (events, expected) in enumerate(pairs, 1)}
    return risk_figure(DEATH, counted, place, [], told or together(counted.values()))


def test_an_smr_with_its_interval_lines_and_verdict():
    # worked-midp.csv: the mean behind 8 lies between 3.7154 and 15.1915.
    mine = figure((8, 5.0), (3, 5.0), (4, 8.0))
    assert mine.smr == 1.6 and mine.interval == pytest.approx((3.7154 / 5, 15.1915 / 5), abs=1e-5)
    assert mine.national == pytest.approx(15 / 18) and figure((10, 5.0)).verdict is Judgement.BINNEN  # P(O >= 10 | 5) = 0.0318
    assert figure((11, 5.0)).verdict is Judgement.LET_OP  # 0.0137
    assert figure((14, 5.0)).verdict is Judgement.SIGNAAL  # 0.0007
    assert figure((0, 5.0)).verdict is Judgement.GUNSTIG and figure((0, 3.6)).verdict is Judgement.BINNEN  # e^-5, e^-3.6
    assert figure((0, 3.6)).too_small_for_low and not figure((0, 3.7)).too_small_for_low
    assert figure((1, 5.0), (2, 5.0)).national is None  # two are no comparison
    few = risk_figure(DEATH, {1: Expectation(9, 3, 1.0)}, 1, [])
    assert (few.smr, few.interval, few.lines, few.verdict) == (None, None, None, Judgement.KLEIN)
    assert risk_funnel(few, [], "NICU A") is None


@pytest.mark.parametrize(("unknown", "verdict"), [(6, Judgement.SIGNAAL), (7, Judgement.GEEN)])
def test_no_verdict_where_fewer_than_nine_in_ten_have_a_risk(unknown, verdict):
    mine = Expectation(60, 14, 5.0, unknown)
    assert risk_figure(DEATH, {1: mine}, 1, []).verdict is verdict
    method = SimpleNamespace(setting=lambda one: DELIVERED)
    counts = SimpleNamespace(deaths=DEATH, level=Level.NIET, method=method, hospitals=[], bands={DEATH.number: {}})
    counts.risks, counts.risk_models = {1: {"<26+0": mine}}, [CaseMixModel(code="proef-1", text=model(invented=False))]
    (chapter,) = own_smr(counts, SimpleNamespace(id=1, name="NICU A"))
    said = [f"van 60 van de {60 + unknown} kinderen is er een verwachting" in text for text in chapter.text]
    assert any(said) is (verdict is Judgement.GEEN) is (chapter.tables[0].rows[0][-1] == "geen oordeel")


def test_a_limit_above_the_picture_is_not_drawn_along_its_edge():
    lines = {name: text.split() for name, text in risk_funnel(figure((5, 5.0), (3, 5.0), (4, 8.0)), [], "A").lines.items()}
    tops = [point.split(",")[1] for point in lines["upper998"]]
    assert len(lines["upper998"]) < len(lines["upper95"]) < len(lines["lower95"]) == 81 and len(tops) == len(set(tops)) > 5


@pytest.mark.parametrize("events", range(16))
def test_the_verdict_is_the_drawn_line(events):
    mine = figure((events, 5.0))
    outside = [mine.smr < low or mine.smr > high for low, high in mine.lines.values()]
    assert (mine.verdict is Judgement.BINNEN) is not outside[0]
    assert (mine.verdict is Judgement.SIGNAAL) is (outside[1] and mine.smr > 1)


def test_the_sum_is_exact_in_any_order():
    parts = [Expectation(1, 0, 0.1)] * 10
    assert together(parts).expected == 1.0 == together([together(parts[:3]), together(parts[3:])]).expected


# ---- who sees what ------------------------------------------------------------------------------------------------------


def bands(*cells):
    """{hospital: {band: Expectation}} and the Counts of the same children."""
    risks = {number: {"26+0-27+6": one} for number, one in enumerate(cells, 1)}
    counts = {
        number: {"26+0-27+6": Count(one.events + one.unknown_events, one.children + one.unknown)}
        for number, one in enumerate(cells, 1)
    }
    return [counts], [risks]


def test_of_all_together_no_more_is_told_than_of_a_rate():
    whole = [Expectation(60, 12, 9.0), Expectation(70, 11, 10.0), Expectation(80, 13, 12.0)]
    years, risks = bands(*whole)
    assert risk_disclosure.told_risks(years, risks) == Expectation(210, 36, 31.0)
    # Two children of one hospital have no risk: beside the rate the SMR would tell what became of them.
    years, risks = bands(whole[0], whole[1], Expectation(80, 13, 12.0, 2, 1))
    assert disclosure.told(years) is not None and risk_disclosure.told_risks(years, risks) is None
    years, risks = bands(*whole[:2])
    assert risk_disclosure.told_risks(years, risks) is None
    years, risks = bands(Expectation(60, 3, 9.0), Expectation(70, 0, 10.0), Expectation(80, 0, 12.0))
    assert risk_disclosure.told_risks(years, risks) is None


def test_dots_of_others_without_a_name_are_rounded():
    counted = {1: Expectation(60, 12, 9.0), 2: Expectation(70, 11, 10.123), 3: Expectation(80, 13, 12.345)}
    assert risk_disclosure.risks_seen_by(1, counted, Level.NIET) == []
    dots = risk_disclosure.risks_seen_by(1, counted, Level.ONGENOEMD)
    assert [(dot.name, dot.children) for dot in dots] == [("", 10.0), ("", 12.0)]
    assert [dot.children for dot in risk_disclosure.risks_seen_by(1, counted, Level.ONGENOEMD, 75)] == [12.0]


def named_risks(agreed, *cells):
    (counts,), (risks,) = bands(*cells)
    counted = {place: sum(found.values(), Count()) for place, found in counts.items()}
    return risk_disclosure.named_risks(counted, risks, agreed)


def test_a_hospital_has_its_smr_in_public_where_it_agreed_and_no_other_follows_from_it():
    cells = [Expectation(60, 12, 9.0), Expectation(70, 11, 10.0), Expectation(80, 13, 12.0), Expectation(90, 14, 11.0)]
    assert named_risks({4}, *cells) == {4: cells[3]} and named_risks(set(), *cells) == {}
    assert named_risks({1, 2, 3, 4}, *cells) == dict(enumerate(cells, 1))
    assert named_risks({2, 3, 4}, *cells) == {4: cells[3]}  # as its rate: three of four by name would tell the fourth
    assert named_risks({4}, *cells[:3], Expectation(90, 3, 11.0)) == {}  # a small count
    assert named_risks({4}, *cells[:3], Expectation(90, 14, 0.0)) == {}  # nothing was expected
    # Beside its rate its SMR would tell what became of its two children without a risk, or of the two of the others.
    assert named_risks({4}, *cells[:3], Expectation(90, 14, 11.0, 2, 1)) == {}
    assert named_risks({3, 4}, Expectation(60, 12, 9.0, 2, 1), *cells[1:]) == {}
    many = [Expectation(60, 12, 9.0, 20, 6)] * 4
    assert named_risks({1, 5}, *many, cells[3]) == {1: many[0], 5: cells[3]}
    assert named_risks({1, 2, 5}, *many, cells[3]) == {2: many[0], 5: cells[3]}  # those without one of two others are no group
