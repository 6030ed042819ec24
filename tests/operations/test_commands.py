import dataclasses
import gc
import io
import json
import os
import subprocess
import sys
from datetime import date, datetime, timedelta

import pytest
from flask_security import verify_password
from peewee import SqliteDatabase

from admin_views.accounts import demo_accounts
from commands import COMMANDS, main, start
from commands.demo import months, story, synthetic
from commands.demo.agenda import Agenda
from commands.demo.neonatal import nicus
from models import clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.annual_report.source_comparison import SourceComparison
from models.audit import checkpoint
from models.audit.audit_event import AuditEvent
from models.base import db, on_postgresql
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.cases.status import Status
from models.files import storage
from models.files.document import Document
from models.files.stores.folder import Folder
from models.lnr.benchmark import counting, figure
from models.lnr.benchmark.amounts.amount_cell import amounts_of_all, amounts_together
from models.lnr.benchmark.amounts.amount_figure import amount_figure
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.indicator import named, of_days
from models.lnr.registry.open_finding import OpenFinding
from models.lnr.registry.stay import Stay, StayState
from models.lnr.suppliers.api_key import ApiKey
from models.mail.outbox import Mail, MailStatus
from models.monthly.monthly_request import MonthlyCall
from models.operations import integrity_check
from models.review.reminder import Reminder
from settings import VERSION, settings
from tests import make


@pytest.fixture
def command(capsys):
    """command("verify", "--deep"): (exit status, what it said on either channel)."""
    checkpoint.path().unlink(missing_ok=True)

    def carry_out(*words):
        with pytest.raises(SystemExit) as end:
            main(list(words))
        said = capsys.readouterr()
        status = end.value.code
        # A sentence as exit code is how Python says: print it, and end with 1.
        return (1, said.out + status) if isinstance(status, str) else (status or 0, said.out + said.err)

    yield carry_out
    # What a refusal leaves behind (a traceback with a cursor in it) keeps SQLite's file open.
    gc.collect()


@pytest.mark.parametrize("name", [row[0] for row in COMMANDS])
def test_every_command_has_help(command, name):
    status, said = command(name, "--help")
    assert status == 0 and "usage: python app.py " + name in said


def test_the_commands_of_the_contract_are_there():
    assert {row[0] for row in COMMANDS} >= set(
        "run serve web worker migrate create-hospital create-user open-month remind send-mail rehearse verify fill".split()
    ) | {"backup", "restore"}


@pytest.mark.parametrize(
    "words",
    [(), ("dans",), ("open-month", "oktober"), ("open-month", "2026-13"), ("remind",), ("remind", "--on", "2026-02-30"),
     ("create-user", "a@example.com"), ("create-user", "a@example.com", "--role", "baas"), ("fill", "--hospitals", "veel")],
)  # fmt: skip
def test_words_that_mean_nothing_end_in_usage_and_change_nothing(command, words):
    status, said = command(*words)
    assert status == 2 and "usage:" in said and "Traceback" not in said
    assert Hospital.select().count() == User.select().count() == Mail.select().count() == 0


def test_an_installation_is_made_from_the_command_line(command):
    assert command("migrate")[0] == 0
    assert command("create-hospital", "ost", "Ziekenhuis Oost", "--perined", "123")[0] == 0
    status, said = command("create-user", "Anna@example.com", "--role", "melder", "--role", "invoerder", "--hospital", "ost")

    anna = User.by_email("anna@example.com")
    assert status == 0 and "/wachtwoord-vergeten/" in said
    assert anna.role_names == {Role.MELDER, Role.INVOERDER} and anna.hospital.name == "Ziekenhuis Oost"
    assert [(mail.name, mail.to) for mail in Mail.select()] == [("invitation", "anna@example.com")]
    assert {event.action for event in AuditEvent.select()} == {"row.create", "user.invite"}


