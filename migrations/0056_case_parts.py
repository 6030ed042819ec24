"""A case of two hospitals: which case is a part of which, and what was asked for it."""

from peewee import DatabaseProxy, DateTimeField, ForeignKeyField, Model

db = DatabaseProxy()


class Row(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Row):
    class Meta:
        table_name = "user"


class Case(Row):
    pass


class AskedDocument(Row):
    pass


class CasePart(Row):
    case = ForeignKeyField(Case, unique=True, on_delete="RESTRICT")
    whole = ForeignKeyField(Case, on_delete="RESTRICT")
    invited_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    at = DateTimeField()


class PartSlot(Row):
    case = ForeignKeyField(Case, on_delete="RESTRICT")
    asked = ForeignKeyField(AskedDocument, on_delete="RESTRICT")

    class Meta:
        indexes = ((("case", "asked"), True),)


def up(migrator, database):
    db.initialize(database)
    db.create_tables([CasePart, PartSlot])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([PartSlot, CasePart])
