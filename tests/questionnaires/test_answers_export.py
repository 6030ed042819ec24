"""The export of answers: three files, one line in the trail each, for the coordinator alone."""

import csv
import io
from datetime import date

import pytest
from openpyxl import load_workbook

from models import clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.questionnaires.export import answers_export
from tests import filling, make
from tests.filling import question, save
from tests.web.pages import send


@pytest.fixture
def questionnaire():
    made = filling.questionnaire(question("A1", "keuze: thuis; elders", label="=Waar?"), question("A2", "tekst"))
    form = filling.form(made)
    form.case.set_patient_number(form.case.reporter, "GEHEIM-1")
    save(form, "A1", "elders")
    save(form, "A2", "=cmd|' /C calc'!A0")
    make.document(form.case)
    form.case.submit(form.case.reporter)
    return made


@pytest.fixture
def visitor(client, login):
    return login(client, make.coordinator())


def export(visitor, questionnaire, **more):
    return send(visitor, f"/beheer/vragenlijsten/{questionnaire.in_force().key}/antwoorden/bestand", **more)


def test_the_page_offers_the_files_and_says_of_how_many_cases(visitor, questionnaire):
    text = visitor.get(f"/beheer/vragenlijsten/{questionnaire.in_force().key}/antwoorden/").text
    assert "Antwoorden van 1 melding<" in text and "Codeboek" in text

    empty = filling.questionnaire(question("A1", "ja/nee"))
    assert "nog geen antwoorden" in visitor.get(f"/beheer/vragenlijsten/{empty.in_force().key}/antwoorden/").text


def test_the_workbook_holds_answers_code_book_and_an_explanation(visitor, questionnaire):
    answer = export(visitor, questionnaire, soort="xlsx")
    book = load_workbook(io.BytesIO(answer.data))
    heads, row = book["Antwoorden"].values
    told = dict(zip(heads, row, strict=True))

    assert answer.headers["Content-Disposition"].endswith('.xlsx"') and told["A1"] == 2 and told["A2"].startswith("=cmd")
    assert {cell.data_type for cell in book["Antwoorden"][2]} <= {"n", "s", "inlineStr", "d"}
    described = {line[0]: line for line in book["Codeboek"].values}
    assert set(heads) | {"Kolom"} == set(described) and described["A1"][3] == "=Waar?"
    assert dict(book["Toelichting"].values)["Aantal meldingen"] == 1
    assert b"GEHEIM" not in b"".join(str(line).encode() for page in book for line in page.values)


def test_the_csv_files_open_in_dutch_excel_and_hold_no_formula(visitor, questionnaire):
    for kind, column, text in (("csv", "A2", "'=cmd|' /C calc'!A0"), ("codeboek-csv", "Tekst", "'=Waar?")):
        answer = export(visitor, questionnaire, soort=kind)
        rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
        assert answer.data.startswith(b"\xef\xbb\xbf") and text in [row[column] for row in rows], kind


def test_every_export_is_in_the_trail_and_counts_as_one(visitor, questionnaire):
    export(visitor, questionnaire, soort="csv", datums="exact")
    event = AuditEvent.select().where(AuditEvent.action == "form.export").get()

    assert event.subject == str(questionnaire.in_force()) and event.detail == "csv, 1 melding, exacte datums"
    assert export(visitor, questionnaire, soort="exe").status_code == 404
    assert AuditEvent.select().where(AuditEvent.action == "form.export").count() == 1


@pytest.mark.parametrize("role", [Role.BEHEERDER, Role.MELDER, Role.COMMISSIELID, Role.LZA1_COORDINATOR])
def test_nobody_else_gets_them(client, login, questionnaire, role):
    login(client, make.user(role=role))

    assert export(client, questionnaire, soort="csv").status_code in (403, 404)
    assert not AuditEvent.select().where(AuditEvent.action == "form.export").exists()


def test_more_than_one_file_can_hold_is_refused_and_a_year_is_enough(visitor, questionnaire, monkeypatch):
    year = clock.today().year
    monkeypatch.setattr(answers_export, "MOST", 0)
    refused = export(visitor, questionnaire, soort="csv")
    assert refused.status_code == 302 and "Kies een jaar" in visitor.get(refused.location).text

    monkeypatch.setattr(answers_export, "MOST", 1)
    assert len(export(visitor, questionnaire, soort="csv", jaar=str(year)).text.splitlines()) == 2
    assert len(export(visitor, questionnaire, soort="csv", jaar=str(year - 1)).text.splitlines()) == 1


def test_the_years_to_choose_from_are_those_of_the_cases(visitor, questionnaire):
    version, year = questionnaire.in_force(), clock.today().year
    old = filling.form(questionnaire).case
    Case.update(submitted_at=clock.start_of(date(year - 2, 5, 1))).where(Case.id == old.id).execute()

    assert answers_export.Answers(version, make.coordinator()).years() == [year, year - 1, year - 2]
