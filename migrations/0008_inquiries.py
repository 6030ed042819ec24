"""What coordinators ask about one answer or one file, and the hospital's reply. Both texts are written once."""

from peewee import CharField, Check, DatabaseProxy, DateTimeField, ForeignKeyField, IntegerField, Model, TextField

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    """Only what the new table points at."""


class Case(Frozen):
    """Only what the new table points at."""


class Document(Frozen):
    """Only what the new table points at."""


class Inquiry(Frozen):
    key = CharField(max_length=22, unique=True)
    case = ForeignKeyField(Case, on_delete="RESTRICT")
    code = CharField(max_length=8, null=True)
    repeat = IntegerField()
    document = ForeignKeyField(Document, null=True, on_delete="RESTRICT")
    about = CharField(max_length=320)
    text = TextField()
    asked_by = ForeignKeyField(User, on_delete="RESTRICT")
    asked_at = DateTimeField()
    reply = TextField(null=True)
    replied_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    replied_at = DateTimeField(null=True)
    settled_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    settled_at = DateTimeField(null=True)

    class Meta:
        constraints = [
            Check("(code IS NULL) <> (document_id IS NULL)", "inquiry_about_one"),
            Check("(reply IS NULL) = (replied_at IS NULL) AND (reply IS NULL) = (replied_by_id IS NULL)", "inquiry_replied"),
            Check("(settled_at IS NULL) = (settled_by_id IS NULL)", "inquiry_settled"),
        ]


def up(migrator, database):
    db.initialize(database)
    db.create_tables([Inquiry])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([Inquiry])
