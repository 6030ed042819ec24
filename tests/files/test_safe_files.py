"""What people meet around a file's safety: refusals, what is shut, what they decide, and how much they may add."""

import re
from urllib.parse import quote

import pytest

from models import clock
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.status import Status
from models.files import upload_limits, virus_scanning
from models.files.clamav import Clean, Infected
from models.files.document import Document
from models.files.file_state import FileState
from models.files.privacy import inspection
from models.files.privacy.privacy_decision import PrivacyDecision
from settings import settings
from tests import make
from tests.files import samples
from tests.web.pages import form_key, send


@pytest.fixture(autouse=True)
def not_looked_at_yet(monkeypatch):
    monkeypatch.setattr(make, "LOOKED", False)


@pytest.fixture
def melder(client, login):
    user = make.user()
    login(client, user)
    return user


@pytest.fixture
def case(melder):
    return make.case(by=melder)


@pytest.fixture
def scanner(monkeypatch):
    monkeypatch.setitem(settings.__dict__, "clamd_url", "tcp://127.0.0.1:1")

    def says(outcome):
        monkeypatch.setattr(virus_scanning, "scan", lambda blocks, url: outcome)
        virus_scanning.scan_waiting()

    return says


def put(client, case, content, name="verslag.pdf", key="s1"):
    headers = {"X-CSRFToken": form_key(client), "Accept": "application/json", "X-File-Name": quote(name)}
    address = f"/melding/{case.key}/bestanden?sleutel={key}"
    return client.put(address, data=content, content_type="application/octet-stream", headers=headers)


def page(client, case):
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(f"/melding/{case.key}/").text).split())


def with_finding(case, **more):
    make.document(case, content=samples.pdf("BSN 123456782", **more), name="brief.pdf")
    inspection.look_waiting()
    return PrivacyDecision.undecided(case)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (samples.pdf("x", change=samples.with_script), "script"),
        (samples.changed_pdf(samples.pdf("x"), lambda writer: writer.encrypt("geheim")), "wachtwoord"),
        (b"%PDF-1.7 geen echte PDF", "beschadigd"),
    ],
)
def test_a_dangerous_file_is_refused_with_the_reason(client, case, content, word):
    answer = put(client, case, content)

    assert answer.status_code == 422 and word in answer.json["error"]
    assert not Document.select().exists()


@pytest.mark.parametrize("what", ["download", "bekijken"])
def test_what_is_not_clean_opens_for_nobody(client, login, app, case, scanner, what):
    document = make.document(case)
    case.submit(case.reporter)
    reviewer = login(app.test_client(), make.coordinator())
    address = f"/melding/{case.key}/bestanden/{document.key}/{what}"

    for browser in (client, reviewer):
        answer = browser.get(address)
        assert answer.status_code == 409 and "nog op virussen" in answer.text
        assert browser.head(address).status_code == 409
    assert "Wordt gecontroleerd op virussen" in page(client, case)

    scanner(Clean())
    seen = reviewer.get(address)
    assert client.get(address).data == make.PDF
    assert seen.data == make.PDF if what == "download" else "data:image/jpeg" in seen.text  # as pixels


def test_a_picture_that_is_not_clean_stays_out_of_the_page_around_it(client, case, scanner):
    photo = make.document(case, content=samples.png(), name="echo.png")

    assert client.get(f"/melding/{case.key}/bestanden/{photo.key}/beeld").status_code == 409
    assert "<img" not in client.get(f"/melding/{case.key}/bestanden/{photo.key}/bekijken").text


def test_an_infected_file_stands_out_and_does_not_count(client, login, app, case, scanner):
    document = make.document(case, asked=case.theme.asked.first())
    scanner(Infected("Proef.Virus"))

    text = page(client, case)
    assert "Virus gevonden" in text and "Proef.Virus" in text
    assert client.get(f"/melding/{case.key}/bestanden/{document.key}/download").status_code == 409
    send(client, f"/melding/{case.key}/indienen", {"ronde": case.round})
    assert Case.get_by_id(case.id).status == Status.CONCEPT
    assert "Niemand kan de bestanden bij deze melding openen" in page(client, case)


def test_the_coordinator_sees_an_infected_file_of_a_case_that_was_shared(client, login, case, scanner):
    make.document(case)
    case.submit(case.reporter)
    scanner(Infected("Proef.Virus"))
    login(client, make.coordinator())

    assert "Virus gevonden" in client.get(f"/beoordelen/{case.key}/").text


