"""From which year the setting of an indicator was carried over."""

from peewee import IntegerField


def up(migrator, database):
    migrator.migrate(migrator.add_column("lnr_indicator_setting", "carried_from", IntegerField(null=True)))


def down(migrator, database):
    migrator.migrate(migrator.drop_column("lnr_indicator_setting", "carried_from"))
