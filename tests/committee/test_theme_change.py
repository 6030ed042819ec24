"""Another theme of a case on an agenda: its places open again, and what was judged on the old form is kept and not counted."""

import pytest

from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.committee.assessment import Assessment
from models.committee.committee_form import CommitteeForm
from models.committee.comparison import Comparison, judged
from models.committee.consensus import prefill
from models.committee.following.open_places import open_places
from models.committee.following.theme_change import outlook
from models.committee.treatment import TreatmentState
from models.questionnaires.definition.questionnaire import Purpose, Questionnaire
from models.review.correction.theme_correction import correct_theme
from tests import filling, make
from tests.committee.test_outcome import CALM
from tests.committee.test_treatment import fresh, hand_in, reads

pytestmark = pytest.mark.db_dialect
SEEN = "Op het formulier van een ander thema"


@pytest.fixture
def themes():
    """Two themes whose cases are judged with the form about morbidity."""
    filling.crf()
    return [make.theme(name=name) for name in ("Peripartum hysterectomie", "Relaparotomie na sectio")]


def correct(treatment, by, theme):
    case = Case.get_by_id(treatment.case_id)
    if case.status == Status.GOEDGEKEURD:
        case.reopen(by, "Het thema klopt niet.")
    correct_theme(fresh(case), by, theme, "Het was iets anders.")
    fresh(case).approve(by)
    return fresh(treatment)


def test_what_was_judged_on_the_old_form_is_kept_and_the_places_are_open(app, login, themes):
    boss, pair = make.coordinator(), [make.member(), make.member()]
    treatment = make.treatment(make.case(Status.GOEDGEKEURD, theme=themes[0]), pair, boss)
    for one, by in zip(Assessment.of(treatment), pair, strict=True):
        hand_in(one, by, CALM)
    treatment = fresh(treatment)
    draft = prefill(treatment, boss)
    assert draft.revision and treatment.state == TreatmentState.BINNEN
    case = Case.get_by_id(treatment.case_id)
    case.reopen(boss, "Het thema klopt niet.")
    page = login(app.test_client(), boss).get(f"/beoordelen/{case.key}/thema/?naar={themes[1].id}").text
    assert (
        "2 ingeleverde beoordelingen. Wat is ingeleverd blijft bewaard" in page and "noem daarna opnieuw beoordelaars" in page
    )
    treatment = correct(treatment, boss, themes[1])

    assert (treatment.state, treatment.compared_at, Assessment.of(treatment)) == (TreatmentState.GEAGENDEERD, None, [])
    assert [one.why for one in open_places("nethoss")] == ["ander thema"] and not reads(pair[0], treatment.case)
    assert {one.action for one in AuditEvent.select().where(AuditEvent.case_id == treatment.case_id)} >= {
        "assessor.theme", "treatment.theme", "case.theme",
    }  # fmt: skip
    assert judged(treatment).forms == [] and not fresh(draft).revision and fresh(draft).value("V10") is None
    with pytest.raises(Refused, match="nog niet allebei binnen"):
        Comparison.of_other_themes(treatment, boss)

    for one in Assessment.appoint(treatment, boss, [by.id for by in pair]):
        assert not one.third
        hand_in(one, one.assessor, CALM)
    treatment = fresh(treatment)
    assert treatment.state == TreatmentState.BINNEN and len(judged(treatment).forms) == 2
    assert {form.value("M1") for form in judged(treatment).forms} == {"relaparotomie na sectio"}
    (old,) = Comparison.of_other_themes(treatment, boss)
    assert {form.value("M1") for form in old.forms} == {"peripartum hysterectomie"} and len(old.forms) == 2
    assert SEEN in login(app.test_client(), boss).get(f"/commissie/{treatment.case.key}/vergelijken/").text
    assert CommitteeForm.select().count() == 5


def test_who_was_busy_or_named_nobody_changes_nothing_else(themes):
    boss, pair = make.coordinator(), [make.member(), make.member()]
    waiting = make.treatment(make.case(Status.GOEDGEKEURD, theme=themes[0]), by=boss)
    assert "blijft daar" in outlook(waiting.case, themes[1])
    assert correct(waiting, boss, themes[1]).state == TreatmentState.GEAGENDEERD and open_places("nethoss") == []
    busy = make.treatment(make.case(Status.GOEDGEKEURD, theme=themes[0]), pair, boss)
    hand_in(Assessment.of(busy)[0], pair[0], CALM)
    assert "Er is 1 ingeleverde beoordeling." in outlook(busy.case, themes[1])
    busy = correct(busy, boss, themes[1])
    assert (busy.state, Assessment.of(busy)) == (TreatmentState.GEAGENDEERD, [])
    assert outlook(make.case(), themes[1]) == ""


def test_without_a_form_of_the_new_theme_there_is_no_consensus_and_the_coordinator_is_told(app, login, themes):
    old = Questionnaire.get(Questionnaire.purpose == Purpose.CONSENSUS)
    Questionnaire.update(theme=themes[0], process=None).where(Questionnaire.id == old.id).execute()
    boss, pair = make.coordinator(), [make.member(), make.member()]
    treatment = make.treatment(make.case(Status.GOEDGEKEURD, theme=themes[0]), pair, boss)
    for one, by in zip(Assessment.of(treatment), pair, strict=True):
        hand_in(one, by, CALM)
    assert CommitteeForm.of_meeting(fresh(treatment), boss).version.questionnaire == old
    browser, here = login(app.test_client(), boss), f"/behandeling/{treatment.case.key}/"
    missing = f"Voor ‘{themes[1].name}’ is nog geen consensusformulier in gebruik"
    assert missing in outlook(treatment.case, themes[1]) and "consensusformulier" not in browser.get(here).text
    assert missing not in outlook(treatment.case, themes[0])
    treatment = correct(treatment, boss, themes[1])
    assert CommitteeForm.consensus(treatment) is None
    assert "Bij dit thema is nog geen consensusformulier in gebruik" in browser.get(here).text
    for one in Assessment.appoint(treatment, boss, [by.id for by in pair]):
        hand_in(one, one.assessor, CALM)
    with pytest.raises(Refused, match="formulier"):
        CommitteeForm.of_meeting(fresh(treatment), boss)
    Questionnaire.update(theme=None, process="nethoss").where(Questionnaire.id == old.id).execute()
    assert CommitteeForm.of_meeting(fresh(treatment), boss).version.questionnaire == old
    assert "consensusformulier" not in browser.get(here).text
