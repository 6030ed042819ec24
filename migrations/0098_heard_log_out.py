"""Which notices of a log-out at an identity provider were heard: each counts once."""

from peewee import CharField, DatabaseProxy, DateTimeField, Model

db = DatabaseProxy()


class HeardLogOut(Model):
    mark = CharField(max_length=64, unique=True)
    at = DateTimeField()

    class Meta:
        database = db
        legacy_table_names = False


def up(migrator, database):
    db.initialize(database)
    db.create_tables([HeardLogOut])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([HeardLogOut])
