"""The handleiding."""

import html
import re
from pathlib import Path

import pytest

from admin_views.web.handbook import PAGES
from commands import main
from models import dutch
from models.access import Role
from models.accounts.contact_point import GENERAL, ContactPoint
from models.cases.status import STATUS_LABELS, STATUS_MEANING
from models.committee.rules.committee_settings import ASSESSORS, DUE_DAYS, LOOK_BACK, REMINDERS
from models.lnr.intake import zip_upload
from models.lnr.registry import message as arrived
from models.lnr.research import extract
from models.lnr.suppliers import api_key, supplier
from models.mail.outbox import MAIL_STATUS_LABELS
from models.monthly.response import CELL_LABELS
from models.retention.retention_kind import KINDS, RetentionKind
from settings import VERSION, settings
from tests import make

# What the pages about the LNR tell people to press or to look for.
BUTTONS = {
    "lnr": ("Aanleveren", "Verslag (CSV)", "Nieuwe opname invoeren", "Opname versturen", "Corrigeren", "Intrekken",
            "Wat er mis is", "Versies", "Lees het oorspronkelijke bericht"),
    "lnr-beheer": ("Leverancier aanmelden", "Sleutel maken", "Intrekken", "Laatst gebruikt", "Leverancier toelaten", "Waarom",
                   "Gegevens aanvragen", "Goedkeuren", "Afwijzen"),
}  # fmt: skip
COMMITTEE = (
    "Mijn casussen", "Ik kan onafhankelijk beoordelen", "Casus teruggeven", "Beoordeling inleveren", "Terugnemen",
    "Vergaderingen", "Op de agenda zetten", "Betrokken ziekenhuizen", "Te laat", "Casus terugnemen",
    "Beoordelingen vergelijken", "Hamerstukken vaststellen", "Consensus vaststellen", "Vraag stellen",
    "Brief vrijgeven", "Behandeling sluiten", "Dossier als bestand",
)  # fmt: skip
ADDRESSES = ["/handleiding/", *[f"/handleiding/{name}" for name in PAGES]]


def test_the_version_is_told_by_the_handbook_the_health_page_and_the_command_line(client, capsys):
    assert f"Versie {VERSION} van het portaal." in client.get("/handleiding/").text
    assert client.get("/healthz").json["version"] == VERSION
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["--version"])
    assert capsys.readouterr().out.strip() == VERSION


@pytest.mark.parametrize("address", ADDRESSES)
def test_everybody_reads_every_page_and_every_link_on_it_works(client, address):
    page = client.get(address)

    assert page.status_code == 200
    main = page.text.split("<main", 1)[1]
    for link in set(re.findall(r'href="(/handleiding[^"#]*)', main)):
        assert client.get(link, follow_redirects=True).status_code == 200, link
    for anchor in re.findall(r'href="#([^"]+)"', main):
        assert f'id="{anchor}"' in main, anchor


def test_no_page_needs_an_account_or_shows_anything_of_one(client, login):
    case = make.case(patient_number="GEHEIM-1")
    login(client, case.reporter)

    for address in ADDRESSES:
        main = client.get(address).text.split("<main", 1)[1]
        assert "GEHEIM-1" not in main and case.number not in main and case.hospital.name not in main


def test_the_four_steps_stand_there_with_the_labels_of_the_manual(client):
    text = client.get("/handleiding/melden").text

    for label in (
        "Nee, geen casus",
        "Ja, 1 of meer casus",
        "Maak nieuwe melding",
        "Nieuwe melding maken",
        "Thema",
        "Patiëntnummer",
        "+ Melding aanmaken",
        "Bestanden",
        "Melding indienen",
        "Meest recente opmerking",
        "NethOSS / LZA1-meldingen",
    ):
        assert label in text.replace("&#39;", "'"), label


def test_the_accessibility_statement_is_a_link_away_before_log_in_and_says_how_to_reach_perined(client):
    ContactPoint.update(phone="030-1234567").where(ContactPoint.about == GENERAL).execute()
    footer = client.get("/inloggen").text.split("<footer", 1)[1]
    address = re.search(r'href="([^"]+)">Toegankelijkheid<', footer).group(1)
    text = client.get(address).text.split("<article", 1)[1]
    # Norm, state, date, what is measured (by tests/flows/walk.py) and what nobody has tried.
    for part in ("EN 301 549", "WCAG 2.2", "status C", "29 november 2026", "1280", "390", "320", "schermlezer", "PDF/UA-1"):
        assert part in text, part
    assert "Bel 030-1234567." in text


