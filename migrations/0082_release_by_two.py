"""After a restore: what lives again one by one, and a release by two people."""

from peewee import CharField, Check, DatabaseProxy, DateTimeField, ForeignKeyField, Model

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class OutgoingHold(Frozen):
    pass


class ApiKey(Frozen):
    class Meta:
        table_name = "lnr_key"


class RestoredItem(Frozen):
    hold = ForeignKeyField(OutgoingHold, on_delete="RESTRICT")
    account = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    key = ForeignKeyField(ApiKey, null=True, on_delete="RESTRICT")
    month = CharField(max_length=7, null=True)
    decision = CharField(max_length=12, null=True)
    decided_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)

    class Meta:
        indexes = tuple((("hold", about), True) for about in ("account", "key", "month"))
        constraints = [
            Check(
                "(account_id IS NOT NULL AND key_id IS NULL AND month IS NULL)"
                " OR (account_id IS NULL AND key_id IS NOT NULL AND month IS NULL)"
                " OR (account_id IS NULL AND key_id IS NULL AND month IS NOT NULL)",
                "restored_item_of_one",
            )
        ]


PEOPLE = ("asked_by_id", "released_by_id")


def up(migrator, database):
    db.initialize(database)
    db.create_tables([RestoredItem])
    person = {"field": User.id, "null": True, "on_delete": "RESTRICT"}
    migrator.migrate(
        *(migrator.add_column("outgoing_hold", name, ForeignKeyField(User, **person)) for name in PEOPLE),
        migrator.add_column("outgoing_hold", "asked_at", DateTimeField(null=True)),
    )


def down(migrator, database):
    db.initialize(database)
    migrator.migrate(*(migrator.drop_column("outgoing_hold", name) for name in (*PEOPLE, "asked_at")))
    db.drop_tables([RestoredItem])
