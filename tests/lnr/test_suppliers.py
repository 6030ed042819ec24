import re

import pytest

from models.access import Role
from models.audit.audit_event import AuditEvent
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import Supplier
from tests import make
from tests.lnr.messages import supplier
from tests.web.pages import form_key

LIST = "/lnr/leveranciers/"


@pytest.fixture
def manager(client, login):
    """The browser of somebody of the LNR's management; .send(path, …) posts a form with its key."""
    login(client, make.user(role=Role.LNR_BEHEER))

    def send(path, **fields):
        return client.post(path, data={"csrf_token": form_key(client), **fields}, follow_redirects=True)

    client.send = send
    return client


def test_a_supplier_is_registered_gets_a_key_and_is_admitted(manager):
    hospital = make.hospital("UMC Proef")
    assert "Leverancier aanmelden" in manager.get(LIST).text
    manager.send(f"{LIST}new/", name="Dossier BV", contact="a@example.com")
    made = Supplier.get()

    page = manager.send(f"{LIST}{made.id}/sleutel", ziekenhuis=hospital.code, verzoek="a" * 22)
    token = re.search(r'class="token">([^<]+)<', page.text)[1]
    assert ApiKey.opened_by(token).hospital == hospital
    assert token not in manager.get(f"{LIST}{made.id}/").text and token[:10] in page.text

    manager.send(f"{LIST}{made.id}/status", status="toegelaten", reden="Liep de scenario's op papier door.")
    assert Supplier.get().status == "toegelaten"
    manager.send(f"{LIST}{made.id}/action/", action="revoke", rowid=ApiKey.get().id)
    assert ApiKey.opened_by(token) is None


def test_the_page_sent_twice_makes_one_key_and_says_so(manager):
    made, hospital = supplier(), make.hospital()
    fields = {"ziekenhuis": hospital.code, "verzoek": "a" * 22}
    manager.send(f"{LIST}{made.id}/sleutel", **fields)

    assert "al gemaakt" in manager.send(f"{LIST}{made.id}/sleutel", **fields).text
    assert ApiKey.select().count() == 1


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("new/", {"name": ""}),
        ("{}/status", {"status": "baas"}),
        ("{}/status", {}),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(manager, path, fields):
    made = supplier()
    answer = manager.send(LIST + path.format(made.id), **fields)

    assert answer.status_code == 200 and ("Geef de leverancier" in answer.text or "Kies een" in answer.text)
    assert Supplier.get().status == made.status and Supplier.select().count() == 1


@pytest.mark.parametrize(("name", "reason"), [("\x00", "zonder te plakken"), ("a" * 500, "500 tekens, hoogstens 80")])
def test_a_name_that_cannot_be_kept_is_refused_with_the_reason(manager, name, reason):
    supplier()
    answer = manager.send(f"{LIST}new/", name=name)

    assert answer.status_code == 200 and "De naam van de leverancier" in answer.text and reason in answer.text
    assert Supplier.select().count() == 1


def test_a_supplier_key_or_hospital_that_is_not_there_is_not_found(manager):
    made = supplier()

    assert manager.get(f"{LIST}999/").status_code == 404
    assert manager.send(f"{LIST}{made.id}/action/", action="revoke", rowid=999).status_code == 404
    assert manager.send(f"{LIST}{made.id}/sleutel", ziekenhuis="niets").status_code == 404


@pytest.mark.parametrize("before", ["aangemeld", "geschorst"])
@pytest.mark.parametrize("status", ["getest", "toegelaten"])
@pytest.mark.parametrize("reason", ["", "  x ", "a" * 201, "niet\x00goed"])
def test_nobody_gets_past_the_scenarios_without_a_reason(manager, before, status, reason):
    made = supplier(before)
    page = manager.send(f"{LIST}{made.id}/status", status=status, reden=reason)
    assert ("Schrijf op waarom" in page.text or "De reden" in page.text) and Supplier.get().status == before


def test_the_reason_to_get_past_the_scenarios_stands_in_the_trail(manager):
    made = supplier("geschorst")
    manager.send(f"{LIST}{made.id}/status", status="toegelaten", reden=" Fout  hersteld ")
    assert Supplier.get().status == "toegelaten"
    assert AuditEvent.select().order_by(AuditEvent.id.desc()).first().detail == "naar toegelaten: Fout hersteld"


def test_who_did_the_scenarios_is_admitted_and_anybody_suspended_without_a_reason(manager):
    made = supplier("getest")
    for status in ("toegelaten", "geschorst", "aangemeld"):
        manager.send(f"{LIST}{made.id}/status", status=status)
        assert Supplier.get().status == status
