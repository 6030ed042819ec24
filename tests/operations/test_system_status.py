"""The state of the installation: heartbeats, what waits, and who is told: a person, a monitor, a watchdog (R-6)."""

import http.server
import logging
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

import tasks
from admin_views.web import health
from models import clock, outgoing
from models.access import Role
from models.base import Refused
from models.files.document import Document
from models.files.file_state import FileState
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail, MailStatus
from models.mail.outgoing_hold import OutgoingHold
from models.mail.sending_hold import SendingHold
from models.monthly.monthly_request import MonthlyCall
from models.operations import clock_guard, siem
from models.operations.backup_run import BackupRun
from models.operations.health import system_status, watchdog
from models.operations.health.heartbeat import Heartbeat, Look
from models.operations.health.integrity_run import IntegrityRun
from models.operations.health.system_status import readings
from settings import SettingsError, read
from tasks import queue
from tests import make
from tests.certificates import REFUSED, Authority
from tests.lnr.messages import supplier

KEY = "een-sleutel-van-meer-dan-32-letters"
HERE = system_status.settings


@pytest.fixture
def installed(monkeypatch):
    """installed(status_key=…): the settings of this installation, but for these."""

    def change(**fields):
        for module in (system_status, watchdog, outgoing, health):
            monkeypatch.setattr(module, "settings", replace(HERE, **fields))

    return change


@pytest.fixture
def working():
    """A worker that lives, so that nothing is wrong."""
    Heartbeat.alive("machine")


def look(metric, now=None, **labels):
    return next(one for one in readings(now) if one.metric == metric and labels.items() <= dict(one.labels).items())


def test_a_clock_that_did_its_work_beats_and_one_that_failed_says_so(monkeypatch):
    tasks.mail.send_waiting_mail.call_local()
    beat = Heartbeat.get(Heartbeat.name == "send_waiting_mail")
    assert beat.at and timedelta(0) < beat.due_at - clock.now() <= clock.MINUTE and not beat.went_wrong
    assert [one.name for one in Heartbeat.workers()] == [queue.worker_name()]

    def fails():
        raise Refused("niets")

    monkeypatch.setattr(Mail, "send_waiting", fails)
    tasks.mail.send_waiting_mail.call_local()
    reading = look("clock_age_seconds", clock="send_waiting_mail")
    assert reading.look == Look.BAD and "ging mis" in reading.said


def test_a_clock_that_stands_still_is_late_after_its_grace_and_a_nightly_one_is_not_by_day():
    now = clock.now()
    Heartbeat.beat("elke_minuut", now + clock.MINUTE, now)
    Heartbeat.beat("nachtwerk", now + clock.DAY, now)
    later = now + timedelta(minutes=12)
    assert look("clock_age_seconds", later, clock="elke_minuut").look == Look.BAD
    assert look("clock_age_seconds", later, clock="nachtwerk").look == Look.GOOD


def test_a_worker_that_starts_expects_every_clock_and_forgets_what_is_no_longer_there():
    now = clock.now()
    Heartbeat.beat("van_vroeger", now)
    Heartbeat.beat("elke_minuut", now - clock.DAY)
    Heartbeat.beat("nachtwerk", now - clock.DAY)
    Heartbeat.expect({"elke_minuut": now + clock.MINUTE, "nachtwerk": now + timedelta(hours=9), "nieuw": now}, now)

    late = {one.name: one.is_late(now) for one in Heartbeat.clocks()}
    # What comes each minute stays late until it ran: a worker that starts again and again hides nothing.
    assert late == {"elke_minuut": True, "nachtwerk": False, "nieuw": False}


def test_when_each_clock_comes_by_next_is_reckoned_from_its_times():
    for times in queue.CLOCKS.values():
        assert clock.now() < queue._next(times) < clock.now() + timedelta(days=1, minutes=1)
    assert len(queue.CLOCKS) > 15


def test_without_a_worker_it_is_an_alarm_and_one_that_was_asked_to_stop_is_forgotten(working):
    assert look("workers").look == Look.GOOD
    later = clock.now() + timedelta(minutes=13)
    assert look("workers", later).look == Look.BAD and "machine" in look("workers", later).said
    Heartbeat.alive("andere", later)
    assert look("workers", later).look == Look.LOOK
    Heartbeat.stopped("machine")
    assert look("workers", later).look == Look.GOOD


