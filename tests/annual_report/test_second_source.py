"""A second source: only theme, month and hospital come in, and what both count is compared as it was worked out by hand."""

import html
import io
import re
import time
from datetime import datetime
from threading import Barrier, Thread

import pytest
from openpyxl import Workbook, load_workbook
from pypdf import PdfReader

from models import clock
from models.access import Process, Role
from models.annual_report.annual_report import annual_report
from models.annual_report.edition import ReportEdition
from models.annual_report.own_year import OwnYear
from models.annual_report.second_source import ListedCount, SecondSourceList
from models.annual_report.second_source_sheet import NOT_SHOWN, SOMEBODY, SecondSourceSheet, month_of
from models.annual_report.source_comparison import Overlap, SourceComparison, chapman, comparison_section
from models.approval.row_sheet import read_sheet, rehearse, take
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.status import Status
from models.mail.outbox import Mail, MailStatus
from models.monthly.monthly_request import MonthlyCall
from tests import make
from tests.bench.measure import counted
from tests.web.pages import send

YEAR = clock.today().year - 1
MARCH, APRIL = f"{YEAR}-03", f"{YEAR}-04"
HEAD = ["Thema", "Maand", "Ziekenhuis"]
ADDRESS = "/tweede-bron/inlezen/"
NOTHING_MISSING = "niets van uw ziekenhuis dat hier lijkt te ontbreken"


def asked(*months):
    for month in months:
        MonthlyCall.open_all(month, now=clock.start_of(clock.first_of(clock.add_months(month, 1)), 8))
    Mail.update(status=MailStatus.VERZONDEN).execute()


def csv(*rows, head=HEAD):
    return "\r\n".join(";".join(row) for row in [head, *rows]).encode()


def xlsx(*rows):
    book, sink = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(sink)
    return sink.getvalue()


def brought(by, *rows, source="LBZ"):
    take(SecondSourceSheet(source), [HEAD, *rows], by)
    return SecondSourceList.standing(YEAR)


@pytest.fixture
def world():
    """Two hospitals with a melder, one theme, and a March about which both were asked."""

    class World:
        coordinator = make.coordinator()
        theme, other_theme = make.theme(name="Hysterectomie"), make.theme(name="Sterfte")
        melder, stranger = (make.user(hospital=make.hospital(name)) for name in ("Amstel", "Berkel"))

    asked(MARCH)
    return World


# ---- the estimate --------------------------------------------------------------------------------------------------------


def test_the_estimate_and_its_error_are_those_that_were_worked_out():
    assert [round(figure, 1) for figure in chapman(40, 35, 28)] == [49.9, 2.2]
    assert chapman(0, 0, 0) == (0, 0) and chapman(5, 5, 5) == (5, 0)
    for wrong in ((1, 2, 2), (2, 2, -1)):
        with pytest.raises(ValueError):
            chapman(*wrong)


def test_together_does_not_match_what_did_not_match_apart():
    assert Overlap.of([Overlap(listed=2), Overlap(here=2)]).both == 0


# ---- the comparison ------------------------------------------------------------------------------------------------------


def test_each_case_is_in_both_in_one_or_outside_where_nobody_was_asked(world):
    for status in (Status.CONCEPT, Status.GOEDGEKEURD, Status.INGETROKKEN):
        make.case(status, by=world.melder, theme=world.theme, month=MARCH)
    make.case(by=world.stranger, theme=world.other_theme, month=MARCH)
    make.case(by=world.stranger, theme=world.other_theme, month=APRIL)
    brought(
        world.coordinator,
        *[["hysterectomie", MARCH, "AMSTEL"]] * 3,
        ["Sterfte", f"03-{YEAR}", world.stranger.hospital.code],
        ["Sterfte", APRIL, "Berkel"],
    )
    found = SourceComparison.of(YEAR, world.coordinator)
    amstel, berkel = world.melder.hospital_id, world.stranger.hospital_id

    assert found.by(0) == {(amstel,): Overlap(listed=3, here=2, both=2), (berkel,): Overlap(1, 1, 1, unasked=1)}
    assert found.by(0)[amstel,].missing == 1
    content = comparison_section(YEAR, world.coordinator)
    theme, total = content.tables[0].rows[0], content.tables[0].rows[-1]
    assert theme == ["Hysterectomie", 3, 2, 2, 1, 0, 0, 3.0, 0.0]
    assert total == ["Alle vergeleken thema’s", 4, 3, 3, 1, 0, 1, 4.0, 0.0]
    assert [row[:2] for row in content.tables[1].rows] == [["Amstel", "Hysterectomie"], ["Berkel", "Sterfte"]]
    assert content.text[0] == (
        f"De lijst (LBZ) noemt over {YEAR} 5 casussen. Daarvan staan er 3 ook hier; 1 lijkt te ontbreken."
    )
    counted = db.execute_sql("SELECT SUM(count), COUNT(*) FROM second_source_count").fetchone()
    assert tuple(map(int, counted)) == (5, 3)


