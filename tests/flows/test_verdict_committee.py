"""The committee of LZA1 in a real browser: from an empty place for its form to the draft with which a verdict is written."""

import re

from playwright.sync_api import expect

from models import clock
from models.access import Process
from models.committee import consensus
from models.committee.assessment import Assessment
from models.committee.committee_form import CommitteeForm
from models.committee.treatment import Treatment
from models.questionnaires.definition.questionnaire import Version
from tests import filling, make
from tests.committee.test_treatment import finish, fresh
from tests.committee.test_verdict_committee import CAREFUL, FORM, approved, member
from tests.flows.test_committee import plan, sure
from tests.flows.walk import enter, follow


def test_from_the_empty_place_to_the_verdict(window, look):
    filling.lza1()
    coordinator, pair, case = make.coordinator(Process.LZA1), [member(), member()], approved()
    table = enter(window(), coordinator, "/vergaderingen/")
    day = clock.today() + 30 * clock.DAY
    plan(table, day)
    follow(table, table.locator("main").get_by_role("link", name=re.compile(rf"\b{day.year}\b")).first)
    table.get_by_label(case.number).check()
    follow(table, table.get_by_role("button", name="Op de agenda zetten"))
    table.goto(f"/behandeling/{case.key}/")
    expect(table.get_by_text("Er is nog geen beoordelingsformulier")).to_be_visible()
    look(table, "zonder-formulier")

    # The form comes from a file, and is put in use.
    table.goto("/beheer/vragenlijsten/nieuw/")
    table.get_by_label("Bij welke meldingen").select_option(label="Beoordeling door de commissie LZA1")
    table.get_by_label("Naam").fill("Beoordeling LZA1")
    table.locator("input[type=file]").set_input_files(str(FORM))
    follow(table, table.get_by_role("button", name="Vragenlijst maken"))
    Version.select().order_by(Version.id.desc()).first().publish(coordinator)

    # Two are named; each assesses without the other.
    table.goto(f"/behandeling/{case.key}/")
    for one in pair:
        table.get_by_label(re.compile(f"^{one.name} ")).check()
    follow(table, table.get_by_role("button", name="Beoordelaars noemen"))
    for by, whole in zip(pair, ("zorgvuldig", "niet zorgvuldig"), strict=True):
        page = enter(window(), by, f"/commissie/{case.key}/")
        follow(page, page.get_by_role("button", name="Ik kan onafhankelijk beoordelen"))
        finish(CommitteeForm.of_assessor(Assessment.own(case, by), by), by, {**CAREFUL, "C10": whole})
        page.goto(f"/commissie/{case.key}/beoordeling/")
        look(page, "formulier")
        follow(page, page.get_by_role("button", name="Beoordeling inleveren"))

    # The meeting settles it; its draft is what the coordinator writes the letter with.
    table.goto(f"/commissie/{case.key}/vergelijken/")
    look(table, "verschillen")
    finish(consensus.prefill(fresh(Treatment.of(case)), coordinator), coordinator, {"C10": "zorgvuldig"})
    table.goto(f"/commissie/{case.key}/consensus/")
    table.get_by_role("button", name="Consensus vaststellen").click()
    sure(table, "Vaststellen")
    table.goto(f"/behandeling/{case.key}/")
    expect(table.get_by_label("Concept voor het oordeel")).to_have_value(re.compile("Oordeel over het geheel: zorgvuldig"))
    look(table, "concept")
    follow(table, table.get_by_role("link", name="Naar het plaatsen van het oordeel"))
    expect(table.get_by_text("Oordeel van de commissie plaatsen")).to_be_visible()
