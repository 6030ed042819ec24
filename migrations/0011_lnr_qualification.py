"""What suppliers made of the scenarios, and how often an address used the public form."""

import re

from peewee import CharField, DatabaseProxy, DateTimeField, ForeignKeyField, IntegerField, Model, TextField

db = DatabaseProxy()


def _table_name(model):
    return "lnr_" + re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False
        table_function = _table_name


class Supplier(Frozen):
    pass


class Message(Frozen):
    pass


class Attempt(Frozen):
    supplier = ForeignKeyField(Supplier, on_delete="RESTRICT")
    step = CharField(max_length=40)
    message = ForeignKeyField(Message, on_delete="RESTRICT")
    differences = TextField()
    at = DateTimeField()

    class Meta:
        indexes = ((("supplier", "step"), True),)


class Look(Frozen):
    address = CharField(max_length=64, unique=True)
    minute = DateTimeField(index=True)
    count = IntegerField()


TABLES = [Attempt, Look]


def up(migrator, database):
    db.initialize(database)
    db.create_tables(TABLES)


def down(migrator, database):
    db.initialize(database)
    db.drop_tables(reversed(TABLES))
