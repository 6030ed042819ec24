"""Trying something out on a copy in memory keeps nobody who writes waiting."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from models.accounts.hospital import Hospital
from models.audit.audit_event import CHAIN_LOCK, AuditEvent
from models.base import db
from models.database import private_copy
from models.operations.rehearsal import mail_preview
from tests import make


def someone_writes():
    """Whether another connection gets the write lock at once."""
    with closing(sqlite3.connect(db.obj.database, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        other.execute("ROLLBACK")
        return True


@pytest.mark.only_sqlite
def test_a_rehearsal_sees_what_is_kept_forgets_what_it_does_and_lets_others_write():
    kept = make.hospital(name="Ziekenhuis Oost")
    with mail_preview.rolled_back():
        assert Hospital.get_by_id(kept.id).name == "Ziekenhuis Oost"
        Hospital.update(name="Anders").execute()
        assert Hospital.get_by_id(kept.id).name == "Anders" and someone_writes()
    assert Hospital.get_by_id(kept.id).name == "Ziekenhuis Oost"


@pytest.mark.only_sqlite
def test_after_an_error_in_it_the_database_itself_is_asked_again():
    kept = make.hospital(name="Ziekenhuis Oost")
    with pytest.raises(ZeroDivisionError), mail_preview.rolled_back():
        Hospital.delete().execute()
        raise ZeroDivisionError
    assert Hospital.get_by_id(kept.id) and not db.in_transaction()


@pytest.mark.only_sqlite
def test_a_database_too_large_to_copy_is_held_and_nothing_of_it_is_kept(monkeypatch):
    monkeypatch.setattr(private_copy, "LARGEST", 0)
    kept = make.hospital(name="Ziekenhuis Oost")
    with mail_preview.rolled_back():
        Hospital.update(name="Anders").execute()
        assert not someone_writes()
    assert Hospital.get_by_id(kept.id).name == "Ziekenhuis Oost"


@pytest.mark.only_postgresql
def test_on_postgresql_the_trail_goes_on_while_something_is_tried_out():
    def trail_is_free():
        with ThreadPoolExecutor(1) as other:
            return other.submit(tried).result()

    def tried():
        with db.connection_context(), db.atomic():
            return db.execute_sql("SELECT pg_try_advisory_xact_lock(%s)", (CHAIN_LOCK,)).fetchone()[0]

    with mail_preview.rolled_back():
        AuditEvent.log("mail.schedule", subject="Proef")
        assert trail_is_free()
    with db.atomic():
        AuditEvent.log("mail.schedule", subject="Echt")
        assert not trail_is_free()
    assert [line.subject for line in AuditEvent.select().where(AuditEvent.action == "mail.schedule")] == ["Echt"]
