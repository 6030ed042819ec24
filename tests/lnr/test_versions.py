"""The version decides and not the order of arrival; what is withdrawn stays away; a passing refusal is no answer for ever."""

import itertools
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import MODELS
from models.base import db
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.intake.dry_run import rehearse
from models.lnr.registry import stored_messages_check
from models.lnr.registry.message import Message, MessageContent
from models.lnr.registry.open_finding import OpenFinding
from models.lnr.registry.stay import Stay, StayState
from models.retention.destruction import destroy_due
from tests.lnr.messages import OWN, hospital, message, supplier

NOW = datetime(2026, 6, 1, 12)


@pytest.fixture
def send():
    place, maker = hospital(), supplier()

    def deliver_one(raw, now=NOW):
        foreseen = rehearse(place, maker, raw, now)
        answer = deliver(Delivery(place, maker), raw, now)
        # A look without storing foresees what delivering answers.
        assert foreseen.status == answer.status
        assert [one["rule"] for one in foreseen.report["findings"]] == [one["rule"] for one in answer.report["findings"]]
        return answer

    deliver_one.place, deliver_one.maker = place, maker
    return deliver_one


def wrong(answer):
    return {(one["rule"], one["variant"]) for one in answer.report["findings"] if one["severity"] != "opmerking"}


VERSIONS = [
    dict(version=1, action="nieuw", weight=1100), dict(version=2, action="vervanging", weight=1200),
    dict(version=3, action="vervanging", weight=1300),
]  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(VERSIONS)))
def test_in_whatever_order_the_versions_come_the_highest_stands(send, order):
    for one in order:
        assert send(message(**one)).status in (200, 409)
    stay = Stay.get()
    assert (stay.version, Message.standing(stay).record()["stay"]["birth_weight_g"]) == (3, 1300)


def test_a_withdrawal_that_comes_first_leaves_a_name_and_what_is_older_is_not_kept(send):
    first = send(message(version=2, action="intrekking"))
    late = send(message(version=1))
    assert (first.status, late.status) == (200, 409) and ("R-04", "nothing") in wrong(first)
    assert (
        Stay.get().state == StayState.INGETROKKEN
        and MessageContent.select().count() == OpenFinding.select().where(OpenFinding.stay.is_null(False)).count() == 0
    )


def test_what_is_withdrawn_is_not_brought_back_by_a_replacement_and_nothing_of_it_is_kept(send):
    send(message(version=1))
    send(message(version=2, action="intrekking"))
    back = send(message(version=3, action="vervanging"))
    assert (back.status, wrong(back) & {("R-04", "withdrawn")}) == (422, {("R-04", "withdrawn")})
    invalid = message(version=4, action="nieuw").replace(b"<geslacht", b"<geslachten")
    assert send(invalid).status == 422
    assert Stay.get().state == StayState.INGETROKKEN and MessageContent.select().count() == 0


def test_a_withdrawn_stay_may_begin_again_with_a_warning(send):
    send(message(version=1))
    send(message(version=2, action="intrekking"))
    again = send(message(version=3))
    assert again.status == 200 and ("R-04", "again") in wrong(again)
    assert Stay.get().state == StayState.ONTVANGEN and list(stored_messages_check.problems(deep=True)) == []


def test_a_double_that_was_refused_is_taken_when_the_other_is_withdrawn_with_the_same_bytes(send):
    send(message(set_id="een"))
    double = message(set_id="twee")
    first = send(double)
    assert first.status == 422 and send(double) == first
    send(message(set_id="een", version=2, action="intrekking"))
    taken = send(double)
    assert (taken.status, taken.key) == (200, first.key) and send(double) == taken
    assert Stay.get(Stay.set_id == "twee").state == StayState.ONTVANGEN and Message.select().count() == 3


def test_a_date_in_the_future_is_judged_by_the_clock_of_the_second_time(send):
    ahead = message(admitted="2026-06-01T20:00:00", discharged="2026-06-02T10:00:00", born="2026-06-01T19:00:00")
    ahead = ahead.replace(b"2026-04-05T12:00:00", b"2026-06-02T12:00:00")
    assert send(ahead).status == 422
    assert send(ahead, NOW + timedelta(days=3)).status == 200


def test_a_refusal_for_what_the_message_says_itself_stays_the_answer(send):
    raw = message(admitted="2026-02-01T09:00:00")
    first = send(raw)
    assert send(raw, NOW + timedelta(days=3)) == first


def test_a_new_message_that_was_known_is_taken_once_the_stay_is_withdrawn(send):
    send(message(version=1))
    known = message(version=5)
    assert send(known).status == 422
    send(message(version=3, action="intrekking"))
    assert send(known).status == 200 and Stay.get().version == 5


