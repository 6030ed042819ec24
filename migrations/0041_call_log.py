"""The call log of the coordinator."""

from peewee import SQL, CharField, DatabaseProxy, DateField, DateTimeField, ForeignKeyField, Model, TextField

db = DatabaseProxy()


class Row(Model):
    class Meta:
        database = db
        legacy_table_names = False


class Hospital(Row):
    pass


class User(Row):
    class Meta:
        table_name = "user"


class LoggedCall(Row):
    key = CharField(max_length=43, unique=True)
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    month = CharField(max_length=7, null=True)
    outcome = CharField(max_length=20)
    spoken_to = TextField(default="")
    text = TextField(default="")
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()
    call_back_on = DateField(null=True)
    settled_at = DateTimeField(null=True)
    settled_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")

    class Meta:
        indexes = ((("hospital", "at"), False),)


LoggedCall.add_index(
    LoggedCall.index(
        LoggedCall.call_back_on,
        where=SQL("settled_at IS NULL AND call_back_on IS NOT NULL"),
        name="logged_call_to_call_back",
    )
)


def up(migrator, database):
    db.initialize(database)
    db.create_tables([LoggedCall])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([LoggedCall])
