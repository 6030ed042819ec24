import io
import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from models import clock
from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.base import db
from models.cases.case import Case
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import STATUS_LABELS, Status
from models.cases.theme import RequestedDocument
from models.mail.outbox import Mail, MailStatus
from models.monthly.month_answer import MonthAnswer, MonthAnswerKind, Proof
from models.monthly.monthly_request import MonthlyCall
from tests import make
from tests.web.pages import send

LAST = clock.previous_month(clock.today())
BEFORE = clock.add_months(LAST, -1)


@pytest.fixture
def melder(client, login):
    user = make.user(name="Marijke de Boer")
    login(client, user)
    return user


@contextmanager
def counted():
    """Count the queries of the block."""
    queries, run = [], db.obj.execute_sql

    def execute(sql, *more, **options):
        queries.append(sql)
        return run(sql, *more, **options)

    db.obj.execute_sql = execute
    try:
        yield queries
    finally:
        del db.obj.execute_sql


def asked_about(*months):
    """Every melder was asked about these months, by a mail that left."""
    for month in months:
        MonthlyCall.open_all(month)
    Mail.update(status=MailStatus.VERZONDEN, sent_at=clock.now()).execute()


def words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def lines(case):
    """The asked documents of the case, in their order."""
    return list(case.theme.asked.order_by(RequestedDocument.position))


def numbers(page):
    """The case numbers that the page lists, in order."""
    return re.findall(r'class="row-link"[^>]*>([NL]-\d+)<', page.text)


def link(page, label):
    """Where the tab or choice with this label leads."""
    return re.search(rf'href="([^"]+)"[^>]*>\s*{re.escape(label)}\b', page.text).group(1).replace("&amp;", "&")


# ---- the list -------------------------------------------------------------------------------------------------------


def test_the_overview_has_the_manuals_name_and_button(client, melder):
    text = words(client.get("/meldingen/"))
    assert "NethOSS / LZA1-meldingen" in text and "Maak nieuwe melding" in text


def test_it_lists_every_case_of_the_own_hospital_and_none_of_another(client, melder):
    mine = make.case(by=melder, patient_number="4711")
    colleague = make.user(hospital=melder.hospital, name="Collega Jansen")
    theirs = make.case(by=colleague)
    make.case()
    page = client.get("/meldingen/")
    assert numbers(page) == [theirs.number, mine.number]
    assert "4711" in page.text and "Collega Jansen" in page.text


def test_a_row_says_status_since_when_and_what_is_still_asked(client, melder):
    case = make.case(by=melder, at=clock.now() - timedelta(days=12))
    make.document(case, asked=lines(case)[0])
    text = words(client.get("/meldingen/"))
    assert f"{case.number} {case.theme.name}" in text and "Concept 12 dagen 1 van 2 Marijke de Boer" in text
    RequestedDocumentAnswer.give(case, lines(case)[1], melder, reason="niet verricht")
    assert "niets meer" in words(client.get("/meldingen/"))


def test_the_tabs_count_and_narrow(client, melder):
    concept = make.case(by=melder)
    handed_in = make.case(Status.INGEDIEND, by=melder)
    page = client.get("/meldingen/")
    assert "Alle 2 Concept 1 Ingediend 1 Onvolledig 0 Goedgekeurd 0 Ingetrokken 0" in words(page)
    assert numbers(client.get(link(page, "Concept"))) == [concept.number]
    assert numbers(client.get(link(page, "Ingediend"))) == [handed_in.number]
    assert "Niets gevonden" in client.get(link(page, "Goedgekeurd")).text


def test_a_theme_narrows_the_list_and_its_tabs(client, melder):
    one, other = make.case(by=melder), make.case(by=melder)
    page = client.get(link(client.get("/meldingen/"), one.theme.name))
    assert numbers(page) == [one.number]
    assert "Alle 1 Concept 1" in words(page)
    assert numbers(client.get(link(page, "Concept"))) == [one.number]
    assert numbers(client.get(link(page, "Alle thema"))) == [other.number, one.number]


@pytest.mark.parametrize("typed", ["{number}", "{lower}", "{bare}", " {patient} "])
def test_a_case_is_found_by_its_number_or_the_own_patient_number(client, melder, typed):
    case = make.case(by=melder, patient_number="AB 4711")
    make.case(by=melder, patient_number="AB 4712")
    search = typed.format(
        number=case.number, lower=case.number.lower(), bare=case.number.lstrip("NL-0"), patient=case.patient_number.lower()
    )
    assert numbers(client.get("/meldingen/", query_string={"search": search})) == [case.number]


