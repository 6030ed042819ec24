"""REDCap's data dictionary: our questionnaires come back the same, and a form from elsewhere is read or refused in words."""

import csv
import io

import pytest

from models.forms.expression import parse, source
from models.questionnaires.definition import data_dictionary, definition_csv, definition_file
from models.questionnaires.definition.data_dictionary import COLUMNS
from models.questionnaires.definition.definition_csv import Mistakes
from models.questionnaires.definition.definition_parser import read
from models.questionnaires.definition.redcap_conditions import from_redcap
from models.questionnaires.definition.redcap_logic import Untranslatable, Variable, to_redcap
from tests import filling
from tests.filling import block, question

VARIABLES = (
    Variable("d1", "D1", {"1": "ja", "0": "nee"}),
    Variable("k1", "K1", {"1": "hart", "2": "infectie"}, has_unknown=True),
    Variable("g1", "G1", {"1": "geen", "2": "koorts"}, several=True),
    Variable("c6", "C6", numeric=True),
    Variable("b2", "B2"),
    Variable("b5", "B5"),
)
BY_CODE, BY_NAME = {one.code: one for one in VARIABLES}, {one.name: one for one in VARIABLES}


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def dictionary(*rows):
    """The bytes of a data dictionary from elsewhere, with a record number before these fields."""
    sink = io.StringIO()
    writer = csv.DictWriter(sink, COLUMNS, restval="")
    writer.writeheader()
    for row in ({"name": "record_id", "type": "text"}, *rows):
        names = {"name": 0, "form": 1, "header": 2, "type": 3, "label": 4, "choices": 5, "note": 6, "check": 7, "least": 8,
                 "most": 9, "identifier": 10, "logic": 11, "required": 12}  # fmt: skip
        cells = {"form": "intake", "label": "Een vraag", "type": "text"} | row
        writer.writerow({COLUMNS[names[name]]: text for name, text in cells.items()})
    return sink.getvalue().encode()


def structure_of(made):
    structure, problems = read(made.blocks, made.questions, made.timeline)
    assert not problems
    return structure


@pytest.mark.parametrize("shipped", [filling.crf, filling.lza1])
def test_every_shipped_questionnaire_comes_back_the_same(shipped):
    version = shipped().versions.get()

    made = definition_file.load(data_dictionary.dump(version))

    assert structure_of(made) == version.structure
    assert (made.name, made.intro, made.timeline) == (version.questionnaire.name, version.intro, version.timeline)
    ours = definition_csv.load(definition_csv.for_spreadsheet(version))
    told = [(row.code, row.help, row.unit, row.required, row.checks, row.source, row.answer) for row in made.questions]
    assert told == [(row.code, row.help, row.unit, row.required, row.checks, row.source, row.answer) for row in ours.questions]


def test_redcap_finds_its_eighteen_columns_with_logic_in_its_own_words():
    rows = {row[COLUMNS[0]]: row for row in rows_of(data_dictionary.dump(filling.crf().versions.get()))}

    assert list(rows["d2"]) == list(COLUMNS) and len(COLUMNS) == 18 and next(iter(rows)) == "record_id"
    assert rows["d2"][COLUMNS[11]] == "[d1] = '1'" and rows["d2"][COLUMNS[3]] == "checkbox"
    assert rows["b6"][COLUMNS[5]] == "datediff([b5], [b2], 'd', true)"
    assert "[b3] <> '' and [b3] <> '99' and [b3] <> '1'" in rows["b5"][COLUMNS[11]]
    assert (rows["b1"][COLUMNS[7]], rows["b1"][COLUMNS[8]], rows["b1"][COLUMNS[9]]) == ("integer", "12", "60")


def test_repeated_blocks_rows_that_are_given_and_retired_questions_come_back():
    made = filling.questionnaire(
        question("A1", "getal (1-5)"),
        question("A2", "meer: geen!; koorts", "V*", "A1 > 2", "vraag als A1 > 4 | Klopt dit?\nweiger als A1 = 3 | Nee."),
        question("A3", "tekst (50)", "O", retired=True),
        question("B1", "lijst: product = rij: bloed; plasma | aantal = getal (0-20)", "O", 'niet A2 bevat "geen"'),
        blocks=(block("B", "A1 ingevuld", "A1"),),
        timeline="",
    )
    version = made.versions.get()

    back = definition_file.load(data_dictionary.dump(version))

    assert structure_of(back) == version.structure
    assert [row.code for row in back.questions if row.retired] == ["A3"]


@pytest.mark.parametrize(
    "text",
    ['D1 = "ja"', 'K1 <> "hart"', 'niet G1 bevat "geen"', "K1 ingevuld", 'niet K1 ingevuld of K1 <> "hart"', "C6 >= 2,5",
     '(D1 = "ja" of K1 = "hart") en C6 > 1', "afgerond(C6 / (2 * 3), 1)", "dagen(B5, B2)", "B5 > vandaag()"],
)  # fmt: skip
def test_a_condition_goes_to_redcap_and_comes_back(text):
    assert parse(from_redcap(to_redcap(parse(text), BY_CODE), BY_NAME)) == parse(text)
    assert parse(source(parse(text))) == parse(text)


