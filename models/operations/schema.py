"""The schema of the database, brought up to date step by step."""

import fcntl
from contextlib import contextmanager
from datetime import date
from typing import Any

from playhouse.migrations import Runner

from models import MODELS
from models.base import Refused, db, on_postgresql
from models.cases import theme
from models.operations.keys import installation_keys
from models.questionnaires.definition.default_questionnaires import load_questionnaires
from models.search import word_index
from models.search.find import SEARCHED
from settings import ROOT, settings

STEPS = ROOT / "migrations"
MIGRATION_LOCK = 7514
FIRST_DAY = date(2020, 1, 1)  # from which the themes of a new installation are reported


def migrate() -> Any:
    """Apply the steps that this database has not had; returns their names. A new database gets its keys, the themes and
    the questionnaires too.

    Safe when several processes start together. Raises Refused, changing nothing, where the keys of this database are not.
    """
    with _alone():
        installation_keys.prepare(empty=not any(step.applied for step in _runner().status()))
        steps = _runner().up()
        theme.load_defaults(FIRST_DAY)
        load_questionnaires(FIRST_DAY)
        if word_index.is_unfinished(SEARCHED):
            list(word_index.rebuild(SEARCHED))
        installation_keys.settle()
    return steps


def pending() -> list:
    """The names of the steps that `migrate` would apply."""
    return [step.name for step in _runner().status() if step.path and not step.applied]


def unknown() -> list:
    """Steps that a newer version of the program applied to this database."""
    return [step.name for step in _runner().status() if not step.path]


def demand_known() -> None:
    """Raise Refused when a newer version of the program has changed this database."""
    if unknown():
        raise Refused("De database is van een nieuwere versie van het portaal. Gebruik die versie.")


def demand_this_version() -> None:
    """Raise Refused when the database is of a newer version, or of an older one."""
    demand_known()
    if pending():
        raise Refused("De database is nog niet op deze versie. Voer eerst uit: python app.py migrate")


def newest() -> str:
    """The name of the last step that this database has had."""
    return [step.name for step in _runner().status() if step.applied][-1]


def knows(name: str) -> bool:
    """Whether this version of the program has the step of that name."""
    return any(step.name == name for step in _runner().migrations())


def count_anew() -> None:
    """Let the database look at how its tables are filled, by which it chooses its indexes; seconds at a million cases.

    Without it SQLite reads a whole table where a handful of rows are asked for.
    """
    for model in MODELS:
        # One by one: each holds up writers for a moment.
        db.execute_sql(f'ANALYZE "{model._meta.table_name}"')


def _runner():
    return Runner(db.obj, str(STEPS))


@contextmanager
def _alone():
    with _locked_on_postgresql() if on_postgresql() else _locked_on_disk():
        yield


@contextmanager
def _locked_on_postgresql():
    db.execute_sql("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
    try:
        yield
    finally:
        db.execute_sql("SELECT pg_advisory_unlock(%s)", (MIGRATION_LOCK,))


@contextmanager
def _locked_on_disk():
    # Not a lock of SQLite: changing a table switches foreign keys off, which only works outside a transaction.
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (settings.data_dir / "migrate.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
