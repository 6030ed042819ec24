"""A file that came by another route, and one that its hospital replaced, in a real browser."""

import re

from playwright.sync_api import expect

from models.cases.case import Case
from models.cases.status import Status
from models.files.document import Document
from tests import make
from tests.flows.test_manual import hand_in
from tests.flows.walk import enter


def test_a_file_that_was_mailed_and_one_that_was_replaced_since_the_verdict(window, look, tmp_path):
    theme = make.theme(name="Peripartum hysterectomie", asked=("partusverslag", "ontslagbrieven"))
    by, case = make.coordinator(), make.case(theme=theme)
    make.document(case, name="partus-bladzijde-1.pdf", asked=theme.asked[0])
    case = Case.get_by_id(case.id)
    case.submit(case.reporter)
    file = tmp_path / "ontslagbrief-per-mail.pdf"
    file.write_bytes(make.PDF)

    office = enter(window(), by, f"/beoordelen/{case.key}/")
    office.get_by_text("Bestand toevoegen dat anders binnenkwam").click()
    office.get_by_label("Hoe kwam het binnen?").select_option("per mail")
    office.get_by_label("Welk gevraagd document is het?").select_option(label="ontslagbrieven")
    look(office, "langs-formulier")
    office.get_by_label("Bestand", exact=True).set_input_files(str(file))
    with office.expect_navigation():
        office.get_by_role("button", name="Toevoegen", exact=True).click()
    expect(office.locator("main")).to_contain_text("Kwam per mail, toegevoegd door de coördinator")
    look(office, "langs-toegevoegd")
    Case.get_by_id(case.id).mark_incomplete(by, "Bladzijde 2 van het partusverslag ontbreekt.")

    home = enter(window(), case.reporter, f"/melding/{case.key}/")
    expect(home.locator("main")).to_contain_text("Kwam per mail, toegevoegd door de coördinator")
    whole = tmp_path / "partus-volledig.pdf"
    whole.write_bytes(make.PDF + b"%")
    home.locator("li.tile").filter(has_text="partus-bladzijde-1").locator("summary").click()
    look(home, "vervang-menu")
    with home.expect_file_chooser() as chooser:
        home.get_by_role("button", name=re.compile("^Vervang")).click()
    assert not chooser.value.is_multiple()
    chooser.value.set_files(str(whole))
    slot = home.locator(f"#gevraagd-{theme.asked[0].id}")
    expect(slot).to_contain_text("partus-volledig.pdf")
    expect(slot).not_to_contain_text("partus-bladzijde-1")
    expect(home.locator("[data-submit-hint]")).not_to_contain_text("verstuurd")
    hand_in(home)

    office.goto(f"/beoordelen/{case.key}/")
    expect(office.locator("main")).to_contain_text("Vervangen sinds uw beoordeling partus-bladzijde-1.pdf")
    office.get_by_role("link", name="partus-bladzijde-1.pdf").click()
    expect(office.frame_locator("iframe").locator("body")).to_contain_text("partus-bladzijde-1.pdf")
    look(office, "vervangen")
    assert Case.get_by_id(case.id).status == Status.INGEDIEND and Document.select().count() == 3
