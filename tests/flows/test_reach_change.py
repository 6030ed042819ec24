"""LZA1 no longer kept apart, in a real browser: who asks reads that it waits, a second beheerder confirms it in the list."""

from playwright.sync_api import expect

from models.access import Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from tests import make
from tests.flows.walk import enter


def test_one_beheerder_asks_and_a_second_one_confirms(window, look):
    asks, second = make.user(role=Role.BEHEERDER, name="Bea"), make.user(role=Role.BEHEERDER, name="Cor")
    hospital = make.hospital("Ziekenhuis Oost", lza1_kept_apart=True)

    page = enter(window(), User.get_by_id(asks.id), f"/beheer/ziekenhuizen/edit/?id={hospital.id}")
    apart = page.get_by_label("LZA1 alleen zichtbaar")
    expect(page.get_by_text("Uitzetten wacht op een andere beheerder")).to_be_visible()
    look(page, "a9-hospital")
    apart.uncheck()
    page.get_by_role("button", name="Opslaan", exact=True).click()
    expect(page.get_by_text("Dit wacht tot een andere beheerder het bevestigt, of gaat op")).to_be_visible()
    look(page, "a9-asked")

    other = enter(window(), User.get_by_id(second.id), "/wijzigingen/")
    other.get_by_role("link", name="Wie meldingen leest").click()
    row = other.get_by_role("row").filter(has_text="Ziekenhuis Oost")
    expect(row).to_contain_text("alle melders en invoerders van het ziekenhuis zien ze")
    look(other, "a9-waiting")
    row.get_by_role("checkbox").check()
    other.get_by_role("button", name="Bevestigen", exact=True).click()
    other.get_by_role("dialog").get_by_role("button", name="Bevestigen").click()
    expect(other.get_by_text("1 wijziging is bevestigd en ingegaan")).to_be_visible()
    assert not Hospital.get_by_id(hospital.id).lza1_kept_apart
