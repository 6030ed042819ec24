"""What a hospital agreed to for everybody: its figures by name in the public year report."""

from peewee import BooleanField


def up(migrator, database):
    migrator.migrate(migrator.add_column("lnr_agreement", "public", BooleanField(default=False)))


def down(migrator, database):
    migrator.migrate(migrator.drop_column("lnr_agreement", "public"))