def test_a_month_that_nobody_was_asked_about_makes_nothing_missing(world, client, login):
    brought(world.coordinator, ["Sterfte", APRIL, "Amstel"])
    found = SourceComparison.of(YEAR, world.coordinator)
    assert [(one.listed, one.missing, one.unasked) for one in found.cells.values()] == [(0, 0, 1)]
    assert OwnYear.of(world.melder.hospital, YEAR, world.melder).missing == []
    login(client, world.melder)
    page = client.get(f"/meldingen/jaar/{YEAR}/").text
    assert "staat 1 casus van uw ziekenhuis uit maanden waarover u geen uitvraag kreeg" in page
    assert NOTHING_MISSING not in page and "noemt uw ziekenhuis niet" not in page
    asked(APRIL)
    assert SourceComparison.of(YEAR, world.coordinator).by()[()].missing == 1


def test_a_theme_of_which_the_list_has_no_row_is_in_no_figure_and_is_named(world, client, login):
    for theme, count in ((world.theme, 2), (world.other_theme, 5)):
        for _ in range(count):
            make.case(by=world.melder, theme=theme, month=MARCH)
    listed = brought(world.coordinator, *[["Hysterectomie", MARCH, "Amstel"]] * 2)
    content = comparison_section(YEAR, world.coordinator)
    counts = [2, 2, 2, 0, 0, 0, 2.0, 0.0]
    assert content.tables[0].rows == [["Hysterectomie", *counts], ["Alle vergeleken thema’s", *counts]]
    assert [row[:2] for row in content.tables[1].rows] == [["Amstel", "Hysterectomie"]]
    login(client, world.coordinator)
    for address in (f"/tweede-bron/{listed.id}/", f"/jaarverslag/{YEAR}/"):
        assert "Niet vergeleken: Sterfte. De lijst heeft daarover geen enkele regel." in client.get(address).text


def test_the_report_holds_the_comparison_on_the_page_on_paper_and_in_the_workbook(world, client, login):
    keys = [section.key for section in annual_report(YEAR, world.coordinator).sections]
    brought(world.coordinator, ["Sterfte", MARCH, "Amstel"], source="Register <Óost>")
    assert [one.key for one in annual_report(YEAR, world.coordinator).sections if one.key not in keys] == ["tweede-bron"]

    login(client, world.coordinator)
    assert "Register &lt;Óost&gt;" in client.get(f"/jaarverslag/{YEAR}/").text
    pdf = PdfReader(io.BytesIO(client.get(f"/jaarverslag/{YEAR}/voorlopig.pdf").data))
    assert "Register <Óost>" in " ".join("".join(page.extract_text() for page in pdf.pages).split())
    book = load_workbook(io.BytesIO(client.get(f"/jaarverslag/{YEAR}/voorlopig.xlsx").data))
    assert [cell.value for cell in book["Tweede bron per ziekenhuis"][2]] == ["Amstel", "Sterfte", 1, 0, 0, 1, 0, 0, 1, 0]


def test_an_edition_keeps_the_comparison_when_its_list_goes(world):
    listed = brought(world.coordinator, ["Sterfte", MARCH, "Amstel"])
    edition = ReportEdition.settle(YEAR, world.coordinator)
    listed.take_back(world.coordinator)
    assert "tweede-bron" in {section.key for section in edition.parsed.sections}
    assert "tweede-bron" not in {section.key for section in annual_report(YEAR, world.coordinator).sections}


# ---- who sees what -------------------------------------------------------------------------------------------------------