def test_handing_in_first_shows_what_may_tell_who_somebody_is(client, case):
    (trace,) = with_finding(case)
    assert "Mogelijk herkenbaar: BSN op bladzijde 1" in page(client, case)

    answer = send(client, f"/melding/{case.key}/indienen", {"ronde": case.round})
    assert answer.location.endswith("/nakijken")
    text = client.get(answer.location).text
    assert "BSN op bladzijde 1" in text and "123456782" not in text and "782" in text

    choices = {
        "ronde": case.round,
        f"gezien-{trace.id}": trace.seen,
        f"besluit-{trace.id}": "niet herleidbaar",
        "indienen": "1",
    }
    for _ in range(2):
        assert send(client, f"/melding/{case.key}/nakijken", choices).location.endswith("/ingediend")
    assert Case.get_by_id(case.id).status == Status.INGEDIEND
    assert AuditEvent.select().where(AuditEvent.action == "document.decide").count() == 1


def test_sending_along_asks_for_the_reason_and_keeps_what_was_typed(client, case):
    (trace,) = with_finding(case)
    choices = {"ronde": case.round, f"gezien-{trace.id}": trace.seen, f"besluit-{trace.id}": "toch meesturen", "indienen": "1"}

    answer = send(client, f"/melding/{case.key}/nakijken", choices)

    assert answer.status_code == 422 and "waarom dat nodig is" in answer.text
    assert re.search(rf'id="toch-{trace.id}"[^>]*checked', answer.text)
    assert Case.get_by_id(case.id).status == Status.CONCEPT


def test_the_coordinator_reads_what_was_found_and_what_the_hospital_decided(client, login, case):
    (trace,) = with_finding(case)
    reason = "het nummer van het laboratorium is"
    choices = {
        "ronde": case.round,
        f"gezien-{trace.id}": trace.seen,
        f"besluit-{trace.id}": "toch meesturen",
        f"reden-{trace.id}": reason,
        "indienen": "1",
    }
    send(client, f"/melding/{case.key}/nakijken", choices)
    login(client, make.coordinator())

    text = client.get(f"/beoordelen/{case.key}/").text
    assert "BSN op bladzijde 1: toch meesturen, omdat het nummer" in text and "volgens het ziekenhuis" in text


def test_a_file_can_be_taken_out_from_the_page_of_findings(client, case):
    (trace,) = with_finding(case)
    address = f"/melding/{case.key}/bestanden/{trace.document.key}/verwijderen"

    assert send(client, address, {"terug": "nakijken"}).location.endswith("/nakijken")
    assert PrivacyDecision.undecided(case) == [] and not Document.present(case)


def test_one_click_takes_author_and_place_out(client, case):
    make.document(case, content=samples.jpeg(), name="echo.jpg")
    inspection.look_waiting()
    (first,) = Document.present(case)
    assert "Verwijder auteursgegevens en locatie" in page(client, case)

    for _ in range(2):
        send(client, f"/melding/{case.key}/bestanden/{first.key}/gegevens-verwijderen", {})

    (second,) = Document.present(case)
    answer = client.get(f"/melding/{case.key}/bestanden/{second.key}/download")
    assert second != first and b"Anna" not in answer.data and PrivacyDecision.undecided(case) == []
    assert "Verwijder auteursgegevens en locatie" not in page(client, case)


def test_a_checker_that_is_down_holds_nobody_up_who_was_asked(client, case):
    make.document(case, content=samples.pdf("BSN 123456782"))
    assert "Wordt nagekeken op herkenbare gegevens" in page(client, case)

    asked = send(client, f"/melding/{case.key}/indienen", {"ronde": case.round})
    assert asked.status_code == 409 and "toch indienen?" in asked.text and "partusverslag.pdf" in asked.text
    answer = send(client, f"/melding/{case.key}/indienen", {"ronde": case.round, "toch": "1"})

    assert answer.location.endswith("/ingediend")
    assert AuditEvent.get(AuditEvent.action == "document.unchecked").actor == case.reporter


def test_a_hospital_is_told_how_much_it_may_add_and_when_the_day_is_full(client, case, monkeypatch):
    assert "20GB per dag voor uw ziekenhuis" in page(client, case)
    assert put(client, case, make.PDF).status_code == 201
    monkeypatch.setattr(upload_limits, "MAX_DAY", len(make.PDF) + 100)

    answer = put(client, case, make.PDF, key="s2")

    assert answer.status_code == 413 and "morgen" in answer.json["error"]
    Document.get().remove(case.reporter)
    assert put(client, case, make.PDF, key="s3").status_code == 413
    Document.update(added_at=clock.now() - 2 * clock.DAY).execute()
    assert put(client, case, make.PDF, key="s4").status_code == 201


def test_the_day_of_another_hospital_is_its_own(client, case, monkeypatch):
    make.document(make.case(theme=case.theme))
    monkeypatch.setattr(upload_limits, "MAX_DAY", len(make.PDF))

    assert put(client, case, make.PDF).status_code == 201


def test_without_a_scanner_the_coordinator_is_told_that_nothing_was_scanned(client, login, case):
    document = make.document(case)
    case.submit(case.reporter)
    login(client, make.coordinator())

    assert document.state == FileState.NIET_GESCAND
    assert "niet op virussen gecontroleerd" in client.get(f"/beoordelen/{case.key}/").text
