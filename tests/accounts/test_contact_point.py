"""How people reach Perined, and that no text sends somebody to it without saying how."""

import re

import pytest
from peewee import OperationalError

from models.access import Process, Role
from models.accounts.contact_point import GENERAL, LNR, Contact, ContactPoint
from models.audit.audit_event import AuditEvent
from models.mail.outbox import Mail
from settings import ROOT
from tests import make
from tests.filling import NOW

CALLS = re.compile(
    r"\bbelt? (dan|de|ons|naar|meteen|perined)|neemt? (dan )?contact op|laat het perined|(contact|call) perined", re.I
)
SAYS_HOW = re.compile(r"contact(\(\))?\.|CONTACT|\bcontact_parts\b")
TEXTS = [
    path
    for folder, kinds in (("templates", ("html", "txt")), ("models", ("py",)), ("admin_views", ("py",)))
    for kind in kinds
    for path in (ROOT / folder).rglob(f"*.{kind}")
]


@pytest.fixture
def reachable():
    fill(GENERAL, mail="hulp@example.nl", phone="030-1234567", hours="werkdagen 9-17 uur")


def fill(about, **values):
    ContactPoint.update(**values).where(ContactPoint.about == about).execute()


def test_a_part_without_a_contact_of_its_own_has_that_of_the_portal(reachable):
    fill(LNR, mail="lnr@example.nl")
    fill(Process.LZA1, phone="030-7654321")

    assert ContactPoint.of().said == "bel 030-1234567 (werkdagen 9-17 uur) of mail naar hulp@example.nl"
    assert ContactPoint.of(LNR) == Contact("lnr@example.nl", "030-1234567", "werkdagen 9-17 uur")
    # The hours of one telephone are not those of another.
    assert ContactPoint.of(Process.LZA1).sentence == "Bel 030-7654321 of mail naar hulp@example.nl."
    assert ContactPoint.of(Process.NETHOSS) == ContactPoint.of()


def test_who_works_in_one_part_reads_how_to_reach_that_part(client, login, reachable):
    fill(LNR, mail="lnr@example.nl", phone="030-1111111")
    fill(Process.LZA1, phone="030-7654321")
    for role, phone in {
        Role.LNR_CONTACT: "030-1111111", Role.LZA1_MELDER: "030-7654321", Role.MELDER: "030-1234567",
    }.items():  # fmt: skip
        person = make.user(role)
        login(client, person)
        refused = client.get("/beheer/contact/")
        assert refused.status_code == 403 and phone in refused.text and ContactPoint.for_person(person).phone == phone
    assert ContactPoint.for_person(make.user(Role.BEHEERDER)) == ContactPoint.for_person(None) == ContactPoint.of()


def test_nothing_filled_in_names_perined():
    assert ContactPoint.of() == Contact() and ContactPoint.of().sentence == "Neem contact op met Perined."


def test_a_database_that_does_not_answer_leaves_what_was_known(reachable, monkeypatch):
    known = ContactPoint.of()

    def broken(*args):
        raise OperationalError("weg")

    monkeypatch.setattr(ContactPoint, "select", broken)
    assert ContactPoint.of() == known


def test_the_beheerder_changes_it_and_the_trail_says_so(client, login):
    login(client, make.user(role=Role.BEHEERDER))
    row = ContactPoint.get(ContactPoint.about == GENERAL)
    page = client.get(f"/beheer/contact/edit/?id={row.id}").text
    assert "E-mailadres" in page and "Bereikbaar" in page
    hidden = dict(re.findall(r'name="(csrf_token|stamp)"[^>]* value="([^"]*)"', page))
    wrong = client.post(f"/beheer/contact/edit/?id={row.id}", data=hidden | {"mail": "geen adres"})
    assert "Dit is geen e-mailadres." in wrong.text and ContactPoint.get_by_id(row.id).mail == ""
    client.post(f"/beheer/contact/edit/?id={row.id}", data=hidden | {"mail": "hulp@example.nl", "phone": "030-1"})
    assert ContactPoint.of() == Contact("hulp@example.nl", "030-1")
    assert AuditEvent.select().where(AuditEvent.action == "row.update", AuditEvent.subject.contains("Contact")).exists()


def test_log_in_errors_and_handbook_say_how_to_reach_perined(client, reachable):
    said = "030-1234567 (werkdagen 9-17 uur) of mail naar hulp@example.nl"
    assert said in client.get("/inloggen").text and "/handleiding#contact" in client.get("/inloggen").text
    assert said in client.get("/handleiding/inloggen").text
    handbook = client.get("/handleiding/").text
    assert "mailto:hulp@example.nl" in handbook and "tel:030-1234567" in handbook


def test_who_may_not_come_in_reads_whom_to_ask(client, login, reachable):
    login(client, make.user(role=Role.MELDER))
    refused = client.get("/beheer/contact/")
    assert refused.status_code == 403 and "Klopt dat niet? Bel 030-1234567 (werkdagen 9-17 uur) of mail naar" in refused.text


def test_every_mail_says_it_and_is_answered_by_the_people_of_its_part(reachable):
    fill(Process.LZA1, mail="lza1@example.nl")
    melder = make.user()
    case = make.case(by=melder)
    Mail.queue("case_submitted", melder, case=case, now=NOW, by="Jan")
    message = Mail.get().render(NOW)
    for kind in ("plain", "html"):
        text = " ".join(message.get_body([kind]).get_content().split())
        assert "Bel 030-1234567 (werkdagen 9-17 uur) of mail naar hulp@example.nl. Zet in een mail nooit" in text
    assert message["Reply-To"] == "hulp@example.nl"
    case.process = Process.LZA1
    case.save()
    assert Mail.get().render(NOW)["Reply-To"] == "lza1@example.nl"


def test_without_an_address_nobody_is_asked_to_answer():
    melder = make.user()
    Mail.queue("case_submitted", melder, case=make.case(by=melder), now=NOW, by="Jan")
    message = Mail.get().render(NOW)
    assert message["Reply-To"] is None and "worden niet gelezen" in message.get_body(["plain"]).get_content()


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_text_that_sends_somebody_to_perined_says_how(path):
    dead_ends = [
        line.strip()
        for line in path.read_text().splitlines()
        if CALLS.search(line) and not SAYS_HOW.search(line) and path.name != "contact_point.py"
    ]
    assert dead_ends == []
