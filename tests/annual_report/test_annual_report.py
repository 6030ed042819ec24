"""The annual report against figures that are counted again here, by other queries."""

import statistics
from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from models import clock
from models.access import Process, Role
from models.annual_report.annual_figures import YearFigures
from models.annual_report.annual_report import annual_report, per_births
from models.annual_report.births import Births
from models.annual_report.edition import ReportEdition
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.status import Status
from models.cases.theme import RequestedDocument
from models.committee.case_use import CaseUse
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail, MailStatus
from models.monthly.monthly_request import MonthlyCall
from models.report.content import ReportContent, as_text
from models.report.settled import report_pdf
from models.review.reminder import Reminder
from tests import make
from tests.web.pages import edit, send

YEAR = clock.today().year - 1
MARCH = f"{YEAR}-03"


def day(month, number, hour=9):
    return datetime(YEAR, month, number, hour)


def asked(*months):
    for month in months:
        MonthlyCall.open_all(month, now=clock.start_of(clock.first_of(clock.add_months(month, 1)), 8))
    Mail.update(status=MailStatus.VERZONDEN).execute()


def table(content, caption):
    """{first cell: the other cells} of one table."""
    found = next(one for section in content.sections for one in section.tables if one.caption == caption)
    return {row[0]: list(row[1:]) for row in found.rows}


@pytest.mark.parametrize(
    ("cases", "births", "said"),
    [(12, 167_159, "0,72 0,37 1,25"), (63, 167_159, "3,77 2,9 4,82"), (0, 3_000, "0 0 12,3")],
)
def test_incidence_and_its_exact_interval_are_those_that_were_worked_out(cases, births, said):
    assert " ".join(as_text(float(f"{value:.4g}")) for value in per_births(cases, births)) == said


def test_every_case_of_the_year_is_in_one_column_of_its_theme():
    melder, theme, other = make.user(), make.theme(name="Eclampsie"), make.theme(name="Leeg")
    for status in (Status.CONCEPT, Status.INGEDIEND, Status.GOEDGEKEURD, Status.GOEDGEKEURD, Status.INGETROKKEN):
        make.case(status, by=melder, theme=theme, month=MARCH, at=day(4, 2))
    for why in ("dubbel", "definitie", "definitie"):
        make.case(Status.INGEDIEND, by=melder, theme=theme, month=MARCH).dismiss(make.coordinator(), why, "Uitleg.")
    make.case(by=melder, theme=theme, month=f"{YEAR - 1}-12")
    make.case(Status.INGEDIEND, by=make.user(role=Role.LZA1_MELDER), theme=make.theme(Process.LZA1))

    found = table(annual_report(YEAR, make.coordinator()), "Gemelde casussen per thema")
    assert found == {"Eclampsie": [8, 2, 2, 1, 1, 2], "Leeg": [0] * 6, "Alle thema’s": [8, 2, 2, 1, 1, 2]}
    counted = db.execute_sql(
        "SELECT status, COUNT(*) FROM \"case\" WHERE process = 'nethoss' AND substr(month, 1, 4) = '"
        + str(YEAR)
        + "' GROUP BY 1"
    ).fetchall()
    assert dict(counted) == {"concept": 1, "ingediend": 1, "goedgekeurd": 2, "ingetrokken": 4}
    assert other.name in found


def test_response_counts_what_was_asked_what_came_and_what_came_in_time():
    prompt, late, quiet = (make.user(hospital=make.hospital(name)) for name in ("Aa", "Bb", "Cc"))
    make.hospital("Nooit gevraagd")
    asked(f"{YEAR}-01", f"{YEAR}-02")
    make.zero(prompt, f"{YEAR}-01", at=day(2, 14, 22))
    make.zero(prompt, f"{YEAR}-02", at=day(3, 15))
    make.case(by=late, month=f"{YEAR}-01", at=day(3, 20))
    content = annual_report(YEAR, make.coordinator())

    assert table(content, "Respons per ziekenhuis") == {
        "Aa": [2, 2, "100%", 1, 0, 0],
        "Bb": [2, 1, "50%", 0, 0, 1],
        "Cc": [2, 0, "0%", 0, 0, 0],
    }
    assert "Van 6 gestelde vragen zijn er 3 beantwoord (50%), waarvan 1 binnen veertien dagen." in content.sections[2].text
    assert quiet.hospital.name == "Cc"


def test_in_time_is_counted_from_the_day_of_the_schedule():
    MailSchedule.amend(make.coordinator(), 0, day(1, 1), send_day=20)
    melder = make.user()
    asked(f"{YEAR}-01", f"{YEAR}-02")
    make.zero(melder, f"{YEAR}-01", at=day(3, 5, 12))
    make.zero(melder, f"{YEAR}-02", at=day(4, 3, 12))
    figures = YearFigures(YEAR, day(6, 1))

    assert [one.on_time for one in figures.responses()] == [1]
    assert figures.times()["Van uitvraag tot nul-melding"].median == 13.5


