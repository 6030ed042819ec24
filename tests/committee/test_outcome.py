"""Differences, agreement, formalities, consensus, questions, letters, receipts, and the end of access."""

import pytest

from models import access
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.committee import consensus
from models.committee.assessment import Assessment
from models.committee.case_use import CaseUse
from models.committee.comparison import Comparison
from models.committee.lesson_letter import LessonLetter
from models.committee.member import CommitteeMember
from models.committee.rater_agreement import RaterAgreement, coefficients, weight
from models.committee.rules.attendance import Attendance
from models.committee.ties.late_ties import involve
from models.committee.treatment import Treatment, TreatmentState
from models.forms.edit_conflict import EditConflict
from models.mail.outbox import Mail
from tests import filling, make
from tests.bench.measure import counted
from tests.committee.test_treatment import finish, fresh, hand_in, reads
from tests.web.pages import send as press

pytestmark = pytest.mark.db_dialect

GOOD = "goed"
WITHOUT = "kon beter, zonder invloed op de uitkomst"
MAYBE = "kon beter, mogelijk van invloed"
SURE = "kon beter, waarschijnlijk van invloed"
CALM = {"D1": "nee", "E1": "nee", "E2": "geen", "F1": "nee", "F6": "hamerstuk", "A4": "ja", "A1": "ja"}
NO_LETTER = {"F5": "alleen bericht van gebruik"}
TEACHES = {"W3": "ja", "W4": "Meet het bloedverlies vanaf het begin.", "W6": "ja", "V11": "na bespreking, allen eens"}

NAMING = ["Bel 06-12345678.", "BSN 111222333", "Op 3 maart 2026 gebeurde dit.", "In {hospital} ging het mis."]

# 20 pairs on 4 grades, with what they must give (design of the committee).
REFERENCE = [(0, 0)] * 8 + [(0, 1)] * 4 + [(1, 1)] * 3 + [(1, 2)] * 2 + [(2, 2), (0, 2), (3, 3)]


@pytest.mark.parametrize(("power", "kappa", "ac2"), [(None, 0.4320, 0.5595), (1, 0.5467, 0.7439), (2, 0.6711, 0.8634)])
def test_agreement_gives_the_figures_of_the_reference(power, kappa, ac2):
    weights = [[weight(one, two, 4, power is not None, power or 1) for two in range(4)] for one in range(4)]
    found = coefficients(REFERENCE, weights)
    assert [round(one, 4) for one in found] == [kappa, ac2]


def test_agreement_says_what_it_can_say_and_no_more():
    whole = RaterAgreement.of(REFERENCE, 4)
    assert (whole.same, whole.near) == (0.65, 0.95)
    assert whole.kappa_range[0] < whole.kappa < whole.kappa_range[1] and whole == RaterAgreement.of(REFERENCE, 4)
    few, none, alike = RaterAgreement.of(REFERENCE[:19], 4), RaterAgreement.of([], 4), RaterAgreement.of([(0, 0)] * 20, 4)
    assert (few.pairs, few.kappa, few.ac2, none.same) == (19, None, None, None)
    assert (alike.same, alike.kappa) == (1, None)


@pytest.fixture
def people():
    """A coordinator, and two members without a tie."""
    return make.coordinator(), make.member(), make.member()


@pytest.fixture
def assessed(people):
    """assessed(first, second): a case of morbidity whose two assessors answered so."""
    filling.crf()
    theme = make.theme(name="Peripartum hysterectomie")

    def bring(first=(), second=(), theme=theme):
        coordinator, *pair = people
        treatment = make.treatment(make.case(Status.GOEDGEKEURD, theme=theme), pair, coordinator)
        for one, by, answers in zip(Assessment.of(treatment), pair, (first, second), strict=True):
            hand_in(one, by, {**CALM, **dict(answers)})
        return fresh(treatment)

    return bring


