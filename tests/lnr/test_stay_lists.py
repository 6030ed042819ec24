import logging
import re
from datetime import datetime, timedelta

import pytest

from models import clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.message.message_writer import build
from models.lnr.registry import finding_trends
from models.lnr.registry.message import Message
from models.lnr.registry.stay import Stay
from models.lnr.specification.examples import answered, envelope
from tests import make
from tests.lnr.messages import hospital, message, supplier

OPNAMEN, FOUTEN = "/lnr/opnamen/", "/lnr/fouten/"


class Place:
    """A hospital that delivers, with its LNR contact logged in."""

    def __init__(self, client, login):
        self.hospital, self.supplier = hospital("06990001"), supplier()
        self.contact = make.user(role=Role.LNR_CONTACT, hospital=self.hospital)
        self.client = client
        login(client, self.contact)

    def send(self, name="opname-1", version=1, action="nieuw", now=None, **values):
        """A message of a child of 35 weeks without anything wrong, but for `values`."""
        told = envelope(f"{name}-{version}", version, action, name) | {"processing_code": "P"}
        told |= {"child_ids": [("", f"PAT-{name}")], **values}
        made = answered() | told
        if action == "intrekking":
            made = {item: made[item] for item in (*told, "birth_datetime", "sex")}
        deliver(Delivery(self.hospital, self.supplier), build(made), now)
        return Stay.get(Stay.set_id == name)

    def read(self, address, **arguments):
        answer = self.client.get(address, query_string=arguments)
        assert answer.status_code == 200, answer.status_code
        return answer.text


@pytest.fixture
def place(client, login):
    return Place(client, login)


def test_a_contact_sees_the_stays_of_the_own_hospital_with_what_is_wrong(place):
    right, wrong = place.send(), place.send("opname-2", birth_weight_g=5000)
    page = place.read(OPNAMEN)

    assert right.number in page and wrong.number in page
    assert "1 waarschuwing" in page


def test_test_messages_do_not_stand_in_the_list_and_say_so_on_their_page(place):
    stay = place.send(processing_code="T")

    assert stay.number not in place.read(OPNAMEN)
    assert "telt nergens mee" in place.read(f"/lnr/opname/{stay.key}/")


def test_the_own_number_finds_its_stay_exactly_and_is_never_shown(place):
    seven, other = place.send(child_ids=[("", "PAT-77")]), place.send("opname-2", child_ids=[("", "PAT-771")])
    page = place.read(OPNAMEN, search="pat-77")

    assert seven.number in page and other.number not in page
    assert "PAT-77" not in place.read(OPNAMEN) + place.read(f"/lnr/opname/{seven.key}/")


@pytest.mark.parametrize(
    ("kind", "found"), [("waarschuwingen", {"opname-2"}), ("ingetrokken", {"opname-3"}), ("geweigerd", {"opname-4"})]
)
def test_a_tab_shows_only_its_stays(place, kind, found):
    stays = {
        "opname-1": place.send(),
        "opname-2": place.send("opname-2", birth_weight_g=5000),
        "opname-3": place.send("opname-3"),
        "opname-4": place.send("opname-4", discharge_datetime="2026-02-01T10:00:00"),
    }
    place.send("opname-3", 2, "intrekking")
    page = place.read(OPNAMEN, flt0_toon_is=kind)

    assert {name for name, stay in stays.items() if stay.number in page} == found


def test_a_stay_shows_its_values_versions_and_what_changed(place):
    stay = place.send(birth_weight_g=2400)
    place.send(version=2, action="vervanging", birth_weight_g=2500)
    page = place.read(f"/lnr/opname/{stay.key}/")

    assert "35 weken en 0 dagen" in page and "2500 g" in page
    assert "<del>2400 g</del> werd <ins>2500 g</ins>" in page
    assert AuditEvent.select().where(AuditEvent.action == "lnr.read", AuditEvent.subject == stay.number).count() == 1


def test_a_withdrawn_stay_shows_nothing_about_the_child(place):
    stay = place.send(birth_weight_g=2345)
    place.send(version=2, action="intrekking")
    page = place.read(f"/lnr/opname/{stay.key}/")

    assert "Ingetrokken" in page and "2345" not in page and "35 weken" not in page


def test_what_is_wrong_stands_with_what_to_do_and_since_when(place):
    stay = place.send(birth_weight_g=5000, now=clock.now() - timedelta(days=40))
    page = place.read(FOUTEN)

    assert stay.number in page and "5000 g" in page and "R-17" in page and "5 weken" in page


def test_what_a_later_version_repairs_leaves_the_standing_list(place):
    place.send(birth_weight_g=5000)
    place.send("opname-1", 2, "vervanging")

    assert "Alles klopt" in place.read(FOUTEN)


