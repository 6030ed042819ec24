"""F-13: one bit of what is kept is flipped, or a file is cut short. It is found and told, and nothing wrong is served."""

import random

import pytest

from models.audit.audit_event import AuditEvent
from models.base import db, on_postgresql
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.status import Status
from models.files import storage
from models.operations import integrity_check
from settings import settings
from tests import make
from tests.faults.invariants import broken
from tests.faults.size import sized

pytestmark = pytest.mark.db_dialect

TIMES = sized(12, 400)


@pytest.mark.parametrize("harm", ["flip", "cut"])
def test_a_file_that_was_harmed_anywhere_is_found_and_never_arrives_whole(client, login, harm, record_property):
    document = make.document(make.case())
    login(client, document.case.reporter)
    path, chance = settings.documents_dir / document.blob[:2] / document.blob, random.Random(13)
    whole = path.read_bytes()
    for _ in range(TIMES):
        at = chance.randrange(len(whole))
        harmed = bytearray(whole)
        harmed[at] ^= 1 << chance.randrange(8)
        path.write_bytes(harmed if harm == "flip" else whole[:at])
        assert [
            problem for problem in integrity_check.problems(deep=True) if "document" in problem.lower() or "bestand" in problem
        ]
        answer = client.get(f"/melding/{document.case.key}/bestanden/{document.key}/download")
        assert answer.status_code == 410 and make.PDF not in answer.data
    path.write_bytes(whole)
    record_property("tried", TIMES)
    assert broken() == [] and b"".join(storage.read(document.blob, document.sha256)) == make.PDF


# Table, column: sealed, or part of a line of the trail.
GUARDED = {
    "a sealed remark": (Remark, "text"),
    "a patient number": (Case, "patient_number"),
    "a line of the trail": (AuditEvent, "detail"),
    "who did it, in which roles": (AuditEvent, "roles"),
}


@pytest.mark.parametrize("what", GUARDED)
def test_a_bit_of_a_value_that_is_sealed_or_chained_is_found(what, record_property):
    model, column = GUARDED[what]
    case = make.case(status=Status.INGEDIEND, patient_number="4711")
    case.note(make.coordinator(), "Een notitie.")
    field, chance = model._meta.fields[column].column_name, random.Random(5)
    table = model._meta.table_name
    row, value = db.execute_sql(f"""SELECT id, "{field}" FROM "{table}" WHERE "{field}" <> '' ORDER BY id DESC""").fetchone()
    read = getattr(model.get_by_id(row), column)
    for _ in range(TIMES):
        with db.atomic() as undo:
            _around_the_triggers(table)
            db.execute_sql(f'UPDATE "{table}" SET "{field}" = {db.param} WHERE id = {db.param}', (_flipped(value, chance), row))
            # The last letter of a seal has bits that mean nothing: what is read is then what was written.
            assert list(integrity_check.problems(deep=True)) != [] or getattr(model.get_by_id(row), column) == read
            undo.rollback()
    record_property("tried", TIMES)
    assert broken() == []


def _flipped(text, chance):
    at = chance.randrange(len(text))
    return text[:at] + chr(ord(text[at]) ^ 1 << chance.randrange(5)) + text[at + 1 :]


def _around_the_triggers(table):
    """As a fault of the disk does; it ends with the transaction."""
    if on_postgresql():
        db.execute_sql("SET LOCAL session_replication_role = replica")
    else:
        for (name,) in db.execute_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
        ).fetchall():
            db.execute_sql(f'DROP TRIGGER "{name}"')
