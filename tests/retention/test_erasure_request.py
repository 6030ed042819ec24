"""Erasing on request: two people, no hold, everything gone, the trail stays."""

from datetime import timedelta

import pytest

from models import MODELS, access, clock, encrypted_fields
from models.access import Process, Role
from models.accounts.user import User
from models.approval.change_kind import ChangeOutcome
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.files import storage
from models.mail.mail_status import MailStatus
from models.mail.outbox import Mail
from models.operations import integrity_check
from models.retention.erasure_request import ErasureRequest
from models.retention.legal_hold import LegalHold
from tests import make

WHY = "De patiënte vraagt het, via het ziekenhuis."


def test_a_case_is_erased_by_a_second_person_and_its_trail_stays():
    asks, second = make.coordinator(), make.coordinator()
    case = make.case(Status.GOEDGEKEURD, patient_number="P-1", reviewer=asks)
    blob = case.documents.get().blob
    before = AuditEvent.of_case(case).count()
    request = ErasureRequest.ask(asks, case.number, WHY)
    with pytest.raises(Refused, match="niemand wist alleen"):
        request.grant(asks, MODELS)
    assert storage.exists(blob)

    request.grant(second, MODELS)

    kept = Case.get_by_id(case.id)
    assert kept.erased_at and kept.patient_number is None and not storage.exists(blob)
    assert ErasureRequest.get_by_id(request.id).reason == ""
    assert [line.action for line in AuditEvent.of_case(case)][before:] == ["erasure.ask", "erasure.grant", "case.erase"]
    assert list(integrity_check.problems(deep=True)) == []
    with pytest.raises(Refused, match="al beslist"):
        request.grant(second, MODELS)


def test_a_hold_stops_it_also_when_it_came_after_the_request():
    asks, second = make.coordinator(), make.coordinator()
    case = make.case(Status.INGEDIEND)
    request = ErasureRequest.ask(asks, case.number, WHY)
    with pytest.raises(Refused, match="Hierover wacht al"):
        ErasureRequest.ask(second, case.number, WHY)
    hold = LegalHold.place(case, second, "Rechtszaak.")
    with pytest.raises(Refused, match="bewaarplicht"):
        request.grant(second, MODELS)
    assert ErasureRequest.get_by_id(request.id).granted is None and not Case.get_by_id(case.id).erased_at
    hold.ask_to_lift(second)
    hold.lift(asks)
    request.grant(second, MODELS)
    assert Case.get_by_id(case.id).erased_at


def test_nobody_asks_or_decides_about_what_is_not_theirs():
    case = make.case(Status.INGEDIEND)
    elsewhere = make.coordinator(Process.LZA1)
    with pytest.raises(Refused, match="geen melding met dit nummer"):
        ErasureRequest.ask(elsewhere, case.number, WHY)
    request = ErasureRequest.ask(make.coordinator(), case.number, WHY)
    for other in (elsewhere, case.reporter, make.user(role=Role.COMMISSIELID)):
        for verb in (lambda by: request.grant(by, MODELS), request.reject):
            with pytest.raises(Refused):
                verb(other)
    assert not Case.get_by_id(case.id).erased_at
    request.reject(make.user(role=Role.BEHEERDER))
    assert ErasureRequest.get_by_id(request.id).state == "afgewezen"


@pytest.mark.parametrize("puppet_asks", [True, False])
def test_who_made_an_account_alone_is_no_second_person_beside_it(puppet_asks):
    """A beheerder who invited a second account and waited a day would otherwise erase alone."""
    boss, case = make.user(role=Role.BEHEERDER), make.case(Status.INGEDIEND)
    puppet = HeldChange.invite(boss, "ikzelf@example.com", "Ik Zelf", "", {Role.COORDINATOR})
    let_it_pass()
    assert access.may(User.get_by_id(puppet.id), "curate")
    asks, second = (puppet, boss) if puppet_asks else (boss, puppet)
    asks, second = User.get_by_id(asks.id), User.get_by_id(second.id)
    request = ErasureRequest.ask(asks, case.number, WHY)

    with pytest.raises(Refused, match="zonder dat iemand dat bevestigde"):
        request.grant(second, MODELS)
    assert not Case.get_by_id(case.id).erased_at and ErasureRequest.get_by_id(request.id).granted is None

    request.grant(make.coordinator(), MODELS)
    assert Case.get_by_id(case.id).erased_at


def test_an_account_that_somebody_confirmed_is_a_second_person():
    boss, case = make.user(role=Role.BEHEERDER), make.case(Status.INGEDIEND)
    made = HeldChange.invite(boss, "collega@example.com", "Collega", "", {Role.COORDINATOR})
    HeldChange.get().confirm(make.user(role=Role.BEHEERDER))
    ErasureRequest.ask(boss, case.number, WHY).grant(User.get_by_id(made.id), MODELS)
    assert Case.get_by_id(case.id).erased_at


