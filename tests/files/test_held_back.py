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


PNG = b"\x89PNG\r\n\x1a\n" + b"beeld" * 100
NAMED = "OK-verslag mw Jansen BSN 111222333.pdf"


def addresses(case):
    """Every address at which a member of the committee meets a file of this case."""
    files = [f"/melding/{case.key}/bestanden/{file.key}/" for file in case.documents]
    return [f"{file}{what}" for file in files for what in ("bladzijde", "bekijken", "origineel", "download", "beeld")]


@pytest.mark.parametrize("looked", [True, False])
def test_the_committee_reads_neither_an_undecided_file_nor_its_name_anywhere(client, login, looked):
    case = make.case(Status.INGEDIEND)
    make.document(case, name=NAMED)
    make.document(case, name="Jansen foto.png", content=PNG)
    Case.get_by_id(case.id).approve(make.coordinator())
    if looked:
        inspection.look_waiting()
    login(client, make.reader(case))

    listed = client.get(f"/commissie/{case.key}/")
    assert listed.status_code == 200 and listed.text.count("Nog niet vrijgegeven.p") >= 2
    answers = {address: client.get(address) for address in addresses(case)}
    assert {answer.status_code for address, answer in answers.items() if not address.endswith("beeld")} == {409}
    for answer in [listed, client.get("/commissie/"), *answers.values()]:
        assert "Jansen" not in answer.text and "111222333" not in answer.text
    assert make.PDF not in b"".join(answer.data for answer in answers.values())


def test_what_was_decided_about_is_read_under_its_own_name(client, login):
    case = make.case(Status.INGEDIEND)
    document = make.document(case, name="brief.pdf")
    inspection.look_waiting()
    PrivacyDecision.decide(case, case.reporter, {one.id: (HARMLESS, "") for one in PrivacyDecision.undecided(case)})
    Case.get_by_id(case.id).approve(make.coordinator())
    login(client, make.reader(case))

    page = client.get(f"/commissie/{case.key}/")
    assert "brief.pdf" in page.text and "Nog niet vrijgegeven" not in page.text
    sent = client.get(f"/melding/{case.key}/bestanden/{document.key}/download")
    assert (sent.status_code, sent.data) == (200, make.PDF)
