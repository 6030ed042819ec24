"""The two pages around the asked documents of a case: how long they are, their menus, and what stays in sight."""

import re

import pytest
from playwright.sync_api import expect

from models.cases.remark import Remark
from models.files.document import Document
from models.files.privacy import inspection
from tests import make
from tests.files import samples
from tests.flows.walk import enter, passes

TWELVE = [f"verslag van de {number}e consulent (indien van toepassing)" for number in range(1, 13)]
LONGEST = {1280: 1800, 390: 3000, 320: 3700}  # pixels, of a case with twelve documents


def full(**more):
    case = make.case(theme=make.theme(asked=TWELVE), patient_number="5352532", **more)
    for number, asked in enumerate(case.theme.asked, 1):
        make.document(case, name=f"verslag-consulent-{number}.pdf", asked=asked)
    return case


@pytest.mark.parametrize("width", LONGEST)
def test_twelve_documents_are_one_short_list(window, width):
    case = full()
    make.document(case, name="brief.pdf")
    page = enter(window(width), case.reporter, f"/melding/{case.key}/")
    expect(page.locator("[data-files-state]")).to_have_text("12 van 12 documenten · 13 bestanden")
    passes(page)
    assert page.evaluate("document.documentElement.scrollHeight") <= LONGEST[width]

    # The bar is as wide as its column, lets nothing through, and hides nothing that has the focus.
    column, bar = (page.locator(place).bounding_box() for place in (".case-main", ".submit-case .actions"))
    assert (bar["x"], bar["width"]) == (column["x"], column["width"])
    assert (
        page.locator(".submit-case .actions").evaluate("bar => getComputedStyle(bar).backgroundColor") == "rgb(255, 255, 255)"
    )
    hidden = []
    for _ in range(60):
        page.keyboard.press("Tab")
        hidden += page.evaluate("""() => {
            const focused = document.activeElement, bar = document.querySelector(".submit-case");
            const [one, other] = [focused, bar].map((element) => element.getBoundingClientRect());
            const within = focused.closest(".case-main") && !bar.contains(focused);
            return within && one.bottom > other.top && one.top < other.bottom ? [focused.outerHTML.slice(0, 120)] : [];
        }""")
    assert hidden == []


def test_a_file_finds_its_document_and_goes_by_its_menu(window):
    case = make.case()
    first, second = case.theme.asked
    make.document(case, name="brief.pdf")
    page = enter(window(390), case.reporter, f"/melding/{case.key}/")
    expect(page.get_by_role("heading", name="Nog in te delen 1")).to_be_visible()
    page.get_by_label("Hoort bij: brief.pdf").select_option(first.label)
    expect(page.locator(f"#gevraagd-{first.id}")).to_contain_text("brief.pdf")
    expect(page.get_by_role("heading", name="Nog in te delen")).to_have_count(0)

    menu = page.locator("summary", has_text="Meer over brief.pdf")
    menu.click()
    expect(page.get_by_role("link", name="Download brief.pdf")).to_be_visible()
    passes(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Download brief.pdf")).to_be_hidden()
    menu.click()
    page.get_by_label("Hoort bij: brief.pdf").select_option(second.label)
    expect(page.locator(f"#gevraagd-{second.id}")).to_contain_text("brief.pdf")
    page.locator("summary", has_text="Meer over brief.pdf").click()
    page.get_by_role("button", name="Verwijder brief.pdf").click()
    page.get_by_role("button", name="Ongedaan maken").click()
    expect(page.locator(f"#gevraagd-{second.id}")).to_contain_text("brief.pdf")


def test_authors_go_from_all_files_with_one_button(window, monkeypatch):
    monkeypatch.setattr(make, "LOOKED", False)
    case = make.case()
    for number in range(3):
        make.document(case, name=f"brief-{number}.pdf", content=samples.pdf(f"Brief {number}", author="Anna de Vries"))
    inspection.look_waiting()
    page = enter(window(), case.reporter, f"/melding/{case.key}/")
    page.get_by_role("button", name="Verwijder auteursgegevens uit alle 3 bestanden").click()
    expect(page.get_by_text("bestandsgegevens: auteur")).to_have_count(0)
    expect(page.locator(".tile")).to_have_count(3)
    assert Document.select().where(Document.removed_at.is_null(), Document.upload_key.startswith("zonder-")).count() == 3


@pytest.mark.parametrize("width", [1280, 390])
def test_the_coordinator_decides_without_scrolling(window, width):
    case = full()
    case.submit(case.reporter)
    page = enter(window(width), make.coordinator(), f"/beoordelen/{case.key}/")
    bar = page.locator(".verdict-bar")
    for name in ("Goedkeuren", "Onvolledig"):
        expect(bar.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
    # The first file is open at once, and marked among the rows.
    expect(page.locator(".tile.is-shown")).to_contain_text("verslag-consulent-1.pdf")
    passes(page)

    # The tick stands at the document, and the message is there to read before it goes.
    page.get_by_label("opnieuw vragen: verslag van de 3e consulent").check()
    expect(page.get_by_label("Bericht aan het ziekenhuis")).to_have_value(re.compile("3e consulent"))
    expect(page.get_by_label("Bericht aan het ziekenhuis")).to_be_in_viewport()
    expect(bar.get_by_role("button", name="Onvolledig", exact=True)).to_be_in_viewport(ratio=1)
    passes(page)
    bar.get_by_role("button", name="Onvolledig", exact=True).click()
    page.wait_for_url(re.compile("/beoordelen/$"))
    assert "3e consulent" in Remark.get().text