def test_the_invitation_that_is_printed_lets_its_owner_choose_a_password(command, client):
    command("create-hospital", "ost", "Ziekenhuis Oost")
    _, said = command("create-user", "anna@example.com", "--role", "melder", "--hospital", "ost", "--name", "Anna")
    path = "/wachtwoord-vergeten/" + said.split("/wachtwoord-vergeten/")[1].split()[0]
    assert client.get(path).status_code == 200


def test_a_password_may_come_from_standard_input_and_one_on_the_line_is_warned_about(app, command, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("een lange zin vol woorden\n"))
    words = ("--role", "beheerder", "--password")
    status, said = command("create-user", "b@example.com", *words, "-")
    assert status == 0 and "LET OP" not in said
    with app.app_context():
        assert verify_password("een lange zin vol woorden", User.by_email("b@example.com").password)
    assert "--password -" in command("create-user", "c@example.com", *words, "een lange zin vol woorden")[1]
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert command("create-user", "d@example.com", *words, "-")[0] == 1 and User.by_email("d@example.com") is None


def test_what_is_found_can_be_read_by_a_program(command):
    make.user(email="m@example.com")
    status, said = command("verify", "--json")
    assert status == 0 and json.loads(said) == {"version": VERSION, "whole": True, "problems": []}
    mails = json.loads(command("rehearse", "--on", "2026-12-01", "--json")[1])
    assert mails["on"] == "2026-12-01" and [mail["to"] for mail in mails["mails"]] == ["m@example.com"]
    assert set(mails["mails"][0]) == {"to", "mail", "why"}
    make.document(make.case())
    Case.update(uploads=5).execute()
    status, said = command("verify", "--json")
    assert status == 1 and len(json.loads(said)["problems"]) == 1


def test_long_work_tells_how_far_it_is(command, monkeypatch):
    monkeypatch.setattr("commands.progress.IN_A_LOG", 0)
    make.document(make.case())
    assert "Bestanden gelezen: 1 …" in command("verify", "--deep")[1]
    day = str(clock.today())
    assert "Regels van het logboek: 2 …" in command("audit-export", "--first", day, "--last", day)[1]


def test_a_password_on_the_command_line_is_held_to_the_same_rules(command):
    assert command("create-user", "b@example.com", "--role", "beheerder", "--password", "kort")[0] == 1
    leaked = command("create-user", "b@example.com", "--role", "beheerder", "--password", "bittersweetsymphony")
    assert leaked[0] == 1 and "uitgelekt" in leaked[1]
    assert User.by_email("b@example.com") is None

    assert command("create-user", "b@example.com", "--role", "beheerder", "--password", "een lange zin vol woorden")[0] == 0
    assert User.by_email("b@example.com").password.startswith("$argon2")


@pytest.mark.parametrize(
    "words, sentence",
    [
        (("create-user", "a@example.com", "--role", "melder"), "hoort bij een ziekenhuis"),
        (("create-user", "a@example.com", "--role", "melder", "--hospital", "nergens"), "geen ziekenhuis met de code nergens"),
        (("create-user", "geen-adres", "--role", "beheerder"), "is geen e-mailadres"),
        (("create-user", "a@example.com", "--role", "commissielid"), "commissie"),
        (("create-hospital", "x", "Y", "--agb", "abc"), "abc is geen nummer"),
        (("create-hospital", " ", "Y"), "een code en een naam"),
    ],
)
def test_what_cannot_be_made_is_refused_in_one_sentence(command, words, sentence):
    status, said = command(*words)
    assert status == 1 and sentence in said and "Traceback" not in said and len(said.strip().splitlines()) == 1
    assert User.select().count() == Hospital.select().count() == 0


def test_the_same_hospital_is_not_made_twice(command):
    command("create-hospital", "ost", "Ziekenhuis Oost")
    status, said = command("create-hospital", "ost", "Anders")
    assert status == 1 and "Er is al een ziekenhuis" in said


