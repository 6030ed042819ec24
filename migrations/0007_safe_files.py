"""What is known of each file: the malware scan, and what in it may tell who somebody is."""

from peewee import BooleanField, CharField, DatabaseProxy, DateTimeField, ForeignKeyField, Model, TextField

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    """Only what the new table points at."""


class Document(Frozen):
    """Only what the new table points at."""


class Trace(Frozen):
    document = ForeignKeyField(Document, on_delete="RESTRICT")
    kind = CharField(max_length=30)
    removable = BooleanField()
    places = TextField()
    decision = CharField(max_length=20)
    why = TextField(null=True)
    decided_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("document", "kind", "removable"), True),)


COLUMNS = {
    "state": CharField(max_length=16, default="niet gescand"),
    "state_said": CharField(max_length=200, default=""),
    "scan_due": DateTimeField(null=True),
    "look_due": DateTimeField(null=True),
}
INDEXES = (("look_due",), ("state", "scan_due"), ("added_at",))


def up(migrator, database):
    db.initialize(database)
    migrator.migrate(*(migrator.add_column("document", name, field) for name, field in COLUMNS.items()))
    migrator.migrate(*(migrator.add_index("document", columns) for columns in INDEXES))
    db.create_tables([Trace])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([Trace])
    migrator.migrate(*(migrator.drop_index("document", "document_" + "_".join(columns)) for columns in INDEXES))
    migrator.migrate(*(migrator.drop_column("document", name) for name in COLUMNS))
