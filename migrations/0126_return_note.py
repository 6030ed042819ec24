"""Why an assessor gave a case back, in own words, sealed."""

# Said in SQL, because peewee would copy the whole table for it on SQLite.
COLUMN = "ALTER TABLE assessment ADD COLUMN ended_note TEXT NOT NULL DEFAULT ''"


def up(migrator, database):
    database.execute_sql(COLUMN)


def down(migrator, database):
    migrator.migrate(migrator.drop_column("assessment", "ended_note"))
