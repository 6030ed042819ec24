"""Backups that were made and tried, and what is held after a restore."""

from peewee import CharField, DatabaseProxy, DateTimeField, Model, TextField

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class OutgoingHold(Frozen):
    copied_at = DateTimeField()
    restored_at = DateTimeField()
    released_at = DateTimeField(null=True)


class BackupRun(Frozen):
    made_at = DateTimeField(index=True)
    folder = CharField(max_length=500)
    rehearsed_at = DateTimeField(null=True)
    findings = TextField(null=True)


def up(migrator, database):
    db.initialize(database)
    db.create_tables([OutgoingHold, BackupRun])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([OutgoingHold, BackupRun])