def test_the_trend_counts_what_stood_open_at_the_end_of_each_month(place):
    place.send(birth_weight_g=5000, now=datetime(2026, 5, 10))
    place.send("opname-1", 2, "vervanging", now=datetime(2026, 7, 10))
    points = {point.month: point.warnings for point in finding_trends.trend(place.contact, datetime(2026, 8, 5))}

    assert [points[f"2026-0{month}"] for month in (4, 5, 6, 7, 8)] == [0, 1, 1, 0, 0]


def test_a_contact_reads_the_original_and_the_trail_says_so(place):
    place.send()
    address = f"/lnr/bericht/{Message.get().key}/"

    assert "PAT-opname-1" in place.read(address)
    file = place.client.get(f"{address}bestand")
    assert file.data.startswith(b"<?xml") and "attachment" in file.headers["Content-Disposition"]
    assert AuditEvent.select().where(AuditEvent.action == "lnr.original").count() == 2


def test_a_message_that_belongs_to_no_stay_stands_in_a_list_of_its_own(place):
    unnamed = re.sub(b"<set_identificatie[^>]*/>", b"", message(agb="06990001", child=(("2.16.1", "PAT-LOS"),)))
    for raw in (unnamed, b"<!DOCTYPE x><x/>"):
        deliver(Delivery(place.hospital, place.supplier), raw)
    assert "/lnr/zonder-opname/" in place.read(FOUTEN)
    page = place.read("/lnr/zonder-opname/")

    assert all(one.key in page for one in Message.select()) and place.supplier.name in page
    assert "set_identificatie" in page and "DOCTYPE" in page and "PAT-LOS" not in page
    (original,) = set(re.findall(r'href="(/lnr/bericht/[^"]+)"', page))
    assert "PAT-LOS" in place.read(original)
    assert (
        place.client.get(f"/lnr/bericht/{Message.get(Message.outcome == 'onleesbaar').key}/").location == "/lnr/zonder-opname/"
    )


def test_the_management_sees_all_hospitals_but_no_original_and_no_postcode(place, app, login):
    stay = place.send(birth_weight_g=5000)
    manager = app.test_client()
    login(manager, make.user(role=Role.LNR_BEHEER))

    assert stay.number in manager.get("/lnr/alle-opnamen/").text and stay.hospital.name in manager.get("/lnr/alle-fouten/").text
    page = manager.get(f"/lnr/opname/{stay.key}/").text
    assert "oorspronkelijke bericht" not in page and "opname-1" not in page
    assert manager.get(f"/lnr/bericht/{Message.get().key}/").status_code == 403


def test_both_lists_can_be_taken_along_and_the_trail_says_so(place):
    stay = place.send(birth_weight_g=5000)
    stays, flaws = (place.read(f"{address}export/csv/") for address in (OPNAMEN, FOUTEN))

    assert f"{stay.number};" in stays and "35+0" in stays and "1 waarschuwing" in stays
    assert f"{stay.number};" in flaws and "5000 g" in flaws and "R-17" in flaws
    assert "<" not in stays + flaws and "PAT-" not in stays + flaws
    assert AuditEvent.select().where(AuditEvent.action == "row.export").count() == 2


def test_what_was_solved_lately_is_counted(place):
    place.send(birth_weight_g=5000, now=clock.now() - timedelta(days=9))
    assert finding_trends.solved(place.contact) == 0
    place.send(version=2, action="vervanging")

    assert finding_trends.solved(place.contact) == 1 and "Opgelost" in place.read(FOUTEN)


def test_the_management_does_not_see_either_postcode_when_one_is_replaced(place, app, login):
    stay = place.send(postcode="1011AB")
    place.send(version=2, action="vervanging", postcode="3584CX", birth_weight_g=2500)
    manager = app.test_client()
    login(manager, make.user(role=Role.LNR_BEHEER))
    own, national = (one.get(f"/lnr/opname/{stay.key}/").text for one in (place.client, manager))

    assert "<del>1011</del> werd <ins>3584</ins>" in own
    assert "1011" not in national and "3584" not in national and "2500 g" in national


@pytest.mark.parametrize("address", [OPNAMEN, FOUTEN])
def test_a_list_asks_the_database_a_fixed_number_of_questions(place, caplog, address):
    caplog.set_level(logging.DEBUG, "peewee")

    def asked():
        caplog.clear()
        place.read(address)
        return len(caplog.records)

    place.send(birth_weight_g=5000)
    few = asked()
    for number in range(2, 9):
        place.send(f"opname-{number}", birth_weight_g=5000)
    assert asked() == few <= 12
