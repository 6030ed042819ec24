"""What is written in the trail, and what the coordinator wrote at a case, is never changed: the database refuses it."""

from peewee import SqliteDatabase

APPEND_ONLY = ("event", "remark")

SQLITE = """CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""

REFUSAL = """CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$"""
POSTGRESQL = """CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} ON {table}
FOR EACH ROW EXECUTE FUNCTION append_only()"""


def up(migrator, database):
    on_sqlite = isinstance(database, SqliteDatabase)
    if not on_sqlite:
        database.execute_sql(REFUSAL)
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            database.execute_sql((SQLITE if on_sqlite else POSTGRESQL).format(table=table, verb=verb))
