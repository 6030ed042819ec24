"""When each clock and each worker last did its work, and each check of everything that was made."""

from peewee import BooleanField, CharField, DatabaseProxy, DateTimeField, IntegerField, Model

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class Heartbeat(Frozen):
    name = CharField(max_length=80, unique=True)
    is_worker = BooleanField()
    at = DateTimeField(null=True)
    due_at = DateTimeField()
    failed_at = DateTimeField(null=True)


class IntegrityRun(Frozen):
    at = DateTimeField(index=True)
    deep = BooleanField()
    problems = IntegerField()


def up(migrator, database):
    db.initialize(database)
    db.create_tables([Heartbeat, IntegrityRun])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([Heartbeat, IntegrityRun])
