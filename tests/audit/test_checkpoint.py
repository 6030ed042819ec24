"""The trail's checkpoints outside the database."""

from dataclasses import replace

import pytest

from models.audit import checkpoint
from models.audit.audit_event import AuditEvent
from models.base import db, on_postgresql
from models.cases.status import Status
from models.files import storage
from models.files.stores import Unanswered
from settings import settings
from tests import make


@pytest.fixture(params=["file", "bucket"], autouse=True)
def place(request, monkeypatch, tmp_path):
    """Where checkpoints go, empty."""
    checkpoint.path().unlink(missing_ok=True)
    if request.param == "bucket":
        s3 = request.getfixturevalue("object_store").settings(prefix=tmp_path.name)
        monkeypatch.setattr(storage, "settings", replace(settings, s3=s3))
    yield request.param
    checkpoint.forget()


def _cut_off(count):
    """Remove the last lines of the trail, as somebody with the database can: the chain itself still fits."""
    if on_postgresql():
        db.execute_sql("SET session_replication_role = replica")
    else:
        db.execute_sql("DROP TRIGGER event_refuses_delete")
    db.execute_sql(f"DELETE FROM event WHERE id > (SELECT MAX(id) - {count} FROM event)")
    if on_postgresql():
        db.execute_sql("SET session_replication_role = DEFAULT")


def test_a_trail_that_only_grew_bears_its_checkpoints_out(place):
    checkpoint.write()
    for _ in range(2):
        make.case(status=Status.INGEDIEND)
        checkpoint.write()

    assert list(checkpoint.broken()) == [] and checkpoint.path().exists() == (place == "file")


def test_a_trail_whose_end_was_cut_off_is_found_though_its_chain_fits():
    make.case(status=Status.GOEDGEKEURD)
    checkpoint.write()
    _cut_off(2)

    assert list(AuditEvent.broken_links()) == []
    assert len(list(checkpoint.broken())) == 1


def test_a_trail_that_was_written_anew_after_the_cut_is_found():
    case = make.case(status=Status.GOEDGEKEURD)
    checkpoint.write()
    _cut_off(1)
    AuditEvent.log("case.read", by=case.reporter, case=case)

    assert len(list(checkpoint.broken())) == 1


def test_a_checkpoint_that_was_tampered_with_is_found():
    make.case()
    checkpoint.add(["niets"])

    assert list(checkpoint.broken()) == ["logboek: controlepunt 1 is onleesbaar"]


def test_what_the_file_held_before_there_was_a_bucket_still_counts(place, monkeypatch):
    make.case(status=Status.GOEDGEKEURD)
    with monkeypatch.context() as before:
        before.setattr(storage, "settings", settings)
        checkpoint.write()
    checkpoint.write()
    _cut_off(2)

    assert len(list(checkpoint.broken())) == 2
    if place == "bucket":
        (note,) = storage.bucket().notes()
        assert note not in {entry.name for entry in storage.bucket().entries()}  # it is no file


def test_a_store_that_gives_no_answer_is_told_and_no_reason_to_call_the_trail_whole(place):
    checkpoint.write()
    if place == "bucket":
        storage.bucket().resting_until = float("inf")
        assert "niet te lezen" in next(checkpoint.broken())
        with pytest.raises(Unanswered):
            checkpoint.write()
        storage.bucket().resting_until = 0
