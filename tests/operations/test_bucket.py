"""An installation whose files lie in a bucket, by the commands that an operator gives."""

import pytest

from models.audit import checkpoint
from models.base import Refused, db
from models.files import storage
from models.files.stores import Unanswered
from models.operations import backup

DOCUMENTS = "documents/??/*"


@pytest.fixture
def in_bucket(object_store, tmp_path):
    """The settings of a bucket of this test's own."""
    s3 = object_store.settings(prefix=tmp_path.name)
    return {
        "STORAGE_URL": f"s3://{s3.bucket}/{s3.prefix}",
        "S3_ENDPOINT": s3.endpoint,
        "AWS_ACCESS_KEY_ID": s3.key_id,
        "AWS_SECRET_ACCESS_KEY": s3.secret,
    }


def names(folder):
    return {path.name: path.read_bytes() for path in folder.glob(DOCUMENTS)}


def test_a_copy_is_restored_into_a_bucket_and_a_copy_of_that_holds_the_same(kept, copy, elsewhere, in_bucket, tmp_path):
    assert elsewhere("restore", copy, **in_bucket)[0] == 0
    assert names(elsewhere.home) == {} and not (elsewhere.home / backup.CHECKPOINTS).exists()
    assert elsewhere("verify", "--deep", **in_bucket)[0] == 0
    assert elsewhere("backup", tmp_path / "tweede" / "een", **in_bucket)[0] == 0
    assert elsewhere("backup", tmp_path / "tweede" / "twee", **in_bucket)[0] == 0
    assert names(tmp_path / "tweede" / "een") == names(copy) != {}
    assert (tmp_path / "tweede" / "een" / backup.CHECKPOINTS).read_text() == (copy / backup.CHECKPOINTS).read_text()
    # What did not change in the bucket is not fetched again.
    first, second = (next((tmp_path / "tweede" / name).glob(DOCUMENTS)) for name in ("een", "twee"))
    assert first.stat().st_ino == second.stat().st_ino


def test_a_bucket_that_holds_something_takes_no_restore(copy, elsewhere, in_bucket, object_store):
    object_store.client().put(f"{in_bucket['STORAGE_URL'].rpartition('/')[2]}/ab/ab12", b"x")
    status, said = elsewhere("restore", copy, **in_bucket)
    assert status == 1 and f"Hier staat al iets: {in_bucket['STORAGE_URL']}" in said


def test_the_files_of_a_folder_move_to_a_bucket(kept, elsewhere, in_bucket, copy):
    assert elsewhere("restore", copy)[0] == 0
    status, said = elsewhere("move-documents")
    assert status == 1 and "STORAGE_URL noemt geen bucket" in said
    assert elsewhere("verify", "--deep", **in_bucket)[0] == 0  # before they are moved
    assert elsewhere("move-documents", **in_bucket) == (0, "1 bestand is verplaatst en nagelezen.\n")
    assert names(elsewhere.home) == {}
    assert elsewhere("verify", "--deep", **in_bucket)[0] == 0


def test_the_check_tries_the_bucket_and_says_what_is_wrong(copy, elsewhere, in_bucket):
    assert elsewhere("restore", copy, **in_bucket)[0] == 0
    _, said = elsewhere("check", **in_bucket)
    assert f"goed  opslag        {in_bucket['STORAGE_URL']}" in said
    _, said = elsewhere("check", **in_bucket | {"AWS_SECRET_ACCESS_KEY": "guessed"})
    assert f"In {in_bucket['STORAGE_URL']} kan geen bestand worden opgeslagen" in said and "guessed" not in said


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"STORAGE_URL": "s3://"}, "STORAGE_URL moet lijken op s3://bucket"),
        ({"STORAGE_URL": "ftp://x"}, "STORAGE_URL moet beginnen met file: of s3://"),
        ({"S3_ENDPOINT": "opslag"}, "S3_ENDPOINT moet beginnen met https://"),
        ({"AWS_SECRET_ACCESS_KEY": ""}, "Geef ook AWS_ACCESS_KEY_ID en AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_a_wrong_setting_is_one_sentence(elsewhere, in_bucket, changed, sentence):
    status, said = elsewhere("verify", **in_bucket | changed)
    assert status == 1 and sentence in said and len(said.splitlines()) == 1


def test_a_restore_that_fails_where_checkpoints_cannot_be_taken_away_says_why_and_can_be_given_again(
    copy, tmp_path, monkeypatch
):
    """A retention lock on `trail-checkpoints/`, as operations.md advises."""
    kept = []

    class Locked:
        note = staticmethod(kept.append)
        notes = staticmethod(lambda: list(kept))

        def forget_notes(self):
            raise Unanswered("DELETE is refused")

    def fails(*_, **__):
        raise Refused("De database is vol.")

    monkeypatch.setattr(storage, "bucket", lambda: Locked())
    monkeypatch.setattr(storage, "keys", lambda: [])
    for name in ("put_back", "delete"):
        monkeypatch.setattr(storage, name, lambda *_: None)
    monkeypatch.setattr(db.obj, "get_tables", lambda: [])
    monkeypatch.setattr(backup.database_dump, "load", fails)
    monkeypatch.setattr(checkpoint, "path", lambda: tmp_path / "geen")
    for _ in range(2):
        with pytest.raises(Refused, match="De database is vol"):
            backup.restore(copy)
        backup.demand_settled()
    assert len(set(kept)) == len((copy / backup.CHECKPOINTS).read_text().splitlines())
    kept.append("2026-01-01T00:00:00Z_9_" + "0" * 64)
    with pytest.raises(Refused, match="controlepunten van het logboek"):
        backup.restore(copy)
