"""A colleague sends a document, in two real browsers: from the slot of the case to the receipt."""

import re

import pytest
from playwright.sync_api import expect

from models.cases.case import Case
from models.files.document import Document
from models.mail.outbox import Mail
from models.upload_links.upload_link import UploadLink
from tests import make
from tests.files import samples
from tests.flows.walk import enter, follow, passes


def said(name):
    """The text of the latest mail of this name, as it would leave now."""
    mail = Mail.select().where(Mail.name == name).order_by(Mail.id.desc()).get()
    return mail.render().get_body(["plain"]).get_content()


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_from_the_slot_to_the_receipt(window, portal, width):
    user = make.user(name="Marieke de Vries", hospital=make.hospital("Ziekenhuis Haven", mail_domains="haven.example"))
    case = make.case(by=user)
    page = enter(window(width=width), user, f"/melding/{case.key}/")
    slot = page.locator(f"#collega-{case.theme.asked.first().id}")
    slot.locator("summary").click()
    passes(page)
    slot.get_by_label("E-mailadres van uw collega").fill("j.jansen@anders.example")
    slot.get_by_role("button", name="Vraag", exact=True).click()
    page.get_by_text("U kunt alleen collega's van uw eigen ziekenhuis vragen.").wait_for()
    slot.get_by_label("E-mailadres van uw collega").fill("j.jansen@haven.example")
    slot.get_by_role("button", name="Vraag", exact=True).click()
    page.get_by_text("gevraagd, gevraagd op").wait_for()
    passes(page)

    theirs = window(width=width)
    theirs.goto(re.search(r"http://localhost(/uploadlink/\S+)", said("colleague_request"))[1])
    passes(theirs)
    follow(theirs, theirs.get_by_role("button", name="Stuur mij een code"))
    passes(theirs)
    theirs.get_by_label("Code").fill(re.search(r"\d{6}", said("colleague_code"))[0])
    follow(theirs, theirs.get_by_role("button", name="Verder"))
    passes(theirs)
    theirs.locator("#bestanden-kiezen").set_input_files(
        [
            {"name": "verslag.pdf", "mimeType": "application/pdf", "buffer": samples.pdf("Verslag")},
            {"name": "verkeerd.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x90\x00 programma"},
            {"name": "tweede.pdf", "mimeType": "application/pdf", "buffer": samples.pdf("Tweede")},
        ]
    )
    expect(theirs.get_by_role("heading", name="Ontvangen: 2 bestanden")).to_be_visible()
    expect(theirs.locator(".upload.is-failed")).to_contain_text("verkeerd.exe")
    passes(theirs)
    theirs.get_by_role("button", name="Verwijder tweede.pdf").click()
    expect(theirs.get_by_role("heading", name="Ontvangen: 1 bestand")).to_be_visible()
    follow(theirs, theirs.get_by_role("button", name="Klaar"))
    theirs.get_by_role("heading", name="Ontvangen: 1 bestand").wait_for()
    passes(theirs)

    assert [file.name for file in Document.select().where(Document.removed_at.is_null())] == ["verslag.pdf"]
    page.reload()
    page.get_by_text("via collega j.jansen@haven.example").wait_for()
    passes(page)
    assert (Case.get_by_id(case.id).uploads, UploadLink.get().state) == (1, "geüpload")
