"""The story of an LZA1 case, from its own role to the verdict, in a real browser."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from models import clock
from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.status import Status
from models.cases.theme import Theme
from models.questionnaires.form import Form
from tests import filling, make
from tests.flows.test_manual import add, hand_in, report
from tests.flows.walk import enter, passes

SHOTS = os.environ.get("SCREENSHOTS")


def look(page, name, width):
    """Nothing serious for axe, nothing that scrolls sideways; a picture for who asked for one."""
    passes(page)
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"), full_page=True)


def place(page, fold, fields, button):
    page.get_by_text(fold, exact=True).click()
    fields()
    page.get_by_role("button", name=button, exact=True).click()


@pytest.mark.parametrize("width", [1280, 390])
def test_from_the_lza1_melder_to_the_verdict(window, tmp_path, width):
    filling.lza1()
    theme = Theme.get(Theme.process == Process.LZA1)
    hospital = make.hospital("Ziekenhuis Oosterwold", lza1_kept_apart=True)
    doctor = make.user(role=Role.LZA1_MELDER, hospital=hospital, name="Hanna Visser")
    make.user(hospital=hospital, name="Marieke de Vries")
    file = tmp_path / "verslag.pdf"
    file.write_bytes(make.PDF)

    # The gate: a 'nee' tells where the case belongs, a second thought goes through.
    page = enter(window(width), doctor, "/melding/nieuw")
    case = report(page, theme)
    for question, answer in (("24 weken", "Ja"), ("aandoening", "Ja"), ("in leven", "Nee")):
        page.get_by_role("group", name=re.compile(question)).get_by_label(re.compile(answer)).check()
    look(page, "poort", width)
    page.get_by_role("button", name="Antwoorden bewaren").click()
    expect(page.get_by_text("Misschien hoort deze casus ergens anders")).to_be_visible()
    look(page, "poort-nee", width)
    page.get_by_role("link", name="Melding intrekken").click()
    expect(page.get_by_label("Reden")).to_be_visible()
    page.get_by_role("group", name=re.compile("in leven")).get_by_label(re.compile("Ja")).check()
    page.get_by_role("button", name="Antwoorden bewaren").click()
    expect(page.get_by_text("Misschien hoort deze casus ergens anders")).to_have_count(0)

    # The term follows the day of the termination; a colleague is named.
    filling.save(Form.of(case), "C1", clock.today().isoformat(), now=clock.now())
    page.reload()
    expect(page.locator(".case-facts")).to_contain_text("Te melden uiterlijk op")
    page.get_by_label("Collega aanwijzen").select_option(label="Marieke de Vries")
    page.get_by_role("button", name="Aanwijzen", exact=True).click()
    expect(page.locator("#collegas li")).to_contain_text("Marieke de Vries")
    add(page, [str(file)])
    look(page, "melding", width)
    page.goto("/meldingen/")
    expect(page.locator("main")).to_contain_text("Te melden uiterlijk op")
    look(page, "lijst", width)
    page.goto(f"/melding/{case.key}/")
    hand_in(page)

    # The coordinator approves; the committee has a question.
    review = enter(window(width), make.coordinator(Process.LZA1), f"/beoordelen/{case.key}/")
    expect(review.locator("main")).to_contain_text("Op tijd gemeld")
    review.get_by_role("button", name="Goedkeuren").click()
    review.get_by_role("button", name="Toch goedkeuren").click()  # not every document is there
    review.wait_for_url(re.compile("/beoordelen/$"))
    review.goto(f"/beoordelen/{case.key}/")
    question = review.get_by_label("Vraag", exact=True)
    asked = "Welke disciplines waren bij het overleg?"
    place(review, "Vraag van de commissie stellen", lambda: question.fill(asked), "Vraag stellen")
    expect(review.locator("main")).to_contain_text("De vraag is gesteld")

    # The doctor answers and hands in again; approved once more.
    page.goto(f"/melding/{case.key}/")
    expect(page.locator("main")).to_contain_text(asked)
    expect(page.locator("main")).to_contain_text("De commissie heeft een vraag")
    look(page, "vraag", width)
    hand_in(page)
    Case.get_by_id(case.id).approve(make.coordinator(Process.LZA1))

    # The verdict: placed, told, read, and seen to be read.
    review.goto(f"/beoordelen/{case.key}/")

    def verdict():
        review.get_by_label("Oordeel", exact=True).set_input_files(str(file))
        review.get_by_label("Toelichting voor de melder").fill("De commissie vindt dat zorgvuldig is gehandeld.")
        look(review, "oordeel-plaatsen", width)

    place(review, "Oordeel van de commissie plaatsen", verdict, "Oordeel plaatsen")
    expect(review.locator("#commissie")).to_contain_text("Nog niet gelezen")
    page.goto(f"/melding/{case.key}/")
    look(page, "oordeel", width)
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Oordeel downloaden")).click()
    assert Path(download.value.path()).read_bytes() == make.PDF
    review.reload()
    expect(review.locator("#commissie")).to_contain_text("Gelezen door Hanna Visser")
    look(review, "gelezen", width)
    review.goto("/lza1-register/")
    expect(review.locator("main")).to_contain_text(case.number)
    look(review, "register", width)

    assert Case.get_by_id(case.id).status == Status.GOEDGEKEURD
    assert AuditEvent.select().where(AuditEvent.action == "verdict.read", AuditEvent.actor == doctor).count() == 1
