"""What comes of a case: lessons for its hospital, and what it was used for."""

from peewee import CharField, Check, DatabaseProxy, DateField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class Case(Frozen):
    pass


class Hospital(Frozen):
    pass


class LessonLetter(Frozen):
    key = CharField(max_length=22, unique=True)
    case = ForeignKeyField(Case, on_delete="RESTRICT")
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    number = IntegerField()
    text = TextField()
    good = TextField()
    released_at = DateTimeField()
    released_by = ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        indexes = ((("case", "hospital", "number"), True),)


class CaseUse(Frozen):
    case = ForeignKeyField(Case, on_delete="RESTRICT")
    kind = CharField(max_length=12)
    day = DateField()
    said = CharField(max_length=200, default="")
    link = CharField(max_length=300, default="")
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()

    class Meta:
        indexes = ((("case", "kind", "said"), True),)
        constraints = [
            Check("kind IN ('besproken', 'jaarverslag', 'richtlijn', 'onderwijs', 'publicatie')", "case_use_kind"),
        ]


TABLES = (LessonLetter, CaseUse)


def up(migrator, database):
    db.initialize(database)
    db.create_tables(TABLES)


def down(migrator, database):
    db.initialize(database)
    db.drop_tables(TABLES)