def test_verify_is_silent_after_a_message_that_the_schema_refuses(send):
    send(message().replace(b"<geslacht", b"<geslachten"))
    assert list(stored_messages_check.problems(deep=True)) == []


def test_verify_is_silent_when_one_refused_stay_is_told_by_two_children(send):
    send(message(admitted="2026-02-01T09:00:00", child=((OWN, "een"),)))
    send(message(admitted="2026-02-01T09:00:00", child=((OWN, "twee"),)))
    assert list(stored_messages_check.problems(deep=True)) == []


DELIVERIES = st.lists(
    st.tuples(
        st.sampled_from(["nieuw", "vervanging", "intrekking"]), st.integers(1, 4), st.sampled_from(["een", "twee"]),
        st.sampled_from(["P", "T"]), st.sampled_from(["kind 1", "kind 2"]),
        st.sampled_from(["2026-03-01T09:00:00", "2026-02-01T09:00:00", "2026-03-05"]),
        st.sampled_from(["goed", "schema", "stuk", "nogmaals"]), st.integers(0, 40),
    ),
    max_size=10,
)  # fmt: skip
count = itertools.count()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DELIVERIES)
def test_verify_is_silent_after_any_deliveries(send, deliveries):
    own, before, now = next(count), message(set_id="begin"), NOW
    for action, version, name, processing, child, admitted, how, days in deliveries:
        now += timedelta(days=days)
        raw = message(set_id=f"{name} {own}", version=version, action=action, processing=processing, admitted=admitted,
                      child=((OWN, f"{child} {own}"),))  # fmt: skip
        raw = {"goed": raw, "schema": raw.replace(b"<geslacht", b"<geslachten"), "stuk": raw[:-30], "nogmaals": before}[how]
        assert deliver(Delivery(send.place, send.maker), raw, now).status in (200, 400, 409, 422)
        destroy_due(MODELS, now)
        before = raw
    assert list(stored_messages_check.problems(deep=True)) == []


TAMPERING = {
    "content gone": lambda kept: MessageContent.delete().where(MessageContent.id == kept.id).execute(),
    "original of another": lambda kept: MessageContent.update(original=message(child=((OWN, "vreemd"),)))
    .where(MessageContent.id == kept.id).execute(),
    "original unreadable": lambda kept: MessageContent.update(original=b"<x>").where(MessageContent.id == kept.id).execute(),
    "another child": lambda kept: Stay.update(own_number="f" * 64).where(Stay.id == kept.message.stay_id).execute(),
    "another mother": lambda kept: Stay.update(mother="f" * 64).where(Stay.id == kept.message.stay_id).execute(),
    "bits of the original": lambda kept: _flipped(kept, "original"),
    "bits of the record": lambda kept: _flipped(kept, "record"),
}  # fmt: skip


def _flipped(kept, column):
    mark, sealed = db.param, bytearray(_sealed(kept, column))
    sealed[-1] ^= 1
    db.execute_sql(f"UPDATE lnr_content SET {column} = {mark} WHERE id = {mark}", (bytes(sealed), kept.id))


def _sealed(kept, column):
    return bytes(db.execute_sql(f"SELECT {column} FROM lnr_content WHERE id = {db.param}", (kept.id,)).fetchone()[0])


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DELIVERIES, st.sampled_from([*TAMPERING]), st.randoms(use_true_random=False))
def test_verify_tells_of_whatever_is_tampered_with_after_any_deliveries(send, deliveries, how, chance):
    own = next(count)
    with db.atomic() as kept:
        deliver(Delivery(send.place, send.maker), message(set_id=f"vast {own}", child=((OWN, f"vast {own}"),)), NOW)
        for action, version, name, processing, child, admitted, _, _ in deliveries:
            raw = message(set_id=f"{name} {own}", version=version, action=action, processing=processing, admitted=admitted,
                          child=((OWN, f"{child} {own}"),))  # fmt: skip
            deliver(Delivery(send.place, send.maker), raw, NOW)
        assert list(stored_messages_check.problems(deep=True)) == []
        standing = [Message.standing(stay) for stay in Stay.select().where(Stay.state == StayState.ONTVANGEN)]
        TAMPERING[how](MessageContent.get(MessageContent.message == chance.choice(standing)))
        assert list(stored_messages_check.problems(deep=True)) != []
        kept.rollback()


@pytest.mark.parametrize("action", ["vervanging", "nieuw"])
def test_verify_still_tells_of_content_that_is_gone(send, action):
    send(message(version=1))
    if action == "nieuw":
        send(message(version=2, action="intrekking"))
    send(message(version=3, action=action))
    MessageContent.delete().where(MessageContent.message == Message.standing(Stay.get())).execute()
    (told,) = stored_messages_check.problems()
    assert Message.standing(Stay.get()).key in told
    assert db.is_closed() is False
