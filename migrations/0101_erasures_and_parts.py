"""When somebody said after a restore what had been erased; in whose place, and by which link, a file in parts comes."""

from peewee import DatabaseProxy, DateTimeField, ForeignKeyField, Model

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class Document(Frozen):
    pass


class UploadLink(Frozen):
    pass


def up(migrator, database):
    db.initialize(database)
    before, via = (
        ForeignKeyField(table, field=table.id, null=True, index=False, on_delete="RESTRICT") for table in (Document, UploadLink)
    )
    migrator.migrate(
        migrator.add_column("outgoing_hold", "erasures_at", DateTimeField(null=True)),
        migrator.add_column("resumable_upload", "replaces_id", before),
        migrator.add_column("resumable_upload", "via_id", via),
    )


def down(migrator, database):
    db.initialize(database)
    migrator.migrate(
        migrator.drop_column("outgoing_hold", "erasures_at"),
        migrator.drop_column("resumable_upload", "replaces_id"),
        migrator.drop_column("resumable_upload", "via_id"),
    )
