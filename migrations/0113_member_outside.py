"""Members of a committee who work in no hospital, such as a lawyer: known, and without a workplace."""

# Said in SQL, because peewee would copy the whole table for it on SQLite.
COLUMN = "ALTER TABLE committee_member ADD COLUMN outside {BOOL} NOT NULL DEFAULT FALSE"


def up(migrator, database):
    database.execute_sql(COLUMN.format(**database.field_types))


def down(migrator, database):
    migrator.migrate(migrator.drop_column("committee_member", "outside"))
