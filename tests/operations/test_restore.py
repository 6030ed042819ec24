"""The day after a restore: a past that would act is held until a person has looked at it."""

import json
import shutil
import sys
from datetime import timedelta

import pytest
from playhouse.migrations import Runner

from admin_views.accounts import login as accounts
from commands import COMMANDS, main
from models import clock
from models.access import Role
from models.accounts.session import LogIn
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case_number import Series
from models.dutch import date_and_time
from models.lnr.suppliers import resend_mails
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import Supplier
from models.mail.letter import message_id
from models.mail.outbox import Mail, MailStatus
from models.mail.outgoing_hold import OutgoingHold
from models.monthly.monthly_request import CATCH_UP, MonthlyCall, MonthOpening
from models.operations import after_restore, backup, restore_rehearsal, schema
from models.operations.backup_run import BackupRun
from settings import VERSION, settings
from tasks import monthly
from tests import make, smtp

LAST_MONTH = clock.previous_month(clock.today())  # the links of its request still work

pytestmark = pytest.mark.db_dialect


@pytest.fixture
def office(monkeypatch):
    with smtp.serving() as office:
        monkeypatch.setitem(settings.__dict__, "smtp_url", office.url)
        yield office


def restored(now=None):
    after_restore.begin((now or clock.now()) - clock.DAY, now)
    return OutgoingHold.standing()


def leave_all(hold):
    after_restore.none_erased()
    return tuple(after_restore.months(hold))


# ---- what may not leave -------------------------------------------------------------------------------------------


def test_mail_that_waited_is_not_sent_after_a_restore_nor_after_the_release_unasked(office):
    make.user()
    MonthlyCall.open_all(LAST_MONTH)
    mail = Mail.get()
    hold = restored()

    assert Mail.send_waiting() == 0 and office.letters == []
    assert Mail.get_by_id(mail.id).status == MailStatus.ONZEKER

    after_restore.release(leave_months=leave_all(hold))
    assert Mail.send_waiting() == 0 and office.letters == []


def test_what_is_queued_meanwhile_leaves_after_the_release(office):
    hold = restored()
    Mail.queue("case_submitted", make.user(), case=make.case(), by="Ivo Invoerder")
    assert Mail.send_waiting() == 0

    after_restore.release(leave_months=leave_all(hold))

    assert Mail.send_waiting() == 1 and len(office.letters) == 1
    assert not after_restore.OutgoingHold.standing()
    with pytest.raises(Refused, match="niets vastgehouden"):
        after_restore.standing()


def test_the_clocks_ask_nobody_before_the_release(monkeypatch):
    make.user()
    first = clock.start_of(clock.today().replace(day=1), 9)
    monkeypatch.setattr(clock, "now", lambda: first)
    restored(first)

    monthly.ask_about_last_month.call_local()

    assert MonthlyCall.select().count() == 0


def test_a_message_id_never_returns_after_a_restore(office):
    """Numbers are given out again: the same mail, asked for once more, would be dropped as a copy of the one of before."""
    user, case = make.user(), make.case()
    seen = set()
    for _ in range(3):
        mail = Mail.queue("case_submitted", user, case=case, once="this:1", by="Ivo Invoerder")
        Mail.send_waiting()
        seen.add(office.letters[-1].message["Message-ID"])
        assert office.letters[-1].message["Message-ID"] == message_id(mail)
        Mail.delete().execute()  # the copy was made before it
        after_restore.release(leave_months=leave_all(restored()))
    assert len(office.letters) == len(seen) == 3


# ---- what may not live again --------------------------------------------------------------------------------------


def test_sessions_and_links_of_before_end(client, login, office):
    user = make.user()
    login(client, user)
    assert client.get("/meldingen/").status_code == 200
    with client.application.test_request_context():
        link = accounts.invite(User.get_by_id(user.id)).removeprefix(settings.portal_url)

    restored()

    assert client.get("/meldingen/").status_code in (302, 401)
    assert not LogIn.select().where(LogIn.ended_at.is_null()).exists()
    page = client.get(link, follow_redirects=True).get_data(as_text=True)
    assert 'name="password_confirm"' not in page


