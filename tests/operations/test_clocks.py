import io
import logging
import os
import socket
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest

import tasks
from models import clock
from models.access import Role
from models.audit import checkpoint
from models.audit.audit_event import AuditEvent
from models.base import db, on_postgresql
from models.cases.status import Status
from models.files import storage
from models.files.document import UNDO_DAYS, Document
from models.mail.outbox import Mail, MailStatus
from models.monthly.monthly_request import MonthlyCall
from models.operations.health import heartbeat
from models.operations.health.heartbeat import WORK
from models.review.reminder import Reminder
from settings import settings
from tests import make


@pytest.fixture
def at(monkeypatch):
    """at(2026, 11, 1, 6, 0): the clock stands at this moment (UTC)."""

    def stand(*moment):
        monkeypatch.setattr(clock, "now", lambda: datetime(*moment))

    return stand


def run(task):
    """What the consumer does with it."""
    task.call_local()
    return task


CLOCKS = {
    "make_asked_dossiers": (1440, "00:00"),
    "deliver_uploaded_messages": (1440, "00:00"),
    "derive_anew_after_a_change_of_a_rule": (1440, "00:00"),
    "count_what_changed": (1440, "00:00"),
    "forget_broken_uploads": (1, "02:45"),
    "send_waiting_mail": (1440, "00:00"),
    "read_what_came_back": (144, "00:00"),
    "ask_about_last_month": (288, "00:00"),
    "attach_complete_questionnaires": (1440, "00:00"),
    "remind_reporters": (96, "00:00"),
    "scan_waiting_files": (1440, "00:00"),
    "look_at_new_files": (1440, "00:00"),
    "tidy_documents": (1, "02:30"),
    "destroy_what_has_had_its_term": (60, "05:00"),
    "read_the_trail": (1, "03:40"),
    "note_how_far_the_trail_has_come": (24, "00:05"),
    "reckon_what_could_not_be_opened": (1, "02:50"),
    "forget_failed_attempts": (1, "03:00"),
    "count_anew": (1, "03:30"),
    "rehearse_restoring": (1, "04:10"),
    "tell_the_watchdog": (1440, "00:00"),
    "ship_the_trail": (1440, "00:00"),
    "tell_what_stands_out": (96, "00:00"),
    "end_upload_links": (144, "00:00"),
    "let_changes_take_effect": (144, "00:00"),
    "end_and_suspend_accounts": (144, "00:00"),
}


def test_every_clock_is_on_the_schedule():
    """By what they do in a day: how often, and when for the first time (UTC). A clock that is taken away is missed here."""
    midnight = datetime(2026, 11, 4)
    minutes = [midnight + timedelta(minutes=minute) for minute in range(24 * 60)]
    found = {}
    for task in tasks.huey._registry.periodic_tasks:
        times = [moment for moment in minutes if task.validate_datetime(moment)]
        found[task.name.removeprefix("queuecmd_")] = (len(times), f"{times[0]:%H:%M}")
    assert found == CLOCKS
    assert set(WORK) == set(CLOCKS), "each has words for who reads 'Toestand'"


def test_the_request_goes_out_at_seven_by_the_dutch_clock_and_once(at):
    make.user()

    at(2026, 11, 1, 5, 59)
    run(tasks.monthly.ask_about_last_month)
    assert MonthlyCall.select().count() == 0

    at(2026, 11, 1, 6, 0)
    run(tasks.monthly.ask_about_last_month)
    run(tasks.monthly.ask_about_last_month)
    assert [call.month for call in MonthlyCall.select()] == ["2026-10"]


def test_reminders_wait_for_the_morning_and_come_once_a_day(at):
    make.case(status=Status.ONVOLLEDIG, at=datetime(2026, 1, 5, 12))

    at(2026, 2, 2, 5, 45)
    run(tasks.reminders.remind_reporters)
    assert Reminder.select().count() == 0

    for minute in (0, 15, 30):
        at(2026, 2, 2, 6, minute)
        run(tasks.reminders.remind_reporters)
    assert [row.weeks for row in Reminder.select()] == [4]
    assert Mail.select().where(Mail.name == "reminder").count() == 1


def test_a_morning_that_was_missed_is_made_good_later_that_day(at):
    make.case(status=Status.ONVOLLEDIG, at=datetime(2026, 1, 5, 12))

    at(2026, 2, 2, 21, 0)
    run(tasks.reminders.remind_reporters)

    assert Reminder.select().count() == 1


