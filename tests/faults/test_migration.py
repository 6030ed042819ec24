"""F-23: bringing the database up to date is killed half-way; the next try ends it, and nothing that was there is lost."""

import os
import subprocess
import sys

import pytest
from playhouse.migrations import Runner

from models import base
from models.accounts.hospital import Hospital
from models.base import db, on_postgresql
from models.operations import schema
from settings import ROOT, settings
from tests.faults.invariants import broken
from tests.faults.killing import at_every_step, hang_up
from tests.faults.size import sized

pytestmark = pytest.mark.db_dialect

BACK = sized(3, 26)  # the last steps of the schema, which are taken


@pytest.fixture
def other(tmp_path):
    """The address of an empty database of this test alone, to which the models speak meanwhile."""
    if on_postgresql():
        db.execute_sql("CREATE DATABASE halfway TEMPLATE template0")
        url = settings.database_url.rpartition("/")[0] + "/halfway"
    else:
        url = f"sqlite:///{tmp_path / 'halfway.db'}"
    base.connect(url)
    yield url
    hang_up()
    base.connect(settings.database_url)
    if on_postgresql():
        db.execute_sql("DROP DATABASE halfway")


def test_a_migration_that_dies_at_any_step_is_ended_by_the_next(other, record_property):
    steps = [step.name for step in Runner(db.obj, str(schema.STEPS)).migrations()]
    Runner(db.obj, str(schema.STEPS)).up(steps[-BACK - 1])
    # By the columns of then.
    known, row = {column.name for column in db.get_columns("hospital")}, {"name": "Ziekenhuis Oost", "code": "ost"}
    row |= {field.column_name: field.default for field in Hospital._meta.sorted_fields if field.default is not None}
    row = {name: value() if callable(value) else value for name, value in row.items() if name in known}
    db.execute_sql(f"INSERT INTO hospital ({', '.join(row)}) VALUES ({', '.join([db.param] * len(row))})", tuple(row.values()))

    deaths = 0
    for death in at_every_step(schema.migrate, most=5_000, stride=sized(6, 1)):
        deaths += 1
        assert Hospital.select(Hospital.name).tuples()[:] == [("Ziekenhuis Oost",)], f"lost by dying at step {death}"
    record_property("tried", deaths)

    assert schema.pending() == [] and schema.unknown() == [] and deaths > BACK
    assert broken() == []


def test_a_program_that_runs_on_a_database_half_way_says_so(other):
    steps = [step.name for step in Runner(db.obj, str(schema.STEPS)).migrations()]
    Runner(db.obj, str(schema.STEPS)).up(steps[-2])
    hang_up()

    ended = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "verify"],
        env={**os.environ, "DATABASE_URL": other},
        capture_output=True,
        text=True,
    )

    assert ended.returncode == 1 and "migrate" in ended.stderr and "Traceback" not in ended.stderr
