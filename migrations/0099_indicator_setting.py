"""How indicators are used in a year, one row for each change; and by which of them a closed year was counted."""

from peewee import (
    BooleanField,
    CharField,
    Check,
    DatabaseProxy,
    DateField,
    DateTimeField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    Model,
)

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    class Meta:
        table_name = "user"


class IndicatorSetting(Frozen):
    year = IntegerField()
    number = IntegerField(constraints=[Check("number >= 1")])
    indicator = IntegerField()
    active = BooleanField(default=True)
    target = FloatField(null=True)
    source = CharField(max_length=200, default="")
    source_date = DateField(null=True)
    wider = BooleanField(default=False)
    smallest = IntegerField(default=10, constraints=[Check("smallest >= 10")])
    note = CharField(max_length=500)
    changed_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    changed_at = DateTimeField()

    class Meta:
        table_name = "lnr_indicator_setting"
        indexes = ((("year", "number"), True),)
        constraints = [
            Check("target IS NULL OR target > 0 AND target < 1 AND source_date IS NOT NULL", "lnr_indicator_setting_target")
        ]


def up(migrator, database):
    db.initialize(database)
    db.create_tables([IndicatorSetting])
    migrator.migrate(migrator.add_column("lnr_closed_year", "method", CharField(max_length=64, null=True)))


def down(migrator, database):
    db.initialize(database)
    migrator.migrate(migrator.drop_column("lnr_closed_year", "method"))
    db.drop_tables([IndicatorSetting])