def let_it_pass():
    """A day goes by in which nobody stops what was asked."""
    past = clock.now() - timedelta(days=2)
    Mail.update(status=MailStatus.VERZONDEN, sent_at=past).execute()
    HeldChange.update(asked_at=past).execute()
    assert HeldChange.take_effect() == 1


def test_an_erased_account_leaves_no_mail_that_failed_and_no_address_of_a_change():
    asks, second = make.user(role=Role.BEHEERDER), make.user(role=Role.BEHEERDER)
    gone = make.user(email="anna@example.com")
    HeldChange.amend(gone, asks, gone.role_names, gone.name, "anna.nieuw@example.com", "", gone.hospital)
    HeldChange.get().stop(asks)
    Mail.queue("account", gone, what="x")
    Mail.update(status=MailStatus.MISLUKT).where(Mail.user == gone).execute()
    gone.deactivate(asks)

    ErasureRequest.ask(asks, gone.email, WHY).grant(second, MODELS)

    assert {(mail.to, mail.status) for mail in Mail.select().where(Mail.user == gone)} == {("", MailStatus.VERVALLEN)}
    assert HeldChange.get().address == ""


SUBJECT = {"account", "user"}  # a key of such a name says whom a row is about; the others say who did something


def sealed_words_about(whole, row, tables):
    """{(table, column)} that still holds a sealed text, of all `tables` with a key to `whole`, one that may be empty too."""
    keys = [(model, key) for model in tables for key in model._meta.refs if key.rel_model is whole]
    about = [(model, key) for model, key in keys if whole is not User or key.name in SUBJECT]
    return {
        (model.__name__, column.name)
        for model, key in about
        for column in encrypted_fields.columns(model)
        for one in model.select().where(key == row)
        if getattr(one, column.name)
    }


def test_no_sealed_word_about_an_erased_account_is_left():
    asks, second = make.user(role=Role.BEHEERDER), make.user(role=Role.BEHEERDER)
    gone = make.user(email="anna@example.com")
    HeldChange.reset_factor(gone, asks, "Teruggebeld via het ziekenhuis.").stop(asks)
    gone.deactivate(asks)
    ErasureRequest.ask(asks, gone.email, "Vergissing van Anna.").reject(asks)
    revived = HeldChange.revive(gone, asks)
    Mail.update(status=MailStatus.VERZONDEN, sent_at=clock.now() - timedelta(days=2)).execute()

    ErasureRequest.ask(asks, gone.email, WHY).grant(second, MODELS)

    assert sealed_words_about(User, gone, MODELS) == set()
    # Nor does what waited bring it back.
    assert HeldChange.get_by_id(revived.id).outcome == ChangeOutcome.LAPSED
    assert HeldChange.take_effect(clock.now() + timedelta(days=3)) == 0


def test_no_sealed_word_about_an_erased_case_is_left():
    asks, second = make.coordinator(), make.coordinator()
    case = make.case(Status.GOEDGEKEURD, patient_number="P-1", reviewer=asks)
    ErasureRequest.ask(asks, case.number, "De man van de patiënte.").reject(asks)
    request = ErasureRequest.ask(asks, case.number, WHY)
    assert ("ErasureRequest", "reason") in sealed_words_about(Case, case, MODELS)
    request.grant(second, MODELS)

    assert sealed_words_about(Case, case, MODELS) == set()


def test_an_account_is_ended_first_and_then_nobody_knows_who_it_was():
    asks, second = make.user(role=Role.BEHEERDER), make.user(role=Role.BEHEERDER)
    gone = make.user(name="Anna Weg", email="anna@example.com")
    Mail.queue("account", gone, what="x")
    Mail.update(status=MailStatus.VERZONDEN, sent_at=gone.created_at, text="Beste Anna Weg").execute()
    with pytest.raises(Refused, match="Beëindig dit account eerst"):
        ErasureRequest.ask(asks, gone.email, WHY)
    gone.deactivate(asks)
    request = ErasureRequest.ask(asks, gone.email, WHY)
    request.grant(second, MODELS)

    kept = type(gone).get_by_id(gone.id)
    assert (kept.name, kept.password) == (f"Gewist account {gone.id}", None) and "anna" not in kept.email
    assert Mail.get(Mail.user == gone).text == ""
    assert AuditEvent.select().where(AuditEvent.action == "erasure.grant").get().subject.startswith(f"account {gone.id}")
