"""By which words rows are found. `migrate` writes them after this step (models/operations/schema.py)."""

from peewee import CharField, DatabaseProxy, IntegerField, Model

db = DatabaseProxy()


class SearchWord(Model):
    kind = CharField(max_length=20)
    row_id = IntegerField()
    case_id = IntegerField(null=True, index=True)
    word = CharField(max_length=22)

    class Meta:
        database = db
        legacy_table_names = False
        indexes = ((("word", "kind", "row_id"), True), (("kind", "row_id"), False))


def up(migrator, database):
    db.initialize(database)
    db.create_tables([SearchWord])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([SearchWord])
