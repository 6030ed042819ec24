"""How a file came, and what became of it: added by a coordinator, replaced by its hospital, seen by who judged it."""

import io

import pytest

from models import access
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.cases.theme import RequestedDocument
from models.files.document import Document
from models.files.dossier import Dossier
from models.review.case_sheet import CaseSheet
from tests import make

pytestmark = pytest.mark.db_dialect


def fresh(case):
    return Case.get_by_id(case.id)


def test_a_coordinator_adds_what_came_by_another_route_marked_so():
    by, case = make.coordinator(), make.case(Status.INGEDIEND)
    asked = case.theme.asked.order_by(RequestedDocument.position).first()
    file = make.document(case, by=by, name="ontslagbrief.pdf", asked=asked, route="per mail")
    assert (file.route, file.asked, fresh(case).uploads) == ("per mail", asked, 2)
    assert next(one.state for one in Dossier.of(case).lines) == "aanwezig"
    # The hospital sees it, under no name of a reviewer; it is told of the case as before.
    assert file in access.visible(Document, case.reporter)
    assert AuditEvent.of_case(case).order_by(AuditEvent.id.desc()).get().signed == "Perined Beoordelaar"
    assert case.people() == [case.reporter]
    file.remove(by)
    assert fresh(case).uploads == 1 and Document.get_by_id(file.id).removed_by == by


@pytest.mark.parametrize("status", list(Status))
def test_by_another_route_only_while_it_is_judged_or_with_its_hospital(status):
    by, case = make.coordinator(), make.case(status)
    if status in (Status.INGEDIEND, Status.ONVOLLEDIG):
        assert make.document(case, by=by, route="per post").route == "per post"
    else:
        with pytest.raises(Refused, match="Dit kan zolang de melding is ingediend of bij het ziekenhuis ligt"):
            make.document(case, by=by, route="per post")


def test_who_adds_by_a_route_is_its_coordinator_and_says_which():
    case = make.case(Status.INGEDIEND)
    for by in (case.reporter, make.user(), make.user(role=Role.BEHEERDER), make.coordinator("lza1")):
        with pytest.raises(Refused, match="Alleen de landelijk coördinator"):
            make.document(case, by=by, route="per mail")
    for wrong in ("per duif", ""):
        with pytest.raises(Refused, match="Kies hoe dit bestand is binnengekomen"):
            make.document(case, by=make.coordinator(), route=wrong)
    with pytest.raises(Refused, match="U kunt deze melding niet aanvullen"):
        make.document(case, by=make.coordinator())
    assert Document.select().count() == 1


def test_a_coordinator_takes_out_only_what_a_coordinator_added_and_only_while_judging():
    by, case = make.coordinator(), make.case(Status.INGEDIEND)
    with pytest.raises(Refused, match="U kunt deze melding niet aanvullen"):
        case.documents.get().remove(by)
    file = make.document(case, by=by, route="per mail")
    with pytest.raises(Refused, match="Bij een melding met de status Ingediend kunt u geen bestanden meer verwijderen"):
        file.remove(case.reporter)
    fresh(case).mark_incomplete(by, "Nog iets.")
    case.documents.order_by(Document.id).get().remove(case.reporter)
    fresh(case).submit(case.reporter)
    with pytest.raises(Refused, match="en er nog een ander bestand is"):  # the last one
        file.remove(by)
    fresh(case).approve(by)
    with pytest.raises(Refused, match="zolang u de melding beoordeelt"):
        file.remove(by)


def test_a_replaced_file_keeps_its_slot_and_who_judged_it_still_sees_it():
    by, case = make.coordinator(), make.case()
    slot = case.theme.asked.order_by(RequestedDocument.position).first()
    first = make.document(case, name="eerste.pdf", asked=slot)
    fresh(case).submit(case.reporter)
    fresh(case).mark_incomplete(by, "De laatste bladzijde ontbreekt.")
    second = make.document(case, name="tweede.pdf", replaces=first)
    third = make.document(case, name="derde.pdf", replaces=second)
    assert (third.asked, fresh(case).uploads) == (slot, 1)
    assert next(line.documents for line in Dossier.of(case).lines) == [third]
    fresh(case).submit(case.reporter)
    sheet = CaseSheet.of(fresh(case), by)
    assert sheet.replaced == {third.id: [first]}  # the second one came and went between two verdicts
    assert Document.get_by_id(first.id).was_replaced and not third.was_replaced
    labels = [event.label for event in AuditEvent.story_of(case)]
    assert labels.count("Bestand vervangen door een ander") == 2
    # Put back beside the new one it is a file again.
    fresh(case).mark_incomplete(by, "Nog iets.")
    Document.get_by_id(first.id).restore(case.reporter)
    assert not Document.get_by_id(first.id).was_replaced and fresh(case).uploads == 2


