"""The committee's table in a real browser: from the agenda to the lesson that the hospital reads, and the end of access."""

import re
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect

from models import clock
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.status import Status
from models.committee import consensus
from models.committee.assessment import Assessment
from models.committee.committee_form import CommitteeForm
from models.committee.package.dossier_package import DossierPackage
from models.committee.treatment import Treatment, TreatmentState
from models.monthly.monthly_request import MonthlyCall
from tests import filling, make
from tests.committee.test_outcome import CALM, GOOD, SURE, TEACHES
from tests.committee.test_treatment import finish, fresh
from tests.flows.test_manual import add, hand_in, link, report
from tests.flows.walk import enter, follow, log_in

LESSON = "Meet het bloedverlies vanaf het begin."


def sure(page, button):
    """Press yes in the question that a button asks first."""
    follow(page, page.get_by_role("dialog").get_by_role("button", name=button, exact=True))


def plan(page, day):
    page.get_by_role("link", name="Vergadering plannen").click()
    page.get_by_label("Vergadering", exact=False).first.fill(str(day))
    follow(page, page.get_by_role("button", name="Opslaan"))


def assess(page, look, case, by, answers):
    """Declare, look at the form, and hand in once it is full; most of its answers are given behind the screen."""
    page.get_by_role("link", name=case.number).click()
    look(page, "verklaren")
    assert page.request.get(f"/dossier/{case.key}/").status == 404  # nothing is read before that
    follow(page, page.get_by_role("button", name="Ik kan onafhankelijk beoordelen"))
    page.goto(f"/commissie/{case.key}/")
    look(page, "casus")
    page.goto(f"/commissie/{case.key}/beoordeling/")
    look(page, "formulier")
    follow(page, page.locator("main").get_by_role("link", name=re.compile("^Verder met")))
    look(page, "onderdeel")
    finish(CommitteeForm.of_assessor(Assessment.own(case, by), by), by, {**CALM, **answers})
    page.goto(f"/commissie/{case.key}/beoordeling/")
    look(page, "ingevuld")
    follow(page, page.get_by_role("button", name="Beoordeling inleveren"))
    look(page, "ingeleverd")


def from_mail_to_approved(home, table, melder, theme, posted, file):
    """'Ja' in the mail of this month, a new case, one of the documents, and the verdict of the coordinator."""
    MonthlyCall.open_all(clock.previous_month(clock.today()))
    (mail,) = posted().values()
    home.goto(link(mail, "Ja, 1 of meer casus"))
    log_in(home, melder)
    case = report(home, theme, "2026-77")
    add(home, [file])
    hand_in(home)
    table.goto("/beoordelen/")
    table.get_by_role("link", name=case.number).click()
    table.get_by_role("button", name="Goedkeuren").click()
    table.get_by_role("button", name="Toch goedkeuren").click()  # the file was not tied to what was asked
    table.wait_for_url(re.compile("/beoordelen/$"))
    return Case.get_by_id(case.id)


