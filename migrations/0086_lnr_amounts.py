"""The days of a stay in the indicators of days, on its fact; and the cells that they are counted in."""

from peewee import CharField, DatabaseProxy, ForeignKeyField, IntegerField, Model, TextField

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class Hospital(Frozen):
    pass


class AmountCell(Frozen):
    indicator = IntegerField()
    year = IntegerField()
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    band = CharField(max_length=10)
    events = IntegerField()
    days = TextField()

    class Meta:
        table_name = "lnr_amount_cell"
        indexes = (
            (("indicator", "year", "hospital", "band"), True),
            (("hospital", "year"), False),
            (("year", "indicator"), False),
        )


def up(migrator, database):
    db.initialize(database)
    migrator.migrate(migrator.add_column("lnr_fact", "amounts", TextField(null=True)))
    db.create_tables([AmountCell])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([AmountCell])
    migrator.migrate(migrator.drop_column("lnr_fact", "amounts"))
