"""Stays that are typed in at the portal, until they are sent."""

import re

from peewee import SQL, BlobField, CharField, DatabaseProxy, DateTimeField, ForeignKeyField, IntegerField, Model

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


class Stay(Lnr):
    pass


class Message(Lnr):
    pass


class Entry(Lnr):
    key = CharField(max_length=22, unique=True)
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    stay = ForeignKeyField(Stay, null=True, on_delete="RESTRICT")
    based_on = IntegerField(null=True)
    content = BlobField(null=True)
    attempts = IntegerField()
    message = ForeignKeyField(Message, null=True, on_delete="RESTRICT")
    begun_at = DateTimeField()
    changed_at = DateTimeField(index=True)
    changed_by = ForeignKeyField(User, on_delete="RESTRICT")


Entry.add_index(Entry.index(Entry.stay, unique=True, where=SQL("content IS NOT NULL"), name="lnr_entry_of_stay"))


def up(migrator, database):
    db.initialize(database)
    db.create_tables([Entry])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([Entry])
