"""A legal hold on a stay of the LNR: neither its term nor a request destroys it, and two people lift it."""

import threading
from datetime import timedelta

import pytest

from models import MODELS, clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.lnr.benchmark.fact import StayFact
from models.lnr.entry.draft import StayDraft
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry import stored_messages_check
from models.lnr.registry.message import Message, MessageContent
from models.lnr.registry.open_finding import OpenFinding
from models.lnr.registry.stay import Stay
from models.lnr.registry.stay_history import arrivals
from models.retention import repeated_erasure
from models.retention.destruction import destroy_due
from models.retention.stay_erasure import StayErasure
from models.retention.stay_hold import StayHold
from models.retention.subject_report import SubjectReport
from tests import make
from tests.lnr.messages import CHILD_BSN, hospital, message, supplier
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
        (f"{stay.number}: {repeated_erasure.HELD}", False)
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


def lifted(hold, two):
    hold.ask_to_lift(two[0])
    hold.lift(two[1])


def withdraw(stay, version=2):
    answer = deliver(Delivery(stay.hospital, supplier()), message(version=version, action="intrekking"))
    assert answer.status == 200, answer.report


def test_a_withdrawal_counts_and_takes_nothing_away_until_the_hold_is_lifted(stay, two):
    deliver(Delivery(stay.hospital, supplier()), message(id="fout", version=1, weight=99999))
    hold, told = StayHold.place_on(stay.number, two[0], WHY), {one.id: one.answer for one in Message.select()}
    draft = StayDraft.correct(stay, make.user(role=Role.LNR_CONTACT, hospital=stay.hospital))

    withdraw(stay)

    assert Stay.get().state == "ingetrokken" and not StayFact.select().exists() and not OpenFinding.select().exists()
    assert MessageContent.select().count() == Message.select().count() == len(told) + 1
    assert all(Message.get_by_id(number).answer == answer for number, answer in told.items())
    assert StayDraft.get_by_id(draft.id).is_draft and list(stored_messages_check.problems(deep=True)) == []

    lifted(hold, two)
    assert not MessageContent.select().exists() and not StayDraft.get_by_id(draft.id).is_draft
    gone = Stay.get()
    assert (gone.state, gone.child, gone.mother, gone.own_number) == ("ingetrokken", None, None, None)
    told = AuditEvent.select().where(AuditEvent.subject == stay.number).order_by(AuditEvent.id.desc()).get()
    assert (told.action, told.detail) == ("lnr.destroy", "ingetrokken terwijl de bewaarplicht gold")
    assert all(one.report["findings"] == [] for one in Message.select())


def test_of_what_is_withdrawn_under_a_hold_is_said_that_it_is_kept(client, login, stay, two):
    """To who asks what is kept of a child, to who asks to erase it, and on its page, which shows none of it."""
    raw = message(id="met-bsn", version=2, child=(CHILD_BSN,), weight=1234, action="vervanging")
    assert deliver(Delivery(stay.hospital, supplier()), raw).status == 200
    StayHold.place_on(stay.number, two[0], WHY)
    withdraw(stay, version=3)

    (found,) = SubjectReport.make(two[0], CHILD_BSN[1]).kept
    assert found[0] == f"Opname {stay.number}" and "bewaarplicht" in str(found[3])
    with pytest.raises(Refused, match="geldt een bewaarplicht"):
        StayErasure.ask(two[0], CHILD_BSN[1], "De ouders vragen het.")
    login(client, two[0])
    page = client.get(f"/lnr/opname/{stay.key}/").text
    assert "worden gewist zodra die is opgeheven" in page and "zijn gewist" not in page
    assert not any(one.changes for one in arrivals(Stay.get()))


def test_what_was_withdrawn_before_leaves_nothing_to_hold(stay, two):
    withdraw(stay)
    with pytest.raises(Refused, match="Er is niets meer om te bewaren"):
        StayHold.place_on(stay.number, two[0], WHY)


def test_what_began_anew_after_a_withdrawal_stays_when_the_hold_is_lifted(stay, two):
    hold = StayHold.place_on(stay.number, two[0], WHY)
    withdraw(stay)
    deliver(Delivery(stay.hospital, supplier()), message(version=3))
    assert Stay.get().state == "ontvangen" and MessageContent.select().count() == 3
    lifted(hold, two)
    assert [one.message.version for one in MessageContent.select()] == [3]
    assert list(stored_messages_check.problems(deep=True)) == []


def test_refused_messages_forms_and_lines_of_the_trail_stay_with_their_stay(stay, two):
    deliver(Delivery(stay.hospital, supplier()), message(id="fout", version=1, weight=99999))
    draft = StayDraft.correct(stay, make.user(role=Role.LNR_CONTACT, hospital=stay.hospital))
    hold = StayHold.place_on(stay.number, two[0], WHY)
    lines = AuditEvent.select().where(AuditEvent.subject == stay.number)
    before, later = list(lines), clock.now() + timedelta(days=60 * 366)

    destroy_due(MODELS, later)
    assert MessageContent.select().count() == 2 and StayDraft.get_by_id(draft.id).is_draft and list(lines) == before

    lifted(hold, two)
    destroy_due(MODELS, later)
    assert not kept() and not StayDraft.get_by_id(draft.id).is_draft
    assert not lines.where(AuditEvent.action == "lnr.deliver").exists()


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


def test_lifting_a_hold_tells_of_no_withdrawal_from_before_it(stay, two):
    withdraw(stay)
    deliver(Delivery(stay.hospital, supplier()), message(version=3))
    lifted(StayHold.place_on(stay.number, two[0], WHY), two)
    assert Stay.get().state == "ontvangen" and not AuditEvent.select().where(AuditEvent.action == "lnr.destroy").exists()


def test_a_withdrawal_that_came_just_before_the_hold_and_was_taken_after_it_is_carried_out_when_it_is_lifted(stay, two):
    came = clock.now()
    hold = StayHold.place_on(stay.number, two[0], WHY)
    deliver(Delivery(stay.hospital, supplier()), message(version=2, action="intrekking"), came)
    assert kept()
    lifted(hold, two)
    assert not MessageContent.select().exists() and Stay.get().child is None
