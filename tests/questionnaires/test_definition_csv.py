"""A version as one file: out to a spreadsheet and in again, whole or not at all."""

import pytest

from models.base import Refused
from models.questionnaires.definition.definition_csv import COLUMNS, Mistakes, dump, for_spreadsheet, load
from models.questionnaires.definition.draft_version import Draft
from models.questionnaires.definition.questionnaire import Question, Version
from tests import filling, make
from tests.filling import block, question

HEAD = ",".join(COLUMNS) + "\n"
GOOD = "A1,A,Deel A,Vraag?,,ja/nee,,V,,,\n"


def load_into(draft, content):
    made = load(content)
    draft.replace(made.blocks, made.questions, made.intro, made.timeline)
    return draft.version


@pytest.mark.parametrize("first", [filling.crf, filling.lza1])
def test_the_first_questionnaires_come_back_as_they_went_out(first):
    questionnaire = first()
    text = dump(questionnaire.in_force())
    draft = Draft.begin(questionnaire, make.coordinator(questionnaire.in_process))
    version = load_into(draft, text.encode())

    assert dump(version) == text and version.problems() == []
    assert version.difference(questionnaire.in_force()).changed == []


def test_what_a_spreadsheet_might_take_for_a_formula_comes_back_too():
    odd = [
        question("A1", "ja/nee", label="=1+1"),
        question("A2", "tekst", label="-5 of 'meer'?"),
        question("A3", "datum", label="'@x"),
        question("A4", "getal (0-10)", label='Met ";" en "aanhaling",\nen een tweede regel'),
        question("A5", "ja/nee", retired=True),
        question("B1", "ja/nee", checks='weiger als B1 = "ja" | Nee.\nvraag als B1 = "nee" | Echt?'),
    ]
    questionnaire = filling.questionnaire(*odd, blocks=[block("A"), block("B", 'A1 = "ja"', "A4")])
    text = dump(questionnaire.in_force())

    assert "'=1+1" in text and "'-5" in text
    draft = Draft.begin(questionnaire, make.coordinator(), copy=questionnaire.in_force())
    version = load_into(draft, text.encode("utf-8-sig"))
    labels = [row.label for row in version.rows()[1]]
    assert labels == [row.label for row in odd] and version.rows()[1][4].retired and dump(version) == text


def test_a_file_with_semicolons_and_windows_letters_is_read_as_well():
    text = (HEAD + 'A1,A,Onderdeel één,"Café, of thuis?",,ja/nee,,V,,,\n').replace(",", ";").replace('"Café; of', '"Café, of')
    made = load(text.replace("\n", "\r\n").encode("cp1252"))

    assert (made.blocks[0].title, made.questions[0].label) == ("Onderdeel één", "Café, of thuis?")


def test_a_spreadsheets_own_form_goes_out_and_comes_back_the_same():
    questionnaire = filling.crf()
    version, by = questionnaire.in_force(), make.coordinator()
    content = for_spreadsheet(version)
    draft = Draft.take_in(version, by, content.replace(b"\n", b"\r\n"))

    assert content.startswith(b"\xef\xbb\xbfcode;block;")
    assert for_spreadsheet(draft.version) == content and not draft.version.difference(version)
    again = Draft.take_in(draft.version, by, content)
    assert again.version == draft.version and Version.select().where(Version.state == "concept").count() == 1


