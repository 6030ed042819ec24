"""Slowing guessing down."""

from datetime import datetime, timedelta

from models.accounts.rate_limit import FailedAttempt

NOON = datetime(2026, 3, 1, 12)
NONE = timedelta(0)


def _fail(times, account="iemand@example.com", address="10.0.0.1", at=NOON):
    for _ in range(times):
        FailedAttempt.note(account, address, at)


def test_four_slips_cost_nothing():
    _fail(4)

    assert FailedAttempt.wait("iemand@example.com", "10.0.0.1", now=NOON) == NONE


def test_from_the_fifth_the_account_waits_and_ever_longer():
    waits = []
    for _ in range(15):
        _fail(1)
        waits.append(FailedAttempt.wait("iemand@example.com", "10.0.0.9", now=NOON).seconds // 60)

    assert waits == [0] * 4 + [1] * 5 + [5] * 5 + [15]


def test_the_wait_ends():
    _fail(5)

    assert FailedAttempt.wait("iemand@example.com", "10.0.0.1", now=NOON + timedelta(seconds=60)) == NONE


def test_others_are_not_held_up():
    _fail(30)

    assert FailedAttempt.wait("ander@example.com", "10.0.0.1", now=NOON) == NONE


def test_writing_the_address_differently_does_not_help():
    _fail(5)

    assert FailedAttempt.wait(" IEMAND@example.com", "10.0.0.2", now=NOON) > NONE


def test_many_accounts_from_one_address_make_the_address_wait():
    for number in range(60):
        _fail(1, account=f"gok{number}@example.com")

    assert FailedAttempt.wait("nieuw@example.com", "10.0.0.1", now=NOON) == timedelta(minutes=1)
    assert FailedAttempt.wait("nieuw@example.com", "10.0.0.2", now=NOON) == NONE


def test_who_has_a_network_of_addresses_counts_as_one():
    for number in range(60):
        _fail(1, account=f"gok{number}@example.com", address=f"2001:db8:1:2::{number:x}")

    assert FailedAttempt.wait("nieuw@example.com", "2001:db8:1:2:ffff::1", now=NOON) == timedelta(minutes=1)
    assert FailedAttempt.wait("nieuw@example.com", "2001:db8:1:3::1", now=NOON) == NONE


def test_an_address_in_either_way_of_writing_is_one():
    for number in range(60):
        _fail(1, account=f"gok{number}@example.com", address="::ffff:10.0.0.7")

    assert FailedAttempt.wait("nieuw@example.com", "10.0.0.7", now=NOON) == timedelta(minutes=1)
    assert FailedAttempt.wait("nieuw@example.com", "10.0.0.8", now=NOON) == NONE


def test_the_right_password_starts_the_count_anew():
    _fail(5)
    FailedAttempt.forgive("Iemand@example.com")

    assert FailedAttempt.wait("iemand@example.com", "10.0.0.1", now=NOON) == NONE


def test_a_clock_that_goes_back_an_hour_locks_nobody_out():
    _fail(5, at=NOON + timedelta(hours=1))

    assert FailedAttempt.wait("iemand@example.com", "10.0.0.1", now=NOON) == NONE


def test_old_failures_are_forgotten_for_good():
    _fail(3)
    FailedAttempt.forget_old(now=NOON + timedelta(days=2))

    assert FailedAttempt.select().count() == 0
