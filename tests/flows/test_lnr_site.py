"""The supplier's site in a real browser: wide and narrow, searched, and with a message dropped on it."""

from playwright.sync_api import expect

from admin_views.lnr.site.chapters import CHAPTERS
from models.lnr.suppliers import scenarios
from tests.flows.walk import broad, faults, passes

HOME = "/lnr/specificatie/"


def test_every_chapter_fits_and_anybody_can_read_it(window):
    """The chapters are long, and narrow they only flow otherwise: axe reads them once."""
    page, found = window(390), []
    for name in ("", *CHAPTERS, "en/", "en/controle"):
        page.goto(HOME + name)
        found += faults(page)
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 800})
            found += broad(page)
        page.set_viewport_size({"width": 390, "height": 800})
    assert found == []


def test_no_button_lies_over_what_it_copies(window):
    page = window()
    page.goto(HOME)
    lying = """pieces => pieces.filter(piece => {
        const [text, button] = [...piece.children].map(part => part.getBoundingClientRect());
        return text.right > button.left && button.right > text.left && text.bottom > button.top && button.bottom > text.top;
    }).length"""
    expect(page.get_by_role("button", name="Kopieer").first).to_be_visible()
    assert page.locator(".code").evaluate_all(lying) == 0


def test_searching_leaves_what_was_looked_for(window):
    page = window()
    page.goto(f"{HOME}gegevens")
    page.get_by_label("Zoek in gegevens").fill("GEBOORTEGEWICHT g")
    expect(page.locator("#birth_weight_g")).to_be_visible()
    expect(page.locator("#sex")).to_be_hidden()
    expect(page.locator("#deel-A")).to_be_hidden()

    page.get_by_label("Zoek in gegevens").fill("zoiets bestaat niet")
    expect(page.get_by_text("Niets gevonden.")).to_be_visible()


def test_a_message_is_judged_without_leaving_the_page(window):
    page, raw = window(), scenarios.wanted()["geweigerd"].example.raw.decode()
    page.goto(f"{HOME}controle")
    page.get_by_label("Het bericht").fill(raw)
    page.get_by_role("button", name="Controleer", exact=True).click()
    expect(page.get_by_role("heading", name="Verslag")).to_be_focused()
    expect(page.get_by_text("Het ontslag ligt vóór de opname.", exact=True)).to_be_visible()

    page.get_by_role("button", name="regel ").first.press("Enter")
    area = page.get_by_label("Het bericht")
    assert "<ontslag_datum" in area.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
    passes(page)


def test_a_chosen_file_is_judged_and_shown(window):
    page = window(390)
    page.goto(f"{HOME}en/controle")
    raw = scenarios.wanted()["minimaal"].example.raw
    page.get_by_label("Or a file").set_input_files({"name": "a.xml", "mimeType": "application/xml", "buffer": raw})
    expect(page.get_by_text("Accepted", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_form_works_without_script(window):
    page = window(java_script_enabled=False)
    page.goto(f"{HOME}controle")
    page.get_by_label("Het bericht").fill(scenarios.wanted()["geweigerd"].example.raw.decode())
    page.get_by_role("button", name="Controleer", exact=True).click()
    expect(page.get_by_text("Het ontslag ligt vóór de opname.", exact=True)).to_be_visible()


def test_both_languages_lead_to_each_other(window):
    page = window()
    page.goto(f"{HOME}regels")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Rules", level=1)).to_be_visible()
    page.get_by_role("link", name="Nederlands").click()
    expect(page.get_by_role("heading", name="Regels", level=1)).to_be_visible()