def test_a_file_of_another_questionnaire_or_with_a_mistake_begins_no_draft():
    crf, lza1 = filling.crf(), filling.lza1()
    version, by = crf.in_force(), make.coordinator()
    for content, sentence in (
        (for_spreadsheet(lza1.in_force()), "dit bestand is van"),
        ((HEAD + "A1,A,Deel A,Vraag?,,kleur,,V,,,\n").encode(), "Regel 2"),
    ):
        with pytest.raises(Mistakes, match=sentence):
            Draft.take_in(version, by, content)
    with pytest.raises(Refused, match="Alleen de coördinator"):
        Draft.take_in(version, make.user(), for_spreadsheet(version))
    assert crf.draft is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "ontbreken kolommen: code"),
        ("code,block\nA1,A\n", "ontbreken kolommen: block_title"),
        (HEAD, "geen vragen"),
        (HEAD + '"A1,A\n', "Regel [0-9]+: deze regel kan niet gelezen worden"),
        (HEAD + GOOD + "A2,A,Deel A,,,ja/nee,,V,,,\n", "Regel 3, kolom label: A2: De vraag heeft geen tekst"),
        (HEAD + GOOD + "A2,A,Deel A,Vraag?,,kleur,,V,,,\n", "Regel 3, kolom type_and_options: A2: 'kleur'"),
        (HEAD + GOOD + "A2,A,Deel A,Vraag?,,ja/nee,,V,Z9 > 1,,\n", "Regel 3, kolom shown_when: A2: Vraag Z9"),
        (HEAD + GOOD + "A2,A,Deel A,Vraag?,,ja/nee,,V,,onzin,\n", "Regel 3, kolom check: A2: Schrijf een controle"),
        (HEAD + GOOD + GOOD, "Regel 3, kolom code: A1: Deze code staat er twee keer"),
        (HEAD + GOOD + GOOD.replace(",V,", ",vervallen,"), "kolom code: A1 staat er twee keer"),
        (HEAD + "A123456789,A,Deel A,Vraag?,,ja/nee,,V,,,\n", "Regel 2, kolom code"),
        (HEAD + "A,A,Deel A,,,,,,Z9 > 1,,\n" + GOOD, "Regel 2, kolom shown_when: A: Vraag Z9"),
        (HEAD + "A,A,Deel A,,,,,,A1 ingevuld,,\n" * 2 + GOOD, "onderdeel A staat er twee keer"),
        (HEAD + "*,,,Naam,,tijdlijn,,,,,\n" + GOOD, "Schrijf de tijdlijn als"),
        (HEAD + "A1,A,Deel A,Vraag?,,ja/nee,,V,,,extra,cel,erbij\nA2,,,,,,,,,,\n", "A2"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_column_and_nothing_is_imported(text, sentence):
    draft = Draft.begin(filling.questionnaire(question("A1", "ja/nee")), make.coordinator())
    before = dump(draft.version)

    with pytest.raises(Refused, match=sentence):
        load_into(draft, text.encode())
    assert dump(Version.get_by_id(draft.version.id)) == before


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"PK\x03\x04\x00\x00", b"x" * 2_000_001, b"\xff\xfe\x00a"])
def test_what_is_no_csv_is_refused(content):
    with pytest.raises(Refused):
        load(content)


def test_many_mistakes_are_told_in_one_go_but_not_without_end():
    text = HEAD + "".join(f"A{number},A,Deel A,,,ja/nee,,V,,,\n" for number in range(1, 100))
    with pytest.raises(Refused, match="En nog 69 andere"):
        load(text.encode())


def test_a_published_version_takes_no_import():
    questionnaire = filling.questionnaire(question("A1", "ja/nee"))
    with pytest.raises(Refused, match="verandert niet meer"):
        Draft(questionnaire.in_force(), make.coordinator())
    assert Question.select().count() == 1


def test_a_question_that_is_not_in_the_file_is_retired_so_that_its_code_is_never_used_again():
    rows = question("A1", "ja/nee"), question("A2", "tekst"), question("B1", "tekst", retired=True)
    questionnaire, by = filling.questionnaire(*rows), make.coordinator()
    draft = Draft.take_in(questionnaire.in_force(), by, (HEAD + GOOD).encode())

    assert [(row.code, row.retired) for row in draft.version.rows()[1]] == [("A1", False), ("A2", True), ("B1", True)]
    assert draft.version.problems() == [] and draft.version.next_code("A") == "A3"
    with pytest.raises(Refused, match="al gebruikt"):
        draft.put_question("A2", "A", new=True, label="Iets anders?", answer="ja/nee")


def test_a_copy_of_an_older_version_keeps_the_codes_of_later_ones():
    questionnaire, by = filling.questionnaire(question("A1", "ja/nee")), make.coordinator()
    first, draft = questionnaire.in_force(), Draft.begin(questionnaire, by)
    draft.put_question("A2", "A", label="Nieuw?", answer="ja/nee", required="V")
    draft.version.publish(by)

    copy = Draft.begin(questionnaire, by, copy=first).version
    assert [(row.code, row.retired) for row in copy.rows()[1]] == [("A1", False), ("A2", True)] and not copy.difference(first)
