"""The morning after a restore, in a real browser: two beheerders look through what lives again and let things leave."""

import pytest
from playwright.sync_api import expect

from models import clock, dutch
from models.access import Role
from models.accounts.user import User
from models.mail.outgoing_hold import OutgoingHold
from models.operations import after_restore
from tests import make
from tests.flows.walk import enter, passes


@pytest.mark.parametrize("width", [1280, 390])
def test_two_beheerders_look_through_what_lives_again_and_release(window, width):
    asks, second = make.user(role=Role.BEHEERDER, name="Bea"), make.user(role=Role.BEHEERDER, name="Cor")
    gone = make.user(name="Vertrokken Melder")
    after_restore.begin(clock.now() - clock.DAY)

    page = enter(window(width), User.get_by_id(asks.id))
    page.get_by_role("link", name="Kijk na wat er weer werkt en geef vrij").click()
    expect(page.get_by_role("heading", name="Na het terugzetten", level=1)).to_be_visible()
    expect(page.get_by_role("button", name="Vrijgeven vragen")).to_have_count(0)
    passes(page)
    chosen(page, "Vertrokken Melder (", "Beëindigen", sure=True)
    expect(page.get_by_text("1 account of sleutel is beëindigd")).to_be_visible()
    chosen(page, "Cor (", "Klopt")
    for month in after_restore.months(OutgoingHold.standing()):
        chosen(page, dutch.month_name(month), "Niet opnieuw vragen")
    passes(page)

    other = enter(window(width), User.get_by_id(second.id), "/beheer/toestand/terugzetten/")
    chosen(other, "Bea (", "Klopt")
    page.reload()
    expect(page.get_by_role("button", name="Vrijgeven vragen")).to_have_count(0)
    page.get_by_role("button", name="Er is niets op verzoek gewist").click()
    page.get_by_role("dialog").get_by_role("button", name="Er is niets gewist").click()
    page.get_by_role("button", name="Vrijgeven vragen").click()
    expect(page.get_by_text("Een andere beheerder moet dat bevestigen").first).to_be_visible()
    expect(page.get_by_role("button", name="Vrijgeven", exact=True)).to_have_count(0)
    passes(page)

    other.reload()
    other.get_by_role("button", name="Vrijgeven", exact=True).click()
    other.get_by_role("dialog").get_by_role("button", name="Vrijgeven").click()
    expect(other.get_by_text("door Cor op verzoek van Bea")).to_be_visible()
    passes(other)
    assert OutgoingHold.standing() is None and not User.get_by_id(gone.id).active

    # The tab of who asked is from before: its button says that it is done.
    page.get_by_role("button", name="Nog niet vrijgeven").click()
    expect(page.get_by_text("Er wordt niets vastgehouden")).to_be_visible()


def chosen(page, text, act, sure=False):
    """Tick the row with this text, and press the button of the list."""
    page.get_by_role("row").filter(has_text=text).get_by_role("checkbox").check()
    page.get_by_role("button", name=act, exact=True).click()
    if sure:
        page.get_by_role("dialog").get_by_role("button", name=act).click()