def test_two_workers_on_one_machine_are_two_and_who_comes_in_the_place_of_one_that_died_is_not_that_one():
    died = subprocess.Popen([sys.executable, "-c", ""])
    died.wait()
    beside, elsewhere = f"{queue.HOST}/{os.getppid()}", f"andere-machine/{died.pid}"
    for name in (beside, elsewhere, f"{queue.HOST}/{died.pid}"):
        Heartbeat.alive(name)

    queue._say_hello()

    assert {one.name for one in Heartbeat.workers()} == {queue.worker_name(), beside, elsewhere}
    Heartbeat.stopped(queue.worker_name())
    assert look("workers").value == 2


def test_mail_and_files_that_wait_too_long_are_an_alarm_and_decisions_of_people_are_not(installed):
    installed(clamd_url="unix:/clamd")
    person, now = make.user(), clock.now()
    Mail.queue("account", person, now=now)
    Mail.update(not_before=now + clock.DAY).execute()  # refused for now: it is not its turn
    assert look("mail_oldest_due_seconds").look == Look.GOOD
    Mail.update(not_before=now - timedelta(hours=1)).execute()
    assert look("mail_oldest_due_seconds").look == Look.BAD
    Mail.update(status=MailStatus.MISLUKT).execute()
    assert (look("mail_undecided", status="mislukt").value, look("mail_undecided", status="mislukt").look) == (1, Look.LOOK)

    document = make.document(make.case())
    Document.update(state=FileState.WACHT, added_at=now - timedelta(hours=2)).where(Document.id == document.id).execute()
    assert look("scan_oldest_seconds").look == Look.BAD and 7000 < look("scan_oldest_seconds").value < 7500


def test_requests_that_do_not_leave_are_an_alarm_on_the_second_day_and_one_address_is_not():
    month, asked = clock.previous_month(clock.today()), MailSchedule.current().request_due(clock.previous_month(clock.today()))
    second, late = asked + timedelta(hours=25), asked + timedelta(days=15)
    assert look("requests_unsent", second).look == Look.BAD and "nog niemand gevraagd" in look("requests_unsent", second).said
    assert look("requests_unsent", late).look == Look.LOOK  # a new installation, or a month that nobody can still ask about

    melders = [make.user() for _ in range(5)]
    MonthlyCall.open_all(month, asked)
    mine = Mail.name == "monthly_request"
    assert look("requests_unsent", asked + timedelta(hours=2)).look == Look.LOOK
    assert (look("requests_unsent", second).value, look("requests_unsent", second).look) == (5, Look.BAD)
    assert "0 van 5" in look("requests_unsent", second).said and look("requests_unsent", late).look == Look.LOOK

    Mail.update(status=MailStatus.VERZONDEN).where(mine).execute()
    assert look("requests_unsent", second).look == Look.GOOD
    Mail.update(status=MailStatus.MISLUKT).where(mine, Mail.user == melders[0]).execute()
    assert look("requests_unsent", second).look == Look.LOOK
    Mail.update(bounced_at=second).where(mine, Mail.user == melders[1]).execute()
    assert look("requests_unsent", second).look == Look.BAD
    Mail.update(status=MailStatus.VERVALLEN).where(mine, Mail.user == melders[0]).execute()  # a person decided
    SendingHold.pause(melders[1].hospital, make.coordinator(), clock.today(late), "Fusie", second)
    assert look("requests_unsent", second).look == Look.GOOD


def test_backup_rehearsal_and_check_are_told_with_their_age():
    assert look("backup_age_seconds").value is None and look("verify_age_seconds").look == Look.LOOK
    now = clock.now()
    run = BackupRun.create(made_at=now, folder="/kopie")
    assert look("backup_age_seconds").look == Look.GOOD
    assert look("backup_age_seconds", now + timedelta(days=3)).look == Look.LOOK
    assert look("backup_age_seconds", now + timedelta(days=9)).look == Look.BAD
    BackupRun.update(rehearsed_at=now, findings="de database is beschadigd").where(BackupRun.id == run.id).execute()
    assert look("rehearsal_age_seconds").look == Look.BAD
    IntegrityRun.note(deep=True, problems=0)
    assert look("verify_age_seconds").look == Look.GOOD
    IntegrityRun.note(deep=False, problems=2)
    assert "2 problemen" in look("verify_age_seconds").said and look("verify_age_seconds").look == Look.BAD


def test_when_a_supplier_delivered_last_is_told_and_is_never_an_alarm():
    made = supplier()
    reading = look("intake_age_seconds", supplier=made.name)
    assert (reading.said, reading.value, reading.look) == ("nog niets", None, Look.GOOD)


