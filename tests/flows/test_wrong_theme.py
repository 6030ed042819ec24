"""A wrong theme put right in a real browser: the coordinator sees before what happens, the hospital reads why."""

import pytest
from playwright.sync_api import expect

from models.cases.case import Case
from models.cases.status import Status
from tests import make
from tests.flows.test_manual import link
from tests.flows.walk import enter, follow, log_in

WHY = "Er is opnieuw geopereerd, maar de baarmoeder is niet verwijderd."


@pytest.fixture
def cast():
    class Cast:
        melder = make.user(hospital=make.hospital("Ziekenhuis Oost"), name="Marieke de Vries")
        coordinator = make.coordinator()
        wrong = make.theme(name="Peripartum hysterectomie", asked=("partusverslag", "OK-verslag", "pathologierapport"))
        right = make.theme(name="Relaparotomie na sectio", asked=("OK-verslag", "partusverslag", "decursus opname"))
        case = make.case(by=melder, theme=wrong, patient_number="2026-77")

    asked = {line.label: line for line in Cast.wrong.asked}
    make.document(Cast.case, name="partus.pdf", asked=asked["partusverslag"])
    make.document(Cast.case, name="pathologie van het preparaat.pdf", asked=asked["pathologierapport"])
    Case.get_by_id(Cast.case.id).submit(Cast.melder)
    return Cast


def test_from_the_wrong_theme_to_the_hospital_that_reads_why_and_back(window, look, cast, posted):
    office = enter(window(), cast.coordinator, f"/beoordelen/{cast.case.key}/")
    follow(office, office.get_by_role("link", name="Corrigeer het thema"))
    look(office, "thema-kiezen")
    office.get_by_label("Het juiste thema").select_option(label="Relaparotomie na sectio")
    follow(office, office.get_by_role("button", name="Bekijk wat er gebeurt"))
    happens = office.locator("#gevolgen")
    expect(happens).to_contain_text("partusverslag: 1 bestand")
    expect(happens).to_contain_text("pathologie van het preparaat.pdf komt bij ‘Nog in te delen’")
    look(office, "thema-gevolgen")
    office.get_by_label("Waarom klopt het thema niet?").fill(WHY)
    follow(office, office.get_by_role("button", name="Corrigeer het thema"))
    expect(office.locator("main")).to_contain_text("Relaparotomie na sectio")
    expect(office.locator("#berichten")).to_contain_text(WHY)
    look(office, "thema-gecorrigeerd")

    # The hospital opens its case from the mail: the reason, the new list, and the file that has no place yet.
    (mail,) = [mail for (to, subject), mail in posted().items() if to == cast.melder.email and "thema" in subject]
    there = window()
    there.goto(link(mail, "Bericht lezen"))
    log_in(there, cast.melder)
    expect(there.locator("main")).to_contain_text(WHY)
    expect(there.locator("[id^=gevraagd-]")).to_have_count(3)
    expect(there.locator(f"#gevraagd-{cast.right.asked[1].id}")).to_contain_text("partus.pdf")
    expect(there.locator("main")).to_contain_text("Nog in te delen")
    look(there, "thema-bij-het-ziekenhuis")

    # Correcting back puts it where it was; the page of before can do nothing any more.
    stale = office.context.new_page()
    stale.goto(f"/beoordelen/{cast.case.key}/")
    office.goto(f"/beoordelen/{cast.case.key}/thema/?naar={cast.wrong.id}")
    expect(office.locator("#gevolgen")).to_contain_text("Krijgt een eerdere plaats terug")
    office.get_by_label("Waarom klopt het thema niet?").fill("Toch niet.")
    follow(office, office.get_by_role("button", name="Corrigeer het thema"))
    stale.get_by_role("button", name="Goedkeuren").click()
    expect(stale.locator("main")).to_contain_text("intussen gewijzigd")
    there.reload()
    expect(there.locator(f"#gevraagd-{cast.wrong.asked[2].id}")).to_contain_text("preparaat.pdf")
    case = Case.get_by_id(cast.case.id)
    assert (case.theme, case.status) == (cast.wrong, Status.INGEDIEND)
