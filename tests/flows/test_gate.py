"""The gate in a real browser: handing in waits and asks, and the same thing in nine files is decided about once."""

import pytest

from models.cases.case import Case
from models.cases.status import Status
from models.files.document import Document
from models.files.privacy import inspection, privacy_findings
from models.files.privacy.privacy_decision import PrivacyDecision
from tests import make
from tests.files import samples
from tests.flows.walk import enter, passes


@pytest.fixture(autouse=True)
def not_looked_at_yet(monkeypatch):
    monkeypatch.setattr(make, "LOOKED", False)


def test_handing_in_waits_for_a_file_and_asks_when_it_is_not_ready(window, monkeypatch):
    monkeypatch.setattr(inspection, "look_at_arrival", lambda document: None)  # as for a large file
    user = make.user()
    case = make.case(by=user)
    page = enter(window(width=390), user, f"/melding/{case.key}/")
    page.locator("#bestanden-kiezen").set_input_files(
        {"name": "verslag.pdf", "mimeType": "application/pdf", "buffer": samples.pdf("Verslag")}
    )
    page.get_by_text("Wordt nagekeken op herkenbare gegevens").wait_for()
    page.get_by_role("button", name="Melding indienen").click()

    page.get_by_text("Wij kijken uw bestanden nog na").wait_for()
    page.get_by_role("heading", name="Nog niet nagekeken: toch indienen?").wait_for()
    passes(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert Case.get_by_id(case.id).status == Status.CONCEPT
    page.get_by_role("button", name="Toch indienen").click()
    page.get_by_text("ontvangen").first.wait_for()
    assert Case.get_by_id(case.id).status == Status.INGEDIEND


def test_handing_in_goes_on_by_itself_once_the_file_was_looked_at(window, monkeypatch):
    monkeypatch.setattr(privacy_findings, "findings", lambda *about: [])
    user = make.user()
    case = make.case(by=user)
    document = make.document(case)
    page = enter(window(), user, f"/melding/{case.key}/")
    page.get_by_role("button", name="Melding indienen").click()
    page.get_by_text("Wij kijken uw bestanden nog na").wait_for()
    inspection.look_one(document.id, document.look_due, safe=True)
    page.get_by_text("ontvangen").first.wait_for()
    assert Case.get_by_id(case.id).status == Status.INGEDIEND


def test_the_same_author_in_nine_files_is_decided_about_once(window):
    user = make.user()
    case = make.case(by=user)
    for number in range(9):
        make.document(case, name=f"brief-{number}.pdf", content=samples.pdf(f"Brief {number}", author="Anna de Vries"))
    inspection.look_waiting()
    page = enter(window(), user, f"/melding/{case.key}/nakijken")
    page.get_by_role("heading", name="Hetzelfde in 9 bestanden").wait_for()
    passes(page)
    page.get_by_label("Hieraan is niemand te herkennen").check()
    page.get_by_role("button", name="Opslaan en melding indienen").click()
    page.get_by_text("ontvangen").first.wait_for()
    assert PrivacyDecision.select().where(PrivacyDecision.decision == "niet herleidbaar").count() == 9


def test_a_file_that_was_found_out_late_stays_shut_until_the_melder_decides(window):
    case = make.case(Status.GOEDGEKEURD)
    Document.update(look_due=None).execute()
    PrivacyDecision.create(document=case.documents.get(), kind="burgerservicenummer", removable=False,
                           places=[["burgerservicenummer", "••••••782", "bladzijde 1", "a1"]])  # fmt: skip
    judge = enter(window(), make.coordinator(), f"/beoordelen/{case.key}/")
    judge.get_by_text("De commissie kan nog niet alle bestanden openen").wait_for()
    passes(judge)

    page = enter(window(width=390), case.reporter, f"/melding/{case.key}/")
    page.get_by_role("link", name="Nakijken en beslissen").click()
    page.get_by_label("Hieraan is niemand te herkennen").check()
    page.get_by_role("button", name="Opslaan").click()
    page.wait_for_url(f"**/melding/{case.key}/")
    judge.reload()
    assert judge.get_by_text("De commissie kan nog niet alle bestanden openen").count() == 0
