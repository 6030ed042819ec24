"""Reasons are lists that the coordinator keeps: of who gives a case back, and of a document that is not there."""

import pytest

from models import clock
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.requested_document import RequestedDocumentAnswer
from models.committee import conflict
from models.committee.assessment import OTHER_THEME, TAKEN_BACK, TIE, Assessment, return_reasons
from models.mail.wording.mail_wording import MailWording, reasons
from models.mail.wording.standard_phrase import STANDARD_PHRASES
from tests import make
from tests.committee.test_treatment import fresh
from tests.web.pages import send

pytestmark = pytest.mark.db_dialect


def test_a_case_is_given_back_with_a_reason_of_the_list_and_own_words(app, login):
    coordinator, pair = make.coordinator(), [make.member(), make.member()]
    treatment = make.treatment(assessors=pair, by=coordinator)
    MailWording.amend(coordinator, "return_reasons", 0, "", "op vakantie;  andere   deskundigheid nodig; op vakantie")
    assert return_reasons() == {
        "band": "band met de casus", "op vakantie": "op vakantie", "andere deskundigheid nodig": "andere deskundigheid nodig",
    }  # fmt: skip
    browser, place = login(app.test_client(), pair[0]), f"/commissie/{treatment.case.key}/"
    shown = browser.get(place).text
    assert "Op vakantie" in shown and "Geen tijd" not in shown
    send(browser, f"{place}beoordeling/teruggeven", waarom="geen tijd", toelichting="x")
    assert len(Assessment.of(treatment)) == 2, "no reason of the list any more"
    send(browser, f"{place}beoordeling/teruggeven", waarom="op vakantie", toelichting="Terug op 3 mei, vraag Jan.")
    (row,) = Assessment.ended_of(treatment)
    assert (row.ended_why, row.ended_note) == ("op vakantie", "Terug op 3 mei, vraag Jan.")
    page = login(app.test_client(), coordinator).get(f"/behandeling/{treatment.case.key}/").text
    assert "op vakantie, Terug op 3 mei, vraag Jan." in page
    line = AuditEvent.get(AuditEvent.action == "assessor.give_back")
    assert line.detail == "op vakantie", "what somebody typed is in no line of the trail"
    MailWording.restore(coordinator, "return_reasons", 1)
    assert fresh(row).ended_why == "op vakantie" and "geen tijd" in return_reasons()
    with pytest.raises(Refused, match="De toelichting is te lang"):
        Assessment.of(treatment)[0].give_back(pair[1], "geen tijd", clock.now(), "x" * 301)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("geen tijd; Band; band", "weg, het portaal gebruikt die zelf: Band"),
        (" ; ;", "ten minste één reden"),
        ("kort; " + "x" * 41, "hoogstens 40 letters"),
        ("", "Vul hier tekst in"),
    ],
)
def test_a_list_has_reasons_that_fit(text, said):
    with pytest.raises(Refused, match=said):
        MailWording.amend(make.coordinator(), "return_reasons", 0, "", text)


def test_a_tie_stays_a_tie_whatever_a_list_once_held():
    """A list that was kept before it was refused overrides neither the tie nor another ending of the portal."""
    assert STANDARD_PHRASES["return_reasons"].taken == (TIE, *conflict.ENDINGS_BY_TIE, OTHER_THEME, TAKEN_BACK)
    coordinator, pair = make.coordinator(), [make.member(), make.member()]
    treatment = make.treatment(assessors=pair, by=coordinator)
    MailWording.amend(coordinator, "return_reasons", 0, "", "geen tijd")
    MailWording.update(text="geen tijd; Band; band; Ander thema").execute()
    assert return_reasons() == {"band": "band met de casus", "geen tijd": "geen tijd"}
    Assessment.of(treatment)[0].give_back(pair[0], "band")
    assert treatment.reasons_against([pair[0]])[pair[0].id] == conflict.TIE


def test_a_document_that_is_not_there_has_a_reason_of_the_list_or_own_words(app, login):
    melder = make.user()
    case = make.case(by=melder)
    first, second = case.theme.asked
    MailWording.amend(make.coordinator(), "absent_reasons", 0, "", "niet verricht; ligt in <b>Delft</b>")
    assert reasons("absent_reasons") == ["niet verricht", "ligt in <b>Delft</b>"]
    browser = login(app.test_client(), melder)
    shown = browser.get(f"/melding/{case.key}/").text
    assert "<option>ligt in &lt;b&gt;Delft&lt;/b&gt;</option>" in shown
    answer = {"antwoord": "niet beschikbaar"}
    send(browser, f"/melding/{case.key}/gevraagd/{first.id}", **answer, lijst="niet verricht", reden="spoed")
    send(browser, f"/melding/{case.key}/gevraagd/{second.id}", **answer, lijst="", reden="  zelf geschreven ")
    told = {row.asked_id: row.reason for row in RequestedDocumentAnswer.select()}
    assert told == {first.id: "niet verricht: spoed", second.id: "zelf geschreven"}
    refused = send(browser, f"/melding/{case.key}/gevraagd/{first.id}", **answer, lijst="", reden=" ")
    assert RequestedDocumentAnswer.select().count() == 2 and refused.status_code in (302, 409)
