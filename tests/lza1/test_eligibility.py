import json

import pytest

from models.access import Process
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.cases.theme import DEFAULTS, Theme
from models.forms.edit_conflict import EditConflict
from models.lza1.eligibility import Gate
from models.questionnaires.definition.draft_version import Draft
from models.questionnaires.definition.questionnaire import Version
from models.questionnaires.form import Form
from tests import filling, make


def fresh():
    filling.lza1()
    return make.case(theme=Theme.get(Theme.process == Process.LZA1))


def answers(case):
    return [ask.answer for ask in Gate.of(case).asks]


def test_the_gate_is_the_first_part_of_the_questionnaire_before_anybody_began_it():
    case = fresh()

    gate = Gate.of(case)

    assert [ask.code for ask in gate.asks] == ["A1", "A2", "A3"] and not gate.answered
    assert "24 weken" in gate.asks[0].label and Form.of(case) is None


def test_its_answers_are_those_of_the_questionnaire():
    case = fresh()

    Gate.of(case).answer(case, case.reporter, {"A1": ("ja", 0), "A2": ("ja", 0)})
    filling.save(Form.of(case), "A3", "ja")

    assert answers(case) == ["ja"] * 3 and Gate.of(case).answered and Gate.of(case).objections == []
    assert Form.of(case).given()["A1", 0].kept == "ja"


def test_a_no_says_where_the_case_belongs_and_stops_nobody():
    case = fresh()

    Gate.of(case).answer(case, case.reporter, {"A1": ("ja", 0), "A2": ("ja", 0), "A3": ("nee", 0)})

    assert ["categorie 2" in sentence for sentence in Gate.of(case).objections] == [True]
    make.document(case)
    case.submit(case.reporter)
    assert case.status == Status.INGEDIEND


def test_all_answers_are_kept_or_none():
    case = fresh()

    with pytest.raises(Refused):
        Gate.of(case).answer(case, case.reporter, {"A1": ("ja", 0), "A2": ("misschien", 0)})

    assert answers(case) == ["", "", ""]


def test_what_is_no_question_of_the_gate_is_left_alone():
    case = fresh()

    Gate.of(case).answer(case, case.reporter, {"B2": ("Diagnose", 0), "A1": ("ja", 0)})

    assert Form.of(case).given().keys() == {("A1", 0)}


def test_two_people_at_the_gate_do_not_overwrite_each_other():
    case = fresh()
    colleague = make.user(hospital=case.hospital)
    Gate.of(case).answer(case, colleague, {"A1": ("nee", 0)})

    with pytest.raises(EditConflict, match=colleague.name):
        Gate.of(case).answer(case, case.reporter, {"A1": ("ja", 0)})

    assert answers(case)[0] == "nee"


def test_a_closed_case_takes_no_answers():
    case = fresh()
    case.withdraw(case.reporter, "Hoort hier niet.")

    with pytest.raises(Refused):
        Gate.of(case).answer(Case.get_by_id(case.id), case.reporter, {"A1": ("ja", 0)})


def test_a_form_that_the_portal_makes_into_a_document_is_not_asked_as_a_file_too():
    asked = {label.lower() for theme in json.loads(DEFAULTS.read_text()) for label, _ in theme["documents"]}

    assert asked and not asked & {filling.lza1().name.lower(), filling.crf().name.lower()}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda draft: draft.shift_block("B", -1), "Het eerste onderdeel van deze vragenlijst is de poort"),
        (lambda draft: draft.put_question("A2", answer="tekst"), "Het eerste onderdeel van deze vragenlijst is de poort"),
        (lambda draft: draft.put_head(timeline=""), "De termijn van zes maanden telt vanaf de eerste vraag in de tijdlijn"),
        (lambda draft: draft.put_question("C1", required="O"), "De termijn van zes maanden telt"),
    ],
)
def test_a_version_in_which_gate_or_term_would_shift_is_not_put_in_use(change, sentence):
    coordinator = make.coordinator(Process.LZA1)
    draft = Draft.begin(filling.lza1(), coordinator)
    assert draft.version.problems() == []
    if sentence.startswith("Het eerste"):
        for row in draft.version.rows()[1]:  # no check may stand in the way of what is tried here
            draft.put_question(row.code, checks="")
    change(draft)

    with pytest.raises(Refused, match=sentence):
        draft.version.publish(coordinator)
    assert Version.get_by_id(draft.version.id).state == "concept"


def test_other_questionnaires_begin_with_what_they_want():
    coordinator = make.coordinator()
    draft = Draft.begin(filling.questionnaire(filling.question("A1", "tekst")), coordinator)
    draft.put_question("A1", label="Anders?")
    draft.version.publish(coordinator)