def test_turnaround_holds_what_is_over_and_says_what_is_not():
    melder, coordinator, theme = make.user(), make.coordinator(), make.theme()
    start = day(3, 1)
    took = [3, 10, 20]
    for days in took:
        case = make.case(by=melder, theme=theme, month=MARCH, at=start)
        make.document(case, at=start)
        case.submit(melder, now=start + timedelta(days=days))
        case.approve(coordinator, now=start + timedelta(days=2 * days))
    waits = make.case(by=melder, theme=theme, month=MARCH, at=start)
    now = start + timedelta(days=214)
    times = YearFigures(YEAR, now).times()

    first, approval = times["Van aanmaken tot eerste keer indienen"], times["Van aanmaken tot goedkeuring"]
    assert (first.done, first.median, first.waiting, first.longest) == (3, statistics.median(took), 1, 214)
    assert (approval.done, approval.median, approval.ninetieth) == (3, 20, 36)
    assert times["Van indienen tot oordeel van de coördinator"].median == 10
    assert waits.status == Status.CONCEPT


def test_rounds_count_how_often_an_approved_case_was_submitted():
    melder, coordinator, theme = make.user(), make.coordinator(), make.theme()
    make.case(Status.GOEDGEKEURD, by=melder, theme=theme, month=MARCH)
    again = make.case(Status.ONVOLLEDIG, by=melder, theme=theme, month=MARCH, reviewer=coordinator)
    again.submit(melder)
    again.approve(coordinator)
    assert YearFigures(YEAR).rounds() == {"1": 1, "2": 1, "3 of meer": 0}


def test_documents_tell_what_was_there_at_first_and_what_is_now():
    melder = make.user()
    theme = make.theme(asked=("partusverslag", "OK-verslag"))
    case = make.case(by=melder, theme=theme, month=MARCH, at=day(3, 1))
    part, operation = theme.asked.order_by(RequestedDocument.position)
    make.document(case, at=day(3, 1)).link(part, melder)
    case.submit(melder, now=day(3, 2))
    case.mark_incomplete(make.coordinator(), "Nog een.", now=day(3, 3))
    make.document(case, name="ok.pdf", at=day(3, 4)).link(operation, melder)

    slots = {one.label: one for one in YearFigures(YEAR).slots()}
    assert (slots["partusverslag"].at_first, slots["OK-verslag"].at_first) == (1, 0)
    assert [(one.asked, one.present) for one in slots.values()] == [(1, 1), (1, 1)]


def test_reminders_say_after_which_one_the_hospital_came():
    melder = make.user()
    case = make.case(by=melder, month=MARCH, at=day(1, 1))
    waits = make.case(by=melder, theme=case.theme, month=MARCH, at=day(1, 1))
    for weeks in (4, 8):
        Reminder.send_due(date(YEAR, 1, 1) + timedelta(weeks=weeks), day(1, 1) + timedelta(weeks=weeks))
    make.document(case)
    case.submit(melder)
    assert YearFigures(YEAR).reminders() == [(4, 2, 0), (8, 2, 1)]
    assert waits.status == Status.CONCEPT


@pytest.mark.parametrize("role", [role for role in Role if role != Role.COORDINATOR])
def test_only_the_coordinator_of_nethoss_sees_the_report_and_settles_it(role):
    other = make.user(role=role)
    with pytest.raises(Refused):
        annual_report(YEAR, other)
    with pytest.raises(Refused):
        ReportEdition.settle(YEAR, other)


# ---- births ------------------------------------------------------------------------------------------------------------


def test_a_later_statement_takes_the_place_of_an_earlier_and_both_are_in_the_trail():
    by, hospital = make.coordinator(), make.hospital()
    for count in (1800, 1812):
        Births.state(by, hospital, YEAR, count, "verloskamerregister")
        Births.state(by, None, YEAR, 100 * count, "CBS")
    assert [(one.count, one.hospital_id) for one in Births.select().order_by(Births.id)] == [
        (1812, hospital.id),
        (181_200, None),
    ]
    said = [one.detail for one in AuditEvent.select().where(AuditEvent.action == "births.state").order_by(AuditEvent.id)]
    assert said == ["1800", "180000", "1800 wordt 1812", "180000 wordt 181200"]


@pytest.mark.parametrize(
    ("year", "count", "source"),
    [(YEAR + 1, 10, "CBS"), (1999, 10, "CBS"), (None, 10, "CBS"), (YEAR, -1, "CBS"), (YEAR, 20_001, "CBS"), (YEAR, 10, " ")],
)
def test_births_that_cannot_be_are_refused(year, count, source):
    with pytest.raises(Refused):
        Births.state(make.coordinator(), make.hospital(), year, count, source)
    assert Births.select().count() == 0


