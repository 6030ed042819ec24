"""What each stay says of each item that is asked of it, as one letter an item."""

from peewee import TextField


def up(migrator, database):
    migrator.migrate(migrator.add_column("lnr_fact", "answers", TextField(default="")))


def down(migrator, database):
    # Said in SQL, because peewee would copy the whole table for it on SQLite.
    database.execute_sql("ALTER TABLE lnr_fact DROP COLUMN answers")