def test_waiting_mail_leaves_with_the_next_minute(at):
    make.case(status=Status.ONVOLLEDIG)

    run(tasks.mail.send_waiting_mail)

    assert {mail.status for mail in Mail.select()} == {MailStatus.VERZONDEN}
    assert list((settings.data_dir / "mail").glob("*.eml"))


def test_the_night_lets_the_database_choose_its_indexes_anew():
    make.document(make.case())
    run(tasks.upkeep.count_anew)
    if on_postgresql():
        counted = "SELECT relname FROM pg_stat_user_tables WHERE analyze_count > 0"
    else:
        counted = "SELECT tbl FROM sqlite_stat1"
    assert {"case", "document"} <= {table for (table,) in db.execute_sql(counted).fetchall()}


def test_a_clock_that_fails_says_so_and_goes_on(monkeypatch, caplog):
    def broken(*arguments):
        raise OSError("the disk is gone")

    monkeypatch.setattr(Mail, "send_waiting", broken)
    with caplog.at_level(logging.ERROR):
        run(tasks.mail.send_waiting_mail)

    assert "send_waiting_mail failed" in caplog.text and "the disk is gone" in caplog.text
    assert db.is_closed()


@pytest.mark.parametrize("broken", [False, True])
def test_each_clock_tells_systemd_that_the_worker_still_works(tmp_path, monkeypatch, broken):
    def work(*arguments):
        if broken:
            raise OSError("the disk is gone")

    monkeypatch.setattr(Mail, "send_waiting", work)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(5)
        monkeypatch.setattr(heartbeat, "settings", SimpleNamespace(notify_socket=str(tmp_path / "notify")))
        run(tasks.mail.send_waiting_mail)
        assert heard.recv(100) == b"WATCHDOG=1"
    run(tasks.mail.send_waiting_mail)  # nobody hears it any more, which stops nothing


def test_the_night_destroys_what_was_removed_long_ago(at):
    case = make.case()
    gone, kept = make.document(case), make.document(case, name="blijft.pdf")
    gone.remove(case.reporter)

    at(*(clock.now() + timedelta(days=UNDO_DAYS + 1)).timetuple()[:6])
    run(tasks.upkeep.destroy_what_has_had_its_term)

    assert not storage.exists(gone.blob) and Document.get_by_id(gone.id).purged_at
    assert storage.exists(kept.blob)


def test_the_night_clears_half_files_that_a_crash_left_but_no_running_upload():
    old, young = (storage.save(io.BytesIO(b"half"), 100).key for _ in range(2))
    folder = settings.documents_dir
    for key in (old, young):
        path = folder / key[:2] / key
        path.rename(path.with_suffix(".half"))
    left = folder / old[:2] / f"{old}.half"
    os.utime(left, (0, 0))

    run(tasks.upkeep.tidy_documents)

    assert not left.exists()
    assert (folder / young[:2] / f"{young}.half").exists()


def test_the_night_tells_of_bytes_that_are_gone(caplog):
    document = make.document(make.case())
    storage.delete(document.blob)

    with caplog.at_level(logging.ERROR):
        run(tasks.upkeep.tidy_documents)

    assert f"de inhoud van bestand {document.id} is er niet meer" in caplog.text


def test_the_night_tells_the_beheerder_once_of_a_trail_that_was_changed():
    make.user(role=Role.BEHEERDER)
    checkpoint.path().unlink(missing_ok=True)
    AuditEvent.log("month.open")
    run(tasks.upkeep.read_the_trail)
    assert not Mail.select().exists()

    line = AuditEvent.select().dicts().get()
    del line["id"]
    AuditEvent.insert(line | {"hash": "x"}).execute()
    for _ in range(2):
        run(tasks.upkeep.read_the_trail)
    assert [mail.name for mail in Mail.select()] == ["alarm"]


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_night_in_which_the_clock_changes_asks_nobody_twice(at, night):
    make.case(status=Status.ONVOLLEDIG, at=clock.start_of(night - timedelta(days=28), 23))

    moment = clock.start_of(night)
    while clock.today(moment) == night:
        at(*moment.timetuple()[:6])
        run(tasks.reminders.remind_reporters)
        moment += timedelta(minutes=15)

    assert Mail.select().where(Mail.name == "reminder").count() == 1
