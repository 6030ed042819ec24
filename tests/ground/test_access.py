"""Who sees what."""

import pytest

from models import MODELS, access
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.base import Record
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import Status
from models.files.document import Document
from models.monthly.month_answer import MonthAnswer
from tests import make


def seen(model, user):
    return set(access.visible(model, user))


def test_nobody_sees_nothing():
    make.case(status=Status.GOEDGEKEURD)
    ended = make.user(active=False)

    assert all(seen(model, None) == seen(model, ended) == set() for model in (Case, Document, Remark))


def test_a_hospital_sees_its_own_rows_of_every_kind_and_no_others():
    mine, theirs = make.case(status=Status.ONVOLLEDIG), make.case(status=Status.ONVOLLEDIG)
    RequestedDocumentAnswer.give(mine, mine.theme.asked.first(), mine.reporter, reason="niet gemaakt")
    RequestedDocumentAnswer.give(theirs, theirs.theme.asked.first(), theirs.reporter, reason="niet gemaakt")

    for model in (Case, Document, Remark, RequestedDocumentAnswer, MonthAnswer):
        rows = seen(model, mine.reporter)
        assert len(rows) == 1 and len(set(model.select())) == 2
    assert seen(Case, mine.reporter) == {mine}


def test_the_two_coordinators_do_not_see_each_others_process():
    nethoss, lza1 = make.case(status=Status.INGEDIEND), make.case(theme=make.theme(Process.LZA1), status=Status.INGEDIEND)

    assert seen(Case, make.coordinator()) == {nethoss}
    assert seen(Case, make.coordinator(Process.LZA1)) == {lza1}
    assert {row.case for row in seen(Document, make.coordinator())} == {nethoss}


def test_the_coordinator_sees_that_there_is_a_concept_but_not_its_files():
    case = make.case()
    make.document(case)
    coordinator = make.coordinator()

    assert seen(Case, coordinator) == {case} and seen(Document, coordinator) == set()


def test_a_commissielid_sees_approved_cases_of_the_own_process_only():
    approved, unnamed = make.case(status=Status.GOEDGEKEURD), make.case(status=Status.GOEDGEKEURD)
    submitted = make.case(status=Status.INGEDIEND)
    lza1 = make.case(status=Status.GOEDGEKEURD, theme=make.theme(Process.LZA1))
    member = make.user(role=Role.COMMISSIELID)
    for case in (approved, submitted, lza1):
        make.reader(case, member)

    assert unnamed not in seen(Case, member)
    assert seen(Case, member) == {approved}
    assert {row.case for row in seen(Document, member)} == {approved}


def test_the_beheerder_sees_no_case_and_no_file():
    make.case(status=Status.GOEDGEKEURD)

    assert all(
        seen(model, make.user(role=Role.BEHEERDER)) == set() for model in (Case, Document, Remark, RequestedDocumentAnswer)
    )


def test_an_internal_note_stays_with_the_coordinators():
    case = make.case(status=Status.INGEDIEND)
    case.note(make.coordinator(), "Bellen.")

    assert len(seen(Remark, make.coordinator())) == 1
    assert seen(Remark, case.reporter) == set()


@pytest.mark.parametrize("ability", access.ABILITIES)
def test_every_ability_has_a_sentence_for_who_lacks_it(ability):
    assert access.ABILITY_SENTENCES[ability].endswith(".")


def test_a_model_that_does_not_say_whose_its_rows_are_cannot_be_asked():
    class Forgotten(Record):
        pass

    with pytest.raises(LookupError):
        access.visible(Forgotten, make.user())


@pytest.mark.parametrize("model", MODELS)
def test_every_model_shows_a_melder_rows_of_the_own_hospital_or_refuses(model):
    melder = make.user()
    try:
        expression = model.owned_by(melder.hospital_id, {Process.NETHOSS})
    except LookupError:
        return
    assert expression is not None
    list(access.visible(model, melder))


def test_the_people_of_the_lnr_reach_no_case_and_only_the_contact_is_bound_to_a_hospital():
    melder = make.user()
    make.case(by=melder)
    contact, manager = make.user(role=Role.LNR_CONTACT, hospital=melder.hospital), make.user(role=Role.LNR_BEHEER)

    for person in (contact, manager):
        assert not any(seen(model, person) for model in (Case, Document, Remark, RequestedDocumentAnswer, User))
    assert seen(Hospital, contact) == {melder.hospital}
    make.hospital()
    assert len(seen(Hospital, manager)) == len(seen(Hospital, contact)) + 1 == 2
