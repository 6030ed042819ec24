"""What has had its term goes, what has not stays, once each, and a hold stops all of it."""

import io
from datetime import timedelta

import pytest
from markupsafe import escape

from models import MODELS, clock, encrypted_fields
from models.access import Process, Role
from models.accounts.known_device import KnownDevice
from models.accounts.session import LogIn
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import Status
from models.cases.theme import RequestedDocument
from models.committee.treatment import Treatment, TreatmentState
from models.files import storage
from models.lnr.entry import draft
from models.lnr.intake import upload_batch
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry import message
from models.lnr.registry.stay import Stay
from models.lza1.committee_steps import CommitteeStep
from models.mail.mail_status import MailStatus
from models.mail.outbox import Mail
from models.monthly.link_visit import LinkVisit
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import MonthlyCall
from models.operations import integrity_check
from models.questionnaires.form import Answer, Form
from models.retention import destruction
from models.retention.case_erasure import below
from models.retention.destruction import EMPTIED, Destruction, destroy_due, foretell
from models.retention.due import DUE
from models.retention.erasure_request import ErasureRequest
from models.retention.legal_hold import LegalHold
from models.retention.processing_register import kinds_of
from models.retention.retention_kind import KINDS, WITHOUT_TERM, RetentionKind
from models.retention.retention_term import RetentionTerm
from models.retention.stay_erasure import StayErasure
from models.retention.stay_hold import StayHold
from models.review.call_log import LoggedCall
from models.review.notes.hospital_note import HospitalNote
from tests import filling, make
from tests.lnr.messages import hospital as lnr_hospital
from tests.lnr.messages import message as lnr_message
from tests.lnr.messages import supplier as lnr_supplier

NOW = clock.now()
SECRET = "GEHEIM-4711"
# By which term each sealed column goes that does not hang below a case (those go with it), or the line that says why not.
GOES = {
    "case.patient_number": RetentionKind.PATIENT_NUMBER,
    "case.closed_why": RetentionKind.CLOSED_CASE,
    "user.tf_totp_secret": RetentionKind.ENDED_ACCOUNT,
    "user.mf_recovery_codes": RetentionKind.ENDED_ACCOUNT,
    "provider_log_in.id_token": RetentionKind.SESSION,
    "mail.about": RetentionKind.MAIL_TEXT,
    "month_answer.note": RetentionKind.MONTH_NOTE,
    "logged_call.spoken_to": RetentionKind.CALL_LOG,
    "logged_call.text": RetentionKind.CALL_LOG,
    "hospital_note.text": RetentionKind.HOSPITAL_NOTE,
    "held_change.reason": RetentionKind.HELD_CHANGE,
    "erasure_request.reason": RetentionKind.ERASURE_REASON,
    "lnr_stay_erasure.reason": RetentionKind.LNR_ERASURE_REASON,
    "lnr_stay_hold.reason": RetentionKind.STAY_HOLD,
    "lnr_content.original": RetentionKind.LNR_REFUSED,
    "lnr_content.record": RetentionKind.LNR_STAY,
    "lnr_entry.content": RetentionKind.LNR_DRAFT,
    "lnr_batch.name": RetentionKind.LNR_UPLOAD,
    "lnr_part.name": RetentionKind.LNR_UPLOAD,
    "lnr_part.content": RetentionKind.LNR_UPLOAD,
}
LASTS = {
    "audit_anchor.seal": "Ankers van het logboek",
    "trail_review.note": "Bevindingen bij de maandelijkse controle van het logboek",
}


def night(days, seconds=0):
    """What is destroyed that many days from now."""
    return destroy_due(MODELS, NOW + timedelta(days=days, seconds=seconds))


def lines(*actions):
    return AuditEvent.select().where(AuditEvent.action.in_(actions)).count()


