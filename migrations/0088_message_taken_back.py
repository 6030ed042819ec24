"""When a message to the hospital was taken back with the verdict that it explained."""

from peewee import DateTimeField


def up(migrator, database):
    migrator.migrate(migrator.add_column("remark", "taken_back_at", DateTimeField(null=True)))


def down(migrator, database):
    migrator.migrate(migrator.drop_column("remark", "taken_back_at"))