def test_every_status_is_explained_in_the_words_of_the_program(client):
    text = client.get("/handleiding/statussen").text

    assert all(label in text for label in STATUS_LABELS.values())
    assert all(meaning in text for meaning in STATUS_MEANING.values()) and "4, 8 en 12 weken" in text


def test_the_sender_stands_where_mails_get_lost(client):
    for address in ("/handleiding/mail", "/handleiding/it"):
        assert settings.mail_from in client.get(address).text
    text = client.get("/handleiding/it").text
    assert all(word in text for word in ("SPF", "DKIM", "DMARC", settings.host))


def test_the_definitions_are_those_of_today(client):
    theme, gone = make.theme(definition="Wat er gemeld wordt."), make.theme(definition="Oud.", valid_to=make.clock.today())
    gone.valid_to = make.clock.first_of("2020-02")
    gone.save()

    text = client.get("/handleiding/begrippen").text
    assert theme.definition in text and gone.definition not in text


def test_coordinator_and_administrator_find_the_words_of_their_screens(client):
    text = client.get("/handleiding/beheer").text
    assert all(label in text for label in MAIL_STATUS_LABELS.values())
    text = client.get("/handleiding/coordinator").text
    assert all(word.split(" (")[0].split(",")[0] in text for word in CELL_LABELS.values() if "voorbij" not in word)


def test_the_pages_about_the_lnr_name_its_screens_and_its_buttons_as_they_are(client, login):
    rooms = [
        *Path("templates/lnr").rglob("*.html"),
        *Path("admin_views/lnr").rglob("*.py"),
    ]  # a list names its acts in its screen
    sources = " ".join(path.read_text() for path in rooms)
    menu = {Role.LNR_CONTACT: "lnr", Role.LNR_BEHEER: "lnr-beheer"}
    for role, page in menu.items():
        login(client, make.user(role))
        shown = client.get("/handleiding/").text
        nav = shown.split('id="menu"', 1)[1].split("</nav>", 1)[0]
        entries = {html.unescape(one).strip() for one in re.findall(r"<a[^>]*>([^<]+)</a>", nav)} - {"Start"}
        text = html.unescape(client.get(f"/handleiding/{page}").text.split("<article", 1)[1].split("</article>", 1)[0])
        assert entries and [entry for entry in entries if f"'{entry}'" not in text] == []
        for label in BUTTONS[page]:
            assert f"'{label}'" in text and label in sources, label


def test_the_page_about_the_committee_names_its_screens_and_its_buttons_as_they_are(client):
    rooms = [*Path("templates/committee").rglob("*.html"), *Path("admin_views/committee").rglob("*.py")]
    sources = " ".join(path.read_text() for path in rooms)
    text = html.unescape(client.get("/handleiding/commissie").text.split("<article", 1)[1].split("</article>", 1)[0])
    assert [label for label in COMMITTEE if f"'{label}'" not in text or label not in sources] == []
    first, second, last = REMINDERS
    facts = (
        f"{DUE_DAYS} dagen voor de vergadering", f"{first} en {second} dagen", f"ten minste {ASSESSORS} beoordelaars",
        f"laatste {LOOK_BACK} maanden", f"Na {KINDS[RetentionKind.DOSSIER_PACKAGE].days} dagen",
    )  # fmt: skip
    assert last == 0 and [fact for fact in facts if fact not in text] == []


def test_the_pages_about_the_lnr_hold_the_limits_of_the_program(client):
    text = html.unescape(client.get("/handleiding/lnr").text)
    for fact in (dutch.number(zip_upload.MOST), dutch.size(zip_upload.LARGEST), f"{arrived.REFUSED_DAYS} dagen"):
        assert fact in text, fact
    text = html.unescape(client.get("/handleiding/lnr-beheer").text)
    assert all(label in text for label in supplier.STATUS_LABELS.values())
    for fact in (f"geldt {api_key.DAYS} dagen", f"hoogstens {api_key.MOST_VALID} tegelijk", f"kleiner dan {extract.SMALLEST}."):
        assert fact in text, fact


@pytest.mark.parametrize("page", ["bestaat-niet", "page", "index", "..", "x" * 500])
def test_a_page_that_is_not_there_is_not_found(client, page):
    answer = client.get(f"/handleiding/{page}", follow_redirects=True)

    assert answer.status_code == 404 or answer.request.path in ("/handleiding/", "/inloggen")
