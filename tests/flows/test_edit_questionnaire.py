"""A coordinator changes a questionnaire without a programmer; what was begun before stays as it was."""

import re

from models.questionnaires.form import Form
from tests import filling, make
from tests.flows.walk import broad, enter, faults, follow


def order(page, letter):
    return page.locator(f"#deel-{letter} .asked-list > li").evaluate_all("items => items.map(item => item.dataset.code)")


def test_a_question_is_added_changed_moved_tried_out_and_put_in_use(window):
    questionnaire = filling.crf()
    old = filling.form(questionnaire)
    page = window(viewport={"width": 1280, "height": 1800})  # a whole block, to drag in
    enter(page, make.coordinator(), "/beheer/vragenlijsten/")
    page.get_by_role("link", name="Vragenlijst maternale sterfte").first.click()
    page.get_by_role("button", name="Nieuw concept maken").click()

    page.get_by_role("link", name="Geboorteland van de vrouw (groep)").click()
    page.get_by_label("Vraag *").or_(page.get_by_label("Vraag", exact=True)).fill("Geboorteland van de moeder")
    page.get_by_role("button", name="Opslaan").click()
    page.get_by_role("link", name="Vraag toevoegen aan onderdeel C").click()
    page.get_by_label("Vraag", exact=True).fill("Waar woonde zij?")
    page.get_by_label("Soort antwoord").select_option("keuze")
    page.get_by_label("Antwoorden of grenzen").fill("stad\ndorp")
    page.get_by_label("Tonen als").fill('C1 = "Atlantis"')
    follow(page, page.get_by_role("button", name="Opslaan"))
    assert page.locator("#shown_when-fout").inner_text() == "Vraag C1 kent het antwoord 'Atlantis' niet."
    page.get_by_label("Tonen als").fill('C1 = "Nederland"')
    page.get_by_role("button", name="Opslaan").click()
    page.wait_for_url(re.compile("#vraag-C12$"))

    follow(page, page.get_by_role("button", name="C12 omhoog"))
    assert order(page, "C")[-2:] == ["C12", "C11"]
    grip, first = page.locator("#vraag-C12 [data-grip]"), page.locator("#vraag-C1")
    page.locator("#deel-C").evaluate("block => block.scrollIntoView()")
    box, goal = grip.bounding_box(), first.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(goal["x"] + 40, goal["y"] + 6, steps=12)
    with page.expect_response(re.compile("/volgorde$")):
        page.mouse.up()
    page.locator("#vraag-C12 button[name=omhoog][disabled]").wait_for()
    page.reload()
    assert order(page, "C")[:2] == ["C12", "C1"]

    follow(page, page.get_by_role("link", name="Uitproberen"))
    assert not page.locator("#vraag-C12-vraag").is_visible()
    page.locator("#vraag-C1").get_by_label("Nederland", exact=True).check()
    page.locator("#vraag-C12-vraag").wait_for()

    follow(page, page.get_by_role("link", name="Wat is er anders"))
    assert page.locator("del").all_inner_texts() == ["Geboorteland van de vrouw (groep)"]
    page.get_by_role("link", name="Vragen", exact=True).click()
    page.get_by_role("link", name="In gebruik nemen").click()
    page.get_by_role("button", name="In gebruik nemen").click()
    page.get_by_role("dialog").get_by_role("button", name="In gebruik nemen").click()
    page.get_by_text("Versie 2 geldt vanaf").wait_for()

    assert Form.get_by_id(old.id).version.number == 1 and filling.form(questionnaire, now=None).version.number == 2
    assert "C12" not in old.structure.items


def test_the_screens_of_a_version_fit_a_phone_and_everybody(window):
    questionnaire = filling.crf()
    form = filling.finished(filling.form(questionnaire), filling.DIED)
    make.document(form.case)
    form.case.submit(form.case.reporter)
    page, found = window(), []
    coordinator = make.coordinator()
    enter(page, coordinator, "/beheer/vragenlijsten/")
    version = questionnaire.in_force()
    base = f"/beheer/vragenlijsten/{version.key}/"
    page.goto(base)
    follow(page, page.get_by_role("button", name="Nieuw concept maken"))
    draft = f"/beheer/vragenlijsten/{questionnaire.draft.key}/"
    below = (
        "",
        "wijzigen/vraag/B5",
        "wijzigen/vraag",
        "wijzigen/onderdeel/I",
        "wijzigen/inleiding",
        "in-gebruik",
        "verschil",
        "inlezen",
        "uitproberen/",
    )
    screens = (
        "/beheer/vragenlijsten/",
        "/beheer/vragenlijsten/nieuw/",
        base,
        base + "antwoorden/",
        "/handleiding/vragenlijsten",
    )
    for path in (*screens, *(draft + rest for rest in below)):
        page.set_viewport_size({"width": 390, "height": 900})
        page.goto(path)
        found += faults(page)
        # Wide they only flow otherwise: axe read these long pages once.
        page.set_viewport_size({"width": 1280, "height": 900})
        found += broad(page)

    assert found == []
