"""What the report of a closed year tells beside its own cells, kept when it closes. Of years closed before, it was not."""

# Said in SQL, because peewee would copy the whole table for it on SQLite.
COLUMN = "ALTER TABLE lnr_closed_year ADD COLUMN report TEXT"


def up(migrator, database):
    database.execute_sql(COLUMN)


def down(migrator, database):
    migrator.migrate(migrator.drop_column("lnr_closed_year", "report"))
