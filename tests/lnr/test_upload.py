import csv
import io

import pytest

from models.access import Role
from models.lnr.intake.upload_batch import UploadBatch
from tests import make
from tests.lnr.messages import hospital, message
from tests.lnr.test_upload_batch import messages, packed

RAW = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def contact(client, login, app, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    made = make.user(role=Role.LNR_CONTACT, hospital=hospital())
    login(client, made)
    return made


def put(client, content, name="mei.zip", **headers):
    return client.put(
        "/lnr/aanleveren", query_string={"sleutel": name}, data=content, headers=RAW | {"X-File-Name": name} | headers
    )


def test_a_file_is_sent_followed_and_reported_on(client, contact):
    answer = put(client, packed(*messages(2), message("slecht", "opname-9", discharged="2026-01-01T10:00:00")))
    address = answer.json["address"]
    assert "0 van 3" in client.get(address).text and client.get(f"{address}verslag").status_code == 404

    UploadBatch.work_waiting()
    assert client.get(f"{address}stand").json == {"total": 3, "done": 3, "accepted": 2, "refused": 1, "finished": True}
    page = client.get(address).text
    assert "Geweigerd" in page and "R-08" in page
    assert "bericht-0" not in client.get(address, query_string={"toon": "geweigerd"}).text

    rows = list(csv.DictReader(io.StringIO(client.get(f"{address}verslag").text.removeprefix("\ufeff")), delimiter=";"))
    assert [row["uitkomst"] for row in rows if row["regel"] in ("", "R-08")][-1] == "Geweigerd"
    assert {row["bestand"] for row in rows} == {f"map/bericht-{number}.xml" for number in range(3)}


def test_it_works_without_script_too(client, contact):
    answer = client.post("/lnr/aanleveren", data={"bestand": (io.BytesIO(message()), "kind.xml"), "sleutel": "1"})
    assert "Aangenomen" in client.get(answer.location).text


@pytest.mark.parametrize(("content", "status"), [(b"%PDF", 422), (b"PK\x03\x04rest", 422)])
def test_what_cannot_be_used_is_answered_with_a_sentence(client, contact, content, status):
    answer = put(client, content)
    assert answer.status_code == status and answer.json["error"].endswith(".")


def test_a_form_without_a_file_asks_for_one(client, contact):
    assert "Kies eerst" in client.post("/lnr/aanleveren", data={}, follow_redirects=True).text


def test_another_hospital_and_the_management_do_not_see_an_upload(client, contact, app, login):
    address = put(client, message(), "kind.xml").json["address"]
    for stranger in (make.user(role=Role.LNR_CONTACT), make.user(role=Role.LNR_BEHEER)):
        other = app.test_client()
        login(other, stranger)
        assert {other.get(address + part).status_code for part in ("", "stand", "verslag")} <= {403, 404}
