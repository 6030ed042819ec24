"""Lists of a second source: counts of cases by theme, month and hospital, and at most one list of a year that stands."""

from peewee import SQL, CharField, Check, DatabaseProxy, DateTimeField, ForeignKeyField, IntegerField, Model

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class Hospital(Frozen):
    pass


class Theme(Frozen):
    pass


class SecondSourceList(Frozen):
    year = IntegerField()
    source = CharField(max_length=120)
    rows = IntegerField(constraints=[Check("rows > 0")])
    imported_by = ForeignKeyField(User, on_delete="RESTRICT")
    imported_at = DateTimeField()
    taken_back_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    taken_back_at = DateTimeField(null=True)


SecondSourceList.add_index(
    SecondSourceList.index(
        SecondSourceList.year, unique=True, where=SQL("taken_back_at IS NULL"), name="second_source_list_standing"
    )
)


class ListedCount(Frozen):
    source_list = ForeignKeyField(SecondSourceList, on_delete="RESTRICT")
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    theme = ForeignKeyField(Theme, on_delete="RESTRICT")
    month = CharField(max_length=7)
    count = IntegerField(constraints=[Check("count > 0")])

    class Meta:
        table_name = "second_source_count"
        indexes = ((("source_list", "hospital", "theme", "month"), True),)


TABLES = (SecondSourceList, ListedCount)


def up(migrator, database):
    db.initialize(database)
    db.create_tables(TABLES)


def down(migrator, database):
    db.initialize(database)
    db.drop_tables(TABLES[::-1])
