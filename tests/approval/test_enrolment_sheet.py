"""Hospitals and people from a spreadsheet: the fate of every row first, then all of them with their lines, or none."""

import html
import io
import re

import pytest
from openpyxl import Workbook

from models import AuditEvent, HeldChange, Hospital, Mail, User, clock
from models.access import Role
from models.approval import row_sheet
from models.approval.enrolment_sheet import HospitalsSheet, PeopleSheet
from models.approval.row_sheet import read_sheet, rehearse, take
from models.base import Refused
from tests import make
from tests.web.pages import send

HEAD = ["Naam", "E-mailadres", "Ziekenhuis", "Rollen", "Commissie"]


@pytest.fixture
def boss():
    return make.user(role=Role.BEHEERDER)


def xlsx(*rows):
    book, sink = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(sink)
    return sink.getvalue()


def test_a_workbook_and_both_kinds_of_csv_read_alike():
    rows = [["Naam", "Code"], ["Coöperatie", "C1"]]
    text = "Naam;Code\r\nCoöperatie;C1\r\n"
    assert read_sheet(xlsx(*rows)) == rows == read_sheet(("\ufeff" + text).encode()) == read_sheet(text.encode("cp1252"))
    assert read_sheet(text.replace(";", ",").encode()) == rows


def test_a_number_is_read_as_it_is_shown_and_the_mark_of_an_export_goes():
    assert read_sheet(xlsx(["Naam", "AGB-nummer"], ["A", 6010101.0], ["B", "'+31"]))[1:] == [["A", "6010101"], ["B", "+31"]]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rubbish", b"Naam;Code\r\n", xlsx(["Naam"]), b"\x00\x01"])
def test_what_is_no_sheet_is_refused_in_words(content):
    with pytest.raises(Refused):
        read_sheet(content)


def test_a_sheet_that_unpacks_without_end_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(row_sheet, "UNPACKED", 100)
    with pytest.raises(Refused):
        read_sheet(xlsx(["Naam"], ["A"]))


def test_rows_that_are_short_or_hold_what_no_database_keeps_cannot_be_and_break_nothing(boss):
    for kind, head, rows in (
        (HospitalsSheet(), ["Naam", "Code"], [["Kort"], ["Nul", "A\x00B"], ["Half", "\ud800"]]),
        (
            PeopleSheet(),
            HEAD,
            [["Kort"], ["Nul", "a\x00@example.com", "", "coordinator"], ["Lang" * 999, "x" * 999, "", "melder"]],
        ),
    ):
        assert [fate.kind for fate in rehearse(kind, [head, *rows], boss)] == ["fout"] * 3
        with pytest.raises(Refused, match="Er is niets toegevoegd"):
            take(kind, [head, *rows], boss)


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(row_sheet, "MOST_ROWS", 2)
    with pytest.raises(Refused, match="meer dan 2 regels"):
        read_sheet(b"Naam\r\n" + b"A\r\n" * 3)


def test_a_rehearsal_tells_every_fate_and_keeps_nothing(boss):
    make.hospital(name="Amphia")
    known = make.user(role=Role.COORDINATOR)
    rows = [
        HEAD,
        ["Jan", "jan@a.nl", "Amphia", "NethOSS-melder, NethOSS-invoerder", ""],
        ["Bekend", known.email, "", "NethOSS-coördinator", ""],
        ["Zonder", "zonder@a.nl", "", "melder", ""],
        ["Dubbel", "JAN@a.nl", "Amphia", "melder", ""],
        ["Vreemd", "vreemd@a.nl", "Nergens", "melder", ""],
        ["Rol", "rol@a.nl", "Amphia", "chirurg", ""],
        ["Lid", "lid@a.nl", "", "Commissielid", "LZA1"],
    ]
    before = (User.select().count(), AuditEvent.select().count())

    fates = rehearse(PeopleSheet(), rows, boss)

    assert [fate.kind for fate in fates] == ["nieuw", "bekend", "fout", "bekend", "fout", "fout", "nieuw"]
    assert "hoort bij een ziekenhuis" in fates[2].said and "Nergens" in fates[4].said and "chirurg" in fates[5].said
    assert [fate.number for fate in fates] == list(range(2, 9))
    assert (User.select().count(), AuditEvent.select().count()) == before


