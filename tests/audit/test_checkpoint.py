"""The trail's checkpoints outside the database."""

import pytest

from models.audit import checkpoint
from models.audit.audit_event import AuditEvent
from models.base import db, on_postgresql
from models.cases.status import Status
from tests import make


@pytest.fixture(autouse=True)
def no_checkpoints():
    checkpoint.path().unlink(missing_ok=True)
    yield
    checkpoint.path().unlink(missing_ok=True)


def _cut_off(count):
    """Remove the last lines of the trail, as somebody with the database can: the chain itself still fits."""
    if on_postgresql():
        db.execute_sql("SET session_replication_role = replica")
    else:
        db.execute_sql("DROP TRIGGER event_refuses_delete")
    db.execute_sql(f"DELETE FROM event WHERE id > (SELECT MAX(id) - {count} FROM event)")
    if on_postgresql():
        db.execute_sql("SET session_replication_role = DEFAULT")


def test_a_trail_that_only_grew_bears_its_checkpoints_out():
    checkpoint.write()
    for _ in range(2):
        make.case(status=Status.INGEDIEND)
        checkpoint.write()

    assert list(checkpoint.broken()) == []


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
    checkpoint.write()
    checkpoint.path().write_text("niets\n")

    assert list(checkpoint.broken()) == ["logboek: controlepunt 1 is onleesbaar"]
