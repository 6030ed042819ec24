"""The answers of a version, coded for analysis, and the code book that explains them."""

from datetime import date, datetime

import pytest

from models import clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.questionnaires.definition.draft_version import Draft
from models.questionnaires.export.answers_export import CASE, Answers, counts
from models.questionnaires.export.coded_answers import NOT_SHOWN, OTHERS, UNKNOWN
from models.questionnaires.version_upgrade import carry_over
from tests import filling, make
from tests.filling import block, question, save

SOFT = "vraag als A3 > 8 | Echt zoveel?"
QUESTIONS = (
    question("A1", "keuze: thuis; elders"), question("A2", "meer: geen!; koorts; pijn", "V*", 'A1 = "elders"'),
    question("A3", "getal (0-9)", checks=SOFT), question("A4", "weken + dagen"), question("A5", "datum; of: niet ontslagen"),
    question("A6", "datum + tijd"), question("A7", "tekst"), question("A8", "auto: A3 / 3", ""), question("A9", "ja/nee"),
    question("B1", "ja/nee"), question("C1", "lijst: RR mmHg = getal | rr (mmHg) = tijd | wat = keuze: a; b"),
    question("C2", "lijst: product = rij: plasma; bloed | aantal = getal (0-9)"),
)  # fmt: skip
ANSWERS = {
    "A1": "elders", "A2": ["koorts", "pijn"], "A3": 9, "A4": "32+4", "A5": "2026-03-05", "A6": "2026-03-03T14:20",
    "A7": "=1+1 op 5-3-2026", "A9": "onbekend",
    "C1": [{"RR mmHg": 140}, {"rr (mmHg)": "14:20", "wat": "b"}], "C2": [{"product": "bloed", "aantal": 3}],
}  # fmt: skip
TIMELINE = "A5: dag {} / {} dagen ervoor / dag 0"


@pytest.fixture
def questionnaire():
    blocks = [block("A"), block("B", per="A3"), block("C")]
    return filling.questionnaire(*QUESTIONS, blocks=blocks, timeline=TIMELINE)


def submitted(questionnaire, answers=()):
    form = filling.form(questionnaire)
    for code, value in dict(answers).items():
        save(form, code, value, reason="Ja, op 6-3-2026." if code == "A3" and value == 9 else None)
    make.document(form.case)
    form.case.submit(form.case.reporter)
    return form


def told(questionnaire, exact=False):
    """[{column: value}] without what is empty, and the code book by column."""
    answers = Answers(questionnaire.in_force(), make.coordinator(questionnaire.in_process), exact)
    answers.gather("xlsx")
    book = answers.columns()
    names = [*CASE, *(column.name for column in book)]
    assert len(set(names)) == len(names)
    rows = [dict(zip(names, row, strict=True)) for part in answers.rows() for row in part]
    filled = [{name: value for name, value in row.items() if value is not None} for row in rows]
    return filled, {column.name: column for column in book}


def test_every_kind_of_answer_has_its_code(questionnaire):
    form = submitted(questionnaire, ANSWERS)
    for number in (1, 3):
        save(form, "B1", "ja", repeat=number)
    rows, book = told(questionnaire)
    case = form.case

    assert rows == [
        {
            "casus": case.number,
            "status": "ingediend",
            "ziekenhuis": case.hospital.code,
            "maand": case.month,
            "ingediend_op": clock.local_date(case.submitted_at),
            "compleet": "nee",
            "dag0": "A5",
            "jaar": 2026,
            "A1": 2,
            "A2_1": 0,
            "A2_2": 1,
            "A2_3": 1,
            "A3": 9,
            "A3_toelichting": "Ja, op [dag 1].",
            "A4_weken": 32,
            "A4_dagen": 4,
            "A5_dag": 0,
            "A6_dag": -2,
            "A6_tijd": "14:20",
            "A7": "=1+1 op [dag 0]",
            "A8": 3,
            "A9": UNKNOWN,
            "B1_nr1": 1,
            "B1_nr3": 1,
            "C1_aantal": 2,
            "C1_r1_rr_mmhg": 140,
            "C1_r2_rr_mmhg2": "14:20",
            "C1_r2_wat": 2,
            "C2_aantal": 1,
            "C2_r2_aantal": 3,
        }
    ]
    assert book["A1"].values.startswith("1 = thuis; 2 = elders; -9001 = onbekend") and book["A2_3"].label == "Vraag A2? [pijn]"
    assert book["A2_1"].condition == '(A1 = "elders")' and book["C2_r2_aantal"].label == "Vraag C2? [bloed: aantal]"
    assert "-9010 = niet ontslagen" in book["A5_dag"].values and "B1_nr3" in book and "B1_nr4" not in book


