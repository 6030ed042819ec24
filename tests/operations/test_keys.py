"""Keys are made once, for an empty database; who has others may not touch it (R-2, R-4)."""

import shutil
import sys
from dataclasses import replace

import pytest

from admin_views.web import request_gate
from commands import COMMANDS, main
from models import encrypted_fields
from models.base import Refused, db
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.operations import schema
from models.operations.keys import installation_keys, key_fingerprint, key_rotation
from models.operations.keys.key_fingerprint import KeyFingerprint
from settings import SettingsError, read, settings
from tests import make
from tests.lnr.messages import hospital, message, supplier
from tests.operations.test_processes import carry_out
from tests.operations.test_restore import ASK_NOTHING, WORDS

HERE = key_fingerprint.settings
OLD, NEW = "o" * 20 + "oude-sleutel" * 2, "n" * 20 + "nieuwe-sleutel" * 2


@pytest.fixture
def with_keys(monkeypatch):
    """with_keys(secret_keys_given=(…)): a process of this installation, with these settings."""

    def become(**fields):
        for module in (key_fingerprint, installation_keys):
            monkeypatch.setattr(module, "settings", replace(HERE, **fields))

    return become


SKIP = {*ASK_NOTHING, "check", "serve"}  # which make it all, or tell it among the rest


@pytest.mark.parametrize("command", [name for name, *_ in COMMANDS if name not in SKIP])
def test_no_command_works_with_keys_that_are_not_of_this_database(monkeypatch, command, with_keys):
    KeyFingerprint.demand_fit()
    monkeypatch.setattr(sys, "argv", ["app.py"])
    with_keys(secret_keys_given=(NEW,))

    with pytest.raises(SystemExit) as end:
        main([command, *WORDS.get(command, [])])

    assert "secret_keys: er staan andere sleutels dan waarmee deze database is verzegeld" in str(end.value.code)


def test_a_second_machine_without_the_keys_is_refused_and_makes_none(tmp_path):
    one, two = tmp_path / "een", tmp_path / "twee"
    for home in (one, two):
        home.mkdir()
    assert carry_out(one, "migrate").returncode == 0
    database = {"DATABASE_URL": f"sqlite:///{one / 'portal.db'}"}

    for command in ("migrate", "web", "worker", "serve"):
        ended = carry_out(two, command, **database)
        assert ended.returncode == 1 and "Ontbreekt: secret_keys, age_identity" in ended.stderr, command
    assert not (two / "keys").exists()

    shutil.copytree(one / "keys", two / "keys")
    assert carry_out(two, "verify", **database).returncode == 0


def test_the_backup_of_a_new_installation_is_restored_by_the_book(tmp_path):
    one, two, copy = tmp_path / "een", tmp_path / "twee", tmp_path / "kopie"
    for home in (one, two):
        home.mkdir()
    assert carry_out(one, "migrate").returncode == 0
    assert carry_out(one, "backup", str(copy)).returncode == 0
    shutil.copytree(one / "keys", two / "keys")

    ended = carry_out(two, "restore", str(copy))

    assert ended.returncode == 0 and "Alles klopt." in ended.stdout, ended.stdout + ended.stderr


def test_no_process_makes_a_key_by_asking_for_one(tmp_path):
    strange = read({"DATA_DIR": str(tmp_path)})
    for ask in (lambda: strange.secret_keys, lambda: strange.age_identity_files, lambda: strange.pseudonym_keys):
        with pytest.raises(SettingsError, match="Zet de sleutels terug"):
            ask()
    assert list(tmp_path.iterdir()) == []


def test_the_web_does_not_start_with_other_keys(with_keys):
    KeyFingerprint.demand_fit()
    with_keys(pseudonym_keys_given=(NEW,))
    with pytest.raises(Refused, match="pseudonym_key: er staan andere sleutels"):
        request_gate.create()


def test_a_new_key_in_front_is_noted_so_that_a_machine_without_it_is_refused(with_keys):
    with_keys(secret_keys_given=(OLD,))
    KeyFingerprint.demand_fit()
    with_keys(secret_keys_given=(NEW, OLD))
    KeyFingerprint.demand_fit()

    with_keys(secret_keys_given=(OLD,))
    with pytest.raises(Refused, match="er staan andere sleutels"):
        KeyFingerprint.demand_fit()
    with_keys(secret_keys_given=(NEW,))
    with pytest.raises(Refused, match="er staan andere sleutels"):
        KeyFingerprint.demand_fit()  # what the old one sealed is still sealed by it


def test_after_resealing_the_old_key_may_go_and_seals_nothing_any_more(with_keys):
    with_keys(secret_keys_given=(OLD,))
    KeyFingerprint.demand_fit()
    with_keys(secret_keys_given=(NEW, OLD))
    list(key_rotation.reseal())

    with_keys(secret_keys_given=(NEW,))
    KeyFingerprint.demand_fit()
    with_keys(secret_keys_given=(OLD, NEW))
    with pytest.raises(Refused, match="door een nieuwere is vervangen"):
        KeyFingerprint.demand_fit()
    with_keys(secret_keys_given=(NEW, OLD))  # links of before still open
    KeyFingerprint.demand_fit()


def test_a_database_of_before_the_fingerprints_takes_only_keys_that_open_it(monkeypatch):
    make.case(patient_number="4711")
    schema.migrate()
    assert {row.kind for row in KeyFingerprint.select()} == {"secret_keys", "age_identity", "pseudonym_key"}

    KeyFingerprint.delete().execute()
    monkeypatch.setattr(encrypted_fields, "settings", replace(HERE, secret_keys_given=(NEW,)))
    with pytest.raises(Refused, match="gaat er niet mee open"):
        schema.migrate()
    assert KeyFingerprint.select().count() == 0


def test_the_key_of_the_lnr_is_made_by_the_upgrade_only_where_no_message_was_taken(with_keys, tmp_path):
    shutil.copytree(settings.data_dir / "keys", tmp_path / "keys")
    (tmp_path / "keys" / "pseudonym_key").unlink()
    with_keys(data_dir=tmp_path)
    with db.atomic() as undone:
        deliver(Delivery(hospital(), supplier()), message())
        with pytest.raises(Refused, match="Ontbreekt: pseudonym_key"):
            installation_keys.settle()
        undone.rollback()

    installation_keys.settle()
    assert (tmp_path / "keys" / "pseudonym_key").stat().st_mode & 0o077 == 0
