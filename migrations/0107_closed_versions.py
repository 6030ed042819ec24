"""By which version of each indicator a closed year was counted; NULL in a year that was closed before that was kept."""

from peewee import TextField


def up(migrator, database):
    migrator.migrate(migrator.add_column("lnr_closed_year", "versions", TextField(null=True)))


def down(migrator, database):
    migrator.migrate(migrator.drop_column("lnr_closed_year", "versions"))