def test_dates_and_texts_are_exact_only_when_asked_for(questionnaire):
    submitted(questionnaire, ANSWERS)
    (row,), book = told(questionnaire, exact=True)

    assert (row["A5"], row["A6"]) == (date(2026, 3, 5), datetime(2026, 3, 3, 14, 20))
    assert row["A7"] == "=1+1 op 5-3-2026" and row["A3_toelichting"] == "Ja, op 6-3-2026." and "dag0" not in book
    details = [event.detail for event in AuditEvent.select().where(AuditEvent.action == "form.export")]
    assert details == ["xlsx, 1 melding, exacte datums"]


def test_an_unknown_day_is_the_same_code_whether_days_are_exact_or_not(questionnaire):
    submitted(questionnaire, {"A5": "niet ontslagen", "A6": "onbekend"})
    (row,), book = told(questionnaire, exact=True)

    assert (row["A5"], row["A6"]) == (OTHERS, UNKNOWN)
    assert "-9010 = niet ontslagen" in book["A5"].values and "-9001 = onbekend" in book["A6"].values


def test_hidden_unknown_and_unanswered_are_told_apart(questionnaire):
    submitted(questionnaire, {"A1": "elders", "A2": "koorts", "A5": "niet ontslagen"})
    form = submitted(questionnaire, {"A1": "elders", "A2": "koorts", "A3": "onbekend", "A7": "onbekend", "C1": "onbekend"})
    save(form, "A1", "thuis")
    first, second = told(questionnaire)[0]

    assert first["A5_dag"] == OTHERS and "A3" not in first and "A4_weken" not in first
    assert [second[f"A2_{at}"] for at in (1, 2, 3)] == [NOT_SHOWN] * 3
    assert (second["A3"], second["A7"], second["C1_aantal"]) == (UNKNOWN, "onbekend", UNKNOWN)


def test_a_column_of_a_list_may_be_called_as_a_repetition_is():
    made = filling.questionnaire(question("A1", "lijst: nr1 = getal | r2 x = getal"))
    submitted(made, {"A1": [{"nr1": 4}, {"r2 x": 5}]})
    (row,), book = told(made)

    assert (row["A1_r1_nr1"], row["A1_r2_r2_x"]) == (4, 5) and "A1_r2_nr1" in book and "A1_r3_nr1" not in book


def test_only_submitted_cases_are_in_it_and_what_was_carried_over_is_in_one_version(questionnaire):
    coordinator = make.coordinator()
    filling.save(filling.form(questionnaire), "A1", "thuis")
    form = submitted(questionnaire, {"A1": "thuis"})
    other = submitted(filling.questionnaire(question("A1", "ja/nee")), {"A1": "ja"})
    old = questionnaire.in_force()
    assert [row["casus"] for row in told(questionnaire)[0]] == [form.case.number]
    draft = Draft.begin(questionnaire, coordinator).version
    draft.publish(coordinator)
    made, _ = carry_over(form, form.case.reporter)

    assert [row["casus"] for row in told(questionnaire)[0]] == [form.case.number]
    assert Answers(old, coordinator).count() == 0 and counts() == {old.id: 1, made.version_id: 1, other.version_id: 1}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.COORDINATOR])
def test_nobody_but_the_coordinator_of_the_process_exports_answers(questionnaire, role):
    with pytest.raises(Refused):
        Answers(questionnaire.in_force(), make.user(role=role))


def test_the_crf_and_the_lza1_form_have_a_code_book_for_everything_that_is_answered():
    for first, fill in ((filling.crf, filling.finished), (filling.lza1, filling.complete)):
        questionnaire = first()
        form = fill(filling.form(questionnaire), filling.DIED if first is filling.crf else ())
        make.document(form.case)
        form.case.submit(form.case.reporter)
        rows, book = told(questionnaire)
        codes = {column.code for column in book.values()} - {""}

        assert codes == set(questionnaire.in_force().structure.items) and len(rows) == 1
        assert all(column.label and column.kind for column in book.values())
