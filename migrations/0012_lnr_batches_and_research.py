"""Uploaded files of messages, and requests for data for research."""

import re

from peewee import (
    BlobField,
    BooleanField,
    CharField,
    DatabaseProxy,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)  # fmt: skip

db = DatabaseProxy()


def _table_name(model):
    return "lnr_" + re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class Hospital(Frozen):
    pass


class User(Frozen):
    pass


class Lnr(Frozen):
    class Meta:
        table_function = _table_name


class Message(Lnr):
    pass


class Batch(Lnr):
    key = CharField(max_length=22, unique=True)
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    by = ForeignKeyField(User, on_delete="RESTRICT")
    name = TextField()
    size = IntegerField()
    request = CharField(max_length=22, unique=True)
    created_at = DateTimeField(index=True)
    due = DateTimeField(null=True, index=True)
    finished_at = DateTimeField(null=True)
    total = IntegerField()
    accepted = IntegerField()
    refused = IntegerField()


class Part(Lnr):
    batch = ForeignKeyField(Batch, on_delete="RESTRICT")
    position = IntegerField()
    name = TextField()
    content = BlobField(null=True)
    problem = CharField(max_length=200, null=True)
    status = IntegerField(null=True)
    message = ForeignKeyField(Message, null=True, on_delete="RESTRICT")
    report = TextField(null=True)

    class Meta:
        indexes = ((("batch", "position"), True), (("batch", "status"), False))


class Research(Lnr):
    key = CharField(max_length=22, unique=True)
    purpose = TextField()
    first = IntegerField()
    last = IntegerField()
    asked_by = ForeignKeyField(User, on_delete="RESTRICT")
    asked_at = DateTimeField()
    decided_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    approved = BooleanField(null=True)
    reason = TextField()


TABLES = [Batch, Part, Research]


def up(migrator, database):
    db.initialize(database)
    db.create_tables(TABLES)


def down(migrator, database):
    db.initialize(database)
    db.drop_tables(reversed(TABLES))
