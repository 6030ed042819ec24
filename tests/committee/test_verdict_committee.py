"""The committee of LZA1 at the same table: agenda, naming, forms and consensus, but a draft of a verdict instead of lessons."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from models import access, clock
from models.access import Process, Role
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.committee import consensus
from models.committee.assessment import Assessment
from models.committee.case_use import CaseUse
from models.committee.committee_form import CommitteeForm
from models.committee.comparison import Comparison
from models.committee.meeting import Meeting
from models.committee.member import CommitteeMember
from models.committee.package.dossier_package import DossierPackage
from models.committee.ties.late_ties import involve
from models.committee.treatment import Treatment, TreatmentState
from models.committee.verdict.verdict_draft import verdict_draft
from models.forms.answer_saving import KeptAnswer
from models.forms.filled_form import Given
from models.lza1.committee_steps import CommitteeStep
from models.mail.outbox import Mail
from models.questionnaires.definition import new_questionnaire
from models.questionnaires.definition.questionnaire import Purpose, Questionnaire
from models.review import verdict_undo
from tests import filling, make
from tests.committee.test_outcome import CALM
from tests.committee.test_treatment import finish, fresh, hand_in, reads

pytestmark = pytest.mark.db_dialect

FORM = Path(__file__).parent / "assessment-lza1.csv"
PLACE = f"commissie-{Process.LZA1}"
CAREFUL = {"Z1": "voldaan", "Z2": "voldaan", "Z3": "deels", "C10": "zorgvuldig"}


@pytest.fixture
def coordinator():
    return make.coordinator(Process.LZA1)


@pytest.fixture
def pair():
    return [member(), member()]


@pytest.fixture
def form(coordinator):
    """The form as NVOG may give it, read from a file into the place that stands empty."""
    draft = new_questionnaire.begin(coordinator, PLACE, "Beoordeling LZA1", FORM.read_bytes())
    draft.version.publish(coordinator)


def member(**more):
    return make.member(make.user(role=Role.COMMISSIELID, committee=Process.LZA1), **more)


def approved():
    return make.case(Status.GOEDGEKEURD, theme=make.theme(Process.LZA1))


def both_in(case, pair, coordinator, first=CAREFUL, second=CAREFUL):
    treatment = make.treatment(case, pair, coordinator)
    for one, by, answers in zip(Assessment.of(treatment), pair, (first, second), strict=True):
        hand_in(one, by, answers)
    return fresh(treatment)


def discussed(treatment, coordinator):
    finish(consensus.prefill(treatment, coordinator), coordinator)
    consensus.fix_consensus(fresh(treatment), coordinator)
    return fresh(treatment)


def test_an_installation_has_no_form_and_then_everything_is_as_it_was(coordinator, pair):
    filling.lza1()
    case = approved()
    assert not Questionnaire.select().where(Questionnaire.process == Process.LZA1, Questionnaire.purpose != Purpose.MELDING)
    assert PLACE in dict(new_questionnaire.places(coordinator))
    with pytest.raises(Refused, match="nog geen beoordelingsformulier"):
        make.treatment(case, pair, coordinator)
    assert all(reads(one, case) for one in pair) and not Assessment.select().count()


def test_without_a_form_the_page_says_so_and_offers_nobody(coordinator, pair, app, login):
    case = make.treatment(approved(), by=coordinator).case
    page = login(app.test_client(), coordinator).get(f"/behandeling/{case.key}/").text
    assert "nog geen beoordelingsformulier" in page and pair[0].name not in page and 'name="beoordelaar"' not in page


def test_only_a_coordinator_of_lza1_and_the_beheerder_fill_the_empty_place(coordinator):
    filling.crf()
    places = [new_questionnaire.places(by) for by in (coordinator, make.user(role=Role.BEHEERDER), make.coordinator())]
    assert [PLACE in dict(one) for one in places] == [True, True, False]
    assert not [key for one in places for key, _ in one if key == f"commissie-{Process.NETHOSS}"]  # has one from the beginning


@pytest.mark.usefixtures("form")
def test_from_the_agenda_to_the_draft_of_a_verdict(coordinator, pair):
    case, other, chair = approved(), member(), member(chair=True)
    assert all(reads(one, case) for one in (*pair, other, chair))
    treatment = make.treatment(case, pair, coordinator)
    assert [reads(one, case) for one in (*pair, chair, other)] == [True, True, True, False]

    first, second = Assessment.of(treatment)
    hand_in(first, pair[0], CAREFUL)
    for by in (pair[1], coordinator, chair):
        with pytest.raises(Refused, match="nog niet allebei binnen"):
            Comparison.of(fresh(treatment), by)
    hand_in(second, pair[1], {**CAREFUL, "Z2": "niet", "C10": "niet zorgvuldig"})

    treatment = fresh(treatment)
    compared = Comparison.of(treatment, pair[0])
    assert [row.item.code for row in compared.rows if row.differs] == ["Z2", "C10"]
    assert not compared.big and not compared.third_wanted and not compared.formality
    written = consensus.prefill(treatment, chair)
    assert [written.value(code) for code in ("Z1", "Z2", "Z3", "C10")] == ["voldaan", None, "deels", None]
    assert verdict_draft(treatment, coordinator) == ""
    finish(written, chair, {"Z2": "deels", "C10": "zorgvuldig met aandachtspunt", "C11": "Leg het gesprek vast."})
    consensus.fix_consensus(fresh(treatment), chair)

    told = verdict_draft(fresh(treatment), coordinator)
    assert "Voorlichting van de ouders: deels" in told and "Welk aandachtspunt?: Leg het gesprek vast." in told
    assert not [name for name in (case.hospital.name, *(one.name for one in pair)) if name in told]
    for by in (*pair, chair, case.reporter, make.coordinator()):
        with pytest.raises(Refused):
            verdict_draft(fresh(treatment), by)
    assert not CommitteeStep.of_case(case)  # a draft is not a verdict


@pytest.mark.usefixtures("form")
def test_closing_waits_for_the_verdict_and_the_hospital_reads_nothing_else(coordinator, pair):
    case = approved()
    treatment = discussed(both_in(case, pair, coordinator), coordinator)
    with pytest.raises(Refused, match="nog geen oordeel"):
        consensus.close(treatment, coordinator)
    CommitteeStep.judge(case, coordinator, make.PDF, clock.today(), "sleutel")
    consensus.close(treatment, coordinator)
    assert fresh(treatment).state == TreatmentState.GESLOTEN and not any(reads(one, case) for one in (*pair, member()))
    assert consensus.returned(Case.get_by_id(case.id)) == {"letters": [], "uses": []} and not CaseUse.select().count()


@pytest.mark.usefixtures("form")
def test_a_question_sends_the_case_back_and_the_treatment_stands_still_until_it_is_approved_again(coordinator, pair):
    case = approved()
    treatment = make.treatment(case, pair, coordinator)
    first, _ = Assessment.of(treatment)
    CommitteeStep.ask(case, coordinator, "Wie was bij het overleg?", clock.today(), "vraag", case.round)
    assert not reads(pair[0], case)
    # It comes back to who was named, and to nobody else of the committee.
    assert [step.case_id for step in CommitteeStep.awaited(pair[0])] == [case.id] and CommitteeStep.awaited(member()) == []
    with pytest.raises(Refused, match="niet in te zien"):
        first.declare(pair[0])
    case = Case.get_by_id(case.id)
    case.submit(case.reporter)
    Case.get_by_id(case.id).approve(coordinator)
    first.declare(pair[0])
    assert fresh(first).state == "bezig" and not reads(member(), case)
    # What was answered is awaited no more when the case goes back for something else; an undone approval answers nothing.
    Case.get_by_id(case.id).reopen(coordinator, "Er komt nog een stuk bij.")
    assert CommitteeStep.awaited(pair[0]) == []
    Case.get_by_id(case.id).approve(coordinator)
    again = Case.get_by_id(case.id)
    CommitteeStep.ask(again, coordinator, "En daarna?", clock.today(), "nog een vraag", again.round)
    again = Case.get_by_id(case.id)
    again.submit(again.reporter)
    again = Case.get_by_id(case.id)
    again.approve(coordinator)
    assert CommitteeStep.awaited(pair[0]) == []
    verdict_undo.take_back(Case.get_by_id(case.id), coordinator)
    assert [step.remark.text for step in CommitteeStep.awaited(pair[0])] == ["En daarna?"]


def test_what_a_form_asks_more_than_once_is_left_to_the_meeting(coordinator, monkeypatch):
    """The first row of one assessor need not be the first of the other."""
    said = {("A", 0): "goed", ("X", 0): "een", ("X", 1): "twee"}
    of_both = SimpleNamespace(rows=lambda: {place: KeptAnswer(None, Given(kept)) for place, kept in said.items()})
    put, process = [], SimpleNamespace(case=SimpleNamespace(process=Process.LZA1))
    meeting = SimpleNamespace(revision=0, put_all=lambda answers, by, now: put.append(answers))
    monkeypatch.setattr(consensus, "judged", lambda treatment: SimpleNamespace(forms=[of_both, of_both], first=2, agrees=False))
    monkeypatch.setattr(consensus.CommitteeForm, "of_meeting", lambda *told: meeting)
    consensus.prefill(process, coordinator)
    assert put == [{"A": "goed"}]


@pytest.mark.usefixtures("form")
def test_the_hospital_of_a_second_opinion_ends_an_assessment_at_once(coordinator, pair):
    case = approved()
    treatment = make.treatment(case, pair, coordinator)
    involve(treatment, coordinator, CommitteeMember.of(pair[0]).workplaces.first().hospital)
    assert [reads(one, case) for one in pair] == [False, True]
    with pytest.raises(Refused, match="band met deze casus"):
        Assessment.appoint(fresh(treatment), coordinator, [pair[0].id, member().id])


@pytest.fixture
def tables(coordinator, pair, form):
    """For either committee: its people (coordinator first), and a case of which both forms are in."""
    filling.crf()
    theirs = [make.coordinator(), make.member(chair=True), make.member(secretary=True)]
    case = make.case(Status.GOEDGEKEURD, theme=make.theme(name="AFLP"))
    ours = [coordinator, *pair]
    return (theirs, both_in(case, theirs[1:], theirs[0], CALM, CALM)), (ours, both_in(approved(), pair, coordinator))


def across(tables):
    """(somebody, the case of the other committee), for everybody of both."""
    (theirs, nethoss), (ours, lza1) = tables
    return [*((by, nethoss, lza1) for by in theirs), *((by, lza1, nethoss) for by in ours)]


VERBS = [
    Comparison.of,
    CommitteeForm.of_meeting,
    consensus.fix_consensus,
    consensus.close,
    Assessment.candidates,
    lambda other, by: DossierPackage.ask(other.case, by, "zip"),
    lambda other, by: Meeting.plan(by, other.case.process, clock.today() + clock.DAY),
]


def test_the_committees_see_nothing_of_each_other(tables):
    for by, own, other in across(tables):
        assert Comparison.of(own, by).rows
        for model, mine, foreign in (
            (Treatment, own.id, {other.id}),
            (Case, own.case_id, {other.case_id}),
            (Meeting, own.meeting_id, {other.meeting_id}),
            (Assessment, None, {one.id for one in Assessment.of(other)}),
        ):
            seen = {row.id for row in access.visible(model, by)}
            assert not seen & foreign and (mine is None or mine in seen), (by.role_names, model)
        for verb in VERBS:
            with pytest.raises(Refused):
                verb(other, by)


def test_who_sits_in_one_committee_is_nobody_in_the_other_and_gets_no_mail_of_it(tables):
    (theirs, nethoss), (ours, lza1) = tables
    for leads, treatment, stranger in ((theirs[0], nethoss, ours[1]), (ours[0], lza1, theirs[1])):
        assert stranger.id not in {one.user.id for one in Assessment.candidates(treatment, leads)}
        with pytest.raises(Refused, match="Kies wie"):
            Assessment.appoint(treatment, leads, [stranger.id])
    told = {(row.user_id, row.case_id) for row in Mail.select().where(Mail.name == "committee_named")}
    assert told == {(one.id, table.case_id) for people, table in tables for one in people[1:]}


PAGES = [
    "/commissie/{case}/", "/commissie/{case}/beoordeling/", "/commissie/{case}/vergelijken/", "/commissie/{case}/consensus/",
    "/commissie/{case}/vergelijken/brief", "/behandeling/{case}/", "/vergadering/{meeting}/", "/dossier/{case}/",
    "/dossier/{case}/stand", "/dossier/{case}/ophalen?soort=zip", "/dossier/{case}/ophalen?soort=pdf", "/beoordelen/{case}/",
]  # fmt: skip
LISTS = [
    "/commissie/", "/vergaderingen/", "/alle-meldingen/", "/alle-meldingen/export/csv/", "/lza1-register/",
    "/zoeken?q={number}",
]  # fmt: skip


def test_no_address_list_search_or_export_leads_from_one_committee_to_the_other(tables, app, login):
    for by, _, other in across(tables):
        browser, case = login(app.test_client(), by), other.case
        facts = {"case": case.key, "meeting": other.meeting.key, "number": case.number}
        for address in PAGES:
            answer = browser.get(address.format(**facts))
            assert answer.status_code in (403, 404) and case.number not in answer.text, (by.role_names, address)
        for address in LISTS:
            text = browser.get(address.format(**facts), follow_redirects=True).text
            assert case.theme.name not in text and case.key not in text, (by.role_names, address)


def test_the_pages_of_lza1_have_a_verdict_and_nothing_of_lessons(tables, app, login):
    (coordinator, *pair), treatment = tables[1]
    browser, case = login(app.test_client(), coordinator), treatment.case
    assert "Overeenstemming" not in browser.get("/vergaderingen/").text
    assert case.number in browser.get(f"/vergadering/{treatment.meeting.key}/").text
    page = browser.get(f"/behandeling/{case.key}/").text
    assert "second opinion" in page and "bij de melding</a>" in page and 'name="vraag"' not in page
    discussed(treatment, coordinator)
    page = browser.get(f"/behandeling/{case.key}/").text
    assert "Concept voor het oordeel" in page and "Overleg met andere deskundigen: deels" in page
    assert "essenbrief" not in page and browser.get(f"/commissie/{case.key}/vergelijken/brief").status_code == 404
    home = login(app.test_client(), case.reporter).get(f"/melding/{case.key}/").text
    assert "Concept voor het oordeel" not in home and "deskundigen: deels" not in home
    reads = login(app.test_client(), pair[0])
    assert "ingeleverd" in reads.get("/commissie/").text and "Overeenstemming" not in reads.get("/commissie/").text
    assert "deskundigen: deels" not in reads.get(f"/commissie/{case.key}/").text
