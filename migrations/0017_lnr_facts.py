"""One row of facts for each accepted stay that counts, still to be derived; and stays found by the own number of a child."""

import re

from peewee import BooleanField, CharField, DatabaseProxy, DateTimeField, FloatField, ForeignKeyField, IntegerField, Model

db = DatabaseProxy()


def _table_name(model):
    return "lnr_" + re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class Hospital(Frozen):
    pass


class Lnr(Frozen):
    class Meta:
        table_function = _table_name


class Stay(Lnr):
    test = BooleanField()
    child = CharField(max_length=64, null=True)
    own_number = CharField(max_length=64, null=True)


class Fact(Lnr):
    stay = ForeignKeyField(Stay, primary_key=True, on_delete="CASCADE")
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    year = IntegerField()
    month = IntegerField(null=True)
    band = CharField(max_length=10, null=True)
    inborn = BooleanField(null=True)
    first = BooleanField()
    end = CharField(max_length=10)
    risk = FloatField(null=True)
    model = CharField(max_length=30)
    rules = CharField(max_length=12, index=True)
    places = CharField(max_length=250)
    at = DateTimeField()

    class Meta:
        indexes = ((("hospital", "year"), False),)


EVERY = """
    INSERT INTO lnr_fact (stay_id, hospital_id, year, first, "end", model, rules, places, at)
    SELECT id, hospital_id, year, {no}, '', '', '', '', last_at FROM lnr_stay
    WHERE state = 'ontvangen' AND NOT test AND year IS NOT NULL
"""


def up(migrator, database):
    db.initialize(database)
    db.create_tables([Fact])
    database.execute_sql(EVERY.format(no="false"))
    db.execute(Stay.index(Stay.own_number, Stay.test, name="lnr_stay_own_number_test"))
    db.execute(Stay.index(Stay.child, Stay.test, name="lnr_stay_child_test"))


def down(migrator, database):
    db.initialize(database)
    migrator.migrate(
        migrator.drop_index("lnr_stay", "lnr_stay_own_number_test"), migrator.drop_index("lnr_stay", "lnr_stay_child_test")
    )
    db.drop_tables([Fact])
