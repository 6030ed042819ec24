"""One way to save an answer, whichever form asks: of a case, of an assessor, of a stay that is typed in."""

import pytest

from models.access import Role
from models.forms.edit_conflict import EditConflict
from models.lnr.entry.draft import StayDraft
from tests import filling, make
from tests.committee.test_refusals import _form
from tests.filling import question
from tests.lnr import messages

FIVE = {"": ["5"]}, {"": ["7"]}


def of_a_case():
    form = filling.form(filling.questionnaire(question("A1", "ja/nee")))
    return form, "A1", ("ja", "nee"), form.case.reporter


def of_an_assessor():
    form = _form()
    return form, "A4", ("ja", "nee"), form.assessment.assessor


def of_a_stay():
    by = make.user(role=Role.LNR_CONTACT, hospital=messages.hospital())
    return StayDraft.begin(by), "apgar_5", FIVE, by


every_form = pytest.mark.parametrize("made", (of_a_case, of_an_assessor, of_a_stay))


@every_form
def test_the_same_answer_again_changes_nothing_and_another_one_counts_on(made):
    form, at, (one, other), by = made()
    first, again, then = form.put(at, one, by, 0), form.put(at, one, by, 0), form.put(at, other, by, 1)

    assert [(saved.changed, saved.revision) for saved in (first, again, then)] == [(True, 1), (False, 1), (True, 2)]
    assert first.kept == again.kept != then.kept


@every_form
def test_a_page_that_did_not_show_the_answer_is_a_conflict_for_a_person(made):
    form, at, (one, other), by = made()
    form.put(at, one, by, 0)
    with pytest.raises(EditConflict, match="intussen ook beantwoord") as clash:
        form.put(at, other, by, 0)

    assert (clash.value.revision, clash.value.by) == (1, by)
    assert form.put(at, one, by, 0).revision == 1


@every_form
def test_a_revision_that_never_was_is_a_conflict_too_and_no_error(made):
    form, at, (one, _), by = made()
    with pytest.raises(EditConflict, match="Daar staat nu: leeg"):
        form.put(at, one, by, 5)
