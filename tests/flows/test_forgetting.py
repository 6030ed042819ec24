"""Forgetting in a real browser: the terms, what the night will do, a hold, and what is kept about a person."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from models import clock
from models.access import Role
from models.cases.case import Case
from models.cases.status import Status
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry.stay import Stay
from tests import make
from tests.flows.walk import enter, passes
from tests.lnr import messages

OLD = clock.now() - timedelta(days=100)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_beheerder_shortens_a_term_reads_what_goes_and_sets_a_hold(window, width):
    closed = make.case(Status.INGETROKKEN, at=OLD)
    page = window(width)
    enter(page, make.user(role=Role.BEHEERDER))
    page.goto("/beheer/bewaartermijnen/")
    expect(page.get_by_text("Afgesloten en ingetrokken meldingen").first).to_be_visible()
    expect(page.get_by_text("Opnamen in de LNR").first).to_be_visible()
    passes(page)
    page.goto("/beheer/bewaartermijnen/vannacht/")
    expect(page.get_by_text(closed.number)).to_be_visible()
    passes(page)

    page.goto("/bewaarplicht/new/")
    page.get_by_label("Nummer van de melding").fill(closed.number)
    page.get_by_label("Waarom").fill("Calamiteitenonderzoek.")
    passes(page)
    page.get_by_role("button", name="Opslaan").first.click()
    expect(page.get_by_text("Calamiteitenonderzoek.")).to_be_visible()
    passes(page)
    page.goto("/beheer/bewaartermijnen/vannacht/")
    expect(page.get_by_text("Vannacht wordt niets vernietigd")).to_be_visible()

    page.goto("/bewaarplicht/")
    ticked(page, closed.number, "Opheffen")
    expect(page.get_by_text("zodra iemand anders dat bevestigt")).to_be_visible()
    expect(page.get_by_text("Opheffen gevraagd", exact=True)).to_be_visible()
    passes(page)
    other = enter(window(width), make.user(role=Role.BEHEERDER), "/bewaarplicht/")
    ticked(other, closed.number, "Opheffen bevestigen")
    expect(other.get_by_text("1 bewaarplicht is opgeheven")).to_be_visible()
    other.goto("/beheer/bewaartermijnen/vannacht/")
    expect(other.get_by_text(closed.number)).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_melder_reads_what_is_kept_about_a_person(window, width):
    case = make.case(patient_number="P-4711")
    page = window(width)
    enter(page, case.reporter)
    page.goto("/wat-bewaart-u/")
    page.get_by_label("Patiëntnummer van uw ziekenhuis").fill("p-4711")
    page.get_by_role("button", name="Toon").click()
    expect(page.get_by_text(f"Melding {case.number}")).to_be_visible()
    passes(page)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_case_is_erased_by_two_people_and_the_trail_tells(window, width):
    case = make.case(Status.GOEDGEKEURD, patient_number="P-4711")
    asks, second = make.user(role=Role.BEHEERDER, name="Bea"), make.user(role=Role.BEHEERDER, name="Cor")
    page = enter(window(width), asks, "/wissen-op-verzoek/")
    expect(page.get_by_text("Er is niets gevraagd")).to_be_visible()
    page.goto("/wissen-op-verzoek/new/")
    page.get_by_label("Nummer van de melding, of e-mailadres van het account").fill("N-99999")
    page.get_by_label("Wie vraagt dit en waarom").fill("De patiënte, via het ziekenhuis.")
    page.get_by_role("button", name="Opslaan").first.click()
    expect(page.get_by_text("Er is geen melding met dit nummer")).to_be_visible()
    passes(page)
    page.get_by_label("Nummer van de melding, of e-mailadres van het account").fill(case.number)
    page.get_by_role("button", name="Opslaan").first.click()
    expect(page.get_by_text(f"Melding {case.number}")).to_be_visible()
    passes(page)
    ticked(page, case.number, "Wissen")
    expect(page.get_by_text("niemand wist alleen")).to_be_visible()
    assert not Case.get_by_id(case.id).erased_at
    passes(page)

    other = enter(window(width), second, "/wissen-op-verzoek/")
    passes(other)
    ticked(other, case.number, "Wissen")
    expect(other.get_by_text("1 verzoek is uitgevoerd")).to_be_visible()
    expect(other.get_by_text("Gewist", exact=True)).to_be_visible()
    passes(other)

    other.goto(f"/beheer/logboek/?flt0_nummer_van_de_melding_is={case.number}")
    for who, what in (("Bea", "Wissen op verzoek gevraagd"), ("Cor", "Gewist op verzoek")):
        expect(other.get_by_role("row").filter(has_text=what)).to_contain_text(who)
    expect(other.get_by_role("row").filter(has_text="Inhoud van de melding vernietigd")).to_be_visible()
    assert Case.get_by_id(case.id).patient_number is None

    # The other tab of who asked has nothing left to decide.
    ticked(page, case.number, "Afwijzen")
    expect(page.get_by_text("Over dit verzoek is al beslist")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_a_stay_is_erased_by_a_contact_and_the_management(window, width):
    place = messages.hospital()
    deliver(Delivery(place, messages.supplier()), messages.message())
    stay = Stay.get()
    asks, second = make.user(role=Role.LNR_CONTACT, hospital=place, name="Bea"), make.user(role=Role.LNR_BEHEER, name="Cor")
    page = enter(window(width), asks, "/lnr/wissen-op-verzoek/")
    expect(page.get_by_text("Er is niets gevraagd")).to_be_visible()
    passes(page)
    page.goto("/lnr/wissen-op-verzoek/new/")
    page.get_by_label("LNR-nummer van de opname, of nummer van het kind").fill("4712")
    page.get_by_label("Wie vraagt dit en waarom").fill("De ouders vragen het.")
    page.get_by_role("button", name="Opslaan").first.click()
    expect(page.get_by_text("Onder dit nummer staat geen opname waarover u gaat.").first).to_be_visible()
    passes(page)
    page.get_by_label("LNR-nummer van de opname, of nummer van het kind").fill("4711")
    page.get_by_role("button", name="Opslaan").first.click()
    expect(page.get_by_text(stay.number).first).to_be_visible()
    passes(page)

    other = enter(window(width), second, "/lnr/wissen-op-verzoek/")
    passes(other)
    ticked(other, stay.number, "Wissen")
    expect(other.get_by_text("nog hoogstens 184 dagen.")).to_be_visible()
    passes(other)
    other.goto(f"/lnr/opname/{stay.key}/")
    expect(other.get_by_text("op verzoek of na de bewaartermijn")).to_be_visible()
    passes(other)


def ticked(page, number, act):
    """Tick the row of this case, press the button of the list, and say yes."""
    page.get_by_label(re.compile(rf"Regel kiezen: .*{number}")).first.check()
    page.get_by_role("button", name=act, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=act).click()
