"""Log-in through the provider of a hospital: which person there is which account, and which sessions began there."""

from peewee import BooleanField, CharField, DatabaseProxy, DateTimeField, ForeignKeyField, Model, TextField

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class LogIn(Frozen):
    pass


class LinkedIdentity(Frozen):
    user = ForeignKeyField(User, on_delete="CASCADE")
    issuer = CharField(max_length=255)
    subject = CharField(max_length=255)
    linked_at = DateTimeField()

    class Meta:
        indexes = ((("issuer", "subject"), True), (("user", "issuer"), True))


class ProviderLogIn(Frozen):
    user = ForeignKeyField(User, on_delete="CASCADE")
    issuer = CharField(max_length=255)
    subject = CharField(max_length=255)
    session = CharField(max_length=255)
    second_step = BooleanField()
    id_token = TextField(null=True)
    at = DateTimeField()
    login = ForeignKeyField(LogIn, null=True, unique=True, on_delete="CASCADE")

    class Meta:
        indexes = ((("issuer", "subject"), False), (("issuer", "session"), False))


def up(migrator, database):
    db.initialize(database)
    db.create_tables([LinkedIdentity, ProviderLogIn])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([ProviderLogIn, LinkedIdentity])
