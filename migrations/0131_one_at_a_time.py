"""Who sends the trail or restores a backup on trial, so that one worker does it, and on which machine a backup was made."""

from peewee import CharField, DateTimeField


def up(migrator, database):
    migrator.migrate(
        migrator.add_column("audit_shipment", "taken_at", DateTimeField(null=True)),
        migrator.add_column("backup_run", "host", CharField(max_length=60, null=True)),
        migrator.add_column("backup_run", "tried_from", DateTimeField(null=True)),
    )


def down(migrator, database):
    migrator.migrate(
        migrator.drop_column("audit_shipment", "taken_at"),
        migrator.drop_column("backup_run", "host"),
        migrator.drop_column("backup_run", "tried_from"),
    )
