"""A colleague sends a document, in two real browsers: from the slot of the case to the receipt."""

import re

import pytest
from playwright.sync_api import expect

from models import clock
from models.cases.case import Case
from models.files.document import Document
from models.files.resumable.resumable_upload import ResumableUpload
from models.mail.outbox import Mail
from models.upload_links.upload_code import UploadCode
from models.upload_links.upload_link import UploadLink
from tests import make
from tests.files import samples
from tests.flows.test_resumable_upload import SIZE, Line, clip, digest  # noqa: F401
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


def test_a_large_file_goes_on_where_it_was_in_a_later_visit(window, portal, clip):  # noqa: F811
    user = make.user(hospital=make.hospital(mail_domains="haven.example"))
    case = make.case(by=user)
    link = UploadLink.ask(case, case.theme.asked.first(), user, "j.jansen@haven.example")
    theirs = visit(window(), link)
    Line(theirs, 1)
    theirs.locator("#bestanden-kiezen").set_input_files(clip)
    expect(theirs.locator("[data-uploads] li")).to_contain_text("De verbinding is verbroken. Wat verstuurd is, blijft bewaard")
    theirs.context.close()
    here = ResumableUpload.get().received
    assert 0 < here < SIZE and ResumableUpload.get().via == link and Document.select().count() == 0
    # It is the colleague's, and no business of who asked.
    page = enter(window(), user, f"/melding/{case.key}/")
    expect(page.locator("[data-unfinished]")).to_have_count(0)

    UploadCode.update(made_at=clock.now() - clock.DAY).execute()
    theirs = visit(window(width=320), link)
    notice = theirs.locator("[data-unfinished]")
    expect(notice).to_contain_text("Er staat nog een onvolledige upload: echo lang.mp4 (16MB van 40MB)")
    passes(theirs)
    line = Line(theirs, 100)
    with theirs.expect_file_chooser() as asked:
        notice.get_by_role("button", name="Kies hetzelfde bestand").click()
    asked.value.set_files(clip)
    expect(theirs.get_by_role("heading", name="Ontvangen: 1 bestand")).to_be_visible()
    expect(notice).to_have_count(0)
    made = Document.get()
    assert line.seen[0] == here and made.sha256 == digest(clip) and made.via == link and UploadLink.get().uploaded_at


def visit(page, link):
    """The colleague with the code of the mail."""
    page.goto(f"/uploadlink/{link.token}")
    follow(page, page.get_by_role("button", name="Stuur mij een code"))
    page.get_by_label("Code").fill(re.search(r"\d{6}", said("colleague_code"))[0])
    follow(page, page.get_by_role("button", name="Verder"))
    return page
