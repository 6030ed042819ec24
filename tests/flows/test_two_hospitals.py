"""A case of two hospitals in a real browser: each its own part, a third hospital nothing, the committee the whole."""

import re

import pytest
from playwright.sync_api import expect

from models.access import Role
from models.cases.case import Case
from models.cases.status import Status
from models.files.document import Document
from tests import make
from tests.flows.test_manual import add, hand_in, link
from tests.flows.walk import enter, follow, log_in

MESSAGE = "Zij is op de tweede dag overgeplaatst."


@pytest.fixture
def cast():
    class Cast:
        east, west = make.hospital("Ziekenhuis Oost"), make.hospital("Ziekenhuis West")
        melder, other = make.user(hospital=east, name="Marieke de Vries"), make.user(hospital=west, name="Daan van Dijk")
        third, coordinator = make.user(), make.coordinator()
        theme = make.theme(name="Peripartum hysterectomie", asked=("partusverslag", "OK-verslag", "ontslagbrieven"))
        whole = make.case(by=melder, theme=theme, patient_number="2026-77")

    make.document(Cast.whole, name="eigen verslag.pdf", asked=Cast.theme.asked[0])
    return Cast


def invite(page, hospital, asked):
    """Fill in the form that is open: this hospital, only these documents, and a message."""
    page.get_by_label("Ziekenhuis", exact=True).select_option(label=hospital.name)
    group = page.get_by_role("group", name="Welke documenten vraagt u?")
    for box in group.get_by_role("checkbox").all():
        box.set_checked(box.evaluate("box => box.labels[0].innerText") in asked)
    page.get_by_label(re.compile("^Bericht aan (het andere|dat) ziekenhuis")).fill(MESSAGE)
    follow(page, page.get_by_role("button", name="Uitnodigen", exact=True))


@pytest.mark.parametrize("by_coordinator", [False, True])
def test_from_the_invitation_to_the_committee_that_sees_the_whole(window, look, cast, posted, tmp_path, by_coordinator):
    file = tmp_path / "ok-verslag.pdf"
    file.write_bytes(make.PDF)

    # Hospital A, or the coordinator once it is handed in, asks hospital B for two documents.
    home = enter(window(), cast.melder, f"/melding/{cast.whole.key}/")
    if by_coordinator:
        hand_in(home)
        office = enter(window(), cast.coordinator, f"/beoordelen/{cast.whole.key}/")
        follow(office, office.get_by_role("link", name="Ander ziekenhuis uitnodigen"))
        look(office, "coordinator-nodigt-uit")
        invite(office, cast.west, {"OK-verslag", "ontslagbrieven"})
        expect(office.locator("main")).to_contain_text("Ziekenhuis West is uitgenodigd")
    else:
        follow(home, home.get_by_role("link", name="Ook elders behandeld?"))
        look(home, "uitnodigen")
        invite(home, cast.west, {"OK-verslag", "ontslagbrieven"})
        expect(home.locator("main")).to_contain_text("Ziekenhuis West is uitgenodigd")
        look(home, "uitgenodigd")
        hand_in(home)
    (part,) = cast.whole.parts()

    # Hospital B opens its part from the mail, and finds its own two slots and nothing of hospital A.
    (mail,) = [mail for (to, _), mail in posted().items() if to == cast.other.email]
    assert part.number in mail["Subject"]
    there = window()
    there.goto(link(mail, "Uw deel openen"))
    log_in(there, cast.other)
    main = there.locator("main")
    expect(main).to_contain_text(f"Uw deel van casus {cast.whole.number}")
    expect(main).to_contain_text(MESSAGE)
    for secret in ("2026-77", "eigen verslag", "Marieke"):
        expect(main).not_to_contain_text(secret)
    slots = there.locator("[id^=gevraagd-]")
    expect(slots).to_have_count(2)
    expect(slots.filter(has_text="partusverslag")).to_have_count(0)
    look(there, "deel")
    add(there, [str(file)])
    hand_in(there)
    look(there, "deel-ingediend")
    there.goto("/meldingen/")
    expect(there.locator("main")).to_contain_text(f"uw deel van casus {cast.whole.number}")
    look(there, "lijst")

    # Hospital A sees that it came, and not what.
    home.goto(f"/melding/{cast.whole.key}/")
    expect(home.locator("#delen")).to_contain_text("Ziekenhuis West: deel ingediend op")
    expect(home.locator("main")).not_to_contain_text("ok-verslag")
    look(home, "deel-van-de-ander-kwam")

    # A third hospital finds nothing, whatever it asks for.
    theirs = Document.get(Document.case == part)
    stranger = enter(window(), cast.third, "/meldingen/")
    expect(stranger.locator("main")).not_to_contain_text(cast.whole.number)
    for one in (cast.whole, part):
        stranger.goto(f"/zoeken?q={one.number}")
        expect(stranger.locator("main")).to_contain_text("Niets gevonden")
    for path in (f"{cast.whole.key}/", f"{part.key}/", f"{part.key}/bestanden/{theirs.key}/bekijken"):
        assert stranger.goto(f"/melding/{path}").status == 404, path

    # The coordinator judges both, and the committee reads the whole without a hospital.
    office = enter(window(), cast.coordinator, f"/beoordelen/{cast.whole.key}/")
    expect(office.locator("main")).to_contain_text(f"Ziekenhuis West · {part.number}")
    look(office, "geheel")
    office.get_by_role("button", name="Goedkeuren").click()
    expect(office.get_by_role("heading", level=1)).to_have_text(f"Melding {cast.whole.number} toch goedkeuren?")
    look(office, "toch-goedkeuren")
    office.get_by_role("button", name="Toch goedkeuren").click()  # not every document is there, nor the other part
    office.wait_for_url(re.compile(rf"/beoordelen/{part.key}/$"))
    look(office, "oordeel-over-het-deel")
    office.get_by_role("button", name="Goedkeuren").click()
    office.get_by_role("button", name="Toch goedkeuren").click()
    office.wait_for_url(re.compile("/beoordelen/$"))
    assert {Case.get_by_id(one.id).status for one in (cast.whole, part)} == {Status.GOEDGEKEURD}
    table = enter(window(), make.reader(cast.whole, make.user(role=Role.COMMISSIELID)), f"/commissie/{cast.whole.key}/")
    expect(table.locator("main")).to_contain_text(f"Tweede ziekenhuis · {part.number}")
    expect(table.locator("main")).to_contain_text("eigen verslag.pdf")
    for secret in ("Ziekenhuis West", "Ziekenhuis Oost", "Marieke", "Daan", "2026-77"):
        expect(table.locator("main")).not_to_contain_text(secret)
    table.get_by_role("link", name=theirs.name).first.click()
    expect(table.frame_locator("iframe").locator("body")).to_contain_text(theirs.name)
    look(table, "commissie")
