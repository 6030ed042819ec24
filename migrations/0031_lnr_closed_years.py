"""Registry years that are closed, by two people, and what messages that came after would have changed."""

import re

from peewee import (
    SQL,
    BooleanField,
    CharField,
    Check,
    DatabaseProxy,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

db = DatabaseProxy()


def _table_name(model):
    return "lnr_" + re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class Lnr(Frozen):
    class Meta:
        table_function = _table_name


class Stay(Lnr):
    pass


class ClosedYear(Lnr):
    year = IntegerField(primary_key=True)
    closed_at = DateTimeField()
    rules = CharField(max_length=12)
    facts = CharField(max_length=64)
    cells = CharField(max_length=64)
    completeness = TextField()


class LateChange(Lnr):
    stay = ForeignKeyField(Stay, primary_key=True, on_delete="CASCADE")
    year = IntegerField(index=True)
    withdrawn = BooleanField()
    at = DateTimeField()


class YearClosing(Lnr):
    year = IntegerField()
    kind = CharField(max_length=10, constraints=[Check("kind IN ('sluiten', 'heropenen')")])
    reason = TextField(default="")
    asked_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    asked_at = DateTimeField()
    decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    confirmed = BooleanField(null=True)


YearClosing.add_index(
    YearClosing.index(YearClosing.year, unique=True, where=SQL("confirmed IS NULL"), name="lnr_year_closing_standing")
)

TABLES = (ClosedYear, LateChange, YearClosing)


def up(migrator, database):
    db.initialize(database)
    db.create_tables(TABLES)


def down(migrator, database):
    db.initialize(database)
    db.drop_tables(TABLES[::-1])