def test_the_status_is_given_to_who_has_the_key_only(client, installed, working):
    assert client.get("/status").status_code == 404
    installed(status_key=KEY)
    for headers in ({}, {"Authorization": "Bearer fout"}, {"Authorization": f"Basic {KEY}"}):
        assert client.get("/status", headers=headers).status_code == 401
    answer = client.get("/status", headers={"Authorization": f"Bearer {KEY}"})
    assert answer.json["well"] is True and any(one["metric"] == "disk_free_bytes" for one in answer.json["readings"])
    with pytest.raises(SettingsError, match="STATUS_KEY"):
        read({"STATUS_KEY": "kort"})


def test_prometheus_reads_the_same_as_text(client, installed, working):
    installed(status_key=KEY)
    supplier(name='Een "naam"\\')
    asked = {
        "Authorization": f"Bearer {KEY}",
        "Accept": "text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
    }
    answer = client.get("/status", headers=asked)
    lines = answer.text.splitlines()
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    assert "meldportaal_workers 1" in lines and 'meldportaal_alarm{reading="workers"} 0' in lines
    assert r'meldportaal_alarm{reading="intake_age_seconds",supplier="Een \"naam\"\\"} 0' in lines
    assert len([line for line in lines if line.startswith("# TYPE")]) == len(
        {line for line in lines if line.startswith("# TYPE")}
    )


def test_a_beheerder_reads_it_in_words_what_is_wrong_first(client, login, working, monkeypatch):
    login(client, make.user(role=Role.BEHEERDER))
    page = client.get("/beheer/toestand/").text
    assert "hier moet iemand naar kijken" in page and "Reservekopie: nog geen gemaakt" in page
    monkeypatch.setattr(clock_guard, "doubt", lambda: "klok: die staat op gisteren")
    page = client.get("/beheer/toestand/").text
    assert "Dit gaat niet goed" in page and "Klok van de machine: klok: die staat op gisteren" in page


def test_what_waits_for_a_person_is_not_called_fine(client, login, working, monkeypatch):
    login(client, make.user(role=Role.BEHEERDER))
    Mail.queue("account", make.user(), now=clock.now())
    Mail.update(status=MailStatus.MISLUKT).execute()
    page = client.get("/beheer/toestand/").text
    assert "hier moet iemand naar kijken" in page and "<li>Mail: mislukt: 1;" in page
    assert "Alles gaat zoals het hoort" not in page and "Dit gaat niet goed" not in page

    fine = [one for one in system_status.readings() if one.look == Look.GOOD]
    monkeypatch.setattr(system_status, "readings", lambda: fine)
    assert "Alles gaat zoals het hoort" in client.get("/beheer/toestand/").text


@contextmanager
def dog(context=None, status=200):
    """A watchdog, and what it heard."""
    heard = []

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *said):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{'https' if context else 'http'}://localhost:{server.server_port}/geheim?x=1", heard
    finally:
        server.shutdown()
        server.server_close()


def test_the_watchdog_is_told_while_all_is_well_and_not_otherwise(installed, working, tmp_path, monkeypatch, caplog):
    authority = Authority(tmp_path)
    with dog(authority.serving()) as (url, heard):
        installed(watchdog_url=url, trusted_ca=authority.file)
        assert watchdog.push() and heard == ["/geheim?x=1"]
        monkeypatch.setattr(clock_guard, "doubt", lambda: "klok: die staat op gisteren")
        assert not watchdog.push() and len(heard) == 1
    assert "die staat op gisteren" in caplog.text


@pytest.mark.parametrize("kind", REFUSED)
def test_a_watchdog_that_cannot_be_verified_hears_nothing_and_its_path_is_no_log(installed, working, tmp_path, kind, caplog):
    caplog.set_level(logging.ERROR)
    authority = Authority(tmp_path)
    with dog(authority.serving(kind)) as (url, heard):
        installed(watchdog_url=url, trusted_ca=authority.file)
        assert not watchdog.push() and heard == []
    assert "localhost was not reached" in caplog.text and "geheim" not in caplog.text


def test_a_watchdog_elsewhere_over_a_clear_line_is_named_at_the_start(installed):
    installed(watchdog_url="http://waakhond.example.nl/x")
    assert any("WATCHDOG_URL" in line for line in outgoing.clear())


def test_a_trail_that_waits_for_the_release_after_a_restore_is_no_alarm(installed, monkeypatch):
    url = "syslog+tls://siem.example.com:6514"
    installed(siem_url=url)
    monkeypatch.setattr(siem, "settings", system_status.settings)
    make.case()
    later = clock.now() + timedelta(hours=2)
    assert look("siem_lag_seconds", later).look is Look.BAD

    OutgoingHold.create(copied_at=clock.now(), restored_at=clock.now())
    told = look("siem_lag_seconds", later)
    assert (told.look, told.said) == (Look.LOOK, "wacht op de vrijgave na het terugzetten")
