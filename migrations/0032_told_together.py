"""Changes of accounts that were asked together are told together."""

from peewee import IntegerField


def up(migrator, database):
    migrator.migrate(migrator.add_column("held_change", "told_with", IntegerField(null=True)))


def down(migrator, database):
    migrator.migrate(migrator.drop_column("held_change", "told_with"))
