"""Refusals about questionnaires in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

from datetime import timedelta
from unittest.mock import patch

import pytest

from models import clock
from models.cases.case import Case
from models.cases.status import Status
from models.questionnaires.definition import definition_csv, new_questionnaire
from models.questionnaires.definition.definition_csv import BlockLine
from models.questionnaires.definition.definition_file import load_for
from models.questionnaires.definition.draft_version import Draft
from models.questionnaires.export import answers_export
from models.questionnaires.form import Form
from models.questionnaires.query import DataQuery
from models.questionnaires.version_upgrade import carry_over
from tests import filling, make
from tests.filling import question
from tests.refusals import Pairs

pair = Pairs()


@pair("kunt u geen vraag stellen.")
def question_about_a_concept(earns):
    case = make.case(Status.CONCEPT if earns else Status.INGEDIEND)
    document = make.document(case) if earns else case.documents.get()
    DataQuery.ask(case, make.coordinator(), "Klopt dit?", document=document)


@pair("De commissie stelt vragen over een goedgekeurde casus.")
def question_before_approval(earns):
    case = make.case(Status.INGEDIEND if earns else Status.GOEDGEKEURD)
    DataQuery.ask_for_committee(case, make.coordinator(), "Wanneer begon het?")


@pair("Dit bestand is geen CSV-bestand.")
def no_csv(earns):
    definition_csv._text(b"a;b\x00" if earns else b"a;b\xe9")


@pair("Dit bestand is groter dan 2MB. Sla alleen het blad met de vragen op als CSV.")
def large_csv(earns):
    other_sheets = b"c;d\n" * (definition_csv.LARGEST // 4)
    definition_csv._text(b"a;b\n" + other_sheets * earns)


@pair("Dit bestand bevat geen vragen.")
def no_questions(earns):
    head = ";".join(definition_csv.COLUMNS)
    definition_csv._lines(head + "\n" + (";" if earns else "x;"))


@pair("in dit bestand ontbreken kolommen")
def no_columns(earns):
    definition_csv._lines(";".join(definition_csv.COLUMNS[earns:]) + "\nx")


@pair("Dit antwoord wordt berekend en kan niet ingevuld worden.")
def computed(earns):
    form = _form(question("A1", "getal (1-9)"), question("A4", "auto: A1 * 2", ""))
    form.put("A4", "4" if earns else "", form.case.reporter)


@pair("Dit antwoord kwam niet goed aan.")
def revision_that_is_none(earns):
    form = _form()
    form.put("A1", "ja", form.case.reporter, seen_revision="x" if earns else "0")


@pair("Bij deze melding hoort geen vragenlijst.")
def theme_without_a_questionnaire(earns):
    case = make.case(theme=None if earns else filling.questionnaire(question("A1", "ja/nee")).theme)
    Form.start(case, case.reporter)


@pair("Deze vraag bestaat niet in deze versie van de vragenlijst.")
def question_of_nowhere(earns):
    form = _form()
    form.put("Z9" if earns else "A1", "ja", form.case.reporter)


@pair("Deze vragenlijst is intussen vervangen door een nieuwere versie.")
def form_of_an_older_version(earns):
    form = _form()
    if earns:
        Form.update(replaced_at=clock.now()).execute()
    form.put("A1", "ja", form.case.reporter)


@pair("Vraag A2 hoort niet bij deze casus, gezien de andere antwoorden.")
def question_that_is_not_asked(earns):
    form = _form(question("A1", "ja/nee"), question("A2", "ja/nee", shown_when='A1 = "ja"'))
    form.put("A1", "nee" if earns else "ja", form.case.reporter)
    form.put("A2", "ja", form.case.reporter)


@pair("kan de vragenlijst niet meer worden gewijzigd.")
def filled_in_after_withdrawal(earns):
    form = _form()
    if earns:
        Case.get_by_id(form.case_id).withdraw(form.case.reporter, "Dubbel.")
    form.put("A1", "ja", form.case.reporter)


@pair("Deze vragenlijst is al de nieuwste versie.")
def carried_over_to_itself(earns):
    form = _form()
    if not earns:
        _published_anew(form.version.questionnaire)
    carry_over(form, form.case.reporter)


@pair("Deze vragenlijst is intussen al overgezet.")
def carried_over_twice(earns):
    form = _form()
    _published_anew(form.version.questionnaire)
    for _ in range(1 + earns):
        carry_over(form, form.case.reporter)


@pair("Schrijf uw vraag op.")
def asked_nothing(earns):
    case, by, document = _with_document()
    DataQuery.ask(case, by, " " if earns else "Klopt dit?", document=document)


@pair("Schrijf de vraag op.")
def committee_asked_nothing(earns):
    DataQuery.ask_for_committee(make.case(Status.GOEDGEKEURD), make.coordinator(), " " if earns else "Wanneer?")


@pair("Schrijf uw antwoord op.")
def answered_nothing(earns):
    case, by, document = _with_document()
    DataQuery.ask(case, by, "Klopt dit?", document=document).answer(case.reporter, " " if earns else "Ja.")


@pair("Deze vraag staat niet in de vragenlijst van deze melding.")
def asked_about_nothing(earns):
    form = _form()
    make.document(form.case)
    form.case.submit(form.case.reporter)
    DataQuery.ask(form.case, make.coordinator(), "Klopt dit?", code="Z9" if earns else "A1")


@pair("heeft deze vraag intussen al beantwoord. Ververs de pagina.")
def answered_by_a_colleague(earns):
    case, by, document = _with_document()
    asked = DataQuery.ask(case, by, "Klopt dit?", document=document)
    if earns:
        asked.answer(make.user(hospital=case.hospital), "Ja.")
    asked.answer(case.reporter, "Nee.")


@pair("kunnen vragen niet meer worden beantwoord.")
def answered_after_approval(earns):
    case, by, document = _with_document()
    asked = DataQuery.ask(case, by, "Klopt dit?", document=document)
    if earns:
        case.approve(by)
    asked.answer(case.reporter, "Ja.")


@pair("Regel 2: deze regel kan niet gelezen worden")
def quotes_that_do_not_end(earns):
    definition_csv._lines(";".join(definition_csv.COLUMNS) + ('\nx;"y"z' if earns else '\nx;"yz"'))


@pair("onderdeel A staat er twee keer.")
def block_told_twice(earns):
    told = BlockLine(2, "A", "Deel", 'A1 = "ja"' if earns else "", "")
    definition_csv._block(3, {"code": "A", "type_and_options": "", "block_title": "Deel", "label": "", "shown_when": ""}, told)


@pair("Klopt het toch, wis dan deze naam in het bestand.")
def file_of_another_questionnaire(earns):
    made, other = (filling.questionnaire(question("A1", "ja/nee")) for _ in range(2))
    load_for(made, definition_csv.for_spreadsheet((other if earns else made).in_force()))


@pair("Deze versie is al in gebruik (geweest) en verandert niet meer. Maak een nieuw concept.")
def change_of_what_was_published(earns):
    made = filling.questionnaire(question("A1", "ja/nee"), publish=earns)
    Draft(made.versions.get(), make.coordinator()).put_block("A", title="Begin")


@pair("Er is al een concept van deze vragenlijst.")
def two_drafts(earns):
    made = filling.questionnaire(question("A1", "ja/nee"), publish=not earns)
    Draft.begin(made, make.coordinator())


@pair("Kies een onderdeel voor deze vraag.")
def question_of_no_block(earns):
    _draft().put_question("A9", None if earns else "A", new=True, label="Hoe?", answer="ja/nee", required="V")


@pair("Vraag Z9 bestaat niet in deze versie.")
def retired_though_unknown(earns):
    _draft().retire_question("Z9" if earns else "A2")


@pair("Onderdeel Z bestaat niet in deze versie.")
def moved_though_unknown(earns):
    _draft().shift_block("Z" if earns else "A", 1)


@pair("De vragen van dit onderdeel zijn intussen gewijzigd.")
def order_of_some(earns):
    _draft().arrange(["A2"] if earns else ["A2", "A1"])


@pair("Vraag A2 wordt niet meer gesteld.")
def moved_though_retired(earns):
    draft = _draft()
    if earns:
        draft.retire_question("A2")
    draft.shift("A2", -1)


@pair("A1: Deze tekst is te lang: 201 tekens, hoogstens 200.")
def long_source(earns):
    _draft().put_question("A1", source="x" * (200 + earns))


@pair("Geef de vragenlijst een naam van hoogstens 120 tekens.")
def questionnaire_without_a_name(earns):
    new_questionnaire.begin(make.coordinator(), f"thema-{make.theme().id}", " " if earns else "Sterfte")


@pair("Hierbij hoort al een vragenlijst.")
def theme_that_has_one(earns):
    theme = filling.questionnaire(question("A1", "ja/nee")).theme if earns else make.theme()
    new_questionnaire.begin(make.coordinator(), f"thema-{theme.id}", "Sterfte")


@pair("Een versie kan niet met terugwerkende kracht ingaan.")
def in_force_since_yesterday(earns):
    _draft().version.publish(make.coordinator(), clock.today() - timedelta(days=earns))


@pair("Deze versie is geen concept meer.")
def published_twice(earns):
    version = _draft().version
    for _ in range(1 + earns):
        version.publish(make.coordinator())


@pair("Deze versie kan nog niet in gebruik.")
def published_though_empty(earns):
    made = filling.questionnaire(*([] if earns else [question("A1", "ja/nee")]), publish=False)
    made.versions.get().publish(make.coordinator())


@pair("te veel voor één bestand. Kies een jaar, en maak een bestand per jaar.")
def more_than_a_file(earns):
    form = _form()
    make.document(form.case)
    form.case.submit(form.case.reporter)
    with patch.object(answers_export, "MOST", 1 - earns):
        answers_export.Answers(form.version, make.coordinator()).gather("csv")


def _form(*questions):
    return filling.form(filling.questionnaire(*(questions or [question("A1", "ja/nee")])))


def _draft():
    return Draft(
        filling.questionnaire(question("A1", "ja/nee"), question("A2", "ja/nee"), publish=False).versions.get(),
        make.coordinator(),
    )


def _published_anew(questionnaire):
    by = make.coordinator()
    Draft.begin(questionnaire, by).version.publish(by)


def _with_document():
    case = make.case(Status.INGEDIEND)
    return case, make.coordinator(), case.documents.get()


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
