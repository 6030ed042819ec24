from datetime import timedelta

import pytest
from playhouse.test_utils import count_queries

from models import access, clock
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.audit.audit_event import AuditEvent
from models.base import Record, Refused
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import Status
from models.cases.theme import RequestedDocument, Theme
from models.files.document import Document
from models.mail.outbox import Mail
from models.questionnaires.form import Answer, Form
from models.review.reminder import Reminder
from tests import filling, make

HANGING = (Document, RequestedDocumentAnswer, Form, Answer, Remark)


def kept_apart():
    """A hospital that keeps LZA1 among few: (its LZA1 case with everything that can hang on it, a colleague)."""
    filling.lza1()
    theme = Theme.get(Theme.process == Process.LZA1)
    RequestedDocument.create(theme=theme, label="verslag MDO", valid_from=theme.valid_from)
    hospital = make.hospital(lza1_kept_apart=True)
    melder, colleague = make.user(hospital=hospital), make.user(hospital=hospital)
    case = make.case(by=melder, theme=theme, patient_number="4711")
    filling.save(Form.start(case, melder), "A1", "ja", now=clock.now())
    RequestedDocumentAnswer.give(case, theme.asked.first(), melder, reason="niet gemaakt")
    make.document(case)
    case.submit(melder)
    case.mark_incomplete(make.coordinator(Process.LZA1), "Het verslag ontbreekt.")
    return Case.get_by_id(case.id), colleague


def sees(user, model=Case):
    return access.visible(model, user).count()


def test_a_colleague_sees_nothing_of_a_case_that_is_kept_apart():
    case, colleague = kept_apart()

    assert [sees(case.reporter, model) for model in (Case, *HANGING)] == [1] * 6
    assert [sees(colleague, model) for model in (Case, *HANGING)] == [0] * 6
    assert Case.alike(colleague, case.theme, "4711") == []


def test_a_named_colleague_sees_and_completes_it_until_the_name_is_taken_back():
    case, colleague = kept_apart()

    case.entrust(colleague, by=case.reporter)
    case.entrust(colleague, by=case.reporter)
    assert [sees(colleague, model) for model in (Case, *HANGING)] == [1] * 6
    make.document(case, by=colleague)
    case.withhold(colleague, by=case.reporter)

    assert sees(colleague) == 0
    with pytest.raises(Refused, match="alleen de melder"):
        make.document(case, by=colleague)
    with pytest.raises(Refused, match="alleen de melder"):
        case.set_patient_number(colleague, "4712")
    with pytest.raises(Refused):
        case.submit(colleague)
    told = [event.action for event in AuditEvent.of_case(case) if event.action in ("case.entrust", "case.withhold")]
    assert told == ["case.entrust", "case.withhold"]


def test_without_the_setting_the_whole_hospital_sees_it():
    case, _ = kept_apart()
    Hospital.update(lza1_kept_apart=False).execute()

    assert sees(make.user(hospital=case.hospital)) == 1
    assert sees(make.user(role=Role.INVOERDER, hospital=case.hospital), Document) == 1


def test_the_setting_says_nothing_of_nethoss_cases_and_of_other_hospitals():
    case, colleague = kept_apart()
    own, other = make.case(by=case.reporter), make.case()
    case.entrust(colleague, by=case.reporter)
    Case.update(hospital=other.hospital).where(Case.id == case.id).execute()

    assert [one.id for one in access.visible(Case, colleague)] == [own.id]
    assert [one.id for one in access.visible(Case, other.reporter).order_by(Case.id)] == [case.id, other.id]


def test_an_lza1_melder_of_such_a_hospital_sees_the_own_cases_and_can_still_choose_the_theme():
    case, _ = kept_apart()
    specialist = make.user(role=Role.LZA1_MELDER, hospital=case.hospital)
    mine = Case.open(specialist, case.theme)

    assert [one.id for one in access.visible(Case, specialist)] == [mine.id]
    assert sees(specialist, Theme) == 1 and sees(specialist, RequestedDocument) == case.theme.asked.count()


def test_a_model_that_says_nothing_hides_its_rows(monkeypatch):
    case, _ = kept_apart()
    monkeypatch.setattr(Document, "entrusted_to", classmethod(Record.entrusted_to.__func__))

    assert sees(case.reporter, Document) == 0


def test_coordinator_and_committee_see_it_as_ever():
    case, _ = kept_apart()

    assert sees(make.coordinator(Process.LZA1)) == 1
    assert sees(make.coordinator()) == 0
    Case.update(status=Status.INGEDIEND).execute()
    case = Case.get_by_id(case.id)
    case.approve(make.coordinator(Process.LZA1))
    assert sees(make.user(role=Role.COMMISSIELID, committee=Process.LZA1)) == 1


def test_only_the_melder_names_and_only_colleagues_who_may_complete_such_a_case():
    case, colleague = kept_apart()
    elsewhere, contact = make.user(), make.user(role=Role.LNR_CONTACT, hospital=case.hospital)

    for stranger in (elsewhere, contact, make.user(hospital=case.hospital, active=False)):
        with pytest.raises(Refused, match="Kies een collega"):
            case.entrust(stranger, by=case.reporter)
    for namer in (colleague, elsewhere, make.coordinator(Process.LZA1)):
        with pytest.raises(Refused, match="Alleen de melder"):
            case.entrust(colleague, by=namer)


def test_the_coordinator_names_once_the_account_of_the_melder_has_ended():
    case, colleague = kept_apart()
    case.reporter.deactivate()

    case.entrust(colleague, by=make.coordinator(Process.LZA1))

    assert sees(colleague) == 1
    with pytest.raises(Refused):
        case.entrust(make.user(hospital=case.hospital), by=make.coordinator())


def test_a_reminder_reaches_nobody_who_may_not_see_the_case():
    case, colleague = kept_apart()
    case.entrust(colleague, by=case.reporter)
    make.document(case, by=colleague)
    make.user(hospital=case.hospital)
    late = clock.today() + timedelta(days=28)

    assert case.people() == [case.reporter, colleague]
    case.withhold(colleague, by=case.reporter)
    assert case.people() == [case.reporter]
    assert Reminder.send_due(late) == 1


def test_when_the_melder_has_left_the_named_colleagues_are_reminded_and_else_nobody():
    case, colleague = kept_apart()
    case.reporter.deactivate()
    case = Case.get_by_id(case.id)
    assert case.people() == []

    case.entrust(colleague, by=make.coordinator(Process.LZA1))

    assert case.people() == [colleague]


def test_a_reminder_that_waits_is_dropped_when_the_case_is_kept_from_who_would_get_it():
    case, colleague = kept_apart()
    case.entrust(colleague, by=case.reporter)
    make.document(case, by=colleague)
    Reminder.send_due(clock.today() + timedelta(days=28))
    case.withhold(colleague, by=case.reporter)

    letters = {mail.user_id: mail.render() for mail in Mail.select().where(Mail.name == "reminder")}

    assert letters[colleague.id] is None and letters[case.reporter_id] is not None


def test_the_trail_names_the_rule():
    case, _ = kept_apart()

    assert AuditEvent.log("case.read", by=case.reporter, case=case).rule == "melder of aangewezen collega"


def test_who_can_be_named_costs_no_question_for_each_of_them():
    case, _ = kept_apart()

    def questions():
        with count_queries() as asked:
            found = case.colleagues()
        return len(found), asked.count

    before, at_first = questions()
    for _ in range(8):
        make.user(hospital=case.hospital)
    assert questions() == (before + 8, at_first)