def settled(treatment, by, **answers):
    """The consensus of the meeting, settled."""
    finish(consensus.prefill(treatment, by), by, {**TEACHES, **answers})
    consensus.fix_consensus(fresh(treatment), by)
    return fresh(treatment)


def test_nobody_sees_a_form_before_both_are_in(people):
    filling.crf()
    coordinator, first, second = people
    treatment = make.treatment(make.case(Status.GOEDGEKEURD, theme=make.theme(name="AFLP")), (first, second), coordinator)
    hand_in(Assessment.of(treatment)[0], first, CALM)
    for by in people:
        with pytest.raises(Refused, match="nog niet allebei binnen"):
            Comparison.of(fresh(treatment), by)


@pytest.mark.parametrize(
    ("first", "second", "big"),
    [
        ({"C10": GOOD}, {"C10": WITHOUT}, []),
        ({"C10": WITHOUT}, {"C10": MAYBE}, ["C10"]),
        ({"C10": MAYBE}, {"C10": SURE}, []),
        ({"C10": GOOD}, {"C10": SURE}, ["C10"]),
        ({"E1": "nee"}, {"E1": "mogelijk"}, ["E1"]),
        ({"E1": "mogelijk"}, {"E1": "waarschijnlijk"}, []),
        ({"M2": "ja"}, {"M2": "grensgeval"}, ["M2"]),
        ({"C6": GOOD}, {"C6": MAYBE}, []),
        ({"C6": GOOD, "C7": GOOD}, {"C6": MAYBE, "C7": SURE}, ["C6", "C7"]),
        ({"C6": "onbekend", "C7": GOOD}, {"C6": MAYBE, "C7": SURE}, []),
        ({"M9": "waarschijnlijk wel"}, {"M9": "waarschijnlijk niet"}, ["M9"]),
    ],
)
def test_what_is_a_big_difference(assessed, people, first, second, big):
    compared = Comparison.of(assessed(first, second), people[0])
    assert [row.item.code for row in compared.big] == big
    assert compared.third_wanted == bool(big) and compared.formality != bool(big)


def test_a_third_sees_neither_form_until_handed_in(assessed, people):
    treatment, third = assessed({"C10": GOOD}, {"C10": SURE}), make.member()
    Assessment.appoint(treatment, people[0], [third.id])
    with pytest.raises(Refused, match="nog niet"):
        Comparison.of(fresh(treatment), third)
    assert len(Comparison.of(fresh(treatment), people[1]).forms) == 2
    hand_in(Assessment.of(treatment)[2], third, CALM)
    assert len(Comparison.of(fresh(treatment), third).forms) == 3 and fresh(treatment).state == TreatmentState.BINNEN


def test_the_agenda_offers_its_formalities_in_as_few_queries_for_many(assessed, people, client, login):
    treatment = assessed()
    page, mine = f"/vergadering/{treatment.meeting.key}/", login(client, people[0])
    with counted() as few:
        shown = mine.get(page)
    assert "Hamerstukken vaststellen" in shown.text and f'value="{treatment.key}"' in shown.text
    others = [assessed(NO_LETTER, NO_LETTER) for _ in range(3)]
    for other in others:
        Treatment.update(meeting=treatment.meeting).where(Treatment.id == other.id).execute()
    with counted() as many:
        shown = mine.get(page)
    assert all(f'value="{one.key}"' in shown.text for one in others) and len(many) == len(few)

    Attendance.note(treatment.meeting, people[0], [str(one.id) for one in people[1:]])
    press(mine, page + "hamerstukken", casus=[one.key for one in others], gebruik="jaarverslag")
    said = mine.get(page).text
    assert "3 hamerstuk(ken) vastgesteld" in said and "Hamerstukken vaststellen" in said
    assert {fresh(one).state for one in others} == {TreatmentState.BESPROKEN}


