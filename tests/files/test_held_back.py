"""Whatever the order: a committee never opens a file with something in it that the hospital has not decided about."""

import itertools
import random

import pytest

from models.access import Role
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.files.document import Document
from models.files.privacy import inspection, privacy_findings
from models.files.privacy.privacy_decision import HARMLESS, PrivacyDecision
from models.files.privacy.privacy_findings import Kind, PrivacyFinding
from tests import make


@pytest.fixture(autouse=True)
def not_looked_at_yet(monkeypatch):
    monkeypatch.setattr(make, "LOOKED", False)


BSN = [PrivacyFinding(Kind.BSN, "••••••782", "bladzijde 1")]


@pytest.fixture(autouse=True)
def a_number_in_every_file(monkeypatch):
    """What the sandbox would say, without a process for each of many orders."""
    monkeypatch.setattr(privacy_findings, "findings", lambda *about: BSN)
    monkeypatch.setattr(privacy_findings, "hazards", lambda *about: [])


def opened(document, by):
    document = Document.get_by_id(document.id)
    try:
        inspection.demand_decided(document, by)
    except Refused:
        return False
    return True


def test_a_file_with_an_undecided_trace_is_held_back_from_the_committee_only():
    case = make.case(Status.GOEDGEKEURD)
    document, member = case.documents.get(), make.user(role=Role.COMMISSIELID)

    assert not opened(document, member)
    assert opened(document, case.approved_by) and opened(document, case.reporter)


def test_a_file_is_looked_at_when_the_committee_is_first():
    case = make.case(Status.GOEDGEKEURD)
    document, member = case.documents.get(), make.user(role=Role.COMMISSIELID)

    with pytest.raises(Refused, match="heropenen"):
        inspection.demand_decided(document, member)
    assert Document.get_by_id(document.id).look_due is None and PrivacyDecision.select().count() == 1


def test_a_decision_of_the_hospital_lets_it_go():
    case = make.case(Status.INGEDIEND)
    inspection.look_waiting()
    PrivacyDecision.decide(case, case.reporter, {PrivacyDecision.get().id: (HARMLESS, "")})
    Case.get_by_id(case.id).approve(make.coordinator())

    assert opened(case.documents.get(), make.user(role=Role.COMMISSIELID))


STEPS = ("upload", "look", "decide", "submit", "approve", "reopen", "read")


@pytest.mark.parametrize("seed", range(12))
def test_no_order_of_steps_shows_the_committee_what_is_undecided(seed):
    order = random.Random(seed)
    melder, judge, member = make.user(), make.coordinator(), make.user(role=Role.COMMISSIELID)
    case = make.case(by=melder)
    make.document(case)
    for step in itertools.chain(order.choices(STEPS, k=14), ("submit", "approve", "read")):
        now = Case.get_by_id(case.id)
        try:
            {
                "upload": lambda now=now: make.document(now, by=melder),
                "look": inspection.look_waiting,
                "decide": lambda now=now: PrivacyDecision.decide(
                    now, melder, {trace.id: (HARMLESS, "") for trace in PrivacyDecision.undecided(now)}
                ),
                "submit": lambda now=now: now.submit(melder),
                "approve": lambda now=now: now.approve(judge),
                "reopen": lambda now=now: now.reopen(judge, "Nog een vraag."),
                "read": lambda: None,
            }[step]()
        except Refused:
            continue
        for document in case.documents:
            if opened(document, member):
                traces = list(Document.get_by_id(document.id).traces)
                assert traces and not any(trace.is_open for trace in traces)
