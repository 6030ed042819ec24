"""What people wrote about a case, the names of its files and the links in waiting mails: sealed from now on.

Copies of the database from before hold them in clear.
"""

from peewee import SqliteDatabase, TextField

from models.encrypted_fields import SealedField  # what it seals has to open in the models of today, whatever they have become

COLUMNS = {
    "case": "closed_why", "asked_answer": "reason", "month_answer": "note", "document": "name", "inquiry": "about",
    "trail_review": "note", "mail": "about",
}  # fmt: skip
UNBOUNDED = ("trail_review", "mail")  # already had room for what sealing adds
BATCH = 1000

# A review stays as it was signed. Its note may be sealed anew, and nobody makes another one without the keys.
SIGNED = "CREATE TRIGGER trail_review_refuses_update BEFORE UPDATE OF month, by_id, at ON trail_review "
SQLITE = SIGNED + "BEGIN SELECT RAISE(ABORT, 'trail_review is append-only'); END"
POSTGRESQL = SIGNED + "FOR EACH ROW EXECUTE FUNCTION append_only()"


def up(migrator, database):
    on_sqlite = isinstance(database, SqliteDatabase)
    if on_sqlite:
        # What stood there in clear is wiped, not only let go of.
        database.pragma("secure_delete", 1)
    database.execute_sql("DROP TRIGGER trail_review_refuses_update" + ("" if on_sqlite else " ON trail_review"))
    database.execute_sql(SQLITE if on_sqlite else POSTGRESQL)
    # Nothing to tell is nothing to seal.
    database.execute_sql("UPDATE mail SET about = '' WHERE about = '{}'")
    for table, column in COLUMNS.items():
        if table not in UNBOUNDED:
            migrator.migrate(migrator.alter_column_type(table, column, TextField()))
        _seal(database, table, column)


def _seal(database, table, column):
    mark, seal, last = database.param, SealedField().db_value, 0
    clear = f"""SELECT id, "{column}" FROM "{table}" WHERE id > {{}} AND "{column}" <> '' ORDER BY id LIMIT {BATCH}"""
    statement = f'UPDATE "{table}" SET "{column}" = {mark} WHERE id = {mark}'
    while rows := database.execute_sql(clear.format(last)).fetchall():
        database.cursor().executemany(statement, [(seal(text), number) for number, text in rows])
        last = rows[-1][0]
