"""A stay typed in, in a real browser: from an empty form to the register, by keyboard, without script, by two people."""

import os
import re

import pytest
from playwright.sync_api import expect

from models.access import Role
from models.lnr.entry.draft import StayDraft
from models.lnr.entry.draft_message import split
from models.lnr.entry.entry_items import typed
from models.lnr.entry.prefill import taken_over
from models.lnr.registry.message import Message
from models.lnr.registry.stay import Stay
from models.lnr.specification import examples
from tests import make
from tests.flows.test_questionnaire import saved
from tests.flows.walk import broad, enter, faults, passes
from tests.lnr import messages
from tests.lnr.test_draft import fill

STORY = examples.late_preterm()


@pytest.fixture
def contact():
    return make.user(role=Role.LNR_CONTACT, hospital=messages.hospital(agb=examples.INSTITUTION[1]))


@pytest.fixture
def entry(contact):
    return StayDraft.begin(contact)


def address(entry, rest=""):
    return f"/lnr/invoeren/{entry.key}/{rest}"


def opened(page, user, path):
    """The page, with its script awake."""
    enter(page, user, path)
    expect(page.locator("[data-save-state]")).to_be_visible()
    return page


def field(page, at):
    return page.locator(f"[data-question='{at}']")


def type_in(page, at, kept):
    """Give this value as a person does: by the fields that are there."""
    for part, texts in typed(split(at)[0]).fields(kept).items():
        name = f"{at}.{part}" if part else at
        for text in texts:
            found = page.locator(f"[name='{name}']")
            if found.first.get_attribute("type") in ("radio", "checkbox"):
                page.locator(f"[name='{name}'][value='{text}']").check()
            elif found.evaluate("one => one.tagName") == "SELECT":
                found.select_option(text)
            else:
                found.fill(text)
    expect(field(page, at).locator("[data-question-state]")).to_have_attribute("data-look", "saved")


def test_a_stay_is_typed_in_and_is_then_in_the_register(window, contact):
    page = enter(window(), contact, "/lnr/invoeren/")
    page.get_by_role("button", name="Nieuwe opname invoeren").click()
    given = taken_over(STORY)
    while not page.url.endswith(f"{StayDraft.get().key}/"):
        section = page.url.rstrip("/").rpartition("/")[2]
        for at, kept in given.items():
            if split(at)[0].section == section:
                type_in(page, at, kept)
        page.locator("[data-onward]").click()
        page.wait_for_url(lambda url, section=section: not url.endswith(f"/{section}/"))

    expect(page.locator("main")).to_contain_text("Er zijn geen fouten")
    page.get_by_role("button", name="Opname versturen").click()
    expect(page.locator("main")).to_contain_text("is verstuurd: versie 1 is aangenomen")
    assert Stay.get().version == 1 and Message.get().record()["stay"]["birth_weight_g"] == 2410
    assert not StayDraft.get().is_draft


def test_the_page_follows_each_answer_and_a_rule_speaks_at_its_field(window, contact, entry):
    page = opened(window(), contact, address(entry, "C/"))
    expect(field(page, "birth_order")).to_be_hidden()
    field(page, "multiple_birth").get_by_label("ja").check()
    expect(field(page, "birth_order")).to_be_visible()

    page.goto(address(entry, "D/"))
    field(page, "apgar_5").locator("input[inputmode]").fill("11")
    expect(field(page, "apgar_5").locator(".field-error")).to_contain_text("R-15")
    field(page, "apgar_5").locator("input[inputmode]").fill("9")
    expect(field(page, "apgar_5").locator(".field-error")).to_be_hidden()
    field(page, "apgar_5").get_by_label("onbekend").check()
    expect(field(page, "apgar_5").locator("input[inputmode]")).to_have_value("")
    saved(page)
    assert StayDraft.get().cells()["apgar_5"][0] == {"null": "UNK"}


def test_rows_come_and_go_and_what_was_just_typed_goes_along(window, contact, entry):
    page = opened(window(), contact, address(entry, "G/"))
    group = page.locator("#groep-respiratory_supports")
    expect(group).to_be_hidden()
    field(page, "respiratory_support_given").get_by_label("ja").check()
    expect(group).to_be_visible()

    page.locator("[name='respiratory_supports.1.respiratory_support_start.dag']").fill("10-1-2026")
    group.get_by_role("button", name="Nog een toevoegen").click()
    expect(field(page, "respiratory_supports.2.respiratory_support_start")).to_be_visible()
    page.locator("[name='respiratory_supports.2.respiratory_support_start.dag']").fill("14-1-2026")
    page.keyboard.press("Tab")
    saved(page)
    page.reload()
    group.get_by_role("button", name=re.compile("Verwijderen.*1")).click()

    expect(field(page, "respiratory_supports.1.respiratory_support_start")).to_have_count(0)
    expect(page.locator("[name='respiratory_supports.2.respiratory_support_start.dag']")).to_have_value("14-1-2026")


def test_two_people_at_one_field_choose(window, contact, entry):
    colleague = make.user(role=Role.LNR_CONTACT, hospital=contact.hospital, name="Collega")
    page = opened(window(), contact, address(entry, "D/"))
    entry.put("apgar_5", {"": ["7"]}, colleague)

    field(page, "apgar_5").locator("input[inputmode]").fill("8")
    page.keyboard.press("Tab")
    box = field(page, "apgar_5").locator("[data-clash]")
    expect(box).to_contain_text("Collega heeft dit intussen ook ingevuld")
    box.get_by_role("button", name="Mijn antwoord bewaren").click()

    saved(page)
    assert StayDraft.get().cells()["apgar_5"][0] == 8


def test_without_script_a_section_is_saved_with_its_button(window, contact, entry):
    page = enter(window(java_script_enabled=False), contact, address(entry, "I/"))
    field(page, "infection_present").get_by_label("ja").check()
    page.get_by_role("button", name="Opslaan").click()
    page.locator("[name='infections.1.infection_code']").select_option("10001005")
    page.get_by_role("button", name=re.compile("Nog een toevoegen.*Infectie$")).click()
    page.locator("[name='infections.2.infection_code']").select_option("59527008")
    page.locator("[data-onward]").click()

    assert page.url.endswith("/J/")
    assert StayDraft.get().entered().numbers == {"infections": [1, 2]}


def test_a_section_is_filled_in_by_keyboard_alone(window, contact, entry):
    page = opened(window(), contact, address(entry, "D/"))
    page.locator("[name='gestational_age_days.weken']").focus()
    for key in ("2", "7", "Tab", "3", "Tab"):
        page.keyboard.press(key)
    saved(page)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")  # in a field it goes on, and adds no row

    page.wait_for_url("**/E/")
    assert StayDraft.get().cells()["gestational_age_days"][0] == 192


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_are_accessible_and_fit(window, contact, entry, width):
    fill(entry, contact, taken_over(examples._told_more()))
    entry.put("apgar_5", {"": ["11"]}, contact, 1)
    page = enter(window(width=width), contact, "/lnr/invoeren/")
    passes(page)
    # One macro makes every field: a wide screen needs no axe for each section again.
    for rest in ("", *(f"{letter}/" for letter in "BCDEGIJNPQ")):
        page.goto(address(entry, rest))
        assert (faults if width == 390 or rest in ("", "C/", "N/") else broad)(page) == []
        look(page, f"{width}-{rest.strip('/') or 'form'}")


def look(page, name):
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
