"""The gate at the act: nobody hands in, approves or reads around what was not checked or not decided about."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from models import access, clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.files import virus_scanning
from models.files.clamav import Clean, Infected
from models.files.document import Document
from models.files.file_state import FileState
from models.files.privacy import gate, inspection, privacy_findings
from models.files.privacy.gate import AskedAnyway
from models.files.privacy.privacy_decision import HARMLESS, PrivacyDecision
from models.files.privacy.privacy_findings import Kind, PrivacyFinding
from models.mail import mail_templates
from models.mail.outbox import Mail
from settings import settings as portal
from tests import make


@pytest.fixture(autouse=True)
def not_looked_at_yet(monkeypatch):
    monkeypatch.setattr(make, "LOOKED", False)


BSN = [PrivacyFinding(Kind.BSN, "••••••782", "bladzijde 1", "a1")]


@pytest.fixture
def number_in_every_file(monkeypatch):
    """What the sandbox would say, without a process for each."""
    monkeypatch.setattr(privacy_findings, "findings", lambda *about: BSN)
    monkeypatch.setattr(privacy_findings, "hazards", lambda *about: [])


def fresh(case):
    return Case.get_by_id(case.id)


def decide_all(case, by):
    PrivacyDecision.decide(case, by, {trace.id: (HARMLESS, "") for trace in PrivacyDecision.undecided(case)})


def done(action):
    return AuditEvent.select().where(AuditEvent.action == action).count()


# ---- handing in -------------------------------------------------------------------------------------------------------


def test_handing_in_asks_about_a_file_that_was_not_looked_at_and_keeps_the_answer(number_in_every_file):
    case = make.case()
    make.document(case)
    with pytest.raises(AskedAnyway, match="1 bestand is nog niet nagekeken"):
        gate.hand_in(case, case.reporter)
    assert fresh(case).status == Status.CONCEPT and not done("document.unchecked")

    gate.hand_in(case, case.reporter, anyway=True)

    assert fresh(case).status == Status.INGEDIEND and done("document.unchecked") == 1


def test_nothing_is_handed_in_before_what_was_found_is_decided_about(number_in_every_file):
    case = make.case()
    make.document(case)
    inspection.look_waiting()
    for anyway in (False, True):
        with pytest.raises(Refused, match="Beslis eerst"):
            gate.hand_in(fresh(case), case.reporter, anyway=anyway)
    decide_all(case, case.reporter)
    gate.hand_in(fresh(case), case.reporter)
    assert not done("document.unchecked")


def test_a_file_that_waits_for_the_scanner_is_asked_about_as_well(number_in_every_file, monkeypatch):
    monkeypatch.setitem(portal.__dict__, "clamd_url", "tcp://127.0.0.1:1")
    case = make.case()
    make.document(case)
    Document.update(look_due=None).execute()
    with pytest.raises(AskedAnyway):
        gate.hand_in(case, case.reporter)


# ---- what is found afterwards -----------------------------------------------------------------------------------------


@pytest.fixture
def late(number_in_every_file):
    """A case that was approved before its file was looked at; now something was found."""
    case = make.case(Status.GOEDGEKEURD)
    inspection.look_waiting()
    return fresh(case)


def test_what_is_found_after_handing_in_is_mailed_to_the_melder_once_a_day(late):
    assert [mail.user for mail in Mail.select().where(Mail.name == "file_undecided")] == [late.reporter]
    gate.found_late(late.documents.get(), clock.now())
    assert Mail.select().where(Mail.name == "file_undecided").count() == 1

    gate.found_late(late.documents.get(), clock.now() + clock.DAY)
    assert Mail.select().where(Mail.name == "file_undecided").count() == 2


def test_the_mail_leads_to_the_decision_and_lapses_with_it(late):
    mail = Mail.get(Mail.name == "file_undecided")
    assert mail_templates.CONTEXTS["file_undecided"](mail)["link"].endswith(f"/melding/{late.key}/nakijken")
    decide_all(late, late.reporter)
    assert mail_templates.CONTEXTS["file_undecided"](mail) is None


def test_nobody_is_mailed_about_a_case_that_is_still_theirs(number_in_every_file):
    make.document(make.case())
    inspection.look_waiting()
    assert not Mail.select().where(Mail.name == "file_undecided").exists()


def test_the_hospital_decides_after_approval_and_the_committee_reads(late):
    member, document = make.user(role=Role.COMMISSIELID), late.documents.get()
    with pytest.raises(Refused, match="nog niet beslist"):
        inspection.demand_decided(document, member)
    decide_all(late, late.reporter)
    inspection.demand_decided(Document.get_by_id(document.id), member)


def test_the_coordinator_sees_which_case_and_which_file(late, client, login):
    login(client, make.coordinator())
    assert "Bestand nog dicht" in client.get("/beoordelen/?stapel=goedgekeurd").text
    page = client.get(f"/beoordelen/{late.key}/").text
    assert "De commissie kan nog niet alle bestanden openen" in page and "partusverslag.pdf: BSN op bladzijde 1" in page

    decide_all(late, late.reporter)
    assert "Bestand nog dicht" not in client.get("/beoordelen/?stapel=goedgekeurd").text


# ---- approving --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("looked", [False, True])
def test_approving_asks_about_what_the_committee_would_not_see(number_in_every_file, looked):
    case, coordinator = make.case(Status.INGEDIEND), make.coordinator()
    if looked:
        inspection.look_waiting()
    with pytest.raises(AskedAnyway, match="1 bestand"):
        gate.approve(fresh(case), coordinator)
    gate.approve(fresh(case), coordinator, anyway=True)
    assert fresh(case).status == Status.GOEDGEKEURD and done("document.undecided") == 1


def test_the_page_of_the_coordinator_asks_before_approving(number_in_every_file, client, login):
    case = make.case(Status.INGEDIEND)
    login(client, make.coordinator())
    address = f"/beoordelen/{case.key}/goedkeuren"

    refused = client.post(address, data={"csrf_token": _token(client, case), "ronde": case.round})
    assert refused.status_code == 409 and "De commissie kan nog niet openen" in refused.text
    assert fresh(case).status == Status.INGEDIEND
    client.post(address, data={"csrf_token": _token(client, case), "ronde": case.round, "toch": "1"})
    assert fresh(case).status == Status.GOEDGEKEURD


def _token(client, case):
    page = client.get(f"/beoordelen/{case.key}/").text
    return page.split('name="csrf_token" value="')[1].split('"')[0]


# ---- at the arrival ---------------------------------------------------------------------------------------------------


def test_a_small_file_is_looked_at_while_its_sender_waits(number_in_every_file):
    case = make.case()
    inspection.look_at_arrival(make.document(case))
    assert [trace.kind for trace in PrivacyDecision.undecided(case)] == [Kind.BSN]


def test_of_a_large_file_the_name_is_looked_at_and_the_rest_stays_due(monkeypatch):
    monkeypatch.setattr(inspection, "SMALL", 10)
    case = make.case()
    document = make.document(case, name="verslag BSN 123456782.pdf")
    inspection.look_at_arrival(document)
    assert [trace.words for trace in PrivacyDecision.undecided(case)] == ["BSN in bestandsnaam"]
    assert Document.get_by_id(document.id).look_due is not None


IN_NAME = PrivacyFinding(Kind.BSN, "••••••333", "bestandsnaam", "b2")


def test_what_is_found_in_the_content_is_asked_about_after_its_name_was_decided_about(monkeypatch, number_in_every_file):
    """A large file: its name is looked at while its sender waits, its content by the worker."""
    monkeypatch.setattr(inspection, "SMALL", 10)
    monkeypatch.setattr(privacy_findings, "in_name", lambda *about: [IN_NAME])
    monkeypatch.setattr(privacy_findings, "findings", lambda *about: [IN_NAME, *BSN])
    case = make.case()
    inspection.look_at_arrival(make.document(case))
    decide_all(case, case.reporter)
    gate.hand_in(fresh(case), case.reporter, anyway=True)
    gate.approve(fresh(case), make.coordinator(), anyway=True)

    inspection.look_waiting()

    document, member = case.documents.get(), make.user(role=Role.COMMISSIELID)
    with pytest.raises(Refused, match="nog niet beslist"):
        inspection.demand_decided(document, member)
    assert [trace.samples for trace in PrivacyDecision.undecided(case)] == [["••••••333", "••••••782"]]
    assert Mail.select().where(Mail.name == "file_undecided", Mail.user == case.reporter).exists()
    assert done("document.decide") == 1  # what was decided stays in the trail


def test_a_decision_stays_where_nothing_else_is_found(number_in_every_file, monkeypatch):
    case = make.case()
    document = make.document(case)
    PrivacyDecision.keep(document, [IN_NAME, *BSN])
    decide_all(case, case.reporter)
    for found in ([IN_NAME], BSN * 2, []):
        PrivacyDecision.keep(document, found)
        assert [trace.decision for trace in document.traces] == [HARMLESS]


def test_a_page_decides_about_no_more_than_it_showed(number_in_every_file, client, login):
    case = make.case()
    document = make.document(case)
    PrivacyDecision.keep(document, [IN_NAME])
    login(client, case.reporter)
    address = f"/melding/{case.key}/nakijken"
    shown = dict(re.findall(r'name="(gezien-\d+|ronde|csrf_token)" value="([^"]+)"', client.get(address).text))
    PrivacyDecision.keep(document, [IN_NAME, *BSN])  # the worker, meanwhile; SQLite gives the same number once more
    (trace,) = document.traces

    kept = {name if name in ("ronde", "csrf_token") else f"gezien-{trace.id}": value for name, value in shown.items()}
    answer = client.post(address, data=kept | {f"besluit-{trace.id}": HARMLESS})

    assert answer.status_code == 422 and not re.search(r"besluit-[^>]* checked", answer.text)
    assert PrivacyDecision.undecided(case)


def test_what_came_last_is_looked_at_first(number_in_every_file, monkeypatch):
    case, seen = make.case(), []
    made = [make.document(case, at=clock.now() - minutes * clock.MINUTE) for minutes in (9, 1, 5)]
    look = inspection.look_one
    monkeypatch.setattr(inspection, "look_one", lambda number, *rest: seen.append(number) or look(number, *rest))
    assert inspection.look_waiting() == 3
    assert seen == [made[1].id, made[2].id, made[0].id]


# ---- deciding once ----------------------------------------------------------------------------------------------------


def test_the_same_thing_in_several_files_is_decided_about_once(monkeypatch):
    case = make.case()
    for number in range(3):
        make.document(case, name=f"brief {number}.txt", content=b"Patientnummer: 7654321 van de afdeling\n" * (number + 1))
    make.document(case, name="ander.txt", content=b"Patientnummer: 8654321 van de afdeling\n")
    inspection.look_waiting()
    groups = PrivacyDecision.to_decide(case)
    assert sorted(len(group) for group in groups) == [1, 3]
    # Masked both look the same.
    assert len({tuple(group[0].samples) for group in groups}) == 1


def test_what_was_found_before_there_were_marks_is_alike_to_nothing():
    case = make.case()
    for _ in range(2):
        PrivacyDecision.create(document=make.document(case), kind=Kind.BSN, removable=False, places=[["x", "•1", "blad"]])
    assert [len(group) for group in PrivacyDecision.to_decide(case)] == [1, 1]


# ---- whatever the order -----------------------------------------------------------------------------------------------

STEPS = ("upload", "look at name", "look", "scan", "infect", "decide", "submit", "submit anyway", "approve",
         "approve anyway", "reopen", "remove", "put back", "read")  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=some.lists(some.sampled_from(STEPS), min_size=4, max_size=16), traces=some.booleans(), scanner=some.booleans())
def test_no_order_lets_a_member_of_the_committee_open_what_is_undecided(monkeypatch, client, login, steps, traces, scanner):
    monkeypatch.setattr(privacy_findings, "findings", lambda *about: [IN_NAME, *BSN] if traces else [])
    monkeypatch.setattr(privacy_findings, "in_name", lambda *about: [IN_NAME] if traces else [])
    monkeypatch.setattr(privacy_findings, "hazards", lambda *about: [])
    monkeypatch.setattr(inspection, "SMALL", 10)
    monkeypatch.setitem(portal.__dict__, "clamd_url", "tcp://127.0.0.1:1" if scanner else "")
    member, world = make.user(role=Role.COMMISSIELID), World()
    make.reader(world.case, member)
    for step in [*steps, "submit anyway", "approve anyway", "read"]:
        try:
            world.take(step)
        except Refused:
            pass
        for document in world.case.documents:
            if opens(document, member):
                now = Document.get_by_id(document.id)
                assert now.look_due is None and not any(trace.is_open for trace in now.traces), (steps, step)
                asked = {mark for trace in now.traces for *_, mark in trace.places}
                assert asked == ({"a1", "b2"} if traces else set()), (steps, step)
                assert now.state == FileState.SCHOON if scanner else now.state not in (FileState.BESMET,), (steps, step)
                assert now.removed_at is None and fresh(world.case).status == Status.GOEDGEKEURD, (steps, step)
    login(client, member)
    for document in list(world.case.documents)[:2]:  # the screens judge as `opens` does
        shown = client.get(f"/melding/{world.case.key}/bestanden/{document.key}/download").status_code == 200
        assert shown == opens(document, member), steps


def test_orders_in_which_a_member_may_open_a_file_are_among_them(monkeypatch):
    monkeypatch.setattr(privacy_findings, "findings", lambda *about: [IN_NAME])
    member, world = make.user(role=Role.COMMISSIELID), World()
    make.reader(world.case, member)
    seen = []
    for step in ("look", "decide", "submit", "approve"):
        world.take(step)
        seen.append(opens(world.case.documents.get(), member))
    assert seen == [False, False, False, True]


class World:
    """One case with its people, moved by the verbs that the screens call."""

    def __init__(self):
        self.melder, self.judge = make.user(), make.coordinator()
        self.case = make.case(by=self.melder, theme=make.theme(asked=()))
        make.document(self.case)

    def take(self, step):
        now = fresh(self.case)
        files = list(now.documents.order_by(Document.id.desc()))
        {
            "upload": lambda: make.document(now, by=self.melder),
            "look at name": lambda: inspection.look_at_arrival(files[0]),
            "look": inspection.look_waiting,
            "scan": lambda: self.scan(Clean()),
            "infect": lambda: self.scan(Infected("Eicar")),
            "decide": lambda: decide_all(now, self.melder),
            "submit": lambda: gate.hand_in(now, self.melder),
            "submit anyway": lambda: gate.hand_in(now, self.melder, anyway=True),
            "approve": lambda: gate.approve(now, self.judge),
            "approve anyway": lambda: gate.approve(now, self.judge, anyway=True),
            "reopen": lambda: now.reopen(self.judge, "Nog een vraag."),
            "remove": lambda: files[0].remove(self.melder),
            "put back": lambda: files[0].restore(self.melder),
            "read": lambda: None,
        }[step]()

    def scan(self, outcome):
        due = self.case.documents.where(Document.scan_due.is_null(False)).first()
        if due:
            virus_scanning.settle(due, due.scan_due, outcome, clock.now())


def opens(document, member):
    """Whether the screens would send it: found through what is visible, not removed, open, and decided about."""
    found = access.visible(Document, member).where(Document.id == document.id).first()
    if found is None or found.removed_at:
        return False
    try:
        found.demand_open()
        inspection.demand_decided(found, member)
        assert b"".join(found.content(member)) == make.PDF
    except Refused:
        return False
    return True
