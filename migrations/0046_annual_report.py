"""Births, and the settled editions of the annual report."""

from peewee import SQL, CharField, Check, DatabaseProxy, DateTimeField, ForeignKeyField, IntegerField, Model, TextField

db = DatabaseProxy()


class Row(Model):
    class Meta:
        database = db
        legacy_table_names = False


class Hospital(Row):
    pass


class User(Row):
    pass


class Births(Row):
    hospital = ForeignKeyField(Hospital, null=True, on_delete="RESTRICT")
    year = IntegerField()
    count = IntegerField(constraints=[Check("count >= 0")])
    source = CharField(max_length=120)
    stated_by = ForeignKeyField(User, on_delete="RESTRICT")
    stated_at = DateTimeField()

    class Meta:
        indexes = ((("hospital", "year"), True),)


Births.add_index(Births.index(Births.year, unique=True, where=SQL("hospital_id IS NULL"), name="births_national"))


class ReportEdition(Row):
    year = IntegerField()
    number = IntegerField()
    content = TextField()
    hash = CharField(max_length=64)
    why = TextField(default="")
    settled_at = DateTimeField()
    settled_by = ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        table_name = "annual_report_edition"
        indexes = ((("year", "number"), True),)


TABLES = (Births, ReportEdition)


def up(migrator, database):
    db.initialize(database)
    db.create_tables(TABLES)


def down(migrator, database):
    db.initialize(database)
    db.drop_tables(TABLES[::-1])