def test_asking_about_a_month_again_asks_nobody_twice(command):
    make.user(), make.user()

    assert "2 melders gevraagd over oktober 2026" in command("open-month", "2026-10")[1]
    assert "0 melders" in command("open-month", "2026-10")[1]
    assert MonthlyCall.select().count() == 2


def test_reminders_can_be_queued_for_a_day(command):
    make.case(status=Status.ONVOLLEDIG, at=datetime(2026, 1, 5, 12))
    assert "1 herinnering klaargezet" in command("remind", "--on", "2026-02-02")[1]
    assert "0 herinneringen" in command("remind", "--on", "2026-02-02")[1]


def test_reminders_of_a_term_are_queued_too(command, monkeypatch):
    monkeypatch.setattr("commands.clocks.Deadline.remind_due", lambda day: 3)
    assert "3 herinneringen klaargezet" in command("remind", "--on", "2026-02-02")[1]


def test_a_rehearsal_leaves_out_what_has_nothing_left_to_tell(command):
    case = make.case(status=Status.ONVOLLEDIG)
    assert "Bericht bij een melding" in command("rehearse", "--on", f"{clock.today()}")[1]
    case.submit(case.reporter)
    assert "Bericht bij een melding" not in command("rehearse", "--on", f"{clock.today()}")[1]


def test_the_outbox_is_sent_once(command):
    make.case(status=Status.ONVOLLEDIG)
    assert "1 mail verzonden" in command("send-mail")[1]
    assert "0 mails verzonden" in command("send-mail")[1]


def test_a_rehearsal_tells_what_would_leave_and_why_and_keeps_nothing(command):
    melder = make.user(email="m@example.com")
    make.case(by=melder, status=Status.ONVOLLEDIG, at=datetime(2026, 11, 3, 12))
    Mail.update(status=MailStatus.VERZONDEN).execute()
    before = (Mail.select().count(), AuditEvent.select().count(), Reminder.select().count(), MonthlyCall.select().count())

    status, said = command("rehearse", "--on", "2026-12-01")

    assert status == 0 and "2 mails op 1 december 2026" in said
    assert f"melder van {melder.hospital}, over november 2026" in said
    assert "1 openstaande melding, sinds 4 weken" in said
    assert before == (
        Mail.select().count(),
        AuditEvent.select().count(),
        Reminder.select().count(),
        MonthlyCall.select().count(),
    )


def test_a_rehearsal_tells_what_waits_already(command):
    make.case(status=Status.ONVOLLEDIG)
    assert "wacht al in de uitgaande post" in command("rehearse", "--on", f"{clock.today()}")[1]


def test_a_whole_installation_verifies(command):
    for status in Status:
        make.case(status=status)
    assert command("verify", "--deep") == (0, "Alles klopt.\n")


FIRST, LAST = (f"id = (SELECT {end}(id) FROM event)" for end in ("MIN", "MAX"))


def _flip(document):
    path = Folder(settings.documents_dir).path(document.blob)
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def _insert_stray():
    path = Folder(settings.documents_dir).path("ab" * 16)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"stray")


@pytest.mark.parametrize(
    "harm, sentence",
    [
        (lambda document: storage.delete(document.blob), "is er niet meer"),
        (_flip, "is beschadigd"),
        (lambda document: Case.update(uploads=5).execute(), "telt 5 bestanden, het zijn er 1"),
        (lambda document: _without_guard(f"UPDATE event SET detail = 'x' WHERE {LAST}"), "is achteraf gewijzigd"),
        (lambda document: _without_guard(f"DELETE FROM event WHERE {FIRST}"), "ontbreekt een regel"),
    ],
)
def test_what_is_broken_is_listed_and_ends_in_1(command, harm, sentence):
    harm(make.document(make.case()))

    status, said = command("verify", "--deep")

    assert status == 1 and sentence in said and "gevonden" in said


