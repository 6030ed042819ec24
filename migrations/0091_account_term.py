"""How long an account lasts, when it was last used, and who sees to the accounts of a hospital."""

from peewee import DateField, DateTimeField, IntegerField

MOMENTS = ("suspended_at", "used_at", "unused_told_at", "appoints_since")


def up(migrator, database):
    migrator.migrate(
        migrator.add_column("user", "ends_on", DateField(null=True)),
        migrator.add_column("user", "ending_told", IntegerField(null=True)),
        *(migrator.add_column("user", name, DateTimeField(null=True)) for name in MOMENTS),
    )


def down(migrator, database):
    migrator.migrate(*(migrator.drop_column("user", name) for name in ("ends_on", "ending_told", *MOMENTS)))