def closed_case(at=NOW, **more):
    """A case that the coordinator closed, with everything in it that people write."""
    theme = make.theme()
    filling.questionnaire(filling.question("A1", "tekst (100)"), theme=theme)
    case = make.case(theme=theme, patient_number=SECRET, at=at, **more)
    make.document(case, name=f"{SECRET}.pdf", content=make.PDF + SECRET.encode(), at=at)
    filling.save(Form.start(case, case.reporter), "A1", SECRET)
    case.dismiss(make.coordinator(), "definitie", SECRET, now=at)
    return case


def written():
    """Everything in the database that opens, as one text."""
    text = []
    for model in MODELS:
        text += [str(row.__data__) for row in model.select()]
    return "".join(text)


def test_a_closed_case_is_emptied_after_its_term_and_no_second_earlier():
    case = closed_case()
    blob = case.documents.get().blob
    assert night(90) == {} and SECRET in written()

    assert night(90, seconds=1) == {"closed_case": 1}

    assert SECRET not in written() and not storage.exists(blob)
    assert list(integrity_check.problems(deep=True)) == []
    kept = Case.get_by_id(case.id)
    assert (kept.number, kept.theme, kept.month, kept.patient_hash, kept.uploads) == (
        case.number,
        case.theme,
        case.month,
        None,
        0,
    )
    assert Remark.select().count() == 1 and Answer.select().count() == 1  # the rows of the history stay, empty
    assert lines("case.erase") == lines("case.open") == 1
    assert night(91) == {} and lines("case.erase") == 1
    assert [(one.kind, one.count) for one in Destruction.latest()] == [("closed_case", 1)]


def test_a_case_goes_with_what_its_hospital_said_of_a_document_it_does_not_have():
    case = closed_case()
    asked = RequestedDocument.create(theme=case.theme, label="Brief")
    told = {"case": case, "by": case.reporter, "at": NOW}
    RequestedDocumentAnswer.create(asked=asked, reason=SECRET, **told)
    assert night(91) == {"closed_case": 1}
    assert SECRET not in written() and not RequestedDocumentAnswer.select().exists()


def test_an_emptied_case_never_moves_again():
    case = closed_case()
    night(91)
    for verb in (lambda one: one.reopen(make.coordinator(), "Toch."), lambda one: one.restore(one.reporter)):
        with pytest.raises(Refused, match="is vernietigd"):
            verb(Case.get_by_id(case.id))
    with pytest.raises(Refused, match="de status Ingetrokken"):
        case.documents.get().restore(case.reporter)
    with pytest.raises(Refused, match="al vernietigd"):
        LegalHold.place(case, make.coordinator(), "Te laat.")


def test_a_withdrawn_concept_goes_and_what_is_open_stays():
    withdrawn = make.case(Status.INGETROKKEN, at=NOW)
    others = [make.case(status, at=NOW) for status in (Status.CONCEPT, Status.INGEDIEND, Status.ONVOLLEDIG)]
    assert night(5000)["closed_case"] == 1
    assert Case.get_by_id(withdrawn.id).erased_at and not any(Case.get_by_id(one.id).erased_at for one in others)


def test_what_is_on_hold_stays_in_every_kind_until_the_hold_is_lifted():
    by = make.coordinator()
    case = closed_case()
    approved = make.case(Status.GOEDGEKEURD, patient_number=SECRET, at=NOW)
    gone = make.document(open_case := make.case())
    gone.remove(open_case.reporter, now=NOW)
    Mail.update(status=MailStatus.VERZONDEN, sent_at=NOW, text=SECRET).execute()
    cases = (case, approved, open_case)
    holds = [LegalHold.place(one, by, "Calamiteitenonderzoek.") for one in cases]
    of_cases = Mail.case_id.in_([one.id for one in cases])

    night(20 * 365)

    assert storage.exists(case.documents.get().blob) and storage.exists(gone.blob)
    assert Case.get_by_id(approved.id).patient_number == SECRET and not Case.get_by_id(case.id).erased_at
    assert Mail.select().where(of_cases).exists() and not Mail.select().where(of_cases, Mail.text == "").exists()
    assert lines("case.erase", "case.forget_number", "document.destroy") == 0

    second = make.coordinator()
    for hold in holds:
        hold.ask_to_lift(by)
        hold.lift(second)
    night(20 * 365)
    assert not storage.exists(gone.blob) and Case.get_by_id(case.id).erased_at and Case.get_by_id(approved.id).erased_at