@pytest.mark.only_sqlite  # PostgreSQL has no such pragma
def test_a_bit_that_flipped_in_an_index_of_the_database_is_told(tmp_path, monkeypatch):
    make.document(make.case())
    db.execute_sql("VACUUM INTO ?", (str(path := tmp_path / "kopie.sqlite"),))
    copy = SqliteDatabase(path)
    monkeypatch.setattr(integrity_check, "db", copy)
    assert list(integrity_check.pages()) == []
    ((root,),), ((size,),) = copy.execute_sql(INDEX), copy.execute_sql("PRAGMA page_size")
    copy.close()
    content = bytearray(path.read_bytes())
    content[root * size - 3] ^= 1  # within the last key of the index
    path.write_bytes(content)

    (said, *_) = list(integrity_check.pages())

    assert said.startswith("database: het bestand is beschadigd") and said in list(integrity_check.problems(deep=True))
    assert not any("bestand is beschadigd" in problem for problem in integrity_check.problems())
    copy.close()


INDEX = "SELECT rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = 'document' AND name = 'document_blob'"


def _without_guard(change):
    """Change the trail as somebody with the database in their hands would."""
    if on_postgresql():
        db.execute_sql("ALTER TABLE event DISABLE TRIGGER ALL")
    else:
        for (trigger,) in db.execute_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute_sql(f"DROP TRIGGER {trigger}")
    db.execute_sql(change)
    if on_postgresql():
        db.execute_sql("ALTER TABLE event ENABLE TRIGGER ALL")


def test_a_trail_that_lost_its_end_is_told_by_the_checkpoints(command):
    make.document(make.case())
    checkpoint.write()
    _without_guard(f"DELETE FROM event WHERE {LAST}")
    assert "ontbreekt of is veranderd" in command("verify")[1]


def test_old_bytes_without_a_row_are_listed_and_young_ones_are_not():
    make.document(make.case())
    _insert_stray()
    try:
        assert not any("abab" in problem for problem in integrity_check.documents())
        assert any("abab" in problem for problem in integrity_check.documents(now=clock.now() + timedelta(days=2)))
    finally:
        storage.delete("ab" * 16)


@pytest.mark.only_sqlite  # PostgreSQL does not let a reference hang loose
def test_a_loose_reference_is_listed(tmp_path):
    case = make.case()
    db.execute_sql("PRAGMA foreign_keys = 0")
    db.execute_sql('UPDATE "case" SET theme_id = 999 WHERE id = ?', (case.id,))
    assert any("tabel case verwijst naar" in problem for problem in integrity_check.foreign_keys())


def test_filling_makes_what_it_says_and_leaves_a_full_database_alone(command):
    command("migrate")
    assert command("fill", "--hospitals", "3", "--cases", "1500")[0] == 0
    assert (Hospital.select().count(), Case.select().count()) == (3, 1500)
    assert {case.status for case in Case.select()} == set(Status)
    assert {problem for problem in integrity_check.problems() if "is er niet meer" not in problem} == set()

    assert command("fill", "--hospitals", "3", "--cases", "1500")[0] == 1
    assert Case.select().count() == 1500


@pytest.mark.only_sqlite  # the indexes of PostgreSQL stay while it is filled
def test_filling_makes_the_indexes_once_at_the_end(command, monkeypatch):
    command("migrate")
    named = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name"
    settings = [f"PRAGMA {name}" for name in ("synchronous", "cache_size")]
    before, meanwhile = [db.execute_sql(one).fetchall() for one in (named, *settings)], []
    monkeypatch.setattr(synthetic, "BATCH", 20)
    synthetic.fill(2, 40, "x", say=lambda said: meanwhile.append({row[1] for row in db.execute_sql(named) if row[2]}))
    assert len(meanwhile) == 2 and all(not tables & {"case", "document"} for tables in meanwhile)
    assert [db.execute_sql(one).fetchall() for one in (named, *settings)] == before


