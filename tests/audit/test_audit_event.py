"""The trail."""

import threading

import pytest

from models.audit.audit_event import GENESIS, AuditEvent
from models.base import db, on_postgresql
from models.cases.status import Status
from tests import make


def test_the_chain_of_a_whole_story_holds():
    make.case(status=Status.GOEDGEKEURD)

    assert AuditEvent.select().count() >= 4
    assert AuditEvent.select().order_by(AuditEvent.id).first().previous == GENESIS
    assert list(AuditEvent.broken_links()) == []


def test_a_line_says_who_in_which_role_by_which_rule_and_on_what():
    case = make.case()
    event = AuditEvent.get(AuditEvent.action == "case.open")

    assert (event.actor, event.roles, event.rule, event.kind) == (case.reporter, "melder", "eigen ziekenhuis", "C")
    assert (event.subject, event.case_id, event.hospital) == (case.number, case.id, case.hospital)


def test_the_patient_number_is_never_in_the_trail():
    case = make.case(patient_number="CNRY-4711", status=Status.ONVOLLEDIG)
    for number in ("CNRY-4712", " CNRY-4712"):
        case.set_patient_number(case.reporter, number)

    assert [event.actor for event in AuditEvent.of_case(case).where(AuditEvent.action == "case.patient_number")] == [
        case.reporter
    ]
    assert all("CNRY" not in f"{event.subject}{event.detail}" for event in AuditEvent.select())


@pytest.mark.parametrize("statement", ["UPDATE event SET detail = 'x'", "DELETE FROM event"])
def test_the_database_refuses_to_change_the_trail(statement):
    make.case()

    with pytest.raises(Exception, match="append-only"):
        db.execute_sql(statement)


def _around_the_triggers(statement):
    """What somebody with the database file can do."""
    if not on_postgresql():
        db.execute_sql("DROP TRIGGER event_refuses_update")
        db.execute_sql("DROP TRIGGER event_refuses_delete")
    else:
        db.execute_sql("SET session_replication_role = replica")
    db.execute_sql(statement)
    if on_postgresql():
        db.execute_sql("SET session_replication_role = DEFAULT")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET detail = 'anders' WHERE id = (SELECT MIN(id) FROM event)",
        "UPDATE event SET request = 'abcdef12' WHERE id = (SELECT MIN(id) FROM event)",
        "UPDATE event SET actor_id = NULL WHERE id = (SELECT MIN(id) FROM event)",
        "DELETE FROM event WHERE id = (SELECT MIN(id) + 1 FROM event)",
        "DELETE FROM event WHERE id = (SELECT MIN(id) FROM event)",
    ],
)
def test_a_line_that_was_changed_or_removed_behind_its_back_is_found(statement):
    make.case(status=Status.GOEDGEKEURD)
    _around_the_triggers(statement)

    assert list(AuditEvent.broken_links()) != []


def test_many_writers_at_once_leave_one_unbroken_chain():
    user = make.user()

    def write():
        with db.connection_context():
            for _ in range(10):
                AuditEvent.log("case.export", by=user)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert AuditEvent.select().count() == 40
    assert list(AuditEvent.broken_links()) == []


def test_an_act_that_fails_leaves_no_line():
    user = make.user()

    with pytest.raises(ZeroDivisionError), db.atomic():
        AuditEvent.log("case.export", by=user)
        raise ZeroDivisionError

    assert AuditEvent.select().count() == 0
