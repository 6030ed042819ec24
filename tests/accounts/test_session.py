"""Sessions that can be ended."""

from datetime import datetime, timedelta

from models.accounts.session import MOST, LogIn
from tests import make

NOON = datetime(2026, 3, 1, 12)


def _start(user, at=NOON):
    return LogIn.start(user, "10.0.0.1", "Mozilla", now=at)


def test_a_session_lives_while_it_is_used():
    user = make.user()
    key = _start(user)
    for minutes in (20, 40, 60):
        alive = LogIn.alive(key, user, now=NOON + timedelta(minutes=minutes))
        alive.note_use(now=NOON + timedelta(minutes=minutes))

    assert LogIn.alive(key, user, now=NOON + timedelta(minutes=89))
    assert LogIn.alive(key, user, now=NOON + timedelta(minutes=90)) is None


def test_after_twelve_hours_it_ends_however_busy():
    user = make.user()
    key = _start(user)
    LogIn.update(seen_at=NOON + timedelta(hours=12)).execute()

    assert LogIn.alive(key, user, now=NOON + timedelta(hours=11, minutes=59))
    assert LogIn.alive(key, user, now=NOON + timedelta(hours=12)) is None


def test_an_ended_session_is_dead_at_once_and_cannot_be_used_again():
    user = make.user()
    key = _start(user)
    LogIn.alive(key, user, now=NOON).end(now=NOON)

    assert LogIn.alive(key, user, now=NOON) is None


def test_the_key_of_somebody_else_opens_nothing():
    key = _start(make.user())

    assert LogIn.alive(key, make.user(), now=NOON) is None


def test_ending_the_others_keeps_this_one():
    user = make.user()
    keys = [_start(user) for _ in range(3)]
    here = LogIn.alive(keys[0], user, now=NOON)

    assert LogIn.end_all(user, but=here, now=NOON) == 2
    assert LogIn.alive(keys[0], user, now=NOON)
    assert LogIn.alive(keys[1], user, now=NOON) is None


def test_the_database_does_not_hold_the_key():
    key = _start(make.user())

    assert key not in LogIn.get().key_hash


def test_one_browser_more_than_five_ends_the_oldest():
    user, other = make.user(), make.user()
    elsewhere = _start(other)
    keys = [_start(user, NOON + timedelta(minutes=number)) for number in range(MOST + 2)]
    now = NOON + timedelta(minutes=MOST + 2)
    assert [LogIn.alive(key, user, now=now) is not None for key in keys] == [False] * 2 + [True] * MOST
    assert LogIn.alive(elsewhere, other, now=now)


def test_the_browser_in_use_outlives_those_that_fell_silent():
    user = make.user()
    desktop = _start(user, NOON)
    for number in range(1, MOST + 2):
        now = NOON + timedelta(hours=number)
        LogIn.get_by_id(1).note_use(now)
        _start(user, now)
    LogIn.get_by_id(1).note_use(now)
    assert LogIn.get_by_id(1).ended_at is None and LogIn.alive(desktop, user, now=now)
