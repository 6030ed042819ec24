"""How a file came that a coordinator added, and in the place of which file another one came."""

from peewee import CharField, DatabaseProxy, ForeignKeyField, Model

db = DatabaseProxy()


class Document(Model):
    class Meta:
        database = db


def up(migrator, database):
    db.initialize(database)
    before = ForeignKeyField(Document, field=Document.id, null=True, index=False, on_delete="RESTRICT")
    migrator.migrate(
        migrator.add_column("document", "route", CharField(max_length=40, null=True)),
        migrator.add_column("document", "replaces_id", before),
    )


def down(migrator, database):
    db.initialize(database)
    migrator.migrate(*(migrator.drop_column("document", name) for name in ("route", "replaces_id")))