def test_a_hospital_sees_what_seems_to_be_missing_at_itself_and_nothing_of_another(world, client, login):
    brought(world.coordinator, *[["Hysterectomie", MARCH, "Amstel"]] * 2, *[["Sterfte", MARCH, "Berkel"]] * 7)
    assert OwnYear.of(world.melder.hospital, YEAR, world.melder).missing == [("Hysterectomie", MARCH, 2)]
    login(client, world.melder)
    page = client.get(f"/meldingen/jaar/{YEAR}/").text
    card = page[page.index('id="tweede-bron"') :]
    assert "Hysterectomie" in card and "Sterfte" not in card and "LBZ" in card

    for role in Role:
        person = world.melder if role == Role.MELDER else make.user(role=role)
        if role == Role.COORDINATOR:
            continue
        with pytest.raises(Refused):
            SourceComparison.of(YEAR, person)
        with pytest.raises(Refused):
            SourceComparison.of(YEAR, person, world.stranger.hospital)


def test_what_a_hospital_completed_for_a_case_of_another_is_not_missing_at_itself(world):
    theirs = make.case(by=world.stranger, theme=world.theme, month=MARCH)
    part = theirs.invite(world.melder.hospital, world.coordinator)
    own = make.case(Status.GOEDGEKEURD, by=world.melder, theme=world.theme, month=MARCH)
    own.supplement(world.melder)
    brought(world.coordinator, *[["Hysterectomie", MARCH, "Amstel"]] * 3, ["Hysterectomie", MARCH, "Berkel"])

    def seen():
        return SourceComparison.of(YEAR, world.melder, world.melder.hospital).total

    assert seen() == Overlap(listed=3, here=2, both=2)
    assert SourceComparison.of(YEAR, world.coordinator).total == Overlap(listed=4, here=2, both=2)
    assert SourceComparison.of(YEAR, world.stranger, world.stranger.hospital).total == Overlap(1, 1, 1)
    part.dismiss(world.coordinator, "dubbel", "Toch niet bij u.")
    assert seen() == Overlap(listed=3, here=1, both=1)


def test_what_a_hospital_reported_itself_and_was_joined_counts_in_its_own_month(world):
    asked(APRIL)
    whole = make.case(Status.INGEDIEND, by=world.stranger, theme=world.theme, month=APRIL)
    own = make.case(Status.INGEDIEND, by=world.melder, theme=world.theme, month=MARCH)
    whole.join(own, world.coordinator)
    brought(world.coordinator, ["Hysterectomie", MARCH, "Amstel"])
    of_own = SourceComparison.of(YEAR, world.melder, world.melder.hospital).by(2)
    assert of_own == {(MARCH,): Overlap(1, 1, 1)}


def test_the_year_of_a_hospital_says_no_more_than_the_list_lets_know(world, client, login):
    login(client, world.melder)
    assert "andere registratie" not in client.get(f"/meldingen/jaar/{YEAR}/").text
    make.case(by=world.melder, theme=world.theme, month=MARCH)
    listed = brought(world.coordinator, ["Sterfte", MARCH, "Berkel"])
    page = client.get(f"/meldingen/jaar/{YEAR}/").text
    assert "De lijst noemt uw ziekenhuis niet." in page and NOTHING_MISSING not in page
    listed.take_back(world.coordinator)
    brought(world.coordinator, ["Hysterectomie", MARCH, "Amstel"])
    page = client.get(f"/meldingen/jaar/{YEAR}/").text
    assert NOTHING_MISSING in page and "noemt uw ziekenhuis niet" not in page and "geen uitvraag kreeg" not in page


@pytest.mark.parametrize("role", [role for role in Role if role != Role.COORDINATOR])
def test_only_the_coordinator_of_nethoss_brings_a_list_and_takes_it_back(role, world):
    other = make.user(role=role)
    with pytest.raises(Refused):
        take(SecondSourceSheet("LBZ"), [HEAD, ["Sterfte", MARCH, "Amstel"]], other)
    listed = brought(world.coordinator, ["Sterfte", MARCH, "Amstel"])
    with pytest.raises(Refused):
        listed.take_back(other)
    assert SecondSourceList.standing(YEAR)


# ---- what comes in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("2026-03", "2026-03"), ("2026-3", "2026-03"), ("03-2026", "2026-03"), ("3/2026", "2026-03"), ("Maart 2026", "2026-03"),
        ("mrt-2026", "2026-03"), ("mei 2026", "2026-05"), ("sep. 2026", "2026-09"), ("2026-03-01 00:00:00", "2026-03"),
    ],
)  # fmt: skip
def test_a_month_is_read_as_people_and_spreadsheets_write_it(written, month):
    assert month_of(written) == month