def test_a_case_that_is_reopened_while_the_night_runs_stays(monkeypatch):
    case, real = closed_case(), Case.held.__func__

    def first_somebody_else(cls, number):
        monkeypatch.setattr(Case, "held", classmethod(real))
        Case.get_by_id(case.id).reopen(make.coordinator(), "Toch binnen de definitie.")
        return real(cls, number)

    monkeypatch.setattr(Case, "held", classmethod(first_somebody_else))
    assert night(91) == {}
    assert Case.get_by_id(case.id).patient_number == SECRET and storage.exists(case.documents.get().blob)


def test_killed_before_the_bytes_went_the_next_run_takes_them(monkeypatch):
    case = closed_case()
    blob = case.documents.get().blob

    class Killed(BaseException):
        pass

    def killed(key):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(storage, "delete", killed)
        with pytest.raises(Killed):
            night(91)
    assert storage.exists(blob)
    assert night(91) == {} and not storage.exists(blob)
    assert lines("case.erase") == 1 and Destruction.get().count == 1


def test_killed_within_a_case_nothing_of_it_happened(monkeypatch):
    case = closed_case()
    monkeypatch.setattr(Destruction, "add", lambda *told: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        night(91)
    monkeypatch.undo()
    assert SECRET in written() and storage.exists(case.documents.get().blob) and lines("case.erase") == 0
    assert night(91) == {"closed_case": 1}


def test_a_patient_number_goes_after_approval_and_of_no_other_case():
    approved = make.case(Status.GOEDGEKEURD, patient_number=SECRET, at=NOW)
    waits = make.case(Status.INGEDIEND, by=approved.reporter, patient_number=SECRET, at=NOW)
    assert night(180) == {} and night(181) == {"patient_number": 1}
    kept = Case.get_by_id(approved.id)
    assert (kept.patient_number, kept.patient_hash, kept.status) == (None, None, Status.GOEDGEKEURD)
    assert Case.get_by_id(waits.id).patient_number == SECRET
    assert lines("case.forget_number") == 1 and night(182) == {}


def test_a_patient_number_stays_while_the_committee_has_the_case():
    case = make.case(Status.GOEDGEKEURD, patient_number=SECRET, at=NOW)
    treatment = make.treatment(case)
    part = make.case(Status.GOEDGEKEURD, theme=case.theme, patient_number=SECRET, at=NOW)
    case.join(part, make.coordinator())
    assert night(181) == {} and Case.get_by_id(case.id).patient_number == SECRET

    Treatment.update(state=TreatmentState.GESLOTEN, closed_at=NOW).where(Treatment.id == treatment.id).execute()
    assert night(182) == {"patient_number": 2}


def test_an_approved_case_goes_with_the_letter_of_its_verdict():
    case = make.case(Status.GOEDGEKEURD, theme=make.theme(Process.LZA1), at=NOW)
    stored = storage.save(io.BytesIO(make.PDF), 10**6)
    step = CommitteeStep.create(
        case=case, kind="oordeel", day="2026-01-05", text=SECRET, request_key="k", by=case.approved_by, at=NOW, **stored.columns
    )
    assert "approved_case" not in night(15 * 365)
    assert night(15 * 365, seconds=1)["approved_case"] == 1
    assert not storage.exists(step.blob) and SECRET not in written()
    assert list(integrity_check.documents()) == []


def test_an_ended_account_loses_its_secrets_and_keeps_its_name():
    bea = make.user(role=Role.BEHEERDER)
    gone, late = (make.user(phone="06", tf_primary_method="authenticator", tf_totp_secret="geheim") for _ in range(2))
    KnownDevice.remember(gone)
    gone.deactivate(bea, now=NOW)
    late.deactivate(bea, now=NOW + timedelta(days=5))
    assert "ended_account" not in night(30)
    assert night(30, seconds=1)["ended_account"] == 1
    kept = User.get_by_id(gone.id)
    assert (kept.name, kept.email) == (gone.name, gone.email)
    assert (kept.password, kept.tf_totp_secret, kept.phone) == (None, None, "") and not KnownDevice.select().exists()
    assert User.get_by_id(late.id).password and User.get_by_id(bea.id).password
    assert lines("user.forget") == 1 and "ended_account" not in night(31)


def test_addresses_of_sessions_and_visits_go_and_young_ones_stay():
    user = make.user()
    LogIn.start(user, "192.0.2.1", "Firefox", now=NOW)
    LogIn.start(user, "192.0.2.2", "Firefox", now=NOW + timedelta(days=50))
    MonthlyCall.open_all("2026-10", now=NOW)
    call = MonthlyCall.get()
    LinkVisit.note(call, call.links.get().purpose, "GET", "192.0.2.3", "Firefox", now=NOW)
    assert night(90) == {}
    assert night(90, seconds=1) == {"session": 1, "link_visit": 1}
    assert [row.address for row in LogIn.select()] == ["192.0.2.2"] and LinkVisit.select().count() == 0
    assert lines("retention.destroy") == 2


def test_texts_of_mails_go_but_never_of_one_that_waits():
    sent, waits = (Mail.queue("account", make.user(), what="x", now=NOW) for _ in range(2))
    Mail.update(status=MailStatus.VERZONDEN, sent_at=NOW, text=SECRET).where(Mail.id == sent.id).execute()
    assert night(366) == {"mail_text": 1}
    kept = Mail.get_by_id(sent.id)
    assert (kept.text, kept.to, kept.user_id) == ("", "", sent.user_id)
    assert Mail.get_by_id(waits.id).to == waits.to and night(367) == {}


def test_one_run_is_bounded_and_the_next_goes_on(monkeypatch):
    monkeypatch.setattr(destruction, "EACH", 2)
    monkeypatch.setattr(destruction, "BULK", 2)
    by = make.user()
    for _ in range(3):
        make.case(Status.INGETROKKEN, by=by, at=NOW)
        LogIn.start(by, "192.0.2.1", "Firefox", now=NOW)
    assert [night(91) for _ in range(3)] == [{"closed_case": 2, "session": 2}, {"closed_case": 1, "session": 1}, {}]
    assert {one.kind: one.count for one in Destruction.latest()} == {"closed_case": 3, "session": 3}
    assert lines("case.erase") == 3


def test_what_is_foretold_is_what_happens_and_names_no_content():
    case = closed_case(at=NOW - timedelta(days=91))
    told = {one.kind: one for one in foretell(NOW) if one.count}
    assert set(told) == {"closed_case"} and told["closed_case"].examples == [case.number]
    assert SECRET not in str(told)
    assert {kind: one.count for kind, one in told.items()} == destroy_due(MODELS, NOW + timedelta(days=1))


def test_a_term_changes_within_its_bounds_by_a_beheerder_only_and_the_trail_tells():
    bea = make.user(role=Role.BEHEERDER, name="Bea")
    term = RetentionTerm.get(RetentionTerm.kind == RetentionKind.SESSION)
    for days in (13, 366, None, -1):
        with pytest.raises(Refused, match="van 14 tot en met 365"):
            term.amend(bea, days)
    with pytest.raises(Refused, match="ligt vast"):
        RetentionTerm.get(RetentionTerm.kind == RetentionKind.REMOVED_FILE).amend(bea, 31)
    for other in (make.user(), make.coordinator(), make.user(role=Role.LNR_BEHEER)):
        with pytest.raises(Refused, match="Alleen de beheerder"):
            term.amend(other, 30)
    term.amend(bea, 14)
    (line,) = RetentionTerm.changes()
    assert (line.actor, line.detail) == (bea, "90 > 14 dagen")
    LogIn.start(bea, "192.0.2.1", "Firefox", now=NOW)
    assert night(15) == {"session": 1}


def test_a_shorter_term_counts_after_a_week_of_which_everybody_hears():
    bea, coordinator = make.user(role=Role.BEHEERDER, name="Bea"), make.coordinator()
    old = closed_case(at=NOW - timedelta(days=60))
    term = RetentionTerm.get(RetentionTerm.kind == RetentionKind.CLOSED_CASE)

    term.amend(bea, 40, NOW)
    RetentionTerm.get_by_id(term.id).amend(bea, 30, NOW + timedelta(days=1))

    told = list(Mail.select().where(Mail.name == "unusual_access").order_by(Mail.id))
    everybody = {bea, *User.with_role(Role.COORDINATOR)}
    assert coordinator in everybody and len(told) == 2 * len(everybody) and {mail.user for mail in told} == everybody
    text = " ".join(told[-1].render().get_body(("plain",)).get_content().split())
    assert "Bea" in text and "‘Afgesloten en ingetrokken meldingen’ tot 30 dagen" in text
    assert night(7) == {} and Case.get_by_id(old.id).erased_at is None
    assert night(8) == {"closed_case": 1}


def test_a_longer_term_counts_at_once_and_warns_nobody():
    closed_case(at=NOW - timedelta(days=95))
    RetentionTerm.get(RetentionTerm.kind == RetentionKind.CLOSED_CASE).amend(make.user(role=Role.BEHEERDER), 100, NOW)
    assert night(0) == {} and not Mail.select().where(Mail.name == "unusual_access").exists()
    assert night(6) == {"closed_case": 1}


def test_the_fixed_terms_of_the_neonatal_registry_are_those_its_handbook_tells():
    told = {"lnr_refused": message.REFUSED_DAYS, "lnr_upload": upload_batch.KEPT_DAYS, "lnr_draft": draft.KEPT_DAYS}
    assert {kind: KINDS[RetentionKind(kind)].days for kind in told} == told


def test_a_mail_that_failed_is_not_kept_for_ever():
    mail = Mail.queue("account", make.user(), what="x", now=NOW)
    Mail.update(status=MailStatus.MISLUKT, text="Beste", error="550").where(Mail.id == mail.id).execute()
    assert night(366) == {"mail_text": 1}
    gone = Mail.get_by_id(mail.id)
    assert (gone.to, gone.text, gone.status) == ("", "", MailStatus.VERVALLEN)


def test_every_kind_has_a_row_and_bounds_that_hold_its_term():
    assert {row.kind: row.days for row in RetentionTerm.select()} == {kind: facts.days for kind, facts in KINDS.items()}
    assert set(KINDS) == set(RetentionKind)
    assert all(facts.least <= facts.days <= facts.most for facts in KINDS.values())


def test_what_has_no_term_stands_in_the_table_too(client, login):
    login(client, make.user(role=Role.BEHEERDER))
    page = client.get("/beheer/bewaartermijnen/").text
    assert len(WITHOUT_TERM) == 5 and all(str(escape(one.label)) in page and one.until in page for one in WITHOUT_TERM)


def test_a_long_term_is_told_in_years(client, login):
    login(client, make.user(role=Role.BEHEERDER))
    page = client.get("/beheer/bewaartermijnen/").text
    assert "15 jaar (5.475 dagen)" in page and "5 jaar (1.825 dagen) tot en met 20 jaar (7.300 dagen)" in page
    assert "90 dagen" in page and "1825" not in page


def test_every_sealed_text_goes_by_a_term_or_says_why_not():
    of_case = {model for model, _ in below(MODELS)}
    told, sealed = GOES | LASTS, {}
    for model in MODELS:
        for column in encrypted_fields.columns(model) if model not in of_case else ():
            sealed[f"{model._meta.table_name}.{column.column_name}"] = model
    assert told.keys() == sealed.keys()
    for name, model in sealed.items():
        if name in LASTS:
            assert LASTS[name] in {one.label for one in WITHOUT_TERM}
            continue
        assert GOES[name] in kinds_of(model, model is Case), name
        if emptied := EMPTIED.get(GOES[name]):
            assert name.partition(".")[2] in emptied


def test_what_people_said_of_hospitals_accounts_and_requests_goes_and_what_waits_stays():
    asks, bea, lnr = make.coordinator(), make.user(role=Role.BEHEERDER), make.user(role=Role.LNR_BEHEER)
    gone, here = make.user(), make.hospital()
    gone.deactivate(bea)
    deliver(Delivery(lnr_hospital(), lnr_supplier()), lnr_message())
    stay = Stay.get()
    for key, back in (("a", None), ("b", clock.today(NOW))):
        LoggedCall.log(here, asks, key, "gesproken", SECRET, SECRET, call_back_on=back, now=NOW)
    HospitalNote.write(here, asks, "a", SECRET, now=NOW)
    HospitalNote.write(here, asks, "b", "Belt liever.", now=NOW)
    HospitalNote.get(key="b").amend(asks, SECRET, 1, now=NOW + timedelta(days=2))
    MonthAnswer.zero_by_telephone(here, clock.previous_month(clock.today(NOW)), asks, SECRET, now=NOW)
    for person in (gone, make.user()):
        HeldChange.reset_factor(person, bea, f"Teruggebeld: {SECRET}", now=NOW)
    HeldChange.get().stop(bea, now=NOW)
    for person in (make.user(), make.user()):
        person.deactivate(bea)
        ErasureRequest.ask(bea, person.email, SECRET, now=NOW)
    ErasureRequest.get().reject(bea, now=NOW)
    hold = StayHold.place_on(stay.number, lnr, SECRET)
    StayHold.update(lifted_at=NOW, lifted_by=lnr).where(StayHold.id == hold.id).execute()
    StayErasure.ask(lnr, stay.number, SECRET, now=NOW)[0].reject(lnr, now=NOW)
    StayErasure.ask(lnr, stay.number, "Nog eens.", now=NOW)
    new = {
        "call_log": 1, "month_note": 1, "held_change": 1, "erasure_reason": 1, "lnr_erasure_reason": 1, "stay_hold": 1,
        "hospital_note": 1,
    }  # fmt: skip

    assert not new.keys() & night(2 * 365).keys()
    did = night(3 * 365, seconds=1)
    assert {kind: did.get(kind) for kind in new} == new

    assert [call.key for call in LoggedCall.select()] == ["b"], "about which still has to be called back"
    assert [note.key for note in HospitalNote.select()] == ["b"], "which was written anew two days later"
    assert MonthAnswer.get().note == "" and MonthAnswer.get().counts
    assert [bool(one.reason) for one in HeldChange.select().order_by(HeldChange.id)] == [False, True]
    assert [bool(one.reason) for one in ErasureRequest.select().order_by(ErasureRequest.id)] == [False, True]
    assert [one.reason for one in StayErasure.select().order_by(StayErasure.id)] == ["", "Nog eens."]
    assert StayHold.get().reason == ""
    assert "gewist" in HeldChange.get().what and not new.keys() & night(3 * 365, seconds=2).keys()


def test_a_request_that_waits_keeps_its_reason_until_somebody_decides():
    asks = make.coordinator()
    case = closed_case()
    refused = ErasureRequest.ask(asks, case.number, SECRET)
    refused.reject(asks)
    waits = ErasureRequest.ask(asks, case.number, "De patiënte vraagt het.")

    assert night(91)["closed_case"] == 1

    assert ErasureRequest.get_by_id(refused.id).reason == ""
    assert ErasureRequest.get_by_id(waits.id).reason == "De patiënte vraagt het."
    waits.reject(asks, now=NOW)
    assert night(2 * 365, seconds=1)["erasure_reason"] == 1


@pytest.mark.only_sqlite
def test_no_question_of_the_night_reads_a_whole_table():
    for kind, due in DUE.items():
        if kind == RetentionKind.ENDED_ACCOUNT:
            continue  # of accounts there are some thousands, ever
        sql, arguments = due.rows(NOW).limit(50).sql()
        plan = [row[3] for row in db.execute_sql(f"EXPLAIN QUERY PLAN {sql}", arguments).fetchall()]
        assert not any(step.startswith("SCAN") for step in plan), (kind, plan)
