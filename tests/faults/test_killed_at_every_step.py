"""F-01, F-02, F-03, F-05, F-09: every verb that writes, killed before each of its steps."""

import io
import shutil
from datetime import date, timedelta

import pytest

from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.status import Status
from models.files import storage, virus_scanning
from models.files.clamav import Clean, Infected
from models.files.document import Document
from models.files.file_state import FileState
from models.files.privacy import inspection, metadata_removal
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry.message import Message
from models.lnr.registry.stay import Stay
from models.lza1 import committee_steps
from models.lza1.committee_steps import CommitteeStep
from models.mail.letter import message_id
from models.mail.outbox import Mail, MailStatus
from models.mail.smtp import FolderPost
from models.monthly.monthly_request import MonthlyCall
from models.questionnaires.export import pdf_attachment
from models.questionnaires.form import Answer, Form
from models.review.reminder import Reminder
from settings import read, settings
from tests import filling, make
from tests.faults.invariants import after_the_sweep, broken
from tests.faults.killing import at_every_step
from tests.lnr import messages

pytestmark = pytest.mark.db_dialect

PDF = make.PDF + b"% CNRY-CLEAR-TEXT\n" * 50


def survives(work, seldom=2):
    """Kill `work` at every step and hold the invariants after each death; returns how many deaths there were."""
    deaths = 0
    for step in at_every_step(work):
        deaths = step
        if step % seldom == 0:
            assert broken() == [], f"after dying at step {step}"
    assert broken() == []
    assert after_the_sweep() == []
    return deaths


def fresh(case):
    return Case.get_by_id(case.id)


def test_an_upload_is_there_once_and_leaves_nothing_of_its_dead():
    case = make.case()

    deaths = survives(lambda: Document.attach(fresh(case), io.BytesIO(PDF), "a.pdf", case.reporter, "key", len(PDF)), seldom=1)

    (document,) = Document.select()
    assert b"".join(storage.read(document.blob, document.sha256)) == PDF
    assert [name for name, _ in storage.keys()] == [document.blob]
    assert fresh(case).uploads == 1 and deaths > 10


def test_the_first_start_makes_its_keys_once_and_whole(tmp_path):
    def start():
        new = read({"DATA_DIR": str(tmp_path)})
        new.make_keys()
        kept.append((new.secret_keys, [path.read_text() for path in new.age_identity_files], new.pseudonym_keys))

    kept = []
    for step in at_every_step(start):
        start()  # somebody tries again at once
        if step % 2:
            shutil.rmtree(tmp_path / "keys")
            kept.clear()
    start()

    assert all(secret and age[0].startswith("AGE-SECRET-KEY-") and pseudonym for secret, age, pseudonym in kept)
    assert kept[0] == kept[-1]


def test_a_file_is_removed_and_put_back_as_a_whole():
    document = make.document(case := make.case())

    survives(lambda: Document.get_by_id(document.id).remove(case.reporter))
    assert fresh(case).uploads == 0
    survives(lambda: Document.get_by_id(document.id).restore(case.reporter))

    assert fresh(case).uploads == 1 and b"".join(storage.read(document.blob, document.sha256)) == make.PDF


def test_a_new_case_answers_its_month_and_ends_its_zero_report_in_one_go():
    melder, theme = make.user(), make.theme()
    make.zero(melder, "2026-10")

    survives(lambda: Case.open(melder, theme, "4711", month="2026-10", request_key="once"))

    assert Case.select().count() == 1


MOVES = {
    "submit": (Status.CONCEPT, lambda case, by: case.submit(case.reporter), Status.INGEDIEND),
    "mark incomplete": (Status.INGEDIEND, lambda case, by: case.mark_incomplete(by, "Het verslag mist."), Status.ONVOLLEDIG),
    "approve": (Status.INGEDIEND, lambda case, by: case.approve(by), Status.GOEDGEKEURD),
    "reopen": (Status.GOEDGEKEURD, lambda case, by: case.reopen(by, "Er kwam iets bij."), Status.INGEDIEND),
    "withdraw": (Status.CONCEPT, lambda case, by: case.withdraw(case.reporter, "Vergissing."), Status.INGETROKKEN),
    "dismiss": (Status.INGEDIEND, lambda case, by: case.dismiss(by, "dubbel", "Dit is een dubbele."), Status.INGETROKKEN),
    "restore": (Status.INGETROKKEN, lambda case, by: case.restore(case.reporter), Status.CONCEPT),
    "note": (Status.INGEDIEND, lambda case, by: case.note(by, "Nog eens kijken."), Status.INGEDIEND),
}