def test_from_the_mail_to_the_lesson_and_the_receipt(window, look, posted, files):
    filling.crf()
    melder, coordinator, day = make.user(), make.coordinator(), clock.today() + timedelta(days=30)
    first, second, third = (make.member() for _ in range(3))
    theme = make.theme(name="Peripartum hysterectomie", asked=("partusverslag",))
    home, table = window(), enter(window(), coordinator)
    case = from_mail_to_approved(home, table, melder, theme, posted, files[0])

    # The agenda, and who assesses.
    table.goto("/vergaderingen/")
    look(table, "vergaderingen")
    plan(table, day)
    follow(table, table.locator("main").get_by_role("link", name=re.compile(rf"\b{day.year}\b")).first)
    table.get_by_label(case.number).check()
    follow(table, table.get_by_role("button", name="Op de agenda zetten"))
    look(table, "agenda")
    follow(table, table.get_by_role("link", name=case.number))
    for person in (first, second):
        table.get_by_label(re.compile(f"^{person.name} ")).check()
    look(table, "beoordelaars")
    follow(table, table.get_by_role("button", name="Beoordelaars noemen"))

    # Two forms, of which nobody sees the other before both are in.
    one, two = enter(window(), first, "/commissie/"), enter(window(), second, "/commissie/")
    look(one, "mijn-casussen")
    assess(one, look, case, first, {"C10": GOOD})
    table.goto(f"/commissie/{case.key}/vergelijken/")
    expect(table.locator("main")).to_contain_text("nog niet allebei binnen")
    assess(two, look, case, second, {"C10": SURE})

    # They differ, so a third looks, who sees neither form.
    table.goto(f"/commissie/{case.key}/vergelijken/")
    expect(table.get_by_text("groot verschil")).to_be_visible()
    look(table, "vergelijken")
    table.goto(f"/behandeling/{case.key}/")
    expect(table.get_by_text("Een derde beoordelaar ligt voor de hand")).to_be_visible()
    look(table, "derde")
    table.get_by_label(re.compile(f"^{third.name} ")).check()
    follow(table, table.get_by_role("button", name="Derde beoordelaar noemen"))
    three = enter(window(), third, "/commissie/")
    assess(three, look, case, third, {"C10": SURE})

    # The meeting: consensus, the letter, the end.
    table.goto(f"/commissie/{case.key}/consensus/")
    look(table, "consensus")
    treatment = Treatment.of(case)
    finish(consensus.prefill(fresh(treatment), coordinator), coordinator, {**TEACHES, "W4": LESSON})
    table.reload()
    table.get_by_role("button", name="Consensus vaststellen").click()
    sure(table, "Vaststellen")
    assert fresh(treatment).state == TreatmentState.BESPROKEN
    table.goto(f"/behandeling/{case.key}/")
    look(table, "besproken")
    follow(table, table.get_by_role("link", name="Lessenbrief schrijven"))
    expect(table.get_by_label("Lessen", exact=True)).to_have_value(LESSON)
    table.get_by_label("Lessen", exact=True).fill(f"{LESSON} In {case.hospital.name} ging dat mis.")
    follow(table, table.get_by_role("button", name="Brief vrijgeven"))
    expect(table.locator("body")).to_contain_text("Noem geen ziekenhuizen")
    table.get_by_label("Lessen", exact=True).fill(LESSON)
    look(table, "brief")
    follow(table, table.get_by_role("button", name="Brief vrijgeven"))
    table.get_by_role("button", name="Behandeling sluiten").click()
    sure(table, "Sluiten")
    look(table, "gesloten")

    # The hospital reads the lesson and what its case was used for; who assessed reads nothing any more.
    home.goto(f"/melding/{case.key}/")
    look(home, "ziekenhuis")
    expect(home.get_by_text("Waarvoor uw casus is gebruikt")).to_be_visible()
    with home.expect_download() as fetched:
        home.get_by_role("link", name="Brief met lessen lezen").click()
    assert Path(fetched.value.path()).read_bytes().startswith(b"%PDF-")
    table.reload()
    expect(table.get_by_text(re.compile(f"Gelezen door {case.reporter.name}"))).to_be_visible()
    for page in (one, two, three):
        assert page.goto(f"/commissie/{case.key}/").status == 404
    said = {event.action for event in AuditEvent.of_case(case)}
    assert {
        "treatment.compare",
        "treatment.consensus",
        "letter.release",
        "letter.read",
        "treatment.close",
        "use.receipt",
    } <= said


def test_a_dossier_is_asked_for_followed_and_fetched(window, look):
    case = make.case(Status.GOEDGEKEURD)
    page = enter(window(), make.reader(case), f"/commissie/{case.key}/")
    follow(page, page.get_by_role("link", name="Dossier als bestand"))
    follow(page, page.get_by_role("button", name="ZIP maken"))
    look(page, "dossier-wacht")
    DossierPackage.make_waiting()
    expect(page.get_by_role("link", name="ZIP downloaden")).to_be_visible()  # the page saw it by itself
    look(page, "dossier")
    with page.expect_download() as fetched:
        page.get_by_role("link", name="ZIP downloaden").click()
    assert fetched.value.suggested_filename == f"{case.number}_dossier.zip"
    assert Path(fetched.value.path()).read_bytes().startswith(b"PK")
