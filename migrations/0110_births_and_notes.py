"""In which month the births of the year before are asked for (empty: never), and remarks about hospitals."""

from peewee import SQL, CharField, Check, DatabaseProxy, DateTimeField, ForeignKeyField, IntegerField, Model, TextField

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class Hospital(Frozen):
    pass


class User(Frozen):
    pass


class HospitalNote(Frozen):
    key = CharField(max_length=43, unique=True)
    hospital = ForeignKeyField(Hospital, backref="+", on_delete="RESTRICT")
    text = TextField()
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()
    changed_at = DateTimeField(null=True)
    round = IntegerField(default=1)

    class Meta:
        indexes = ((("hospital", "at"), False),)


def up(migrator, database):
    field = IntegerField(null=True, constraints=[SQL("DEFAULT 1"), Check("births_month BETWEEN 1 AND 12")])
    migrator.migrate(migrator.add_column("mail_schedule", "births_month", field))
    db.initialize(database)
    db.create_tables([HospitalNote])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([HospitalNote])
    migrator.migrate(migrator.drop_column("mail_schedule", "births_month"))
