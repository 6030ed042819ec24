"""Which requested documents the coordinator misses, at their places."""

from peewee import DatabaseProxy, DateTimeField, ForeignKeyField, IntegerField, Model, TextField

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class Case(Frozen):
    pass


class RequestedDocument(Frozen):
    class Meta:
        table_name = "asked_document"


class MissingDocument(Frozen):
    case = ForeignKeyField(Case, on_delete="RESTRICT")
    asked = ForeignKeyField(RequestedDocument, on_delete="RESTRICT")
    round = IntegerField()
    text = TextField(default="")
    before = TextField(default="")
    since = DateTimeField()
    at = DateTimeField()

    class Meta:
        indexes = ((("case", "asked", "round"), True),)


def up(migrator, database):
    db.initialize(database)
    db.create_tables([MissingDocument])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([MissingDocument])
