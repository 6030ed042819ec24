"""What is written in the trail, and what the coordinator wrote at a case, is never changed: the database refuses it."""

from peewee import SqliteDatabase

# Which changes of which table are refused. The text of a remark may be sealed anew when the keys are rotated.
APPEND_ONLY = {
    "event": ("UPDATE", "DELETE"),
    "remark": ("UPDATE OF case_id, author_id, internal, created_at", "DELETE"),
}

SQLITE = """CREATE TRIGGER {table}_refuses_{name} BEFORE {change} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""

REFUSAL = """CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$"""
POSTGRESQL = """CREATE TRIGGER {table}_refuses_{name} BEFORE {change} ON {table}
FOR EACH ROW EXECUTE FUNCTION append_only()"""


def up(migrator, database):
    on_sqlite = isinstance(database, SqliteDatabase)
    if not on_sqlite:
        database.execute_sql(REFUSAL)
    for table, changes in APPEND_ONLY.items():
        for change in changes:
            name = change.split()[0].lower()
            database.execute_sql((SQLITE if on_sqlite else POSTGRESQL).format(table=table, name=name, change=change))
