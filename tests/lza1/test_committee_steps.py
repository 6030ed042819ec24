from datetime import date, timedelta

import pytest
from peewee import IntegrityError

from models import clock
from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.status import Status
from models.files import storage
from models.files.clamav import Clean, CouldNotScan, Infected, Reason
from models.files.document import Document
from models.lza1 import committee_steps
from models.lza1.case_page import Matter
from models.lza1.committee_steps import LARGEST, CommitteeStep
from models.mail.outbox import Mail
from models.operations import integrity_check
from models.operations.keys.key_rotation import reseal
from settings import settings
from tests import make

TODAY = clock.today()


def approved(**more):
    """An approved case of LZA1 and its coordinator."""
    coordinator = make.coordinator(Process.LZA1)
    case = make.case(Status.GOEDGEKEURD, theme=make.theme(Process.LZA1), reviewer=coordinator, **more)
    return case, coordinator


def ask(case, by, key="vraag-1", text="Wilt u het verslag van het overleg toesturen?", day=TODAY):
    return CommitteeStep.ask(case, by, text, day, key, case.round)


def judge(case, by, key="oordeel-1", content=make.PDF, day=TODAY, **more):
    return CommitteeStep.judge(case, by, content, day, key, **more)


def mails(name):
    return [mail.user_id for mail in Mail.select().where(Mail.name == name)]


def test_a_question_sends_an_approved_case_back_with_its_words_in_one_move():
    case, coordinator = approved()

    step = ask(case, coordinator)

    case = Case.get_by_id(case.id)
    assert case.status == Status.ONVOLLEDIG and Remark.messages(case).first().text == step.remark.text
    assert mails("committee_question") == [case.reporter_id] and mails("case_incomplete") == []
    assert AuditEvent.story_of(case).first().action == "case.ask"
    make.document(case)
    case.submit(case.reporter)
    case.approve(coordinator)
    assert case.status == Status.GOEDGEKEURD


@pytest.mark.parametrize(
    ("outcome", "said"),
    [(Infected("Virus"), "virus gevonden"), (CouldNotScan(Reason.DOWN), "opnieuw"), (CouldNotScan(Reason.LOCKED), "opnieuw")],
    ids=["infected", "down", "locked"],
)
def test_a_verdict_that_was_not_found_clean_is_not_placed(monkeypatch, outcome, said):
    monkeypatch.setitem(settings.__dict__, "clamd_url", "tcp://127.0.0.1:1")
    monkeypatch.setattr(committee_steps, "scan", lambda blocks, url, **limits: outcome)
    case, coordinator = approved()
    before = list(storage.keys())

    with pytest.raises(Refused, match=said):
        judge(case, coordinator)

    assert CommitteeStep.of_case(case) == [] and mails("committee_verdict") == [] and list(storage.keys()) == before
    monkeypatch.setattr(committee_steps, "scan", lambda blocks, url, **limits: Clean())
    assert judge(case, coordinator).blob


def test_the_same_question_twice_is_one_question():
    case, coordinator = approved()

    assert ask(case, coordinator) == ask(Case.get_by_id(case.id), coordinator)

    assert CommitteeStep.select().count() == 1 and len(mails("committee_question")) == 1


@pytest.mark.parametrize("status", [Status.CONCEPT, Status.INGEDIEND, Status.ONVOLLEDIG, Status.INGETROKKEN])
def test_before_approval_there_is_neither_question_nor_verdict(status):
    case, coordinator = make.case(status, theme=make.theme(Process.LZA1)), make.coordinator(Process.LZA1)

    for act in (ask, judge):
        with pytest.raises(Refused, match=case.status_label):
            act(case, coordinator)
    assert CommitteeStep.select().count() == 0 and Remark.select().where(~Remark.internal).count() == (status == "onvolledig")


def test_nethoss_has_no_steps_of_the_committee():
    case, coordinator = make.case(Status.GOEDGEKEURD), make.user(Role.COORDINATOR, Role.LZA1_COORDINATOR)

    for act in (ask, judge):
        with pytest.raises(Refused, match="LZA1"):
            act(case, coordinator)
    with pytest.raises(Refused, match="LZA1"):
        case.ask(coordinator, "Vraag")


@pytest.mark.parametrize("role", [Role.MELDER, Role.COORDINATOR, Role.COMMISSIELID, Role.BEHEERDER])
def test_only_the_coordinator_of_lza1_places_them(role):
    case, _ = approved()

    for act in (ask, judge):
        with pytest.raises(Refused, match="coördinator"):
            act(case, make.user(role=role))


def test_a_question_has_words_and_a_day_that_has_been():
    case, coordinator = approved()

    for wrong in ({"text": " "}, {"day": TODAY + timedelta(days=1)}, {"day": None}):
        with pytest.raises(Refused):
            ask(case, coordinator, **wrong)
    assert Case.get_by_id(case.id).status == Status.GOEDGEKEURD and CommitteeStep.select().count() == 0


