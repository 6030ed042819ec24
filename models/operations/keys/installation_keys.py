"""The keys of an installation: made once, by the first `migrate` of an empty database, and known to it from then on."""

from models import MODELS, encrypted_fields
from models.base import Refused, db
from models.encrypted_fields import CannotDecrypt
from models.lnr.registry.message import Message
from models.operations.keys.key_fingerprint import NAMES, KeyFingerprint, demand_present, put_back
from settings import settings

LATER = ("pseudonym_key",)  # before there were fingerprints the first message of the LNR made this one


def prepare(empty: bool) -> None:
    """Before the steps of `migrate`: an empty database gets its keys; for another one they must be there already."""
    if empty:
        settings.make_keys()
    else:
        demand_present(kind for kind in settings.missing_keys() if kind not in LATER)


def settle() -> None:
    """After the steps: the database knows its keys. One of before the fingerprints takes those that open what it holds."""
    if not KeyFingerprint.select().exists():
        if not Message.select().exists():
            settings.make_keys()
        demand_present(settings.missing_keys())
        _demand_that_one_of_each_opens()
    KeyFingerprint.demand_fit()


def _demand_that_one_of_each_opens():
    for model in MODELS:
        for field in encrypted_fields.columns(model):
            table, column = model._meta.table_name, field.column_name
            # As it is kept: peewee would open it on the way.
            sealed = db.execute_sql(f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL ORDER BY id DESC LIMIT 1')
            for (value,) in sealed.fetchall():
                try:
                    field.python_value(value)
                except CannotDecrypt:
                    raise Refused(f"secret_keys: {column} van {table} gaat er niet mee open. {put_back(NAMES)}") from None
