"""Forgetting in a real browser: the terms, what the night will do, a hold, and what is kept about a person."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from models import clock
from models.access import Role
from models.cases.status import Status
from tests import make
from tests.flows.walk import enter, passes

OLD = clock.now() - timedelta(days=100)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_beheerder_shortens_a_term_reads_what_goes_and_sets_a_hold(window, width):
    closed = make.case(Status.INGETROKKEN, at=OLD)
    page = window(width)
    enter(page, make.user(role=Role.BEHEERDER))
    page.goto("/beheer/bewaartermijnen/")
    expect(page.get_by_text("Afgesloten en ingetrokken meldingen").first).to_be_visible()
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