@pytest.mark.parametrize(
    "written", ["", "2026", "13-2026", "2026-00", "12-03-2026", "2026-03-12", "12 maart 2026", "20260312", "x 2026", "٣-2026"]
)
def test_a_day_and_nonsense_are_no_month(written):
    with pytest.raises(Refused):
        month_of(written)


def test_another_column_is_refused_whatever_its_name_and_none_of_it_is_repeated(world, client, login):
    login(client, world.coordinator)
    row = ["Sterfte", MARCH, "Amstel", "123456782"]
    for sheet in (
        csv(row, head=[*HEAD, "BSN"]),
        csv(row, head=[*HEAD, ""]),
        csv(row),
        csv(row, head=["Thema", "Maand", "Ziekenhuis", "Ziekenhuis"]),
        xlsx([*HEAD, None, "BSN"], [*row[:3], None, row[3]]),
    ):
        page = send(client, ADDRESS, bestand=(io.BytesIO(sheet), "lijst.csv"), bron="LBZ")
        assert page.status_code == 409 and "hoort niet in dit bestand" in page.text and "123456782" not in page.text
    assert SecondSourceList.select().count() == 0


def test_a_column_far_beside_the_others_is_refused_too(world):
    for sheet in (
        csv(["Sterfte", MARCH, "Amstel", *[""] * 60, "123456782"]),
        xlsx(HEAD, ["Sterfte", MARCH, "Amstel", *[None] * 60, "123456782"]),
    ):
        with pytest.raises(Refused, match="meer dan 40 kolommen"):
            read_sheet(sheet, SecondSourceSheet.most)


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("hidden", ["123456782", "12-03-1987", "1234 56 782", "jan@a.nl", "06-12345678", "Sterfte 123456782"])
def test_what_looks_like_a_person_is_refused_in_every_cell_and_not_repeated(place, hidden, world, client, login):
    login(client, world.coordinator)
    row = ["Sterfte", MARCH, "Amstel"]
    row[place] = hidden
    page = send(client, ADDRESS, bestand=(io.BytesIO(csv(row)), "lijst.csv"), bron="LBZ")
    assert SOMEBODY in html.unescape(page.text) and hidden not in page.text and "1 regel kan niet" in page.text
    assert rehearse(SecondSourceSheet(), [HEAD, row], world.coordinator)[0].kind == "fout"


def test_a_formula_is_text_and_no_theme(world):
    for cell in ("=1+1", '=HYPERLINK("http://a.nl","Sterfte")', "@SUM(A1)", "+Sterfte"):
        for sheet in (xlsx(HEAD, [cell, MARCH, "Amstel"]), csv([cell.replace('"', ""), MARCH, "Amstel"])):
            fates = rehearse(SecondSourceSheet("LBZ"), read_sheet(sheet, SecondSourceSheet.most), world.coordinator)
            assert [fate.kind for fate in fates] == ["fout"]


def test_every_row_has_its_fate_and_one_that_cannot_be_stops_all(world):
    make.theme(Process.LZA1, name="Afbreking")
    rows = [
        ["Sterfte", MARCH, "Amstel"],
        ["Sterfte", APRIL, "Amstel"],
        ["Afbreking", MARCH, "Amstel"],
        ["Sterfte", MARCH, "Nergens"],
        ["Sterfte", clock.month_of(clock.today()), "Amstel"],
        ["Sterfte", f"{YEAR - 1}-12", "Amstel"],
        ["", MARCH, "Amstel"],
    ]
    fates = rehearse(SecondSourceSheet("LBZ"), [HEAD, *rows], world.coordinator)
    assert [fate.kind for fate in fates] == ["nieuw", "nieuw", *["fout"] * 5]
    assert "Telt mee" in fates[0].said and "niets gevraagd" in fates[1].said and f"gaat over {YEAR}" in fates[5].said
    assert fates[0].name == "Amstel, Sterfte" and NOT_SHOWN not in {fate.name for fate in fates}
    with pytest.raises(Refused, match="Regel 4 kan niet"):
        take(SecondSourceSheet("LBZ"), [HEAD, *rows], world.coordinator)
    assert SecondSourceList.select().count() == ListedCount.select().count() == 0


