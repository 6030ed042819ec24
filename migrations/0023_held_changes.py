"""Changes of accounts that wait for a second person."""

from peewee import SQL, CharField, DatabaseProxy, DateTimeField, ForeignKeyField, Model, TextField

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class Hospital(Frozen):
    pass


class HeldChange(Frozen):
    account = ForeignKeyField(User, backref="held_changes", on_delete="RESTRICT")
    kind = CharField(max_length=10)
    hospital = ForeignKeyField(Hospital, null=True, on_delete="RESTRICT")
    committee = CharField(max_length=10, null=True)
    roles = CharField(max_length=200, default="")
    address = CharField(max_length=254, default="")
    reason = TextField(default="")
    asked_by = ForeignKeyField(User, backref="asked_changes", on_delete="RESTRICT")
    asked_at = DateTimeField()
    stop_hash = CharField(max_length=64, unique=True)
    decided_by = ForeignKeyField(User, null=True, backref="decided_changes", on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    outcome = CharField(max_length=15, null=True)


HeldChange.add_index(
    HeldChange.index(
        HeldChange.account, HeldChange.kind, unique=True, where=SQL("decided_at IS NULL"), name="heldchange_standing"
    )
)


def up(migrator, database):
    db.initialize(database)
    db.create_tables([HeldChange])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([HeldChange])
