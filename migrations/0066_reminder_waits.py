"""Cases whose reminders wait, because all that is open there is promised for later."""

from peewee import DatabaseProxy, DateField, ForeignKeyField, IntegerField, Model

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class Case(Frozen):
    pass


class ReminderWait(Frozen):
    case = ForeignKeyField(Case, unique=True, on_delete="RESTRICT")
    round = IntegerField()
    until = DateField()


def up(migrator, database):
    db.initialize(database)
    db.create_tables([ReminderWait])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([ReminderWait])
