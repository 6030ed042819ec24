"""A member of the committee reads a file as pixels, beside the page and on a phone, without its original."""

from models.files.document import Document
from tests import make
from tests.files import samples
from tests.flows.walk import enter, passes


def test_a_member_of_the_committee_turns_the_pages_of_a_file(window):
    case = make.case()
    make.document(case, name="verslag.pdf", content=samples.pdf("Eerste bladzijde", "Tweede bladzijde"))
    Document.update(look_due=None).execute()
    case.submit(case.reporter)
    case.approve(make.coordinator())
    member = make.reader(case)
    page = enter(window(), member, f"/commissie/{case.key}/")

    page.get_by_role("link", name="verslag.pdf").first.click()
    sheet = page.frame_locator("iframe[name=voorbeeld]")
    sheet.get_by_alt_text("Bladzijde 1 van 2").wait_for()
    sheet.get_by_role("link", name="Volgende").click()
    picture = sheet.get_by_alt_text("Bladzijde 2 van 2")
    picture.wait_for()
    assert picture.evaluate("image => image.complete && image.naturalWidth") == 1240

    phone = enter(window(width=390), member, f"/melding/{case.key}/bestanden/{case.documents.get().key}/bladzijde?bladzijde=2")
    phone.get_by_alt_text("Bladzijde 2 van 2").wait_for()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    passes(phone)
    phone.get_by_role("link", name="Hebt u het origineel nodig?").click()
    passes(phone)
    with phone.expect_download() as fetched:
        phone.get_by_role("link", name="Download het origineel").click()
    assert fetched.value.suggested_filename == "verslag.pdf"
