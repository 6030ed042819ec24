"""The list of files drawn anew, in a real browser: what somebody types there stays, and so does the way back."""

import pytest
from playwright.sync_api import expect

from tests import make
from tests.flows.walk import enter


@pytest.fixture
def case():
    return make.case(theme=make.theme(asked=("partusverslag", "OK-verslag")))


def redraw(page, name):
    """A file that arrives has the list drawn anew."""
    page.locator("#bestanden-kiezen").set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": b"Verslag van de partus"}
    )
    expect(page.locator("[data-files] .tile").filter(has_text=name)).to_be_visible(timeout=15_000)


def test_who_types_why_a_document_is_not_there_types_on(window, case):
    asked = case.theme.asked.first()
    page = enter(window(), case.reporter, f"/melding/{case.key}/")
    fold = page.locator(f"#anders-{asked.id}")
    fold.locator("summary").click()
    fold.locator("select").select_option(index=1)
    chosen = fold.locator("select").input_value()
    words = fold.locator("input[name=reden]")
    words.fill("Het is er niet")
    words.evaluate("field => field.setSelectionRange(3, 3)")
    redraw(page, "verslag.txt")

    expect(words).to_have_value("Het is er niet")
    expect(words).to_be_focused()
    page.keyboard.type("x")
    expect(words).to_have_value("Hetx is er niet")
    assert fold.locator("select").input_value() == chosen


def test_the_way_back_stays_when_the_list_is_drawn_again(window, case):
    make.document(case, name="weg.pdf")
    page = enter(window(), case.reporter, f"/melding/{case.key}/")
    page.locator("summary").filter(has_text="Meer over weg.pdf").click()
    page.get_by_role("button", name="Verwijder weg.pdf", exact=True).click()
    expect(page.locator(".undo-bar")).to_be_visible()
    redraw(page, "verslag.txt")

    expect(page.locator(".undo-bar")).to_contain_text("weg.pdf is verwijderd")
