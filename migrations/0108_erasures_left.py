"""After a restore: how many erasures the trail of then tells that could not be done again."""

from peewee import IntegerField


def up(migrator, database):
    migrator.migrate(migrator.add_column("outgoing_hold", "erasures_left", IntegerField(null=True)))


def down(migrator, database):
    migrator.migrate(migrator.drop_column("outgoing_hold", "erasures_left"))
