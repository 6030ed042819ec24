"""Who of a committee is at a meeting."""

from peewee import BooleanField, DatabaseProxy, DateTimeField, ForeignKeyField, Model

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class Meeting(Frozen):
    pass


class Attendance(Frozen):
    meeting = ForeignKeyField(Meeting, backref="attendances", on_delete="RESTRICT")
    member = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    present = BooleanField()
    noted_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    noted_at = DateTimeField()

    class Meta:
        indexes = ((("meeting", "member"), True),)


def up(migrator, database):
    db.initialize(database)
    db.create_tables([Attendance])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([Attendance])