def test_everybody_gets_one_mail_about_a_whole_sheet_with_what_concerns_them(boss):
    other, hospital = make.user(role=Role.BEHEERDER), make.hospital(name="Amphia")
    melder = make.user(hospital=hospital)
    names = [
        ("Jan", "Amphia", "melder"),
        ("Els", "Amphia", "invoerder"),
        ("Bo", "Amphia", "melder"),
        ("Kim", "", "coordinator"),
    ]
    take(PeopleSheet(), [HEAD, *([name, f"{name}@a.nl", place, role, ""] for name, place, role in names)], boss)

    mails = {mail.user: mail for mail in Mail.select().where(Mail.name == "held_change")}
    assert set(mails) == {boss, other, melder} and Mail.select().count() == 3
    told = {user: mail.render().get_body(("plain",)).get_content() for user, mail in mails.items()}
    assert [name for name, _, _ in names if name in told[melder]] == ["Jan", "Els", "Bo"]
    assert all(name in told[boss] and name in told[other] for name, _, _ in names)
    assert "Bekijken en bevestigen" in told[other] and "Bekijken en bevestigen" not in told[boss]
    assert mails[other].subject == "Kloppen deze 4 nieuwe accounts?"

    links = re.findall(r"/dit-klopt-niet/([^/]+)/", told[melder])
    HeldChange.by_link(links[1]).stop()
    again = Mail.get_by_id(mails[melder].id)
    assert "Els" not in again.render().get_body(("plain",)).get_content()
    assert len(set(links)) == 3 and HeldChange.select().where(HeldChange.open()).count() == 3


def test_rows_of_a_sheet_take_effect_a_day_after_the_mail_about_all_of_them_left(boss):
    take(PeopleSheet(), [HEAD, ["Jan", "jan@a.nl", "", "coordinator", ""], ["Els", "els@a.nl", "", "coordinator", ""]], boss)
    later = clock.now() + 2 * clock.DAY
    assert HeldChange.take_effect(later) == 0  # the mail still waits

    Mail.update(status="verzonden", sent_at=clock.now()).execute()
    assert HeldChange.take_effect(later) == 2
    assert {User.by_email(f"{name}@a.nl").role_names == {Role.COORDINATOR} for name in ("jan", "els")} == {True}


def test_taking_is_all_or_nothing(boss):
    rows = [["Naam", "Code", "Heeft een NICU"], ["Een", "EEN", "ja"], ["Twee", "TWEE", "misschien"]]
    with pytest.raises(Refused, match="Regel 3 kan niet"):
        take(HospitalsSheet(), rows, boss)
    assert Hospital.select().where(Hospital.code == "EEN").count() == 0

    rows[2][2] = "nee"
    made = take(HospitalsSheet(), rows, boss)
    assert [(one.code, one.nicu) for one in made] == [("EEN", True), ("TWEE", False)]
    lines = AuditEvent.select().where(AuditEvent.action == "row.create", AuditEvent.hospital.in_(made))
    assert sorted(line.subject for line in lines) == ["Ziekenhuizen: Een", "Ziekenhuizen: Twee"]
    assert take(HospitalsSheet(), rows, boss) == []


def test_only_a_beheerder_takes_a_sheet():
    with pytest.raises(Refused):
        rehearse(HospitalsSheet(), [["Naam", "Code"], ["A", "A"]], make.coordinator())


def test_a_column_that_must_be_there_is_named(boss):
    with pytest.raises(Refused, match="‘Code’ ontbreekt"):
        rehearse(HospitalsSheet(), [["Naam"], ["A"]], boss)


def test_the_page_shows_the_fates_and_then_takes_and_invites(client, login, boss):
    make.hospital(name="Amphia")
    login(client, boss)
    sheet = xlsx(HEAD, ["Jan <b>", "jan@a.nl", "Amphia", "melder", ""], ["Els", "els@a.nl", "", "coordinator", ""])
    address = "/beheer/gebruikers/inlezen/"
    assert "Inlezen uit Excel" in client.get("/beheer/gebruikers/").text

    page = send(client, address, bestand=(io.BytesIO(sheet), "mensen.xlsx"))
    assert "2 regels worden toegevoegd" in page.text and "Jan &lt;b&gt;" in page.text
    assert User.by_email("jan@a.nl") is None

    rows = html.unescape(re.search(r'name="regels" value="([^"]*)"', page.text).group(1))
    send(client, address, regels=rows)
    assert User.by_email("jan@a.nl").role_names == set()
    for change in list(HeldChange.select()):
        change.confirm(make.user(role=Role.BEHEERDER))
    assert User.by_email("jan@a.nl").role_names == {Role.MELDER} and User.by_email("els@a.nl").invited_at
    assert Mail.select().where(Mail.name == "invitation").count() == 2

    assert send(client, address, regels="{").status_code == 409


def test_the_account_form_says_which_role_asks_for_which_field(client, login, boss):
    login(client, boss)
    page = client.get("/beheer/gebruikers/new/").text
    assert "accounts/roles.js" in page and re.search(r'data-role-fields=.*"hospital": \["invoerder", "lnr-contact"', page)
