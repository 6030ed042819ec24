"""In which month the births of the year before are asked for; empty: never."""

from peewee import SQL, Check, IntegerField


def up(migrator, database):
    field = IntegerField(null=True, constraints=[SQL("DEFAULT 1"), Check("births_month BETWEEN 1 AND 12")])
    migrator.migrate(migrator.add_column("mail_schedule", "births_month", field))


def down(migrator, database):
    migrator.migrate(migrator.drop_column("mail_schedule", "births_month"))