def test_a_verdict_waits_for_the_reporting_doctor_and_the_mail_tells_nothing_of_it():
    case, coordinator = approved()

    step = judge(case, coordinator, text="Zorgvuldig gehandeld.")

    assert Case.get_by_id(case.id).status == Status.GOEDGEKEURD
    assert mails("committee_verdict") == [case.reporter_id]
    text = str(Mail.get(Mail.name == "committee_verdict").render())
    assert "oordeel klaar" in text and "orgvuldig" not in text
    assert step.letter(case.reporter) == make.PDF and step.text == "Zorgvuldig gehandeld."
    assert Document.select().where(Document.case == case).count() == 1, "it is no file of the hospital"


def test_who_read_the_verdict_stands_in_the_trail_and_with_the_coordinator():
    case, coordinator = approved()
    step = judge(case, coordinator)
    step.letter(coordinator)
    step.letter(case.reporter)
    step.letter(case.reporter)

    receipts = Matter.of(case, coordinator).read

    assert [name for name, _ in receipts[step.key]] == [case.reporter.name]
    assert AuditEvent.select().where(AuditEvent.action == "verdict.read", AuditEvent.case_id == case.id).count() == 3


def test_a_colleague_reads_the_verdict_only_when_named():
    case, coordinator = approved()
    step, colleague = judge(case, coordinator), make.user(hospital=case.hospital)
    assert not Matter.of(case, colleague).may_read
    for stranger in (colleague, make.user(), make.coordinator(), make.user(role=Role.COMMISSIELID, committee=Process.LZA1)):
        with pytest.raises(Refused, match="melder van deze casus"):
            step.letter(stranger)

    case.entrust(colleague, by=case.reporter)

    assert step.letter(colleague) == make.PDF and Matter.of(case, colleague).may_read


def test_a_colleague_who_is_named_when_a_verdict_stands_gets_the_mail_of_it():
    case, coordinator = approved()
    early, late = make.user(hospital=case.hospital), make.user(hospital=case.hospital)
    case.entrust(early, by=case.reporter)
    assert mails("committee_verdict") == []
    case.reporter.deactivate()
    case = Case.get_by_id(case.id)
    judge(case, coordinator)
    assert mails("committee_verdict") == [early.id]
    case.entrust(late, by=coordinator)
    case.entrust(late, by=coordinator)
    assert mails("committee_verdict") == [early.id, late.id]


def test_the_same_verdict_twice_is_one_and_a_better_one_stands_beside_the_first():
    case, coordinator = approved()

    assert judge(case, coordinator) == judge(case, coordinator)
    later = judge(case, coordinator, key="oordeel-2")

    assert Matter.of(case, coordinator).verdicts[0] == later
    assert CommitteeStep.select().count() == 2 and len(mails("committee_verdict")) == 2


SCRIPT = make.PDF.replace(b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert) >>")


@pytest.mark.parametrize("content", [b"", b"MZ", b"<html>", make.PDF + b" " * LARGEST, SCRIPT])
def test_a_verdict_is_a_pdf_that_does_nothing_by_itself(content):
    case, coordinator = approved()

    with pytest.raises(Refused):
        judge(case, coordinator, content=content)

    assert CommitteeStep.select().count() == 0 and mails("committee_verdict") == []


def test_a_verdict_that_cannot_be_written_leaves_no_bytes(monkeypatch):
    case, coordinator = approved()
    before = set(storage.keys())
    monkeypatch.setattr(Mail, "queue", lambda *_, **__: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        judge(case, coordinator)

    assert set(storage.keys()) == before and CommitteeStep.select().count() == 0


def test_verify_misses_the_bytes_of_a_verdict_and_does_not_take_them_for_a_leftover():
    case, coordinator = approved()
    step = judge(case, coordinator)
    later = clock.now() + timedelta(days=3)
    assert not [line for line in integrity_check.documents(later) if step.blob in line or "oordeel" in line]

    storage.delete(step.blob)

    assert [line for line in integrity_check.documents(later) if "oordeel" in line]


def test_a_damaged_verdict_is_told_to_the_beheerder_and_found_by_reading_everything():
    case, coordinator = approved()
    step, beheerder = judge(case, coordinator), make.user(role=Role.BEHEERDER)
    storage.delete(step.blob)

    with pytest.raises(storage.Damaged):
        step.letter(case.reporter)

    assert AuditEvent.select().where(AuditEvent.action == "verdict.lost", AuditEvent.result == "mislukt").count() == 1
    assert [mail.user for mail in Mail.select().where(Mail.name == "alarm")] == [beheerder]
    assert f"bestanden: de inhoud van oordeel {step.id} van de commissie is beschadigd" in list(integrity_check.contents())


def test_a_new_key_seals_the_verdict_anew():
    case, coordinator = approved()
    step = judge(case, coordinator, text="Zorgvuldig.")

    said = list(reseal())

    assert any(line == "oordelen van de commissie: 1" for line in said)
    assert CommitteeStep.get().text == "Zorgvuldig." and step.letter(case.reporter) == make.PDF


def test_the_database_refuses_a_verdict_without_a_letter():
    case, coordinator = approved()

    with pytest.raises(IntegrityError), db.atomic():
        CommitteeStep.create(case=case, kind="oordeel", day=date(2026, 1, 1), request_key="x", by=coordinator, at=clock.now())
