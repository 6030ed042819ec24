"""Sessions that can be ended, and the count of failed tries."""

from peewee import CharField, DatabaseProxy, DateTimeField, ForeignKeyField, Model

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    """Only what the new tables point at."""


class LogIn(Frozen):
    user = ForeignKeyField(User, on_delete="RESTRICT")
    key_hash = CharField(max_length=64, unique=True)
    started_at = DateTimeField()
    seen_at = DateTimeField()
    ended_at = DateTimeField(null=True)
    address = CharField(max_length=64)
    agent = CharField(max_length=200)

    class Meta:
        indexes = ((("user", "ended_at"), False),)


class FailedAttempt(Frozen):
    account = CharField(max_length=64)
    address = CharField(max_length=64)
    at = DateTimeField()

    class Meta:
        indexes = ((("account", "at"), False), (("address", "at"), False))


def up(migrator, database):
    db.initialize(database)
    db.create_tables([LogIn, FailedAttempt])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([FailedAttempt, LogIn])
