"""Who is asked about which month, when, and what the two links can do."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from models import clock
from models.access import Role
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.mail.outbox import Mail, MailStatus
from models.monthly import monthly_request
from models.monthly.month_answer import MonthAnswer, Proof
from models.monthly.monthly_request import CallLink, MonthlyCall
from settings import settings
from tests import make

OPENED = datetime(2026, 11, 1, 6)
MINUTE = clock.MINUTE


def call(user=None, month="2026-10", now=OPENED):
    """The call of `user`, who is asked now together with everybody else."""
    user = user or make.user()
    MonthlyCall.open_all(month, now=now)
    return MonthlyCall.get(MonthlyCall.user == user, MonthlyCall.month == month)


def token(call, purpose):
    return call.address(purpose).split("/")[-2]


def asked():
    return Counter(mail.to for mail in Mail.select().where(Mail.name == "monthly_request"))


# ---- when ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seven_oclock", "month"),
    [
        (datetime(2026, 11, 1, 6), "2026-10"),  # winter time since a week
        (datetime(2026, 4, 1, 5), "2026-03"),  # summer time since three days
        (datetime(2027, 1, 1, 6), "2026-12"),
        (datetime(2028, 3, 1, 6), "2028-02"),
    ],
)
def test_the_month_before_is_asked_about_at_seven_on_the_first(seven_oclock, month):
    make.user()

    assert MonthlyCall.open_due(seven_oclock - timedelta(seconds=1)) == 0
    assert MonthlyCall.open_due(seven_oclock) == 1
    assert MonthlyCall.get().month == Mail.get().month == month


def test_a_clock_that_ticks_for_a_year_asks_each_melder_twelve_times():
    melder, other = make.user(), make.user()

    for minutes in range(0, 365 * 24 * 60, 97):
        MonthlyCall.open_due(datetime(2026, 1, 20) + minutes * MINUTE)

    assert asked() == {melder.email: 12, other.email: 12}
    assert len({(row.user_id, row.month) for row in MonthlyCall.select()}) == 24


@pytest.mark.parametrize(("late", "count"), [(timedelta(hours=1), 1), (timedelta(days=10), 1), (timedelta(days=15), 0)])
def test_a_month_is_caught_up_after_an_outage_unless_that_lasted_too_long(late, count):
    make.user()

    assert MonthlyCall.open_due(OPENED + late) == count
    assert MonthlyCall.open_due(OPENED + late + MINUTE) == 0


def test_two_schedulers_at_once_ask_once():
    melders = [make.user() for _ in range(5)]
    together, failed = threading.Barrier(3), []

    def work():
        with db.connection_context():
            together.wait(5)
            try:
                MonthlyCall.open_due(OPENED)
            except Exception as problem:
                failed.append(problem)

    db.close()
    workers = [threading.Thread(target=work) for _ in range(3)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]

    assert asked() == {melder.email: 1 for melder in melders}


# ---- who ----------------------------------------------------------------------------------------------------------


def test_only_active_melders_of_hospitals_that_take_part_are_asked():
    hospital = make.hospital()
    first, second = make.user(hospital=hospital), make.user(Role.MELDER, Role.INVOERDER, hospital=hospital)
    make.user(role=Role.INVOERDER, hospital=hospital), make.user(role=Role.LZA1_MELDER), make.coordinator()
    make.user(active=False)
    make.user(hospital=make.hospital(active=False))

    assert MonthlyCall.open_all("2026-10", now=OPENED) == 2
    assert asked() == {first.email: 1, second.email: 1}


def test_a_melder_who_came_later_is_asked_by_opening_the_month_again():
    early = make.user()
    MonthlyCall.open_all("2026-10", now=OPENED)
    late = make.user()

    assert MonthlyCall.open_all("2026-10", now=OPENED + clock.DAY) == 1
    assert MonthlyCall.open_all("2026-10", now=OPENED + clock.DAY) == 0
    assert asked() == {early.email: 1, late.email: 1}


def test_a_month_is_opened_hospital_by_hospital_and_goes_on_where_it_was_broken_off(monkeypatch):
    first, *others = [make.user() for _ in range(3)]
    opened = datetime(2026, 11, 1, 7)
    with monkeypatch.context() as patch:
        ask = MonthlyCall._ask
        patch.setattr(MonthlyCall, "_ask", lambda user, *about: ask(user, *about) if user == first else power_cut())
        with pytest.raises(KeyboardInterrupt):
            MonthlyCall.open_due(opened)
    assert asked() == {first.email: 1}
    assert [(line.hospital, line.detail) for line in AuditEvent.select()] == [(first.hospital, "1 melder")]

    assert MonthlyCall.open_due(opened + 5 * MINUTE) == 2
    assert MonthlyCall.open_due(opened + 10 * MINUTE) == 0
    assert asked() == {user.email: 1 for user in (first, *others)}
    assert AuditEvent.select().count() == 3


def power_cut():
    raise KeyboardInterrupt


def test_a_hospital_that_closed_before_the_mail_left_gets_none(tmp_path):
    hospital = make.hospital()
    call(make.user(hospital=hospital))
    hospital.active = False
    hospital.save()

    assert Mail.get().render(OPENED) is None


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "oktober", "", "2026-10-01"])
def test_what_is_no_month_is_not_asked_about(month):
    make.user()

    with pytest.raises(ValueError):
        MonthlyCall.open_all(month, now=OPENED)
    assert Mail.select().count() == 0


# ---- asking again -------------------------------------------------------------------------------------------------


def test_a_silent_hospital_is_reminded_at_most_once_a_day():
    made, coordinator = call(), make.coordinator()
    later = OPENED + 5 * clock.DAY

    assert MonthlyCall.remind(made.hospital, "2026-10", by=coordinator, now=later) == 1
    assert MonthlyCall.remind(made.hospital, "2026-10", by=coordinator, now=later + 60 * MINUTE) == 0
    assert MonthlyCall.remind(made.hospital, "2026-10", by=coordinator, now=later + clock.DAY) == 1


def test_a_hospital_that_answered_is_not_reminded():
    made = call()
    made.answer_zero(Proof.APPARAAT, now=OPENED + 60 * MINUTE)

    with pytest.raises(Refused, match="al geantwoord"):
        MonthlyCall.remind(made.hospital, "2026-10", by=make.coordinator(), now=OPENED + clock.DAY)


def test_a_hospital_whose_answer_is_provisional_is_reminded():
    made = call()
    made.answer_zero(Proof.SCRIPT, now=OPENED + 60 * MINUTE)

    assert MonthlyCall.remind(made.hospital, "2026-10", by=make.coordinator(), now=OPENED + clock.DAY) == 1


def test_a_reminder_is_not_sent_when_the_answer_came_first(tmp_path):
    made = call()
    MonthlyCall.remind(made.hospital, "2026-10", by=make.coordinator(), now=OPENED + clock.DAY)
    made.answer_zero(Proof.APPARAAT, now=OPENED + clock.DAY)

    assert Mail.get(Mail.name == "monthly_reminder").render(OPENED + clock.DAY) is None


# ---- the links ----------------------------------------------------------------------------------------------------


def test_a_link_does_only_what_it_was_made_for():
    made = call()

    assert MonthlyCall.by_token(token(made, "nee"), "nee") == made
    assert MonthlyCall.by_token(token(made, "ja"), "ja") == made
    assert MonthlyCall.by_token(token(made, "ja"), "nee") is None
    assert MonthlyCall.by_token(token(made, "nee"), "ja") is None


def test_a_changed_token_opens_nothing():
    right = token(call(), "nee")

    wrong = [right[:place] + ("0" if right[place] != "0" else "1") + right[place + 1 :] for place in range(len(right))]
    for attempt in [*wrong, right[:-1], right + "0", right.upper(), "", " ", "é\x00", "x" * 10_000]:
        assert MonthlyCall.by_token(attempt, "nee") is None


def test_the_database_does_not_hold_what_opens_a_link():
    made = call()

    kept = [str(value) for model in (CallLink, MonthlyCall, Mail) for row in model.select().dicts() for value in row.values()]
    assert not [value for value in kept for purpose in ("nee", "ja") if token(made, purpose) in value]


@pytest.mark.parametrize(
    ("month", "end"),
    [("2026-10", datetime(2027, 1, 1, 6)), ("2026-07", datetime(2026, 10, 1, 5)), ("2026-01", datetime(2026, 4, 1, 5))],
)
def test_a_link_is_good_until_the_mailing_after_the_next(month, end):
    made = call(month=month, now=clock.start_of(clock.first_of(clock.add_months(month, 1)), 7))

    made.answer_zero(Proof.KNOP, now=end - timedelta(seconds=1))
    with pytest.raises(Refused, match="verlopen"):
        made.answer_zero(Proof.KNOP, now=end)
    with pytest.raises(Refused, match="verlopen"):
        made.withdraw_zero(now=end)


def test_the_links_of_an_account_that_ended_do_nothing():
    made = call()
    made.user.deactivate()

    with pytest.raises(Refused, match="werkt niet meer"):
        MonthlyCall.get_by_id(made.id).answer_zero(Proof.APPARAAT, now=OPENED + 60 * MINUTE)


@pytest.mark.parametrize("how", ["moved", "role taken away"])
def test_the_links_of_who_no_longer_answers_for_the_hospital_do_nothing(how):
    asked = call()
    person = asked.user
    if how == "moved":
        person.place([Role.MELDER], make.hospital(), None)
    else:
        person.grant([Role.INVOERDER])
    asked = MonthlyCall.get_by_id(asked.id)

    with pytest.raises(Refused, match="werkt niet meer"):
        asked.answer_zero(Proof.KNOP, now=OPENED)
    with pytest.raises(Refused, match="geen melder met een link"):
        MonthlyCall.remind(asked.hospital_id, "2026-10", make.coordinator(), now=OPENED)
    assert MonthAnswer.select().count() == 0


def test_links_outlive_a_new_key_and_die_with_their_own(monkeypatch):
    def keys(*given):
        monkeypatch.setattr(monthly_request, "settings", replace(settings, secret_keys_given=given))

    keys("old")
    old = call()
    link = token(old, "nee")

    keys("new", "old")
    young = call(make.user())
    assert token(old, "nee") == link and MonthlyCall.by_token(link, "nee") == old
    new_link = token(young, "nee")

    keys("new")
    assert token(young, "nee") == new_link
    with pytest.raises(StopIteration):
        token(old, "nee")
    Mail.send_waiting(OPENED, Nowhere())
    assert {mail.user: mail.status for mail in Mail.select()} == {
        old.user: MailStatus.MISLUKT,
        young.user: MailStatus.VERZONDEN,
    }


class Nowhere:
    """A way out that takes everything."""

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        return None

    def deliver(self, message, to, hand_over):
        return None


# ---- what they register -------------------------------------------------------------------------------------------


def test_a_link_answers_for_the_hospital_and_month_of_its_mail():
    made = call()

    answer = made.answer_zero(Proof.APPARAAT, now=OPENED + 60 * MINUTE)

    assert (answer.hospital, answer.month, answer.by, answer.confirmed) == (made.hospital, "2026-10", made.user, True)
    assert [event.action for event in AuditEvent.select()] == ["month.open", "zero.report"]


def test_doubt_cancels_a_gesture_and_a_button_but_not_a_known_device():
    for proof, counts in {Proof.GEBAAR: False, Proof.KNOP: False, Proof.APPARAAT: True}.items():
        made = call()
        assert made.answer_zero(proof, "Verdacht.", now=OPENED + 60 * MINUTE).confirmed is counts


def test_a_gesture_confirms_what_stands_and_makes_nothing():
    made = call()
    assert made.confirm_zero(now=OPENED) is None

    made.answer_zero(Proof.SCRIPT, now=OPENED + 60 * MINUTE)
    assert made.confirm_zero(now=OPENED + 61 * MINUTE).counts
    made.withdraw_zero(now=OPENED + 62 * MINUTE)

    assert made.confirm_zero(now=OPENED + 63 * MINUTE) is None
    assert MonthAnswer.standing(made.hospital, "2026-10") is None


def test_going_back_and_forth_through_a_link_comes_to_an_end():
    made = call()

    with pytest.raises(Refused, match="Log in"):
        for _ in range(100):
            made.answer_zero(Proof.APPARAAT, now=OPENED + MINUTE)
            made.withdraw_zero(now=OPENED + MINUTE)
    assert Mail.select().where(Mail.name == "zero_receipt").count() < 30
    assert User.get_by_id(made.user_id).active
