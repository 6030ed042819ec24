"""What the coordinator misses of a document, in a real browser: typed at its place, read by the hospital, and filled."""

import pytest
from playwright.sync_api import expect

from models.cases.case import Case
from models.cases.remark import MissingDocument
from tests import make
from tests.flows.walk import enter, follow

PAGE_TWO = "bladzijde 2"


@pytest.fixture
def cast():
    class Cast:
        melder = make.user(hospital=make.hospital("Ziekenhuis Oost"))
        coordinator = make.coordinator()
        theme = make.theme(asked=("partusverslag", "OK-verslag"))
        case = make.case(by=melder, theme=theme)

    for line in Cast.theme.asked:
        make.document(Cast.case, name=f"{line.label}.pdf", asked=line)
    Case.get_by_id(Cast.case.id).submit(Cast.melder)
    return Cast


def test_what_the_coordinator_misses_stands_in_the_message_and_at_its_place(window, look, cast):
    first, second = cast.theme.asked
    office = enter(window(), cast.coordinator, f"/beoordelen/{cast.case.key}/")
    office.get_by_label(f"opnieuw vragen: {second.label}").check()
    office.get_by_label(f"Wat mist u bij {second.label}?").fill(PAGE_TWO)
    office.keyboard.press("Tab")
    message = office.locator("#bericht")
    assert f"- {second.label}: {PAGE_TWO}\n" in message.input_value() and first.label not in message.input_value()
    look(office, "wat-mist-u")
    follow(office, office.get_by_role("button", name="Onvolledig", exact=True))
    (row,) = MissingDocument.standing(Case.get_by_id(cast.case.id))
    assert (row.asked_id, row.text) == (second.id, PAGE_TWO)

    there = enter(window(), cast.melder, f"/melding/{cast.case.key}/")
    expect(there.locator(f"#gevraagd-{second.id}")).to_contain_text(f"De coördinator mist dit document: {PAGE_TWO}")
    expect(there.locator(f"#gevraagd-{first.id}")).not_to_contain_text("De coördinator mist")
    expect(there.locator("main")).to_contain_text(f"{second.label}: {PAGE_TWO}")
    look(there, "gemist-bij-het-ziekenhuis")

    make.document(cast.case, name="OK-verslag heel.pdf", asked=second)
    there.reload()
    expect(there.locator(f"#gevraagd-{second.id}")).not_to_contain_text("De coördinator mist")
    Case.get_by_id(cast.case.id).submit(cast.melder)
    office.goto(f"/beoordelen/{cast.case.key}/")
    missed = office.locator(".was-missed")
    expect(missed).to_have_count(1)
    expect(missed).to_contain_text(f": {PAGE_TWO}")
    expect(missed.get_by_text("aangevuld", exact=True)).to_be_visible()
