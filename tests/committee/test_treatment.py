"""From the agenda to both assessments in: rights, ties, terms, and who reads a case when."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from models import access, clock
from models.access import Process, Role
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.committee.assessment import Assessment
from models.committee.committee_form import CommitteeForm
from models.committee.conflict import NO_RECORD, NO_WORKPLACE, NOT_DECLARED, OWN, REGION
from models.committee.meeting import Meeting
from models.committee.member import CommitteeMember, Workplace
from models.committee.ties.late_ties import involve
from models.committee.treatment import Treatment, TreatmentState
from tests import filling, make

pytestmark = pytest.mark.db_dialect


@pytest.fixture
def coordinator():
    return make.coordinator()


def fresh(row):
    return type(row).get_by_id(row.id)


def reads(user, case):
    return access.visible(Case, user).where(Case.id == case.id).exists()


def hand_in(assessment, by, answers=()):
    """Declare, fill in and hand in, as an assessor does."""
    assessment.declare(by)
    form = CommitteeForm.of_assessor(assessment, by)
    finish(form, by, answers)
    fresh(assessment).hand_in(by)


def finish(form, by, answers=()):
    """Answer what is asked in a form of the committee, until nothing waits: these `answers` first, all that fit at once."""
    answers = dict(answers)
    while waiting := form.filled().open:
        lines = sorted((one.line for one in waiting), key=lambda line: line.item.code not in answers)
        values = {line.item.code: answers.get(line.item.code, filling.sample(line.item.answer)) for line in lines}
        before = form.revision
        form.put_all({line.item.code: values[line.item.code] for line in lines if line.kept is None}, by)
        if form.revision == before:  # what is left asks for a reason, or is refused
            line = lines[0]
            row = form.rows().get((line.item.code, 0))
            value = values[line.item.code] if line.kept is None else line.kept
            form.put(line.item.code, value, by, row.revision if row else 0, reason=None if line.kept is None else "Zo is het.")


@pytest.fixture
def forms():
    """The forms of the committee, as an installation has them."""
    return filling.crf()


@pytest.fixture
def pair():
    return [make.member(), make.member()]


def test_a_case_goes_from_the_agenda_to_both_in_and_nobody_else_reads_it(coordinator, pair, forms):
    case, other = make.case(Status.GOEDGEKEURD, theme=forms.theme), make.member()
    assert not reads(pair[0], case)
    treatment = make.treatment(case, pair, coordinator)

    assert [reads(one, case) for one in (*pair, other)] == [True, True, False]
    assert fresh(treatment).state == TreatmentState.BIJ_BEOORDELAARS
    first, second = Assessment.of(treatment)
    hand_in(first, pair[0])
    assert fresh(treatment).state == TreatmentState.BIJ_BEOORDELAARS and fresh(treatment).compared_at is None
    hand_in(second, pair[1])
    assert fresh(treatment).state == TreatmentState.BINNEN and fresh(treatment).compared_at
    with pytest.raises(Refused, match="ligt nu vast"):
        fresh(first).take_back(pair[0])


def test_who_hands_in_first_can_take_back(coordinator, pair, forms):
    treatment = make.treatment(make.case(Status.GOEDGEKEURD, theme=forms.theme), pair, coordinator)
    first, _ = Assessment.of(treatment)
    hand_in(first, pair[0])
    fresh(first).take_back(pair[0])
    assert fresh(first).state == "bezig"


def test_a_form_is_not_taken_back_once_it_could_be_compared(coordinator, pair, forms, app, login):
    case, third = make.case(Status.GOEDGEKEURD, theme=forms.theme), make.member()
    treatment = make.treatment(case, pair, coordinator)
    for one in Assessment.of(treatment):
        hand_in(one, one.assessor)
    Assessment.appoint(fresh(treatment), coordinator, [third.id])
    assert fresh(treatment).state == TreatmentState.BIJ_BEOORDELAARS
    first = Assessment.of(treatment)[0]
    with pytest.raises(Refused, match="ligt nu vast"):
        first.take_back(pair[0])
    assert "Terugnemen" not in login(app.test_client(), pair[0]).get(f"/commissie/{case.key}/").text


def test_who_handed_in_can_take_back_while_the_other_place_is_empty(coordinator, pair, forms, app, login):
    case = make.case(Status.GOEDGEKEURD, theme=forms.theme)
    treatment = make.treatment(case, pair, coordinator)
    first, second = Assessment.of(treatment)
    hand_in(first, pair[0])
    second.give_back(pair[1], "geen tijd")
    assert fresh(treatment).state == TreatmentState.GEAGENDEERD
    assert "Terugnemen" in login(app.test_client(), pair[0]).get(f"/commissie/{case.key}/").text
    fresh(first).take_back(pair[0])
    assert fresh(first).state == "bezig" and fresh(treatment).state == TreatmentState.BIJ_BEOORDELAARS  # and so is reminded


@pytest.mark.parametrize("left", [None, 30, 700])
def test_a_workplace_of_the_last_24_months_is_a_tie(coordinator, left):
    case = make.case(Status.GOEDGEKEURD)
    user = make.member(hospital=case.hospital)
    Workplace.update(until=left and clock.today() - timedelta(days=left)).execute()
    treatment = make.treatment(case)
    assert treatment.reasons_against([user])[user.id] == OWN
    with pytest.raises(Refused, match="werkt of werkte"):
        Assessment.appoint(treatment, coordinator, [user.id, make.member().id])


def test_a_workplace_left_longer_ago_is_none(coordinator):
    case = make.case(Status.GOEDGEKEURD)
    user = make.member(hospital=case.hospital)
    Workplace.update(until=clock.today() - timedelta(days=731)).execute()
    assert make.treatment(case).reasons_against([user])[user.id] == ""


def test_a_region_blocks_and_an_empty_one_does_not():
    here, near, far = make.hospital(region="Noord"), make.hospital(region="Noord"), make.hospital(region="")
    treatment = make.treatment(make.case(Status.GOEDGEKEURD, by=make.user(hospital=here)))
    neighbour, stranger = make.member(hospital=near), make.member(hospital=far)
    reasons = treatment.reasons_against([neighbour, stranger])
    assert (reasons[neighbour.id], reasons[stranger.id]) == (REGION, "")


def test_what_is_not_known_of_a_member_stands_in_the_way():
    treatment = make.treatment()
    nobody, lost, silent = make.user(role=Role.COMMISSIELID), make.member(), make.member(declared_on=None)
    Workplace.delete().where(Workplace.member == CommitteeMember.of(lost)).execute()
    reasons = treatment.reasons_against([nobody, lost, silent])
    assert [reasons[one.id] for one in (nobody, lost, silent)] == [NO_RECORD, NO_WORKPLACE, NOT_DECLARED]


def test_a_hospital_that_turns_out_to_be_involved_ends_an_assessment_at_once(coordinator, pair):
    treatment = make.treatment(assessors=pair)
    involve(treatment, coordinator, CommitteeMember.of(pair[0]).workplaces.first().hospital)
    assert not reads(pair[0], treatment.case) and reads(pair[1], treatment.case)
    assert treatment.reasons_against([pair[0]])[pair[0].id] != ""


def test_who_gives_back_with_a_tie_reads_no_more_and_does_not_come_back(coordinator, pair):
    treatment = make.treatment(assessors=pair)
    first, _ = Assessment.of(treatment)
    first.give_back(pair[0], "band")
    assert not reads(pair[0], treatment.case)
    with pytest.raises(Refused, match="band"):
        Assessment.appoint(fresh(treatment), coordinator, [pair[0].id])


@pytest.mark.parametrize("why", ["band", "geen tijd", "andere deskundigheid nodig"])
def test_a_place_that_is_given_back_is_open_again(coordinator, pair, why):
    treatment = make.treatment(assessors=pair)
    for one, by in zip(Assessment.of(treatment), pair, strict=True):
        one.give_back(by, why)
    assert fresh(treatment).state == TreatmentState.GEAGENDEERD
    Assessment.appoint(fresh(treatment), coordinator, [make.member().id, make.member().id])
    assert fresh(treatment).state == TreatmentState.BIJ_BEOORDELAARS


def test_only_a_coordinator_of_the_process_leads_the_agenda(pair):
    case, meeting = make.case(Status.GOEDGEKEURD), make.meeting()
    for by in (make.user(), pair[0], make.coordinator(Process.LZA1), make.user(role=Role.BEHEERDER)):
        with pytest.raises(Refused):
            Treatment.schedule(case, meeting, by)
        with pytest.raises(Refused):
            Meeting.plan(by, Process.NETHOSS, clock.today())
    assert Treatment.select().count() == 0


@pytest.mark.parametrize("status", [Status.CONCEPT, Status.INGEDIEND, Status.ONVOLLEDIG, Status.INGETROKKEN])
def test_only_an_approved_case_comes_on_an_agenda(coordinator, status):
    with pytest.raises(Refused, match="niet \\(meer\\) goedgekeurd"):
        Treatment.schedule(make.case(status), make.meeting(), coordinator)


def test_a_case_is_on_one_agenda_and_moves(coordinator, pair):
    treatment, later = make.treatment(assessors=pair), make.meeting(days=70)
    moved = Treatment.schedule(treatment.case, later, coordinator)
    assert (moved.id, moved.meeting_id, len(Assessment.of(moved))) == (treatment.id, later.id, 2)


def test_a_case_that_is_reopened_is_closed_to_its_assessors(coordinator, pair):
    treatment = make.treatment(assessors=pair)
    Case.get_by_id(treatment.case_id).reopen(coordinator, "Er kwam een stuk bij.")
    assert not reads(pair[0], treatment.case)
    with pytest.raises(Refused, match="niet in te zien"):
        Assessment.of(treatment)[0].declare(pair[0])


def test_a_form_is_there_only_for_who_declared_and_only_its_own(coordinator, pair, forms):
    treatment = make.treatment(make.case(Status.GOEDGEKEURD, theme=forms.theme), pair, declared=False)
    first, second = Assessment.of(treatment)
    with pytest.raises(Refused, match="Verklaar eerst"):
        CommitteeForm.of_assessor(first, pair[0])
    first.declare(pair[0])
    form = CommitteeForm.of_assessor(first, pair[0])
    for by in (pair[1], coordinator, make.user(role=Role.BEHEERDER)):
        with pytest.raises(Refused):
            CommitteeForm.of_assessor(first, by)
        with pytest.raises(Refused):
            form.put("A4", "ja", by)
    assert [access.visible(CommitteeForm, by).count() for by in (*pair, coordinator)] == [0, 0, 0]
    assert [access.visible(Assessment, by).count() for by in pair] == [1, 1]
    assert second.state == "genoemd"


def test_a_form_that_is_not_complete_is_not_handed_in(pair, forms):
    first, _ = Assessment.of(make.treatment(make.case(Status.GOEDGEKEURD, theme=forms.theme), pair))
    first.declare(pair[0])
    CommitteeForm.of_assessor(first, pair[0]).put("A4", "ja", pair[0])
    with pytest.raises(Refused, match="nog niet compleet"):
        first.hand_in(pair[0])


def test_the_theme_is_filled_in_and_cannot_be_changed(pair, forms):
    theme = make.theme(name="Embolisatie ivm fluxus postpartum")
    first, _ = Assessment.of(make.treatment(make.case(Status.GOEDGEKEURD, theme=theme), pair))
    first.declare(pair[0])
    form = CommitteeForm.of_assessor(first, pair[0])
    assert form.value("M1") == "embolisatie"
    with pytest.raises(Refused, match="vult het portaal"):
        form.put("M1", "AFLP", pair[0], 1)


VERBS = st.lists(
    st.tuples(st.sampled_from(["declare", "hand_in", "take_back", "give_back", "appoint"]), st.integers(0, 2)), max_size=12
)


@given(VERBS)
@bounds(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_verbs_compares_with_one_form_or_without_declaring(forms, coordinator, steps):
    people = [make.member() for _ in range(3)]
    treatment = make.treatment(make.case(Status.GOEDGEKEURD, theme=forms.theme), people[:2], coordinator)
    for verb, who in steps:
        mine = [one for one in Assessment.of(treatment) if one.assessor_id == people[who].id]
        try:
            if verb == "appoint":
                Assessment.appoint(fresh(treatment), coordinator, [people[who].id])
            elif mine and verb == "hand_in":
                CommitteeForm.update(still_open=0).execute()
                if mine[0].declared_at:
                    CommitteeForm.of_assessor(mine[0], people[who])
                    CommitteeForm.update(still_open=0).execute()
                mine[0].hand_in(people[who])
            elif mine and verb == "give_back":
                mine[0].give_back(people[who], "geen tijd")
            elif mine:
                getattr(mine[0], verb)(people[who])
        except Refused:
            pass
        now, there = fresh(treatment), Assessment.of(treatment)
        assert now.state != TreatmentState.BINNEN or (len(there) >= 2 and all(one.handed_in_at for one in there))
        assert all(one.declared_at for one in there if one.handed_in_at)
