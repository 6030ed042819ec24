"""Backing up while the portal serves, and restoring into an installation that is empty."""

import hashlib
import json
import sqlite3
import subprocess
import threading
from datetime import timedelta

import pytest

from commands import main
from models import clock
from models.accounts.hospital import Hospital
from models.base import Refused, db, on_postgresql
from models.files import storage
from models.operations import backup, database_dump
from settings import settings
from tests import make

pytestmark = pytest.mark.db_dialect


def test_what_was_backed_up_is_all_there_after_restoring(copy, elsewhere, kept, tmp_path):
    status, said = elsewhere("restore", copy)
    assert status == 0 and "1 versleuteld bestand" in said and "Alles klopt." in said and "keys/age_identity" in said

    again = tmp_path / "weer"
    assert elsewhere("backup", again)[0] == 0
    first, second = (json.loads((folder / "manifest.json").read_text()) for folder in (copy, again))
    for name in first["files"].keys() - {backup.DATABASE}:
        assert second["files"][name] == first["files"][name]
    assert first["files"].keys() == second["files"].keys() and len(first["files"]) == 3


def test_a_backup_holds_no_key_and_is_closed_to_others(copy):
    ours = {path.read_text().strip() for path in (settings.data_dir / "keys").iterdir()}
    for path in [copy, *copy.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
        assert path.is_dir() or not any(key.encode() in path.read_bytes() for key in ours)
    assert {path.name for path in copy.iterdir()} == {"manifest.json", "database.age", "trail-checkpoints.txt", "documents"}


def test_nothing_of_the_database_is_in_clear_in_a_backup_and_the_standard_tool_opens_it(require, copy, tmp_path):
    require("age")
    email = make.user(email="herkenbaar@example.com").email
    backup.make(tmp_path / "later")
    dump = tmp_path / "later" / backup.DATABASE
    assert not any(word in dump.read_bytes() for word in (b"SQLite format", b"PGDMP", b"herkenbaar"))
    opened = subprocess.run(["age", "-d", "-i", settings.age_identity_files[0], dump], capture_output=True, check=True).stdout
    assert opened.startswith((b"SQLite format", b"PGDMP")) and (on_postgresql() or email.encode() in opened)
    assert not list(settings.data_dir.glob(f"{database_dump.COPYING}*"))


def test_a_copy_of_before_the_sealing_is_restored(copy, elsewhere):
    (copy / backup.IN_CLEAR).write_bytes(b"".join(storage.unseal((copy / backup.DATABASE).open("rb"), "dump")))
    (copy / backup.DATABASE).unlink()
    manifest = json.loads((copy / backup.MANIFEST).read_text())
    del manifest["files"][backup.DATABASE]
    manifest["files"][backup.IN_CLEAR] = hashlib.sha256((copy / backup.IN_CLEAR).read_bytes()).hexdigest()
    (copy / backup.MANIFEST).write_text(json.dumps(manifest))

    status, said = elsewhere("restore", copy)

    assert status == 0 and "Alles klopt." in said


def test_a_dump_that_does_not_open_fills_nothing(copy, elsewhere):
    (copy / backup.DATABASE).write_bytes((copy / backup.DATABASE).read_bytes()[:-1])
    manifest = json.loads((copy / backup.MANIFEST).read_text())
    manifest["files"][backup.DATABASE] = hashlib.sha256((copy / backup.DATABASE).read_bytes()).hexdigest()
    (copy / backup.MANIFEST).write_text(json.dumps(manifest))

    status, said = elsewhere("restore", copy)

    assert status == 1 and "gaat niet open" in said and not list(elsewhere.home.glob("documents/*/*"))


def test_the_command_says_that_the_keys_are_kept_apart(kept, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["backup", str(tmp_path / "kopie")])
    assert not end.value.code and "De sleutels zitten er niet bij" in capsys.readouterr().out


def test_a_folder_that_holds_something_is_left_alone(kept, tmp_path):
    (tmp_path / "iets").touch()
    with pytest.raises(Refused, match="niet leeg"):
        backup.make(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["iets"]


def test_a_backup_that_fails_leaves_nothing(kept, tmp_path, monkeypatch):
    def full(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(database_dump, "save", full)
    with pytest.raises(OSError, match="No space"):
        backup.make(tmp_path / "kopie")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.only_sqlite
def test_a_disk_that_takes_no_second_exemplar_of_the_database_is_named(kept, tmp_path, monkeypatch):
    def small(path, connect=sqlite3.connect):
        copy = connect(path)
        copy.execute("PRAGMA max_page_count = 1")
        return copy

    monkeypatch.setattr(database_dump.sqlite3, "connect", small)
    with pytest.raises(Refused, match=f"De schijf van {settings.data_dir} is vol: een tweede exemplaar van de database"):
        backup.make(tmp_path / "kopie")
    assert list(tmp_path.iterdir()) == [] and not list(settings.data_dir.glob(f"{database_dump.COPYING}*"))


@pytest.mark.parametrize(
    "name, harm",
    [
        ("database.age", lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x")),
        ("trail-checkpoints.txt", lambda path: path.write_text("")),
        ("documents", lambda path: path.unlink()),
        ("manifest.json", lambda path: path.write_bytes(path.read_bytes()[:-9])),
    ],
)
def test_a_damaged_backup_is_refused_and_changes_nothing(copy, elsewhere, name, harm):
    harm(next(path for path in (copy / name).rglob("*") if path.is_file()) if name == "documents" else copy / name)

    status, said = elsewhere("restore", copy)

    assert status == 1 and "beschadigd" in said
    assert not (elsewhere.home / "documents").exists()


def test_a_manifest_cannot_write_outside_its_folder(copy, elsewhere):
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"]["documents/../../erbuiten"] = "0" * 64
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert elsewhere("restore", copy)[0] == 1


def test_restoring_over_what_is_there_is_refused(copy, elsewhere):
    assert elsewhere("restore", copy)[0] == 0
    status, said = elsewhere("restore", copy)
    assert status == 1 and "Hier staat al iets: de database" in said
    assert "Zet een kopie terug in een lege installatie." in said and elsewhere("verify", "--deep")[0] == 0
    elsewhere.emptied()
    assert elsewhere("restore", copy)[0] == 0


@pytest.mark.parametrize("key", ["secret_keys", "age_identity", "pseudonym_key"])
def test_without_the_keys_of_then_nothing_is_restored_and_none_is_made(copy, elsewhere, key):
    (elsewhere.home / "keys" / key).unlink()
    status, said = elsewhere("restore", copy)
    assert status == 1 and f"Zet eerst de sleutels terug in {elsewhere.home / 'keys'}: {key}" in said
    assert not (elsewhere.home / "keys" / key).exists()


def test_other_secret_keys_than_those_of_then_are_told_before_anything_changes(copy, elsewhere):
    (elsewhere.home / "keys" / "secret_keys").write_text("een-heel-andere-sleutel\n")
    status, said = elsewhere("restore", copy)
    assert status == 1 and "er staan andere" in said and not (elsewhere.home / "documents").exists()


def test_what_is_added_meanwhile_never_lacks_its_bytes(kept, elsewhere, tmp_path):
    """Cases and files go on arriving while the copy is made; nobody waits for it and all that is in it is whole."""
    stop, made = threading.Event(), []

    def serve():
        while not stop.is_set() and len(made) < 500:
            made.append(make.document(make.case()))
        db.close()

    people = threading.Thread(target=serve)
    people.start()
    try:
        while len(made) < 3:
            stop.wait(0.01)
        before = len(made)
        backup.make(tmp_path / "kopie")
        after = len(made)
    finally:
        stop.set()
        people.join()

    assert after >= before and people.is_alive() is False
    status, said = elsewhere("restore", tmp_path / "kopie")
    # Bytes whose row came after the copy of the database are younger than a day: an upload that was under way.
    assert status == 0 and "Alles klopt." in said


def test_what_happens_while_the_documents_are_copied_is_after_the_copy(kept, tmp_path, monkeypatch):
    """Its database does not have it: that was read before."""
    meanwhile, whole = [], storage.whole

    def copied():
        meanwhile.append(clock.now())
        monkeypatch.setattr(clock, "now", lambda: meanwhile[0] + timedelta(hours=1))
        return whole()

    monkeypatch.setattr(backup.storage, "whole", copied)
    manifest = backup.make(tmp_path / "kopie")
    assert backup.since(manifest) <= meanwhile[0] < backup.moment(manifest)
    assert backup.since({"at": manifest["at"]}) == backup.moment(manifest)  # a copy that an older version made


@pytest.mark.only_postgresql
def test_without_the_programs_of_postgresql_a_sentence_says_what_to_install(kept, tmp_path, monkeypatch):
    monkeypatch.setattr(database_dump.shutil, "which", lambda program: None)
    with pytest.raises(Refused, match="postgresql-client"):
        backup.make(tmp_path / "kopie")
    assert not (tmp_path / "kopie").exists() and Hospital.select().count()
    assert any(storage.keys())
