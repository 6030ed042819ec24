"""By which reason a coordinator closed a case, apart from its words, which people can change."""

from peewee import CharField


def up(migrator, database):
    migrator.migrate(migrator.add_column("case", "dismissed_as", CharField(max_length=20, null=True)))


def down(migrator, database):
    migrator.migrate(migrator.drop_column("case", "dismissed_as"))
