"""Who read the trail of a month, and signed for it: written once, never changed."""

from peewee import CharField, DatabaseProxy, DateTimeField, ForeignKeyField, Model, SqliteDatabase, TextField

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    """Only what the new table points at."""


class TrailReview(Frozen):
    month = CharField(max_length=7, unique=True)
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()
    note = TextField()


SQLITE = """CREATE TRIGGER trail_review_refuses_{name} BEFORE {change} ON trail_review
BEGIN SELECT RAISE(ABORT, 'trail_review is append-only'); END"""
# The function came with the append-only tables of 0002.
POSTGRESQL = """CREATE TRIGGER trail_review_refuses_{name} BEFORE {change} ON trail_review
FOR EACH ROW EXECUTE FUNCTION append_only()"""


def up(migrator, database):
    db.initialize(database)
    db.create_tables([TrailReview])
    trigger = SQLITE if isinstance(database, SqliteDatabase) else POSTGRESQL
    for change in ("UPDATE", "DELETE"):
        database.execute_sql(trigger.format(name=change.lower(), change=change))


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([TrailReview])