@pytest.mark.parametrize("move", MOVES)
def test_a_move_happens_with_its_line_its_message_and_its_mail_or_not_at_all(move):
    status, verb, target = MOVES[move]
    coordinator = make.coordinator()
    case = make.case(status=status, reviewer=coordinator)
    make.document(case) if status == Status.CONCEPT else None

    # Somebody who got no answer tries again, and finds it done or not.
    survives(lambda: fresh(case).status == target != status or verb(fresh(case), coordinator))

    assert fresh(case).status == target


def test_a_dismissed_case_is_taken_up_again_as_a_whole():
    coordinator = make.coordinator()
    case = make.case(status=Status.INGEDIEND)
    case.dismiss(coordinator, "dubbel", "Dit is een dubbele.")

    survives(lambda: fresh(case).status == Status.INGEDIEND or fresh(case).reopen(coordinator, "Toch geen dubbele."))

    assert fresh(case).status == Status.INGEDIEND and fresh(case).closed_why == ""


def test_a_file_is_replaced_by_one_without_its_author_as_a_whole(monkeypatch):
    document = make.document(case := make.case())
    monkeypatch.setattr(metadata_removal, "strip", lambda content, media_type: PDF)  # nothing is kept while it is made

    survives(lambda: inspection.strip(Document.get_by_id(document.id), case.reporter), seldom=1)

    (left,) = Document.present(case)
    assert left.id != document.id and b"".join(storage.read(left.blob, left.sha256)) == PDF
    assert fresh(case).uploads == 1 and AuditEvent.select().where(AuditEvent.action == "document.strip").count() == 1


def lza1_case():
    coordinator = make.coordinator(Process.LZA1)
    return make.case(Status.GOEDGEKEURD, theme=make.theme(Process.LZA1), reviewer=coordinator), coordinator


def test_a_question_of_the_committee_is_asked_with_its_words_and_its_mail_or_not_at_all():
    case, coordinator = lza1_case()
    ask = CommitteeStep.ask

    survives(lambda: ask(fresh(case), coordinator, "Waarom?", make.clock.today(), "once", case.round))

    assert fresh(case).status == Status.ONVOLLEDIG and CommitteeStep.select().count() == 1
    assert Mail.select().where(Mail.name == "committee_question").count() == 1


def test_a_verdict_is_placed_once_with_its_letter_and_its_mail(monkeypatch):
    case, coordinator = lza1_case()
    monkeypatch.setattr(committee_steps, "hazards", lambda content, media_type: [])  # nothing is kept while it is looked into

    survives(lambda: CommitteeStep.judge(fresh(case), coordinator, PDF, make.clock.today(), "once"))

    step = CommitteeStep.get()
    assert b"".join(storage.read(step.blob, step.sha256)) == PDF
    assert Mail.select().where(Mail.name == "committee_verdict").count() == 1


def test_a_colleague_is_named_with_a_line_or_not_at_all():
    reporter = make.user(role=Role.LZA1_MELDER)
    colleague = make.user(role=Role.LZA1_MELDER, hospital=reporter.hospital)
    case = make.case(theme=make.theme(Process.LZA1), by=reporter)

    survives(lambda: fresh(case).entrust(colleague, reporter))

    assert fresh(case).entrusts(colleague) and AuditEvent.select().where(AuditEvent.action == "case.entrust").count() == 1