def test_a_melder_states_the_births_of_the_own_hospital_only():
    melder = make.user()
    Births.state(melder, melder.hospital, YEAR, 1200, "register")
    for hospital in (make.hospital(), None):
        with pytest.raises(Refused):
            Births.state(melder, hospital, YEAR, 1200, "register")
    with pytest.raises(Refused):
        Births.state(make.user(role=Role.INVOERDER, hospital=melder.hospital), melder.hospital, YEAR, 1, "register")


def test_a_line_keeps_its_hospital_and_year(client, login):
    by = make.coordinator()
    made = Births.state(by, None, YEAR, 165_000, "CBS")
    login(client, by)
    answer = edit(client, f"/geboorten/edit/?id={made.id}", year=str(YEAR - 1))
    assert "liggen vast" in answer.text and Births.select().count() == 1
    edit(client, f"/geboorten/edit/?id={made.id}", count="166000")
    assert [(one.year, one.count) for one in Births.select()] == [(YEAR, 166_000)]


# ---- editions ----------------------------------------------------------------------------------------------------------


def test_an_edition_stays_as_it_was_settled_and_its_files_are_the_same_each_time(client, login):
    by, melder = make.coordinator(), make.user()
    case = make.case(Status.GOEDGEKEURD, by=melder, month=MARCH, reviewer=by)
    first = ReportEdition.settle(YEAR, by)
    assert [(use.kind, use.said) for use in CaseUse.of_case(case)] == [("jaarverslag", str(YEAR))]
    make.case(by=melder, theme=case.theme, month=MARCH)
    login(client, by)
    address = f"/jaarverslag/{YEAR}/1."
    for kind in ("pdf", "xlsx"):
        assert client.get(address + kind).data == client.get(address + kind).data

    pages = "".join(page.extract_text() for page in PdfReader(BytesIO(client.get(address + "pdf").data)).pages)
    assert "Uitgave 1, vastgesteld op" in pages and first.hash[:32] in pages.replace("\n", "")
    book = load_workbook(BytesIO(client.get(address + "xlsx").data))
    assert book["Gemelde casussen per thema"].cell(2, 2).value == 1
    assert ReportContent.parsed(first.content).hash == first.hash == ReportEdition.get().hash


def test_a_new_edition_says_why_and_needs_a_change():
    by, melder = make.coordinator(), make.user()
    case = make.case(Status.GOEDGEKEURD, by=melder, month=MARCH, reviewer=by)
    ReportEdition.settle(YEAR, by)
    with pytest.raises(Refused, match="wat deze uitgave verbetert"):
        ReportEdition.settle(YEAR, by)
    with pytest.raises(Refused, match="niets veranderd"):
        ReportEdition.settle(YEAR, by, "Niets.")
    make.case(Status.GOEDGEKEURD, by=melder, theme=case.theme, month=MARCH, reviewer=by)
    second = ReportEdition.settle(YEAR, by, "Een late casus.")
    assert second.number == 2 and "Deze uitgave verbetert: Een late casus." in second.said
    assert CaseUse.select().count() == 2 and [one.number for one in ReportEdition.of_year(YEAR)] == [2, 1]


def test_a_year_that_is_not_over_is_not_settled():
    with pytest.raises(Refused, match="niet voorbij"):
        ReportEdition.settle(YEAR + 1, make.coordinator())


def test_the_coordinator_reads_settles_and_is_told(client, login):
    by = make.coordinator()
    make.case(Status.GOEDGEKEURD, month=MARCH, reviewer=by)
    login(client, by)
    assert client.get("/jaarverslag/").location.endswith(f"/jaarverslag/{YEAR}/")
    page = client.get(f"/jaarverslag/{YEAR}/").text
    assert "nog niet vastgesteld" in page and "ontbreekt, dus de incidentie ook" in page
    send(client, "/geboorten/new/", year=str(YEAR), count="167159", source="CBS")
    assert "167.159 kinderen geboren (bron: CBS)" in client.get(f"/jaarverslag/{YEAR}/").text
    send(client, f"/jaarverslag/{YEAR}/vaststellen")
    assert "Uitgave 1" in client.get(f"/jaarverslag/{YEAR}/").text
    for wrong in ("1999/", f"{YEAR + 2}/", f"{YEAR}/9.pdf", f"{YEAR}/1.exe"):
        assert client.get(f"/jaarverslag/{wrong}").status_code == 404


def test_names_and_signs_come_out_of_the_pdf_as_they_were_typed():
    make.user(hospital=make.hospital("*Zieken#huis* <Óost> $x$"))
    asked(MARCH)
    content = annual_report(YEAR, make.coordinator())
    pages = PdfReader(BytesIO(report_pdf(content, "Voorlopig.", day(1, 1)))).pages
    assert "*Zieken#huis* <Óost> $x$" in "".join(page.extract_text() for page in pages).replace("\n", " ")
    assert Case.select().count() == 0
