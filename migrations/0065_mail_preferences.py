"""What somebody gets at once, once a day or not at all."""

from peewee import CharField, DatabaseProxy, ForeignKeyField, Model

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class MailPreference(Frozen):
    user = ForeignKeyField(User, on_delete="CASCADE")
    name = CharField(max_length=40)
    way = CharField(max_length=10)

    class Meta:
        indexes = ((("user", "name"), True),)


def up(migrator, database):
    db.initialize(database)
    db.create_tables([MailPreference])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([MailPreference])