def test_another_hospitals_patient_number_finds_nothing(client, melder):
    make.case(patient_number="4711")
    page = client.get("/meldingen/?search=4711")
    assert numbers(page) == [] and "Niets gevonden" in page.text


def test_long_lists_are_paged(client, melder):
    theme = make.theme()
    for _ in range(30):
        make.case(by=melder, theme=theme)
    first, second = client.get("/meldingen/"), client.get("/meldingen/?page=1")
    assert len(numbers(first)) == 25 and len(numbers(second)) == 5
    assert not set(numbers(first)) & set(numbers(second))


def test_the_empty_list_says_what_to_do(client, melder):
    assert "Nog geen meldingen" in client.get("/meldingen/").text


@pytest.mark.parametrize(
    "query",
    [
        "page=99999999999999999999", "page=-1", "page=abc", "sort=99", "sort=-1&desc=1", "page_size=1000000", "search=%00",
        "search=" + "9" * 10_000, "flt0_status_is=bestaat-niet", "flt0_thema_is=", "flt0_thema_is=abc", "flt0_=x", "flt99_x=y",
        "search=%25%27%22%3Cscript%3E",
    ],
)  # fmt: skip
def test_odd_addresses_still_give_the_list(client, melder, query):
    make.case(by=melder)
    page = client.get(f"/meldingen/?{query}")
    assert page.status_code == 200 and "<script>" not in page.text.replace("<script src", "")


def test_an_invoerder_sees_the_list_and_why_not_the_button(client, login, melder):
    case = make.case(by=melder)
    login(client, make.user(role=Role.INVOERDER, hospital=melder.hospital))
    page = client.get("/meldingen/")
    assert numbers(page) == [case.number]
    assert "Maak nieuwe melding" not in page.text and "U bent invoerder" in page.text


def test_an_lza1_melder_sees_only_lza1_and_no_months(client, login, melder):
    make.case(by=melder)
    case = make.case(by=melder, theme=make.theme(process=Process.LZA1))
    login(client, make.user(role=Role.LZA1_MELDER, hospital=melder.hospital))
    page = client.get("/meldingen/")
    assert numbers(page) == [case.number]
    assert "Maak nieuwe melding" in page.text and "Maandelijkse uitvraag" not in page.text


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.COMMISSIELID, Role.BEHEERDER, Role.LNR_CONTACT])
def test_the_overview_is_for_hospitals(client, login, role):
    login(client, make.user(role=role))
    assert client.get("/meldingen/").status_code == 403


def test_the_export_holds_the_own_cases_with_dates_and_no_formulas(client, melder):
    case = make.case(by=melder, patient_number="=1+1")
    make.case(patient_number="van een ander")
    answer = client.get("/meldingen/export/xlsx/")
    rows = list(load_workbook(io.BytesIO(answer.data)).active.iter_rows())
    row = {heading.value: cell for heading, cell in zip(rows[0], rows[1], strict=True)}
    assert len(rows) == 2 and row["ID"].value == case.number and row["Status"].value == "Concept"
    assert row["Patiëntnummer"].data_type == "s" and row["Aangemaakt"].is_date
    assert AuditEvent.select().where(AuditEvent.action == "case.export").count() == 1


def test_a_page_takes_few_queries_however_many_cases_there_are(client, melder):
    asked_about(BEFORE, LAST)
    themes = [make.theme() for _ in range(6)]
    for theme in themes:
        make.case(Status.INGEDIEND, by=make.user(hospital=melder.hospital), theme=theme)
    client.get("/meldingen/")
    with counted() as few:
        client.get("/meldingen/")
    for theme in themes * 3:
        make.case(Status.INGEDIEND, by=make.user(hospital=melder.hospital), theme=theme)
    with counted() as many:
        page = client.get("/meldingen/")
    assert len(numbers(page)) == 24
    assert len(many) == len(few) <= MOST_QUERIES, "\n".join(many)


MOST_QUERIES = 12


# ---- the months -----------------------------------------------------------------------------------------------------


def answer_month(client, month, kind):
    return send(client, f"/meldingen/maand/{month}", antwoord=kind)


