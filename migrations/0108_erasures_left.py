"""After a restore: which erasures the trail of then tells that could not be done again, as JSON."""

from peewee import TextField


def up(migrator, database):
    migrator.migrate(migrator.add_column("outgoing_hold", "erasures_left", TextField(null=True)))


def down(migrator, database):
    migrator.migrate(migrator.drop_column("outgoing_hold", "erasures_left"))
