"""What lies in clear in the database: none of what people wrote about a case, its numbers, its files, or a link that opens."""

import pytest

from models import clock
from models.access import Process, Role
from models.audit.monthly_review import AuditReview
from models.base import db
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import Status
from models.files.privacy import inspection
from models.files.privacy.privacy_decision import SENT, PrivacyDecision
from models.lnr.entry.draft import StayDraft
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.intake.upload_batch import UploadBatch
from models.lza1.committee_steps import CommitteeStep
from models.mail.outbox import Mail
from models.mail.smtp import Deferred
from models.monthly.month_answer import MonthAnswer
from models.questionnaires.form import Form
from models.questionnaires.query import DataQuery
from tests import filling, make
from tests.files import samples
from tests.lnr import messages


# In everything that a person types about a case, in every number that names somebody, and in what opens an account.
@pytest.fixture(autouse=True)
def not_looked_at_yet(monkeypatch):
    monkeypatch.setattr(make, "LOOKED", False)


SECRET = "CNRY"


def _nethoss():
    theme, coordinator = make.theme(), make.coordinator()
    filling.questionnaire(filling.question("A1", "tekst (100)"), theme=theme)
    case = make.case(theme=theme, patient_number=f"{SECRET}-1", month="2026-10")
    filling.save(Form.start(case, case.reporter), "A1", f"{SECRET} antwoord", reason=f"{SECRET} toelichting", now=clock.now())
    RequestedDocumentAnswer.give(case, theme.asked.first(), case.reporter, reason=f"{SECRET} niet gemaakt")
    document = make.document(case, name=f"{SECRET}.pdf", content=samples.pdf("BSN 123456782", author=f"{SECRET} Jansen"))
    inspection.look_waiting()
    choices = {trace.id: (SENT, f"{SECRET} hoort erbij") for trace in PrivacyDecision.undecided(case)}
    PrivacyDecision.decide(case, case.reporter, choices)
    case.submit(case.reporter)
    case.note(coordinator, f"{SECRET} notitie")
    DataQuery.ask(case, coordinator, f"{SECRET} vraag?", document=document)
    DataQuery.get().answer(case.reporter, f"{SECRET} antwoord.")
    case.mark_incomplete(coordinator, f"{SECRET} ontbreekt")


def _lza1():
    coordinator = make.coordinator(Process.LZA1)
    case = make.case(status=Status.GOEDGEKEURD, theme=make.theme(Process.LZA1))
    CommitteeStep.judge(case, coordinator, make.PDF, clock.today(), "oordeel", text=f"{SECRET} oordeel")
    CommitteeStep.ask(case, coordinator, f"{SECRET} vraag", clock.today(), "vraag", case.round)


def _lnr():
    hospital = make.hospital(agb=messages.AGB_NUMBER)
    contact = make.user(role=Role.LNR_CONTACT, hospital=hospital)
    child = ((messages.OWN, f"{SECRET}-3"),)
    deliver(Delivery(hospital, messages.supplier()), messages.message(child=child))
    UploadBatch.take(contact, f"{SECRET}.xml", messages.message(set_id="nog een", child=child), "map")
    StayDraft.begin(contact).put("child_ids", {"0": [f"{SECRET}-4"]}, contact)


def _months():
    case = make.case()
    case.withdraw(case.reporter, f"{SECRET} vergissing")
    MonthAnswer.zero_by_telephone(make.hospital(), "2026-09", make.coordinator(), f"{SECRET} Jansen")
    AuditReview.sign("2026-09", make.user(role=Role.BEHEERDER), f"{SECRET} bekeken")


class _NotNow:
    def __enter__(self):
        return self

    def __exit__(self, *problem):
        return None

    def deliver(self, message, to, hand_over):
        raise Deferred("450 later")


def _mails():
    """One that waits, and one that was written and has to wait longer: their links still open."""
    for _ in range(2):
        Mail.queue("invitation", make.user(), link=f"http://localhost/wachtwoord/{SECRET}-{'x' * 40}", days=7)
        Mail.send_waiting(post=_NotNow())
    Mail.queue("invitation", make.user(), link=f"http://localhost/wachtwoord/{SECRET}-{'x' * 40}", days=7)


def _in_clear():
    """Every 'table.column' in which the secret stands."""
    for table in db.get_tables():
        names = [column.name for column in db.get_columns(table)]
        for row in db.execute_sql(f'SELECT * FROM "{table}"').fetchall():
            told = (bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in row)
            yield from (f"{table}.{name}" for name, value in zip(names, told, strict=True) if SECRET.encode() in value)


@pytest.mark.parametrize("happens", [_nethoss, _lza1, _lnr, _months, _mails])
def test_nothing_of_it_is_in_the_database_in_clear(happens):
    happens()
    assert set(_in_clear()) == set()


def test_the_look_finds_what_is_in_clear():
    make.theme(name=SECRET)
    assert set(_in_clear()) == {"theme.name", "theme.long_name", "theme.definition"}
