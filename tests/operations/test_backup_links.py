"""Backups night after night: what did not change is not copied again, and older copies go (R-13)."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from commands import main
from models.files import storage
from models.operations import backup, backup_thinning, database_dump
from tests import make
from tests.operations.test_commands import command  # noqa: F401


def file_in(folder, document):
    return folder / "documents" / document.blob[:2] / document.blob


def test_what_did_not_change_is_not_copied_again_and_what_was_sealed_anew_is(kept, elsewhere, tmp_path):
    first, second, third = (tmp_path / name for name in ("een", "twee", "drie"))
    backup.make(first)
    added = make.document(make.case())
    backup.make(second)
    assert file_in(first, kept).stat().st_ino == file_in(second, kept).stat().st_ino
    assert file_in(second, added).stat().st_nlink == 1

    storage.reencrypt(kept.blob, kept.sha256)
    backup.make(third)
    assert file_in(third, kept).stat().st_ino != file_in(second, kept).stat().st_ino
    assert file_in(third, kept).read_bytes() != file_in(second, kept).read_bytes()

    backup_thinning.remove(first)  # the others keep their bytes
    assert elsewhere("restore", second)[0] == 0


def test_a_copy_is_whole_where_files_cannot_be_linked(kept, tmp_path, monkeypatch):
    backup.make(tmp_path / "een")

    def refuse(*names):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(backup.os, "link", refuse)
    backup.make(tmp_path / "twee")
    assert file_in(tmp_path / "twee", kept).stat().st_nlink == 1


def test_two_weeks_of_days_then_weeks_then_months_stay_and_never_longer_than_half_a_year():
    today = date(2026, 11, 29)
    days = {Path(f"/kopie/{today - timedelta(days=back)}"): today - timedelta(days=back) for back in range(400)}
    gone = set(backup_thinning.superseded(days, today))
    ages = sorted((today - day).days for folder, day in days.items() if folder not in gone)
    assert ages[:14] == list(range(14)) and max(ages) <= 184
    assert 6 <= len([age for age in ages if 14 <= age <= 56]) <= 8 and 4 <= len([age for age in ages if age > 56]) <= 6
    # Night after night leaves the same as once.
    assert backup_thinning.superseded({folder: day for folder, day in days.items() if folder not in gone}, today) == []
    assert backup_thinning.superseded({Path("/oud"): date(2020, 1, 1)}, today) == []


def test_the_command_thins_copies_and_touches_nothing_else(kept, tmp_path, command):  # noqa: F811
    backup.make(tmp_path / "oud")
    manifest = tmp_path / "oud" / backup.MANIFEST
    manifest.write_text(manifest.read_text().replace('"at": "20', '"at": "19'))
    (tmp_path / "iets-anders").mkdir()
    status, said = command("backup", str(tmp_path / "nieuw"), "--thin")
    assert status == 0 and f"{tmp_path / 'oud'} is weg" in said
    assert {path.name for path in tmp_path.iterdir()} >= {"nieuw", "iets-anders"} and not (tmp_path / "oud").exists()


def test_a_full_disk_is_a_sentence_and_leaves_nothing(kept, tmp_path, monkeypatch):
    def full(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(database_dump, "save", full)
    with pytest.raises(SystemExit) as end:
        main(["backup", str(tmp_path / "kopie")])
    assert f"De schijf van {tmp_path / 'kopie'} is vol" in str(end.value.code) and list(tmp_path.iterdir()) == []
