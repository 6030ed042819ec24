"""Requests to erase a case or an account, which two people decide about; and finding who read a stay of the LNR."""

from peewee import SQL, BooleanField, Check, DatabaseProxy, DateTimeField, ForeignKeyField, Model, TextField

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class Case(Frozen):
    pass


class ErasureRequest(Frozen):
    case = ForeignKeyField(Case, null=True, backref="erasures", on_delete="RESTRICT")
    account = ForeignKeyField(User, null=True, backref="erasures", on_delete="RESTRICT")
    reason = TextField()
    asked_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    asked_at = DateTimeField()
    decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    granted = BooleanField(null=True)

    class Meta:
        constraints = [Check("(case_id IS NULL) <> (account_id IS NULL)", "erasure_of_one")]


for _key in (ErasureRequest.case, ErasureRequest.account):
    ErasureRequest.add_index(
        ErasureRequest.index(_key, unique=True, where=SQL("granted IS NULL"), name=f"erasure_standing_{_key.name}")
    )


def up(migrator, database):
    db.initialize(database)
    db.create_tables([ErasureRequest])
    database.execute_sql("CREATE INDEX event_reading ON event (subject) WHERE kind = 'R' AND case_id IS NULL")


def down(migrator, database):
    db.initialize(database)
    database.execute_sql("DROP INDEX event_reading")
    db.drop_tables([ErasureRequest])
