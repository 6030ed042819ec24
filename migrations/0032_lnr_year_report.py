"""Editions of the LNR's year report, and which stays counted in them."""

import re

from peewee import SQL, CharField, DatabaseProxy, DateTimeField, ForeignKeyField, IntegerField, Model, TextField

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


class LnrEdition(Lnr):
    key = CharField(max_length=22, unique=True)
    year = IntegerField()
    hospital = ForeignKeyField(Hospital, null=True, backref="+", on_delete="RESTRICT")
    number = IntegerField()
    used = IntegerField()
    content = TextField()
    hash = CharField(max_length=64)
    why = TextField(default="")
    settled_at = DateTimeField()
    settled_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")

    class Meta:
        table_name = "lnr_edition"
        indexes = ((("year", "hospital", "number"), True),)


LnrEdition.add_index(
    LnrEdition.index(
        LnrEdition.year, LnrEdition.number, unique=True, where=SQL("hospital_id IS NULL"), name="lnr_edition_national"
    )
)


class StayUse(Lnr):
    stay = ForeignKeyField(Stay, backref="+", on_delete="CASCADE")
    edition = ForeignKeyField(LnrEdition, backref="+", on_delete="CASCADE")

    class Meta:
        indexes = ((("stay", "edition"), True),)


TABLES = (LnrEdition, StayUse)


def up(migrator, database):
    db.initialize(database)
    db.create_tables(TABLES)


def down(migrator, database):
    db.initialize(database)
    db.drop_tables(TABLES[::-1])
