"""A legal hold on a stay of the LNR: neither its term nor a request destroys it, and two people lift it."""

import threading
from datetime import timedelta

import pytest

from models import MODELS, clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry.message import MessageContent
from models.lnr.registry.stay import Stay
from models.retention import repeated_erasure
from models.retention.destruction import destroy_due
from models.retention.stay_erasure import StayErasure
from models.retention.stay_hold import StayHold
from tests import make
from tests.lnr.messages import hospital, message, supplier
from tests.wait import until
from tests.web.pages import send as press

pytestmark = pytest.mark.db_dialect
WHY = "Rechtszaak."


@pytest.fixture
def stay():
    deliver(Delivery(hospital(), supplier()), message())
    return Stay.get()


@pytest.fixture
def two():
    return make.user(role=Role.LNR_BEHEER), make.user(role=Role.LNR_BEHEER)


def kept():
    return Stay.get().erased_at is None and MessageContent.select().exists()


def test_neither_the_term_nor_a_request_destroys_a_stay_on_hold_until_two_lifted_it(stay, two):
    first, second = two
    (before,) = StayErasure.ask(first, stay.number, "De ouders vragen het.")
    hold = StayHold.place_on(f" {stay.number.lower()} ", first, WHY)
    with pytest.raises(Refused, match="geldt een bewaarplicht"):
        before.grant(second)
    assert StayErasure.get().granted is None
    before.reject(second)
    with pytest.raises(Refused, match="geldt een bewaarplicht"):
        StayErasure.ask(first, stay.number, "Nog eens.")
    later = clock.now() + timedelta(days=60 * 366)
    destroy_due(MODELS, later)
    assert list(repeated_erasure.repeat([stay.number], clock.now(), MODELS)) == [
        f"{stay.number}: NIET gewist: er geldt een bewaarplicht"
    ]
    assert kept()

    with pytest.raises(Refused, match="Vraag eerst om deze bewaarplicht op te heffen"):
        hold.lift(second)
    hold.ask_to_lift(first)
    with pytest.raises(Refused, match="niemand heft alleen"):
        hold.lift(first)
    hold.keep(second)
    hold.ask_to_lift(first)
    hold.lift(second)
    told = [line.action for line in AuditEvent.select().where(AuditEvent.subject == stay.number).order_by(AuditEvent.id)]
    assert [action for action in told if "lift" in action or "keep" in action] == [
        "lnr.ask_lift_hold", "lnr.keep_hold", "lnr.ask_lift_hold", "lnr.lift_hold",
    ]  # fmt: skip
    with pytest.raises(Refused, match="al opgeheven"):
        hold.keep(first)
    destroy_due(MODELS, later)
    assert not kept()
    with pytest.raises(Refused, match="al gewist"):
        StayHold.place_on(stay.number, first, WHY)


@pytest.mark.only_postgresql
def test_a_hold_that_is_placed_while_the_night_waits_for_the_stay_counts(stay, two):
    """On SQLite the night cannot wait for half of somebody else's transaction."""
    held, waiting = threading.Event(), "SELECT COUNT(*) FROM pg_locks WHERE NOT granted"

    def place():
        with db.connection_context(), db.atomic():
            StayHold.place_on(stay.number, two[0], WHY)
            held.set()
            until(lambda: db.execute_sql(waiting).fetchone()[0], 30)

    somebody = threading.Thread(target=place)
    somebody.start()
    assert held.wait(30)
    destroy_due(MODELS, clock.now() + timedelta(days=60 * 366))
    somebody.join()
    assert kept()


def test_one_hold_stands_and_only_the_management_of_the_lnr_places_it(stay, two):
    StayHold.place_on(stay.number, two[0], WHY)
    assert AuditEvent.get(AuditEvent.action == "lnr.hold").subject == stay.number
    with pytest.raises(Refused, match="geldt al een bewaarplicht"):
        StayHold.place_on(stay.number, two[1], WHY)
    for number in ("LNR-0009999", "4711x", ""):
        with pytest.raises(Refused, match="geen opname met dit nummer"):
            StayHold.place_on(number, two[0], WHY)
    with pytest.raises(Refused, match="Vul in waarom"):
        StayHold.place_on(stay.number, two[0], " ")
    contact = make.user(role=Role.LNR_CONTACT, hospital=stay.hospital)
    for stranger in (contact, make.coordinator(), make.user(role=Role.BEHEERDER)):
        with pytest.raises(Refused, match="Alleen"):
            StayHold.place_on(stay.number, stranger, WHY)
        with pytest.raises(Refused, match="Alleen"):
            StayHold.get().ask_to_lift(stranger)


def test_the_list_places_a_hold_and_a_second_person_lifts_it(client, login, stay, two):
    login(client, two[0])
    press(client, "/lnr/bewaarplicht/new/", number=stay.number, reason=WHY)
    page = client.get("/lnr/bewaarplicht/")
    assert stay.number in page.text and "Geldt" in page.text and WHY in page.text