@pytest.mark.parametrize(
    ("logic", "ours"),
    [
        ("[d1] = '1' and [c6] > '10'", 'D1 = "ja" en C6 > 10'),
        ('[k1]="2" or [g1(2)]="1"', 'K1 = "infectie" of G1 bevat "koorts"'),
        ("[g1(2)] = '0'", 'niet G1 ingevuld of niet G1 bevat "koorts"'),
        ("[g1(2)] = '0' and [c6] > 1", '(niet G1 ingevuld of niet G1 bevat "koorts") en C6 > 1'),
        ("[k1] <> ''", "K1 ingevuld"),
        ("[k1] = 1", 'K1 = "hart"'),
        ("[d1] != '1'", 'niet D1 ingevuld of D1 <> "ja"'),
        ("[d1] = '' or [d1] <> '1'", 'niet D1 ingevuld of D1 <> "ja"'),
        ("[d1] <> '' and [d1] <> '1'", 'D1 <> "ja"'),
    ],
)
def test_logic_of_redcap_becomes_our_condition(logic, ours):
    assert from_redcap(logic, BY_NAME) == ours


def test_what_is_not_ticked_asks_redcap_whether_anything_is():
    """Its boxes are all off where nothing was answered."""
    assert to_redcap(parse('niet G1 bevat "geen"'), BY_CODE) == "[g1(1)] = '0' and ([g1(2)] = '1')"


@pytest.mark.parametrize("logic", ["[weg] = '1'", "[k1] = '7'", "[k1] = '99'", "sum([c6], 2) > 3", "[c6] > ", "[event][c6] = 1",
                                   "datediff([b5], [b2], 'y')", "[g1(2)] = '4'", "[c6] > 'veel'", "$"])  # fmt: skip
def test_what_we_have_no_words_for_is_refused(logic):
    with pytest.raises(Untranslatable):
        from_redcap(logic, BY_NAME)


def test_a_form_from_elsewhere_becomes_a_questionnaire():
    made = definition_file.load(
        dictionary(
            {"name": "uitleg", "type": "descriptive", "label": "Denk aan de partus."},
            {"name": "bleeding", "type": "yesno", "label": "Bloeding?", "header": "De bevalling", "required": "y"},
            {"name": "loss", "check": "number_1dp", "least": "0", "most": "9000", "note": "geschat [ml]",
             "logic": "[bleeding] = '1'", "required": "y"},
            {"name": "cause", "type": "dropdown", "choices": "1, Atonie | 2, Letsel, vaginaal | 99, Onbekend"},
            {"name": "when", "check": "datetime_dmy", "form": "nazorg", "logic": "[cause] = '2'"},
        )
    )  # fmt: skip

    assert [(row.code, row.title) for row in made.blocks] == [("A", "De bevalling"), ("B", "Nazorg")]
    told = [(row.code, row.answer, row.required, row.shown_when, row.unit, row.source) for row in made.questions]
    assert told == [
        ("A1", "ja/nee", "V", "", "", "REDCap: bleeding"),
        ("A2", "getal (0-9000, 1 decimaal)", "V*", 'A1 = "ja"', "ml", "REDCap: loss"),
        ("A3", "keuze: Atonie; Letsel, vaginaal", "O", "", "", "REDCap: cause"),
        ("B1", "datum + tijd", "O", 'A3 = "Letsel, vaginaal"', "", "REDCap: when"),
    ]
    assert made.questions[0].help == "Denk aan de partus."


def test_what_cannot_be_taken_over_is_told_with_its_question():
    with pytest.raises(Mistakes) as told:
        definition_file.load(
            dictionary(
                {"name": "scan", "type": "file"},
                {"name": "born", "identifier": "y", "check": "date_dmy"},
                {"name": "temp", "check": "number", "least": "-5"},
                {"name": "score", "logic": "sum([temp], 1) > 3"},
            )
        )

    assert len(told.value.found) == 4
    for sentence, name in zip(sorted(told.value.found), ("scan", "born", "temp", "score"), strict=True):
        assert f"[{name}]" in sentence and sentence.endswith(".")


@pytest.mark.parametrize(
    "label", ['=HYPERLINK("http://x.example"; "klik")', "+31 of een ander land?", "-1 is onbekend", "@naam", "'=al"]
)
def test_no_words_run_in_a_spreadsheet_and_all_come_back_as_they_were_typed(label):
    version = filling.questionnaire(question("A1", "ja/nee", label=label), question("A2", "ja/nee", unit="=1+1")).versions.get()
    content = data_dictionary.dump(version)

    words = [row[name] for row in rows_of(content) for name in data_dictionary.WORDS]
    assert f"'{label}" in words and not any(text.startswith(("=", "+", "-", "@", "\t", "\r")) for text in words)
    assert structure_of(definition_file.load(content)) == version.structure
