"""F-14, F-15: the clock of the machine jumps, and the nights and ends of months in which the wall clock does.

What comes late or twice by the clock alone: tasks/test_clocks.py, models/test_monthly.py, models/test_reminder.py.
"""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from models import clock
from models.accounts.known_device import KnownDevice
from models.accounts.rate_limit import FailedAttempt
from models.accounts.session import ABSOLUTE, IDLE, LogIn
from models.base import Refused
from models.cases.status import Status
from models.files.privacy import inspection
from models.mail.outbox import Mail
from models.mail.smtp import FolderPost
from models.monthly.month_answer import Proof
from models.monthly.monthly_request import MonthlyCall
from models.review.reminder import Reminder
from tests import make
from tests.faults.invariants import broken

pytestmark = pytest.mark.db_dialect


@pytest.fixture(autouse=True)
def not_looked_at_yet(monkeypatch):
    monkeypatch.setattr(make, "LOOKED", False)


NOON = datetime(2026, 11, 2, 11)
HOUR = timedelta(hours=1)
JUMPS = [2 * HOUR, -2 * HOUR, 40 * clock.DAY, -clock.DAY, -40 * clock.DAY]


@pytest.fixture
def at(monkeypatch):
    """at(moment): what the machine believes the time to be."""
    return lambda moment: monkeypatch.setattr(clock, "now", lambda: moment)


def round_of_the_worker(folder):
    """What the clocks do, each as often as it likes."""
    MonthlyCall.open_due()
    Reminder.send_due(clock.today())
    inspection.look_waiting()
    return Mail.send_waiting(post=FolderPost(folder))


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_clock_that_jumps_in_mid_batch_and_back_sends_nothing_twice(at, tmp_path, jump):
    at(NOON)
    melder = make.user()
    make.case(status=Status.ONVOLLEDIG, by=melder, at=NOON - 28 * clock.DAY)
    MonthlyCall.open_due()
    for moment in (NOON, NOON + jump, NOON, NOON + clock.MINUTE, NOON + jump, NOON + clock.DAY):
        at(moment)
        round_of_the_worker(tmp_path)

    requests = Mail.select().where(Mail.name == "monthly_request")
    told = Counter((mail.user_id, mail.month) for mail in requests)
    assert set(told.values()) == {1}
    assert len(list(tmp_path.glob("*.eml"))) == Mail.select().count()
    assert broken() == []


def test_no_session_lives_longer_because_the_clock_was_wrong_for_a_while():
    user = make.user()
    ahead = NOON + 40 * clock.DAY
    key, before = LogIn.start(user, "", "", now=ahead), LogIn.start(user, "", "", now=NOON)
    LogIn.alive(before, user, now=NOON).note_use(now=ahead)

    # Back in time: what began in the future does not count, and what was used there is not kept for forty days.
    assert LogIn.alive(key, user, now=NOON) is None
    assert LogIn.alive(before, user, now=NOON + ABSOLUTE) is None
    assert LogIn.alive(before, user, now=NOON + 2 * IDLE) is None


@pytest.mark.parametrize("minutes", [-20, -1, 1, 20])
def test_a_small_correction_of_the_clock_logs_nobody_out(minutes):
    user = make.user()
    key = LogIn.start(user, "", "", now=NOON)

    assert LogIn.alive(key, user, now=NOON + minutes * clock.MINUTE)


def test_a_device_is_not_trusted_for_longer_because_the_clock_was_wrong_for_a_while():
    user = make.user()
    token = KnownDevice.remember(user)
    KnownDevice.trust(token, user, now=NOON + 40 * clock.DAY)

    assert not KnownDevice.trusts(token, user, now=NOON)


def test_wrong_passwords_of_the_future_lock_nobody_out_today():
    for _ in range(20):
        FailedAttempt.note("anna@example.com", "10.0.0.1", now=NOON + 40 * clock.DAY)

    assert not FailedAttempt.wait("anna@example.com", "10.0.0.1", now=NOON)


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_link_works_in_its_own_time_whatever_the_clock_did_in_between(at, jump):
    at(NOON)
    make.user()
    MonthlyCall.open_due()
    call = MonthlyCall.get()
    at(NOON + jump)
    call.addresses()
    at(NOON + clock.DAY)

    assert call.answer_zero(Proof.KNOP).counts
    with pytest.raises(Refused, match="verlopen"):
        call.answer_zero(Proof.KNOP, now=call.expires_at)


# ---- the wall clock -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("waits_since", "due"),
    [
        (datetime(2026, 3, 1, 22, 30), date(2026, 3, 29)),  # the night with 23 hours
        (datetime(2026, 9, 27, 22, 30), date(2026, 10, 26)),  # past midnight in summer, so a day later
        (datetime(2026, 12, 3, 12), date(2026, 12, 31)),
        (datetime(2028, 2, 1, 12), date(2028, 2, 29)),
        (datetime(2027, 12, 4, 23, 30), date(2028, 1, 2)),
    ],
)
def test_four_weeks_end_on_the_same_weekday_whatever_the_clock_does(at, waits_since, due):
    at(waits_since)
    make.case(at=waits_since)

    assert Reminder.send_due(due - clock.DAY, clock.start_of(due, 7) - clock.DAY) == 0
    assert Reminder.send_due(due, clock.start_of(due, 7)) == 1
    assert (due - clock.local_date(waits_since)).days == 28


@pytest.mark.parametrize("first", [date(2026, 4, 1), date(2026, 11, 1), date(2027, 1, 1), date(2028, 3, 1)], ids=str)
def test_the_request_leaves_at_seven_by_the_wall_clock_and_once(at, first):
    make.user()
    moment, asked = clock.start_of(first) - 2 * HOUR, []
    while clock.today(moment) <= first:
        at(moment)
        if MonthlyCall.open_due():
            asked.append(f"{clock.local(moment):%d %H:%M}")
        moment += 5 * clock.MINUTE

    assert asked == ["01 07:00"] and MonthlyCall.get().month == clock.previous_month(first)