def test_a_theme_that_is_always_discussed_is_no_formality(assessed, people):
    treatment = assessed(theme=make.theme(name="Acute Fatty Liver of Pregnancy", always_discussed=True))
    assert consensus.formalities(treatment.meeting, people[0]) == []


def test_a_question_to_the_hospital_comes_back_and_holds_up_the_end(assessed, people):
    treatment, coordinator = assessed(NO_LETTER, NO_LETTER), people[0]
    question = consensus.ask_hospital(treatment, coordinator, "Hoeveel bloed is er verloren?")
    assert Case.get_by_id(treatment.case_id).status == Status.GOEDGEKEURD
    assert consensus.formalities(treatment.meeting, coordinator) == []
    treatment = settled(treatment, coordinator)
    with pytest.raises(Refused, match="nog een vraag open"):
        consensus.close(treatment, coordinator)
    question.answer(treatment.case.reporter, "Twee liter.")
    assert [one.reply for one in consensus.asked_about(treatment.case)] == ["Twee liter."]
    consensus.close(fresh(treatment), coordinator)
    assert fresh(treatment).state == TreatmentState.GESLOTEN


def test_closing_ends_access_and_gives_the_hospital_its_receipt(assessed, people):
    coordinator, first, _ = people
    treatment = settled(assessed(), coordinator, W5=["jaarverslag"])
    case = treatment.case
    with pytest.raises(Refused, match="wil een lessenbrief"):
        consensus.close(treatment, coordinator)
    (letter,) = LessonLetter.release(treatment, coordinator, "Meet het bloedverlies.", "Snel herkend.", treatment.round)
    assert reads(first, case)
    consensus.close(fresh(treatment), coordinator)
    assert not reads(first, case)
    with pytest.raises(Refused):
        Comparison.of(fresh(treatment), first)
    assert [one.kind for one in CaseUse.of_case(case)] == ["besproken", "jaarverslag"]
    assert letter.content(case.reporter).startswith(b"%PDF") and len(LessonLetter.read_by(case)[letter.key]) == 1
    assert access.visible(LessonLetter, case.reporter).count() == 1
    assert access.visible(LessonLetter, make.user()).count() == 0
    CaseUse.add(case, coordinator, "richtlijn", "Richtlijn fluxus 2027", "https://richtlijn.example/fluxus")
    CaseUse.add(case, coordinator, "richtlijn", "Richtlijn fluxus 2027")
    assert len(CaseUse.of_case(case)) == 3


def test_a_letter_is_released_once_and_says_so_to_who_works_on_the_case(assessed, people):
    treatment = settled(assessed(), people[0])
    for _ in range(2):
        LessonLetter.release(treatment, people[0], "Meet het bloedverlies.", "", treatment.round)
    assert LessonLetter.select().count() == 1
    mails = Mail.select().where(Mail.name == "committee_letter")
    assert [mail.user_id for mail in mails] == [treatment.case.reporter_id]


@pytest.mark.parametrize("text", NAMING)
def test_a_letter_and_a_question_name_nobody(assessed, people, text):
    treatment = settled(assessed(), people[0])
    text = text.format(hospital=treatment.case.hospital.name)
    with pytest.raises(Refused):
        LessonLetter.release(treatment, people[0], text, "", treatment.round)
    with pytest.raises(Refused):
        consensus.ask_hospital(treatment, people[0], text)
    assert LessonLetter.select().count() == 0


def test_a_letter_names_nobody_who_has_an_account(assessed, people):
    treatment = settled(assessed(), people[0])
    make.user(name="Wilhelmina Verhagen", hospital=make.hospital("Zuiderkliniek"))
    with pytest.raises(Refused, match="Wilhelmina Verhagen"):
        LessonLetter.release(treatment, people[0], "Dokter wilhelmina verhagen deed het goed.", "", treatment.round)


