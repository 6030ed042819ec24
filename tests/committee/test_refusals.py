"""Refusals about committees in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

from datetime import timedelta

import pytest

from models import clock
from models.access import Process, Role
from models.cases.case import Case
from models.cases.case_reader import CaseReader
from models.cases.status import Status
from models.committee import consensus
from models.committee.assessment import Assessment
from models.committee.case_use import CaseUse, UseKind
from models.committee.committee_form import CommitteeForm
from models.committee.comparison import Comparison
from models.committee.following.assessor_terms import withdraw
from models.committee.lesson_letter import LessonLetter
from models.committee.meeting import Meeting
from models.committee.meeting_agenda import TO_SCHEDULE, close_meeting, schedule_all
from models.committee.member import CommitteeMember, Workplace
from models.committee.package.dossier_package import DossierPackage
from models.committee.rules.attendance import Attendance
from models.committee.rules.committee_settings import CommitteeSettings
from models.committee.ties.reach_change import ReachChange
from models.committee.treatment import Treatment, TreatmentState
from models.questionnaires.definition.questionnaire import Purpose, Questionnaire
from models.review.correction.theme_correction import correct_theme
from tests import filling, make
from tests.committee.test_committee_settings import amend
from tests.committee.test_treatment import fresh, hand_in
from tests.filling import question
from tests.refusals import Pairs

pair = Pairs()
TOMORROW = clock.today() + timedelta(days=1)


# ---- assessors ----------------------------------------------------------------------------------------------------------


@pair("Deze beoordeling is niet (meer) van u.")
def form_of_another(earns):
    first, second = Assessment.of(_named())
    first.declare((second if earns else first).assessor)


@pair("U hebt deze beoordeling al ingeleverd.")
def given_back_after_handing_in(earns):
    first, _ = _named_with_forms()
    if earns:
        hand_in(first, first.assessor)
    fresh(first).give_back(first.assessor, "geen tijd")


@pair("Dit is nog niet ingeleverd.")
def taken_back_before_handing_in(earns):
    first, _ = _named_with_forms()
    if not earns:
        hand_in(first, first.assessor)
    fresh(first).take_back(first.assessor)


@pair("er worden geen beoordelaars meer genoemd.")
def named_after_the_meeting(earns):
    treatment, by = _in_state(TreatmentState.BESPROKEN if earns else TreatmentState.BINNEN), make.coordinator()
    Assessment.appoint(treatment, by, [make.member().id])


@pair("Kies wie de casus beoordeelt.")
def nobody_named(earns):
    treatment = make.treatment()
    Assessment.appoint(treatment, make.coordinator(), [] if earns else [make.member().id, make.member().id])


@pair("Noem één derde beoordelaar.")
def two_thirds(earns):
    Assessment.appoint(_in_state(TreatmentState.BINNEN), make.coordinator(), [make.member().id for _ in range(1 + earns)])


@pair("Kies ten minste 2 beoordelaars.")
def one_assessor(earns):
    Assessment.appoint(make.treatment(), make.coordinator(), [make.member().id for _ in range(2 - earns)])


@pair("Kies waarom u deze casus teruggeeft.")
def given_back_without_a_reason(earns):
    first, _ = Assessment.of(_named())
    first.give_back(first.assessor, "" if earns else "geen tijd")


@pair("Deze beoordelaar heeft hier niets meer in te leveren.")
def taken_from_who_has_it_not(earns):
    treatment = _named()
    withdraw(treatment, make.coordinator(), (make.member() if earns else Assessment.of(treatment)[0].assessor).id)


@pair("Wat er stond, is intussen gewijzigd. Houd dit tegen, en vraag het opnieuw aan als het nog nodig is.")
def change_on_other_ground(earns):
    hospital, _ = make.hospital(region="Oost"), make.hospital(region="Oost")
    (held,) = ReachChange.amend_hospital(hospital, make.user(role=Role.BEHEERDER), region="Noord")
    if earns:
        hospital.amend(None, region="Zuid")
    ReachChange.get_by_id(held.id).confirm(make.user(role=Role.BEHEERDER))


# ---- settings -----------------------------------------------------------------------------------------------------------


@pair("Iemand heeft de instellingen intussen gewijzigd. Bekijk die opnieuw.")
def settings_that_another_changed(earns):
    CommitteeSettings.amend(make.coordinator(), Process.NETHOSS, 1 if earns else 0, quorum=3)


@pair("Iemand anders moet dit bevestigen: een andere coördinator, of een beheerder.")
def settings_confirmed_by_who_asked(earns):
    by = make.coordinator()
    waits = amend(by, region_blocks=False)
    CommitteeSettings.confirm(by if earns else make.coordinator(), Process.NETHOSS, waits.mark)


@pair("Leg bij de agenda vast wie er is, of zet de casus op een andere vergadering.")
def below_the_quorum(earns):
    treatment, by = _in(), make.coordinator()
    amend(by, quorum=1)
    Attendance.note(treatment.meeting, by, [] if earns else [str(make.member().id)])
    _consensus(treatment, by)
    consensus.fix_consensus(treatment, by)


@pair("Vraag de coördinator om vast te leggen wie er is, of om een andere vergadering.")
def below_the_quorum_for_a_chair(earns):
    treatment, by, chair = _in(), make.coordinator(), make.member()
    amend(by, quorum=1)
    CommitteeMember.update(chair=True).where(CommitteeMember.user == chair).execute()
    CaseReader.let(treatment.case, chair, "voorzitter van de commissie", clock.now())
    Attendance.note(treatment.meeting, by, [] if earns else [str(chair.id)])
    _consensus(treatment, by)
    consensus.fix_consensus(fresh(treatment), chair)


@pair("Niet iedereen die u koos, zit (nog) in deze commissie. Bekijk de lijst opnieuw.")
def present_of_another_committee(earns):
    person = make.member(make.user(role=Role.COMMISSIELID, committee=Process.LZA1 if earns else Process.NETHOSS))
    Attendance.note(make.meeting(), make.coordinator(), [str(person.id)])


# ---- members ------------------------------------------------------------------------------------------------------------


@pair("Dit account is geen commissielid. Geef het eerst die rol, onder Gebruikers.")
def member_without_the_role(earns):
    _add(make.user(role=Role.COORDINATOR if earns else Role.COMMISSIELID))


@pair("De laatste dag in de commissie ligt vóór de eerste.")
def term_that_ends_first(earns):
    _add(make.user(role=Role.COMMISSIELID), term_until=clock.today() - timedelta(days=earns))


@pair("Van dit commissielid staan de gegevens er al.")
def member_twice(earns):
    user = make.member()
    _add(user if earns else make.user(role=Role.COMMISSIELID))


@pair("Deze gegevens gaan niet over op iemand anders. Voeg voor die persoon nieuwe gegevens toe.")
def record_of_another(earns):
    member, other = CommitteeMember.of(make.member()), make.user(role=Role.COMMISSIELID)
    member.amend(_boss(), user=other if earns else member.user, discipline="jurist")


@pair("Een werkplek gaat niet over in een andere. Voeg de nieuwe werkplek toe en beëindig daarna de oude.")
def workplace_of_another_hospital(earns):
    member = CommitteeMember.of(make.member())
    place = member.workplaces.get()
    place.amend(_boss(), hospital=make.hospital() if earns else place.hospital)


@pair("De laatste dag op deze werkplek ligt vóór de eerste.")
def workplace_that_ends_first(earns):
    today, member = clock.today(), CommitteeMember.of(make.member())
    until = today - timedelta(days=earns)
    Workplace.add(_boss(), member=member, hospital=make.hospital(), since=today, until=until)


@pair("Alleen het commissielid zelf kan deze verklaring geven.")
def declaration_of_another(earns):
    mine, other = make.member(), make.member()
    CommitteeMember.of(other if earns else mine).declare(mine)


# ---- meetings -----------------------------------------------------------------------------------------------------------


@pair("De commissie heeft deze casus al besproken, met het formulier van dit thema. Dat ligt nu vast.")
def theme_of_a_case_that_was_discussed(earns):
    treatment = _discussed() if earns else make.treatment()
    Case.get_by_id(treatment.case_id).reopen(make.coordinator(), "Toch anders.")
    correct_theme(Case.get_by_id(treatment.case_id), make.coordinator(), make.theme(), "Anders.")


@pair("Kies de dag van de vergadering; die ligt niet in het verleden.")
def meeting_of_yesterday(earns):
    Meeting.plan(make.coordinator(), Process.NETHOSS, clock.today() - timedelta(days=earns))


@pair("Op die dag is er al een vergadering van deze commissie.")
def two_meetings_on_a_day(earns):
    day, process = TOMORROW + timedelta(days=earns), Process.NETHOSS if earns else Process.LZA1
    Meeting.plan(make.coordinator(), Process.NETHOSS, day)
    Meeting.plan(make.coordinator(process), process, day)


@pair("Kies eerst een of meer casussen.")
def agenda_of_nothing(earns):
    case = make.case(Status.GOEDGEKEURD)
    schedule_all(make.meeting(), make.coordinator(), [] if earns else [case.key])


@pair("Deze casus hoort bij een andere commissie.")
def agenda_of_another_committee(earns):
    process = Process.LZA1 if earns else Process.NETHOSS
    Treatment.schedule(make.case(Status.GOEDGEKEURD), make.meeting(process), make.coordinator())


@pair("Deze vergadering is afgerond. Kies een andere.")
def agenda_that_is_over(earns):
    over, other, by = make.meeting(), make.meeting(days=60), make.coordinator()
    close_meeting(over, by)
    Treatment.schedule(make.case(Status.GOEDGEKEURD), over if earns else other, by)


@pair("nog niet besproken. Kies wat daarmee gebeurt.")
def meeting_closed_with_cases_left(earns):
    close_meeting(make.treatment().meeting, make.coordinator(), "" if earns else TO_SCHEDULE)


@pair("Deze casus is al besproken.")
def moved_after_the_meeting(earns):
    treatment = _in_state(TreatmentState.BESPROKEN if earns else TreatmentState.BINNEN)
    Treatment.schedule(treatment.case, make.meeting(days=60), make.coordinator())


@pair("De casus is niet (meer) goedgekeurd: de behandeling staat stil")
def assessors_of_a_case_that_went_back(earns):
    treatment, by = make.treatment(), make.coordinator()
    case = Case.get_by_id(treatment.case_id)
    case.reopen(by, "Er kwam een stuk bij.")
    if not earns:  # what the sentence waits for
        case.approve(by)
    Assessment.appoint(treatment, by, [make.member().id, make.member().id])


# ---- the table and its consensus ----------------------------------------------------------------------------------------


@pair("Bij dit thema hoort nog geen beoordelingsformulier. De coördinator kan dat maken onder Vragenlijsten.")
def theme_without_a_form(earns):
    theme = make.theme() if earns else _forms()
    first, _ = Assessment.of(_named(theme))
    first.declare(first.assessor)
    CommitteeForm.of_assessor(first, first.assessor)


@pair("Deze vraag bestaat niet in deze versie van de vragenlijst. Ververs de pagina.")
def question_of_nowhere(earns):
    form = _form()
    form.put("Z9" if earns else "A4", "ja", form.assessment.assessor)


@pair("Vraag A5 hoort niet bij deze casus, gezien de andere antwoorden. Ververs de pagina.")
def question_that_is_not_asked(earns):
    form = _form()
    form.put("A4", "ja" if earns else "nee", form.assessment.assessor)
    form.put("A5", "ja", form.assessment.assessor)


@pair("Deze casus is op de agenda: de consensus kan nu niet worden geschreven.")
def consensus_before_the_forms(earns):
    CommitteeForm.of_meeting(
        make.treatment(make.case(Status.GOEDGEKEURD, theme=_forms())) if earns else _in(), make.coordinator()
    )


@pair("Alleen de voorzitter, de secretaris of de coördinator kan dit doen.")
def consensus_by_a_member(earns):
    treatment = _in()
    CommitteeForm.of_meeting(treatment, Assessment.of(treatment)[0].assessor if earns else make.coordinator())


@pair("De consensus is vastgesteld en verandert niet meer.")
def consensus_changed_after(earns):
    treatment, by = _in(), make.coordinator()
    form = _consensus(treatment, by)
    if earns:
        consensus.fix_consensus(treatment, by)
    form.put("W6", "nee, terug op de agenda", by, 1)


@pair("Deze casus is besproken: de consensus kan nu niet worden vastgesteld.")
def consensus_twice(earns):
    treatment, by = _in(), make.coordinator()
    _consensus(treatment, by)
    for _ in range(1 + earns):
        consensus.fix_consensus(fresh(treatment), by)


@pair("Volgens de consensus komt de casus terug op de agenda. Zet de casus op een andere vergadering.")
def consensus_that_is_none(earns):
    treatment, by = _in(), make.coordinator()
    _consensus(treatment, by, "nee, terug op de agenda" if earns else "ja")
    consensus.fix_consensus(treatment, by)


@pair("Kies eerst een of meer hamerstukken.")
def formalities_of_nothing(earns):
    treatment, by = _in(), make.coordinator()
    consensus.settle_formalities(treatment.meeting, by, [] if earns else [treatment.key])


@pair("Bij LZA1 gaat dit anders: vragen en het oordeel van de commissie plaatst u bij de melding.")
def lesson_of_lza1(earns):
    by = make.coordinator(Process.LZA1 if earns else Process.NETHOSS)
    consensus.ask_hospital(make.treatment(_of(by)), by, "Wie was bij het overleg?")


@pair("Er is nog geen oordeel. Plaats dat eerst bij de melding, of schrijf op waarom er geen oordeel komt.")
def closed_without_a_verdict(earns):
    by = make.coordinator(Process.LZA1)
    treatment = make.treatment(_of(by), by=by)
    Treatment.update(state=TreatmentState.BESPROKEN, compared_at=clock.now()).where(Treatment.id == treatment.id).execute()
    version = filling.questionnaire(question("C10", "ja/nee")).in_force()
    fields = {"still_open": 0, "asked": 1, "changed_at": clock.now(), "changed_by": by, "fixed_at": clock.now()}
    CommitteeForm.create(treatment=treatment, version=version, **fields)
    consensus.close(fresh(treatment), by, "" if earns else "De casus valt buiten categorie 1.")


@pair("Niet alles wat u koos, kan (nog) als hamerstuk. Bekijk de lijst opnieuw.")
def formality_that_is_none(earns):
    treatment, by = _in(formality="bespreken" if earns else "hamerstuk"), make.coordinator()
    consensus.settle_formalities(treatment.meeting, by, [treatment.key])


@pair("Deze casus is op de agenda. Sluiten kan na de bespreking.")
def closed_before_the_meeting(earns):
    consensus.close(make.treatment() if earns else _discussed(), make.coordinator())


@pair("De behandeling is gesloten.")
def question_after_closing(earns):
    treatment, by = _discussed(), make.coordinator()
    if earns:
        consensus.close(treatment, by)
    consensus.ask_hospital(fresh(treatment), by, "Wanneer begon het?")


@pair("Deze casus is intussen besproken. Bekijk de pagina opnieuw.")
def page_of_before(earns):
    treatment = _discussed()
    treatment.as_seen(treatment.round - earns)


@pair("Deze casus is voor u niet (meer) in te zien.")
def compared_by_who_reads_no_more(earns):
    treatment = _in()
    Comparison.of(treatment, make.member() if earns else Assessment.of(treatment)[0].assessor)


# ---- what goes to the hospital, and the dossier -------------------------------------------------------------------------


@pair("Deze casus is op de agenda: een brief volgt na de bespreking.")
def letter_before_the_meeting(earns):
    _release(make.treatment() if earns else _discussed())


@pair("Schrijf eerst de lessen op.")
def letter_of_nothing(earns):
    _release(_discussed(), " " if earns else "Meet het bloedverlies.")


@pair("In de tekst staat 'Het Amstelhuis'. Noem geen ziekenhuizen en geen mensen.")
def letter_that_names_a_hospital(earns):
    if earns:
        make.hospital("Het Amstelhuis")
    _release(_discussed(), f"In {'Het Amstelhuis' if earns else 'de kliniek'} ging het goed.")


@pair("Dit deel hoort niet (meer) bij deze casus. Kies opnieuw voor wie de brief is.")
def letter_to_a_stranger(earns):
    treatment = _discussed()
    part = make.case().key if earns else treatment.case.key
    LessonLetter.release(treatment, make.coordinator(), "Meet het bloedverlies.", "", treatment.round, part=part)


@pair("Deze brief is niet voor u.")
def letter_of_another_hospital(earns):
    letter = make.letter(_discussed())
    letter.content(make.user() if earns else letter.case.reporter)


@pair("Kies waarvoor de casus is gebruikt, en noem het verslag, de richtlijn of de publicatie.")
def use_of_nothing(earns):
    _use("" if earns else "Richtlijn HPP 2026")


@pair("Een link begint met https:// en is hoogstens 300 tekens.")
def use_at_an_odd_address(earns):
    _use("Richtlijn HPP 2026", "http" + "s" * (not earns) + "://example.com/hpp")


@pair("Kies een PDF of een ZIP-bestand.")
def dossier_of_another_kind(earns):
    case = make.case(Status.GOEDGEKEURD)
    DossierPackage.ask(case, make.coordinator(), "docx" if earns else "zip")


@pair("U leest deze casus niet (meer).")
def dossier_of_what_is_not_read(earns):
    case = make.case(Status.GOEDGEKEURD)
    reader = make.reader(case)
    DossierPackage.ask(case, make.member() if earns else reader, "zip")


@pair("Dit dossier is er (nog) niet. Vraag het aan, en haal het op zodra het klaar is.")
def dossier_before_it_is_made(earns):
    case, by = make.case(Status.GOEDGEKEURD), make.coordinator()
    if not earns:  # what the sentence says, to the end
        DossierPackage.ask(case, by, "zip")
        assert DossierPackage.make_waiting() == 1
    DossierPackage.fetch(case, by, "zip")


def _boss():
    return make.user(role=Role.BEHEERDER)


def _add(user, **more):
    CommitteeMember.add(_boss(), user=user, discipline="gynaecoloog", term_from=clock.today(), **more)


def _forms():
    """A theme with small forms of the committee, which ask what these sentences are about."""
    theme = make.theme()
    asked = {
        Purpose.BEOORDELING: [
            question("A4", "ja/nee"),
            question("A5", "ja/nee", shown_when='A4 = "nee"'),
            question("F6", "keuze: hamerstuk; bespreken"),
        ],
        Purpose.CONSENSUS: [question("W6", "keuze: ja; nee, terug op de agenda")],
    }
    for purpose, questions in asked.items():
        made = filling.questionnaire(*questions, theme=theme)
        Questionnaire.update(purpose=purpose, code=f"{made.code}-{purpose}").where(Questionnaire.id == made.id).execute()
    return theme


def _of(by):
    """An approved case of the process that `by` coordinates."""
    process = Process.LZA1 if Role.LZA1_COORDINATOR in by.role_names else Process.NETHOSS
    return make.case(Status.GOEDGEKEURD, theme=make.theme(process))


def _named(theme=None):
    case = make.case(Status.GOEDGEKEURD, theme=theme)
    return make.treatment(case, [make.member(), make.member()])


def _named_with_forms():
    return Assessment.of(_named(_forms()))


def _form():
    first, _ = _named_with_forms()
    first.declare(first.assessor)
    return CommitteeForm.of_assessor(first, first.assessor)


def _in(formality="hamerstuk"):
    """A treatment whose two assessors handed in."""
    treatment = _named(_forms())
    for one in Assessment.of(treatment):
        hand_in(one, one.assessor, {"A4": "ja", "F6": formality})
    return fresh(treatment)


def _in_state(state):
    treatment = _named()
    Treatment.update(state=state, compared_at=clock.now()).where(Treatment.id == treatment.id).execute()
    return fresh(treatment)


def _consensus(treatment, by, wanted="ja"):
    form = CommitteeForm.of_meeting(treatment, by)
    form.put("W6", wanted, by)
    return form


def _discussed():
    treatment, by = _in(), make.coordinator()
    _consensus(treatment, by)
    consensus.fix_consensus(treatment, by)
    return fresh(treatment)


def _release(treatment, text="Meet het bloedverlies."):
    LessonLetter.release(treatment, make.coordinator(), text, "", treatment.round)


def _use(said, link=""):
    CaseUse.add(make.case(Status.GOEDGEKEURD), make.coordinator(), UseKind.RICHTLIJN, said, link)


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
