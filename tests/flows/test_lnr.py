"""The hospital's side of the LNR in a real browser: a ZIP with progress, the stays it became, what is wrong, the admissions."""

import pytest
from playwright.sync_api import expect

from models.access import Role
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.intake.upload_batch import UploadBatch
from models.lnr.message.message_writer import build
from models.lnr.registry.admissions import Admissions
from models.lnr.registry.open_finding import OpenFinding
from models.lnr.registry.stay import Stay
from models.lnr.research.extract import EVERYTHING
from models.lnr.research.extract_request import ExtractRequest
from models.lnr.specification.examples import INSTITUTION, preterm
from tests import make
from tests.flows.walk import enter, passes
from tests.lnr.messages import hospital, message, supplier
from tests.lnr.test_upload_batch import messages, packed

WIDTHS = (1280, 390, 320)


@pytest.fixture
def contact():
    return make.user(role=Role.LNR_CONTACT, hospital=hospital())


def test_a_zip_is_sent_followed_and_read(window, contact):
    content = packed(*messages(3), message("slecht", "opname-9", discharged="2026-01-01T10:00:00"))
    page = enter(window(), contact, "/lnr/aanleveren/")
    page.get_by_label("XML- of ZIP-bestand").set_input_files(
        {"name": "mei.zip", "mimeType": "application/zip", "buffer": content}
    )
    page.get_by_role("button", name="Aanleveren").click()
    expect(page.get_by_text("0 van 4 berichten gecontroleerd")).to_be_visible()

    UploadBatch.work_waiting()
    expect(page.get_by_text("3 berichten zijn aangenomen, 1 bericht is geweigerd")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("Het ontslag ligt vóór de opname.")).to_be_visible()
    passes(page)


def test_what_cannot_be_used_is_told_beside_the_button(window, contact):
    page = enter(window(), contact, "/lnr/aanleveren/")
    page.get_by_label("XML- of ZIP-bestand").set_input_files(
        {"name": "x.zip", "mimeType": "application/zip", "buffer": b"PK\x03\x04"}
    )
    page.get_by_role("button", name="Aanleveren").click()

    expect(page.get_by_text("Dit ZIP-bestand is beschadigd")).to_be_visible()
    assert UploadBatch.select().count() == 0


def test_the_same_works_without_script(window, contact):
    page = enter(window(java_script_enabled=False), contact, "/lnr/aanleveren/")
    page.get_by_label("XML- of ZIP-bestand").set_input_files({"name": "kind.xml", "mimeType": "text/xml", "buffer": message()})
    page.get_by_role("button", name="Aanleveren").click()

    expect(page.get_by_text("1 bericht is aangenomen")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_a_stay_can_be_read_by_everybody(window, contact, width):
    contact.hospital.agb = INSTITUTION[1]
    contact.hospital.save()
    delivery = Delivery(contact.hospital, supplier())
    for version, weight in ((1, 1010), (2, 2300)):
        told = {
            "processing_code": "P",
            "version_number": version,
            "message_id": ("", f"b{version}"),
            "birth_weight_g": weight,
            "child_ids": [("", "7")],
        }
        deliver(delivery, build(preterm("x", **told, action="nieuw" if version == 1 else "vervanging")))
    stay = Stay.get()
    assert OpenFinding.select().count()

    page = enter(window(width), contact, "/lnr/opnamen/")
    page.get_by_role("link", name=stay.number).click()
    expect(page.get_by_role("heading", name="Ademhalingsondersteuning", exact=True)).to_be_visible()
    expect(page.get_by_text("continue positievedrukbeademing (niet-invasief")).to_be_visible()
    Admissions.state(contact, "2026-01", 0)
    completeness = ("/lnr/volledigheid/", "/lnr/volledigheid/gegevens?jaar=2026")
    for path in ("/lnr/opnamen/", f"/lnr/opname/{stay.key}/", "/lnr/fouten/", *completeness, "/lnr/aanleveren/"):
        page.goto(path)
        passes(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto("/lnr/volledigheid/")
    expect(page.get_by_label("Aantal opnamen in januari 2026")).to_be_visible()
    page.goto(f"/lnr/opname/{stay.key}/")
    page.get_by_role("link", name="Lees het oorspronkelijke bericht").first.click()
    expect(page.get_by_text("kernset_neonatologie").first).to_be_visible()
    passes(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_the_management_can_be_read_by_everybody(window, contact, width):
    deliver(Delivery(contact.hospital, supplier()), message(discharged="2026-01-01T10:00:00"))
    asker, approver = make.user(role=Role.LNR_BEHEER), make.user(role=Role.LNR_BEHEER)
    asked = ExtractRequest.ask(asker, "Hoe vaak krijgen kinderen van 27 weken zuurstof?", 2026, 2026, EVERYTHING)
    page = enter(window(width), approver, "/lnr/onderzoek/")
    page.get_by_role("link", name=asked.number).click()
    page.get_by_role("button", name="Goedkeuren").click()
    expect(page.get_by_text("Goedgekeurd", exact=True)).to_be_visible()
    with page.expect_download() as file:
        page.get_by_role("button", name="CSV").click()
    assert file.value.suggested_filename == f"{asked.number.lower()}-csv.zip"
    for path in (
        "/lnr/overzicht/",
        "/lnr/overzicht/gegevens?jaar=2026",
        "/lnr/alle-opnamen/",
        "/lnr/alle-fouten/",
        "/lnr/onderzoek/",
        f"/lnr/onderzoek/{asked.key}/",
        "/lnr/leveranciers/",
    ):
        page.goto(path)
        passes(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        if path == "/lnr/overzicht/" and width >= 1280:
            cut = "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth).length"
            assert page.locator(".table-box").evaluate_all(cut) == 0
