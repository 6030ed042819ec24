"""What may not be changed or removed is not emptied either: TRUNCATE passes the triggers of rows. SQLite has none of it."""

from peewee import SqliteDatabase

TABLES = ("event", "remark", "trail_review", "audit_anchor", "version", "section", "question")


def up(migrator, database):
    if not isinstance(database, SqliteDatabase):
        for table in TABLES:
            database.execute_sql(
                f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
            )


def down(migrator, database):
    if not isinstance(database, SqliteDatabase):
        for table in TABLES:
            database.execute_sql(f"DROP TRIGGER {table}_refuses_truncate ON {table}")
