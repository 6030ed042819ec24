"""How many days before a meeting its assessments must be in, chosen with the meeting."""

from peewee import IntegerField


def up(migrator, database):
    migrator.migrate(migrator.add_column("meeting", "due_days", IntegerField(default=7)))


def down(migrator, database):
    # Said in SQL, because peewee would copy the whole table for it on SQLite.
    database.execute_sql("ALTER TABLE meeting DROP COLUMN due_days")