def test_filling_makes_stays_of_the_lnr_as_well(command):
    command("migrate")
    assert command("fill", "--hospitals", "3", "--cases", "6", "--lnr", "300")[0] == 0
    filled = Stay.select().where(Stay.set_id.startswith("fill-"))
    assert {filled.where(Stay.hospital == hospital).count() for hospital in Hospital.select()} == {100}
    assert (
        filled.where(Stay.warnings > 0).count()
        == OpenFinding.select().join(Stay).where(Stay.set_id.startswith("fill-")).count()
        == 6
    )
    assert Stay.get(~Stay.set_id.startswith("fill-")).state == StayState.ONTVANGEN
    assert {problem for problem in integrity_check.problems() if "is er niet meer" not in problem} == set()


def test_work_goes_on_in_a_filled_database(command):
    command("migrate")
    command("fill", "--hospitals", "3", "--cases", "60")
    melder = User.by_email(demo_accounts.accounts()[0].email)
    case = make.case(by=melder, theme=Case.select().first().theme, status=Status.INGEDIEND)
    assert case.number not in {other.number for other in Case.select().where(Case.id != case.id)}


@pytest.mark.parametrize(
    ("wrong", "words", "status", "says"),
    [({"PORTAL_URL": "foo"}, ["verify"], 1, "PORTAL_URL moet"), ({"MAIL_FROM": "geen-adres"}, ["serve"], 1, "MAIL_FROM moet"),
     ({"REDIS_URL": "http://x"}, ["worker"], 1, "REDIS_URL moet"), ({"PORTAL_URL": "http://[x"}, ["web"], 1, "PORTAL_URL is"),
     ({"SMTP_URL": "smtp://u:geheim@x:25000000"}, ["send-mail"], 1, "SMTP_URL is geen geldig adres"),
     ({"AGE_IDENTITIES": "/nergens"}, ["verify"], 1, "AGE_IDENTITIES moet"),
     ({"SECRET_KEYS": "x"}, ["migrate"], 1, "SECRET_KEYS: een sleutel moet 32"),
     ({"PSEUDONYM_KEY": f"{'lang' * 16} x"}, ["verify"], 1, "PSEUDONYM_KEY: een sleutel moet 32"),
     ({"DATA_DIR": "/proc/nieuw"}, ["migrate"], 1, "DATA_DIR: de map"), ({"PORTAL_URL": "foo"}, ["--help"], 0, "usage:"),
     ({"PORTAL_URL": "foo"}, ["verify", "--help"], 0, "usage:"), ({"PORTAL_URL": "foo"}, ["fill", "--", "--help"], 1, "PORTAL"),
     ({}, ["dans"], 2, "usage:")],
)  # fmt: skip
def test_a_wrong_setting_is_one_sentence_and_help_needs_none(tmp_path, wrong, words, status, says):
    environment = {"DATA_DIR": str(tmp_path / "nieuw"), "PATH": os.environ["PATH"]} | wrong
    ended = subprocess.run([sys.executable, "app.py", *words], env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == status and says in ended.stdout + ended.stderr and "Traceback" not in ended.stderr
    assert status != 1 or len(ended.stderr.strip().splitlines()) == 1
    assert "geheim" not in ended.stderr
    # Nothing is made where a setting is wrong.
    assert not wrong or not (tmp_path / "nieuw").exists()


def test_ctrl_c_is_one_sentence_and_the_status_of_a_shell(command, monkeypatch):
    def interrupted(*given, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(integrity_check, "problems", interrupted)
    assert command("verify", "--deep") == (130, "Afgebroken: deze opdracht is niet klaar.\n")


def test_a_database_of_a_newer_version_is_left_alone(command):
    table = "INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2030-01-01')"
    db.execute_sql(table)
    try:
        status, said = command("migrate")
        assert status == 1 and "nieuwere versie" in said
    finally:
        db.execute_sql("DELETE FROM schema_migration WHERE name = '9999_later'")


@pytest.mark.parametrize("name", ["web", "worker"])
def test_web_and_worker_alone_say_what_is_loose(command, monkeypatch, name):
    monkeypatch.setattr("commands.processes.become", lambda words: None)
    monkeypatch.setattr("commands.processes.check_port", lambda host, port: None)
    status, said = command(name)
    assert status == 0 and "PORTAL_URL begint niet met https" in said and "SMTP_URL is leeg" in said


@pytest.mark.parametrize(("url", "hops", "told"), [
    ("https://portaal.example.nl", 0, True), ("https://portaal.example.nl", 1, False), ("http://127.0.0.1:8000", 0, False),
])  # fmt: skip
def test_https_without_a_proxy_that_is_counted_is_told_at_the_start(command, monkeypatch, url, hops, told):
    monkeypatch.setattr("commands.processes.become", lambda words: None)
    monkeypatch.setattr("commands.processes.check_port", lambda host, port: None)
    monkeypatch.setattr(start, "settings", dataclasses.replace(start.settings, portal_url=url, proxy_hops=hops))
    status, said = command("web")
    assert status == 0 and ("PROXY_HOPS=1" in said) == told


@pytest.mark.parametrize("name", ["web", "worker"])
def test_web_and_worker_alone_refuse_the_database_of_a_demonstration(command, monkeypatch, name):
    monkeypatch.setattr("commands.processes.become", lambda words: pytest.fail("it started"))
    make.user(email="melder@example.com")
    status, said = command(name)
    assert status == 1 and "demonstratie-accounts" in said


@pytest.mark.parametrize("name", ["web", "worker"])
def test_neither_web_nor_worker_starts_on_a_database_that_was_never_made(tmp_path, name):
    environment = {"DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    ended = subprocess.run([sys.executable, "app.py", name], env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1 and "python app.py migrate" in ended.stderr and "Traceback" not in ended.stderr


def test_the_demonstration_tells_its_story_and_all_of_it_holds(command):
    """Every role has work, every status is there, the clocks have run, and the checks find nothing."""
    command("migrate")
    story.tell(lambda password: "x", now=datetime(2026, 11, 22, 12))

    assert {case.status for case in Case.select()} == set(Status) and Case.select().count() == 65
    assert Hospital.select().count() == 17 and all(User.by_email(account.email) for account in demo_accounts.accounts())
    assert MonthlyCall.select(MonthlyCall.month).distinct().count() == 14
    assert {row.weeks for row in Reminder.select()} == {4, 8, 12}
    assert {mail.status for mail in Mail.select()} == {
        MailStatus.VERZONDEN, MailStatus.MISLUKT, MailStatus.ONZEKER,
        MailStatus.VERVALLEN,  # to who had looked through the accounts before it left
    }  # fmt: skip
    assert {document.media_type for document in Document.select()} == {"application/pdf", "image/jpeg", "image/png"}
    # One case of two hospitals is whole, of another the second hospital still works at its part.
    assert {(row.whole.status, row.case.status) for row in CasePart.select()} == {
        (Status.GOEDGEKEURD, Status.GOEDGEKEURD), (Status.INGEDIEND, Status.CONCEPT)
    }  # fmt: skip
    compared = SourceComparison.of(2025, User.by_email("coordinator@example.com"))
    assert compared.total.both > 5 and compared.total.missing > 0 and compared.total.unasked == 1
    # The worker looks into the files once it runs; by then they are older than a day.
    assert [problem for problem in integrity_check.problems() if "nog niet nagekeken" not in problem] == []
    moments = [event.at for event in AuditEvent.select().order_by(AuditEvent.id)]
    assert moments == sorted(moments) and date(2025, 9, 1) < moments[0].date()
    _the_supplier_of_the_readme()


def test_the_mailbox_of_the_demonstration_begins_with_the_last_request_early_on_the_first_too():
    of_november, of_december = datetime(2026, 11, 1, 6), datetime(2026, 12, 1, 6)
    assert story.mailbox_since(datetime(2026, 12, 1, 0, 6)) == of_november == story.mailbox_since(datetime(2026, 11, 30, 23))
    assert story.mailbox_since(datetime(2026, 12, 1, 9)) == of_december


@pytest.mark.parametrize("plan", [months.plan_births, months.plan_second_source])
def test_what_is_told_of_a_year_is_told_when_it_is_over_in_january_too(plan):
    agenda = Agenda(datetime(2027, 1, 4, 12))
    plan(agenda, {"coordinator": None}, agenda.now)
    ((moment, _, _, (_, year)),) = agenda.entries
    assert year < moment.year


def test_resealing_tells_what_was_sealed_anew(command):
    case = make.case(patient_number="4711")
    before = db.execute_sql('SELECT patient_number FROM "case"').fetchone()

    status, said = command("reseal")

    assert status == 0 and "meldingen: 1" in said and "bestanden: 0" in said
    assert db.execute_sql('SELECT patient_number FROM "case"').fetchone() != before
    assert Case.get_by_id(case.id).patient_number == "4711"


def test_a_key_for_a_supplier_is_printed_once_and_opens(command):
    make.hospital(agb="06010101", name="UMC Test")
    code = Hospital.get(Hospital.name == "UMC Test").code
    status, said = command("lnr-key", "--hospital", code, "--supplier", "Dossier BV")
    token = said.splitlines()[0]

    assert status == 0 and ApiKey.opened_by(token).supplier.status == "aangemeld"
    assert command("lnr-key", "--hospital", code, "--supplier", "Dossier BV", "--admit")[0] == 0
    assert ApiKey.opened_by(token).supplier.status == "toegelaten"
    status, said = command("lnr-key", "--hospital", code, "--supplier", "Dossier BV")
    assert status == 1 and "twee geldige sleutels" in said
    assert command("lnr-key", "--hospital", "niets", "--supplier", "Dossier BV")[0] == 1


def _the_supplier_of_the_readme():
    """Whose key opens, whose stays are of every kind, and in whose figures the benchmark finds what was planted."""
    key = ApiKey.opened_by(demo_accounts.LNR_KEY)
    assert (key.supplier.status, key.hospital.agb) == ("toegelaten", "06990001")
    assert {stay.state for stay in Stay.select()} == {"ontvangen", "geweigerd", "ingetrokken"}
    # The benchmark finds what was planted, and chance makes a signal of nothing else of it.
    years = [2024, 2025, 2026]
    of, verdicts = counting.counts(years), {}
    for hospital in figure.nicus():
        for code in ("ernstige-ivh", "onderkoeld"):
            verdicts[hospital.code, code] = figure.figure(named(code), of[named(code).number], hospital.id).verdict
    signals = {where for where, verdict in verdicts.items() if verdict == figure.Judgement.SIGNAAL}
    assert signals == {(nicus.OUTLIER, "ernstige-ivh"), ("maasoord", "onderkoeld")}
    _of_days(years)
    silent = of[named("rop-screening").number][Hospital.by_code(nicus.SILENT).id]
    assert silent.unknown > 2 * silent.children and counting.waiting() == 0


def _of_days(years):
    """Every NICU has days with a line, of ventilation and of stay; one has too many sepsis of a line, and no other."""
    for one in of_days():
        units = amounts_together([amounts_of_all(year, [one.number])[one.number] for year in years])
        told = {place.code: amount_figure(one, units, place.id, Count()) for place in figure.nicus()}
        assert all(each.shown for each in told.values()), one.code
        if one.kind == "per_1000":
            assert {code for code, each in told.items() if each.verdict is figure.Judgement.SIGNAAL} == {"brabantzicht"}
