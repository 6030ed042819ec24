"""Views of a list that people save under a name, and may share with colleagues."""

from peewee import BooleanField, CharField, DatabaseProxy, DateTimeField, ForeignKeyField, Model

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class SavedView(Frozen):
    owner = ForeignKeyField(User, on_delete="RESTRICT")
    list = CharField(max_length=40)
    name = CharField(max_length=60)
    query = CharField(max_length=2000)
    shared = BooleanField()
    created_at = DateTimeField()

    class Meta:
        indexes = ((("owner", "list", "name"), True), (("list",), False))


def up(migrator, database):
    db.initialize(database)
    db.create_tables([SavedView])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([SavedView])