def test_an_open_month_can_be_answered_with_no_case_and_taken_back(client, melder):
    asked_about(LAST)
    name = words(client.get("/meldingen/"))
    assert "Geen casus over" in name and "Ja, casus melden" in name
    for _ in range(2):
        page = client.get(answer_month(client, LAST, "nul").location)
        assert "is geregistreerd" in page.text
    answer = MonthAnswer.standing(melder.hospital, LAST)
    assert (answer.kind, answer.proof, answer.by) == (MonthAnswerKind.NUL, Proof.PORTAAL, melder)
    assert "1 van 1 maanden beantwoord" in words(client.get("/meldingen/"))
    assert "is ingetrokken" in client.get(answer_month(client, LAST, "intrekken").location).text
    assert MonthAnswer.standing(melder.hospital, LAST) is None
    assert "er nu geen nul-melding" in client.get(answer_month(client, LAST, "intrekken").location).text


def test_a_provisional_zero_is_asked_about_and_counts_once_confirmed(client, melder):
    asked_about(LAST)
    make.zero(melder, month=LAST, proof=Proof.SCRIPT)
    page = words(client.get("/meldingen/"))
    assert "Klopt het dat er in" in page and "0 van 1 maanden beantwoord" in page
    assert "is bevestigd" in client.get(answer_month(client, LAST, "bevestigen").location).text
    assert MonthAnswer.standing(melder.hospital, LAST).confirmed
    assert "1 van 1 maanden beantwoord" in words(client.get("/meldingen/"))


def test_a_case_answers_the_month_and_is_not_taken_back_here(client, melder):
    asked_about(LAST)
    make.case(by=melder, month=LAST)
    assert "casus gemeld door Marijke de Boer" in words(client.get("/meldingen/"))
    for kind in ("nul", "bevestigen", "intrekken"):
        client.get(answer_month(client, LAST, kind).location)
        assert MonthAnswer.standing(melder.hospital, LAST).kind == MonthAnswerKind.CASUS


def test_the_yes_button_leads_to_a_new_case_for_that_month(client, melder):
    asked_about(BEFORE, LAST)
    assert f"/melding/nieuw?maand={BEFORE}" in client.get("/meldingen/").text


@pytest.mark.parametrize("month", ["2026-13", "abc", "2026-99-99", "0000-00", "%00", "a" * 300])
def test_a_month_that_is_none_is_not_found(client, melder, month):
    assert answer_month(client, month, "nul").status_code == 404
    assert not MonthAnswer.select().exists()


def test_a_month_that_is_not_over_is_not_answered(client, melder):
    answer = answer_month(client, clock.month_of(clock.today()), "nul")
    assert "Deze maand is nog niet voorbij. Een nul-melding kan pas daarna." in client.get(answer.location).text
    assert not MonthAnswer.select().exists()


def test_an_unknown_answer_is_not_found(client, melder):
    assert answer_month(client, LAST, "misschien").status_code == 404


@pytest.mark.parametrize("role", [Role.INVOERDER, Role.LZA1_MELDER])
def test_who_is_no_melder_does_not_answer_the_month(client, login, melder, role):
    asked_about(LAST)
    make.zero(melder, month=BEFORE, proof=Proof.SCRIPT)
    login(client, make.user(role=role, hospital=melder.hospital))
    assert "Geen casus over" not in client.get("/meldingen/").text
    for month, kind in ((LAST, "nul"), (BEFORE, "bevestigen"), (BEFORE, "intrekken")):
        assert "Alleen" in client.get(answer_month(client, month, kind).location).text
    assert MonthAnswer.standing(melder.hospital, LAST) is None
    assert not MonthAnswer.standing(melder.hospital, BEFORE).confirmed


def test_without_the_form_key_no_month_is_answered(client, melder):
    asked_about(LAST)
    assert client.post(f"/meldingen/maand/{LAST}", data={"antwoord": "nul"}).status_code == 400
    assert not MonthAnswer.select().exists()


def test_another_hospitals_month_is_untouched(client, melder):
    other = make.user()
    asked_about(LAST)
    make.zero(other, month=LAST)
    answer_month(client, LAST, "intrekken")
    assert MonthAnswer.standing(other.hospital, LAST).counts


def test_every_status_is_shown_by_its_name(client, melder):
    for status in Status:
        make.case(status, by=melder)
    text = words(client.get("/meldingen/"))
    assert all(label in text for label in STATUS_LABELS.values())
    assert Case.select().count() == len(Status)
