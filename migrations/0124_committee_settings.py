"""The settings of each committee, a row for each change."""

from peewee import BooleanField, CharField, Check, DatabaseProxy, DateTimeField, ForeignKeyField, IntegerField, Model

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class CommitteeSettings(Frozen):
    process = CharField(max_length=10)
    number = IntegerField()
    assessors = IntegerField(constraints=[Check("assessors BETWEEN 2 AND 4")])
    due_days = IntegerField(constraints=[Check("due_days BETWEEN 1 AND 42")])
    look_back = IntegerField(constraints=[Check("look_back BETWEEN 0 AND 120")])
    region_blocks = BooleanField()
    quorum = IntegerField(null=True, constraints=[Check("quorum BETWEEN 1 AND 30")])
    changed_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    changed_at = DateTimeField(null=True)
    confirmed_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    counts_from = DateTimeField(null=True)

    class Meta:
        indexes = ((("process", "number"), True),)


def up(migrator, database):
    db.initialize(database)
    db.create_tables([CommitteeSettings])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([CommitteeSettings])
