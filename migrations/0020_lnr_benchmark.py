"""What indicators are counted in: which hospitals have a NICU, cells of counts, what has to be counted anew, agreements."""

import re

from peewee import BooleanField, CharField, Check, DatabaseProxy, DateTimeField, ForeignKeyField, IntegerField, Model

db = DatabaseProxy()


def _table_name(model):
    return "lnr_" + re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class Hospital(Frozen):
    pass


class User(Frozen):
    pass


class Lnr(Frozen):
    class Meta:
        table_function = _table_name


class CountCell(Lnr):
    indicator = IntegerField()
    year = IntegerField()
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    month = IntegerField()
    band = CharField(max_length=10)
    inborn = CharField(max_length=3)
    events = IntegerField()
    children = IntegerField()
    suspected = IntegerField()
    unknown = IntegerField()
    outside = IntegerField()
    elsewhere = IntegerField()

    class Meta:
        indexes = (
            (("indicator", "year", "hospital", "month", "band", "inborn"), True),
            (("hospital", "year"), False),
        )


class UncountedYear(Lnr):
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    year = IntegerField()
    version = IntegerField()

    class Meta:
        indexes = ((("hospital", "year"), True),)


class Agreement(Lnr):
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    year = IntegerField()
    level = CharField(max_length=10, constraints=[Check("level IN ('niet', 'ongenoemd', 'genoemd')")])
    decided_by = CharField(max_length=120)
    stated_by = ForeignKeyField(User, on_delete="RESTRICT")
    stated_at = DateTimeField()

    class Meta:
        indexes = ((("hospital", "year"), True),)


TABLES = (CountCell, UncountedYear, Agreement)


def up(migrator, database):
    db.initialize(database)
    migrator.migrate(migrator.add_column("hospital", "nicu", BooleanField(default=False, index=True)))
    db.create_tables(TABLES)


def down(migrator, database):
    db.initialize(database)
    db.drop_tables(TABLES)
    migrator.migrate(migrator.drop_column("hospital", "nicu"))
