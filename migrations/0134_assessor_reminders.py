"""How many days before the term each committee reminds its assessors, twice; as it was in the program before."""

from peewee import SQL, Check, IntegerField

FIELDS = {
    "first_reminder": IntegerField(constraints=[SQL("DEFAULT 7"), Check("first_reminder BETWEEN 2 AND 42")], default=7),
    "second_reminder": IntegerField(constraints=[SQL("DEFAULT 3"), Check("second_reminder BETWEEN 1 AND 41")], default=3),
}


def up(migrator, database):
    for name, field in FIELDS.items():
        migrator.migrate(migrator.add_column("committee_settings", name, field))


def down(migrator, database):
    for name in FIELDS:
        migrator.migrate(migrator.drop_column("committee_settings", name))
