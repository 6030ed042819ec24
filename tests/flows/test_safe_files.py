"""A file's safety in a real browser: what was found is decided about before the case is handed in."""

import pytest

from models.cases.case import Case
from models.cases.status import Status
from models.files.privacy import inspection
from models.files.privacy.privacy_decision import PrivacyDecision
from tests import make
from tests.files import samples
from tests.flows.walk import enter, passes


@pytest.fixture(autouse=True)
def not_looked_at_yet(monkeypatch):
    monkeypatch.setattr(make, "LOOKED", False)


def test_a_reporter_takes_the_author_out_decides_and_hands_in(window):
    user = make.user()
    case = make.case(by=user)
    make.document(case, name="ontslagbrief.pdf", content=samples.pdf("BSN 123456782", author="Anna de Vries"))
    page = enter(window(width=390), user, f"/melding/{case.key}/")
    page.get_by_text("Wordt nagekeken op herkenbare gegevens").wait_for()
    inspection.look_waiting()

    page.reload()
    page.locator("summary", has_text="Meer over").click()
    page.get_by_role("button", name="Verwijder auteursgegevens en locatie").click()
    page.get_by_text("Mogelijk herkenbaar: bestandsgegevens").wait_for(state="detached")
    page.get_by_text("Mogelijk herkenbaar: BSN op bladzijde 1").wait_for()
    page.get_by_role("button", name="Melding indienen").click()

    page.get_by_role("heading", name="Kijk dit nog na").wait_for()
    passes(page)
    page.get_by_label("Toch meesturen, omdat:").check()
    page.get_by_label("Waarom u dit toch meestuurt").fill("het een voorbeeldnummer is")
    page.get_by_role("button", name="Opslaan en melding indienen").click()
    page.get_by_text("ontvangen").first.wait_for()

    assert Case.get_by_id(case.id).status == Status.INGEDIEND
    assert PrivacyDecision.get(PrivacyDecision.decision != "").why == "het een voorbeeldnummer is"
