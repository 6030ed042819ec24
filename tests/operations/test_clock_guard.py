"""F-14: what is sent by the clock waits while the clock cannot be right."""

from datetime import datetime

import pytest

import tasks
from commands import main
from models import clock
from models.audit.audit_event import AuditEvent
from models.mail.outbox import Mail, MailStatus
from models.monthly.monthly_request import MonthlyCall
from models.operations import clock_guard
from settings import VERSION
from tests import make

HOUR = 3600


@pytest.fixture(autouse=True)
def no_memory():
    clock_guard.path().unlink(missing_ok=True)
    yield
    clock_guard.path().unlink(missing_ok=True)


@pytest.fixture
def wall(monkeypatch):
    """wall(seconds): the wall clock jumped this far ahead of the clock that counts on."""
    true = clock_guard._distance
    return lambda seconds: monkeypatch.setattr(clock_guard, "_distance", lambda: true() + seconds)


def waiting():
    """What the worker does in a minute, and how many mails still wait after it."""
    tasks.mail.send_waiting_mail.call_local()
    return Mail.select().where(Mail.status == MailStatus.WACHT).count()


def command(word, capsys):
    with pytest.raises(SystemExit) as end:
        main([word])
    return end.value.code, capsys.readouterr().out


@pytest.mark.parametrize(("seconds", "waits"), [(0, 0), (500, 0), (700, 1), (40 * 24 * HOUR, 1)])
def test_after_a_leap_of_more_than_ten_minutes_mail_waits_until_the_clock_is_back(wall, seconds, waits):
    assert waiting() == 0
    make.user()
    MonthlyCall.open_all(clock.previous_month(clock.today()))

    wall(seconds)
    assert waiting() == waits

    wall(0)
    assert waiting() == 0


def test_requests_and_reminders_wait_too(wall, monkeypatch):
    make.user()
    clock_guard.holds()
    wall(HOUR)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 1, 9))

    tasks.monthly.ask_about_last_month.call_local()
    tasks.reminders.remind_reporters.call_local()
    assert MonthlyCall.select().count() == 0

    wall(0)
    tasks.monthly.ask_about_last_month.call_local()
    assert MonthlyCall.select().count() == 1


def test_a_clock_behind_the_trail_is_doubted_until_the_trail_is_passed(monkeypatch):
    make.case()
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now - clock.DAY)
    assert "vóór de nieuwste regel" in clock_guard.doubt() and clock_guard.holds()

    monkeypatch.setattr(clock, "now", lambda: now)
    assert not clock_guard.holds()


@pytest.mark.parametrize("way", ["ahead", "behind"])
def test_it_is_told_everywhere_until_an_operator_says_that_the_clock_is_right(way, wall, monkeypatch, client, caplog, capsys):
    make.case()
    now = clock.now()
    assert not clock_guard.holds() and "clock" not in client.get("/readyz").json
    wall(HOUR) if way == "ahead" else monkeypatch.setattr(clock, "now", lambda: now - clock.DAY)

    assert clock_guard.holds() and "clock-right" in caplog.text
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"database": "ok", "version": VERSION, "clock": "doubtful"})
    assert "klok: die" in command("verify", capsys)[1]

    assert command("clock-right", capsys)[0] in (0, None)
    assert not clock_guard.holds() and "clock" not in client.get("/readyz").json


def test_a_new_start_of_the_machine_begins_anew_but_keeps_what_was_accepted(wall, monkeypatch):
    make.case()
    clock_guard.trust()
    wall(HOUR)
    monkeypatch.setattr(clock_guard, "_boot", lambda: "another")

    assert not clock_guard.holds()
    assert clock_guard.path().read_text().split()[0] == "another"


def test_what_one_machine_accepts_of_the_trail_all_machines_accept(monkeypatch):
    make.case()
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now - clock.DAY)
    assert clock_guard.doubt()
    clock_guard.trust()
    clock_guard.path().unlink()  # another machine has its own

    assert not clock_guard.holds() and list(AuditEvent.broken_links()) == []


@pytest.mark.parametrize("text", ["", "x", "a b c", "een twee"])
def test_a_broken_memory_of_the_clock_holds_nothing_up(text):
    clock_guard.path().write_text(text)

    assert not clock_guard.holds()


def test_processes_of_one_start_know_each_others_clock():
    assert clock_guard._boot() == clock_guard._boot()