def test_only_who_leads_settles_releases_and_closes(assessed, people):
    treatment, (coordinator, first, _) = assessed(), people
    melder = treatment.case.reporter
    finish(consensus.prefill(treatment, coordinator), coordinator, TEACHES)
    for by in (first, melder, make.user(role=Role.BEHEERDER), make.coordinator("lza1")):
        with pytest.raises(Refused):
            consensus.fix_consensus(treatment, by)
    consensus.fix_consensus(fresh(treatment), coordinator)
    for by in (first, melder, make.coordinator("lza1")):
        with pytest.raises(Refused):
            LessonLetter.release(fresh(treatment), by, "Tekst.", "", treatment.round)
        with pytest.raises(Refused):
            consensus.close(fresh(treatment), by, "reden")
        with pytest.raises(Refused):
            consensus.ask_hospital(fresh(treatment), by, "Tekst?")


def test_two_at_the_consensus_hear_who_answered_first(assessed, people):
    mine = consensus.prefill(assessed(), people[0])
    other = make.coordinator()
    theirs = consensus.prefill(fresh(mine.treatment), other)
    for code, answer in {"W3": "ja", "W4": "Weeg het bloedverlies."}.items():
        theirs.put(code, answer, other)

    with pytest.raises(EditConflict, match=f"{other.name} heeft vraag W4 intussen ook beantwoord") as conflict:
        mine.put("W4", "Meet het bloedverlies.", people[0])

    assert (conflict.value.theirs, conflict.value.revision) == ("Weeg het bloedverlies.", 1)


@pytest.mark.parametrize(
    "sent", [{"repeat": ""}, {"repeat": "x"}, {"repeat": "-1"}, {"seen_revision": ""}, {"seen_revision": "1e3"}]
)
def test_an_answer_with_a_broken_place_or_revision_is_refused_in_words(assessed, people, sent):
    with pytest.raises(Refused, match="kwam niet goed aan"):
        consensus.prefill(assessed(), people[0]).put("W4", "Meet het bloedverlies.", people[0], **sent)


def test_the_chair_reads_the_agenda_and_leads_without_being_named(assessed):
    chair = make.member(chair=True)
    treatment = assessed()
    assert reads(chair, treatment.case) and treatment.at_table(chair)
    assert not treatment.at_table(make.member(chair=True))


def test_a_chair_who_turns_out_to_have_a_tie_is_out_of_the_room(assessed, people):
    chair, other = make.member(chair=True), make.member(chair=True)
    treatment = assessed()
    assert Comparison.of(treatment, chair) and treatment.at_table(chair)

    involve(treatment, people[0], CommitteeMember.of(chair).workplaces.first().hospital)

    assert not reads(chair, treatment.case) and not fresh(treatment).at_table(chair)
    with pytest.raises(Refused, match="U doet hier niet mee"):
        Comparison.of(fresh(treatment), chair)
    assert reads(other, treatment.case) and fresh(treatment).at_table(other)


def test_a_closed_treatment_is_reopened_with_a_reason_and_keeps_its_first_day(assessed, people):
    coordinator = people[0]
    treatment = settled(assessed(), coordinator)
    consensus.close(treatment, coordinator, "De melder wil geen brief.")
    closed = fresh(treatment).closed_at
    with pytest.raises(Refused, match="Schrijf op waarom"):
        consensus.reopen(fresh(treatment), coordinator, " ")
    consensus.reopen(fresh(treatment), coordinator, "Nieuw stuk.")
    assert (fresh(treatment).state, fresh(treatment).closed_at) == (TreatmentState.BESPROKEN, closed)


def test_the_trail_tells_that_it_happened_and_not_what(assessed, people):
    treatment = settled(assessed({"C10": SURE}, {"C10": SURE}), people[0])
    lines = AuditEvent.of_case(treatment.case)
    assert {"treatment.schedule", "assessor.name", "assessor.hand_in", "treatment.consensus"} <= {one.action for one in lines}
    assert not [one for one in lines if "invloed" in one.detail or "Meet" in one.detail]