def test_monthly_links_of_before_lead_to_a_page_that_helps(client):
    make.user()
    MonthlyCall.open_all(LAST_MONTH)
    known = MonthlyCall.get().address("nee").removeprefix(settings.portal_url)
    strange = f"/uitvraag/{'a' * 64}/nee"
    assert client.get(known).status_code == 200 and client.get(strange).status_code == 404

    restored()

    for link in (known, strange):
        answer = client.get(link)
        assert (answer.status_code == 410 and "na het inloggen" in answer.text) or "Log in om" in answer.text
    assert client.get("/uitvraag/onzin/nee").status_code == 404


def test_numbers_of_cases_after_the_copy_are_not_given_out_again():
    make.case()
    last = Series.get().last
    restored()
    assert make.case().number == f"N-{last + after_restore.GAP + 1:05d}"


# ---- the release --------------------------------------------------------------------------------------------------


def test_the_release_shows_what_waits_and_lives_again_and_ends_what_should_not(capsys):
    stays, gone = make.user(email="blijft@example.com"), make.user(email="weg@example.com")
    MonthlyCall.open_all(LAST_MONTH)
    restored()

    with pytest.raises(SystemExit) as end:
        main(["release"])
    said = capsys.readouterr().out
    assert not end.value.code and OutgoingHold.standing()
    for shown in ("blijft@example.com", "weg@example.com", LAST_MONTH, "Maandelijkse uitvraag", "LNR-sleutels"):
        assert shown in said

    with pytest.raises(SystemExit, match="Zeg eerst wat sinds de kopie op verzoek is gewist"):
        main(["release", "--confirm"])
    with pytest.raises(SystemExit, match=LAST_MONTH):
        main(["release", "--confirm", "--none-erased"])
    assert OutgoingHold.standing()

    months = [word for month in after_restore.months(OutgoingHold.standing()) for word in ("--leave-month", month)]
    with pytest.raises(SystemExit) as end:
        main(["release", "--confirm", "--end-account", "weg@example.com", *months])
    assert not end.value.code and not OutgoingHold.standing()
    assert User.get_by_id(stays.id).active and not User.get_by_id(gone.id).active
    actions = {event.action for event in AuditEvent.select()}
    assert actions >= {"restore.done", "restore.release", "user.deactivate"}


def test_the_release_asks_to_deliver_to_the_registry_again(office):
    contact, _melder = make.user(role=Role.LNR_CONTACT), make.user()
    working, stopped = (Supplier.create(name=name, contact=f"{name}@example.com") for name in ("epd", "oud"))
    ApiKey.issue(working, contact.hospital)
    ApiKey.issue(stopped, contact.hospital)[0].revoke()
    hold = restored()
    after_restore.release(leave_months=leave_all(hold))
    Mail.send_waiting()

    told = {mail.to: mail for mail in Mail.select().where(Mail.name == "lnr_restored")}
    assert set(told) == {contact.email, "epd@example.com"} and {mail.status for mail in told.values()} == {MailStatus.VERZONDEN}
    assert sum("Lever opnieuw" in one.message["Subject"] for one in office.letters) == 2


def test_what_an_earlier_restore_lost_is_asked_for_too():
    make.user(role=Role.LNR_CONTACT)
    now = clock.now()
    copied = now - 5 * clock.DAY
    OutgoingHold.create(copied_at=copied - clock.DAY, restored_at=copied, released_at=copied)  # its mails left then
    OutgoingHold.create(copied_at=copied, restored_at=now - 3 * clock.DAY)
    hold = restored()
    after_restore.release(leave_months=leave_all(hold))
    about = resend_mails.CONTEXTS["lnr_restored"](Mail.get(Mail.name == "lnr_restored"))
    assert (about["since"], about["restored"]) == (date_and_time(copied), date_and_time(hold.restored_at))


def test_a_key_of_then_can_be_ended_in_the_release():
    key, _ = ApiKey.issue(Supplier.create(name="Leverancier"), make.hospital())
    hold = restored()

    after_restore.release(end_keys=(key.id,), leave_months=leave_all(hold))

    assert ApiKey.get_by_id(key.id).revoked_at