@pytest.mark.parametrize("act", ["", "vervanging", "intrekking"], ids=["deliver", "replace", "withdraw"])
def test_a_message_of_the_lnr_becomes_one_stay_with_one_answer_or_nothing(act):
    delivery, now = Delivery(messages.hospital(), messages.supplier()), make.clock.now()
    raw, count = messages.message(), 1
    if act:
        deliver(delivery, raw, now)
        raw, count = messages.message(version=2, action=act), 2

    survives(lambda: deliver(delivery, raw, now), seldom=5)

    assert deliver(delivery, raw, now).status < 400
    assert Stay.select().count() == 1 and Message.select().count() == count
    assert AuditEvent.select().where(AuditEvent.action.in_(["lnr.deliver", "lnr.replace", "lnr.withdraw"])).count() == count


def test_an_answer_of_the_questionnaire_is_kept_with_its_count():
    form = filling.form(filling.crf())

    survives(lambda: filling.save(Form.get_by_id(form.id), "B1", 34), seldom=3)

    assert Answer.get(form=form, code="B1").revision == 1 and Form.get_by_id(form.id).revision == 1


def test_a_complete_questionnaire_becomes_one_document(monkeypatch):
    form = filling.finished(filling.form(filling.crf()), filling.DIED)
    content = pdf_attachment.answers_pdf(form, form.filled())
    monkeypatch.setattr(pdf_attachment, "answers_pdf", lambda form, filled: content)  # nothing is kept while it is written

    survives(pdf_attachment.attach_due)

    assert [file.generated for file in Document.present(form.case)] == [True]
    assert Form.get_by_id(form.id).document_revision == Form.get_by_id(form.id).revision


@pytest.mark.parametrize(("outcome", "state"), [(Clean(), FileState.SCHOON), (Infected("Virus"), FileState.BESMET)])
def test_a_file_is_shut_until_a_scan_came_to_its_end_whoever_died_scanning(monkeypatch, outcome, state):
    monkeypatch.setitem(settings.__dict__, "clamd_url", "tcp://127.0.0.1:1")
    monkeypatch.setattr(virus_scanning, "scan", lambda blocks, url: next(outcome for _ in blocks))
    document, hours = make.document(make.case()), []

    # Each death holds the file for an hour at most; nobody has to do anything.
    for hour in at_every_step(lambda: virus_scanning.scan_waiting(make.clock.now() + timedelta(hours=len(hours)))):
        hours.append(hour)
        assert broken() == []

    assert Document.get_by_id(document.id).state == state and len(hours) > 4
    assert broken() == []


def test_the_monthly_request_asks_everybody_once():
    hospital = make.hospital()
    melders = [make.user(hospital=hospital), make.user(hospital=hospital), make.user()]

    survives(lambda: MonthlyCall.open_all(make.clock.previous_month(make.clock.today())), seldom=2)

    assert MonthlyCall.select().count() == Mail.select().count() == len(melders)


def test_reminders_are_queued_once(monkeypatch):
    for _ in range(3):
        make.case(at=filling.NOW)

    survives(lambda: Reminder.send_due(date(2026, 12, 20)))

    assert Reminder.select().count() == Mail.select().count() == 3


def test_a_mail_is_never_sent_twice_by_itself_and_never_lost_in_silence(tmp_path):
    for _ in range(12):
        make.user()
    MonthlyCall.open_all(make.clock.previous_month(make.clock.today()))
    sent = Counted(tmp_path)

    # Twelve mails and more deaths than that: each one that died with the text under way leaves it to a person.
    survives(lambda: Mail.send_waiting(post=sent), seldom=4)

    for mail in Mail.select():
        times = sent.times(mail)
        assert times <= 1 and (times == 1 or mail.status == MailStatus.BEZIG), (mail.id, mail.status, times)
    Mail.settle_held(make.clock.now() + make.clock.DAY)
    for mail in Mail.select():
        # Only what did not go is offered again by itself.
        assert mail.status in (MailStatus.VERZONDEN, MailStatus.ONZEKER, MailStatus.WACHT)
        assert mail.status != MailStatus.WACHT or not sent.times(mail)


class Counted(FolderPost):
    """Writes down each delivery in a file, which outlives its process."""

    def deliver(self, message, to, hand_over):
        hand_over()
        with (self.folder / "delivered").open("a") as file:
            file.write(message["Message-ID"] + "\n")
        super().deliver(message, to, lambda: None)

    def times(self, mail):
        return (self.folder / "delivered").read_text().split().count(message_id(mail))