def test_a_hundred_thousand_rows_are_refused_at_once(world):
    started = time.monotonic()
    with pytest.raises(Refused, match="meer dan 1000 regels"):
        read_sheet(b"Thema;Maand;Ziekenhuis\n" + b"S;2026-03;A\n" * 100_000, SecondSourceSheet.most)
    with pytest.raises(Refused, match="groter dan 2 MB"):
        read_sheet(b"Thema;Maand;Ziekenhuis\n" + b"Sterfte;2026-03;Amstel\n" * 100_000, SecondSourceSheet.most)
    assert time.monotonic() - started < 5


def test_the_most_rows_come_in_with_a_handful_of_queries(world):
    rows = [HEAD, *[["Sterfte", MARCH, "Amstel"]] * SecondSourceSheet.most]
    brought(world.coordinator, *rows[1:])
    assert [(one.count, one.month) for one in ListedCount.select()] == [(1000, MARCH)]
    with counted() as queries:
        SourceComparison.of(YEAR, world.coordinator)
    assert len(queries) <= 8, queries


# ---- twice, and back -----------------------------------------------------------------------------------------------------


def test_the_page_shows_the_fates_then_takes_and_the_second_tab_is_told(world, client, login):
    login(client, world.coordinator)
    assert "Inlezen uit Excel" in client.get("/tweede-bron/").text
    sheet = csv(["Sterfte", MARCH, "Amstel"], ["Sterfte", APRIL, "Amstel"])
    tabs = [send(client, ADDRESS, bestand=(io.BytesIO(sheet), "lijst.csv"), bron="LBZ ‘x’").text for _ in range(2)]
    assert "2 regels worden toegevoegd" in tabs[0] and SecondSourceList.select().count() == 0
    sent = [
        {name: html.unescape(re.search(rf'type="hidden" name="{name}" value="([^"]*)"', tab)[1]) for name in ("regels", "bron")}
        for tab in tabs
    ]
    assert send(client, ADDRESS, **sent[0]).status_code == 302
    again = send(client, ADDRESS, **sent[1])
    assert again.status_code == 409 and f"Over {YEAR} staat er al een lijst." in again.text
    (listed,) = SecondSourceList.select()
    assert (listed.source, listed.rows, listed.imported_by) == ("LBZ ‘x’", 2, world.coordinator)
    assert "In uitgaven die al zijn vastgesteld, blijft ze staan." in client.get("/tweede-bron/").text
    page = client.get(f"/tweede-bron/{listed.id}/").text
    assert "los van elkaar" in page and "Niet gevraagd" in page
    for wrong in ("0", "99999999999999999999", "x"):
        assert client.get(f"/tweede-bron/{wrong}/").status_code == 404

    client.post("/tweede-bron/action/", data={"action": "take_back", "rowid": [listed.id], "csrf_token": _token(client)})
    assert SecondSourceList.standing(YEAR) is None and ListedCount.select().count() == 0
    assert "Teruggenomen" in client.get("/tweede-bron/").text and "gewist" in client.get(f"/tweede-bron/{listed.id}/").text
    lines = AuditEvent.select().where(AuditEvent.action.startswith("second_source")).order_by(AuditEvent.id)
    assert [(line.action, line.detail) for line in lines] == [
        ("second_source.keep", "2 regels, bron: LBZ ‘x’"),
        ("second_source.take_back", ""),
    ]


def _token(client):
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get(ADDRESS).text)[1]


def test_of_two_at_the_same_moment_one_list_stands(world):
    barrier, outcomes = Barrier(2), []

    def bring():
        barrier.wait()
        try:
            with db.connection_context():
                brought(world.coordinator, ["Sterfte", MARCH, "Amstel"])
            outcomes.append("taken")
        except Refused as reason:
            outcomes.append(str(reason))

    threads = [Thread(target=bring) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [f"Over {YEAR} staat er al een lijst. Neem die eerst terug.", "taken"]
    assert SecondSourceList.select().count() == 1 and ListedCount.select().count() == 1


def test_taking_back_twice_is_refused_and_another_list_may_follow(world):
    listed = brought(world.coordinator, ["Sterfte", MARCH, "Amstel"])
    stale = SecondSourceList.get_by_id(listed.id)
    listed.take_back(world.coordinator, now=datetime(YEAR + 1, 2, 1))
    with pytest.raises(Refused, match="al teruggenomen"):
        stale.take_back(world.coordinator)
    assert brought(world.coordinator, ["Sterfte", MARCH, "Berkel"]).id != listed.id
