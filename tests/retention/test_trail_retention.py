"""The oldest lines of the trail go after their term, and what stays is as provable as before."""

from datetime import timedelta

import pytest
from peewee import DatabaseError

from models import MODELS, clock
from models.access import Role
from models.audit import audit_anchor, checkpoint
from models.audit.audit_anchor import AuditAnchor
from models.audit.audit_event import AuditEvent
from models.base import db, on_postgresql
from models.cases.status import Status
from models.encrypted_fields import SealedField
from models.operations import integrity_check
from models.retention import destruction
from models.retention.destruction import Destruction, destroy_due, foretell
from models.retention.legal_hold import LegalHold
from models.retention.retention_term import RetentionTerm
from tests import make

pytestmark = pytest.mark.db_dialect
NOW = clock.now()
YEAR = timedelta(days=365)


@pytest.fixture(autouse=True)
def no_checkpoints():
    checkpoint.path().unlink(missing_ok=True)
    yield
    checkpoint.path().unlink(missing_ok=True)


def said(years, count=3):
    """Lines of that many years ago."""
    return [AuditEvent.log("user.login", subject=f"{years} jaar", at=NOW - years * YEAR) for _ in range(count)]


def kept():
    return [line.subject for line in AuditEvent.select().where(AuditEvent.action == "user.login").order_by(AuditEvent.id)]


def wrong():
    return [*audit_anchor.broken(), *checkpoint.broken()]


def test_lines_go_after_their_term_and_the_chain_of_what_stays_is_proved():
    said(16)
    checkpoint.write(NOW - 16 * YEAR)
    said(14)
    checkpoint.write(NOW)
    (told,) = [one for one in foretell(NOW - timedelta(days=1)) if one.count]
    assert (told.kind, told.count, len(told.examples)) == ("trail", 3, 3)

    assert destroy_due(MODELS, NOW) == {"trail": 3}

    assert kept() == ["14 jaar"] * 3
    assert wrong() == [] and list(integrity_check.trail()) == []
    actions = [line.action for line in AuditEvent.select().order_by(AuditEvent.id)][3:]
    assert actions == ["trail.cut", "retention.destroy"]
    assert destroy_due(MODELS, NOW) == {} and Destruction.get().count == 3
    assert destroy_due(MODELS, NOW + 2 * YEAR) == {"trail": 3} and kept() == [] and wrong() == []


def test_a_case_that_outlives_its_lines_is_whole():
    make.case(Status.INGEDIEND, at=NOW)
    destroy_due(MODELS, NOW + 16 * YEAR)
    assert AuditAnchor.select().exists() and list(integrity_check.problems(deep=True)) == []


def test_a_hold_keeps_the_line_of_its_case_and_all_after_it():
    said(17, 2)
    case = make.case(Status.INGEDIEND, at=NOW)
    LegalHold.place(case, make.coordinator(), "Rechtszaak.", now=NOW)
    said(16, 2)
    first = AuditEvent.of_case(case).get()
    destroy_due(MODELS, NOW + 16 * YEAR)
    assert kept() == ["16 jaar"] * 2 and AuditEvent.of_case(case).get() == first
    assert AuditEvent.select().where(AuditEvent.id < first.id).count() == 0 and wrong() == []


def test_a_hold_keeps_the_lines_of_a_part_that_was_reported_before_its_whole():
    said(17, 2)
    by = make.coordinator()
    part, whole = (make.case(Status.INGEDIEND, theme=theme, at=NOW) for theme in [make.theme()] * 2)
    whole.join(part, by, now=NOW)
    LegalHold.place(whole, by, "Rechtszaak.", now=NOW)
    first = AuditEvent.of_case(part).get()
    destroy_due(MODELS, NOW + 16 * YEAR)
    assert AuditEvent.of_case(part).get() == first and kept() == [] and wrong() == []


