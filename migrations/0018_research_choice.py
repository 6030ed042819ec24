"""Which fields of which children a request for research is about; until now it was everything of some years."""

# Said in SQL, because peewee would copy the whole table for it on SQLite.
COLUMNS = {
    "fields": "TEXT NOT NULL DEFAULT ''", "youngest": "INTEGER", "oldest": "INTEGER",
    "hospitals": "VARCHAR(500) NOT NULL DEFAULT ''", "anonymity": "TEXT NOT NULL DEFAULT ''",
}  # fmt: skip


def up(migrator, database):
    for name, kind in COLUMNS.items():
        database.execute_sql(f"ALTER TABLE lnr_research ADD COLUMN {name} {kind}")


def down(migrator, database):
    for name in COLUMNS:
        database.execute_sql(f"ALTER TABLE lnr_research DROP COLUMN {name}")