def test_a_month_is_asked_about_again_with_links_that_work(client, office):
    make.user()
    MonthlyCall.open_all(LAST_MONTH)
    before = MonthlyCall.get().address("nee")
    hold = restored()
    assert LAST_MONTH in after_restore.months(hold)

    others = tuple(month for month in after_restore.months(hold) if month != LAST_MONTH)
    after_restore.none_erased()
    after_restore.release(ask_months=(LAST_MONTH,), leave_months=others)
    Mail.send_waiting()

    call = MonthlyCall.get()
    assert call.address("nee") != before and len(office.letters) == 1
    assert client.get(call.address("nee").removeprefix(settings.portal_url)).status_code == 200
    assert client.get(before.removeprefix(settings.portal_url)).status_code == 410


def test_a_month_that_fell_due_between_copy_and_restore_is_asked_about_by_a_persons_word_only(monkeypatch):
    make.user()
    first = clock.start_of(clock.today().replace(day=1), 8)
    after_restore.begin(first - 2 * clock.DAY, first)
    hold, month = OutgoingHold.standing(), clock.previous_month(clock.today(first))
    assert month in after_restore.months(hold)
    after_restore.none_erased()
    with pytest.raises(Refused, match=month):
        after_restore.release(now=first)

    after_restore.release(leave_months=leave_all(hold), now=first)

    assert MonthlyCall.open_due(first + CATCH_UP / 2) == 0 and MonthOpening.get(MonthOpening.month == month)


def test_a_month_that_falls_due_after_the_restore_is_asked_about_by_the_clock():
    make.user()
    first = clock.start_of(clock.today().replace(day=1), 8)
    after_restore.begin(first - 5 * clock.DAY, first - 1 * clock.DAY)
    hold = OutgoingHold.standing()
    after_restore.release(leave_months=leave_all(hold), now=first - clock.DAY)

    assert MonthlyCall.open_due(first) == 1


# ---- the command, on another machine ------------------------------------------------------------------------------


def test_a_restore_holds_everything_until_a_release(kept, elsewhere, tmp_path):
    make.user(email="anna@example.com")
    MonthlyCall.open_all(LAST_MONTH)
    backup.make(tmp_path / "kopie")

    status, said = elsewhere("restore", tmp_path / "kopie")
    assert status == 0 and "app.py release" in said
    assert "0 mails verzonden" in elsewhere("send-mail")[1]
    assert not (elsewhere.home / "mail").exists() or not list((elsewhere.home / "mail").glob("*.eml"))

    shown = elsewhere("release")[1]
    assert "anna@example.com" in shown and "Maandelijkse uitvraag" in shown
    months = [word for line in shown.splitlines() if line.startswith("  20") for word in ("--leave-month", line.split()[0])]
    assert elsewhere("release", "--confirm", "--none-erased", *months)[0] == 0
    assert elsewhere("send-mail")[0] == 0 and elsewhere("verify")[0] == 0


def test_only_keys_that_existed_are_asked_for(kept, elsewhere, tmp_path, monkeypatch):
    """An installation that never took a message of the LNR has no key for pseudonyms."""
    aside = settings.data_dir / "keys" / "pseudonym_key"
    aside.rename(aside.with_suffix(".aside"))
    try:
        backup.make(tmp_path / "kopie")
    finally:
        aside.with_suffix(".aside").rename(aside)
    (elsewhere.home / "keys" / "pseudonym_key").unlink()

    assert elsewhere("restore", tmp_path / "kopie")[0] == 0


def test_a_key_that_is_another_than_then_is_named_with_its_fingerprint(copy, elsewhere):
    (elsewhere.home / "keys" / "pseudonym_key").write_text("een-andere\n")
    wanted = json.loads((copy / "manifest.json").read_text())["keys"]["pseudonym_key"][0]

    status, said = elsewhere("restore", copy)

    assert status == 1 and "er staan andere" in said and wanted in said and not (elsewhere.home / "documents").exists()


def test_a_restore_that_was_broken_off_lets_no_command_work(copy, elsewhere):
    assert elsewhere("restore", copy)[0] == 0
    (elsewhere.home / "restoring").touch()  # as a kill between the rows and the hold leaves it

    for command in ("send-mail", "worker", "web", "serve", "verify", "release"):
        status, said = elsewhere(command)
        assert status == 1 and "half teruggezet" in said, command
    elsewhere.emptied()
    assert elsewhere("restore", copy)[0] == 0 and elsewhere("verify")[0] == 0