def test_what_was_replaced_before_anybody_judged_it_is_nothing_to_the_reviewer():
    case = make.case()
    first = make.document(case)
    make.document(case, replaces=first)
    fresh(case).submit(case.reporter)
    assert CaseSheet.of(fresh(case), make.coordinator()).replaced == {}


def test_what_is_put_back_and_removed_is_no_longer_what_another_file_replaced(client, login):
    by, case = make.coordinator(), make.case()
    first = make.document(case)
    fresh(case).submit(case.reporter)
    fresh(case).mark_incomplete(by, "De laatste bladzijde ontbreekt.")
    second = make.document(case, replaces=first)
    make.document(case, replaces=second)
    Document.get_by_id(first.id).restore(case.reporter)
    Document.get_by_id(first.id).remove(case.reporter)  # it shows a BSN
    fresh(case).submit(case.reporter)
    assert CaseSheet.of(fresh(case), by).replaced == {} and not Document.get_by_id(first.id).was_replaced
    login(client, by)
    assert client.get(f"/melding/{case.key}/bestanden/{first.key}/bladzijde").status_code == 404


def test_what_was_replaced_in_a_concept_opens_for_no_coordinator(client, login):
    by, case = make.coordinator(), make.case()
    first = make.document(case)
    second = make.document(case, replaces=first)
    fresh(case).submit(case.reporter)
    fresh(case).mark_incomplete(by, "De laatste bladzijde ontbreekt.")
    make.document(case, replaces=second)
    login(client, by)
    pages = [client.get(f"/melding/{case.key}/bestanden/{one.key}/bladzijde").status_code for one in (first, second)]
    assert pages == [404, 200]


def test_only_a_file_that_is_there_of_this_case_while_it_is_with_its_hospital_is_replaced():
    case, other = make.case(), make.case()
    first, foreign = make.document(case), make.document(other)
    make.document(case, replaces=first)
    for gone in (Document.get_by_id(first.id), first, foreign):  # a second window still has the old page
        with pytest.raises(Refused, match="Dit bestand is intussen verwijderd of al vervangen"):
            make.document(case, replaces=gone)
    fresh(case).submit(case.reporter)
    standing = Document.get(Document.case == case, Document.removed_at.is_null())
    with pytest.raises(Refused, match="kunt u geen bestanden meer verwijderen"):
        make.document(fresh(case), replaces=standing)
    assert fresh(case).uploads == 1 and standing.removed_at is None


def test_the_pages_of_it(app, login, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    by, case = make.coordinator(), make.case()
    old = make.document(case, name="oud.pdf", asked=case.theme.asked.order_by(RequestedDocument.position).first())
    fresh(case).submit(case.reporter)
    office, home = login(app.test_client(), by), login(app.test_client(), case.reporter)
    page = office.get(f"/beoordelen/{case.key}/").text
    assert "Bestand toevoegen dat anders binnenkwam" in page
    body = {"langs": "per mail", "sleutel": "s1", "document": case.theme.asked[1].id,
            "bestanden": (io.BytesIO(make.PDF), "gemaild.pdf")}  # fmt: skip
    said = office.post(f"/melding/{case.key}/bestanden", data=body, follow_redirects=True)
    assert said.request.path == f"/beoordelen/{case.key}/" and "gemaild.pdf" in said.text
    for browser, path in ((office, f"/beoordelen/{case.key}/"), (home, f"/melding/{case.key}/")):
        assert "Kwam per mail, toegevoegd door de coördinator" in browser.get(path).text
    raw = {"headers": {"X-File-Name": "raw.pdf"}, "content_type": "application/octet-stream"}
    address = f"/melding/{case.key}/bestanden"
    answer = office.put(f"{address}?sleutel=s2&langs=per+post", data=make.PDF, **raw)
    assert answer.status_code == 201, answer.text
    assert "Kies hoe dit bestand" in office.put(f"{address}?sleutel=s3&langs=zomaar", data=make.PDF, **raw).text
    assert office.get(f"{address}/{old.key}/bladzijde").status_code == 200
    fresh(case).mark_incomplete(by, "Bladzijde 2 ontbreekt.")
    assert "Vervang" in home.get(f"/melding/{case.key}/").text
    assert home.put(f"{address}?sleutel=s4&vervangt={old.key}", data=make.PDF, **raw).status_code == 201
    stranger = Document.get(Document.case == make.case(Status.INGEDIEND))
    assert home.put(f"{address}?sleutel=s5&vervangt={stranger.key}", data=make.PDF, **raw).status_code == 404
    fresh(case).submit(case.reporter)
    page = office.get(f"/beoordelen/{case.key}/").text
    assert "Vervangen sinds uw beoordeling" in page and "oud.pdf" in page
    assert office.get(f"{address}/{old.key}/bladzijde").status_code == 200
    assert home.get(f"{address}/{old.key}/bekijken").status_code == 404
    reader = login(app.test_client(), make.reader(case))
    fresh(case).approve(by)
    assert reader.get(f"{address}/{old.key}/bladzijde").status_code == 404
