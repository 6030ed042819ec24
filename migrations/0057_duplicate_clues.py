"""What a hospital tells of a case so that a report of another hospital about the same woman is found."""

from peewee import CharField, DatabaseProxy, DateTimeField, ForeignKeyField, Model

db = DatabaseProxy()


class Row(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Row):
    class Meta:
        table_name = "user"


class Hospital(Row):
    pass


class Case(Row):
    pass


class DuplicateClue(Row):
    case = ForeignKeyField(Case, unique=True, on_delete="RESTRICT")
    age_band = CharField(max_length=20, default="")
    transfer = ForeignKeyField(Hospital, null=True, on_delete="RESTRICT")
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()


def up(migrator, database):
    db.initialize(database)
    db.create_tables([DuplicateClue])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([DuplicateClue])