# ---- the rehearsal ------------------------------------------------------------------------------------------------


def test_a_rehearsal_restores_the_last_backup_and_tells_the_health_page(copy, client):
    before = {path.name for path in settings.data_dir.iterdir()}
    assert client.get("/readyz").json["backup"] and "restore" not in client.get("/readyz").json

    assert restore_rehearsal.rehearse() == []

    assert client.get("/readyz").json["restore"] == "whole" and BackupRun.last().findings == ""
    assert {path.name for path in settings.data_dir.iterdir()} == before and not OutgoingHold.standing()


def test_a_rehearsal_names_a_copy_that_is_damaged_or_gone(copy, client):
    next(path for path in (copy / "documents").rglob("*") if path.is_file()).unlink()
    assert "beschadigd" in restore_rehearsal.rehearse()[0] and client.get("/readyz").json["restore"] == "broken"

    shutil.rmtree(copy)
    assert "is er niet meer" in restore_rehearsal.rehearse()[0]


def test_one_worker_rehearses_at_a_time_and_one_that_died_is_not_waited_for(copy, monkeypatch):
    tries, tried = [], restore_rehearsal._tried

    def meanwhile(folder):
        tries.append(restore_rehearsal.rehearse())  # the other worker, in the same minute
        return tried(folder)

    monkeypatch.setattr(restore_rehearsal, "_tried", meanwhile)
    assert restore_rehearsal.rehearse() == [] and tries == [[]]
    assert BackupRun.last().findings == "" and BackupRun.last().tried_from is None

    now = clock.now()
    assert BackupRun.last().take(now) and not BackupRun.last().take(now + timedelta(hours=5))
    assert BackupRun.last().take(now + timedelta(hours=7))


def test_a_worker_that_cannot_reach_the_copy_of_another_machine_leaves_it(copy):
    shutil.rmtree(copy)
    BackupRun.update(host="elders").execute()
    assert restore_rehearsal.rehearse() == [] and BackupRun.last().rehearsed_at is None


def test_without_a_backup_there_is_nothing_to_rehearse(client):
    assert restore_rehearsal.rehearse() == [] and client.get("/readyz").json == {"database": "ok", "version": VERSION}


# ---- another version ----------------------------------------------------------------------------------------------

WORDS = {
    "create-hospital": ["oost", "Ziekenhuis Oost"], "create-user": ["a@example.com", "--role", Role.BEHEERDER],
    "open-month": ["2026-10"], "remind": ["--on", "2026-10-01"], "rehearse": ["--on", "2026-10-01"], "backup": ["kopie"],
    "restore": ["kopie"],
    "audit-export": ["--first", "2026-10-01", "--last", "2026-10-02"],
    "lnr-report": ["2024"],
    "lnr-fit": ["--first", "2023", "--last", "2024", "--code", "sterfte-1", "--by", "A. Analist", "--out", "model.json"],
    "lnr-key": ["--hospital", "oost", "--supplier", "x"], "fill": ["--hospitals", "1", "--cases", "1"],
}  # fmt: skip
ASK_NOTHING = {"lnr-check", "lnr-dataset", "run", "restore"}


@pytest.mark.parametrize("command", [name for name, *_ in COMMANDS if name not in ASK_NOTHING])
def test_an_older_program_refuses_a_newer_database_whatever_the_command(monkeypatch, command, capsys):
    known = Runner.status
    newer = type("Step", (), {"name": "9999_later", "path": None, "applied": True})()
    monkeypatch.setattr(Runner, "status", lambda runner: [*known(runner), newer])
    monkeypatch.setattr(sys, "argv", ["app.py"])
    make.user()
    before = [Mail.select().count(), AuditEvent.select().count()]

    with pytest.raises(SystemExit) as end:
        main([command, *WORDS.get(command, [])])

    # `check` goes on to tell the rest.
    assert "nieuwere versie" in (capsys.readouterr().out if command == "check" else str(end.value.code))
    assert [Mail.select().count(), AuditEvent.select().count()] == before


def test_a_command_says_what_to_do_when_the_database_is_of_an_older_version(monkeypatch):
    monkeypatch.setattr(schema, "pending", lambda: ["9999_later"])
    with pytest.raises(SystemExit, match="migrate"):
        main(["send-mail"])
    assert db.get_tables()
