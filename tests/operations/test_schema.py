import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from peewee import DatabaseError
from playhouse.migrations import Runner

from models import MODELS, base
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.audit.monthly_review import AuditReview
from models.base import db, on_postgresql
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import Status
from models.cases.theme import Theme
from models.encrypted_fields import SealedField
from models.files.document import Document
from models.mail.outbox import Mail
from models.monthly.month_answer import MonthAnswer
from models.operations import schema
from models.questionnaires.query import DataQuery
from settings import settings
from tests import make

pytestmark = pytest.mark.db_dialect


def test_the_steps_make_exactly_the_tables_of_the_models(tmp_path):
    made = {model: _described(model) for model in MODELS}
    with _tables_of_the_models(tmp_path):
        for model, table in made.items():
            assert table == _described(model), model.__name__


def test_every_reference_is_held_by_the_database():
    for model in MODELS:
        fields = model._meta.refs
        expected = {(field.column_name, field.rel_model._meta.table_name, field.on_delete) for field in fields}
        assert _references(model) == expected, model.__name__


@pytest.mark.parametrize("change", ["UPDATE event SET detail = 'anders'", "DELETE FROM event", "DELETE FROM remark"])
def test_the_trail_and_what_was_written_to_a_hospital_refuse_change(change):
    make.case(status=Status.ONVOLLEDIG)

    with pytest.raises(DatabaseError, match="append-only"), db.atomic():
        db.execute_sql(change)

    assert AuditEvent.select().count() and Remark.select().count()


def test_bringing_up_to_date_again_changes_nothing():
    schema.migrate()
    themes = Theme.select().count()

    assert schema.migrate() == [] and Theme.select().count() == themes == 6
    assert schema.pending() == [] and schema.unknown() == []


def test_processes_that_start_together_bring_a_new_database_up_to_date_once(tmp_path):
    environment = {"DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    if on_postgresql():
        db.execute_sql("CREATE DATABASE together")
        environment["DATABASE_URL"] = urlsplit(settings.database_url)._replace(path="/together").geturl()
    command = [sys.executable, "app.py", "migrate"]

    started = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate(timeout=60)[0] for process in started]

    assert [process.returncode for process in started] == [0] * 4
    assert sum("Database bijgewerkt" in text for text in said) == 1


def test_what_stood_in_clear_is_sealed_by_the_step_that_seals_it(tmp_path):
    wrote = "Kip. CNRY, zei zij; 'ja' \U0001f423"
    with _new_database(tmp_path) as (place, steps):
        steps.up("0013_lnr_entry")
        _old_row("case", closed_why=wrote, status="ingetrokken")
        _old_row("asked_answer", reason=wrote, expected_on=None)
        _old_row("asked_answer", id=2, asked_id=2, reason="", expected_on="2026-10-01")
        _old_row("month_answer", note=wrote, kind="nul")
        _old_row("document", name=wrote)
        _old_row("inquiry", about=wrote, code="A1", text=SealedField().db_value("Klopt dit?"))
        _old_row("trail_review", note=wrote)
        _old_row("mail", about=json.dumps({"link": "CNRY"}))
        _old_row("mail", id=2, about="{}")
        steps.up()

        case, answer, document = Case.get_by_id(1), MonthAnswer.get_by_id(1), Document.get_by_id(1)
        assert {case.closed_why, answer.note, document.name, DataQuery.get_by_id(1).about, AuditReview.get().note} == {wrote}
        assert [row.reason for row in RequestedDocumentAnswer.select().order_by(RequestedDocumentAnswer.id)] == [wrote, ""]
        assert [mail.facts for mail in Mail.select().order_by(Mail.id)] == [{"link": "CNRY"}, {}]
        for table in ("case", "asked_answer", "month_answer", "document", "inquiry", "trail_review", "mail"):
            assert "CNRY" not in str(db.execute_sql(f'SELECT * FROM "{table}"').fetchall()), table
        base.let_go()
        assert not any(b"CNRY" in file.read_bytes() for file in place.glob("old.db*"))


def test_who_answered_before_use_was_noted_used_the_account_then(tmp_path):
    with _new_database(tmp_path) as (_, steps):
        steps.up("0092_account_review")
        for number in (1, 2, 3, 4):
            known = "2026-11-02" if number == 4 else None
            _old_row("user", id=number, email=f"{number}@example.com", fs_uniquifier=f"{number}", used_at=known)
        answers = [(1, "2026-02-03", True), (1, "2026-10-05", True), (1, "2026-11-01", False), (2, "2026-10-01", False)]
        for number, (by, at, counts) in enumerate([*answers, (4, "2026-10-05", True)], 1):
            _old_row(
                "month_answer", id=number, hospital_id=number, by_id=by, at=at, confirmed=counts, kind="nul", ended_at=None
            )
        steps.up()
        used = [str(user.used_at)[:10] for user in User.select(User.id, User.used_at).order_by(User.id)]
        assert used == ["2026-10-05", "None", "None", "2026-11-02"]
        assert isinstance(User.get_by_id(1).used_at, datetime)


