"""Refusals of the review in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

from datetime import timedelta

import pytest

from models import clock
from models.access import Process
from models.accounts.deputies.absence import Absence
from models.cases.case import Case
from models.cases.status import Status
from models.mail.outbox import Mail, MailStatus
from models.review.assignment import CaseAssignment
from models.review.call_log import NOT_REACHED, LoggedCall
from models.review.correction.theme_correction import correct_theme, outlook
from models.review.correction.theme_outlook import mark
from models.review.notes.hospital_note import HospitalNote
from models.review.verdict_undo import UNDO, take_back
from tests import make
from tests.refusals import Pairs

pair = Pairs()


@pair("Kies hoe het gesprek ging.")
def call_without_an_outcome(earns):
    _log(outcome="" if earns else NOT_REACHED)


@pair("Vul in met wie u sprak.")
def call_with_nobody(earns):
    _log(outcome="gesproken" if earns else NOT_REACHED, spoken_to="")


@pair("Dit is geen dag om terug te bellen.")
def day_that_is_none(earns):
    _log(call_back=True, call_back_on=None if earns else clock.today())


@pair("Kies om terug te bellen een dag vanaf vandaag, hoogstens een jaar vooruit.")
def day_that_has_been(earns):
    _log(call_back=True, call_back_on=clock.today() - timedelta(days=earns))


@pair("Dit formulier is al gebruikt.")
def form_of_another_call(earns):
    _log(key="twee" if earns else "drie")
    _log(key="twee" if earns else "vier")


def _log(outcome="gesproken", spoken_to="Anna", key=None, **more):
    key = key or make.hospital().code
    LoggedCall.log(make.hospital(), make.coordinator(), key, outcome, spoken_to, **more)


@pair("Schrijf eerst de opmerking.")
def note_of_nothing(earns):
    HospitalNote.write(make.hospital(), make.coordinator(), f"leeg-{earns}", " " if earns else "Belt liever.")


@pair("Open de pagina opnieuw en schrijf de opmerking daar.")
def form_of_another_note(earns):
    for hospital in (make.hospital(), make.hospital()):
        HospitalNote.write(hospital, make.coordinator(), "een" if earns else hospital.code, "Belt liever.")


@pair("Alleen wie deze opmerking schreef, kan die wijzigen.")
def note_of_a_colleague(earns):
    by, hospital = make.coordinator(), make.hospital()
    note = HospitalNote.write(hospital, by, hospital.code, "Belt liever.")
    note.amend(make.coordinator() if earns else by, "Belt nooit.", 1)


@pair("Deze opmerking is intussen gewijzigd.")
def note_of_an_old_page(earns):
    by, hospital = make.coordinator(), make.hospital()
    HospitalNote.write(hospital, by, hospital.code, "Belt liever.").amend(by, "Belt nooit.", 2 if earns else 1)


@pair("Kies eerst een of meer meldingen.")
def nothing_chosen(earns):
    CaseAssignment.assign(make.coordinator(), [] if earns else [make.case(Status.INGEDIEND).key], None)


@pair("Kies een coördinator die deze meldingen mag beoordelen.")
def assigned_to_who_may_not(earns):
    to = make.coordinator(Process.LZA1 if earns else Process.NETHOSS)
    CaseAssignment.assign(make.coordinator(), [make.case(Status.INGEDIEND).key], to.id)


@pair("Kies wie er afwezig is: iemand die hetzelfde werk doet als u.")
def absence_of_other_work(earns):
    by = make.coordinator()
    Absence.plan(by, (make.coordinator(Process.LZA1) if earns else by).id, make.coordinator().id, *_days())


@pair("Kies een ander als vervanger, die hetzelfde werk mag doen.")
def deputy_for_oneself(earns):
    by = make.coordinator()
    Absence.plan(by, by.id, (by if earns else make.coordinator()).id, *_days())


@pair("Kies een eerste en een laatste dag, vanaf vandaag en hoogstens een jaar vooruit.")
def absence_of_yesterday(earns):
    by, (first, last) = make.coordinator(), _days()
    Absence.plan(by, by.id, make.coordinator().id, first - timedelta(days=earns), last)


@pair("is dan zelf afwezig. Kies een andere vervanger.")
def deputy_who_is_away(earns):
    by, deputy, other = (make.coordinator() for _ in range(3))
    first, last = _days()
    Absence.plan(by, deputy.id, other.id, first, first)
    Absence.plan(by, by.id, deputy.id, first if earns else last, last)


@pair("staat al een afwezigheid. Beëindig die eerst.")
def second_absence(earns):
    by, deputy = make.coordinator(), make.coordinator()
    made = Absence.plan(by, by.id, deputy.id, *_days())
    if not earns:
        made.end(by)
    Absence.plan(by, by.id, deputy.id, *_days())


@pair("Deze afwezigheid is van iemand met ander werk.")
def absence_ended_from_other_work(earns):
    by = make.coordinator()
    made = Absence.plan(by, by.id, make.coordinator().id, *_days())
    made.end(make.coordinator(Process.LZA1 if earns else Process.NETHOSS))


@pair("Deze afwezigheid is al voorbij.")
def absence_that_was(earns):
    by = make.coordinator()
    made = Absence.plan(by, by.id, make.coordinator().id, *_days())
    for _ in range(1 + earns):
        made.end(by)


@pair("Er is geen oordeel van u over deze melding dat nog ongedaan kan worden gemaakt.")
def verdict_of_another(earns):
    boss = make.coordinator()
    take_back(make.case(Status.GOEDGEKEURD, reviewer=boss), make.coordinator() if earns else boss)


@pair("de minuut daarvoor is voorbij.")
def verdict_of_a_minute_ago(earns):
    boss, now = make.coordinator(), clock.now()
    case = make.case(Status.GOEDGEKEURD, reviewer=boss, at=now)
    take_back(case, boss, now + UNDO - timedelta(seconds=not earns))


@pair("na uw oordeel is er al iets met de melding gedaan.")
def verdict_that_was_acted_on(earns):
    boss = make.coordinator()
    case = make.case(Status.ONVOLLEDIG, reviewer=boss)
    if earns:
        make.document(case)
    take_back(case, boss)


@pair("het ziekenhuis had de melding nog niet, of niet opnieuw, ingediend.")
def closing_of_what_was_not_handed_in(earns):
    boss = make.coordinator()
    case = make.case(Status.ONVOLLEDIG if earns else Status.INGEDIEND)
    case.dismiss(boss, "dubbel", "Al gemeld.")
    take_back(case, boss)


@pair("het versturen van de mail erover is al begonnen.")
def verdict_of_which_a_mail_tells_now(earns):
    boss = make.coordinator()
    case = make.case(Status.ONVOLLEDIG, reviewer=boss)
    if earns:
        Mail.update(status=MailStatus.BEZIG).where(Mail.case_id == case.id, Mail.name == "case_incomplete").execute()
    take_back(Case.get_by_id(case.id), boss)


@pair("het ziekenhuis leest dat.")
def theme_without_a_reason(earns):
    _correct(reason="" if earns else "Anders.")


@pair("Over dit thema werd niet gemeld toen deze melding, of een deel ervan, werd gemaakt.")
def theme_of_the_past(earns):
    _correct(theme=make.theme(valid_to=clock.first_of("2021-01") if earns else None))


@pair("Een melding van NethOSS kan geen LZA1-melding worden")
def theme_of_another_process(earns):
    _correct(theme=make.theme(Process.LZA1 if earns else Process.NETHOSS))


@pair("Deze melding heeft dit thema al.")
def theme_that_it_has(earns):
    case = make.case(Status.INGEDIEND)
    _correct(case, case.theme if earns else None)


@pair("Het ziekenhuis heeft deze melding nog niet ingediend. Daarna kunt u het thema corrigeren.")
def theme_of_a_concept(earns):
    _correct(make.case(Status.CONCEPT if earns else Status.ONVOLLEDIG))


@pair("Deze melding is afgesloten. Heropen die eerst; daarna kunt u het thema corrigeren.")
def theme_of_what_was_closed(earns):
    case = make.case(Status.INGEDIEND)
    if earns:
        case.dismiss(make.coordinator(), "dubbel", "Al gemeld.")
    _correct(case)


@pair("Deze melding is goedgekeurd. Heropen die eerst; daarna kunt u het thema corrigeren.")
def theme_of_what_was_approved(earns):
    _correct(make.case(Status.GOEDGEKEURD if earns else Status.INGEDIEND))


@pair("is goedgekeurd. Heropen dat eerst; daarna kunt u het thema corrigeren.")
def theme_of_a_case_with_an_approved_part(earns):
    case, other, boss = make.case(Status.INGEDIEND), make.user(), make.coordinator()
    part = case.invite(other.hospital, boss)
    make.document(part, by=other)
    part = Case.get_by_id(part.id)
    part.submit(other)
    if earns:
        part.approve(boss)
    _correct(case)


@pair("Corrigeer het thema bij die casus; dit deel gaat dan mee.")
def theme_of_a_part(earns):
    case, other = make.case(Status.INGEDIEND), make.user()
    part = case.invite(other.hospital, make.coordinator())
    _correct(part if earns else case)


@pair("Er is intussen iets aan deze melding veranderd.")
def theme_when_a_file_came_meanwhile(earns):
    case, theme = make.case(Status.INGEDIEND), make.theme()
    seen = mark(outlook(case, theme, make.coordinator()))
    if earns:
        make.document(case)
    _correct(case, theme, seen=seen)


@pair("Het thema van deze melding is intussen gecorrigeerd. Kies opnieuw welke documenten u vraagt.")
def part_asked_for_documents_of_the_theme_of_before(earns):
    case = Case.get_by_id(make.case(Status.INGEDIEND).id)
    asked = [str(line.id) for line in case.theme.asked]
    if earns:
        _correct(case)
    case.invite(make.user().hospital, make.coordinator(), asked=asked)


def _correct(case=None, theme=None, reason="Anders.", **more):
    case = Case.get_by_id((case or make.case(Status.INGEDIEND)).id)
    correct_theme(case, make.coordinator(), theme or make.theme(), reason, **more)


def _days():
    return clock.today(), clock.today() + timedelta(days=3)


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
