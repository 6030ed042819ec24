"""From which quarter a hospital had the baseline of an indicator start anew, and why."""

from peewee import CharField, Check, DatabaseProxy, DateTimeField, ForeignKeyField, IntegerField, Model

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    class Meta:
        table_name = "user"


class Hospital(Frozen):
    class Meta:
        table_name = "hospital"


class Rebase(Frozen):
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    indicator = IntegerField()
    year = IntegerField()
    quarter = IntegerField(constraints=[Check("quarter BETWEEN 1 AND 4")])
    reason = CharField(max_length=500)
    made_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    made_at = DateTimeField()
    undone_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    undone_at = DateTimeField(null=True)

    class Meta:
        table_name = "lnr_rebase"


def up(migrator, database):
    db.initialize(database)
    db.create_tables([Rebase])
    database.execute_sql(
        "CREATE UNIQUE INDEX lnr_rebase_standing ON lnr_rebase (hospital_id, indicator, year, quarter) WHERE undone_at IS NULL"
    )


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([Rebase])