def test_the_step_back_leaves_one_first_workplace_of_a_member_waiting(tmp_path):
    with _new_database(tmp_path) as (_, steps):
        steps.up("0139_reach_ground")
        for number, (member, kind) in enumerate([(1, "werkplek"), (1, "werkplek"), (1, "voorzitter"), (2, "werkplek")], 1):
            _old_row("reach_change", id=number, member_id=member, hospital_id=number, kind=kind, stop_hash=f"{number}")
        steps.down("0139_reach_ground")
        rows = db.execute_sql("SELECT id, outcome, decided_at IS NULL FROM reach_change ORDER BY id").fetchall()
        assert [(number, told, bool(waits)) for number, told, waits in rows] == [
            (1, None, True), (2, "vervallen", False), (3, None, True), (4, None, True),
        ]  # fmt: skip


@contextmanager
def _new_database(folder):
    """A database without any table: (where its files are, the Runner of the steps)."""
    url = f"sqlite:///{folder / 'old.db'}"
    if on_postgresql():
        db.execute_sql("CREATE DATABASE old")
        url = urlsplit(settings.database_url)._replace(path="/old").geturl()
    base.connect(url)
    try:
        yield folder, Runner(db.obj, str(schema.STEPS))
    finally:
        db.close()
        base.connect(settings.database_url)
        if on_postgresql():  # for the next test that wants one
            db.execute_sql("DROP DATABASE old WITH (FORCE)")


# What guards references, by whether it is PostgreSQL.
OFF_AND_ON = {
    True: ("SET session_replication_role = replica", "SET session_replication_role = origin"),
    False: ("PRAGMA foreign_keys = 0", "PRAGMA foreign_keys = 1"),
}


def _old_row(table, **given):
    """A row as it was kept; what is not told is something of the right kind, and refers to nothing."""
    values = {"INTEGER": 1, "BIGINT": 1, "BOOLEAN": True, "DATETIME": "2026-10-01", "TIMESTAMP WITHOUT TIME ZONE": "2026-10-01"}
    columns = {
        column.name: None if column.null else values.get(column.data_type.upper(), "x") for column in db.get_columns(table)
    }
    row = {**columns, "id": 1, **given}
    names, marks = ", ".join(f'"{name}"' for name in row), ", ".join([db.param] * len(row))
    off, on = OFF_AND_ON[on_postgresql()]
    db.execute_sql(off)
    db.execute_sql(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(row.values()))
    db.execute_sql(on)


@contextmanager
def _tables_of_the_models(folder):
    """A place beside the migrated one, with the tables as peewee makes them."""
    if on_postgresql():
        db.execute_sql("CREATE SCHEMA beside")
        db.execute_sql("SET search_path TO beside")
    else:
        db.close()
        base.connect(f"sqlite:///{folder / 'beside.db'}")
    try:
        db.create_tables(MODELS, safe=False)
        yield
    finally:
        if on_postgresql():
            db.execute_sql("SET search_path TO public")
            db.execute_sql("DROP SCHEMA beside CASCADE")
        else:
            db.close()
            base.connect(settings.database_url)


def _described(model):
    table, place = model._meta.table_name, db.execute_sql("SELECT current_schema()").fetchone()[0] if on_postgresql() else None
    columns = {(column.name, column.data_type, column.null) for column in db.get_columns(table, place)}
    indexes = {
        (tuple(index.columns), index.unique, (index.sql or "").partition(" WHERE ")[2].strip("()"))
        for index in db.get_indexes(table, place)
    }
    return columns, indexes, _checks(table)


def _checks(table):
    if on_postgresql():
        query = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid = to_regclass(%s)"
        return {text for (text,) in db.execute_sql(query, (f'"{table}"',)).fetchall()}
    (text,) = db.execute_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
    return set(_in_brackets(text))


def _in_brackets(text):
    """What stands between the brackets of each CHECK."""
    for match in re.finditer(r"CHECK \(", text):
        depth = 1
        for end in range(match.end(), len(text)):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            if not depth:
                yield text[match.end() : end]
                break


def _references(model):
    table = model._meta.table_name
    if not on_postgresql():
        rows = db.execute_sql(f'PRAGMA foreign_key_list("{table}")').fetchall()
        return {(column, to, rule) for _, _, to, column, _, _, rule, _ in rows}
    query = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = to_regclass(%s)"
    shape = re.compile(r'FOREIGN KEY \((\w+)\) REFERENCES "?(\w+)"?\(id\) ON DELETE (\w+)')
    return {shape.match(text).groups() for (text,) in db.execute_sql(query, (f'"{table}"',)).fetchall()}
