"""What may not be changed or removed is not replaced either, and how far the trail was shipped elsewhere.

SQLite fires no trigger for the row that INSERT OR REPLACE removes; one before the insertion it does.
"""

from peewee import CharField, DatabaseProxy, DateTimeField, IntegerField, Model, SqliteDatabase

db = DatabaseProxy()

# table -> what makes a new row the same as one that is there
KEYS = {
    "event": "id = NEW.id OR hash = NEW.hash",
    "remark": "id = NEW.id",
    "trail_review": "id = NEW.id OR month = NEW.month",
    "version": "id = NEW.id",
    "section": "id = NEW.id",
    "question": "id = NEW.id",
}
TRIGGER = """CREATE TRIGGER {table}_refuses_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""


class Shipment(Model):
    target = CharField(max_length=200, unique=True)
    last = IntegerField()
    at = DateTimeField()

    class Meta:
        database = db
        legacy_table_names = False
        table_name = "audit_shipment"


def up(migrator, database):
    db.initialize(database)
    db.create_tables([Shipment])
    if isinstance(database, SqliteDatabase):
        for table, same in KEYS.items():
            database.execute_sql(TRIGGER.format(table=table, same=same))


def down(migrator, database):
    db.initialize(database)
    if isinstance(database, SqliteDatabase):
        for table in KEYS:
            database.execute_sql(f"DROP TRIGGER {table}_refuses_replace")
    db.drop_tables([Shipment])
