"""Refusals about cases in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

from datetime import date, timedelta

import pytest

from models import clock
from models.access import Process, Role
from models.cases.case import DISMISSALS, Case
from models.cases.requested_document import RequestedDocument, RequestedDocumentAnswer
from models.cases.status import Status
from models.files.document import Document
from models.files.file_state import FileState
from tests import make
from tests.refusals import Pairs

pair = Pairs()


@pair("Dit thema wordt op dit moment niet geregistreerd.")
def ended_theme(earns):
    theme = make.theme(valid_to=clock.today() - timedelta(days=1) if earns else clock.today() + timedelta(days=1))
    Case.open(make.user(), theme)


@pair("Deze melding is intussen gewijzigd")
def moved_meanwhile(earns):
    case = make.case(Status.INGEDIEND)
    seen = case.round
    if earns:  # and back again: the status is the same, the case is not
        case.mark_incomplete(make.coordinator(), "Het verslag ontbreekt.")
        case.submit(case.reporter)
    case.as_seen(seen)


@pair("Iemand was u voor")
def moved_first(earns):
    case, by = make.case(Status.INGEDIEND), make.coordinator()
    seen = Case.get_by_id(case.id)
    if earns:
        case.mark_incomplete(by, "Het verslag ontbreekt.")
    seen.approve(by)


@pair("Voeg eerst minstens één bestand toe.")
def without_a_file(earns):
    case = make.case()
    if not earns:
        make.document(case)
    case.submit(case.reporter)


@pair("Alleen bij LZA1 gaat een vraag van de commissie via het portaal.")
def question_of_committee(earns):
    process = Process.NETHOSS if earns else Process.LZA1
    theme = make.theme(process=process)
    by = make.user(role=Role.MELDER if earns else Role.LZA1_MELDER)
    make.case(Status.GOEDGEKEURD, by=by, theme=theme).ask(make.coordinator(process), "Wanneer begon het?")


@pair("Het ziekenhuis heeft deze melding zelf ingetrokken.")
def withdrawn_by_the_hospital(earns):
    case, by = make.case(Status.INGETROKKEN if earns else Status.INGEDIEND), make.coordinator()
    if not earns:
        case.dismiss(by, next(iter(DISMISSALS)), "Dubbel gemeld.")
    case.reopen(by, "Toch nodig.")


@pair("Alleen de coördinator kan deze melding heropenen.")
def dismissed(earns):
    case = make.case(Status.CONCEPT if earns else Status.INGETROKKEN)
    if earns:
        case.dismiss(make.coordinator(), next(iter(DISMISSALS)), "Dubbel gemeld.")
    case.restore(case.reporter)


@pair("Kies waarom u deze melding afsluit.")
def dismissed_for_nothing(earns):
    make.case().dismiss(make.coordinator(), "" if earns else next(iter(DISMISSALS)), "Dubbel gemeld.")


@pair("Deze melding is niet van uw ziekenhuis.")
def of_another_hospital(earns):
    case = make.case()
    case.withdraw(make.user(hospital=None if earns else case.hospital), "Per ongeluk.")


@pair("LZA1-meldingen tellen niet mee in de maandelijkse uitvraag.")
def month_of_lza1(earns):
    process = Process.LZA1 if earns else Process.NETHOSS
    by = make.user(role=Role.LZA1_MELDER if earns else Role.MELDER)
    make.case(by=by, theme=make.theme(process=process)).count_for(make.coordinator(process), "2026-09")


@pair("Kies een collega van dit ziekenhuis die LZA1-meldingen mag aanvullen.")
def colleague_elsewhere(earns):
    by = make.user(role=Role.LZA1_MELDER)
    case = make.case(by=by, theme=make.theme(process=Process.LZA1))
    case.entrust(make.user(role=Role.LZA1_MELDER, hospital=None if earns else by.hospital), by)


@pair("Kies 'niet beschikbaar' met een reden, of 'volgt later' met een datum.")
def both_answers(earns):
    case = make.case()
    asked = RequestedDocument.get(RequestedDocument.theme == case.theme)
    RequestedDocumentAnswer.give(case, asked, case.reporter, "Kwijt", date(2027, 1, 1) if earns else None)


@pair("Alleen de melder van deze casus wijst collega's aan.")
def named_by_another(earns):
    by = make.user(role=Role.LZA1_MELDER)
    case = make.case(by=by, theme=make.theme(process=Process.LZA1))
    third, colleague = (make.user(role=Role.LZA1_MELDER, hospital=by.hospital) for _ in range(2))
    case.entrust(colleague, third if earns else by)


@pair("De melder van deze casus heeft geen account meer. Vraag de coördinator om collega's aan te wijzen.")
def named_after_the_melder_left(earns):
    case, by = _of_lza1(), make.coordinator(Process.LZA1)
    case.reporter.deactivate()
    colleague = make.user(role=Role.LZA1_MELDER, hospital=case.hospital)
    case.entrust(colleague, colleague if earns else by)


@pair("Niemand kan de bestanden bij deze melding openen.")
def only_a_file_with_a_virus(earns):
    case = make.case()
    make.document(case)
    if earns:
        Document.update(state=FileState.BESMET).execute()
    case.submit(case.reporter)


@pair("Dit document hoort niet bij het thema van deze melding.")
def answer_about_another_theme(earns):
    case, other = make.case(), make.theme()
    asked = RequestedDocument.get(RequestedDocument.theme == (other if earns else case.theme))
    RequestedDocumentAnswer.give(case, asked, case.reporter, "Kwijt")


@pair("In uw ziekenhuis ziet alleen de melder deze melding, met de collega's die zijn aangewezen.")
def colleague_who_was_not_named(earns):
    case = _of_lza1()
    colleague = make.user(role=Role.LZA1_MELDER, hospital=case.hospital)
    if not earns:
        case.entrust(colleague, case.reporter)
    case.open_for(colleague, True, "")


@pair("Bij een melding met de status Goedgekeurd kan dit niet meer.")
def answer_after_approval(earns):
    case = make.case(Status.GOEDGEKEURD if earns else Status.ONVOLLEDIG)
    asked = RequestedDocument.get(RequestedDocument.theme == case.theme)
    RequestedDocumentAnswer.give(case, asked, case.reporter, "Kwijt")


@pair("Dit kan niet bij een melding met de status Concept.")
def approval_of_a_concept(earns):
    case = make.case(Status.CONCEPT if earns else Status.INGEDIEND)
    case.approve(make.coordinator())


@pair("De inhoud van deze melding is vernietigd.")
def restore_after_erasure(earns):
    case = make.case(Status.INGETROKKEN)
    if earns:
        Case.update(erased_at=clock.now()).execute()
    case.restore(case.reporter)


@pair("Vul de reden in.")
def withdrawn_for_nothing(earns):
    case = make.case()
    case.withdraw(case.reporter, " " if earns else "Dubbel.")


@pair("Schrijf eerst de notitie.")
def empty_note(earns):
    make.case(Status.INGEDIEND).note(make.coordinator(), " " if earns else "Nabellen.")


@pair("Schrijf op wat de commissie vraagt.")
def empty_question(earns):
    _of_lza1(Status.GOEDGEKEURD).ask(make.coordinator(Process.LZA1), "" if earns else "Wanneer begon het?")


@pair("Schrijf waarom u deze melding heropent; het ziekenhuis leest dat.")
def reopened_for_nothing(earns):
    make.case(Status.GOEDGEKEURD).reopen(make.coordinator(), "" if earns else "Er is een verslag gevonden.")


@pair("Schrijf een toelichting: het ziekenhuis leest waarom u afsluit.")
def dismissed_without_a_word(earns):
    make.case().dismiss(make.coordinator(), next(iter(DISMISSALS)), "" if earns else "Dubbel gemeld.")


@pair("Bij bestaande meldingen hoort deze regel al op de lijst.")
def line_of_old_cases(earns):
    line = RequestedDocument.get(RequestedDocument.theme == make.case().theme)
    yesterday = clock.today() - timedelta(days=1)
    until = yesterday if earns else clock.today()
    line.amend(make.coordinator(), False, line.label, line.if_applicable, line.position, line.valid_from, until)


def _of_lza1(status=Status.CONCEPT):
    by = make.user(role=Role.LZA1_MELDER, hospital=make.hospital(lza1_kept_apart=True))
    return make.case(status, by=by, theme=make.theme(process=Process.LZA1))


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