def test_a_line_that_a_wrong_clock_put_among_old_ones_stops_the_cut():
    said(16, 2)
    said(1, 1)
    said(16, 2)
    assert destroy_due(MODELS, NOW) == {"trail": 2}
    assert kept() == ["1 jaar", "16 jaar", "16 jaar"] and wrong() == [] and destroy_due(MODELS, NOW) == {}


def test_one_night_is_bounded_and_the_next_goes_on(monkeypatch):
    monkeypatch.setattr(destruction, "BULK", 2)
    said(16)
    assert [destroy_due(MODELS, NOW) for _ in range(3)] == [{"trail": 2}, {"trail": 1}, {}]
    assert wrong() == [] and AuditAnchor.select().count() == 2


def test_no_term_reaches_the_last_five_years():
    term = RetentionTerm.get(RetentionTerm.kind == "trail")
    assert term.facts.least == audit_anchor.LEAST.days
    term.amend(make.user(role=Role.BEHEERDER), term.facts.least, NOW - YEAR)
    (young,) = said(4, 1)
    assert destroy_due(MODELS, NOW) == {} and kept() == ["4 jaar"]
    with pytest.raises(DatabaseError, match="append-only"), db.atomic():
        AuditAnchor.cut(young, 1, NOW)
    assert kept() == ["4 jaar"]


@pytest.mark.parametrize("change", [
    "DELETE FROM event WHERE subject = '14 jaar'", "UPDATE event SET detail = 'x'", "DELETE FROM audit_anchor",
    "UPDATE audit_anchor SET last = last + 1", "UPDATE audit_anchor SET at = said_at",
])  # fmt: skip
def test_only_what_had_its_term_can_be_removed_and_an_anchor_never(change):
    said(16)
    said(14)
    destroy_due(MODELS, NOW)
    with pytest.raises(DatabaseError, match="append-only"), db.atomic():
        db.execute_sql(change)
    assert kept() == ["14 jaar"] * 3 and wrong() == []


def test_who_has_the_database_alone_cannot_make_a_cut_look_right():
    said(16)
    said(15)
    last = said(6, 1)[0]
    said(1)
    forged = {"last": last.id, "hash": last.hash, "said_at": last.at, "lines": 7, "at": NOW}
    with db.atomic() as outer:
        AuditAnchor.create(**forged, seal="")
        AuditEvent.delete().where(AuditEvent.id <= last.id).execute()
        assert any("is niet van het portaal" in sentence for sentence in wrong())
        outer.rollback()
    with db.atomic() as outer:
        hole = "%s" if on_postgresql() else "?"
        columns = ", ".join([*forged, "seal"])
        values = (*forged.values(), "gAAAAA")
        db.execute_sql(f"INSERT INTO audit_anchor ({columns}) VALUES ({', '.join([hole] * len(values))})", values)
        assert any("is niet van het portaal" in sentence for sentence in wrong())
        outer.rollback()
    # Nor with a seal that the portal made for another cut.
    with db.atomic() as outer:
        AuditAnchor.create(**forged, seal=f"{last.id - 1} x")
        AuditEvent.delete().where(AuditEvent.id <= last.id).execute()
        found = wrong()
        assert any("is niet van het portaal" in sentence for sentence in found)
        assert any("geen regel vertelt dat" in sentence for sentence in found)
        outer.rollback()
    assert wrong() == [] and isinstance(AuditAnchor.seal, SealedField)


def test_a_first_line_that_does_not_follow_on_the_anchor_is_found():
    said(16)
    said(14)
    destroy_due(MODELS, NOW)
    if on_postgresql():
        db.execute_sql("SET session_replication_role = replica")
    else:
        db.execute_sql("DROP TRIGGER event_refuses_delete")
    AuditEvent.delete().where(AuditEvent.subject == "14 jaar", AuditEvent.id == AuditAnchor.begin()[0] + 1).execute()
    if on_postgresql():
        db.execute_sql("SET session_replication_role = DEFAULT")
    assert any("ontbreekt een regel" in sentence for sentence in wrong())
